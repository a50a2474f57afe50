#pragma once
#include "architectures/mace/mace_config.h"
#include "equivariant/activations.h"
#include "equivariant/coupling_rows.h"
#include "equivariant/flat_linear.h"
#include "equivariant/kernels/edge_convolution.h"
#include "equivariant/spherical_harmonics.h"
#include "equivariant/symmetric_contraction.h"
#include "equivariant/tensor_product.h"
#include "models/mace/mace_radial.h"
#include "models/model.h"
#include "models/radial_tables.h"

#include <memory>
#include <utility>

namespace lodestone {

/// The MACE architecture: higher-order equivariant message passing (Batatia et al., arXiv:2206.07697); reads
/// its parameters under the names of describeMace().
class MaceModel : public Model {
public:
    /// config: validated. description: describeMace(config), completed by the reader of the file.
    MaceModel(MaceConfig config, ModelDescription description);
    const ModelDescription& description() const override { return m_description; }
    std::shared_ptr<const Prepared> prepare(const ParameterTable& parameters,
                                            const std::vector<bool>& trained,
                                            const Workload& work) const override;
    /// The observer gets "node_embedding", "layer_0/linear_up", "layer_0/interaction" (the message),
    /// "layer_0/skip", "layer_0/contraction", "layer_0/product", "readout_0" [atoms, heads], "pair_repulsion"
    /// and "interaction_energy" [atoms, 1].
    NodeOutput forward(const ParameterTable& parameters, const GraphBatch& batch,
                       const torch::Tensor& edgeVectors, const LayerObserver& observer = {},
                       const LayerPass& pass = {}) const override;

private:
    /// What all layers share.
    struct Edges {
        std::shared_ptr<const EdgeIndex> index;
        torch::Tensor centreSpecies, neighbourSpecies; ///< [edges]
        torch::Tensor distance;
        EdgeCouplings couplings;
        RadialFeatures radial;
        const RadialTables* tables = nullptr; ///< null also if one of the edges is of a pair without tables
        TablePositions positions;             ///< in the tables
    };
    struct Layer {
        FlatLinear linearUp, linear, productLinear;
        std::optional<FlatLinear> source, target, down, residual, second, linearSkip;
        std::optional<ElementLinear> elementSkip;
        SymmetricContraction contraction;
        std::shared_ptr<const EdgePlan> plan;
        Irreps sums; ///< of the convolution, merged
    };
    /// Atoms in groups that share the weights of an operation.
    struct Groupings {
        ElementGroups byElement, together;
    };
    struct Readout {
        FlatLinear linear;
        std::optional<FlatLinear> middle, second;
    };

    void planConvolutions();
    Edges edgesOf(const ParameterTable& parameters, const GraphBatch& batch, const torch::Tensor& edgeVectors,
                  const torch::Tensor& distance) const;
    RadialTable::Function radialFunction(const ParameterTable& parameters, std::size_t layer,
                                         std::int64_t centre, std::int64_t neighbour) const;
    torch::Tensor networkInputs(const ParameterTable& parameters, std::size_t number, const GraphBatch& batch,
                                const Edges& edges, const Features& features) const;
    Features convolved(const ParameterTable& parameters, std::size_t number, const GraphBatch& batch,
                       const Edges& edges, const Features& features, const torch::Tensor& inputs) const;
    Features message(const ParameterTable& parameters, std::size_t number, const GraphBatch& batch,
                     const Edges& edges, const ElementGroups& groups, const Features& features,
                     const LayerObserver& observer) const;
    Features skip(const ParameterTable& parameters, std::size_t number, const ElementGroups& groups,
                  const Features& features) const;
    Features product(const ParameterTable& parameters, std::size_t number, const ElementGroups& groups,
                     const Features& message, const Features& skip, const LayerObserver& observer) const;
    torch::Tensor repulsionOf(const GraphBatch& batch, const torch::Tensor& distance,
                              const LayerObserver& observer) const;
    Features layerOf(const ParameterTable& parameters, std::size_t number, const GraphBatch& batch,
                     const Edges& edges, const Groupings& groups, const Features& features,
                     const LayerObserver& observer) const;
    torch::Tensor readOut(const ParameterTable& parameters, std::size_t number,
                          const Features& features) const;

    MaceConfig m_config;
    ModelDescription m_description;
    SphericalHarmonics m_harmonics;
    FlatLinear m_embedding;
    std::vector<Layer> m_layers;
    std::vector<Readout> m_readouts;
    CouplingBasis m_couplings; ///< of all layers
};

} // namespace lodestone
