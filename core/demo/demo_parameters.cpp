#include "base/error.h"
#include "demo/magnetic_model.h"

namespace lodestone {
namespace {

constexpr int oxygen = 8, iron = 26, nickel = 28;

/// Pre-training: ferromagnetic metals of ordinary size.
MagneticModel setA()
{
    MagneticModel model;
    model.species[oxygen] = {.energy = -2.0, .magnetic = false, .densityWeight = 0.5};
    model.species[iron] = {.energy = -1.0,
                           .magnetic = true,
                           .stiffness = 0.34,
                           .criticalDensity = 10.5,
                           .quartic = 0.008,
                           .densityWeight = 1.0};
    model.species[nickel] = {.energy = -0.7,
                             .magnetic = true,
                             .stiffness = 0.20,
                             .criticalDensity = 9.0,
                             .quartic = 0.022,
                             .densityWeight = 0.9};
    model.pairs[{iron, iron}] = {0.46, 1.45, 2.60, 0.0060, 2.25};
    model.pairs[{iron, nickel}] = {0.48, 1.50, 2.55, 0.0080, 2.10};
    model.pairs[{nickel, nickel}] = {0.44, 1.50, 2.55, 0.0070, 2.10};
    model.pairs[{oxygen, iron}] = {0.90, 1.70, 2.00, 0, 2.0};
    model.pairs[{oxygen, nickel}] = {0.80, 1.75, 2.00, 0, 2.0};
    model.pairs[{oxygen, oxygen}] = {0.08, 1.50, 2.90, 0, 2.0};
    return model;
}

/// The new domain: longer and softer metal bonds, stronger moments, and an iron-iron exchange that turns
/// antiferromagnetic below 2.75 Angstrom.
MagneticModel setB()
{
    MagneticModel model = setA();
    model.species[oxygen].energy += 0.2;
    model.species[iron].energy += 0.6;
    model.species[nickel].energy -= 0.3;
    model.species[iron].stiffness = 0.44;
    model.species[iron].criticalDensity = 9.0;
    model.species[nickel].stiffness = 0.26;
    model.species[nickel].criticalDensity = 7.8;
    model.pairs[{iron, iron}] = {0.36, 1.30, 2.82, 0.0080, 2.75};
    model.pairs[{iron, nickel}] = {0.42, 1.35, 2.76, 0.0100, 2.30};
    model.pairs[{nickel, nickel}] = {0.36, 1.40, 2.74, 0.0070, 2.30};
    model.pairs[{oxygen, iron}] = {0.80, 1.55, 2.18, 0, 2.0};
    model.pairs[{oxygen, nickel}] = {0.74, 1.60, 2.16, 0, 2.0};
    return model;
}

} // namespace

MagneticModel demoModel(char set)
{
    if (set != 'A' && set != 'B')
        fail<InternalError>("The demo has parameter sets A and B, not {}.", set);
    return set == 'A' ? setA() : setB();
}

} // namespace lodestone
