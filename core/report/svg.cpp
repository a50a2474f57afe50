#include "report/svg.h"

#include <cmath>
#include <fmt/format.h>

namespace lodestone {
namespace {

/// Bytes of the UTF-8 sequence (RFC 3629) that begins at `at`; 0 if there is none.
std::size_t sequenceLength(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const unsigned first = byte(at), second = byte(at + 1);
    const auto follows = [](unsigned b) { return b >= 0x80 && b <= 0xBF; };
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return follows(second) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned least = first == 0xE0 ? 0xA0 : 0x80, most = first == 0xED ? 0x9F : 0xBF;
        return second >= least && second <= most && follows(byte(at + 2)) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned least = first == 0xF0 ? 0x90 : 0x80, most = first == 0xF4 ? 0x8F : 0xBF;
        return second >= least && second <= most && follows(byte(at + 2)) && follows(byte(at + 3)) ? 4 : 0;
    }
    return 0;
}

/// A coordinate with a tenth of a pixel; what is not finite stays out of the file.
std::string px(double value)
{
    return std::isfinite(value) ? fmt::format("{:.1f}", value) : "0";
}

std::string dashes(bool dashed)
{
    return dashed ? R"( stroke-dasharray="3,2")" : "";
}

} // namespace

std::string escapedText(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = sequenceLength(text, i);
        if (length == 0) {
            out += "\xEF\xBF\xBD";
            ++i;
            continue;
        }
        const char c = text[i];
        if (length > 1)
            out += text.substr(i, length);
        else if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\'')
            out += "&#39;";
        else
            out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
        i += length;
    }
    return out;
}

std::string NumberSource::attributes() const
{
    if (section.empty())
        return {};
    std::string text = fmt::format(R"( data-number="{}:{}")", escapedText(section), escapedText(pointer));
    if (factor != 1)
        text += fmt::format(R"( data-factor="{:g}")", factor);
    if (!over.empty())
        text += fmt::format(R"( data-over="{}")", escapedText(over));
    return text;
}

Svg::Svg(double width, double height)
    : m_text(fmt::format(
          R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" )"
          R"(font-family="DejaVu Sans, Verdana, sans-serif">)",
          px(width), px(height)))
{
}

void Svg::line(SvgPoint from, SvgPoint to, std::string_view colour, double width, bool dashed)
{
    m_text += fmt::format(R"(<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{:g}"{}/>)",
                          px(from.x), px(from.y), px(to.x), px(to.y), colour, width, dashes(dashed));
}

void Svg::rectangle(SvgPoint corner, double width, double height, std::string_view fill,
                    std::string_view stroke)
{
    m_text += fmt::format(
        R"(<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}" stroke-width="0.7"/>)",
        px(corner.x), px(corner.y), px(width), px(height), fill, stroke);
}

void Svg::polyline(const std::vector<SvgPoint>& points, std::string_view colour, double width, bool dashed)
{
    if (points.size() < 2)
        return;
    std::string list;
    for (const SvgPoint& p : points)
        list += fmt::format("{}{},{}", list.empty() ? "" : " ", px(p.x), px(p.y));
    m_text += fmt::format(R"(<polyline points="{}" fill="none" stroke="{}" stroke-width="{:g}"{}/>)", list,
                          colour, width, dashes(dashed));
}

void Svg::squares(const std::vector<SvgPoint>& points, double side, std::string_view colour, double opacity)
{
    if (points.empty())
        return;
    std::string path;
    for (const SvgPoint& p : points)
        path += fmt::format("M{} {}h{side}v{side}h-{side}z", px(p.x - side / 2), px(p.y - side / 2),
                            fmt::arg("side", px(side)));
    m_text += fmt::format(R"(<path d="{}" fill="{}" fill-opacity="{:g}"/>)", path, colour, opacity);
}

void Svg::text(SvgPoint at, std::string_view text, const TextStyle& style)
{
    m_text += fmt::format(
        R"(<text x="{0}" y="{1}" font-size="{2:g}" text-anchor="{3}" fill="{4}" stroke="none"{5}{6}{7}>{8}</text>)",
        px(at.x), px(at.y), style.size, style.anchor, style.colour,
        style.bold ? R"( font-weight="bold")" : "",
        style.upwards ? fmt::format(R"x( transform="rotate(-90 {} {})")x", px(at.x), px(at.y)) : "",
        style.number.attributes(), escapedText(text));
}

} // namespace lodestone
