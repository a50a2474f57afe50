#include "base/files.h"
#include "dataset/frames.h"
#include "formats/formats.h"
#include "support/npy_files.h"
#include "support/sentence.h"
#include "support/shared_data.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <limits>

using namespace lodestone;
namespace fs = std::filesystem;

static const char* realData = "data/nio-noncollinear/data_reformat";

/// `count` numbers from `first` on in steps of one.
static std::vector<double> counting(double first, std::size_t count)
{
    std::vector<double> numbers(count);
    for (std::size_t k = 0; k < count; ++k)
        numbers[k] = first + static_cast<double>(k);
    return numbers;
}

class TestDeepmd : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_made = 0;

    static void put(const fs::path& path, std::string_view bytes)
    {
        makeFolder(path.parent_path());
        writeFileAtomically(path, bytes);
    }
    /// A set of `frames` frames of two atoms; `first` shows in its energies.
    static void putSet(const fs::path& set, std::size_t frames, double first)
    {
        const std::string rows = std::to_string(frames);
        std::vector<double> boxes;
        for (std::size_t k = 0; k < frames; ++k)
            boxes.insert(boxes.end(), {4, 0, 0, 0, 5, 0, 0, 1, 6});
        put(set / "box.npy", npyBytes("(" + rows + ", 9)", boxes));
        put(set / "coord.npy", npyBytes("(" + rows + ", 6)", counting(first, 6 * frames)));
        put(set / "energy.npy", npyBytes("(" + rows + ",)", counting(first, frames)));
    }
    fs::path newFolder()
    {
        return fs::path(m_folder.path().toStdString()) / ("case" + std::to_string(++m_made));
    }
    /// A system of nickel and oxygen with one set of two frames.
    fs::path system()
    {
        const fs::path folder = newFolder();
        put(folder / "type.raw", "1\n0\n");
        put(folder / "type_map.raw", "O\nNi\n");
        putSet(folder / "set.000", 2, 10);
        return folder;
    }

private Q_SLOTS:
    void everyFileOfASystem()
    {
        const fs::path folder = system();
        const fs::path set = folder / "set.000";
        put(set / "force.npy", npyBytes("(2, 2, 3)", counting(100, 12)));
        put(set / "virial.npy",
            npyBytes("(2, 3, 3)", {1, 2, 3, 2, 5, 6, 3, 6, 9, 12, 0, 0, 0, 24, 0, 0, 0, 36}));
        std::vector<float> spins = {0.5F, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0};
        put(set / "spin.npy",
            npyBytes<float>("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 6), }", spins));
        put(set / "force_mag.npy", npyBytes("(2, 6)", counting(200, 12)));
        const std::vector<Structure> structures = readStructures(folder);
        QCOMPARE(structures.size(), std::size_t{2});
        const Structure& s = structures[1];
        QCOMPARE(s.species, (std::vector<int>{28, 8}));
        QCOMPARE(s.cell, (Mat3{{{4, 0, 0}, {0, 5, 0}, {0, 1, 6}}}));
        QCOMPARE(s.pbc, (std::array<bool, 3>{true, true, true}));
        QCOMPARE(s.positions, (std::vector<Vec3>{{16, 17, 18}, {19, 20, 21}}));
        QCOMPARE(std::get<double>(s.info.at("energy")), 11.0);
        QCOMPARE(s.arrays.at("forces").numbers, counting(106, 6));
        QCOMPARE(structures[0].arrays.at("magmoms").numbers, (std::vector<double>{0.5, 0, 1, 0, 0, 0}));
        QCOMPARE(s.arrays.at("mag_forces").numbers, counting(206, 6));
        QCOMPARE(s.source, folder.filename().string() + "/set.000, frame 2");
        validate(s);
        // A positive virial pushes outwards: the stress with tension positive is minus it over the volume.
        const Dataset data = readDataset({folder});
        QVERIFY(data.frames[1].moments && data.frames[1].magneticForces.size() == 2);
        QCOMPARE(*data.frames[1].stress, (Mat3{{{-0.1, 0, 0}, {0, -0.2, 0}, {0, 0, -0.3}}}));
        QCOMPARE(*data.frames[1].energy, 11.0);
    }

    void anyFileNamesItsSystem()
    {
        const fs::path folder = system();
        for (const char* name : {"", "type.raw", "type_map.raw", "set.000", "set.000/", "set.000/coord.npy",
                                 "set.000/../set.000", "."})
            QCOMPARE(readStructures(folder / name).size(), std::size_t{2});
        put(folder / "frame.xyz", "1\n\nFe 0 0 0\n"); // content still decides for other files
        QCOMPARE(readStructures(folder / "frame.xyz")[0].species, std::vector<int>{26});
        QVERIFY(isDeepmdFolder(folder) && isDeepmdFolder(folder / "set.000"));
        QVERIFY(!isDeepmdFolder(folder / "type.raw") && !isDeepmdFolder(folder / "absent"));
    }

    void setsAndSystemsInNumericalOrder()
    {
        const fs::path folder = newFolder();
        for (const int system : {10, 2, 0}) {
            const fs::path inner = folder / "train" / ("data_" + std::to_string(system));
            put(inner / "type.raw", "0 0\n");
            put(inner / "type_map.raw", "Fe\n");
            for (const int set : {1000, 2, 10})
                putSet(inner / ("set." + std::to_string(set)), 1, 10000 * system + set);
            put(inner / "set.zero/coord.npy", npyBytes("(0, 6)", {})); // a set without frames
            put(inner / "set.zero/box.npy", npyBytes("(0, 9)", {}));
        }
        std::vector<double> energies;
        for (const Structure& s : readStructures(folder))
            energies.push_back(std::get<double>(s.info.at("energy")));
        QCOMPARE(energies, (std::vector<double>{2, 10, 1000, 20002, 20010, 21000, 100002, 100010, 101000}));
        QVERIFY(isDeepmdFolder(folder));
        QCOMPARE(readStructures(folder)[3].source,
                 folder.filename().string() + "/train/data_2/set.2, frame 1");
        const fs::path deep = newFolder();
        fs::create_directories(deep / "a/b");
        fs::rename(folder / "train", deep / "a/b/train");
        QVERIFY(!isDeepmdFolder(deep));
        VERIFY_ERROR(readStructures(deep), "is a folder", "type.raw");
    }

    void openSystemsHaveNoCell()
    {
        const fs::path folder = system();
        put(folder / "nopbc", "");
        const Structure s = readStructures(folder).at(0); // the box is a dummy then
        QVERIFY(!s.periodic());
        QCOMPARE(s.cell, zero3);
        fs::remove(folder / "set.000/box.npy");
        QCOMPARE(readStructures(folder / "nopbc").size(), std::size_t{2});
        fs::remove(folder / "nopbc");
        VERIFY_ERROR(readStructures(folder), "set.000/box.npy", "missing", "nopbc");
    }

    void typesThatSayNothing()
    {
        fs::path folder = system();
        fs::remove(folder / "type_map.raw");
        VERIFY_ERROR(readStructures(folder), "type_map.raw", "one element symbol a line");
        put(folder / "type_map.raw", "OW\nNi\n");
        VERIFY_ERROR(readStructures(folder), "type_map.raw: 'OW' (type 0)", "no chemical element");
        put(folder / "type_map.raw", "Ni\n");
        VERIFY_ERROR(readStructures(folder), "type.raw: atom 1 is of type 1", "has 1 names");
        put(folder / "type_map.raw", "Ni O unknown\n"); // not used, so not asked for
        QCOMPARE(readStructures(folder).size(), std::size_t{2});
        for (const char* types : {"1 -1", "0 x", "0 0.5", "0 99999999999999999999"}) {
            put(folder / "type.raw", types);
            VERIFY_ERROR(readStructures(folder), "type.raw: '", "for atom 2", "is no type");
        }
        put(folder / "type.raw", " \n");
        VERIFY_ERROR(readStructures(folder), "type.raw", "is empty");
    }

    void countsThatDoNotFit()
    {
        const fs::path folder = system();
        put(folder / "type.raw", "0 0 1");
        VERIFY_ERROR(readStructures(folder), "set.000/coord.npy", "(2, 6)", "9 numbers a frame",
                     "lists 3 atoms");
        put(folder / "type.raw", "0 1");
        const fs::path set = folder / "set.000";
        put(set / "energy.npy", npyBytes("(3,)", {1, 2, 3}));
        VERIFY_ERROR(readStructures(folder), "set.000/energy.npy", "3 frames", "coord.npy", "2");
        put(set / "energy.npy", npyBytes("(2, 2)", {1, 2, 3, 4}));
        VERIFY_ERROR(readStructures(folder), "set.000/energy.npy", "(2, 2)", "1 numbers a frame");
        put(set / "energy.npy", npyBytes("()", {1}));
        VERIFY_ERROR(readStructures(folder), "set.000/energy.npy", "single number");
        put(set / "energy.npy", npyBytes("(2, 1)", {7, 8}));
        QCOMPARE(std::get<double>(readStructures(folder)[1].info.at("energy")), 8.0);
        // Nothing is allocated for numbers that are not there.
        put(set / "coord.npy", npyBytes("(4611686018427387904, 6)", counting(0, 12)));
        VERIFY_ERROR(readStructures(folder), "set.000/coord.npy", "cut off");
        put(set / "coord.npy", npyBytes("(9223372036854775807, 0)", {}));
        VERIFY_ERROR(readStructures(folder), "set.000/coord.npy", "6 numbers a frame");
        put(set / "coord.npy", npyBytes("(-2, 6)", counting(0, 12)));
        VERIFY_ERROR(readStructures(folder), "set.000/coord.npy", "'-2'");
        put(set / "coord.npy", "no array");
        VERIFY_ERROR(readStructures(folder), "set.000/coord.npy", "no NumPy file");
        fs::remove(set / "coord.npy");
        VERIFY_ERROR(readStructures(folder), "set.000/coord.npy", "missing");
    }

    void numbersThatAreNone()
    {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const fs::path folder = system();
        const fs::path set = folder / "set.000";
        put(set / "energy.npy", npyBytes("(2,)", {1, nan}));
        VERIFY_ERROR(readDataset({folder}), "set.000, frame 2", "'energy'", "nan");
        std::vector<std::string> problems;
        QCOMPARE(readDataset({folder}, {}, {}, &problems).frames.size(), std::size_t{1});
        QCOMPARE(problems.size(), std::size_t{1});
        put(set / "coord.npy", npyBytes("(2, 6)", {0, 0, 0, 1, 1, 1, 0, 0, 0, 1, nan, 1}));
        VERIFY_ERROR(readStructures(folder), "set.000/coord.npy, frame 2", "atom 2 is not finite");
        std::vector<double> boxes = {4, 0, 0, 0, 5, 0, 0, 0, 6, 4, 0, 0, 4, 0, 0, 0, 0, 6};
        putSet(set, 2, 0);
        put(set / "box.npy", npyBytes("(2, 9)", boxes));
        VERIFY_ERROR(readStructures(folder), "set.000, frame 2");
        boxes[3] = nan;
        put(set / "box.npy", npyBytes("(2, 9)", boxes));
        VERIFY_ERROR(readStructures(folder), "set.000/box.npy, frame 1", "not finite");
    }

    void foldersThatAreNotRead()
    {
        const fs::path folder = system();
        put(folder / "set.000/real_atom_types.npy", "");
        VERIFY_ERROR(readStructures(folder), "set.000", "real_atom_types.npy", "deepmd/npy");
        fs::remove_all(folder / "set.000");
        put(folder / "coord.raw", "0 0 0 1 1 1\n");
        VERIFY_ERROR(readStructures(folder), "case", "no folder set.000");
        const fs::path empty = newFolder();
        put(empty / "array.npy", npyBytes("(1,)", {1}));
        VERIFY_ERROR(readStructures(empty), "is a folder, but not one of DeePMD-kit");
        VERIFY_ERROR(readStructures(empty / "array.npy"), "array.npy", "type.raw");
        const fs::path hollow = newFolder();
        put(hollow / "type.raw", "0\n");
        put(hollow / "type_map.raw", "Fe\n");
        put(hollow / "set.000/coord.npy", npyBytes("(0, 3)", {}));
        put(hollow / "nopbc", "");
        VERIFY_ERROR(readStructures(hollow), "the sets hold no frame");
    }

    void hashCoversWhatIsRead()
    {
        const fs::path folder = system();
        const std::string hash = sha256OfStructures(folder);
        QCOMPARE(hash.size(), std::size_t{64});
        QCOMPARE(sha256OfStructures(folder / "type.raw"), hash);
        put(folder / "notes.txt", "not read");
        QCOMPARE(sha256OfStructures(folder), hash);
        put(folder / "set.000/energy.npy", npyBytes("(2,)", {1, 3}));
        QVERIFY(sha256OfStructures(folder) != hash);
        QCOMPARE(sha256OfStructures(folder / "notes.txt"), sha256("not read"));
    }

    void readingCanBeStopped()
    {
        std::stop_source source;
        source.request_stop();
        QVERIFY_THROWS_EXCEPTION(Stopped, readStructures(system(), {source.get_token(), {}}));
    }

    void realDataAgreeWithTheirConversion()
    {
        SKIP_WITHOUT_SHARED(realData);
        const std::vector<Structure> found = readStructures(sharedPath(realData));
        const std::vector<Structure> wanted =
            readStructures(sharedPath("data/nio-noncollinear/nio_deepspin.extxyz"));
        QCOMPARE(found.size(), std::size_t{151});
        QCOMPARE(wanted.size(), found.size());
        for (std::size_t k = 0; k < found.size(); ++k) {
            const Structure &a = found[k], &b = wanted[k];
            // "data_reformat/data_0/set.000, frame 1" beside config_type=data_0.
            const std::string part = "/" + std::get<std::string>(b.info.at("config_type")) + "/";
            QVERIFY(a.source.find(part) != std::string::npos);
            QCOMPARE(a.species, b.species);
            QCOMPARE(a.pbc, b.pbc);
            // Half a unit of the last digit that the conversion printed.
            for (std::size_t i = 0; i < 3; ++i)
                for (std::size_t j = 0; j < 3; ++j)
                    QVERIFY(std::abs(a.cell[i][j] - b.cell[i][j]) <=
                            0.51e-9 * std::max(1.0, norm(a.cell[i])));
            for (std::size_t i = 0; i < a.size(); ++i)
                for (std::size_t j = 0; j < 3; ++j)
                    QVERIFY(std::abs(a.positions[i][j] - b.positions[i][j]) <= 0.501e-8);
            QVERIFY(std::abs(std::get<double>(a.info.at("energy")) - std::get<double>(b.info.at("energy"))) <=
                    0.501e-8);
            for (const char* name : {"forces", "magmoms", "mag_forces"}) {
                const std::vector<double>& x = a.arrays.at(name).numbers;
                const std::vector<double>& y = b.arrays.at(name).numbers;
                QCOMPARE(x.size(), y.size());
                for (std::size_t i = 0; i < x.size(); ++i)
                    QVERIFY2(std::abs(x[i] - y[i]) <= 0.501e-6, name);
            }
        }
        QCOMPARE(found.back().source, std::string("data_reformat/data_2/set.000, frame 31"));
    }
};

QTEST_GUILESS_MAIN(TestDeepmd)
#include "tst_deepmd.moc"
