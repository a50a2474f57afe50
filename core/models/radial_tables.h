#pragma once
#include "equivariant/kernels/radial_table.h"
#include "models/parameter_table.h"

namespace lodestone {

/// Tables of the radial functions of a model's layers, all on one grid.
struct RadialTables : Prepared {
    struct Layer {
        const EdgePlan* plan = nullptr;
        std::vector<std::string> from; ///< the parameters behind the function
        bool trained = false;          ///< then there is no table
        std::function<torch::Tensor(const torch::Tensor&)> function; ///< as for RadialTable
    };
    TableGrid grid;
    std::vector<std::shared_ptr<const RadialTable>> tables; ///< one a layer; null where it is trained

    /// The coarsest grid on which the error() of no table exceeds `tolerance`.
    /// Null if no layer has a table, if the tolerance is out of reach (rough functions) or for other types than float32:
    /// who computes in double wants the functions themselves.
    static std::shared_ptr<const RadialTables> make(const std::vector<Layer>& layers, double cutoff, torch::Dtype dtype,
                                                    double tolerance = 2e-6);
};

} // namespace lodestone
