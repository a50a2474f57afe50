#include "base/files.h"
#include "dataset/frames.h"
#include "formats/formats.h"
#include "support/hdf5_sets.h"
#include "support/sentence.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;
using namespace lodestone::test;
namespace fs = std::filesystem;

class TestHdf5Faults : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_made = 0;
    fs::path newFile()
    {
        return fs::path(m_folder.path().toStdString()) / ("case" + std::to_string(++m_made) + ".h5");
    }

private Q_SLOTS:
    void faultyFramesAreLeftOut()
    {
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            for (int k = 0; k < 8; ++k) {
                const std::string group = "config_" + std::to_string(k);
                w.numbers(group + "/positions", k == 3 ? Reals{0, notANumber, 0} : Reals{0, 0, 0}, {1, 3});
                if (k != 0)
                    w.numbers(group + "/atomic_numbers", Whole{k == 1 ? 119 : 26}, {1});
            }
            w.numbers("config_2/forces", counting(0, 6), {2, 3});
            w.numbers("config_4/cell", Reals(9, 1), {3, 3}).softLink("config_5/energy", "/config_6/energy");
            w.text("config_6/energy", "much").number("config_7/energy", notANumber);
        }
        std::vector<std::string> notes;
        std::vector<std::string> problems;
        const Dataset data = readDataset({path}, {}, {}, &problems);
        QCOMPARE(data.frames.size(), std::size_t{1}); // config_6, without what is no energy
        QVERIFY(!data.frames[0].energy);
        QCOMPARE(problems.size(), std::size_t{1});
        QVERIFY(QString::fromStdString(problems[0]).contains("config_7: the label 'energy' is nan"));
        const QStringList wanted = {"config_0: there are positions, but no elements",
                                    "config_1: 'atomic_numbers' gives atom 1 the atomic number 119",
                                    "config_2: 'forces' has the shape (2, 3); expected three numbers an atom",
                                    "config_3: the position of atom 1 is not finite",
                                    "config_4: the cell vectors",
                                    "config_5/energy' is a link",
                                    "arrays that are not read: 'energy'"};
        QCOMPARE(data.notes.size(), static_cast<std::size_t>(wanted.size()));
        for (int k = 0; k < wanted.size(); ++k)
            QVERIFY2(QString::fromStdString(data.notes[static_cast<std::size_t>(k)]).contains(wanted[k]),
                     data.notes[static_cast<std::size_t>(k)].c_str());
    }

    void manyProblemsBecomeAFewSentences()
    {
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            putMolecule(w, "a");
            for (int k = 0; k < 50; ++k)
                w.numbers("b" + std::to_string(k) + "/positions", Reals{0, 0, 0}, {1, 3});
        }
        std::vector<std::string> notes;
        QCOMPARE(readStructures(path, {}, &notes).size(), std::size_t{2});
        QCOMPARE(notes.size(), std::size_t{21});
        QVERIFY(QString::fromStdString(notes[20]).contains("30 other groups or frames"));
    }

    void shapesThatDoNotFit()
    {
        const auto refusal = [&](auto&& put) {
            const fs::path path = newFile();
            {
                ForeignHdf5 w(path);
                put(w);
            }
            return sentence([&] { readStructures(path); });
        };
        QVERIFY(
            refusal([](ForeignHdf5& w) {
                w.numbers("a/positions", counting(0, 6), {3, 2}).numbers("a/species", Whole{1, 1, 1}, {3});
            }).contains("'positions' has the shape (3, 2)"));
        QVERIFY(
            refusal([](ForeignHdf5& w) {
                w.numbers("a/positions", counting(0, 6), {2, 3}).numbers("a/atomic_numbers", Whole{1}, {1});
            }).contains("'atomic_numbers' has the shape (1), but 'positions' (2, 3)"));
        QVERIFY(refusal([](ForeignHdf5& w) {
                    putMolecule(w, "a");
                    w.numbers("a/forces", counting(0, 6), {1, 2, 3}).units("a/forces", "eV/Å");
                }).contains("each of 2 frames of 2 atoms"));
        QVERIFY(refusal([](ForeignHdf5& w) {
                    putMolecule(w, "a");
                    w.numbers("a/stress", counting(0, 8), {2, 4}).units("a/stress", "GPa");
                }).contains("six or nine numbers"));
        QVERIFY(refusal([](ForeignHdf5& w) {
                    putMolecule(w, "a");
                    w.numbers("a/cell", counting(0, 6), {2, 3});
                }).contains("'cell' has the shape (2, 3); expected 9 numbers a frame"));
        QVERIFY(refusal([](ForeignHdf5& w) {
                    putMolecule(w, "a");
                    w.numbers("a/pbc", Whole{2, 0, 0}, {3});
                }).contains("'pbc' is not understood"));
        QVERIFY(refusal([](ForeignHdf5& w) {
                    w.numbers("a/positions", counting(0, 3), {1, 3}).texts("a/species", {"Xx"});
                    w.units("a/positions", "Å");
                }).contains("names 'Xx' for atom 1"));
        QVERIFY(refusal([](ForeignHdf5& w) {
                    w.numbers("a/positions", Reals(), {0, 3}).numbers("a/atomic_numbers", Whole(), {0});
                }).contains("'positions' has the shape (0, 3)"));
    }

    void filesWithoutFrames()
    {
        const fs::path path = newFile();
        ForeignHdf5(path).number("a/b/c", 1);
        VERIFY_ERROR(readStructures(path), "case", "holds no structures", "atomic_numbers");
        const fs::path deepmd = newFile();
        ForeignHdf5(deepmd).numbers("system/type.raw", Whole{0}, {1});
        VERIFY_ERROR(readStructures(deepmd), "/system", "DeePMD-kit in HDF5", "set.000");
        const fs::path circle = newFile();
        ForeignHdf5(circle).group("a/b").hardLink("a/b/again", "/a");
        VERIFY_ERROR(readStructures(circle), "/a/b/again", "met before");
        const fs::path deep = newFile();
        ForeignHdf5(deep).group("1/2/3/4/5/6/7/8/9/10");
        VERIFY_ERROR(readStructures(deep), "/1/2/3/4/5/6/7/8/9", "more than 8");
        const fs::path external = newFile();
        ForeignHdf5(external).externalLink("a", "/etc/passwd", "/");
        VERIFY_ERROR(readStructures(external), "'/a'", "not followed");
        const fs::path words = newFile();
        writeFileAtomically(words, "Dear diary,\n");
        VERIFY_ERROR(readStructures(words), "case", "no HDF5 file");
        ForeignHdf5(words).numbers("a/positions", counting(0, 3000), {1000, 3});
        const std::string whole = readFile(words);
        writeFileAtomically(words, std::string_view(whole).substr(0, whole.size() / 2));
        VERIFY_ERROR(readStructures(words), "case", "cut off");
    }

    void framesThatWouldNotFitIntoMemory()
    {
        // A file of some kilobytes.
        const hsize_t frames = hsize_t{8} << 20;
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            putMolecule(w, "a"); // what could be read is not read either: the set would not be whole
            w.numbers("b/species", Whole{1}, {1});
            w.numbers("b/positions", std::vector<std::uint8_t>(3 * frames), {frames, 1, 3},
                      {.chunk = {hsize_t{1} << 20, 1, 3}, .deflate = true, .type = H5T_NATIVE_UINT8});
            w.units("b/positions", "Å");
        }
        VERIFY_ERROR(readStructures(path), "case", "4 GiB", "Divide the file");
    }

    void numbersThatAreOnlyAnnounced()
    {
        for (const hsize_t frames : {hsize_t{1} << 27, hsize_t{1} << 56}) {
            const fs::path path = newFile();
            {
                ForeignHdf5 w(path);
                putMolecule(w, "a");
                w.numbers("b/species", Whole{1}, {1});
                w.unwritten("b/positions", {frames, 1, 3}).units("b/positions", "Å");
                w.unwritten("c/species", {frames});
                w.unwritten("c/positions", {frames, 3}).units("c/positions", "Å");
                w.numbers("d/species", Whole{1}, {1}).numbers("d/positions", Reals{0, 0, 0}, {1, 1, 3});
                w.units("d/positions", "Å").unwritten("d/energy", {1, frames}).units("d/energy", "eV");
            }
            std::vector<std::string> notes;
            QCOMPARE(readStructures(path, {}, &notes).size(), std::size_t{2});
            QCOMPARE(notes.size(), std::size_t{3});
            QVERIFY(QString::fromStdString(notes[0]).contains("'/b/positions' announces"));
            QVERIFY(QString::fromStdString(notes[1]).contains("'/c/positions' announces"));
            QVERIFY(QString::fromStdString(notes[2]).contains("energy"));
        }
    }

    void readingCanBeStoppedAndWatched()
    {
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            for (int k = 0; k < 200; ++k)
                putConfig(w, "config_batch_0/config_" + std::to_string(k), k);
            putMolecule(w, "molecule");
        }
        Reals reported;
        QCOMPARE(readStructures(path, {{}, [&](double f) { reported.push_back(f); }}).size(),
                 std::size_t{202});
        QVERIFY(reported.size() > 5 && reported.back() == 1);
        QVERIFY(std::is_sorted(reported.begin(), reported.end()));
        for (const std::size_t after : {std::size_t{0}, std::size_t{3}}) {
            std::stop_source source;
            std::size_t calls = 0;
            const Watch watch = {source.get_token(), [&](double) {
                                     if (calls++ == after)
                                         source.request_stop();
                                 }};
            QVERIFY_THROWS_EXCEPTION(Stopped, readStructures(path, watch));
        }
    }
};

QTEST_GUILESS_MAIN(TestHdf5Faults)
#include "tst_hdf5_faults.moc"
