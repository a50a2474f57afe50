#pragma once
#include "base/linalg.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace lodestone {

/// One named property of every atom: `width` values an atom, row by row. Numbers of files' types R, I and L
/// are kept as double; text (type S) as strings.
struct AtomArray {
    enum class Kind { Real, Integer, Logical, Text };
    Kind kind = Kind::Real;
    int width = 1;
    std::vector<double> numbers;    ///< [atoms * width], unless Text
    std::vector<std::string> texts; ///< [atoms * width], only for Text
};

/// One named property of the whole frame: logical, integer, real, text, or a list of numbers (a 3x3 matrix:
/// nine).
using FrameValue = std::variant<bool, std::int64_t, double, std::string, std::vector<double>>;

/// Atoms in a cell. Nothing is wrapped or standardised on reading.
struct Structure {
    Mat3 cell = zero3; ///< rows are a, b, c in Angstrom; a zero row where there is no lattice vector
    std::array<bool, 3> pbc = {false, false, false};
    std::vector<int> species;                ///< atomic numbers, [atoms]
    std::vector<Vec3> positions;             ///< Cartesian, Angstrom, [atoms]
    std::map<std::string, AtomArray> arrays; ///< other per-atom properties under the file's names
    std::map<std::string, FrameValue> info;  ///< other frame properties under the file's names
    std::string source;                      ///< "file.extxyz, frame 3, line 120", for messages

    std::size_t size() const { return species.size(); }
    bool periodic() const { return pbc[0] || pbc[1] || pbc[2]; }
    /// |det cell| in Angstrom^3; 0 if the cell does not span a volume.
    double volume() const { return std::abs(determinant(cell)); }
};

/// "Ni16O16", "La4Mn4O12": electropositive elements first (element sequence of the IUPAC Red Book 2005, table
/// VI: by group, heavier before lighter; hydrogen stands between the nitrogen and the oxygen group). With
/// carbon and hydrogen in it "C2H5NO" (Hill order).
std::string formula(const Structure& structure);

/// The cell with unit vectors, perpendicular to everything periodic, in the place of open directions: always
/// invertible, so that every structure has fractional coordinates. Throws Error (with structure.source)
/// unless the vectors of the periodic directions are finite and linearly independent.
Mat3 completedCell(const Structure& structure);

/// Throws Error (with structure.source) unless sizes agree, all numbers are finite, species are 1..118 and
/// the cell vectors of periodic directions are linearly independent.
void validate(const Structure& structure);

} // namespace lodestone
