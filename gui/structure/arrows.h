#pragma once
#include "structure/scene.h"

#include <map>

namespace lodestone::gui {

/// Adds the moment arrows and their legend to a scene that has its atoms and bonds (part of buildScene).
void addArrows(const SceneInput& input, const std::map<int, Rgb>& elementColours,
               const std::vector<Vec3>& shifts, SceneArrays& scene);

/// Length of the part of an arrow that lies beyond its atom's centre (half of a centred arrow), in Angstrom:
/// half `length`, but never so short that less than `stub` of it looks out of the sphere.
double arrowHalfLength(double length, double sphereRadius, double stub);

} // namespace lodestone::gui
