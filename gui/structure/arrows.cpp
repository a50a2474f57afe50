#include "structure/arrows.h"

#include "crystal/elements.h"
#include "widgets/palette.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QLocale>
#include <algorithm>
#include <cmath>

namespace lodestone::gui {

namespace {

constexpr Rgb up = {214, 39, 40}, down = {38, 98, 222}, across = {140, 140, 140}, unknown = {150, 150, 150};
constexpr double defaultBond = 2.5; // Angstrom, for lone atoms
constexpr int rampSteps = 65;

Rgb fromColour(const QColor& c)
{
    return {std::uint8_t(c.red()), std::uint8_t(c.green()), std::uint8_t(c.blue())};
}

Rgb blend(const Rgb& a, const Rgb& b, double t)
{
    Rgb result;
    for (int d = 0; d < 3; ++d)
        result[d] = std::uint8_t(std::lround(a[d] + t * (b[d] - a[d])));
    return result;
}

/// cosine in -1..1 between a moment and the axis.
Rgb directionColour(double cosine)
{
    return cosine >= 0 ? blend(across, up, cosine) : blend(across, down, -cosine);
}

struct Text {
    Q_DECLARE_TR_FUNCTIONS(lodestone::gui::Arrows)
};

/// Two significant digits are enough beside a colour bar.
QString number(double value)
{
    return QLocale::c().toString(value, 'g', 2);
}

struct Colouring {
    double largest = 0; ///< |moment| in Bohr magnetons
    double largestError = 0;
};

Rgb colourOf(const SceneInput& input, const std::map<int, Rgb>& elements, const Colouring& range,
             std::size_t atom)
{
    const Vec3& m = input.moments[atom];
    switch (input.options.arrowColour) {
    case ArrowColour::Direction:
        return directionColour(std::clamp(dot(m, input.options.axis) / norm(m), -1.0, 1.0));
    case ArrowColour::Magnitude:
        return fromColour(sequentialColour(norm(m) / range.largest));
    case ArrowColour::Element:
        return elements.at(input.species[atom]);
    case ArrowColour::Error:
        break;
    }
    if (atom >= input.momentErrors.size() || !std::isfinite(input.momentErrors[atom]))
        return unknown;
    return fromColour(
        divergingColour(range.largestError > 0 ? input.momentErrors[atom] / range.largestError : 0));
}

Legend legendOf(const SceneInput& input, const std::map<int, Rgb>& elements, const Colouring& range)
{
    Legend legend;
    const double unit = input.areFields ? 1000 : 1; // fields are shown in meV
    const auto ramp = [&](const auto& colourAt) {
        for (int n = 0; n < rampSteps; ++n)
            legend.ramp.push_back(colourAt(double(n) / (rampSteps - 1)));
    };
    switch (input.options.arrowColour) {
    case ArrowColour::Direction:
        legend.title = (input.areFields ? Text::tr("Field along %1") : Text::tr("Moment along %1"))
                           .arg(input.options.axisName);
        ramp([](double t) { return directionColour(2 * t - 1); });
        legend.marks = {Text::tr("down"), Text::tr("across"), Text::tr("up")};
        break;
    case ArrowColour::Magnitude:
        legend.title = input.areFields ? Text::tr("|−dE/dm| (meV/μB)") : Text::tr("|m| (μB)");
        ramp([](double t) { return fromColour(sequentialColour(t)); });
        legend.marks = {number(0), number(unit * range.largest / 2), number(unit * range.largest)};
        break;
    case ArrowColour::Element:
        legend.title = input.areFields ? Text::tr("Fields on") : Text::tr("Moments of");
        for (const auto& [z, colour] : elements)
            legend.entries.push_back(
                {QString::fromUtf8(elementSymbol(z).data(), int(elementSymbol(z).size())), colour});
        break;
    case ArrowColour::Error:
        legend.title = Text::tr("|m| tuned − label (μB)");
        ramp([](double t) { return fromColour(divergingColour(2 * t - 1)); });
        legend.marks = {QStringLiteral("−") + number(range.largestError), number(0),
                        QStringLiteral("+") + number(range.largestError)};
        break;
    }
    return legend;
}

} // namespace

double arrowHalfLength(double length, double sphereRadius, double stub)
{
    return std::max(0.5 * length, sphereRadius + stub);
}

void addArrows(const SceneInput& input, const std::map<int, Rgb>& elements, const std::vector<Vec3>& shifts,
               SceneArrays& scene)
{
    const SceneOptions& options = input.options;
    Colouring range;
    for (const Vec3& m : input.moments)
        if (std::isfinite(norm(m)))
            range.largest = std::max(range.largest, norm(m));
    for (double e : input.momentErrors)
        if (std::isfinite(e))
            range.largestError = std::max(range.largestError, std::abs(e));
    // Fields know no common limit below which they are nothing: what is a hundred times below the largest.
    const double hideBelow = input.areFields ? 0.01 * range.largest : options.hideBelow;
    if (range.largest <= 0 || range.largest < hideBelow)
        return;
    const double bond = scene.shortestBond > 0 ? scene.shortestBond : defaultBond;
    scene.arrowScale = options.arrowLength * bond / range.largest;
    const double shaftRadius = 0.045 * bond * options.arrowWidth;
    const double headRadius = 2.5 * shaftRadius;
    const double stub = 0.12 * bond;
    for (std::size_t i = 0; i < input.moments.size(); ++i) {
        const double m = norm(input.moments[i]);
        if (!std::isfinite(m) || m < hideBelow || m <= 0)
            continue;
        const Vec3 direction = (1 / m) * input.moments[i];
        const double sphere = options.atomScale * covalentRadius(input.species[i]);
        const double half = arrowHalfLength(scene.arrowScale * m, sphere, stub);
        const double length = 2 * half;
        // The head is slim and stays outside the sphere where the arrow is long enough.
        const double head = std::clamp(half - sphere, 0.6 * stub, 2.6 * headRadius);
        const double start = options.arrowAnchor == ArrowAnchor::Centre ? -half
                             : options.arrowAnchor == ArrowAnchor::Base ? 0
                                                                        : -length;
        const Rgb colour = colourOf(input, elements, range, i);
        for (const Vec3& shift : shifts) {
            const Vec3 tail = input.positions[i] + shift + start * direction;
            scene.shafts.add(tail + 0.5 * (length - head) * direction, direction, length - head, shaftRadius,
                             colour);
            scene.heads.add(tail + (length - 0.5 * head) * direction, direction, head,
                            std::min(headRadius, 0.9 * head), colour);
        }
    }
    if (scene.shafts.size() > 0)
        scene.legend = legendOf(input, elements, range);
}

} // namespace lodestone::gui
