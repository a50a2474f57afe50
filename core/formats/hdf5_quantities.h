#pragma once
#include "formats/hdf5_units.h"

#include <string>
#include <string_view>

namespace lodestone {

/// What an array holds, by its name.
enum class Quantity { Energy, Forces, Gradient, Stress, Virial, Moments, MagneticForces, Weight, Other };

Quantity quantityNamed(const std::string& array);
Dimension dimensionOf(Quantity quantity);
/// Whether every atom has one.
bool isOfAtoms(Quantity quantity);

/// A set whose arrays come without units, but which says elsewhere what they are; and which of its arrays are
/// the energy and the forces (or the gradient) of its own method.
struct KnownSet {
    std::string_view energy;
    std::string_view forces;
    const UnitSystem* units = nullptr; ///< none: Lodestone's
};
/// By the name of an array that only that set has.
const KnownSet* knownSetWith(std::string_view array);

/// Under what name the labels of an array are kept: that of the array, unless none would know it.
std::string nameOfLabel(const std::string& array, Quantity quantity, const KnownSet* known);

} // namespace lodestone
