#pragma once
#include "base/json.h"
#include "crystal/exchange.h"
#include "finetune/spin_energy_head.h"
#include "finetune/spin_relaxation.h"

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

struct FrameSpins {
    std::vector<ExchangeBond> bonds; ///< each once
    std::optional<RelaxedSpins> relaxed;
};
/// Of every graph of a batch. terms: without history, on any device.
std::vector<FrameSpins> spinsOf(const SpinTerms& terms, const GraphBatch& batch, const SpinWishes& wishes);
/// The relaxed moments of all graphs, [atoms, 3] in float64.
torch::Tensor relaxedMoments(const std::vector<FrameSpins>& graphs);

/// The bonds of all frames, in the unit of this head.
ExchangeTable exchangeTable(const std::vector<const FrameSpins*>& frames, const std::string& head);
/// {"converged": frames, "largest_field": eV/Bohr magneton}.
Json relaxationSummary(const std::vector<const FrameSpins*>& frames);

} // namespace lodestone
