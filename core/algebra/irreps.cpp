#include "algebra/irreps.h"

#include "base/error.h"
#include "base/text.h"

namespace lodestone {
namespace {

constexpr int maxDegree = 12;
constexpr long long maxMultiplicity = 1000000;

int naturalParity(int l)
{
    return l % 2 == 0 ? 1 : -1;
}

} // namespace

bool operator<(const Irrep& a, const Irrep& b)
{
    if (a.l != b.l)
        return a.l < b.l;
    // The natural parity comes first.
    return b.parity * naturalParity(b.l) < a.parity * naturalParity(a.l);
}

std::string toString(const Irrep& irrep)
{
    return std::to_string(irrep.l) + (irrep.parity > 0 ? "e" : "o");
}

std::string toString(const IrrepBlock& block)
{
    return std::to_string(block.multiplicity) + "x" + toString(block.irrep);
}

std::string toString(const Irreps& irreps)
{
    std::string text;
    for (const IrrepBlock& block : irreps)
        text += (text.empty() ? "" : " + ") + toString(block);
    return text;
}

Irreps parseIrreps(std::string_view text)
{
    Irreps irreps;
    std::string_view rest = text;
    while (true) {
        const std::size_t plus = rest.find('+');
        const std::string_view part = trimmed(rest.substr(0, plus));
        const std::size_t times = part.find('x');
        const std::string_view irrep = times == std::string_view::npos ? part : part.substr(times + 1);
        const std::string_view count = times == std::string_view::npos ? "1" : part.substr(0, times);
        const long long multiplicity = parseInteger(count).value_or(-1);
        const long long degree =
            irrep.size() < 2 ? -1 : parseInteger(irrep.substr(0, irrep.size() - 1)).value_or(-1);
        const bool known = !irrep.empty() && (irrep.back() == 'e' || irrep.back() == 'o');
        if (!known || multiplicity < 0 || multiplicity > maxMultiplicity || degree < 0 || degree > maxDegree)
            fail("\"{}\" in the irreps \"{}\" is not of the form 64x1o (multiplicity, l from 0 to {}, parity "
                 "e or o).",
                 part, text, maxDegree);
        irreps.push_back({multiplicity, {static_cast<int>(degree), irrep.back() == 'e' ? 1 : -1}});
        if (plus == std::string_view::npos)
            return irreps;
        rest.remove_prefix(plus + 1);
    }
}

std::int64_t sizeOf(const Irreps& irreps)
{
    std::int64_t size = 0;
    for (const IrrepBlock& block : irreps)
        size += block.size();
    return size;
}

std::int64_t multiplicityOf(const Irreps& irreps, const Irrep& irrep)
{
    std::int64_t multiplicity = 0;
    for (const IrrepBlock& block : irreps)
        if (block.irrep == irrep)
            multiplicity += block.multiplicity;
    return multiplicity;
}

Irreps sphericalIrreps(int lMax)
{
    Irreps irreps;
    for (int l = 0; l <= lMax; ++l)
        irreps.push_back({1, {l, naturalParity(l)}});
    return irreps;
}

} // namespace lodestone
