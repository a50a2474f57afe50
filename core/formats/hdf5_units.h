#pragma once
#include <optional>
#include <string_view>

namespace lodestone {

enum class Dimension { Length, Energy, Force, Stress, Moment, MagneticForce };

struct Unit {
    Dimension dimension = Dimension::Energy;
    double factor = 1; ///< a number in this unit times this is in Lodestone's
};

/// "hartree/bohr", "eV/Å", "kcal/mol", "GPa", "bohr_magneton", in any case; nothing if it is not understood.
std::optional<Unit> unitNamed(std::string_view name);
/// "eV or hartree", for sentences.
const char* examplesOf(Dimension dimension);

/// Units that belong together.
struct UnitSystem {
    double length = 1; ///< in Angstrom
    double energy = 1; ///< in eV
    double factor(Dimension dimension) const;
};
extern const UnitSystem atomicUnits;          ///< bohr, hartree
extern const UnitSystem hartreesAndAngstroms; ///< of quantum chemistry

} // namespace lodestone
