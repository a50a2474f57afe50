#include "base/error.h"
#include "models/model.h"

#include <torch/torch.h>

namespace lodestone {
namespace {

/// r_neighbour + shift * cell - r_centre: [edges, 3].
torch::Tensor edgeVectorsOf(const GraphBatch& batch)
{
    const torch::Tensor difference =
        batch.positions.index_select(0, batch.neighbour) - batch.positions.index_select(0, batch.centre);
    if (batch.graphs == 1)
        return difference + batch.shift.matmul(batch.cell[0]);
    return difference + batch.shift.unsqueeze(1).bmm(batch.cell.index_select(0, batch.edgeGraph)).squeeze(1);
}

} // namespace

std::shared_ptr<const Prepared> Model::prepare(const ParameterTable&, const std::vector<bool>&,
                                               const Workload&) const
{
    return {};
}

ParameterTable preparedTable(const LoadedModel& model, const Computation& how, std::vector<bool> trained)
{
    ParameterTable table = model.parameters.to(how.device, how.dtype);
    if (!how.radialTables)
        return table;
    trained.resize(model.description().tensors.size(), false);
    table.attach(model.model->prepare(table, trained, how.work));
    return table;
}

const ParameterInfo* referenceTensor(const ModelDescription& description)
{
    const auto elements = static_cast<std::int64_t>(description.elements.size());
    for (const ParameterInfo& info : description.tensors)
        if (info.kind == "reference" && !info.shape.empty() &&
            (info.shape.back() == elements || info.count == elements))
            return &info;
    return nullptr;
}

torch::Tensor referenceRow(const ModelDescription& description, const torch::Tensor& tensor)
{
    const torch::Tensor rows = tensor.view({-1, static_cast<std::int64_t>(description.elements.size())});
    return rows[rows.size(0) > 1 ? description.headIndex : 0];
}

Prediction predict(const Model& model, const ParameterTable& parameters, const GraphBatch& batch,
                   const PredictionRequest& request, const LayerObserver& observer)
{
    const bool derivatives = request.forces || request.stress;
    if (derivatives && request.layers.from)
        fail<InternalError>("Kept layers have no derivatives in the positions.");
    const torch::AutoGradMode gradients(derivatives || request.differentiable);
    // Positions, cell and strain enter only through the edge vectors d. With g = dE/dd the chain rule gives
    // forces and, for the strain r -> r (1 + eps) with symmetric eps, dE/deps = sym(sum over edges of d (x)
    // g).
    torch::Tensor vectors = edgeVectorsOf(batch);
    if (derivatives && !vectors.requires_grad())
        vectors.requires_grad_();
    const NodeOutput output = model.forward(parameters, batch, vectors, observer, request.layers);
    torch::Tensor energy = output.energy;
    if (request.term)
        energy = energy + request.term(output.invariants, vectors, batch);
    Prediction prediction;
    prediction.nodeEnergy = energy;
    prediction.invariants = output.invariants;
    prediction.energy = torch::zeros({batch.graphs}, energy.options()).index_add(0, batch.graph, energy);
    if (derivatives) {
        torch::Tensor slope;
        if (batch.edges > 0)
            slope = torch::autograd::grad({energy.sum()}, {vectors}, {}, request.differentiable,
                                          request.differentiable, true)[0];
        if (!slope.defined()) // no energy depends on a distance: isolated atoms
            slope = torch::zeros_like(vectors);
        if (request.forces)
            prediction.forces = torch::zeros_like(batch.positions)
                                    .index_add(0, batch.centre, slope)
                                    .index_add(0, batch.neighbour, -slope);
        if (request.stress) {
            const torch::Tensor products = vectors.unsqueeze(2) * slope.unsqueeze(1);
            const torch::Tensor sum = torch::zeros({batch.graphs, 3, 3}, products.options())
                                          .index_add(0, batch.edgeGraph, products);
            prediction.virial = (sum + sum.transpose(1, 2)) * 0.5;
            const torch::Tensor inverseVolume =
                torch::where(batch.volume > 0, batch.volume.reciprocal(), torch::zeros_like(batch.volume));
            prediction.stress = prediction.virial * inverseVolume.view({-1, 1, 1});
        }
    }
    if (!request.differentiable)
        for (torch::Tensor* tensor : {&prediction.energy, &prediction.nodeEnergy, &prediction.forces,
                                      &prediction.virial, &prediction.stress, &prediction.invariants})
            if (tensor->defined())
                *tensor = tensor->detach();
    return prediction;
}

} // namespace lodestone
