#include "formats/cif_block.h"
#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <gemmi/cif.hpp>

namespace lodestone {
namespace {

std::string normalisedTag(const std::string& tag)
{
    std::string name = lowered(tag);
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
}

} // namespace

std::string CifBlock::first(const std::vector<std::string>& tags) const
{
    for (const std::string& tag : tags)
        for (const std::string& value : column(tag))
            if (!value.empty())
                return value;
    return {};
}

std::vector<std::string> CifBlock::column(const std::string& tag) const
{
    std::vector<std::string> values;
    const auto place = places.find(tag);
    if (place == places.end())
        return values;
    const Table& table = tables[place->second.table];
    for (std::size_t k = place->second.column; k < table.values.size(); k += table.width)
        values.push_back(table.values[k]);
    return values;
}

int CifBlock::line(const std::string& tag) const
{
    const auto place = places.find(tag);
    return place == places.end() ? 0 : tables[place->second.table].line;
}

std::optional<std::string> CifBlock::tagStartingWith(std::string_view prefix) const
{
    const auto next = places.lower_bound(std::string(prefix));
    if (next == places.end() || next->first.compare(0, prefix.size(), prefix) != 0)
        return std::nullopt;
    return next->first;
}

std::vector<CifBlock> parseCif(std::string_view text, const std::string& origin)
{
    namespace cif = gemmi::cif;
    std::vector<CifBlock> blocks;
    // CIF 1.1 is ASCII and gemmi's grammar holds files to that, yet names of authors often are not. Nothing
    // that is read here can be: other bytes are blotted out, which keeps lines and columns.
    std::string ascii(text);
    for (char& c : ascii)
        if (static_cast<unsigned char>(c) >= 0x80)
            c = '_';
    try {
        const cif::Document document = cif::read_memory(ascii.data(), ascii.size(), origin.c_str());
        for (const cif::Block& source : document.blocks) {
            CifBlock block;
            block.origin = fmt::format("{}, data block '{}'", origin, source.name);
            for (const cif::Item& item : source.items) {
                CifBlock::Table table;
                table.line = item.line_number;
                const std::size_t index = block.tables.size();
                if (item.type == cif::ItemType::Pair) {
                    table.values = {cif::as_string(item.pair[1])};
                    block.places.try_emplace(normalisedTag(item.pair[0]), CifBlock::Place{index, 0});
                } else if (item.type == cif::ItemType::Loop) {
                    table.width = item.loop.tags.size();
                    table.values.reserve(item.loop.values.size());
                    for (const std::string& value : item.loop.values)
                        table.values.push_back(cif::as_string(value));
                    for (std::size_t k = 0; k < table.width; ++k)
                        block.places.try_emplace(normalisedTag(item.loop.tags[k]), CifBlock::Place{index, k});
                } else {
                    continue;
                }
                block.tables.push_back(std::move(table));
            }
            blocks.push_back(std::move(block));
        }
    } catch (const std::exception& error) { // gemmi's and PEGTL's; they name file, line and column
        fail("{} (reading it as a CIF file).", error.what());
    }
    return blocks;
}

std::optional<double> parseCifNumber(std::string_view text)
{
    text = trimmed(text);
    if (!text.empty() && text.back() == ')')
        text = text.substr(0, text.find('('));
    const std::size_t slash = text.find('/');
    if (slash != std::string_view::npos) {
        const auto numerator = parseReal(text.substr(0, slash));
        const auto denominator = parseReal(text.substr(slash + 1));
        if (!numerator || !denominator || *denominator == 0.0)
            return std::nullopt;
        return *numerator / *denominator;
    }
    const auto number = parseReal(text);
    return number && std::isfinite(*number) ? number : std::nullopt;
}

} // namespace lodestone
