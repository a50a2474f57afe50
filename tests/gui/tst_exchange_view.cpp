// Exchange couplings and effective fields on the page Structure, without OpenGL.
#include "structure/atom_inspector.h"
#include "structure/display_panel.h"
#include "structure/exchange_bonds.h"

#include <QtTest/QtTest>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QSpinBox>

using namespace lodestone;
using namespace lodestone::gui;

namespace {

/// Two Ni atoms 2 Angstrom apart along x, and bonds: within the cell, and over its face.
SceneInput pair()
{
    SceneInput input;
    input.cell = {{{5, 0, 0}, {0, 9, 0}, {0, 0, 9}}};
    input.pbc = {true, true, true};
    input.positions = {{0.5, 0, 0}, {2.5, 0, 0}};
    input.species = {28, 28};
    input.exchange = {
        {0, 1, {0, 0, 0}, 2, -0.008}, {0, 1, {-1, 0, 0}, 3, 0.004}, {0, 0, {0, 1, 0}, 9, 0.0005}};
    input.options.exchange = true;
    return input;
}

Rgb colourOf(const Glyphs& glyphs, std::size_t n)
{
    return {glyphs.colours[3 * n], glyphs.colours[3 * n + 1], glyphs.colours[3 * n + 2]};
}

template<class Widget>
Widget* named(DisplayPanel& panel, const QString& name)
{
    for (Widget* widget : panel.findChildren<Widget*>())
        if (widget->accessibleName() == name || widget->property("text").toString() == name)
            return widget;
    return nullptr;
}

} // namespace

class TestExchangeView : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bondsAreHalvesInTheColourOfTheirCoupling();
    void weakBondsAreLeftOut();
    void nothingWithoutCouplings();
    void manyBondsAreTheStrongest();
    void fieldsHaveTheirOwnLegend();
    void panelOffersWhatIsThere();
    void inspectorNamesTheStrongest();
};

void TestExchangeView::bondsAreHalvesInTheColourOfTheirCoupling()
{
    const SceneArrays scene = buildScene(pair());
    QCOMPARE(scene.exchange.size(), std::size_t(4)); // two bonds, the third is weaker than a fifth
    // The first half of the bond in the cell lies at atom 0, the second at atom 1.
    QVERIFY(std::abs(scene.exchange.positions[0] - 1.0F) < 1e-6F);
    QVERIFY(std::abs(scene.exchange.positions[3] - 2.0F) < 1e-6F);
    QVERIFY(std::abs(scene.exchange.scales[0] - 1.0F) < 1e-6F);
    // Over the face: to the left of atom 0, to the right of atom 1.
    QVERIFY(std::abs(scene.exchange.positions[6] + 0.25F) < 1e-6F);
    QVERIFY(std::abs(scene.exchange.positions[9] - 3.25F) < 1e-6F);
    const Rgb negative = colourOf(scene.exchange, 0), positive = colourOf(scene.exchange, 2);
    QVERIFY(negative[2] > negative[0]);                           // blue: antiferromagnetic
    QVERIFY(positive[0] > positive[2]);                           // red
    QVERIFY(scene.exchange.scales[1] > scene.exchange.scales[7]); // stronger: thicker
    QVERIFY(scene.exchangeLegend.title.contains(QStringLiteral("meV/\u03bcB\u00b2")));
    QCOMPARE(scene.exchangeLegend.marks.last(), QStringLiteral("+8"));
    SceneInput images = pair();
    images.options.images = {0, 2, 0};
    QCOMPARE(buildScene(images).exchange.size(), std::size_t(12));
}

void TestExchangeView::weakBondsAreLeftOut()
{
    SceneInput input = pair();
    input.options.exchangeAbove = 0.6;
    QCOMPARE(buildScene(input).exchange.size(), std::size_t(2));
    input.options.exchangeAbove = 0;
    QCOMPARE(buildScene(input).exchange.size(), std::size_t(6));
    input.options.exchange = false;
    QCOMPARE(buildScene(input).exchange.size(), std::size_t(0));
}

void TestExchangeView::nothingWithoutCouplings()
{
    SceneInput input = pair();
    input.exchange = {{0, 1, {0, 0, 0}, 2, 0}, {0, 7, {0, 0, 0}, 2, 1}};
    const SceneArrays scene = buildScene(input); // no coupling, and an atom that does not exist
    QCOMPARE(scene.exchange.size(), std::size_t(0));
    QVERIFY(scene.exchangeLegend.title.isEmpty());
}

void TestExchangeView::manyBondsAreTheStrongest()
{
    SceneInput input = pair();
    input.exchange.clear();
    for (std::size_t n = 0; n < exchangeBondsAtMost + 10; ++n)
        input.exchange.push_back({0, 1, {0, 0, 0}, 2, n < 10 ? 0.005 : 0.01});
    const SceneArrays scene = buildScene(input);
    QCOMPARE(scene.exchange.size(), 2 * exchangeBondsAtMost);
    for (std::size_t n = 0; n < scene.exchange.size(); ++n)
        QCOMPARE(colourOf(scene.exchange, n), colourOf(scene.exchange, 0));
    QVERIFY(scene.note.contains(QStringLiteral("strongest")));
}

void TestExchangeView::fieldsHaveTheirOwnLegend()
{
    SceneInput input = pair();
    input.moments = {{0, 0, 0.02}, {0, 0, -0.0004}};
    QCOMPARE(buildScene(input).shafts.size(), std::size_t(0)); // below 0.05 Bohr magnetons
    input.areFields = true;
    input.options.arrowColour = ArrowColour::Magnitude;
    const SceneArrays scene = buildScene(input);
    QCOMPARE(scene.shafts.size(), std::size_t(2)); // a fiftieth of the largest: not nothing
    QVERIFY(scene.legend.title.contains(QStringLiteral("meV/\u03bcB")));
    QCOMPARE(scene.legend.marks.last(), QStringLiteral("20"));
    input.moments[1] = {0, 0, 0.0001};
    QCOMPARE(buildScene(input).shafts.size(), std::size_t(1));
}

void TestExchangeView::panelOffersWhatIsThere()
{
    DisplayPanel panel;
    auto* exchange = named<QCheckBox>(panel, QStringLiteral("Exchange bonds"));
    auto* above = named<QSpinBox>(panel, QStringLiteral("Hide exchange bonds below"));
    auto* source = named<QComboBox>(panel, QStringLiteral("Source"));
    QVERIFY(exchange && above && source);
    QVERIFY(!exchange->isEnabled() && !above->isEnabled());
    const auto offered = [source](MomentSource which) {
        return bool(source->model()->flags(source->model()->index(int(which), 0)) & Qt::ItemIsEnabled);
    };
    DisplayPanel::Available there;
    there.label = there.labelField = true;
    panel.setAvailable(there);
    QVERIFY(offered(MomentSource::LabelField) && !offered(MomentSource::TunedField));
    QVERIFY(!exchange->isEnabled());
    there.tunedField = there.exchange = true;
    panel.setAvailable(there);
    QVERIFY(offered(MomentSource::TunedField));
    QVERIFY(exchange->isEnabled() && above->isEnabled());
    above->setValue(35);
    QCOMPARE(panel.choice().scene.exchangeAbove, 0.35);
    QVERIFY(panel.choice().scene.exchange);
    source->setCurrentIndex(int(MomentSource::TunedField));
    QVERIFY(isField(panel.choice().source));
    const QVariantMap state = panel.state();
    exchange->setChecked(false);
    QVERIFY(!panel.choice().scene.exchange && !above->isEnabled());
    DisplayPanel other;
    other.setState(state);
    QCOMPARE(other.choice().scene.exchangeAbove, 0.35);
    QCOMPARE(other.choice().source, MomentSource::TunedField);
}

void TestExchangeView::inspectorNamesTheStrongest()
{
    Frame frame;
    const SceneInput input = pair();
    frame.structure.cell = input.cell;
    frame.structure.pbc = input.pbc;
    frame.structure.species = input.species;
    frame.structure.positions = input.positions;
    MomentSources moments;
    moments.bonds = input.exchange;
    moments.tunedField = {{0, 0, 0.0123}, {0, 0, 0}};
    QString couplings, field;
    for (const AtomFact& fact : atomFacts(frame, moments, 0)) {
        if (fact.name == QLatin1String("Strongest exchange"))
            couplings = fact.value;
        if (fact.name.startsWith(QLatin1String("Effective field")))
            field = fact.value;
    }
    QVERIFY(field.contains(QStringLiteral("0.0123")));
    const QStringList lines = couplings.split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 3);
    QCOMPARE(lines[0], QStringLiteral("Ni 2 at 2.00 \u00c5: -8.00 meV/\u03bcB\u00b2"));
    QCOMPARE(lines[2], QStringLiteral("Ni 1 at 9.00 \u00c5: 0.50 meV/\u03bcB\u00b2")); // its own image
}

QTEST_MAIN(TestExchangeView)
#include "tst_exchange_view.moc"
