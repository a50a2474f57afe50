#pragma once
#include "crystal/structure.h"

#include <string>

namespace lodestone {

struct SpaceGroup {
    int number = 0;     ///< International Tables, 1..230
    std::string symbol; ///< international (Hermann-Mauguin) short symbol, "Fm-3m"
};

/// Space group of the atoms (elements and positions; moments are not looked at), found with spglib.
/// `tolerance` in Angstrom is how far atoms may be from their symmetric places. Throws Error for structures
/// that are not periodic in three directions and where spglib finds none (atoms on top of each other,
/// tolerance too large).
SpaceGroup spaceGroup(const Structure& structure, double tolerance = 1e-3);

} // namespace lodestone
