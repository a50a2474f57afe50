#pragma once
#include "finetune/head_networks.h"

namespace lodestone {

/// Head "spin-energy" (docs/method.md): an energy of given moments m_i beside the model's,
///   sum_i (a_i |m_i|^2 + b_i |m_i|^4) - sum_<ij> J_ij m_i . m_j,
/// every bond <ij> once (bonds between images too). a_i of either sign and b_i > 0 are functions of atom i's
/// invariants, J_ij = J_ji of both atoms' invariants and their distance, zero with two derivatives at the
/// cutoff (head_networks.h; site outputs: a, b; bond channel: J). a_i < 0 is what gives an atom a moment of
/// its own; as b_i > 0 the energy has a minimum in the moments, whatever a and J are. Only scalar products of
/// moments enter: reversing or turning all spins changes nothing. Atoms without a moment take no part.
///
/// A new head has J = 0 and, for each element, the double well whose minimum is the mean |m| of the training
/// atoms, 1e-5 eV deep: next to no energy, so that reference energies are fitted without it.
HeadParameters initialSpinEnergyHead(const HeadStart& start, double cutoff, std::uint64_t seed,
                                     torch::Device device, torch::Dtype dtype);

/// Coefficients of the energy for one batch, and the vectors that it is a function of.
struct SpinTerms {
    torch::Tensor moments; ///< [atoms, 3] Bohr magneton (head vector: unit vectors); 0: no moment
    torch::Tensor square;  ///< a [atoms], eV/Bohr magneton^2; undefined: 0
    torch::Tensor fourth;  ///< b [atoms], eV/Bohr magneton^4; undefined: 0
    SpinBonds bonds;
    torch::Tensor exchange; ///< J [bonds], eV/Bohr magneton^2; J > 0 is ferromagnetic
};
/// Differentiable in head, invariants and vectors. Error if the batch has no moments or the head does not fit
/// the model.
SpinTerms spinTerms(const HeadParameters& head, const torch::Tensor& invariants, const torch::Tensor& vectors,
                    const GraphBatch& batch);

/// The energy by atoms, [atoms] in eV: half of each bond to either end.
torch::Tensor spinEnergy(const SpinTerms& terms);
/// Effective fields -dE/dm, [atoms, 3] in eV/Bohr magneton; 0 for atoms without a moment.
torch::Tensor magneticForces(const SpinTerms& terms);
/// What of vectors [atoms, 3] is perpendicular to the moments [atoms, 3]; 0 where there is no moment.
torch::Tensor perpendicularTo(const torch::Tensor& moments, const torch::Tensor& vectors);

} // namespace lodestone
