#pragma once
#include "blocks/model_description.h"
#include "equivariant/kernels/radial_table.h"
#include "models/parameter_table.h"

namespace lodestone {

/// Tables of the radial functions of a model's layers, all on one grid.
struct RadialTables : Prepared {
    struct Layer {
        const EdgePlan* plan = nullptr;
        std::vector<std::string> from;                ///< the parameters behind the functions
        bool trained = false;                         ///< one of them is: then there is no table
        std::vector<RadialTable::Function> functions; ///< as for RadialTable
    };
    TableGrid grid;
    std::vector<std::shared_ptr<const RadialTable>> tables; ///< one a layer; null where it is trained
    torch::Tensor kinds; ///< [elements, elements] int64: kind of an edge by the elements of centre and
                         ///< neighbour; or undefined

    /// The coarsest grid on which the error() of no table exceeds `tolerance`. Null if no layer has a table,
    /// if the tolerance is out of reach (rough functions), if the tables would be larger than 512 MB (many
    /// pairs of elements), or for other types than float32: who computes in double wants the functions
    /// themselves.
    static std::shared_ptr<const RadialTables> make(const std::vector<Layer>& layers, double cutoff,
                                                    torch::Dtype dtype, const torch::Tensor& kinds = {},
                                                    double tolerance = 2e-6);

    /// Those attached to a table of parameters, or null.
    static const RadialTables* of(const ParameterTable& parameters);
    /// species: [atoms]; centre, neighbour: [edges].
    TablePositions positions(const torch::Tensor& distance, const torch::Tensor& species,
                             const torch::Tensor& centre, const torch::Tensor& neighbour) const;
};

/// Fills `from` and `trained` with the tensors of the description whose block is or begins with one of
/// `blocks`.
void takeParameters(RadialTables::Layer& layer, const ModelDescription& description,
                    const std::vector<bool>& trained, const std::vector<std::string>& blocks);

} // namespace lodestone
