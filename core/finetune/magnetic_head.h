#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// The numbers of a head, by name (kept in full in the delta file). Of the head "magnitude":
///   input_mean, input_scale [n]      standardisation of the invariants; constants
///   hidden_1_weight [n, h], hidden_1_bias [h], hidden_2_weight [h, h], hidden_2_bias [h], output_weight [h]
///   element_scale, element_bias [elements]   learnt per element
/// |m_i| = softplus(element_scale[Z] * MLP(invariants_i) + element_bias[Z]) with a sharp softplus (beta 10
/// per Bohr magneton). The invariants do not change under rotation, inversion or time reversal, so neither
/// does |m|. Those of "spin-energy" and "vector" stand in spin_energy_head.h and vector_head.h.
using HeadParameters = std::map<std::string, torch::Tensor>;

/// A head as it computes: what it is and its numbers.
struct MagneticHead {
    std::string kind; ///< magnitude | vector | spin-energy
    HeadParameters numbers;
    bool empty() const { return numbers.empty(); } ///< there is no head
};

/// Whether the head acts on given moments (GraphBatch::moments), as spin-energy and vector do.
bool needsMoments(const std::string& kind);

struct HeadStart {
    std::vector<double> inputMean;     ///< [n] over training atoms
    std::vector<double> inputScale;    ///< [n] standard deviations; zeros are replaced by 1
    std::vector<double> elementMoment; ///< [elements] mean |m| of the labelled training atoms; NaN: no label
};

/// A new head of any kind. cutoff: of the model's edges, in Angstrom.
MagneticHead initialHead(const std::string& kind, const HeadStart& start, double cutoff, std::uint64_t seed,
                         torch::Device device, torch::Dtype dtype);

/// The output weights start at zero, so that a new head answers exactly the element's mean |m|.
HeadParameters initialMagnitudeHead(const HeadStart& start, std::uint64_t seed, torch::Device device,
                                    torch::Dtype dtype);
/// Names that are trained, in a fixed order. Error for a kind that does not exist.
const std::vector<std::string>& trainedHeadNames(const std::string& kind);
/// Error if a trained tensor is missing.
std::int64_t trainedHeadCount(const MagneticHead& head);

/// |m| per atom in Bohr magnetons, [atoms] >= 0, differentiable. invariants: [atoms, n] of the last hidden
/// layer; species: [atoms] element index. Error if the head does not fit the model.
torch::Tensor momentMagnitudes(const HeadParameters& head, const torch::Tensor& invariants,
                               const torch::Tensor& species);

} // namespace lodestone
