#pragma once
#include "equivariant/coupling_rows.h"
#include "equivariant/kernels/edge_kernels.h"

#include <array>
#include <map>
#include <memory>
#include <vector>

namespace lodestone {

/// Equivariant paths from harmonics up to lMax (1 to 4): those of registers and others (l = 4), channels that
/// no register divides.
struct EquivariantPlan {
    std::shared_ptr<EdgePlan> plan = std::make_shared<EdgePlan>();
    CouplingBasis basis;

    explicit EquivariantPlan(int lMax = 3)
    {
        const std::vector<std::pair<int, std::int64_t>> inputs = {{0, 37}, {1, 19}, {2, 3}, {3, 16}, {4, 2}};
        const std::vector<std::array<int, 3>> paths = {{0, 0, 0}, {0, 3, 3}, {1, 1, 0}, {1, 1, 1},
                                                       {1, 2, 1}, {1, 1, 2}, {2, 2, 2}, {3, 2, 3},
                                                       {3, 1, 4}, {4, 3, 1}, {2, 4, 2}, {3, 4, 3}};
        CouplingRows rows;
        std::map<int, std::int64_t> offsets, channels;
        for (const auto& [l, count] : inputs) {
            offsets[l] = plan->in;
            channels[l] = count;
            plan->in += count * (2 * l + 1);
        }
        for (const auto& [l1, l2, l3] : paths) {
            if (l2 > lMax)
                continue;
            plan->paths.push_back({2 * l1 + 1, 2 * l3 + 1, channels[l1], rows.place(l1, l2, l3),
                                   plan->weights, offsets[l1], plan->out, channels[l1], 0, l2 * l2,
                                   2 * l2 + 1});
            plan->weights += channels[l1];
            plan->out += channels[l1] * (2 * l3 + 1);
        }
        plan->couplings = rows.width();
        basis = rows.basis(lMax);
    }
};

} // namespace lodestone
