#include "base/files.h"
#include "dataset/frames.h"
#include "formats/formats.h"
#include "support/sentence.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;

static std::vector<Structure> read(const std::string& text)
{
    return readAseJson(text, "a.json");
}

/// A file with one entry of these keys.
static std::string entry(const std::string& keys)
{
    return "{\"1\": {\n " + keys + "},\n\"ids\": [1],\n\"nextid\": 2}\n";
}

static const std::string two = "\"numbers\": [26, 8], \"positions\": [[0, 0, 0], [1, 1.5, 2]]";

// In the words of ase.io.write: packed arrays, keys in the order of the alphabet.
static const std::string packed = entry(
    "\"calculator\": \"unknown\",\n \"calculator_parameters\": {\"nested\": [{\"numbers\": [1, [2, "
    "{}]]}]},\n "
    "\"cell\": {\"array\": {\"__ndarray__\": [[3, 3], \"float64\", [4, 0, 0, 0, 5, 0, 0, 1, 6]]}, "
    "\"__ase_objtype__\": \"cell\"},\n "
    "\"constraints\": [{\"name\": \"FixAtoms\", \"kwargs\": {\"indices\": [0]}}],\n \"ctime\": 22.5,\n "
    "\"data\": {\"positions\": 7},\n \"dipole\": null,\n \"energy\": -7.25,\n "
    "\"forces\": {\"__ndarray__\": [[2, 3], \"float64\", [1, 2, 3, -1, -2, -3]]},\n "
    "\"initial_magmoms\": {\"__ndarray__\": [[2], \"float64\", [5, 0]]},\n "
    "\"key_value_pairs\": {\"relaxed\": true, \"step\": 4, \"origin\": \"mine\", \"energy\": 1},\n "
    "\"magmoms\": {\"__ndarray__\": [[2, 3], \"float64\", [0, 0, 2.5, 0, 0.25, 0]]},\n \"mtime\": 22.5,\n "
    "\"numbers\": {\"__ndarray__\": [[2], \"int64\", [26, 8]]},\n "
    "\"pbc\": {\"__ndarray__\": [[3], \"bool\", [true, true, true]]},\n "
    "\"positions\": {\"__ndarray__\": [[2, 3], \"float64\", [0, 0, 0, 1, 1.5, 2]]},\n "
    "\"stress\": {\"__ndarray__\": [[6], \"float64\", [1, 2, 3, 4, 5, 6]]},\n "
    "\"tags\": {\"__ndarray__\": [[2], \"int64\", [0, 3]]},\n \"unique_id\": \"5a\", \"user\": \"me\"");

class TestAseJson : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void packedArrays()
    {
        const Structure s = read(packed).at(0);
        QCOMPARE(s.source, std::string("a.json, entry 1"));
        QCOMPARE(s.species, (std::vector<int>{26, 8}));
        QCOMPARE(s.positions[1], (Vec3{1, 1.5, 2}));
        QCOMPARE(s.cell, (Mat3{{{4, 0, 0}, {0, 5, 0}, {0, 1, 6}}}));
        QCOMPARE(s.pbc, (std::array<bool, 3>{true, true, true}));
        QCOMPARE(s.arrays.at("forces").width, 3);
        QCOMPARE(s.arrays.at("initial_magmoms").width, 1);
        QVERIFY(s.arrays.at("tags").kind == AtomArray::Kind::Integer);
        QVERIFY(std::get<bool>(s.info.at("relaxed")));
        QCOMPARE(std::get<double>(s.info.at("step")), 4.0);
        QCOMPARE(std::get<std::string>(s.info.at("origin")), std::string("mine"));
        QVERIFY(!s.info.contains("dipole") && !s.info.contains("ctime"));
        const Frame frame = makeFrame(s, detectKeys({s}));
        QCOMPARE(*frame.energy, -7.25); // what was computed, not a pair of the same name
        QCOMPARE(frame.forces[1], (Vec3{-1, -2, -3}));
        QCOMPARE(*frame.stress, (Mat3{{{1, 6, 5}, {6, 2, 4}, {5, 4, 3}}}));
        QVERIFY(frame.moments->kind == Moments::Kind::Vector);
        QCOMPARE(frame.moments->vectors[1], (Vec3{0, 0.25, 0}));
    }

    void plainLists()
    {
        const Structure s =
            read(entry(two + ", \"cell\": [[4, 0, 0], [0, 5, 0], [0, 1, 6]], \"pbc\": [true, "
                             "false, 1], \"magmoms\": [2.5, -1], \"forces\": [[1, 2, 3], [4, 5, 6]]"))
                .at(0);
        QCOMPARE(s.cell, (Mat3{{{4, 0, 0}, {0, 5, 0}, {0, 1, 6}}}));
        QCOMPARE(s.pbc, (std::array<bool, 3>{true, false, true}));
        QCOMPARE(s.arrays.at("magmoms").width, 1);
        QCOMPARE(s.arrays.at("forces").numbers, (std::vector<double>{1, 2, 3, 4, 5, 6}));
        const Structure open = read(entry(two)).at(0);
        QVERIFY(!open.periodic() && open.cell == zero3);
        // A cell that is a packed array by itself; one number packed; one word for three directions.
        const Structure other =
            read(entry(two +
                       ", \"cell\": {\"__ndarray__\": [[3, 3], \"float64\", [4, 0, 0, 0, 5, 0, 0, 1, 6]]}, "
                       "\"pbc\": true, \"energy\": {\"__ndarray__\": [[], \"float64\", [-2]]}"))
                .at(0);
        QCOMPARE(other.cell, s.cell);
        QVERIFY(other.pbc[1]);
        QCOMPARE(std::get<double>(other.info.at("energy")), -2.0);
    }

    void entriesInTheOrderOfTheFile()
    {
        std::string text = "{";
        for (const char* id : {"1", "2", "10", "3"})
            text += fmt::format("\"{}\": {{{}, \"energy\": {}}},\n", id, two, id);
        const auto structures =
            read(text + "\"metadata\": {\"numbers\": [5]}, \"ids\": [1, 2, 10, 3], \"nextid\": 11}");
        QCOMPARE(structures.size(), std::size_t{4});
        QCOMPARE(std::get<double>(structures[2].info.at("energy")), 10.0);
        QCOMPARE(structures[3].source, std::string("a.json, entry 3"));
        // One bare structure, as ase.io.jsonio writes it.
        const auto bare = read("\xEF\xBB\xBF{" + two + ", \"__ase_objtype__\": \"atoms\"}");
        QCOMPARE(bare.size(), std::size_t{1});
        QCOMPARE(bare[0].source, std::string("a.json"));
    }

    void contentIsRecognised()
    {
        QTemporaryDir folder;
        const auto put = [&](const char* name, const std::string& text) {
            const std::filesystem::path path = folder.filePath(name).toStdString();
            writeFileAtomically(path, text);
            return path;
        };
        for (const char* name : {"a.json", "noname", "a.xyz"})
            QCOMPARE(readStructures(put(name, packed)).size(), std::size_t{1});
        VERIFY_ERROR(readStructures(put("list.json", "[1, 2]")), "list.json", "not of ASE");
        VERIFY_ERROR(readStructures(put("run", "{\"model\": \"a.nqx\"}")), "run", "holds no structure",
                     "ase.io.write");
    }

    void everyCutIsNoticed()
    {
        for (std::size_t size = 0; size + 2 < packed.size(); ++size)
            VERIFY_ERROR(read(packed.substr(0, size)), "a.json");
        VERIFY_ERROR(read(packed.substr(0, packed.size() - 3)), "a.json: line ", "not valid JSON");
        VERIFY_ERROR(read(packed + "x"), "not valid JSON");
    }

    void damagedEntries()
    {
        const auto refused = [](const std::string& keys, const char* part, const char* more = "") {
            VERIFY_ERROR(read(entry(keys)), "a.json, entry 1", part, more);
        };
        const std::string numbers = "\"numbers\": [26, 8], ";
        refused("\"numbers\": [26]", "'positions' is missing");
        refused("\"positions\": [[0, 0, 0]]", "'numbers' is missing");
        refused("\"numbers\": [], \"positions\": []", "'numbers' has the shape (0)");
        refused("\"numbers\": 26, \"positions\": []", "'numbers' is no list");
        for (const char* z : {"0", "119", "-1", "26.5", "1e300", "null"})
            refused(fmt::format("\"numbers\": [26, {}], \"positions\": [[0,0,0],[0,0,0]]", z), "atom 2",
                    "1 to 118");
        refused(numbers + "\"positions\": [[0, 0, 0]]", "(1, 3)", "expected (2, 3)");
        refused(numbers + "\"positions\": [0, 0, 0, 1, 1, 1]", "(6)", "expected (2, 3)");
        for (const char* list :
             {"[[0, 0], [1, 1, 1, 1]]", "[[[0, 0, 0]], [[0, 0, 0]]]", "[0, [0, 0, 0, 1, 1]]",
              "[[0, 0, 0], {\"a\": [1, 1, 1]}]", "[\"a\", \"b\"]", "{\"a\": 1}", "{}"})
            refused(numbers + "\"positions\": " + list, "'positions' is no list");
        refused(numbers + "\"positions\": [[0, 0, 0], [0, null, 0]]", "atom 2 is not finite");
        for (const char* shape : {"[2, 4]", "[-2, -3]", "[2.5, 3]", "[1e300, 1e300]", "[6, 1, 0]",
                                  "[4294967296, 4294967296]", "[]", "[null, 3]", "\"(2, 3)\""})
            refused(numbers +
                        fmt::format("\"positions\": {{\"__ndarray__\": [{}, \"float64\", [0,0,0,1,1,1]]}}",
                                    shape),
                    "'positions'", "shape");
        refused(two + ", \"cell\": [1, 2, 3]", "'cell' holds 3 numbers");
        refused(two + ", \"cell\": [[1,0,0],[0,1,0],[0,0,null]]", "not finite");
        refused(two + ", \"pbc\": [true, true, true]", "entry 1");
        refused(two + ", \"pbc\": [true, true]", "'pbc'");
        refused(two + ", \"pbc\": [2, 0, 0]", "'pbc'");
        refused(two + ", \"pbc\": \"TTT\"", "'pbc'");
        refused(two + ", \"forces\": [[0, 0, 0]]", "'forces' has the shape (1, 3)", "2 atoms");
        refused(two + ", \"magmoms\": [[0, 0], [0, 0]]", "'magmoms' has the shape (2, 2)");
        refused(two + ", \"magmoms\": 3", "'magmoms'");
        refused(two + ", \"energy\": {\"a\": 1}", "'energy' is neither");
    }

    void numbersThatJsonLacks()
    {
        for (const char* word : {"NaN", "Infinity", "-Infinity"})
            VERIFY_ERROR(read(entry(two + ",\n\"energy\": " + word)), "a.json: line 3, column",
                         "NaN or Infinity");
        VERIFY_ERROR(read(entry(two + ", \"energy\": 1e999")), "a.json", "larger than a double");
    }

    void deepAndWideFiles()
    {
        // Brackets are counted, not followed.
        const std::string deep(2000000, '[');
        VERIFY_ERROR(read("{\"1\": {\"data\": " + deep), "a.json", "not valid JSON");
        VERIFY_ERROR(read("{\"1\": {\"positions\": " + deep), "a.json", "not valid JSON");
        QCOMPARE(read(entry(two + ", \"data\": " + deep + std::string(deep.size(), ']'))).size(),
                 std::size_t{1});
        // Keys that nobody wants cost nothing; twenty thousand entries are no matter of minutes.
        std::string wide = "{";
        for (int k = 0; k < 200000; ++k)
            wide += fmt::format("\"key{}\": 0,\n", k);
        for (int k = 1; k <= 20000; ++k)
            wide += fmt::format("\"{}\": {{{}}},\n", k, two);
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(read(wide + "\"nextid\": 1}").size(), std::size_t{20000});
        QVERIFY2(timer.elapsed() < 20000, qPrintable(QString::number(timer.elapsed())));
    }

    void readingCanBeStopped()
    {
        std::stop_source source;
        source.request_stop();
        QVERIFY_THROWS_EXCEPTION(Stopped, readAseJson(packed, "a.json", {source.get_token(), {}}));
    }
};

QTEST_GUILESS_MAIN(TestAseJson)
#include "tst_ase_json.moc"
