#include "formats/hdf5_units.h"
#include "base/text.h"

#include <array>
#include <string>
#include <utility>

namespace lodestone {
namespace {

// CODATA 2018 (E. Tiesinga et al., Rev. Mod. Phys. 93, 025010).
constexpr double hartree = 27.211386245988;                       // eV
constexpr double bohr = 0.529177210903;                           // Angstrom
constexpr double elementaryCharge = 1.602176634e-19;              // C, exact
constexpr double avogadro = 6.02214076e23;                        // 1/mol, exact
constexpr double jouleAMol = 1.0 / (elementaryCharge * avogadro); // eV
constexpr double gigapascal = 1e9 * 1e-30 / elementaryCharge;     // eV/Angstrom^3

using Named = std::pair<std::string_view, double>;

constexpr std::array<Named, 20> energies = {{{"ev", 1},
                                             {"electronvolt", 1},
                                             {"electronvolts", 1},
                                             {"mev", 1e-3},
                                             {"hartree", hartree},
                                             {"hartrees", hartree},
                                             {"ha", hartree},
                                             {"eh", hartree},
                                             {"mha", 1e-3 * hartree},
                                             {"rydberg", hartree / 2},
                                             {"ry", hartree / 2},
                                             {"kcal/mol", 4184 * jouleAMol},
                                             {"kcalmol^-1", 4184 * jouleAMol},
                                             {"kilocalorie/mole", 4184 * jouleAMol},
                                             {"kilocalorie_per_mole", 4184 * jouleAMol},
                                             {"kj/mol", 1000 * jouleAMol},
                                             {"kjmol^-1", 1000 * jouleAMol},
                                             {"kilojoule/mole", 1000 * jouleAMol},
                                             {"kilojoule_per_mole", 1000 * jouleAMol},
                                             {"joule/mole", jouleAMol}}};
constexpr std::array<Named, 8> lengths = {{{"angstrom", 1},
                                           {"angstroms", 1},
                                           {"ang", 1},
                                           {"a", 1},
                                           {"bohr", bohr},
                                           {"a0", bohr},
                                           {"nm", 10},
                                           {"nanometer", 10}}};
constexpr std::array<Named, 2> pressures = {{{"gpa", gigapascal}, {"kbar", gigapascal / 10}}};
constexpr std::array<Named, 5> moments = {
    {{"bohr_magneton", 1}, {"bohr_magnetons", 1}, {"mu_b", 1}, {"mub", 1}, {"bohrmagneton", 1}}};

template<std::size_t size>
std::optional<double> among(const std::array<Named, size>& names, std::string_view name)
{
    for (const auto& [known, factor] : names)
        if (known == name)
            return factor;
    return std::nullopt;
}

/// Lower case without blanks; the letters Å and μ become "a" and "mu".
std::string plain(std::string_view name)
{
    std::string text = lowered(name);
    const auto replace = [&text](std::string_view what, std::string_view by) {
        for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
            text.replace(at, what.size(), by);
    };
    for (const char* letter : {"\xc3\x85", "\xc3\xa5", "\xe2\x84\xab"}) // U+00C5, U+00E5, U+212B
        replace(letter, "a");
    for (const char* letter : {"\xce\xbc", "\xc2\xb5"}) // U+03BC, U+00B5
        replace(letter, "mu");
    replace(" ", "");
    replace("**", "^");
    replace("*", "");
    return text;
}

/// What may stand under an energy: "/bohr", "/angstrom^3", "angstrom^-1", "/mub".
std::optional<Unit> energyOver(double energy, std::string_view rest)
{
    const bool inverse = !rest.starts_with('/');
    if (!inverse)
        rest.remove_prefix(1);
    for (const auto& [exponent, dimension] : {std::pair{1, Dimension::Force}, {3, Dimension::Stress}}) {
        const std::string power = inverse         ? "^-" + std::to_string(exponent)
                                  : exponent == 1 ? std::string()
                                                  : "^" + std::to_string(exponent);
        if (!rest.ends_with(power))
            continue;
        if (const auto length = among(lengths, rest.substr(0, rest.size() - power.size())))
            return Unit{dimension, energy / (exponent == 1 ? *length : *length * *length * *length)};
    }
    if (!inverse && among(moments, rest))
        return Unit{Dimension::MagneticForce, energy};
    return std::nullopt;
}

} // namespace

const UnitSystem atomicUnits = {bohr, hartree};
const UnitSystem hartreesAndAngstroms = {1, hartree};

std::optional<Unit> unitNamed(std::string_view name)
{
    const std::string text = plain(name);
    if (const auto length = among(lengths, text))
        return Unit{Dimension::Length, *length};
    if (const auto pressure = among(pressures, text))
        return Unit{Dimension::Stress, *pressure};
    if (among(moments, text))
        return Unit{Dimension::Moment, 1};
    if (const auto energy = among(energies, text))
        return Unit{Dimension::Energy, *energy};
    for (const auto& [energy, factor] : energies)
        if (text.starts_with(energy))
            if (const auto unit = energyOver(factor, std::string_view(text).substr(energy.size())))
                return unit;
    return std::nullopt;
}

const char* examplesOf(Dimension dimension)
{
    switch (dimension) {
    case Dimension::Length:
        return "angstrom or bohr";
    case Dimension::Energy:
        return "eV or hartree";
    case Dimension::Force:
        return "eV/angstrom or hartree/bohr";
    case Dimension::Stress:
        return "eV/angstrom^3 or GPa";
    case Dimension::Moment:
        return "bohr_magneton";
    case Dimension::MagneticForce:
        return "eV/bohr_magneton";
    }
    return "";
}

double UnitSystem::factor(Dimension dimension) const
{
    switch (dimension) {
    case Dimension::Length:
        return length;
    case Dimension::Energy:
    case Dimension::MagneticForce:
        return energy;
    case Dimension::Force:
        return energy / length;
    case Dimension::Stress:
        return energy / (length * length * length);
    case Dimension::Moment:
        break;
    }
    return 1;
}

} // namespace lodestone
