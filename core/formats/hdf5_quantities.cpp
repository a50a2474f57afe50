#include "formats/hdf5_quantities.h"
#include "base/text.h"

namespace lodestone {
namespace {

// SPICE (openmm/spice-dataset, downloader/README.md).
const KnownSet spice = {"dft_total_energy", "dft_total_gradient", &atomicUnits};
// ANI-1x and ANI-1ccx (J. S. Smith et al., Sci. Data 7, 134 (2020), table 1).
const KnownSet ani1x = {"wb97x_dz.energy", "wb97x_dz.forces", &hartreesAndAngstroms};
// ANI-1 (J. S. Smith et al., Sci. Data 4, 170193 (2017)).
const KnownSet ani1 = {"energies", "", &hartreesAndAngstroms};
// Transition1x (M. Schreiner et al., Sci. Data 9, 779 (2022)): Angstrom and eV.
const KnownSet transition1x = {"wB97x_6-31G(d).energy", "wB97x_6-31G(d).forces", nullptr};

} // namespace

Quantity quantityNamed(const std::string& array)
{
    const std::string name = lowered(array);
    const auto has = [&](std::string_view word) { return name.find(word) != std::string::npos; };
    const auto atAnEnd = [&](std::string_view word) {
        return name.starts_with(word) || name.ends_with(word);
    };
    if (name == "weight" || name == "config_weight")
        return Quantity::Weight;
    if (has("mag_force") || has("magnetic_force") || has("force_mag") || has("forces_mag"))
        return Quantity::MagneticForces;
    if (has("magmom") || has("magnetic_moment") || name == "moments" || name == "moment" || name == "spins")
        return Quantity::Moments;
    if (name.ends_with("gradient") || name.ends_with("gradients"))
        return Quantity::Gradient;
    if (atAnEnd("force") || atAnEnd("forces"))
        return Quantity::Forces;
    if (atAnEnd("stress"))
        return Quantity::Stress;
    if (atAnEnd("virial") || atAnEnd("virials"))
        return Quantity::Virial;
    return atAnEnd("energy") || name.ends_with("energies") ? Quantity::Energy : Quantity::Other;
}

Dimension dimensionOf(Quantity quantity)
{
    switch (quantity) {
    case Quantity::Forces:
    case Quantity::Gradient:
        return Dimension::Force;
    case Quantity::Stress:
        return Dimension::Stress;
    case Quantity::Moments:
        return Dimension::Moment;
    case Quantity::MagneticForces:
        return Dimension::MagneticForce;
    default:
        return Dimension::Energy;
    }
}

bool isOfAtoms(Quantity quantity)
{
    return quantity == Quantity::Forces || quantity == Quantity::Gradient || quantity == Quantity::Moments ||
           quantity == Quantity::MagneticForces;
}

const KnownSet* knownSetWith(std::string_view array)
{
    for (const KnownSet* set : {&spice, &ani1x, &transition1x})
        if (array == set->energy || array == set->forces)
            return set;
    return array == "energiesHE" ? &ani1 : nullptr; // beside "energies"
}

std::string nameOfLabel(const std::string& array, Quantity quantity, const KnownSet* known)
{
    if (known && array == known->energy)
        return "energy";
    if (known && array == known->forces)
        return "forces";
    if (quantity == Quantity::Energy && lowered(array) == "energies")
        return "energy";
    if (quantity == Quantity::Gradient)
        return array.substr(0, lowered(array).rfind("gradient")) + "forces";
    return array;
}

} // namespace lodestone
