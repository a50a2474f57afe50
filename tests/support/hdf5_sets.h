#pragma once
#include "support/foreign_hdf5.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

// Data sets as others lay them out in HDF5.
namespace lodestone::test {

using Reals = std::vector<double>;
using Whole = std::vector<std::int64_t>;

inline constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

/// `count` numbers from `first` on in steps of one.
inline Reals counting(double first, std::size_t count)
{
    Reals numbers(count);
    for (std::size_t k = 0; k < count; ++k)
        numbers[k] = first + static_cast<double>(k);
    return numbers;
}

/// A configuration of iron and oxygen as MACE's preprocess_data writes it; `first` shows in its numbers.
inline void putConfig(ForeignHdf5& w, const std::string& group, double first)
{
    w.numbers(group + "/atomic_numbers", Whole{26, 8}, {2});
    w.numbers(group + "/positions", counting(first, 6), {2, 3});
    w.numbers(group + "/cell", Reals{4, 0, 0, 0, 5, 0, 0, 1, 6}, {3, 3}).logicals(group + "/pbc", {1, 1, 1});
    w.number(group + "/weight", first == 0 ? 1.0 : 2.0).text(group + "/config_type", "bulk");
    const std::string properties = group + "/properties/";
    const std::string weights = group + "/property_weights/";
    w.number(properties + "energy", first - 100).number(weights + "energy", 1);
    w.numbers(properties + "forces", counting(first + 10, 6), {2, 3}).number(weights + "forces", 1);
    w.numbers(properties + "stress", counting(1, 6), {6}).number(weights + "stress", first == 0 ? 1.0 : 3.0);
    w.text(properties + "virials", "None").number(weights + "virials", 0);
    w.numbers(properties + "dipole", Reals{0, 0, 1}, {3}).number(weights + "dipole", 1);
    w.numbers(properties + "charges", Reals{1, -1}, {2}).number(weights + "charges", 1);
    w.text(properties + "head", "Default");
}
/// A molecule of two frames with all units said.
inline void putMolecule(ForeignHdf5& w, const std::string& group)
{
    w.numbers(group + "/atomic_numbers", std::vector<std::uint8_t>{1, 8}, {2});
    w.numbers(group + "/coordinates", counting(0, 12), {2, 2, 3}).units(group + "/coordinates", "angstrom");
    w.numbers(group + "/energies", Reals{-1, -2}, {2}).units(group + "/energies", "eV");
}

} // namespace lodestone::test
