#include "algebra/linear_shape.h"

namespace lodestone {
namespace {

std::int64_t countOf(const Irreps& in, const Irreps& out, const std::vector<FlatPath>& paths)
{
    std::int64_t count = 0;
    for (const FlatPath& path : paths)
        count += in[static_cast<std::size_t>(path.in)].multiplicity *
                 out[static_cast<std::size_t>(path.out)].multiplicity;
    return count;
}

} // namespace

Irreps merged(const Irreps& irreps)
{
    Irreps result;
    for (const IrrepBlock& block : irreps) {
        if (block.multiplicity == 0)
            continue;
        if (!result.empty() && result.back().irrep == block.irrep)
            result.back().multiplicity += block.multiplicity;
        else
            result.push_back(block);
    }
    return result;
}

std::int64_t LinearShape::weightCount() const
{
    return countOf(in, out, paths);
}

std::int64_t LinearShape::biasCount() const
{
    std::int64_t count = 0;
    for (const int block : biases)
        count += out[static_cast<std::size_t>(block)].size();
    return count;
}

std::int64_t ElementLinearShape::weightCount() const
{
    return countOf(in, out, paths) * elements;
}

} // namespace lodestone
