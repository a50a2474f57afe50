#include "formats/formats.h"
#include "support/sentence.h"
#include "support/shared_data.h"

#include <QtTest/QtTest>

using namespace lodestone;

static Structure read(std::string_view text)
{
    return readPoscar(text, "POSCAR").at(0);
}

static const std::string cubic = "rock salt\n1.0\n4 0 0\n0 4 0\n0 0 4\n";

class TestPoscar : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void directCoordinates()
    {
        const Structure s =
            read("NiO\r\n 2.0 a remark\r\n 1 0 0\r\n 0.5 1 0\r\n 0 0 2\r\n Ni_pv O/0a1b\r\n 1 1\r\nDirect\r\n"
                 "0 0 0 Ni\r\n0.5 0.5 0.25 O\r\n\r\n1 1 1\r\n");
        QCOMPARE(s.species, (std::vector<int>{28, 8}));
        QCOMPARE(s.cell, (Mat3{{{2, 0, 0}, {1, 2, 0}, {0, 0, 4}}}));
        QCOMPARE(s.positions[1], (Vec3{1.5, 1, 1}));
        QCOMPARE(s.pbc, (std::array<bool, 3>{true, true, true}));
        QCOMPARE(std::get<std::string>(s.info.at("comment")), std::string("NiO"));
        QVERIFY(s.arrays.empty());
    }

    void cartesianCoordinatesAreScaled()
    {
        const Structure s = read("x\n2.0\n1 0 0\n0 1 0\n0 0 2\nFe\n1\ncartesian\n0.25 0.5 1.0\n");
        QCOMPARE(s.positions[0], (Vec3{0.5, 1, 2}));
        const Structure three = read("x\n2 3 4\n1 1 0\n0 1 0\n0 0 2\nFe\n1\nKartesisch\n0.25 0.5 1.0\n");
        QCOMPARE(three.cell, (Mat3{{{2, 3, 0}, {0, 3, 0}, {0, 0, 8}}}));
        QCOMPARE(three.positions[0], (Vec3{0.5, 1.5, 4}));
    }

    void negativeScaleIsTheVolume()
    {
        const Structure s = read("x\n-54\n1 0 0\n0 1 0\n0 0 2\nFe\n1\nCartesian\n0.5 0.5 1\n");
        QVERIFY(std::abs(s.volume() - 54.0) < 1e-12);
        QVERIFY(norm(s.positions[0] - Vec3{1.5, 1.5, 3}) < 1e-14);
        // A left-handed cell has a negative determinant, not a negative volume.
        QVERIFY(std::abs(read("x\n-54\n0 1 0\n1 0 0\n0 0 2\nFe\n1\nDirect\n0 0 0\n").volume() - 54.0) <
                1e-12);
    }

    void selectiveDynamics()
    {
        const Structure s =
            read(cubic + "Fe O\n1 1\nSelective dynamics\nDirect\n0 0 0 T F .TRUE.\n.5 .5 .5 f t F\n");
        QVERIFY(s.arrays.at("move_mask").kind == AtomArray::Kind::Logical);
        QCOMPARE(s.arrays.at("move_mask").numbers, (std::vector<double>{1, 0, 1, 0, 1, 0}));
    }

    void repeatedAndAbsentSpecies()
    {
        QCOMPARE(read(cubic + "Fe O Fe\n1 0 2\nD\n0 0 0\n.5 0 0\n0 .5 0\n").species,
                 (std::vector<int>{26, 26, 26}));
    }

    void mistakesNameTheLine_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("parts");
        const QString c = QString::fromStdString(cubic);
        QTest::newRow("VASP 4") << c + "4 4\nDirect\n" << QStringList{"line 6", "VASP 4", "Add a line"};
        QTest::newRow("scale") << "x\nabc\n" << QStringList{"POSCAR, line 2", "scale factor"};
        QTest::newRow("zero scale") << "x\n0.0\n" << QStringList{"line 2", "scale factor"};
        QTest::newRow("two scales") << "x\n1 2\n" << QStringList{"line 2", "three positive"};
        QTest::newRow("lattice") << "x\n1.0\n1 0\n" << QStringList{"line 3", "cell vector"};
        QTest::newRow("lattice nan") << "x\n1.0\n1 0 0\n0 nan 0\n" << QStringList{"line 4", "cell vector"};
        QTest::newRow("flat") << "x\n1.0\n1 0 0\n0 1 0\n1 1 0\n" << QStringList{"linearly dependent"};
        QTest::newRow("flat with volume") << "x\n-5\n1 0 0\n0 1 0\n1 1 0\n"
                                          << QStringList{"line 5", "volume"};
        QTest::newRow("element") << c + "Fe Qq\n" << QStringList{"line 6", "'Qq'"};
        QTest::newRow("too few counts") << c + "Fe O\n3\n" << QStringList{"line 7", "2 elements"};
        QTest::newRow("count") << c + "Fe\nx\n" << QStringList{"line 7", "'x'"};
        QTest::newRow("huge count") << c + "Fe\n999999999999\nD\n" << QStringList{"line 7", "file ends"};
        QTest::newRow("no atoms") << c + "Fe\n0\nD\n" << QStringList{"line 7", "zero"};
        QTest::newRow("mode") << c + "Fe\n1\nFractional\n0 0 0\n"
                              << QStringList{"line 8", "Direct nor Cartesian"};
        QTest::newRow("position") << c + "Fe\n1\nDirect\n0 0 x\n" << QStringList{"line 9", "position"};
        QTest::newRow("position inf") << c + "Fe\n1\nDirect\n0 0 inf\n" << QStringList{"line 9", "position"};
        QTest::newRow("truncated") << c + "Fe\n2\nDirect\n0 0 0\n"
                                   << QStringList{"behind line 9", "atom 2 of 2"};
        QTest::newRow("flags") << c + "Fe\n1\nSelective\nDirect\n0 0 0 T\n"
                               << QStringList{"line 10", "three flags"};
        QTest::newRow("short") << "x\n1.0\n" << QStringList{"behind line 2", "cell vector"};
    }

    void mistakesNameTheLine()
    {
        QFETCH(QString, text);
        QFETCH(QStringList, parts);
        const QString said = sentence([&] { read(text.toStdString()); });
        for (const QString& part : parts)
            QVERIFY2(said.contains(part), qPrintable("the sentence was: '" + said + "'"));
    }

    void writtenFilesReadBackExactly()
    {
        Structure s = read(cubic + "O Fe O\n1 2 1\nSelective\nDirect\n.1 .2 .3 T T F\n.4 .5 .6 F F F\n.7 .8 "
                                   ".9 T T T\n-1.3 2.7 0 F T F\n");
        s.cell[0][1] = 1.0 / 3.0;
        s.positions[2][0] = std::sqrt(2.0);
        const Structure again = read(writePoscar(s));
        QCOMPARE(again.cell, s.cell);
        QCOMPARE(again.positions, s.positions);
        QCOMPARE(again.species, s.species);
        QCOMPARE(again.arrays.at("move_mask").numbers, s.arrays.at("move_mask").numbers);
        s.pbc[2] = false;
        VERIFY_ERROR(writePoscar(s), "three directions");
    }

    void sharedFiles()
    {
        SKIP_WITHOUT_SHARED("data/vasp-outcars");
        const Structure a = readStructures(sharedPath("data/vasp-outcars/licl-chgnet/POSCAR")).at(0);
        const Structure b = readStructures(sharedPath("data/vasp-outcars/licl-chgnet/CONTCAR")).at(0);
        QCOMPARE(formula(a), std::string("Li20Cl20"));
        QCOMPARE(a.species, b.species);
        // The relaxed structure is the same one, up to lattice vectors and a small relaxation.
        const Mat3 inverted = inverse(a.cell);
        for (std::size_t i = 0; i < a.size(); ++i) {
            Vec3 d = (b.positions[i] - a.positions[i]) * inverted;
            for (double& x : d)
                x -= std::round(x);
            QVERIFY(norm(d * a.cell) < 0.5);
        }
        const Structure iron = readStructures(sharedPath("data/vasp-outcars/fe4-rpbe-emmet/CONTCAR")).at(0);
        QCOMPARE(iron.species, std::vector<int>(4, 26));
        QVERIFY(std::abs(iron.volume() - 2 * 2.87 * 2.87 * 2.87) < 1e-9);
    }
};

QTEST_GUILESS_MAIN(TestPoscar)
#include "tst_poscar.moc"
