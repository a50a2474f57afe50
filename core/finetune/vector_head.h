#pragma once
#include "finetune/spin_energy_head.h"

namespace lodestone {

/// Head "vector" (docs/method.md; details ours): a moment for every atom from the directions s_j of the
/// given moments (unit vectors; 0 where an atom has none),
///   m_i = c_i s_i + g_i sum over neighbours j of (c_ij s_j + d_ij (r_ij . s_j) r_ij / |r_ij|^2),
/// and an energy -sum_<ij> J_ij s_i . s_j beside the model's. c_i and g_i are functions of atom i's
/// invariants, c_ij, d_ij and J_ij of both atoms' and the distance, the same from either end; they vanish
/// with two derivatives at the cutoff (head_networks.h; site outputs: c_i / moment_scale, g_i - 1; bond
/// channels: c, d, J). The moments are linear in s: reversing the pattern reverses them exactly. Turning
/// structure and pattern together turns them.
///
/// A new head answers the element's mean |m| along s and has no energy.
HeadParameters initialVectorHead(const HeadStart& start, double cutoff, std::uint64_t seed,
                                 torch::Device device, torch::Dtype dtype);

struct VectorMoments {
    torch::Tensor moments; ///< [atoms, 3] Bohr magneton
    SpinTerms terms;       ///< of the energy: exchange in eV between unit vectors
};
/// Differentiable in head, invariants and vectors. Error as of spinTerms().
VectorMoments vectorMoments(const HeadParameters& head, const torch::Tensor& invariants,
                            const torch::Tensor& vectors, const GraphBatch& batch);

} // namespace lodestone
