#pragma once
#include "crystal/structure.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What the readers of VASP's OUTCAR and vasprun.xml share.
namespace lodestone {

/// Numbers in fixed Fortran columns, one after the other. Columns that run together at a minus sign
/// ("7.176543225-17.962901370") are still unambiguous and are taken apart; "********" (a number wider than
/// its column), columns that run together otherwise, NaN and infinities are no numbers. Every number must
/// have a decimal point, so that "0.165-164" (an exponent without its letter) is not taken for two numbers.
class FortranNumbers {
public:
    explicit FortranNumbers(std::string_view line) : m_rest(line) {}
    /// False if there is no further number; the rest of the line is then of no use.
    bool next(double& number);
    bool atEnd();

private:
    std::string_view m_rest;
};

/// Whether `line` is exactly as many numbers as `numbers` has room for.
bool readNumbers(std::string_view line, std::span<double> numbers);

/// Problems of steps; those of one kind are counted together in the notes, however many there are.
inline constexpr const char* cutOffStep = "the output ends within the step";
inline constexpr const char* unconvergedStep =
    "the electronic loop ended before EDIFF was reached (raise NELM and run it again)";
inline constexpr const char* unreadableStep =
    "numbers cannot be read; VASP's columns may have run over or together";
inline constexpr const char* miscountedStep = "the numbers of atoms do not agree";
inline constexpr const char* modelStep =
    "the step has no electronic loop; it is a result of VASP's machine-learned force field";

/// One ionic step as the files give it. Usable unless `problem` is set.
struct VaspStep {
    std::size_t line = 0;             ///< where it begins
    std::optional<Mat3> cell;         ///< rows, Angstrom
    std::vector<Vec3> positions;      ///< Cartesian, Angstrom
    std::vector<double> forces;       ///< eV/Angstrom, three an atom
    std::optional<Mat3> pressure;     ///< kBar, compression positive, as VASP prints it
    std::optional<double> freeEnergy; ///< eV, F = E - TS, consistent with the forces
    std::optional<double> energy;     ///< eV, extrapolated to no smearing
    std::optional<AtomArray> moments; ///< Bohr magneton
    const char* problem = nullptr;    ///< why it cannot be used, one of the sentences below
    std::string detail;               ///< what stands there
    std::size_t problemLine = 0;

    /// Keeps the first problem.
    void refuse(const char* why, std::size_t atLine, std::string whatIsThere = {});
    bool complete() const { return cell && !forces.empty() && freeEnergy && energy; }
};

/// Collects the usable steps of a file, and sentences about the others.
class VaspSteps {
public:
    explicit VaspSteps(const std::string& origin) : m_origin(origin) {}

    /// A step that has no problem becomes a structure: info "energy", "free_energy" (eV) and "stress"
    /// (eV/Angstrom^3, tension positive, nine numbers), arrays "forces" and "magmoms".
    void add(VaspStep&& step, const std::vector<int>& species);
    std::size_t count() const { return m_count; }
    bool anyMoments() const { return m_moments > 0; }
    /// Adds the notes. Throws Error if no step was usable; `lines` is the number of lines of the file.
    std::vector<Structure> finish(std::size_t lines, std::vector<std::string>* notes);

private:
    struct LeftOut {
        const char* problem = nullptr;
        std::string detail; ///< of the first one, as step and line
        std::size_t count = 0;
        std::size_t step = 0;
        std::size_t line = 0;
    };
    const std::string& m_origin;
    std::vector<Structure> m_structures;
    std::vector<LeftOut> m_leftOut;
    std::size_t m_count = 0;
    std::size_t m_moments = 0;
};

/// "Fe" of "Fe_pv", "H" of "H1.25": the atomic number of the element a potential is for.
std::optional<int> elementOfPotential(std::string_view name);

void addNote(std::vector<std::string>* notes, std::string sentence);

} // namespace lodestone
