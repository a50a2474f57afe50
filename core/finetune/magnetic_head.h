#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <torch/types.h>
#include <vector>

namespace lodestone {

/// The numbers of the head "magnitude", by name (kept in full in the delta file):
///   input_mean, input_scale [n]      standardisation of the invariants; constants
///   hidden_1_weight [n, h], hidden_1_bias [h], hidden_2_weight [h, h], hidden_2_bias [h], output_weight [h]
///   element_scale, element_bias [elements]   learnt per element
/// |m_i| = softplus(element_scale[Z] * MLP(invariants_i) + element_bias[Z]) with a sharp softplus (beta 10
/// per Bohr magneton). The invariants do not change under rotation, inversion or time reversal, so neither
/// does |m|.
using HeadParameters = std::map<std::string, torch::Tensor>;

struct HeadStart {
    std::vector<double> inputMean;     ///< [n] over training atoms
    std::vector<double> inputScale;    ///< [n] standard deviations; zeros are replaced by 1
    std::vector<double> elementMoment; ///< [elements] mean |m| of the labelled training atoms; NaN: no label
};

/// The output weights start at zero, so that a new head answers exactly the element's mean |m|.
HeadParameters initialMagnitudeHead(const HeadStart& start, std::uint64_t seed, torch::Device device,
                                    torch::Dtype dtype);
/// Names that are trained, in a fixed order.
const std::vector<std::string>& trainedHeadNames();
std::int64_t trainedHeadCount(const HeadParameters& head);

/// |m| per atom in Bohr magnetons, [atoms] >= 0, differentiable. invariants: [atoms, n] of the last hidden
/// layer; species: [atoms] element index. Error if the head does not fit the model.
torch::Tensor momentMagnitudes(const HeadParameters& head, const torch::Tensor& invariants,
                               const torch::Tensor& species);

} // namespace lodestone
