#pragma once
#include "blocks/model_description.h"
#include "equivariant/kernels/radial_table.h"
#include "models/parameter_table.h"

#include <limits>
#include <optional>

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
                         ///< neighbour, -1 for pairs without functions; undefined where there is one kind

    /// What all tables together may take.
    static constexpr std::int64_t mostBytes = std::int64_t{512} << 20;
    /// A table of one kind costs about what it saves in predictions of so many atoms.
    static constexpr double atomsOfATable = 500;

    /// The coarsest grid on which the error() of no table exceeds `tolerance`. Null if no layer has a table,
    /// if the tolerance is out of reach (rough functions), if the tables would be larger than `mostBytes`
    /// (many pairs of elements), if the `atoms` to be computed are too few for the number of kinds, or for
    /// other types than float32: who computes in double wants the functions themselves.
    static std::shared_ptr<const RadialTables> make(const std::vector<Layer>& layers, double cutoff,
                                                    torch::Dtype dtype,
                                                    double atoms = std::numeric_limits<double>::infinity(),
                                                    const torch::Tensor& kinds = {}, double tolerance = 2e-6);

    /// Those attached to a table of parameters, or null.
    static const RadialTables* of(const ParameterTable& parameters);
    /// species: [atoms]; centre, neighbour: [edges]. Nothing if an edge is of a pair without functions: then
    /// the batch is to be computed without tables.
    std::optional<TablePositions> positions(const torch::Tensor& distance, const torch::Tensor& species,
                                            const torch::Tensor& centre,
                                            const torch::Tensor& neighbour) const;
    /// Of all tables.
    std::int64_t bytes() const;
};

/// Fills `from` and `trained` with the tensors of the description whose block is or begins with one of
/// `blocks`.
void takeParameters(RadialTables::Layer& layer, const ModelDescription& description,
                    const std::vector<bool>& trained, const std::vector<std::string>& blocks);

} // namespace lodestone
