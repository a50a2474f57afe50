#pragma once

namespace lodestone {

enum class ActivationKind {
    None,
    Silu,
    Tanh,
    Sigmoid,
    Relu,
    Elu,
    Abs,
    ShiftedSoftplus,
    Softplus,
    Mish,
    Gelu
};

/// factor * f(x); None: the identity, the factor is not used.
struct Activation {
    ActivationKind kind = ActivationKind::None;
    double factor = 1;
};

/// The activation scaled to unit second moment by the rule of e3nn for PyTorch
/// (math/_normalize_activation.py): the mean over 1,000,000 normal numbers that PyTorch draws from seed 0, in
/// double; a factor within 1e-4 of one would count as one, but none is. The sampled mean is 1e-3 off the
/// exact one, so models need this very rule. The factors are constants here; tst_tensor_product draws the
/// numbers and compares.
Activation normalisedActivation(ActivationKind kind);

/// sqrt(E[silu(z)^2]) by the rule of e3nn-jax: the mean over 1,000,001 equally probable values of a normal z,
/// in double. Models trained with it need this very number, since it differs from the exact integral by 2e-5.
/// tst_tensor_product carries the rule out.
constexpr double siluNormOfJax = 0.5964586854233045;

} // namespace lodestone
