#pragma once
#include "base/linalg.h"
#include "formats/cif_block.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// x' = rotation x + translation on columns of fractional coordinates; timeReversal -1 turns moments round as
/// well.
struct SymmetryOperation {
    Mat3 rotation = identity3;
    Vec3 translation = {};
    int timeReversal = 1;
};

/// "x+1/2,-y,z" or, magnetic, "x+1/2,-y,z,-1". Nothing if the text is no operation with a whole-number
/// rotation of determinant +1 or -1.
std::optional<SymmetryOperation> parseOperation(std::string_view text);

struct SymmetryOperations {
    std::vector<SymmetryOperation> operations; ///< centring translations multiplied in
    bool magnetic = false;                     ///< time reversal is known
    std::string note;                          ///< where they come from, if not from the list in the file
};

/// The operations of a block: the magnetic list, else the plain list, else those of the space group named
/// (Hall symbol, Hermann-Mauguin symbol or number, gemmi's tables), else the identity. Throws Error for
/// operations that cannot be read.
SymmetryOperations symmetryOf(const CifBlock& block);

} // namespace lodestone
