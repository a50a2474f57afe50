#pragma once
#include "architectures/nequip/convolution_network.h"
#include "equivariant/coupling_rows.h"
#include "equivariant/kernels/edge_convolution.h"
#include "equivariant/spherical_harmonics.h"
#include "equivariant/tensor_product.h"
#include "models/model.h"
#include "models/radial_tables.h"

#include <utility>

namespace lodestone {

/// Computes a ConvolutionNetwork. Observers see "embedding"; per layer i "layer_i/self_connection",
/// "layer_i/self_interaction_1", "layer_i/convolution", "layer_i/self_interaction_2" (without the self
/// connection), "layer_i" (features after the gate); "readout/0", ...; "energy".
class ConvolutionModel : public Model {
public:
    /// description: describe(network), completed by the reader of the file.
    ConvolutionModel(ConvolutionNetwork network, ModelDescription description);
    const ModelDescription& description() const override { return m_description; }
    std::shared_ptr<const Prepared> prepare(const ParameterTable& parameters,
                                            const std::vector<bool>& trained,
                                            const Workload& work) const override;
    NodeOutput forward(const ParameterTable& parameters, const GraphBatch& batch,
                       const torch::Tensor& edgeVectors, const LayerObserver& observer = {},
                       const LayerPass& pass = {}) const override;

private:
    struct Pass; ///< what one call to forward shares

    void preparePass(Pass& pass, const torch::Tensor& edgeVectors, const torch::Tensor& seen) const;

    void planEdges();
    torch::Tensor frequencies(const ParameterTable& parameters) const;
    torch::Tensor radialWeights(const ParameterTable& parameters, const ConvolutionLayer& layer,
                                const torch::Tensor& basis) const;
    std::vector<torch::Tensor> embedded(const Pass& pass) const;
    std::vector<torch::Tensor> mapped(const Pass& pass, const LinearMap& map,
                                      const std::vector<torch::Tensor>& features) const;
    std::vector<torch::Tensor> messages(const Pass& pass, std::size_t layer,
                                        const std::vector<torch::Tensor>& features) const;
    std::vector<torch::Tensor> update(const Pass& pass, std::size_t layer,
                                      const std::vector<torch::Tensor>& features) const;
    torch::Tensor stretched(const GraphBatch& batch, const torch::Tensor& distance) const;
    torch::Tensor matricesOfElements(const Pass& pass, const LinearPath& path) const;
    torch::Tensor energyTerm(const Pass& pass, const EnergyTerm& term) const;
    torch::Tensor energies(const Pass& pass, torch::Tensor energy, const torch::Tensor& distance,
                           const torch::Tensor& stretchedDistance) const;

    ConvolutionNetwork m_network;
    ModelDescription m_description;
    SphericalHarmonics m_harmonics;
    CouplingBasis m_couplings;                            ///< of all layers
    std::vector<std::shared_ptr<const EdgePlan>> m_plans; ///< one per layer
    bool m_perElement = false;                            ///< some map has weights per element
};

} // namespace lodestone
