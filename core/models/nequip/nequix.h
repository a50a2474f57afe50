#pragma once
#include "equivariant/spherical_harmonics.h"
#include "equivariant/tensor_product.h"
#include "models/model.h"
#include "models/nequip/nequix_layout.h"

#include <map>

namespace lodestone {

/// The Nequix architecture: NequIP-type convolutions (Batzner et al., Nat. Commun. 13, 2453, 2022) with an
/// equivariant RMS norm; reads its parameters under the names of describeNequix().
class NequixModel : public Model {
public:
    /// description: describeNequix(config), completed by the reader of the file.
    NequixModel(NequixConfig config, ModelDescription description);
    const ModelDescription& description() const override { return m_description; }
    NodeOutput forward(const ParameterTable& parameters, const GraphBatch& batch,
                       const torch::Tensor& edgeVectors, const LayerObserver& observer = {}) const override;

private:
    using Features = std::vector<torch::Tensor>; ///< one per irrep: [atoms, 2l + 1, multiplicity]
    using PathKey = std::array<int, 3>;          ///< l1, l2, l3
    using Couplings = std::map<PathKey, torch::Tensor>;

    torch::Tensor radialBasis(const torch::Tensor& distance) const;
    torch::Tensor radialWeights(const ParameterTable& parameters, std::size_t layer,
                                const torch::Tensor& basis) const;
    Couplings couplingsOnEdges(const torch::Tensor& unit) const;
    Features messages(const NequixLayer& layer, const GraphBatch& batch, const Features& input,
                      const Couplings& couplings, const torch::Tensor& weights) const;
    Features update(const ParameterTable& parameters, std::size_t layer, const GraphBatch& batch,
                    const Features& input, const Features& sums) const;
    void normalise(const ParameterTable& parameters, std::size_t layer, Features& features) const;
    Features gate(const NequixLayer& layer, const Features& features) const;

    NequixConfig m_config;
    ModelDescription m_description;
    std::vector<NequixLayer> m_layers;
    SphericalHarmonics m_harmonics;
    std::map<PathKey, CouplingPath> m_paths;
    double m_siluNorm;
};

} // namespace lodestone
