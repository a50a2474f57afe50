#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// Irreducible representation of O(3): degree l and parity p = +1 (e) or -1 (o).
struct Irrep {
    int l = 0;
    int parity = 1;
    int size() const { return 2 * l + 1; }
    bool operator==(const Irrep&) const = default;
};
/// The order of e3nn: by l, the natural parity (-1)^l first: 0e 0o 1o 1e 2e 2o ...
bool operator<(const Irrep& a, const Irrep& b);
/// "1o".
std::string toString(const Irrep& irrep);

/// `multiplicity` copies of one irrep.
struct IrrepBlock {
    std::int64_t multiplicity = 0;
    Irrep irrep;
    std::int64_t size() const { return multiplicity * irrep.size(); }
    bool operator==(const IrrepBlock&) const = default;
};

/// A direct sum, "128x0e + 64x1o". Features of e3nn store the blocks one after another, each as multiplicity
/// x (2l+1).
using Irreps = std::vector<IrrepBlock>;

/// Reads "128x0e + 64x1o", "0e+1o"; throws Error naming the text and the part that is wrong (l up to 12,
/// multiplicity up to 1e6).
Irreps parseIrreps(std::string_view text);
std::string toString(const IrrepBlock& block);
std::string toString(const Irreps& irreps);
/// Number of values of one feature row.
std::int64_t sizeOf(const Irreps& irreps);
/// Summed multiplicity of one irrep; 0 if it does not occur.
std::int64_t multiplicityOf(const Irreps& irreps, const Irrep& irrep);

/// Irreps of the spherical harmonics up to lMax: one of each l with its natural parity.
Irreps sphericalIrreps(int lMax);

} // namespace lodestone
