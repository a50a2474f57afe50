#pragma once
#include "finetune/magnetic_head.h"
#include "models/graph_batch.h"

namespace lodestone {

// Small networks that the heads "spin-energy" and "vector" share: invariant numbers of atoms and of bonds
// from the model's invariants of the last hidden layer. Their tensors, by name:
//   input_mean, input_scale [n]            standardisation of the invariants; constants
//   moment_scale [elements]                a typical |m| of the element, Bohr magneton; constant
//   cutoff [1]                             of the bonds, Angstrom; constant
//   site_hidden_weight [n, h], site_hidden_bias [h], site_output_weight [h, outputs],
//   site_element_bias [elements, outputs]
//   bond_embedding_weight [n, q], bond_embedding_element [elements, q],
//   bond_hidden_weight [2q, h], bond_hidden_bias [h], bond_output_weight [h, channels * radial]

/// Sizes that differ between heads.
struct HeadNetworkSizes {
    std::int64_t siteOutputs = 1;
    std::int64_t bondChannels = 1;
};

/// A tensor of a head. Error if it is missing.
const torch::Tensor& headTensor(const HeadParameters& head, const std::string& name);
/// The invariants [atoms, n], each feature with mean 0 and deviation 1 over the training atoms. Error if the
/// head was made for another number of features.
torch::Tensor standardised(const HeadParameters& head, const torch::Tensor& invariants);

/// The constants input_mean and input_scale of a new head, float64.
HeadParameters initialStandardisation(const HeadStart& start);
/// Weights [in, out] of a new layer, N(0, 1 / in), float64.
torch::Tensor drawnWeights(std::int64_t in, std::int64_t out, at::Generator& generator);

/// Hidden weights drawn at random, output weights and biases zero: all outputs of a new head are zero, and
/// their gradients in the output weights are not.
HeadParameters initialNetworks(const HeadStart& start, double cutoff, const HeadNetworkSizes& sizes,
                               std::uint64_t seed);
const std::vector<std::string>& trainedNetworkNames();

/// [atoms, outputs]: a network of one hidden layer plus the element's bias. standardised: [atoms, n].
torch::Tensor siteOutputs(const HeadParameters& head, const torch::Tensor& standardised,
                          const torch::Tensor& species);

/// Bonds out of the edges of a batch, each twice, once from either end.
struct SpinBonds {
    torch::Tensor edge;              ///< [bonds] index of the batch's edge
    torch::Tensor centre, neighbour; ///< [bonds] atoms
    torch::Tensor vector;            ///< [bonds, 3] Angstrom, from the centre
    torch::Tensor distance;          ///< [bonds] Angstrom
};
/// Those whose neighbour has a moment, and whose centre has one too unless anyCentre.
SpinBonds spinBonds(const torch::Tensor& moments, const torch::Tensor& vectors, const GraphBatch& batch,
                    bool anyCentre);

/// [bonds, channels]: functions of the two atoms' features times radial functions, with value and first and
/// second derivative zero at the cutoff. The two directions of a bond get the same numbers: only sums and
/// products of the ends' features enter.
torch::Tensor bondOutputs(const HeadParameters& head, const torch::Tensor& standardised,
                          const torch::Tensor& species, const SpinBonds& bonds);

} // namespace lodestone
