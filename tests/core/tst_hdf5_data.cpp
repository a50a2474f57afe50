#include "base/files.h"
#include "dataset/frames.h"
#include "formats/formats.h"
#include "formats/hdf5_quantities.h"
#include "support/hdf5_sets.h"
#include "support/sentence.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <cmath>

using namespace lodestone;
using namespace lodestone::test;
namespace fs = std::filesystem;

namespace {

// CODATA 2018, as tabulated: hartree and hartree/bohr in eV and eV/Angstrom, bohr in Angstrom.
constexpr double hartree = 27.211386245988;
constexpr double hartreePerBohr = 51.42206747632590;
constexpr double bohr = 0.529177210903;

bool near(double a, double b)
{
    return std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(b));
}

double energyOf(const Structure& s, const char* name = "energy")
{
    return std::get<double>(s.info.at(name));
}

} // namespace

class TestHdf5Data : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_made = 0;
    fs::path newFile()
    {
        return fs::path(m_folder.path().toStdString()) / ("case" + std::to_string(++m_made) + ".h5");
    }

private Q_SLOTS:
    void setsOfMace()
    {
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            for (const int k : {0, 2, 10})
                putConfig(w, "config_batch_0/config_" + std::to_string(k), k);
            putConfig(w, "config_batch_1/config_0", 20);
        }
        std::vector<std::string> notes;
        const std::vector<Structure> structures = readStructures(path, {}, &notes);
        QCOMPARE(structures.size(), std::size_t{4});
        Reals energies;
        for (const Structure& s : structures) {
            validate(s);
            energies.push_back(energyOf(s));
        }
        QCOMPARE(energies, (Reals{-100, -98, -90, -80})); // config_2 before config_10
        const Structure& s = structures[1];
        QCOMPARE(s.species, (std::vector<int>{26, 8}));
        QCOMPARE(s.positions, (std::vector<Vec3>{{2, 3, 4}, {5, 6, 7}}));
        QCOMPARE(s.cell, (Mat3{{{4, 0, 0}, {0, 5, 0}, {0, 1, 6}}}));
        QCOMPARE(s.pbc, (std::array<bool, 3>{true, true, true}));
        QCOMPARE(s.arrays.at("forces").numbers, counting(12, 6));
        QCOMPARE(s.arrays.at("charges").numbers, (Reals{1, -1}));
        QCOMPARE(std::get<Reals>(s.info.at("stress")), counting(1, 6));
        QCOMPARE(std::get<Reals>(s.info.at("dipole")), (Reals{0, 0, 1}));
        QCOMPARE(std::get<std::string>(s.info.at("config_type")), std::string("bulk"));
        QCOMPARE(std::get<std::string>(s.info.at("head")), std::string("Default"));
        QVERIFY(!s.info.contains("virials"));
        QCOMPARE(s.source, path.filename().string() + ", /config_batch_0/config_2");
        // The weight becomes that of the frame, under the name that a run looks for.
        QCOMPARE(energyOf(s, "config_weight"), 2.0);
        QVERIFY(!structures[0].info.contains("config_weight"));
        QCOMPARE(notes.size(), std::size_t{1});
        QVERIFY(QString::fromStdString(notes[0]).contains("3 weights of single properties"));
        const Dataset data = readDataset({path});
        QCOMPARE(data.keys.energy, std::string("energy"));
        QCOMPARE(data.frames[1].forces[1], (Vec3{15, 16, 17}));
        QCOMPARE((*data.frames[1].stress)[0], (Vec3{1, 6, 5})); // Voigt: xx yy zz yz xz xy
    }

    void olderSetsOfMace()
    {
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            const std::string group = "config_batch_0/config_0";
            w.numbers(group + "/atomic_numbers", Whole{26}, {1})
                .numbers(group + "/positions", Reals{0, 0, 0}, {1, 3});
            w.number(group + "/energy", 0).number(group + "/energy_weight", 0); // what was missing
            w.numbers(group + "/forces", Reals{1, 2, 3}, {1, 3}).number(group + "/forces_weight", 1);
            w.text(group + "/stress", "None")
                .text(group + "/virials", "None")
                .text(group + "/dipole", "None");
            w.text(group + "/charges", "None").text(group + "/cell", "None").text(group + "/pbc", "None");
            w.text(group + "/weight", "None").text(group + "/config_type", "None");
            w.number(group + "/stress_weight", 1).number(group + "/virials_weight", 1);
        }
        std::vector<std::string> notes;
        const Structure s = readStructures(path, {}, &notes).at(0);
        QVERIFY(s.info.empty());
        QVERIFY(!s.periodic());
        QCOMPARE(s.arrays.size(), std::size_t{1});
        QCOMPARE(s.arrays.at("forces").numbers, (Reals{1, 2, 3}));
        QVERIFY(notes.empty());
    }

    void momentsAndMagneticForces()
    {
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            for (const int k : {1, 2, 3}) {
                const std::string group = "frame " + std::to_string(k);
                w.numbers(group + "/atomic_numbers", Whole{28, 28}, {2});
                w.numbers(group + "/positions", counting(k, 6), {2, 3});
                w.numbers(group + "/cell", Reals{4, 0, 0, 0, 5, 0, 0, 0, 6}, {3, 3});
            }
            w.numbers("frame 1/moments", Reals{1.5, -1.5}, {2});
            w.numbers("frame 2/moments", Reals{1.5, 0, 0, 0, 0, 2}, {2, 3});
            w.numbers("frame 2/magnetic_forces", counting(0, 6), {2, 3});
            w.numbers("frame 3/moments", Reals{3, -3}, {2, 1}).number("frame 3/energy", -7);
        }
        const Dataset data = readDataset({path});
        QCOMPARE(data.keys.moments, std::string("moments"));
        QCOMPARE(data.keys.magneticForces, std::string("magnetic_forces"));
        QVERIFY(data.frames[0].moments->kind == Moments::Kind::Collinear);
        QCOMPARE(data.frames[0].moments->vectors[1], (Vec3{0, 0, -1.5}));
        QVERIFY(data.frames[1].moments->kind == Moments::Kind::Vector);
        QCOMPARE(data.frames[1].moments->vectors[0], (Vec3{1.5, 0, 0}));
        QCOMPARE(data.frames[1].magneticForces[1], (Vec3{3, 4, 5}));
        QCOMPARE(data.frames[2].moments->vectors[0], (Vec3{0, 0, 3}));
        QVERIFY(!data.frames[0].energy && *data.frames[2].energy == -7);
        QVERIFY(data.frames[0].structure.pbc[2]); // a cell without a word on its periods
    }

    void setsOfSpice()
    {
        for (const bool said : {true, false}) { // the units are those of the documentation
            const fs::path path = newFile();
            {
                ForeignHdf5 w(path, true);
                const std::string group = "[H]O";
                w.numbers(group + "/atomic_numbers", std::vector<std::int16_t>{1, 8}, {2});
                w.texts(group + "/subset", {"SPICE Dipeptides"}).texts(group + "/smiles", {"[H:1][O:2]"});
                w.numbers(group + "/conformations", std::vector<float>{0, 0, 0, 1, 0, 2, 0, 0, 0, 3, 0, 0},
                          {2, 2, 3});
                w.numbers(group + "/dft_total_energy", Reals{-1, -2.5}, {2});
                w.numbers(group + "/dft_total_gradient", counting(1, 12), {2, 2, 3});
                w.numbers(group + "/formation_energy", Reals{-0.5, -0.25}, {2});
                w.numbers(group + "/mbis_charges", Reals{1, -1, 2, -2}, {2, 2, 1});
                if (said) {
                    w.units(group + "/conformations", "bohr").units(group + "/dft_total_energy", "hartree");
                    w.units(group + "/dft_total_gradient", "hartree/bohr");
                    w.units(group + "/formation_energy", "hartree");
                }
            }
            std::vector<std::string> notes;
            const std::vector<Structure> structures = readStructures(path, {}, &notes);
            QCOMPARE(structures.size(), std::size_t{2});
            const Structure& s = structures[1];
            QCOMPARE(s.species, (std::vector<int>{1, 8}));
            QVERIFY(near(s.positions[1][0], 3 * bohr) && !s.periodic());
            QVERIFY(near(energyOf(s), -2.5 * hartree));
            QVERIFY(near(energyOf(s, "formation_energy"), -0.25 * hartree));
            // Forces are against the gradient.
            QVERIFY(near(s.arrays.at("forces").numbers[5], -12 * hartreePerBohr));
            QCOMPARE(std::get<std::string>(s.info.at("subset")), std::string("SPICE Dipeptides"));
            QCOMPARE(s.source, path.filename().string() + ", /[H]O, frame 2");
            QCOMPARE(notes.size(), std::size_t{1});
            QVERIFY(QString::fromStdString(notes[0]).contains("not read: 'mbis_charges'"));
        }
    }

    void setsOfAni()
    {
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            w.numbers("O1H1/atomic_numbers", std::vector<std::uint8_t>{8, 1}, {2});
            w.numbers("O1H1/coordinates", std::vector<float>(18, 0.5F), {3, 2, 3});
            w.numbers("O1H1/wb97x_dz.energy", Reals{-1, -2, -3}, {3});
            w.numbers("O1H1/wb97x_dz.forces", Reals(18, 2), {3, 2, 3});
            w.numbers("O1H1/ccsd(t)_cbs.energy", Reals{notANumber, -4, notANumber},
                      {3}); // where it was computed
            w.numbers("O1H1/wb97x_tz.forces", Reals(18, notANumber), {3, 2, 3});
        }
        const std::vector<Structure> structures = readStructures(path);
        QCOMPARE(structures.size(), std::size_t{3});
        QCOMPARE(structures[1].positions[0], (Vec3{0.5, 0.5, 0.5}));
        QVERIFY(near(energyOf(structures[1]), -2 * hartree));
        QVERIFY(near(energyOf(structures[1], "ccsd(t)_cbs.energy"), -4 * hartree));
        QVERIFY(!structures[0].info.contains("ccsd(t)_cbs.energy"));
        QVERIFY(near(structures[1].arrays.at("forces").numbers[0], 2 * hartree)); // hartree/Angstrom
        QVERIFY(!structures[1].arrays.contains("wb97x_tz.forces"));
        LabelKeys keys;
        keys.energy = "ccsd(t)_cbs.energy";
        const Dataset ccsd = readDataset({path}, keys);
        QVERIFY(!ccsd.frames[0].energy && near(*ccsd.frames[1].energy, -4 * hartree));

        const fs::path first = newFile(); // ANI-1: groups in groups, symbols, high energies apart
        {
            ForeignHdf5 w(first);
            const std::string group = "gdb11_s01/gdb11_s01-0";
            w.fixedTexts(group + "/species", {"C", "H"}, 1).texts(group + "/smiles", {"[C]", "[H]", "x"});
            w.numbers(group + "/coordinates", std::vector<float>(12, 1), {2, 2, 3});
            w.numbers(group + "/energies", Reals{-1, -2}, {2});
            w.numbers(group + "/coordinatesHE", std::vector<float>(18, 1), {3, 2, 3});
            w.numbers(group + "/energiesHE", Reals{1, 2, 3}, {3});
        }
        QCOMPARE(readStructures(first).at(1).species, (std::vector<int>{6, 1}));
        QVERIFY(near(energyOf(readStructures(first)[1]), -2 * hartree));
    }

    void setsOfTransition1x()
    {
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            for (const std::string group : {"data/CH/rxn1", "data/CH/rxn1/product"}) {
                w.numbers(group + "/atomic_numbers", Whole{6, 1}, {2});
                w.numbers(group + "/positions", counting(0, 6), {1, 2, 3});
                w.numbers(group + "/wB97x_6-31G(d).energy", Reals{-3}, {1});
                w.numbers(group + "/wB97x_6-31G(d).forces", counting(1, 6), {1, 2, 3});
            }
            w.hardLink("train", "/data"); // the parts of the set are second names
        }
        std::vector<std::string> notes;
        const std::vector<Structure> structures = readStructures(path, {}, &notes);
        QCOMPARE(structures.size(), std::size_t{2});
        QCOMPARE(energyOf(structures[1]), -3.0);
        QCOMPARE(structures[1].arrays.at("forces").numbers, counting(1, 6));
        QCOMPARE(notes.size(), std::size_t{1});
        QVERIFY(QString::fromStdString(notes[0]).contains("/train: the group was met before"));
    }

    void unitsAreUnderstood_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("dimension");
        QTest::addColumn<double>("factor");
        const auto row = [](const char* name, Dimension dimension, double factor) {
            QTest::newRow(name) << QString::fromUtf8(name) << int(dimension) << factor;
        };
        row("Angstrom", Dimension::Length, 1);
        row("Å", Dimension::Length, 1);
        row("bohr", Dimension::Length, bohr);
        row("nm", Dimension::Length, 10);
        row("eV", Dimension::Energy, 1);
        row("Hartree", Dimension::Energy, hartree);
        row("Ha", Dimension::Energy, hartree);
        row("Ry", Dimension::Energy, 13.605693122994);
        // 4184 J/mol over the Faraday constant, 96485.33212... C/mol.
        row("kcal/mol", Dimension::Energy, 0.0433641042418009);
        row("kJ/mol", Dimension::Energy, 0.0103642696562609);
        row("hartree/bohr", Dimension::Force, hartreePerBohr);
        row("Eh/a0", Dimension::Force, hartreePerBohr);
        row("Ha / Å", Dimension::Force, hartree);
        row("eV*angstrom^-1", Dimension::Force, 1);
        row("kcal/mol/angstrom", Dimension::Force, 0.0433641042418009);
        row("eV/Å^3", Dimension::Stress, 1);
        row("eV/angstrom**3", Dimension::Stress, 1);
        row("GPa", Dimension::Stress, 0.00624150907446076);
        row("kbar", Dimension::Stress, 0.000624150907446076);
        row("bohr_magneton", Dimension::Moment, 1);
        row("μB", Dimension::Moment, 1);
        row("meV/mu_B", Dimension::MagneticForce, 1e-3);
    }
    void unitsAreUnderstood()
    {
        QFETCH(QString, name);
        QFETCH(int, dimension);
        QFETCH(double, factor);
        const auto unit = unitNamed(name.toStdString());
        QVERIFY(unit.has_value());
        QCOMPARE(int(unit->dimension), dimension);
        QVERIFY2(near(unit->factor / factor, 1), qPrintable(QString::number(unit->factor, 'g', 17)));
    }
    void otherWordsAreNoUnits()
    {
        for (const char* name : {"", "furlong", "hartree/", "/bohr", "eV/s", "elementary_charge*bohr", "eVx"})
            QVERIFY2(!unitNamed(name), name);
    }

    void unitsThatAreMissing()
    {
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            putMolecule(w, "a");
            w.numbers("a/forces", counting(0, 12), {2, 2, 3}); // in what?
        }
        std::vector<std::string> notes;
        const Structure s = readStructures(path, {}, &notes).at(0);
        QVERIFY(s.arrays.empty());
        QCOMPARE(energyOf(s), -1.0);
        const QString note = QString::fromStdString(notes.at(0));
        QVERIFY2(note.contains("nothing says their units: 'forces'") && note.contains("'forces_units'"),
                 qPrintable(note));

        const fs::path bare = newFile();
        {
            ForeignHdf5 w(bare);
            w.numbers("a/species", Whole{1}, {1}).numbers("a/coordinates", counting(0, 3), {1, 1, 3});
            w.numbers("a/energy", Reals{2}, {1});
        }
        VERIFY_ERROR(readStructures(bare), "/a", "'coordinates' says nothing of its unit", "'units'",
                     "coordinates_units");
        const fs::path whole = newFile(); // for all groups at once
        {
            ForeignHdf5 w(whole);
            w.numbers("a/species", Whole{1}, {1}).numbers("a/coordinates", counting(0, 3), {1, 1, 3});
            w.numbers("a/energy", Reals{2}, {1});
            w.attribute("/", "coordinates_units", "nm").attribute("/", "energy_units", "hartree");
        }
        QCOMPARE(readStructures(whole)[0].positions[0], (Vec3{0, 10, 20}));
        QVERIFY(near(energyOf(readStructures(whole)[0]), 2 * hartree));
        const fs::path wrong = newFile();
        {
            ForeignHdf5 w(wrong);
            putMolecule(w, "a");
            w.numbers("a/forces", counting(0, 12), {2, 2, 3}).units("a/forces", "hartree");
        }
        VERIFY_ERROR(readStructures(wrong), "/a", "the unit of 'forces' is 'hartree'", "eV/angstrom");
    }

    void cellsAndElementsOfEachFrame()
    {
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            putMolecule(w, "a");
            w.numbers("a/cell", Reals{4, 0, 0, 0, 5, 0, 0, 0, 6, 7, 0, 0, 0, 8, 0, 0, 0, 9}, {2, 3, 3});
            w.numbers("a/pbc", Whole{1, 1, 0, 1, 1, 1}, {2, 3});
            w.numbers("a/stress", counting(0, 18), {2, 3, 3}).units("a/stress", "GPa");
            w.numbers("a/moments", Reals{1, 2, 3, 4}, {2, 2}).texts("a/name", {"one", "two"});
            w.numbers("b/species", Whole{1, 2, 3, 4}, {2, 2});
            w.numbers("b/positions", Reals(12, 1), {2, 2, 3}, {.chunk = {1, 2, 3}, .deflate = true});
            w.units("b/positions", "bohr");
        }
        const std::vector<Structure> structures = readStructures(path);
        QCOMPARE(structures.size(), std::size_t{4});
        QCOMPARE(structures[1].cell[2], (Vec3{0, 0, 9}));
        QVERIFY(!structures[0].pbc[2] && structures[1].pbc[2]);
        QVERIFY(near(std::get<Reals>(structures[1].info.at("stress"))[8], 17 * 0.00624150907446076));
        QCOMPARE(structures[1].arrays.at("moments").numbers, (Reals{3, 4}));
        QCOMPARE(std::get<std::string>(structures[1].info.at("name")), std::string("two"));
        QCOMPARE(structures[3].species, (std::vector<int>{3, 4}));
        QVERIFY(near(structures[3].positions[1][2], bohr));
    }

    void foldersOfFiles()
    {
        const fs::path folder = fs::path(m_folder.path().toStdString()) / "train";
        makeFolder(folder);
        for (const int k : {10, 0, 2}) {
            ForeignHdf5 w(folder / ("train_" + std::to_string(k) + ".h5"));
            putConfig(w, "config_batch_0/config_0", k);
        }
        writeFileAtomically(folder / "statistics.json", "{}");
        QVERIFY(!isDeepmdFolder(folder));
        Reals energies;
        for (const Structure& s : readStructures(folder))
            energies.push_back(energyOf(s));
        QCOMPARE(energies, (Reals{-100, -98, -90}));
        const std::string hash = sha256OfStructures(folder);
        QCOMPARE(hash.size(), std::size_t{64});
        writeFileAtomically(folder / "statistics.json", "{ }");
        QCOMPARE(sha256OfStructures(folder), hash);
        fs::remove(folder / "train_10.h5");
        QVERIFY(sha256OfStructures(folder) != hash);
    }

    void compressedFiles()
    {
        const fs::path path = newFile();
        {
            ForeignHdf5 w(path);
            putConfig(w, "config_batch_0/config_0", 0);
        }
        QProcess gzip;
        gzip.start("gzip", {"-k", QString::fromStdString(path.string())});
        if (!gzip.waitForFinished() || gzip.exitCode() != 0)
            QSKIP("the gzip program is not on this machine");
        const fs::path packed = path.string() + ".gz";
        QCOMPARE(readStructures(packed).at(0).source,
                 packed.filename().string() + ", /config_batch_0/config_0");
        fs::rename(path, path.parent_path() / "no_ending"); // content decides
        QCOMPARE(readStructures(path.parent_path() / "no_ending").size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestHdf5Data)
#include "tst_hdf5_data.moc"
