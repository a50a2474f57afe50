#include "finetune/head_prediction.h"
#include "finetune/vector_head.h"

#include <torch/torch.h>

namespace lodestone {

HeadPrediction predictWithHead(const Model& model, const ParameterTable& parameters, const GraphBatch& batch,
                               PredictionRequest request, const MagneticHead* head)
{
    HeadPrediction result;
    if (!head) {
        result.model = predict(model, parameters, batch, request);
        return result;
    }
    const bool differentiable = request.differentiable;
    if (needsMoments(head->kind))
        request.term = [&](const torch::Tensor& invariants, const torch::Tensor& vectors,
                           const GraphBatch& graphs) {
            if (head->kind == "spin-energy") {
                result.terms = spinTerms(head->numbers, invariants, vectors, graphs);
            } else {
                VectorMoments vector = vectorMoments(head->numbers, invariants, vectors, graphs);
                result.head.moments = vector.moments;
                result.terms = std::move(vector.terms);
            }
            return spinEnergy(result.terms);
        };
    result.model = predict(model, parameters, batch, request);
    const torch::AutoGradMode gradients(differentiable);
    if (!differentiable)
        for (torch::Tensor* tensor :
             {&result.head.moments, &result.terms.square, &result.terms.fourth, &result.terms.exchange,
              &result.terms.bonds.vector, &result.terms.bonds.distance})
            if (tensor->defined())
                *tensor = tensor->detach();
    if (head->kind == "magnitude")
        result.head.magnitudes = momentMagnitudes(head->numbers, result.model.invariants, batch.species);
    else if (head->kind == "spin-energy")
        result.head.magneticForces = magneticForces(result.terms);
    else
        // The small number keeps the slope finite where a moment vanishes.
        result.head.magnitudes = (result.head.moments.square().sum(1) + 1e-16).sqrt();
    return result;
}

} // namespace lodestone
