#include "base/files.h"
#include "dataset/frames.h"
#include "formats/formats.h"
#include "support/sentence.h"
#include "support/vasp_frames.h"

#include <QtTest/QtTest>

using namespace lodestone;

static std::vector<Structure> read(const std::string& text)
{
    return readOutcar(text, "OUTCAR");
}

/// Outputs of VASP 5.2 to 6.3 that others published.
class TestRealOutcars : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void ironOfVasp62WithItsContcar()
    {
        SKIP_WITHOUT_SHARED("data/vasp-outcars/fe4-rpbe-emmet/OUTCAR");
        const auto frames = readStructures(vaspOutput("fe4-rpbe-emmet/OUTCAR"));
        QCOMPARE(frames.size(), std::size_t{1});
        const Structure& s = frames[0];
        QCOMPARE(s.species, std::vector<int>(4, 26));
        QCOMPARE(real(s, "energy"), -31.08579833);
        QCOMPARE(real(s, "free_energy"), -31.08579833);
        QCOMPARE(s.arrays.at("magmoms").numbers, std::vector<double>(4, 2.310));
        // The file says "external pressure = -8.21 kB": the cell is stretched.
        QVERIFY(std::abs(stressOf(s)[0] - 8.21176 / 1602.176634) < 1e-12);
        QVERIFY(std::abs(stressOf(s)[1] + 3.77095 / 1602.176634) < 1e-12);
        const Structure contcar = readStructures(vaspOutput("fe4-rpbe-emmet/CONTCAR")).at(0);
        QCOMPARE(s.species, contcar.species);
        QVERIFY(apart(s, contcar) < 2e-5);
    }

    void lithiumChlorideWithColumnsTogether()
    {
        SKIP_WITHOUT_SHARED("data/vasp-outcars/licl-chgnet/OUTCAR");
        const auto frames = readStructures(vaspOutput("licl-chgnet/OUTCAR"));
        QCOMPARE(frames.size(), std::size_t{1});
        const Structure contcar = readStructures(vaspOutput("licl-chgnet/CONTCAR")).at(0);
        QCOMPARE(frames[0].species, contcar.species);
        QCOMPARE(std::count(contcar.species.begin(), contcar.species.end(), 3), 20);
        QVERIFY(apart(frames[0], contcar) < 2e-5);
        QCOMPARE(frames[0].cell[1], (Vec3{-0.384578499, 7.176543225, -17.962901370}));
        // With the dispersion correction, which the electronic loop's energies (-146.49) lack.
        QCOMPARE(real(frames[0], "energy"), -153.01235880);
        for (const double m : frames[0].arrays.at("magmoms").numbers)
            QVERIFY(std::abs(m) < 0.005);
    }

    void nickelOxideWithSpinOrbitCoupling()
    {
        SKIP_WITHOUT_SHARED("data/vasp-outcars/pymatgen-core/OUTCAR.NiO_SOC.gz");
        std::vector<std::string> notes;
        const auto frames = readStructures(vaspOutput("pymatgen-core/OUTCAR.NiO_SOC.gz"), {}, &notes);
        QCOMPARE(frames.size(), std::size_t{1});
        QCOMPARE(frames[0].species, (std::vector<int>{28, 28, 8, 8}));
        QCOMPARE(real(frames[0], "energy"), -19.60512351);
        const Frame frame = makeFrame(frames[0], detectKeys(frames));
        // SAXIS = 1 1 1; along it 1.671 and -1.671.
        const double component = 1.671 / std::sqrt(3.0);
        QVERIFY(norm(frame.moments->vectors[0] - Vec3{component, component, component}) < 1e-6);
        QVERIFY(norm(frame.moments->vectors[1] + Vec3{component, component, component}) < 1e-6);
        QVERIFY(norm(frame.moments->vectors[2]) < 1e-6);
        QVERIFY2(all(notes).contains("SAXIS = (0.5774 0.5774 0.5774)"), qPrintable(all(notes)));
    }

    void relaxationOfVasp52()
    {
        SKIP_WITHOUT_SHARED("data/vasp-outcars/pymatgen-core/OUTCAR.LiNi2O4_relax.gz");
        const auto frames = readStructures(vaspOutput("pymatgen-core/OUTCAR.LiNi2O4_relax.gz"));
        QCOMPARE(frames.size(), std::size_t{5});
        QCOMPARE(frames[4].species, (std::vector<int>{3, 28, 28, 8, 8, 8, 8}));
        QCOMPARE(real(frames[0], "energy"), -34.006249);
        QCOMPARE(real(frames[4], "energy"), -34.007267);
        QCOMPARE(frames[4].arrays.at("magmoms").numbers,
                 (std::vector<double>{0.005, 0.813, 0.813, -0.112, -0.162, -0.112, -0.162}));
        QCOMPARE(frames[4].arrays.at("forces").numbers[3], -0.010711);
        QCOMPARE(frames[4].cell[0], (Vec3{-4.171943453, -2.449828694, -0.069932824}));
        QVERIFY(frames[0].cell != frames[4].cell);
    }

    void stressIsTheDerivativeOfTheEnergy()
    {
        SKIP_WITHOUT_SHARED("data/vasp-outcars/pymatgen-core/OUTCAR.Fe_vasp.6.2.0.gz");
        const auto frames = readStructures(vaspOutput("pymatgen-core/OUTCAR.Fe_vasp.6.2.0.gz"));
        QCOMPARE(frames.size(), std::size_t{4});
        QCOMPARE(frames[3].species, std::vector<int>{26});
        QVERIFY(std::abs(frames[3].arrays.at("magmoms").numbers[0] - 2.191) < 0.03);
        QCOMPARE(real(frames[3], "energy"), -8.27088608);
        // Only the volume changes: dE/dV is a third of the trace if tension is positive. The first two steps
        // are on both sides of the minimum.
        const auto slope = [](const Structure& s) {
            const std::vector<double> t = stressOf(s);
            return (t[0] + t[4] + t[8]) / 3;
        };
        for (const std::size_t k : {std::size_t{1}, std::size_t{2}}) {
            const double difference = (real(frames[k], "free_energy") - real(frames[0], "free_energy")) /
                                      (frames[k].volume() - frames[0].volume());
            // A fixed number of plane waves and the curvature allow no closer agreement.
            QVERIFY(std::abs(difference - 0.5 * (slope(frames[0]) + slope(frames[k]))) < 0.0025);
        }
        QVERIFY(slope(frames[0]) > 0.015 && slope(frames[1]) < -0.016);
    }

    void vacancyOfTheElasticBand()
    {
        SKIP_WITHOUT_SHARED("data/vasp-outcars/pymatgen-core/OUTCAR.Fe31_vacancy_neb00.gz");
        std::vector<std::string> notes;
        const auto frames =
            readStructures(vaspOutput("pymatgen-core/OUTCAR.Fe31_vacancy_neb00.gz"), {}, &notes);
        QVERIFY2(notes.empty(), qPrintable(all(notes)));
        QCOMPARE(frames.size(), std::size_t{5});
        for (const Structure& s : frames) {
            QCOMPARE(s.species, std::vector<int>(31, 26));
            QVERIFY(!s.info.contains("stress"));
            for (const double m : s.arrays.at("magmoms").numbers)
                QVERIFY(m > 2.4 && m < 2.7);
        }
        QCOMPARE(real(frames[0], "free_energy"), -256.13269280);
        QCOMPARE(real(frames[0], "energy"), -255.78137019);
        QCOMPARE(frames[0].arrays.at("magmoms").numbers[30], 2.590);
        QCOMPARE(frames[4].arrays.at("magmoms").numbers[0], 2.506);
    }

    void realFilesCutAtManyPlaces()
    {
        SKIP_WITHOUT_SHARED("data/vasp-outcars/fe4-rpbe-emmet/OUTCAR");
        for (const char* name :
             {"fe4-rpbe-emmet/OUTCAR", "licl-chgnet/OUTCAR", "pymatgen-core/OUTCAR.Fe_vasp.6.2.0.gz"}) {
            std::string text = readFile(vaspOutput(name));
            if (text.starts_with("\x1f\x8b"))
                text = gunzip(text, name);
            const auto whole = read(text);
            const std::size_t atoms = whole[0].size();
            std::size_t most = 0;
            const std::size_t stride = text.size() / 150 + 1;
            for (std::size_t size = 0; size <= text.size(); size += stride) {
                std::vector<Structure> frames;
                const QString said = sentence([&] { frames = read(text.substr(0, size)); });
                QVERIFY(frames.empty() != said.isEmpty());
                QVERIFY(frames.size() >= most);
                most = frames.size();
                for (std::size_t k = 0; k < frames.size(); ++k) {
                    QCOMPARE(frames[k].size(), atoms);
                    QCOMPARE(frames[k].arrays.at("forces").numbers, whole[k].arrays.at("forces").numbers);
                    QCOMPARE(real(frames[k], "energy"), real(whole[k], "energy"));
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestRealOutcars)
#include "tst_real_outcars.moc"
