#include "report/html.h"

#include "report/plots.h"

#include <cmath>

namespace lodestone {
namespace {

const Json* find(const Json& json, const std::string& pointer)
{
    try {
        const Json::json_pointer path(pointer);
        return json.contains(path) ? &json.at(path) : nullptr;
    } catch (const Json::exception&) {
        return nullptr; // an index that is none
    }
}

std::string span(const Json& json, const NumberSource& source, std::string (*show)(double))
{
    const auto value = numberIn(json, source.pointer);
    const auto over = source.over.empty() ? std::optional<double>(1) : numberIn(json, source.over);
    return value && over && *over != 0
               ? fmt::format("<span{}>{}</span>", source.attributes(), show(*value * source.factor / *over))
               : std::string("-");
}

} // namespace

std::optional<double> numberIn(const Json& json, const std::string& pointer)
{
    const Json* found = find(json, pointer);
    if (!found || !found->is_number() || !std::isfinite(found->get<double>()))
        return std::nullopt;
    return found->get<double>();
}

std::string textIn(const Json& json, const std::string& pointer)
{
    const Json* found = find(json, pointer);
    return found && found->is_string() ? found->get<std::string>() : std::string();
}

std::string pointerToken(std::string_view key)
{
    std::string token;
    for (const char c : key)
        if (c == '~')
            token += "~0";
        else if (c == '/')
            token += "~1";
        else
            token += c;
    return token;
}

std::string shownReal(double value)
{
    return fmt::format("{:.4g}", value);
}

std::string shownCount(double value)
{
    std::string digits = fmt::format("{:.0f}", value);
    for (std::ptrdiff_t i = std::ptrdiff_t(digits.size()) - 3; i > (digits.starts_with('-') ? 1 : 0); i -= 3)
        digits.insert(std::size_t(i), ",");
    return digits;
}

std::string realSpan(const Json& json, const NumberSource& source)
{
    return span(json, source, shownReal);
}

std::string countSpan(const Json& json, const NumberSource& source)
{
    return span(json, source, shownCount);
}

std::string htmlTable(const std::vector<std::vector<std::string>>& rows, std::size_t left)
{
    std::string html = R"(<table class="data" width="100%" cellspacing="0" cellpadding="2">)";
    for (std::size_t r = 0; r < rows.size(); ++r) {
        html += "<tr>";
        for (std::size_t c = 0; c < rows[r].size(); ++c)
            html += fmt::format(R"(<{0} align="{1}">{2}</{0}>)", r == 0 ? "th" : "td",
                                c < left ? "left" : "right", rows[r][c]);
        html += "</tr>\n";
    }
    return html + "</table>\n";
}

std::string figureRows(const std::vector<std::string>& figures)
{
    const std::size_t rows = (figures.size() + figuresAcross - 1) / figuresAcross;
    const std::size_t across = rows > 0 ? (figures.size() + rows - 1) / rows : 0;
    std::string html = R"(<table class="figures" width="100%" cellspacing="0" cellpadding="2"><tr>)";
    for (std::size_t i = 0; i < figures.size(); ++i)
        html += fmt::format(R"({}<td valign="top">{}</td>)", i > 0 && i % across == 0 ? "</tr><tr>" : "",
                            figures[i]);
    return html + "</tr></table>\n";
}

std::string againLine(const std::string& section, const std::string& command, const std::string& note)
{
    return fmt::format(R"(<p class="again">Again: <code data-section="{}">{}</code>{}{}</p>)"
                       "\n",
                       escapedText(section), escapedText(command), note.empty() ? "" : " ", note);
}

} // namespace lodestone
