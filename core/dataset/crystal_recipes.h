#pragma once
#include "crystal/structure.h"

namespace lodestone {

/// A simple crystal of one or two elements.
struct CrystalRecipe {
    /// fcc | bcc | diamond of one element; rocksalt | cesium-chloride | zincblende of two
    std::string lattice;
    std::vector<int> elements; ///< atomic numbers, one or two as the lattice asks for
};

/// `count` recipes over `elements` (atomic numbers), drawn by `seed`, the same on every platform: elements
/// and pairs in turn. Those whose elements are all in `avoid` are left out, unless nothing else is left.
/// Error if there is no element.
std::vector<CrystalRecipe> drawRecipes(const std::vector<int>& elements, const std::vector<int>& avoid,
                                       std::size_t count, std::uint64_t seed);

/// The conventional cell (2 to 8 atoms) in which nearest neighbours are `scale` times the sum of their
/// covalent radii apart.
Structure makeCrystal(const CrystalRecipe& recipe, double scale);

/// Strained by a symmetric matrix of entries up to `strain` and with every atom moved by up to `rattle`
/// (Angstrom) along each axis, drawn by `seed`.
void disturb(Structure& structure, double strain, double rattle, std::uint64_t seed);

} // namespace lodestone
