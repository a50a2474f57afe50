#include "structure/exchange_bonds.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QLocale>
#include <algorithm>
#include <cmath>

namespace lodestone::gui {

namespace {

constexpr double thickest = 0.08, thinnest = 0.025; // Angstrom
constexpr double meV = 1000;
constexpr int rampSteps = 65;

struct Text {
    Q_DECLARE_TR_FUNCTIONS(lodestone::gui::ExchangeBonds)
};

/// t in -1..1. Other hues than the arrows have, and light enough for a dark ground (Okabe and Ito 2008).
Rgb colourAt(double t)
{
    constexpr Rgb ferromagnetic = {230, 159, 0}, antiferromagnetic = {40, 150, 220}, none = {165, 165, 165};
    const Rgb& end = t > 0 ? ferromagnetic : antiferromagnetic;
    Rgb colour;
    for (std::size_t d = 0; d < 3; ++d)
        colour[d] = std::uint8_t(std::lround(none[d] + std::abs(t) * (end[d] - none[d])));
    return colour;
}

Legend legendOf(ExchangeUnit unit, double strongest)
{
    Legend legend;
    legend.title = unit == ExchangeUnit::PerSquaredMoment ? Text::tr("J (meV/μB²)") : Text::tr("J (meV)");
    for (int n = 0; n < rampSteps; ++n)
        legend.ramp.push_back(colourAt(2.0 * n / (rampSteps - 1) - 1));
    const QString number = QLocale::c().toString(meV * strongest, 'g', 2);
    legend.marks = {QStringLiteral("−") + number, QStringLiteral("0"), QStringLiteral("+") + number};
    return legend;
}

} // namespace

void addExchangeBonds(const SceneInput& input, const std::vector<Vec3>& shifts, SceneArrays& scene)
{
    double strongest = 0;
    for (const ExchangeBond& bond : input.exchange)
        if (std::isfinite(bond.exchange))
            strongest = std::max(strongest, std::abs(bond.exchange));
    if (strongest <= 0)
        return;
    std::vector<const ExchangeBond*> drawn;
    const std::size_t atoms = input.positions.size();
    for (const ExchangeBond& bond : input.exchange)
        if (std::abs(bond.exchange) >= input.options.exchangeAbove * strongest && bond.one < atoms &&
            bond.other < atoms)
            drawn.push_back(&bond);
    const std::size_t most = exchangeBondsAtMost / std::max<std::size_t>(1, shifts.size());
    if (drawn.size() > most) {
        std::nth_element(drawn.begin(), drawn.begin() + std::ptrdiff_t(most), drawn.end(),
                         [](const ExchangeBond* a, const ExchangeBond* b) {
                             return std::abs(a->exchange) > std::abs(b->exchange);
                         });
        scene.note = Text::tr("Of %L1 exchange bonds the %L2 strongest are drawn.")
                         .arg(qulonglong(drawn.size()))
                         .arg(qulonglong(most));
        drawn.resize(most);
    }
    for (const ExchangeBond* bond : drawn) {
        const auto& s = bond->shift;
        const Vec3 to = input.positions[bond->other] +
                        Vec3{double(s[0]), double(s[1]), double(s[2])} * input.cell -
                        input.positions[bond->one];
        const double length = norm(to);
        if (!(length > 0))
            continue;
        const double strength = bond->exchange / strongest;
        const double radius = std::max(thinnest, thickest * std::abs(strength));
        const Rgb colour = colourAt(strength);
        for (const Vec3& shift : shifts) {
            scene.exchange.add(input.positions[bond->one] + shift + 0.25 * to, (1 / length) * to,
                               0.5 * length, radius, colour);
            scene.exchange.add(input.positions[bond->other] + shift - 0.25 * to, (1 / length) * to,
                               0.5 * length, radius, colour);
        }
    }
    if (scene.exchange.size() > 0)
        scene.exchangeLegend = legendOf(input.exchangeUnit, strongest);
}

} // namespace lodestone::gui
