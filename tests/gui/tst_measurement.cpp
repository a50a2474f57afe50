// Distances and angles of clicked atoms, without OpenGL.
#include "structure/measure_tool.h"
#include "structure/viewport.h"

#include <QtGui/QAction>
#include <QtTest/QtTest>

using namespace lodestone;
using namespace lodestone::gui;

namespace {

/// Ni and O at right angles in a cell of 4 x 5 x 6 Angstrom.
Structure corner()
{
    Structure structure;
    structure.cell = {{{4, 0, 0}, {0, 5, 0}, {0, 0, 6}}};
    structure.pbc = {true, true, true};
    structure.species = {28, 8, 8, 26};
    structure.positions = {{0, 0, 0}, {2, 0, 0}, {2, 1, 0}, {2, 1, 3}};
    return structure;
}

} // namespace

class TestMeasurement : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void twoThreeAndFourAtoms();
    void dihedralHasASign();
    void imagesAreOtherAtoms();
    void lastOneCanBeTakenAway();
    void toolFollowsClicksAndFrames();
};

void TestMeasurement::twoThreeAndFourAtoms()
{
    const Structure structure = corner();
    Measurement measurement;
    QVERIFY(measurement.text(structure).isEmpty());
    measurement.add({0});
    QVERIFY(measurement.text(structure).isEmpty());
    measurement.add({1});
    QCOMPARE(measurement.text(structure), QStringLiteral("Ni 1 \u2013 O 2: 2.000 \u00c5"));
    measurement.add({2});
    QCOMPARE(measurement.text(structure), QStringLiteral("Ni 1 \u2013 O 2 \u2013 O 3: 90.0\u00b0"));
    measurement.add({3});
    QCOMPARE(measurement.text(structure),
             QStringLiteral("Ni 1 \u2013 O 2 \u2013 O 3 \u2013 Fe 4: dihedral 90.0\u00b0"));
    measurement.add({2}); // a fifth begins anew
    QCOMPARE(measurement.points(structure).size(), std::size_t(1));
    Structure smaller = structure;
    smaller.species.resize(2);
    smaller.positions.resize(2);
    QVERIFY(measurement.points(smaller).empty());
}

void TestMeasurement::dihedralHasASign()
{
    // Seen along the axis from b to c (z, towards +z), d is turned clockwise from a: positive.
    const Vec3 a = {1, 0, 0}, b = {0, 0, 0}, c = {0, 0, 1};
    QVERIFY(std::abs(dihedral(a, b, c, {std::cos(0.5), std::sin(0.5), 1}) - 0.5 * 180 / std::acos(-1.0)) <
            1e-9);
    QVERIFY(std::abs(dihedral(a, b, c, {0, -1, 1}) + 90) < 1e-9);
    QVERIFY(std::abs(std::abs(dihedral(a, b, c, {-1, 0, 1})) - 180) < 1e-9);
    QVERIFY(std::abs(angleAt({1, 0, 0}, b, {-1, 0, 0}) - 180) < 1e-9);
    QVERIFY(angleAt({1, 0, 0}, b, {2, 0, 0}) < 1e-9);
}

void TestMeasurement::imagesAreOtherAtoms()
{
    const Structure structure = corner();
    const MeasuredAtom image = measuredAtom(structure, 0, {4.0001, -5, 0});
    QVERIFY((image.image == std::array<int, 3>{1, -1, 0}));
    Measurement measurement;
    measurement.add({1});
    measurement.add(image);
    QVERIFY(measurement.text(structure).contains(QStringLiteral("5.385")));
    Structure open = structure;
    open.cell = zero3;
    QVERIFY((measuredAtom(open, 0, {9, 9, 9}) == MeasuredAtom{0}));
}

void TestMeasurement::lastOneCanBeTakenAway()
{
    const Structure structure = corner();
    Measurement measurement;
    measurement.add({0});
    measurement.add({1});
    measurement.add({1});
    QCOMPARE(measurement.points(structure).size(), std::size_t(1));
    measurement.add({0});
    QVERIFY(measurement.empty());
}

void TestMeasurement::toolFollowsClicksAndFrames()
{
    const std::unique_ptr<Viewport> viewport(makeViewport(nullptr));
    MeasureTool tool(*viewport, nullptr);
    Structure structure = corner();
    tool.setStructure(&structure);
    Q_EMIT viewport->sphereClicked(0, {0, 0, 0});
    Q_EMIT viewport->sphereClicked(1, {2, 0, 0});
    QVERIFY(tool.text().isEmpty()); // the mode is off
    tool.action()->trigger();
    QSignalSpy changed(&tool, &MeasureTool::changed);
    Q_EMIT viewport->sphereClicked(0, {0, 0, 0});
    Q_EMIT viewport->sphereClicked(1, {-2, 0, 0}); // the image one cell to the left
    QCOMPARE(changed.size(), 2);
    QVERIFY(tool.text().contains(QStringLiteral("2.000")));
    structure.positions[0] = {1, 0, 0}; // another frame of the same crystal
    tool.setStructure(&structure);
    QVERIFY(tool.text().contains(QStringLiteral("3.000")));
    Q_EMIT viewport->sphereClicked(17, {0, 0, 0}); // an answer for a frame that is gone
    QVERIFY(tool.text().contains(QStringLiteral("3.000")));
    tool.action()->trigger();
    QVERIFY(tool.text().isEmpty());
}

QTEST_MAIN(TestMeasurement)
#include "tst_measurement.moc"
