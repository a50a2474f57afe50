#pragma once
#include "crystal/structure.h"

namespace lodestone {

/// All atoms in an order in which near ones mostly follow near ones: along Morton's curve through cubes of
/// 0.5 Angstrom and their multiples by powers of two. Atoms outside the cell count where their image inside
/// it lies; atoms within one cube keep their order. Where the given order leads as near from atom to atom, up
/// to a quarter farther, it stays. Throws Error as completedCell() does.
std::vector<std::int32_t> orderInSpace(const Structure& structure);

} // namespace lodestone
