#pragma once
#include "architectures/nequip/nequix_layout.h"
#include "equivariant/coupling_rows.h"
#include "equivariant/gated_norm.h"
#include "equivariant/kernels/edge_convolution.h"
#include "equivariant/radial.h"
#include "equivariant/spherical_harmonics.h"
#include "equivariant/tensor_product.h"
#include "models/model.h"
#include "models/radial_tables.h"

namespace lodestone {

/// The Nequix architecture: NequIP-type convolutions (Batzner et al., Nat. Commun. 13, 2453, 2022) with an
/// equivariant RMS norm; reads its parameters under the names of describeNequix().
class NequixModel : public Model {
public:
    /// description: describeNequix(config), completed by the reader of the file.
    NequixModel(NequixConfig config, ModelDescription description);
    const ModelDescription& description() const override { return m_description; }
    std::shared_ptr<const Prepared> prepare(const ParameterTable& parameters,
                                            const std::vector<bool>& trained,
                                            const Workload& work) const override;
    NodeOutput forward(const ParameterTable& parameters, const GraphBatch& batch,
                       const torch::Tensor& edgeVectors, const LayerObserver& observer = {},
                       const LayerPass& pass = {}) const override;

private:
    using Features = std::vector<torch::Tensor>; ///< one per irrep: [atoms, 2l + 1, multiplicity]
    struct EdgeGeometry;

    std::vector<torch::Tensor> radialMatrices(const ParameterTable& parameters, std::size_t layer) const;
    RadialBasis radialBasis() const;
    EdgeGeometry geometryOf(const ParameterTable& parameters, const GraphBatch& batch,
                            const torch::Tensor& edgeVectors) const;
    Features mixed(const ParameterTable& parameters, std::size_t layer, const GraphBatch& batch,
                   const Features& input) const;
    Features messages(std::size_t layer, const ParameterTable& parameters, const EdgeGeometry& geometry,
                      const Features& input) const;
    Features update(const ParameterTable& parameters, std::size_t layer, const GraphBatch& batch,
                    const Features& input, const Features& sums) const;
    Features gate(const ParameterTable& parameters, std::size_t layer, const Features& features) const;

    NequixConfig m_config;
    ModelDescription m_description;
    std::vector<NequixLayer> m_layers;
    SphericalHarmonics m_harmonics;
    CouplingBasis m_couplings;                             ///< of all layers
    std::vector<std::shared_ptr<const EdgePlan>> m_plans;  ///< one per layer
    std::vector<std::shared_ptr<const GateShape>> m_gates; ///< one per layer
};

} // namespace lodestone
