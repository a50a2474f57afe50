#include "base/error.h"
#include "crystal/elements.h"
#include "formats/extxyz_values.h"
#include "formats/formats.h"

#include <algorithm>
#include <iterator>

namespace lodestone {
namespace {

using Buffer = fmt::memory_buffer;

void append(Buffer& out, std::string_view text)
{
    out.append(text.data(), text.data() + text.size());
}

void appendReal(Buffer& out, double value)
{
    fmt::format_to(std::back_inserter(out), "{:.17g}", value);
}

std::string scalar(double value)
{
    std::string text = fmt::format("{:.17g}", value);
    // Without point or exponent it would come back as an integer.
    if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos)
        text += ".0";
    return text;
}

std::string listed(const std::vector<double>& values)
{
    std::string text;
    for (const double value : values)
        text += (text.empty() ? "" : " ") + fmt::format("{:.17g}", value);
    // A list of one or none keeps being a list only in brackets.
    return values.size() < 2 ? "[" + text + "]" : "\"" + text + "\"";
}

/// Quoted so that it reads back as the same text, even where it looks like a number (ASE's _JSON form then).
std::string quotedText(const std::string& text)
{
    const FrameValue again = frameValue({"", text, KeyValue::Style::Quoted});
    const std::string* same = std::get_if<std::string>(&again);
    if (same && *same == text)
        return inQuotes(text);
    std::string json = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            json += '\\';
        json += c;
    }
    return inQuotes("_JSON " + json + "\"");
}

bool plainName(std::string_view name)
{
    return !name.empty() && std::none_of(name.begin(), name.end(), [](char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ':' || c == '=' || c == '"';
    });
}

void appendComment(Buffer& out, const Structure& s)
{
    if (s.periodic() || s.cell != zero3) {
        append(out, "Lattice=\"");
        for (std::size_t k = 0; k < 9; ++k) {
            if (k > 0)
                append(out, " ");
            appendReal(out, s.cell[k / 3][k % 3]);
        }
        append(out, "\" ");
    }
    append(out, "Properties=species:S:1:pos:R:3");
    static constexpr std::string_view types = "RILS";
    for (const auto& [name, array] : s.arrays) {
        if (!plainName(name) || name == "species" || name == "pos")
            fail("{}: the per-atom property '{}' cannot be written as extended XYZ under this name.",
                 s.source, name);
        fmt::format_to(std::back_inserter(out), ":{}:{}:{}", name,
                       types[static_cast<std::size_t>(array.kind)], array.width);
    }
    for (const auto& [key, value] : s.info) {
        append(out, " ");
        append(out, plainName(key) ? key : inQuotes(key));
        append(out, "=");
        if (const auto* logical = std::get_if<bool>(&value))
            append(out, *logical ? "T" : "F");
        else if (const auto* integer = std::get_if<std::int64_t>(&value))
            append(out, std::to_string(*integer));
        else if (const auto* real = std::get_if<double>(&value))
            append(out, scalar(*real));
        else if (const auto* text = std::get_if<std::string>(&value))
            append(out, quotedText(*text));
        else
            append(out, listed(std::get<std::vector<double>>(value)));
    }
    fmt::format_to(std::back_inserter(out), " pbc=\"{} {} {}\"\n", s.pbc[0] ? 'T' : 'F', s.pbc[1] ? 'T' : 'F',
                   s.pbc[2] ? 'T' : 'F');
}

void appendArrayValues(Buffer& out, const AtomArray& array, std::size_t atom)
{
    const auto width = static_cast<std::size_t>(array.width);
    for (std::size_t k = atom * width; k < (atom + 1) * width; ++k) {
        append(out, " ");
        switch (array.kind) {
        case AtomArray::Kind::Real:
            appendReal(out, array.numbers[k]);
            break;
        case AtomArray::Kind::Integer:
            fmt::format_to(std::back_inserter(out), "{:.0f}", array.numbers[k]);
            break;
        case AtomArray::Kind::Logical:
            append(out, array.numbers[k] != 0.0 ? "T" : "F");
            break;
        case AtomArray::Kind::Text: {
            const std::string& text = array.texts[k];
            const bool bare = !text.empty() && text.find_first_of(" \t\r\n\"\\") == std::string::npos;
            append(out, bare ? text : inQuotes(text));
            break;
        }
        }
    }
}

} // namespace

std::string writeExtxyz(const std::vector<Structure>& structures)
{
    Buffer out;
    for (const Structure& s : structures) {
        validate(s);
        fmt::format_to(std::back_inserter(out), "{}\n", s.size());
        appendComment(out, s);
        for (std::size_t atom = 0; atom < s.size(); ++atom) {
            append(out, elementSymbol(s.species[atom]));
            for (const double x : s.positions[atom]) {
                append(out, " ");
                appendReal(out, x);
            }
            for (const auto& [name, array] : s.arrays)
                appendArrayValues(out, array, atom);
            append(out, "\n");
        }
    }
    return fmt::to_string(out);
}

} // namespace lodestone
