#include "crystal/exchange.h"

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

#include <limits>

namespace lodestone {
namespace {

constexpr std::string_view columns = "frame,i,j,shift_a,shift_b,shift_c,distance,";
constexpr std::string_view perSquaredMoment = "J_eV_per_muB2", perUnitVectors = "J_eV";
constexpr long long mostFrames = 1'000'000;

/// One line, taken apart at its commas.
class Fields {
public:
    Fields(std::string_view line, std::string where) : m_rest(line), m_where(std::move(where)) {}
    long long integer(long long low, long long high)
    {
        const auto value = parseInteger(next());
        if (!value || *value < low || *value > high)
            refuse();
        return *value;
    }
    double real()
    {
        const auto value = parseReal(next());
        if (!value)
            refuse();
        return *value;
    }
    bool done() const { return m_done; }
    [[noreturn]] void refuse() const { fail("{}: is no line of a table of exchange couplings.", m_where); }

private:
    std::string_view next()
    {
        if (m_done)
            refuse();
        const std::size_t comma = m_rest.find(',');
        const std::string_view field = m_rest.substr(0, comma);
        m_done = comma == std::string_view::npos;
        m_rest.remove_prefix(m_done ? m_rest.size() : comma + 1);
        return trimmed(field);
    }

    std::string_view m_rest;
    std::string m_where;
    bool m_done = false;
};

} // namespace

void writeExchangeTable(const std::filesystem::path& path, const ExchangeTable& table)
{
    std::string text = fmt::format(
        "{}{}\n", columns, table.unit == ExchangeUnit::PerUnitVectors ? perUnitVectors : perSquaredMoment);
    for (std::size_t f = 0; f < table.frames.size(); ++f)
        for (const ExchangeBond& bond : table.frames[f])
            text += fmt::format("{},{},{},{},{},{},{:.10g},{:.10g}\n", f, bond.one, bond.other, bond.shift[0],
                                bond.shift[1], bond.shift[2], bond.distance, bond.exchange);
    writeFileAtomically(path, text);
}

ExchangeTable readExchangeTable(const std::filesystem::path& path)
{
    constexpr std::uintmax_t longest = std::uintmax_t{64} << 20;
    const std::string text = readFile(path, longest);
    ExchangeTable table;
    std::size_t number = 0;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const std::string_view line = trimmed(std::string_view(text).substr(start, end - start));
        start = end + 1;
        ++number;
        Fields fields(line, fmt::format("{}, line {}", path.string(), number));
        if (number == 1) {
            if (!line.starts_with(columns))
                fields.refuse();
            const std::string_view unit = line.substr(columns.size());
            if (unit != perSquaredMoment && unit != perUnitVectors)
                fields.refuse();
            table.unit =
                unit == perUnitVectors ? ExchangeUnit::PerUnitVectors : ExchangeUnit::PerSquaredMoment;
            continue;
        }
        if (line.empty())
            continue;
        constexpr long long far = std::numeric_limits<int>::max();
        ExchangeBond bond;
        const auto frame = static_cast<std::size_t>(fields.integer(0, mostFrames));
        bond.one = static_cast<std::size_t>(fields.integer(0, far));
        bond.other = static_cast<std::size_t>(fields.integer(0, far));
        for (int& step : bond.shift)
            step = static_cast<int>(fields.integer(-far, far));
        bond.distance = fields.real();
        bond.exchange = fields.real();
        if (!fields.done())
            fields.refuse();
        if (table.frames.size() <= frame)
            table.frames.resize(frame + 1);
        table.frames[frame].push_back(bond);
    }
    if (number == 0)
        fail("{}: is empty; a table of exchange couplings begins with the names of its columns.",
             path.string());
    return table;
}

} // namespace lodestone
