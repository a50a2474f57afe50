#pragma once
#include "algebra/irreps.h"

#include <cstdint>
#include <vector>

namespace lodestone {

/// Neighbouring blocks of the same irrep become one, blocks without channels disappear: the form in which
/// features are handed from one operation to the next. Rows of e3nn are the same before and after.
Irreps merged(const Irreps& irreps);

/// A matrix from one input block to one output block of the same irrep. e3nn stores the matrices of all paths
/// one after another, each [multiplicity in][multiplicity out], without their factors.
struct FlatPath {
    int in = 0, out = 0; ///< blocks, as stored (not merged)
    double factor = 1;   ///< "path_weight" of e3nn, 1 / sqrt(fan-in)
};

/// e3nn's o3.Linear (e3nn.org, o3/_linear.py) as it is stored.
struct LinearShape {
    Irreps in, out;
    std::vector<FlatPath> paths;
    std::vector<int>
        biases; ///< output blocks that have a bias (scalars), in the order in which the biases are stored
    std::int64_t weightCount() const;
    std::int64_t biasCount() const;
};

/// e3nn's FullyConnectedTensorProduct of features with the one-hot element of each atom (MACE's "skip_tp"): a
/// matrix an element. Weights of a path: [multiplicity in][elements][multiplicity out].
struct ElementLinearShape {
    Irreps in, out;
    std::int64_t elements = 0;
    std::vector<FlatPath> paths; ///< factor: path_weight / sqrt(2l + 1)
    std::int64_t weightCount() const;
};

} // namespace lodestone
