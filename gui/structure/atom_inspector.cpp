#include "structure/atom_inspector.h"

#include "crystal/elements.h"

#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace lodestone::gui {

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(lodestone::gui::AtomInspector)
};

QString text(std::string_view view)
{
    return QString::fromUtf8(view.data(), qsizetype(view.size()));
}

QString number(double value, int decimals)
{
    return QString::number(value, 'f', decimals);
}

QString vector(const Vec3& v, int decimals)
{
    return QStringLiteral("%1, %2, %3")
        .arg(number(v[0], decimals), number(v[1], decimals), number(v[2], decimals));
}

bool isKnown(const Vec3& v)
{
    return std::isfinite(norm(v));
}

/// Collinear moments are one signed number, others a vector and its length.
QString momentText(const Vec3& m)
{
    if (!isKnown(m))
        return Text::tr("not given");
    if (m[0] == 0 && m[1] == 0)
        return Text::tr("%1 μB").arg(number(m[2], 3));
    return Text::tr("%1 μB\n(%2)").arg(number(norm(m), 3), vector(m, 3));
}

/// The strongest couplings of an atom, one a line: the other atom, its distance, J.
QString couplingsText(const Structure& structure, const MomentSources& moments, std::size_t atom)
{
    constexpr std::size_t most = 6;
    std::vector<const ExchangeBond*> own;
    for (const ExchangeBond& bond : moments.bonds)
        if ((bond.one == atom || bond.other == atom) && bond.one < structure.size() &&
            bond.other < structure.size())
            own.push_back(&bond);
    std::stable_sort(own.begin(), own.end(), [](const ExchangeBond* a, const ExchangeBond* b) {
        return std::abs(a->exchange) > std::abs(b->exchange);
    });
    QStringList lines;
    for (const ExchangeBond* bond : own) {
        if (lines.size() == most)
            break;
        const std::size_t other = bond->one == atom ? bond->other : bond->one;
        const QString unit =
            moments.exchangeUnit == ExchangeUnit::PerSquaredMoment ? Text::tr("meV/μB²") : Text::tr("meV");
        lines << Text::tr("%1 %2 at %3 Å: %4 %5")
                     .arg(text(elementSymbol(structure.species[other])))
                     .arg(other + 1)
                     .arg(number(bond->distance, 2), number(1000 * bond->exchange, 2), unit);
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace

std::vector<AtomFact> atomFacts(const Frame& frame, const MomentSources& moments, int atom)
{
    std::vector<AtomFact> facts;
    const Structure& structure = frame.structure;
    const auto i = std::size_t(atom);
    if (atom < 0 || i >= structure.size())
        return facts;
    const int z = structure.species[i];
    facts.push_back({Text::tr("Atom"), Text::tr("%1 of %2").arg(atom + 1).arg(structure.size())});
    facts.push_back(
        {Text::tr("Element"), QStringLiteral("%1 (%2)").arg(text(elementSymbol(z)), text(elementName(z)))});
    facts.push_back({Text::tr("Position (Å)"), vector(structure.positions[i], 4)});
    if (determinant(structure.cell) != 0)
        facts.push_back(
            {Text::tr("Fractional"), vector(structure.positions[i] * inverse(structure.cell), 4)});
    const auto addMoment = [&](const QString& name, const std::vector<Vec3>& list) {
        if (i < list.size() && list.size() == structure.size())
            facts.push_back({name, momentText(list[i])});
    };
    addMoment(Text::tr("Moment, label"), moments.label);
    addMoment(Text::tr("Moment, base"), moments.base);
    addMoment(Text::tr("Moment, tuned"), moments.tuned);
    if (moments.label.size() == structure.size() && moments.tuned.size() == structure.size() &&
        isKnown(moments.label[i]) && isKnown(moments.tuned[i]))
        facts.push_back({Text::tr("|m| tuned − label"),
                         Text::tr("%1 μB").arg(number(norm(moments.tuned[i]) - norm(moments.label[i]), 3))});
    if (i < frame.forces.size())
        facts.push_back(
            {Text::tr("Force (eV/Å)"),
             QStringLiteral("%1\n(%2)").arg(number(norm(frame.forces[i]), 4), vector(frame.forces[i], 4))});
    if (i < frame.magneticForces.size())
        facts.push_back({Text::tr("Magnetic force (eV/μB)"), vector(frame.magneticForces[i], 4)});
    if (i < moments.tunedField.size())
        facts.push_back({Text::tr("Effective field, tuned (eV/μB)"), vector(moments.tunedField[i], 4)});
    if (const QString couplings = couplingsText(structure, moments, i); !couplings.isEmpty())
        facts.push_back({Text::tr("Strongest exchange"), couplings});
    return facts;
}

AtomInspector::AtomInspector(QWidget* parent)
    : QWidget(parent),
      m_stack(new QStackedWidget),
      m_title(new QLabel),
      m_facts(nullptr)
{
    auto* hint = new QLabel(tr("Click an atom in the view or in the atom table to read it here."));
    hint->setWordWrap(true);
    hint->setAlignment(Qt::AlignTop);
    hint->setMargin(8);
    m_stack->addWidget(hint);
    m_stack->setAccessibleName(tr("Atom in view"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    QFont bold = font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_title->setText(tr("Atom"));
    m_title->setContentsMargins(8, 8, 8, 0);
    layout->addWidget(m_title);
    layout->addWidget(m_stack, 1);
}

void AtomInspector::show(const Frame* frame, const MomentSources& moments, int atom)
{
    const std::vector<AtomFact> facts = frame ? atomFacts(*frame, moments, atom) : std::vector<AtomFact>();
    delete m_facts;
    m_facts = nullptr;
    if (facts.empty())
        return;
    m_facts = new QWidget;
    auto* form = new QFormLayout(m_facts);
    form->setRowWrapPolicy(QFormLayout::WrapLongRows);
    for (const AtomFact& fact : facts) {
        auto* value = new QLabel(fact.value);
        value->setTextFormat(Qt::PlainText);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        value->setAccessibleName(fact.name);
        form->addRow(fact.name, value);
    }
    m_stack->setCurrentIndex(m_stack->addWidget(m_facts));
}

QString AtomInspector::text() const
{
    QStringList lines;
    if (m_facts)
        for (const QLabel* label : m_facts->findChildren<QLabel*>())
            if (!label->accessibleName().isEmpty())
                lines << label->accessibleName() + QStringLiteral(": ") + label->text();
    return lines.join(QLatin1Char('\n'));
}

} // namespace lodestone::gui
