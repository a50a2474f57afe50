#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// Text for HTML and SVG, in elements and in quoted attributes: & < > " ' become entities, control characters
/// spaces, and bytes that are no UTF-8 U+FFFD.
std::string escapedText(std::string_view text);

/// A number that the page shows, so that it can be found and computed again: an attribute
/// data-number="SECTION:POINTER" (JSON pointer, RFC 6901, into what the section's command prints), and
/// data-factor where the shown number is another multiple of it, data-over (a pointer too) where it is
/// divided by another number. Empty section: no attribute.
struct NumberSource {
    std::string section;
    std::string pointer;
    double factor = 1;
    std::string over = {};
    std::string attributes() const; ///< with a leading space
};

struct SvgPoint {
    double x = 0;
    double y = 0;
};

/// Writes one picture: user units are CSS pixels, y goes down. Only what SVG Tiny 1.2 has, which Qt SVG draws
/// too; no style sheet, script or reference.
class Svg {
public:
    Svg(double width, double height);

    void line(SvgPoint from, SvgPoint to, std::string_view colour, double width = 1, bool dashed = false);
    void rectangle(SvgPoint corner, double width, double height, std::string_view fill,
                   std::string_view stroke = "none");
    void polyline(const std::vector<SvgPoint>& points, std::string_view colour, double width = 1.2,
                  bool dashed = false);
    /// Small squares around points, as one path.
    void squares(const std::vector<SvgPoint>& points, double side, std::string_view colour, double opacity);

    struct TextStyle {
        double size = 8.5;
        std::string_view anchor = "start"; ///< start | middle | end
        std::string_view colour = "#222222";
        bool bold = false;
        bool upwards = false; ///< turned by 90 degrees
        NumberSource number = {};
    };
    void text(SvgPoint at, std::string_view text, const TextStyle& style);

    /// The whole element.
    std::string finish() const { return m_text + "</svg>"; }

private:
    std::string m_text;
};

} // namespace lodestone
