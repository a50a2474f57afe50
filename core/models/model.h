#pragma once
#include "blocks/model_description.h"
#include "models/element_pairs.h"
#include "models/graph_batch.h"
#include "models/layer_state.h"
#include "models/parameter_table.h"

#include <functional>
#include <memory>

namespace lodestone {

/// What an architecture computes per atom.
struct NodeOutput {
    torch::Tensor energy; ///< [atoms] eV, reference energies included
    torch::Tensor
        invariants; ///< [atoms, n] scalar features of the last hidden layer (input of magnetic heads)
};

/// Called with the output of every layer, for tests and inspection: name ("layer_0"), features [atoms, dim]
/// in e3nn layout.
using LayerObserver = std::function<void(const std::string&, const torch::Tensor&)>;

/// An architecture: knows how to compute from a table of parameters, and nothing of files or training.
/// Thread-safe, immutable; moves with the device and dtype of its arguments.
class Model {
public:
    virtual ~Model() = default;
    virtual const ModelDescription& description() const = 0;
    /// What can be computed once from the parameters that will not be trained (`trained`: one flag a tensor
    /// of the description), to be attached to tables that hold these parameters; null if nothing is gained.
    /// Tables of radial functions reproduce energies and forces to about 1e-7 of their magnitude. Functions
    /// that know the elements have them for work.pairs only: forward() computes batches with other pairs
    /// without.
    virtual std::shared_ptr<const Prepared>
    prepare(const ParameterTable& parameters, const std::vector<bool>& trained, const Workload& work) const;
    /// edgeVectors: [edges, 3] r_neighbour + shift - r_centre in Angstrom; differentiable (twice) in them and
    /// in parameters (of the layers that are computed, and in vectors only if all are).
    virtual NodeOutput forward(const ParameterTable& parameters, const GraphBatch& batch,
                               const torch::Tensor& edgeVectors, const LayerObserver& observer = {},
                               const LayerPass& pass = {}) const = 0;
};

/// A model with its stored numbers (CPU, stored dtype), as it comes from a file.
struct LoadedModel {
    std::shared_ptr<const Model> model;
    ParameterTable parameters;
    const ModelDescription& description() const { return model->description(); }
};

/// Where and how a model computes.
struct Computation {
    torch::Device device = torch::kCPU;
    torch::Dtype dtype = torch::kFloat32;
    bool radialTables =
        true;           ///< let Model::prepare() stand for frozen parts; false: the functions themselves
    Workload work = {}; ///< for Model::prepare(); other pairs of elements are computed all the same
};

/// The model's parameters on a device in a dtype, with what it can prepare for those that are not trained
/// (`trained`: one flag a tensor; empty: none is).
ParameterTable preparedTable(const LoadedModel& model, const Computation& how,
                             std::vector<bool> trained = {});

/// The tensor that holds the model's reference energies, [elements], [elements, 1] or [heads, elements]; null
/// if it keeps none per element.
const ParameterInfo* referenceTensor(const ModelDescription& description);
/// The row of it that the chosen head uses, as a view: [elements], in ParameterInfo::unit. `tensor`: the
/// table's value of referenceTensor().
torch::Tensor referenceRow(const ModelDescription& description, const torch::Tensor& tensor);

struct Prediction {
    torch::Tensor energy;     ///< [graphs] eV
    torch::Tensor nodeEnergy; ///< [atoms] eV
    torch::Tensor forces;     ///< [atoms, 3] eV/Angstrom; undefined unless asked for
    torch::Tensor virial; ///< [graphs, 3, 3] dE/dstrain in eV, symmetric strain; undefined unless asked for
    torch::Tensor stress; ///< [graphs, 3, 3] virial / volume (0 where volume is 0)
    torch::Tensor invariants; ///< [atoms, n]
};
/// An energy that is added to the model's, per atom [atoms] in eV: a function of what the model gives
/// (invariants [atoms, n]), of edge vectors [edges, 3] and of the batch. Differentiable in invariants and
/// vectors as often as they are.
using AddedEnergy = std::function<torch::Tensor(const torch::Tensor& invariants, const torch::Tensor& vectors,
                                                const GraphBatch& batch)>;
struct PredictionRequest {
    bool forces = true;
    bool stress = true;
    bool differentiable = false; ///< keep the graph: outputs can be differentiated in the parameters
    LayerPass layers = {};       ///< `from` only without forces and stress
    AddedEnergy term = {};       ///< takes part in energy, forces and stress; empty: none
};
/// Energy, forces = -dE/dr, virial = dE/dstrain by autograd.
Prediction predict(const Model& model, const ParameterTable& parameters, const GraphBatch& batch,
                   const PredictionRequest& request = {}, const LayerObserver& observer = {});

} // namespace lodestone
