#pragma once
#include "base/json.h"
#include "finetune/spin_energy_head.h"
#include "finetune/spin_relaxation.h"

#include <filesystem>
#include <optional>

namespace lodestone {

/// What is wanted of a head that acts on given moments, beside energies and fields.
struct SpinWishes {
    bool bonds = false;       ///< the exchange coupling of every bond
    bool relax = false;       ///< spin-energy only: the moments of lowest energy instead of the given ones
    bool keepLengths = false; ///< relax: turn them only
};
/// Error if the head (empty: none) cannot give what is wanted.
void requireWishes(const SpinWishes& wishes, const std::string& head);

/// Exchange between two atoms of a frame; between an atom and its own images too. Atoms counted from 0.
struct ExchangeBond {
    std::size_t one = 0, other = 0;
    std::array<int, 3> shift = {}; ///< cells from `one` to the image of `other`
    double distance = 0;           ///< Angstrom
    double exchange = 0; ///< J, > 0 ferromagnetic: eV/Bohr magneton^2 (vector: eV between unit vectors)
};
struct FrameSpins {
    std::vector<ExchangeBond> bonds; ///< each once
    std::optional<RelaxedSpins> relaxed;
};
/// Of every graph of a batch. terms: without history, on any device.
std::vector<FrameSpins> spinsOf(const SpinTerms& terms, const GraphBatch& batch, const SpinWishes& wishes);
/// The relaxed moments of all graphs, [atoms, 3] in float64.
torch::Tensor relaxedMoments(const std::vector<FrameSpins>& graphs);

/// A table with one line a bond: frame, i, j (from 0), shift_a, shift_b, shift_c, distance, J.
void writeBonds(const std::filesystem::path& path, const std::vector<const FrameSpins*>& frames,
                const std::string& head);
/// {"converged": frames, "largest_field": eV/Bohr magneton}.
Json relaxationSummary(const std::vector<const FrameSpins*>& frames);

} // namespace lodestone
