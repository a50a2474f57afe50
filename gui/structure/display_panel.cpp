#include "structure/display_panel.h"

#include <QtGui/QStandardItemModel>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDoubleSpinBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QGroupBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QSlider>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QVBoxLayout>
#include <cmath>

namespace lodestone::gui {

namespace {

constexpr int sliderSteps = 100;

/// Sliders are logarithmic: the middle is the default, the ends are a factor of four away.
double factorOf(const QSlider* slider)
{
    return std::pow(4.0, 2.0 * slider->value() / sliderSteps - 1);
}

QFormLayout* addGroup(QVBoxLayout* layout, const QString& title)
{
    auto* box = new QGroupBox(title);
    auto* form = new QFormLayout(box);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(box);
    return form;
}

} // namespace

void resolveAxis(DisplayChoice& choice, const Mat3& cell, const std::vector<Vec3>& moments)
{
    if (choice.axis == SpinAxis::Main) {
        choice.scene.axis = mainAxis(moments);
        choice.scene.axisName =
            choice.scene.axis == Vec3{0, 0, 1} ? QStringLiteral("z") : DisplayPanel::tr("main axis");
        return;
    }
    static const std::array<QString, 6> names = {QStringLiteral("x"), QStringLiteral("y"),
                                                 QStringLiteral("z"), QStringLiteral("a"),
                                                 QStringLiteral("b"), QStringLiteral("c")};
    const int n = int(choice.axis) - int(SpinAxis::X);
    const Vec3 vector = n < 3 ? identity3[n] : cell[n - 3];
    const bool given = norm(vector) > 0;
    choice.scene.axis = given ? (1 / norm(vector)) * vector : Vec3{0, 0, 1};
    choice.scene.axisName = given ? names[n] : names[2];
}

DisplayPanel::DisplayPanel(QWidget* parent) : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 4, 0);

    QFormLayout* moments = addGroup(layout, tr("Magnetic moments"));
    m_arrows = addCheck(moments, tr("Show arrows"), tr("Draw the magnetic moments as arrows"), true);
    m_source =
        addCombo(moments, tr("Source"),
                 tr("Whose moments: the data's labels, the base (|m| of each element's mean in the training "
                    "frames), the "
                    "tuned model's, or tuned minus label; or the effective fields −dE/dm on the moments, "
                    "as labelled and as a tuned model with the head spin-energy gives them"),
                 {tr("Labels"), tr("Base model"), tr("Tuned model"), tr("Tuned − label"), tr("Field, labels"),
                  tr("Field, tuned")});
    m_colour = addCombo(moments, tr("Colour by"), tr("What the colour of an arrow means"),
                        {tr("Direction"), tr("Magnitude"), tr("Element"), tr("Error")});
    m_shape = addCombo(moments, tr("Show"), tr("Whole vectors, or only the component along the axis"),
                       {tr("Vectors"), tr("Along axis")});
    m_axis = addCombo(moments, tr("Axis"),
                      tr("Collinear moments are drawn along this axis; it is also the axis of up "
                         "and down"),
                      {tr("Main axis"), QStringLiteral("x"), QStringLiteral("y"), QStringLiteral("z"),
                       QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")});
    m_axis->setCurrentIndex(int(SpinAxis::Main));
    m_anchor = addCombo(moments, tr("Anchor"), tr("Which part of the arrow sits on the atom"),
                        {tr("Centre"), tr("Base"), tr("Head")});
    m_length = addSlider(moments, tr("Length"),
                         tr("Length of the arrows; in the middle the longest is as long "
                            "as the shortest bond"),
                         0, sliderSteps, sliderSteps / 2);
    m_width = addSlider(moments, tr("Width"), tr("Thickness of the arrows"), 0, sliderSteps, sliderSteps / 2);
    m_hideBelow = new QDoubleSpinBox;
    m_hideBelow->setRange(0, 20);
    m_hideBelow->setDecimals(2);
    m_hideBelow->setSingleStep(0.05);
    m_hideBelow->setValue(SceneOptions{}.hideBelow);
    m_hideBelow->setSuffix(tr(" μB"));
    m_hideBelow->setToolTip(tr("Moments smaller than this (in Bohr magnetons) get no arrow"));
    m_hideBelow->setAccessibleName(tr("Hide moments below"));
    moments->addRow(tr("Hide below"), m_hideBelow);
    connect(m_hideBelow, &QDoubleSpinBox::valueChanged, this, &DisplayPanel::changed);

    QFormLayout* exchange = addGroup(layout, tr("Exchange"));
    m_exchange =
        addCheck(exchange, tr("Exchange bonds"),
                 tr("Pairs of moments coloured by their coupling J, thicker the stronger: orange "
                    "ferromagnetic (J > 0), blue antiferromagnetic. For runs with the head spin-energy "
                    "or vector"),
                 true);
    m_exchangeAbove = new QSpinBox;
    m_exchangeAbove->setRange(0, 100);
    m_exchangeAbove->setSingleStep(5);
    m_exchangeAbove->setValue(int(std::lround(100 * SceneOptions{}.exchangeAbove)));
    m_exchangeAbove->setSuffix(tr(" %"));
    m_exchangeAbove->setToolTip(tr("Couplings weaker than this share of the strongest are not drawn"));
    m_exchangeAbove->setAccessibleName(tr("Hide exchange bonds below"));
    exchange->addRow(tr("Hide below"), m_exchangeAbove);
    connect(m_exchangeAbove, &QSpinBox::valueChanged, this, &DisplayPanel::changed);

    QFormLayout* atoms = addGroup(layout, tr("Atoms and bonds"));
    m_colours = addCombo(atoms, tr("Colours"),
                         tr("Element colours as in Jmol, as in VESTA, or eight that people with "
                            "colour-vision deficiencies can tell apart"),
                         {tr("Jmol"), tr("VESTA"), tr("Colour-blind safe")});
    m_atomSize = addSlider(atoms, tr("Size"), tr("Radius of the spheres; in the middle 0.4 covalent radii"),
                           0, sliderSteps, sliderSteps / 2);
    m_bonds = addCheck(atoms, tr("Bonds"),
                       tr("Join atoms closer than 1.15 times the sum of their covalent radii"), true);

    m_metalBonds =
        addCheck(atoms, tr("Also between metals"), tr("Join metal atoms with each other as well"), false);

    QFormLayout* cell = addGroup(layout, tr("Cell"));
    m_cell = addCheck(cell, tr("Cell edges"), tr("Draw the edges of the unit cell"), true);
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    const char letters[] = {'a', 'b', 'c'};
    for (int d = 0; d < 3; ++d) {
        m_images[d] = new QSpinBox;
        m_images[d]->setRange(0, 2);
        m_images[d]->setPrefix(QStringLiteral("%1 +").arg(QLatin1Char(letters[d])));
        m_images[d]->setToolTip(tr("Further cells drawn along %1").arg(QLatin1Char(letters[d])));
        m_images[d]->setAccessibleName(tr("Periodic images along %1").arg(QLatin1Char(letters[d])));
        row->addWidget(m_images[d]);
        connect(m_images[d], &QSpinBox::valueChanged, this, &DisplayPanel::changed);
    }
    auto* imagesLabel = new QLabel(tr("Periodic images"));
    imagesLabel->setBuddy(m_images[0]);
    cell->addRow(imagesLabel);
    cell->addRow(row);
    layout->addStretch(1);

    connect(this, &DisplayPanel::changed, this, &DisplayPanel::enableControls);
    enableControls();
}

QComboBox* DisplayPanel::addCombo(QFormLayout* form, const QString& label, const QString& tip,
                                  const QStringList& items)
{
    auto* combo = new QComboBox;
    combo->addItems(items);
    combo->setToolTip(tip);
    combo->setAccessibleName(label);
    combo->setMinimumContentsLength(7);
    form->addRow(label, combo);
    connect(combo, &QComboBox::currentIndexChanged, this, &DisplayPanel::changed);
    return combo;
}

QSlider* DisplayPanel::addSlider(QFormLayout* form, const QString& label, const QString& tip, int low,
                                 int high, int value)
{
    auto* slider = new QSlider(Qt::Horizontal);
    slider->setRange(low, high);
    slider->setValue(value);
    slider->setPageStep((high - low) / 10);
    slider->setToolTip(tip);
    slider->setAccessibleName(label);
    form->addRow(label, slider);
    connect(slider, &QSlider::valueChanged, this, &DisplayPanel::changed);
    return slider;
}

QCheckBox* DisplayPanel::addCheck(QFormLayout* form, const QString& label, const QString& tip, bool on)
{
    auto* check = new QCheckBox(label);
    check->setChecked(on);
    check->setToolTip(tip);
    form->addRow(check);
    connect(check, &QCheckBox::toggled, this, &DisplayPanel::changed);
    return check;
}

void DisplayPanel::enableControls()
{
    const bool arrows = m_arrows->isChecked();
    for (QWidget* control : std::initializer_list<QWidget*>{m_source, m_colour, m_shape, m_axis, m_anchor,
                                                            m_length, m_width, m_hideBelow})
        control->setEnabled(arrows);
    m_metalBonds->setEnabled(m_bonds->isChecked());
    m_exchange->setEnabled(m_exchangeThere);
    m_exchangeAbove->setEnabled(m_exchangeThere && m_exchange->isChecked());
}

DisplayChoice DisplayPanel::choice() const
{
    DisplayChoice choice;
    SceneOptions& scene = choice.scene;
    scene.colours = ColourSet(m_colours->currentIndex());
    scene.atomScale *= factorOf(m_atomSize);
    scene.bonds = m_bonds->isChecked();
    scene.metalBonds = m_metalBonds->isChecked();
    scene.cell = m_cell->isChecked();
    for (int d = 0; d < 3; ++d)
        scene.images[d] = m_images[d]->isEnabled() ? m_images[d]->value() : 0;
    scene.arrows = m_arrows->isChecked();
    scene.arrowLength *= factorOf(m_length);
    scene.arrowWidth *= factorOf(m_width);
    scene.hideBelow = m_hideBelow->value();
    scene.arrowColour = ArrowColour(m_colour->currentIndex());
    scene.arrowAnchor = ArrowAnchor(m_anchor->currentIndex());
    scene.exchange = m_exchange->isChecked();
    scene.exchangeAbove = m_exchangeAbove->value() / 100.0;
    choice.source = MomentSource(m_source->currentIndex());
    choice.axis = SpinAxis(m_axis->currentIndex());
    choice.projected = m_shape->currentIndex() == 1;
    return choice;
}

std::vector<std::pair<QString, QWidget*>> DisplayPanel::controls() const
{
    return {{QStringLiteral("arrows"), m_arrows},
            {QStringLiteral("source"), m_source},
            {QStringLiteral("colour"), m_colour},
            {QStringLiteral("shape"), m_shape},
            {QStringLiteral("axis"), m_axis},
            {QStringLiteral("anchor"), m_anchor},
            {QStringLiteral("length"), m_length},
            {QStringLiteral("width"), m_width},
            {QStringLiteral("hideBelow"), m_hideBelow},
            {QStringLiteral("colours"), m_colours},
            {QStringLiteral("exchange"), m_exchange},
            {QStringLiteral("exchangeAbove"), m_exchangeAbove},
            {QStringLiteral("atomSize"), m_atomSize},
            {QStringLiteral("bonds"), m_bonds},
            {QStringLiteral("metalBonds"), m_metalBonds},
            {QStringLiteral("cell"), m_cell},
            {QStringLiteral("imagesA"), m_images[0]},
            {QStringLiteral("imagesB"), m_images[1]},
            {QStringLiteral("imagesC"), m_images[2]}};
}

QVariantMap DisplayPanel::state() const
{
    QVariantMap state;
    for (const auto& [name, widget] : controls()) {
        if (const auto* check = qobject_cast<const QCheckBox*>(widget))
            state[name] = check->isChecked();
        else if (const auto* combo = qobject_cast<const QComboBox*>(widget))
            state[name] = combo->currentIndex();
        else
            state[name] = widget->property("value");
    }
    return state;
}

void DisplayPanel::setState(const QVariantMap& state)
{
    for (const auto& [name, widget] : controls()) {
        const QVariant value = state.value(name);
        if (!value.isValid())
            continue;
        const QSignalBlocker quiet(widget); // told once, below
        if (auto* check = qobject_cast<QCheckBox*>(widget))
            check->setChecked(value.toBool());
        else if (auto* combo = qobject_cast<QComboBox*>(widget))
            combo->setCurrentIndex(std::clamp(value.toInt(), 0, combo->count() - 1));
        else // sliders and numbers keep to their own range
            widget->setProperty("value", value);
    }
    Q_EMIT changed();
}

void DisplayPanel::setAvailable(const Available& available)
{
    const auto enable = [](QComboBox* combo, int row, bool on) {
        if (auto* model = qobject_cast<QStandardItemModel*>(combo->model()))
            model->item(row)->setEnabled(on);
    };
    const bool both = available.label && available.tuned;
    enable(m_source, int(MomentSource::Label), available.label);
    enable(m_source, int(MomentSource::Base), available.base);
    enable(m_source, int(MomentSource::Tuned), available.tuned);
    enable(m_source, int(MomentSource::Difference), both);
    enable(m_source, int(MomentSource::LabelField), available.labelField);
    enable(m_source, int(MomentSource::TunedField), available.tunedField);
    enable(m_colour, int(ArrowColour::Error), both);
    m_exchangeThere = available.exchange;
    enableControls();
}

void DisplayPanel::setPeriodic(const std::array<bool, 3>& pbc)
{
    for (int d = 0; d < 3; ++d)
        m_images[d]->setEnabled(pbc[d]);
}

} // namespace lodestone::gui
