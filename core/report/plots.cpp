#include "report/plots.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace lodestone {
namespace {

constexpr double figureHeight = 176;
constexpr std::string_view ink = "#222222", faint = "#d9d9d9", axis = "#555555", baseColour = "#e08214",
                           tunedColour = "#2166ac";
const Svg::TextStyle plain = {};

Svg::TextStyle anchored(std::string_view anchor, double size = plain.size)
{
    Svg::TextStyle style;
    style.anchor = anchor;
    style.size = size;
    return style;
}

void title(Svg& svg, const std::string& text)
{
    Svg::TextStyle style;
    style.bold = true;
    style.size = 9;
    svg.text({2, 10}, text, style);
}

std::string tooLong(const std::string& text, std::size_t most)
{
    // Cut in the middle: what tells names apart stands at either end.
    if (text.size() <= most)
        return text;
    const std::size_t half = (most - 1) / 2;
    return text.substr(0, half) + "~" + text.substr(text.size() - half);
}

struct Range {
    double low = 0, high = 1;
};

/// Finite, and far from where differences and ratios are not.
bool isDrawn(double value, bool logarithmic)
{
    constexpr double most = 1e100, least = 1e-100;
    return std::abs(value) <= most && (!logarithmic || value >= least);
}

/// Of the values that are drawn; nothing if there are none.
std::optional<Range> rangeOf(const std::vector<const std::vector<double>*>& lists, bool positive)
{
    std::optional<Range> range;
    for (const std::vector<double>* values : lists)
        for (const double v : *values) {
            if (!isDrawn(v, positive))
                continue;
            range = range ? Range{std::min(range->low, v), std::max(range->high, v)} : Range{v, v};
        }
    if (range && range->low == range->high) {
        const double room = positive ? 0 : std::max(std::abs(range->low), 1e-12) / 2;
        range =
            positive ? Range{range->low / 2, range->high * 2} : Range{range->low - room, range->high + room};
    }
    return range;
}

/// A little room around the curves, so that none lies on the frame.
Range widened(const Range& range, bool logarithmic)
{
    constexpr double room = 0.05;
    if (logarithmic) {
        const double factor = std::pow(range.high / range.low, room);
        return {range.low / factor, range.high * factor};
    }
    const double span = room * (range.high - range.low);
    return {range.low - span, range.high + span};
}

/// 1, 2 or 5 times a power of ten, so that three to five steps fit.
double niceStep(double span)
{
    const double raw = span / 5.5, power = std::pow(10, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= raw)
            return factor * power;
    return 10 * power;
}

std::vector<double> ticks(const Range& range, bool logarithmic)
{
    std::vector<double> result;
    if (logarithmic) {
        const bool few = range.high / range.low < 30;
        for (int e = int(std::floor(std::log10(range.low))); e <= int(std::ceil(std::log10(range.high))); ++e)
            for (const double factor : {1.0, 2.0, 5.0}) {
                const double v = factor * std::pow(10, e);
                if ((factor == 1 || few) && v >= range.low * 0.999 && v <= range.high * 1.001)
                    result.push_back(v);
            }
        if (result.size() > 1) // else the range is so short that even steps look the same
            return result;
        result.clear();
    }
    const double step = niceStep(range.high - range.low), first = std::ceil(range.low / step);
    // Where the range is hardly more than what tells two numbers apart, steps are lost in rounding.
    constexpr double mostTicks = 20, mostSteps = 1e12;
    if (!(std::abs(first) < mostSteps))
        return {range.low};
    for (double k = first; k < first + mostTicks && k * step <= range.high + 1e-9 * step; ++k)
        result.push_back(k * step + 0.0);
    return result;
}

/// The rectangle of a plot, its scales, axes and labels.
class Axes {
public:
    Axes(Svg& svg, const PlotLabels& labels, const Range& x, const Range& y, double bottom)
        : m_x(x),
          m_y(y),
          m_bottom(bottom),
          m_logarithmic(labels.logarithmic)
    {
        for (const double v : ticks(x, false)) {
            const double place = at(v, y.low).x;
            svg.line({place, s_top}, {place, m_bottom}, faint, 0.5);
            svg.text({place, m_bottom + 9}, fmt::format("{:g}", v), anchored("middle", 7.5));
        }
        for (const double v : ticks(y, m_logarithmic)) {
            const double place = at(x.low, v).y;
            svg.line({s_left, place}, {s_right, place}, faint, 0.5);
            svg.text({s_left - 3, place + 2.6}, fmt::format("{:g}", v), anchored("end", 7.5));
        }
        svg.rectangle({s_left, s_top}, s_right - s_left, m_bottom - s_top, "none", axis);
        svg.text({(s_left + s_right) / 2, m_bottom + 19}, labels.x, anchored("middle"));
        Svg::TextStyle upwards = anchored("middle");
        upwards.upwards = true;
        svg.text({8, (s_top + m_bottom) / 2}, labels.y, upwards);
    }
    SvgPoint at(double x, double y) const
    {
        const auto share = [](double v, double low, double high) { return (v - low) / (high - low); };
        const double up = m_logarithmic ? share(std::log(y), std::log(m_y.low), std::log(m_y.high))
                                        : share(y, m_y.low, m_y.high);
        return {s_left + share(x, m_x.low, m_x.high) * (s_right - s_left),
                m_bottom - up * (m_bottom - s_top)};
    }
    std::vector<SvgPoint> points(const std::vector<double>& x, const std::vector<double>& y) const
    {
        std::vector<SvgPoint> result;
        for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i)
            if (isDrawn(x[i], false) && isDrawn(y[i], m_logarithmic))
                result.push_back(at(x[i], y[i]));
        return result;
    }

private:
    static constexpr double s_left = 46, s_right = figureWidth - 8, s_top = 16;
    Range m_x, m_y;
    double m_bottom;
    bool m_logarithmic;
};

/// Names with their colours in one row below the plot.
void legend(Svg& svg, const std::vector<std::pair<std::string, std::string>>& entries)
{
    double x = 46;
    for (const auto& [name, colour] : entries) {
        svg.rectangle({x, figureHeight - 9}, 8, 5, colour);
        svg.text({x + 11, figureHeight - 4}, name, anchored("start", 7.5));
        x += 20 + 4.6 * double(name.size());
    }
}

std::string nothingToShow(const std::string& heading)
{
    Svg svg(figureWidth, 40);
    title(svg, heading);
    svg.text({2, 28}, "The run has recorded nothing to show here.", plain);
    return svg.finish();
}

/// White to dark blue, lightness falling evenly; t in 0..1.
std::string shade(double t)
{
    struct Colour {
        double r, g, b;
    };
    constexpr Colour anchors[] = {
        {247, 251, 255}, {198, 219, 239}, {107, 174, 214}, {33, 113, 181}, {8, 48, 107}};
    const double place = std::clamp(t, 0.0, 1.0) * 4;
    const auto i = std::min<std::size_t>(3, std::size_t(place));
    const double f = place - double(i);
    const auto mix = [f](double a, double b) { return int(std::lround(a + f * (b - a))); };
    return fmt::format("#{:02x}{:02x}{:02x}", mix(anchors[i].r, anchors[i + 1].r),
                       mix(anchors[i].g, anchors[i + 1].g), mix(anchors[i].b, anchors[i + 1].b));
}

double nameWidth(const std::vector<std::string>& names, std::size_t most)
{
    std::size_t longest = 1;
    for (const std::string& name : names)
        longest = std::max(longest, std::min(name.size(), most));
    return 5.0 * double(longest) + 6;
}

} // namespace

std::string linePlot(const PlotLabels& labels, const std::vector<Series>& series)
{
    std::vector<const std::vector<double>*> xs, ys;
    for (const Series& s : series) {
        xs.push_back(&s.x);
        ys.push_back(&s.y);
    }
    const auto x = rangeOf(xs, false), y = rangeOf(ys, labels.logarithmic);
    if (!x || !y)
        return nothingToShow(labels.title);
    Svg svg(figureWidth, figureHeight);
    title(svg, labels.title);
    const Axes axes(svg, labels, *x, widened(*y, labels.logarithmic), figureHeight - 36);
    std::vector<std::pair<std::string, std::string>> names;
    for (const Series& s : series) {
        svg.polyline(axes.points(s.x, s.y), s.colour, 1.2, s.dashed);
        if (!s.name.empty())
            names.emplace_back(s.name, s.colour);
    }
    legend(svg, names);
    return svg.finish();
}

std::string parityPlot(const PlotLabels& labels, const std::vector<double>& label,
                       const std::vector<double>& base, const std::vector<double>& tuned)
{
    auto range = rangeOf({&label, &base, &tuned}, false);
    if (!range)
        return nothingToShow(labels.title);
    range = widened(*range, false);
    Svg svg(figureWidth, figureHeight);
    title(svg, labels.title);
    const Axes axes(svg, labels, *range, *range, figureHeight - 36);
    svg.line(axes.at(range->low, range->low), axes.at(range->high, range->high), axis, 0.8);
    svg.squares(axes.points(label, base), 2.2, baseColour, 0.6);
    svg.squares(axes.points(label, tuned), 2.2, tunedColour, 0.6);
    legend(svg, {{"base", std::string(baseColour)}, {"tuned", std::string(tunedColour)}});
    return svg.finish();
}

std::string heatMapFigure(const HeatMap& map)
{
    double largest = 0;
    for (const auto& row : map.cells)
        for (const auto& cell : row)
            if (cell && std::isfinite(cell->value))
                largest = std::max(largest, cell->value);
    if (map.rows.empty() || map.columns.empty())
        return nothingToShow(map.title);
    constexpr std::size_t mostLetters = 20;
    const double left = nameWidth(map.rows, mostLetters), top = 30;
    const double width = std::min(64.0, (figureWidth - left - 4) / double(map.columns.size()));
    const double height = std::clamp((figureHeight - top - 6) / double(map.rows.size()), 11.0, 26.0);
    Svg svg(figureWidth, top + height * double(map.rows.size()) + 6);
    title(svg, map.title);
    for (std::size_t c = 0; c < map.columns.size(); ++c)
        svg.text({left + (double(c) + 0.5) * width, top - 4}, map.columns[c],
                 anchored("middle", width < 22 ? 6.5 : 8));
    for (std::size_t r = 0; r < map.rows.size(); ++r) {
        const double y = top + double(r) * height;
        svg.text({left - 4, y + height / 2 + 3}, tooLong(map.rows[r], mostLetters), anchored("end", 8));
        for (std::size_t c = 0; c < map.columns.size(); ++c) {
            const auto& cell = map.cells[r][c];
            const SvgPoint corner{left + double(c) * width, y};
            if (!cell || !std::isfinite(cell->value)) {
                svg.rectangle(corner, width, height, "#eeeeee", "#ffffff");
                continue;
            }
            const double t = largest > 0 ? cell->value / largest : 0;
            svg.rectangle(corner, width, height, shade(t), "#cccccc");
            Svg::TextStyle style = anchored("middle", width < 26 ? 6 : 7.5);
            style.colour = t > 0.5 ? "#ffffff" : ink;
            style.number = cell->number;
            svg.text({corner.x + width / 2, y + height / 2 + 2.8}, cell->text, style);
        }
    }
    return svg.finish();
}

std::string barChart(const std::string& heading, const std::vector<Bar>& bars)
{
    double low = 0, high = 0;
    for (const Bar& bar : bars)
        if (std::isfinite(bar.value)) {
            low = std::min(low, bar.value);
            high = std::max(high, bar.value);
        }
    if (bars.empty() || low == high)
        return nothingToShow(heading);
    constexpr std::size_t mostLetters = 22;
    std::vector<std::string> names;
    for (const Bar& bar : bars)
        names.push_back(bar.name);
    // Room for the numbers at the right end, and at the left one where a bar points there.
    const double textWidth = 38, top = 18;
    const double left = nameWidth(names, mostLetters) + (low < 0 ? textWidth : 0);
    const double scale = (figureWidth - left - textWidth) / (high - low);
    const double height = std::clamp((figureHeight - top - 4) / double(bars.size()), 10.0, 18.0);
    Svg svg(figureWidth, top + height * double(bars.size()) + 4);
    title(svg, heading);
    const double zero = left - low * scale;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const Bar& bar = bars[i];
        const double y = top + double(i) * height, middle = y + height / 2 + 2.8;
        svg.text({nameWidth(names, mostLetters) - 4, middle}, tooLong(bar.name, mostLetters),
                 anchored("end", 7.5));
        if (!std::isfinite(bar.value))
            continue;
        const double end = zero + bar.value * scale;
        svg.rectangle({std::min(zero, end), y + 2}, std::abs(end - zero), height - 4,
                      bar.value < 0 ? baseColour : tunedColour);
        Svg::TextStyle style = anchored(bar.value < 0 ? "end" : "start", 7.5);
        style.number = bar.number;
        svg.text({end + (bar.value < 0 ? -2 : 2), middle}, bar.text, style);
    }
    svg.line({zero, top}, {zero, top + height * double(bars.size())}, axis, 0.8);
    return svg.finish();
}

} // namespace lodestone
