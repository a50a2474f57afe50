#pragma once
#include "algebra/activation.h"
#include "algebra/linear_shape.h"
#include "checkpoints/torch/pickled_module.h"

namespace lodestone {

// Modules of e3nn (0.4 to 0.6) as they are pickled. Errors name file and module; a module of another kind (an
// accelerated back-end, an activation without a name) is NotComputed.

/// An Irreps object, or its text.
Irreps irrepsOf(const PickledModule& module, std::string_view attribute);

/// e3nn.o3.Linear.
LinearShape linearShape(const PickledModule& module);

/// e3nn.o3.FullyConnectedTensorProduct whose second input is the one-hot element.
ElementLinearShape elementLinearShape(const PickledModule& module);

/// A path of e3nn.o3.TensorProduct.
struct TensorProductPath {
    int in1 = 0, in2 = 0, out = 0;
    std::string mode;
    bool weighted = false;
    double factor = 1; ///< path_weight
    std::vector<std::int64_t> shape;
};
struct TensorProductShape {
    Irreps in1, in2, out;
    std::vector<TensorProductPath> paths;
};
TensorProductShape tensorProductShape(const PickledModule& module);

/// The Wigner 3j tensor that the compiled code of a tensor product holds, [2 l1 + 1, 2 l2 + 1, 2 l3 + 1] in C
/// order; empty if it holds none for this path (one l is 0), or keeps its code in another form.
std::vector<double> storedCoupling(const PickledModule& module, int l1, int l2, int l3);

/// e3nn.math.normalize2mom, or the child of that name being None: the identity.
Activation activationOf(const PickledModule& parent, std::string_view child);

} // namespace lodestone
