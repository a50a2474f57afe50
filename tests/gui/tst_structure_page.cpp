#include "structure/arrows.h"
#include "structure/atom_inspector.h"
#include "structure/atom_table.h"
#include "structure/display_panel.h"
#include "structure/moment_view.h"
#include "structure/scene.h"
#include "structure/structure_page.h"
#include "structure/viewport.h"

#include "crystal/elements.h"

#include <QtCore/QTemporaryDir>
#include <QtGui/QClipboard>
#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QtTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QTableView>
#include <limits>

using namespace lodestone;
using namespace lodestone::gui;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// Rock salt NiO, conventional cell: 4 Ni, 4 O.
SceneInput rockSalt()
{
    const double a = 4.17;
    SceneInput input;
    input.cell = {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
    input.pbc = {true, true, true};
    for (const Vec3& f : {Vec3{0, 0, 0}, Vec3{0, 0.5, 0.5}, Vec3{0.5, 0, 0.5}, Vec3{0.5, 0.5, 0}}) {
        input.positions.push_back(a * f);
        input.species.push_back(28);
        input.moments.push_back({0, 0, input.moments.size() % 4 < 2 ? 1.7 : -1.7});
        input.positions.push_back(a * (f + Vec3{0.5, 0, 0}));
        input.species.push_back(8);
        input.moments.push_back({0, 0, 0.01});
    }
    return input;
}

std::shared_ptr<const Dataset> smallData()
{
    auto data = std::make_shared<Dataset>();
    Frame frame;
    frame.structure.species = {26, 8, 26};
    frame.structure.positions = {{0, 0, 0}, {2, 0, 0}, {4, 0.5, 0}};
    frame.forces = {{0, 0, 0.3}, {0, 0.4, 0.3}, {0, 0, 0}};
    frame.moments =
        Moments{Moments::Kind::Collinear, {{0, 0, -2.5}, {unknown, unknown, unknown}, {0, 0, 1.5}}};
    data->frames.push_back(frame);
    frame.structure.species.pop_back();
    frame.structure.positions.pop_back();
    frame.forces.clear();
    frame.moments.reset();
    data->frames.push_back(frame);
    return data;
}

} // namespace

/// Everything of the page Structure that needs no OpenGL.
class TestStructurePage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void colourSets();
    void momentSources();
    void collinearMomentsTurnToTheAxis();
    void sceneOfRockSalt();
    void bondsCrossFacesOfSmallCells();
    void bondsBetweenMetalsOnlyWhenAsked();
    void badCellKeepsTheAtoms();
    void periodicImages();
    void arrowsStandOutOfTheirSpheres();
    void arrowAnchorsAndColours();
    void picking();
    void filters();
    void tableModel();
    void filterProxyAndSorting();
    void tableFollowsTheSession();
    void pageWithoutOpenGl();
    void facts();
};

void TestStructurePage::colourSets()
{
    const std::vector<int> species = {26, 8, 28, 26, 25, 3, 118};
    const auto jmol = elementColours(ColourSet::Jmol, species);
    QCOMPARE(jmol.size(), std::size_t(6));
    QVERIFY((jmol.at(26) == Rgb{224, 102, 51}));
    QVERIFY((jmol.at(8) == Rgb{255, 13, 13}));
    const auto vesta = elementColours(ColourSet::Vesta, species);
    QVERIFY((vesta.at(26) == Rgb{181, 113, 0}));
    QVERIFY((vesta.at(28) == Rgb{183, 187, 189}));
    std::set<Rgb> distinct;
    for (const auto& [z, colour] : elementColours(ColourSet::ColourBlind, species))
        distinct.insert(colour);
    QCOMPARE(distinct.size(), std::size_t(6));
}

void TestStructurePage::momentSources()
{
    const std::vector<Vec3> label = {{0, 3, 4}, {unknown, unknown, unknown}, {1, 0, 0}};
    const std::vector<Vec3> tuned = {{0, 3, 3}, {0, 0, 1}, {1, 0, 0}};
    const Vec3 z = {0, 0, 1};
    QVERIFY((momentView(label, {}, tuned, MomentSource::Label, z).vectors[0] == Vec3{0, 3, 4}));
    QVERIFY(momentView(label, {}, tuned, MomentSource::Base, z).vectors.empty());
    const MomentView difference = momentView(label, {}, tuned, MomentSource::Difference, z);
    QVERIFY((difference.vectors[0] == Vec3{0, 0, -1}));
    QVERIFY(std::isnan(difference.vectors[1][0]));
    QCOMPARE(difference.errors[0], std::sqrt(18.0) - 5);
    QVERIFY(std::isnan(difference.errors[1]));
    QVERIFY(momentView(label, {}, {{0, 0, 1}}, MomentSource::Difference, z).vectors.empty());
    const std::vector<Vec3> projected = projectedOn({0, 1, 0}, label);
    QVERIFY((projected[0] == Vec3{0, 3, 0}));
}

void TestStructurePage::collinearMomentsTurnToTheAxis()
{
    const Vec3 x = {1, 0, 0};
    const std::vector<Vec3> collinear = {{0, 0, -2}, {unknown, unknown, unknown}};
    QVERIFY(isCollinear(collinear));
    QVERIFY((momentView(collinear, {}, {}, MomentSource::Label, x).vectors[0] == Vec3{-2, 0, 0}));
    // Vectors stay where they point.
    QVERIFY((momentView({{0, 1, 1}, {0, 0, 2}}, {}, {}, MomentSource::Label, x).vectors[1] == Vec3{0, 0, 2}));
    DisplayChoice choice;
    choice.axis = SpinAxis::B;
    resolveAxis(choice, {{{1, 0, 0}, {0, 3, 4}, {0, 0, 1}}}, {});
    QVERIFY(norm(choice.scene.axis - Vec3{0, 0.6, 0.8}) < 1e-12);
    QCOMPARE(choice.scene.axisName, QStringLiteral("b"));
    resolveAxis(choice, zero3, {});
    QVERIFY((choice.scene.axis == Vec3{0, 0, 1}));
    choice.axis = SpinAxis::Main;
    resolveAxis(choice, zero3, {{1, 2, 2.1}, {-1, -2, -1.9}, {0.1, 0, 0}});
    QVERIFY(norm(choice.scene.axis - Vec3{1.0 / 3, 2.0 / 3, 2.0 / 3}) < 0.03);
    resolveAxis(choice, zero3, {{0, 0, -2}, {0, 0, 1}});
    QVERIFY((choice.scene.axis == Vec3{0, 0, 1}));
}

void TestStructurePage::sceneOfRockSalt()
{
    const SceneInput input = rockSalt();
    const SceneArrays scene = buildScene(input);
    QCOMPARE(scene.sphereCount(), std::size_t(8));
    QCOMPARE(scene.bonds.size(), std::size_t(8 * 6)); // six half bonds around every atom
    QVERIFY(std::abs(scene.shortestBond - 4.17 / 2) < 1e-9);
    QCOMPARE(scene.cellEdges.size(), std::size_t(12));
    QCOMPARE(scene.shafts.size(), std::size_t(4)); // oxygen lies below the limit
    QCOMPARE(scene.heads.size(), std::size_t(4));
    QVERIFY(std::abs(scene.atomRadii[0] - 0.4 * covalentRadius(28)) < 1e-6);
    // Half bonds have the colour of their own atom: the first six belong to Ni.
    QVERIFY(
        (Rgb{scene.bonds.colours[0], scene.bonds.colours[1], scene.bonds.colours[2]} == Rgb{80, 208, 80}));
    QVERIFY(std::abs(scene.bonds.scales[0] - 4.17 / 4) < 1e-5);
    for (std::size_t n = 0; n < scene.sphereCount(); ++n)
        QVERIFY(norm(Vec3{scene.atomPositions[3 * n], scene.atomPositions[3 * n + 1],
                          scene.atomPositions[3 * n + 2]} -
                     scene.centre) < scene.radius);
    QVERIFY(!scene.legend.title.isEmpty());
    QVERIFY((scene.axes == identity3));
}

void TestStructurePage::bondsCrossFacesOfSmallCells()
{
    SceneInput input; // one carbon atom with its own images, 1.4 Angstrom away along x only
    input.cell = {{{1.4, 0, 0}, {0, 9, 0}, {0, 0, 9}}};
    input.pbc = {true, true, true};
    input.positions = {{0, 0, 0}};
    input.species = {6};
    QCOMPARE(buildScene(input).bonds.size(), std::size_t(2));
    input.pbc = {false, true, true};
    QCOMPARE(buildScene(input).bonds.size(), std::size_t(0));
}

void TestStructurePage::bondsBetweenMetalsOnlyWhenAsked()
{
    SceneInput input;
    input.positions = {{0, 0, 0}, {2.4, 0, 0}};
    input.species = {26, 26};
    QCOMPARE(buildScene(input).bonds.size(), std::size_t(0));
    QVERIFY(std::abs(buildScene(input).shortestBond - 2.4) < 1e-9); // arrows are scaled by it all the same
    input.options.metalBonds = true;
    QCOMPARE(buildScene(input).bonds.size(), std::size_t(2));
    input.options.bonds = false;
    QCOMPARE(buildScene(input).bonds.size(), std::size_t(0));
}

void TestStructurePage::badCellKeepsTheAtoms()
{
    SceneInput input = rockSalt();
    input.cell[2] = input.cell[1]; // no volume
    const SceneArrays scene = buildScene(input);
    QCOMPARE(scene.sphereCount(), std::size_t(8));
    QCOMPARE(scene.bonds.size(), std::size_t(0));
    QVERIFY(!scene.note.isEmpty());
    QVERIFY((scene.axes == zero3));
    QCOMPARE(buildScene(SceneInput{}).sphereCount(), std::size_t(0));
}

void TestStructurePage::periodicImages()
{
    SceneInput input = rockSalt();
    input.options.images = {1, 0, 2};
    SceneArrays scene = buildScene(input);
    QCOMPARE(scene.sphereCount(), std::size_t(8 * 6));
    QCOMPARE(scene.shafts.size(), std::size_t(4 * 6));
    QCOMPARE(scene.atomIndex.back(), 7);
    input.pbc = {true, true, false}; // no images in open directions
    scene = buildScene(input);
    QCOMPARE(scene.sphereCount(), std::size_t(8 * 2));
}

void TestStructurePage::arrowsStandOutOfTheirSpheres()
{
    QCOMPARE(arrowHalfLength(4, 0.5, 0.2), 2.0);
    QCOMPARE(arrowHalfLength(0.1, 0.5, 0.2), 0.7);
    SceneInput input = rockSalt();
    input.options.hideBelow = 0;
    const SceneArrays scene = buildScene(input);
    QCOMPARE(scene.shafts.size(), std::size_t(8));
    for (std::size_t n = 0; n < 8; ++n) {
        const double length = scene.shafts.scales[3 * n] + scene.heads.scales[3 * n];
        QVERIFY(length > 2 * scene.atomRadii[n] + 0.2);
        QVERIFY(scene.heads.scales[3 * n] > 0.05);
    }
    // The longest: as long as the shortest bond.
    QVERIFY(std::abs(scene.shafts.scales[0] + scene.heads.scales[0] - scene.shortestBond) < 1e-5);
    QVERIFY(std::abs(scene.arrowScale * 1.7 - scene.shortestBond) < 1e-9);
    input.moments.assign(8, {unknown, unknown, unknown});
    QCOMPARE(buildScene(input).shafts.size(), std::size_t(0));
    QVERIFY(buildScene(input).legend.title.isEmpty());
}

void TestStructurePage::arrowAnchorsAndColours()
{
    SceneInput input = rockSalt();
    const auto colour = [&](std::size_t n) {
        const SceneArrays scene = buildScene(input);
        return Rgb{scene.shafts.colours[3 * n], scene.shafts.colours[3 * n + 1],
                   scene.shafts.colours[3 * n + 2]};
    };
    QVERIFY(colour(0)[0] > 200 && colour(0)[2] < 60); // up: red
    QVERIFY(colour(1)[2] > 200 && colour(1)[0] < 60); // down: blue
    input.options.axis = {1, 0, 0};
    QVERIFY(colour(0)[0] == colour(0)[1] && colour(0)[1] == colour(0)[2]); // across: grey
    input.options.arrowColour = ArrowColour::Element;
    QVERIFY((colour(0) == Rgb{80, 208, 80}));
    QCOMPARE(buildScene(input).legend.entries.size(), std::size_t(2));
    input.options.arrowColour = ArrowColour::Magnitude;
    input.moments[2] = {0, 0, 0.4};
    QVERIFY(colour(0) != colour(1));
    QVERIFY(buildScene(input).legend.title.contains(QStringLiteral("μB")));
    input.options.arrowColour = ArrowColour::Error;
    input.momentErrors = {0.2, 0, -0.2, 0, unknown, 0, 0, 0};
    const Rgb more = colour(0), less = colour(1), none = colour(2);
    QVERIFY(more[0] > more[2]);
    QVERIFY(less[2] > less[0]);
    QVERIFY(none[0] == none[1] && none[1] == none[2]);
    // The tip of an arrow whose head is anchored is the atom; its base is the atom in the other case.
    input.options.arrowAnchor = ArrowAnchor::Head;
    SceneArrays scene = buildScene(input);
    QVERIFY(std::abs(scene.heads.positions[2] + scene.heads.scales[0] / 2) < 1e-5);
    input.options.arrowAnchor = ArrowAnchor::Base;
    scene = buildScene(input);
    QVERIFY(std::abs(scene.shafts.positions[2] - scene.shafts.scales[0] / 2) < 1e-5);
}

void TestStructurePage::picking()
{
    SceneInput input;
    input.positions = {{0, 0, 0}, {0, 0, 5}, {3, 0, 0}};
    input.species = {26, 26, 8};
    const SceneArrays scene = buildScene(input);
    QCOMPARE(pickSphere(scene, {0, 0, 20}, {0, 0, -1}), 1); // the nearer of two
    QCOMPARE(pickSphere(scene, {0, 0, -20}, {0, 0, 7}), 0);
    QCOMPARE(pickSphere(scene, {3, 0, 20}, {0, 0, -1}), 2);
    QCOMPARE(pickSphere(scene, {1.5, 0, 20}, {0, 0, -1}), -1);
    QCOMPARE(pickSphere(scene, {0, 0, 20}, {0, 0, 1}), -1); // behind
}

void TestStructurePage::filters()
{
    auto filter = parseAtomFilter(QStringLiteral("Fe, Ni m > 2 F<=0.5 #>=3"));
    QVERIFY(filter);
    QCOMPARE(filter->elements.size(), std::size_t(2));
    QCOMPARE(filter->comparisons.size(), std::size_t(3));
    QCOMPARE(filter->comparisons[0].limit, 2.0);
    QVERIFY(filter->comparisons[1].orEqual);
    QVERIFY(parseAtomFilter(QStringLiteral("  "))->elements.empty());
    QString rest;
    QVERIFY(!parseAtomFilter(QStringLiteral("Fe q>2"), &rest));
    QCOMPARE(rest, QStringLiteral("q>2"));
    QVERIFY(!parseAtomFilter(QStringLiteral("m>two"), &rest));
    QVERIFY(!parseAtomFilter(QStringLiteral("Xy"), &rest));
}

void TestStructurePage::tableModel()
{
    AtomTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), 0);
    const auto data = smallData();
    MomentSources moments;
    moments.label = data->frames[0].moments->vectors;
    moments.tuned = {{0, 0, -2.4}, {0, 0, 0.1}}; // of another frame: ignored
    model.setFrame(data, 0, moments);
    QCOMPARE(model.rowCount(), 3);
    const auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
    QCOMPARE(text(0, AtomTableModel::Index), QStringLiteral("1"));
    QCOMPARE(text(1, AtomTableModel::Element), QStringLiteral("O"));
    QCOMPARE(text(2, AtomTableModel::Y), QStringLiteral("0.5000"));
    QCOMPARE(text(0, AtomTableModel::LabelMoment), QStringLiteral("2.500"));
    QCOMPARE(text(1, AtomTableModel::LabelMoment), QString());
    QCOMPARE(text(0, AtomTableModel::TunedMoment), QString());
    QCOMPARE(text(1, AtomTableModel::Force), QStringLiteral("0.5000"));
    QCOMPARE(text(0, AtomTableModel::MomentError), QString());
    moments.tuned = moments.label;
    moments.tuned[0] = moments.label[0] + Vec3{0, 0, 0.3};
    moments.tuned[2] = moments.label[2] + Vec3{0.3, 0, 0.4};
    model.setFrame(data, 0, moments);
    QCOMPARE(text(0, AtomTableModel::MomentError), QStringLiteral("0.300"));
    QCOMPARE(text(1, AtomTableModel::MomentError), QString()); // without a label there is no error
    QCOMPARE(text(2, AtomTableModel::MomentError), QStringLiteral("0.500")); // a turned moment is wrong too
    model.setFrame(data, 1, {});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(text(0, AtomTableModel::Force), QString());
    model.setFrame(data, -1, {});
    QCOMPARE(model.rowCount(), 0);
}

void TestStructurePage::filterProxyAndSorting()
{
    AtomTableModel model;
    AtomFilterProxy proxy;
    proxy.setSourceModel(&model);
    QAbstractItemModelTester tester(&proxy, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto data = smallData();
    model.setFrame(data, 0, {data->frames[0].moments->vectors, {}, {}});
    const auto rows = [&](const char* filter) {
        proxy.setFilter(*parseAtomFilter(QString::fromLatin1(filter)));
        QString result;
        for (int row = 0; row < proxy.rowCount(); ++row)
            result += proxy.index(row, 0).data().toString();
        return result;
    };
    QCOMPARE(rows(""), QStringLiteral("123"));
    QCOMPARE(rows("Fe"), QStringLiteral("13"));
    QCOMPARE(rows("m>2"), QStringLiteral("1"));
    QCOMPARE(rows("m<2"), QStringLiteral("3")); // an unknown moment is neither
    QCOMPARE(rows("Fe F<=0.3 x<4"), QStringLiteral("1"));
    QCOMPARE(rows("dm>0.1"), QString()); // nothing is predicted
    proxy.sort(AtomTableModel::LabelMoment, Qt::AscendingOrder);
    QCOMPARE(rows(""), QStringLiteral("231"));
    proxy.sort(AtomTableModel::Force, Qt::DescendingOrder);
    QCOMPARE(rows(""), QStringLiteral("213"));
}

void TestStructurePage::tableFollowsTheSession()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("three.extxyz")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("3\nProperties=species:S:1:pos:R:3:magmoms:R:1 pbc=\"F F F\"\n"
               "Fe 0 0 0 2.5\nO 2 0 0 0.1\nFe 4 0 0 -1.5\n");
    file.close();
    Session session;
    const std::unique_ptr<QWidget> table(makeAtomTable(session, nullptr));
    auto* view = table->findChild<QTableView*>();
    auto* filter = table->findChild<QLineEdit*>();
    QVERIFY(view && filter);
    session.openData({file.fileName()});
    QTRY_COMPARE(view->model()->rowCount(), 3);
    session.setAtom(2);
    QCOMPARE(view->currentIndex().row(), 2);
    view->selectRow(1);
    QCOMPARE(session.atom(), 1);
    filter->setText(QStringLiteral("Fe"));
    QCOMPARE(view->model()->rowCount(), 2);
    QCOMPARE(session.atom(), 1); // filtered out, still chosen
    QVERIFY(!view->selectionModel()->hasSelection());
    session.setAtom(2);
    QCOMPARE(view->currentIndex().row(), 1);
    filter->setText(QStringLiteral("Fe nonsense"));
    QCOMPARE(view->model()->rowCount(), 2);
    view->selectAll();
    view->actions().front()->trigger();
    const QString copied = QGuiApplication::clipboard()->text();
    QCOMPARE(copied.count(QLatin1Char('\n')), 3);
    QVERIFY2(copied.contains(QStringLiteral("3\tFe\t4.0000\t0.0000\t0.0000\t1.500")), qPrintable(copied));
}

void TestStructurePage::pageWithoutOpenGl()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("two.extxyz")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(
        "1\nLattice=\"2.8 0 0 0 2.8 0 0 0 2.8\" Properties=species:S:1:pos:R:3 pbc=\"T T T\"\nFe 0 0 0\n"
        "1\nLattice=\"2.9 0 0 0 2.9 0 0 0 2.9\" Properties=species:S:1:pos:R:3 pbc=\"T T T\"\nFe 0 0 0\n");
    file.close();
    Session session;
    StructurePage page(session, nullptr);
    page.show();
    QVERIFY(page.viewport()->isPlaceholder());
    bool invited = false;
    for (const QLabel* label : page.findChildren<QLabel*>())
        invited = invited || (label->isVisible() && label->text().contains(QStringLiteral("Ctrl+O")));
    QVERIFY(invited);
    session.openData({file.fileName()});
    QTRY_VERIFY(page.statusText().startsWith(QStringLiteral("Fe")));
    QVERIFY2(page.statusText().contains(QStringLiteral("frame 1 of 2 · 1 atom")),
             qPrintable(page.statusText()));
    QTRY_VERIFY2(page.statusText().contains(QStringLiteral("Pm-3m (0.01 Å)")), qPrintable(page.statusText()));
    session.setFrame(1);
    QVERIFY(page.statusText().contains(QStringLiteral("frame 2 of 2")));
    // Everything that can be operated says what it is.
    for (const QWidget* control : page.findChildren<QWidget*>()) {
        if (control->focusPolicy() == Qt::NoFocus || !control->isVisible() ||
            control->objectName().startsWith(QStringLiteral("qt_")))
            continue;
        const bool named =
            !control->accessibleName().isEmpty() || !control->property("text").toString().isEmpty();
        const bool label = qobject_cast<const QLabel*>(control) || control->inherits("QScrollArea");
        QVERIFY2(named || label, control->metaObject()->className());
        QVERIFY2(label || !control->toolTip().isEmpty(), qPrintable(control->accessibleName()));
    }
}

void TestStructurePage::facts()
{
    const auto data = smallData();
    AtomInspector inspector;
    MomentSources moments;
    moments.label = data->frames[0].moments->vectors;
    moments.tuned = {{0, 0, -2.25}, {0, 0, 0.1}, {1, 0, 1}};
    inspector.show(&data->frames[0], moments, 0);
    QString text = inspector.text();
    QVERIFY2(text.contains(QStringLiteral("Element: Fe (Iron)")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("-2.500 μB")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("tuned − label: -0.250 μB")), qPrintable(text));
    inspector.show(&data->frames[0], moments, 1);
    QVERIFY(inspector.text().contains(QStringLiteral("not given")));
    inspector.show(&data->frames[0], moments, 2);
    QVERIFY(inspector.text().contains(QStringLiteral("1.414 μB")));
    inspector.show(&data->frames[0], moments, -1);
    QVERIFY(inspector.text().isEmpty());
}

int main(int argc, char** argv)
{
    QStandardPaths::setTestModeEnabled(true);
    QApplication application(argc, argv);
    TestStructurePage test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_structure_page.moc"
