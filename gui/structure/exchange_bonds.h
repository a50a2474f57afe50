#pragma once
#include "structure/scene.h"

namespace lodestone::gui {

/// Adds the exchange couplings as coloured bonds, with their legend (part of buildScene). Each bond is drawn
/// as two halves, one at each atom, so that bonds to images end at the middle on either side of the cell. At
/// most `exchangeBondsAtMost`, the strongest; `note` says so.
void addExchangeBonds(const SceneInput& input, const std::vector<Vec3>& shifts, SceneArrays& scene);

inline constexpr std::size_t exchangeBondsAtMost = 50000; ///< with their periodic images

} // namespace lodestone::gui
