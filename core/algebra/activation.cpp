#include "algebra/activation.h"

#include "base/error.h"

namespace lodestone {
namespace {

/// 1 / sqrt of the mean of f(z)^2.
double factorOf(ActivationKind kind)
{
    switch (kind) {
    case ActivationKind::None:
        return 1;
    case ActivationKind::Silu:
        return 1.679176792398942;
    case ActivationKind::Tanh:
        return 1.5937334472592695;
    case ActivationKind::Sigmoid:
        return 1.8467055342154763;
    case ActivationKind::Relu:
        return 1.4163393446331367;
    case ActivationKind::Elu:
        return 1.2467863885570512;
    case ActivationKind::Abs:
        return 1.0011106008384669;
    case ActivationKind::ShiftedSoftplus:
        return 1.8782046685415525;
    case ActivationKind::Softplus:
        return 1.0426436590527186;
    case ActivationKind::Mish:
        return 1.489160908263033;
    case ActivationKind::Gelu:
        return 1.5360642850770578;
    }
    fail<InternalError>("There is no activation number {}.", static_cast<int>(kind));
}

} // namespace

Activation normalisedActivation(ActivationKind kind)
{
    return {kind, factorOf(kind)};
}

} // namespace lodestone
