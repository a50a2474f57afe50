#pragma once
#include <array>
#include <cstddef>
#include <filesystem>
#include <vector>

namespace lodestone {

/// Exchange between two atoms of a frame; between an atom and its own images too. Atoms counted from 0.
struct ExchangeBond {
    std::size_t one = 0, other = 0;
    std::array<int, 3> shift = {}; ///< cells from `one` to the image of `other`
    double distance = 0;           ///< Angstrom
    double exchange = 0;           ///< J, > 0 ferromagnetic; unit: ExchangeUnit
};

/// eV/Bohr magneton^2, where moments have their lengths; or eV between unit vectors.
enum class ExchangeUnit { PerSquaredMoment, PerUnitVectors };

/// One list of bonds a frame, each bond once.
struct ExchangeTable {
    ExchangeUnit unit = ExchangeUnit::PerSquaredMoment;
    std::vector<std::vector<ExchangeBond>> frames;
};

/// A CSV file with one line a bond: frame, i, j (from 0), shift_a, shift_b, shift_c, distance, J.
void writeExchangeTable(const std::filesystem::path& path, const ExchangeTable& table);
/// Reads what writeExchangeTable() wrote: as many frames as the last one named (frames without bonds at the
/// end are not known). Error with the line where it is no such table, or longer than 64 MiB.
ExchangeTable readExchangeTable(const std::filesystem::path& path);

} // namespace lodestone
