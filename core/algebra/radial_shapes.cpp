#include "algebra/radial_shapes.h"

namespace lodestone {

double envelope(const RadialEnvelope& envelope, double distance)
{
    if (distance >= envelope.cutoff)
        return 0;
    if (envelope.kind == RadialEnvelope::Kind::Xplor)
        return distance < envelope.onset ? 1 : xplorEnvelope(envelope, distance);
    const double x = distance * (1 / envelope.cutoff);
    return polynomialEnvelope(envelope.p, x, std::pow(x, envelope.p));
}

std::vector<double> besselBasis(const BesselBasis& basis, const std::vector<double>& frequencies,
                                double distance)
{
    const double scale = envelope(basis.envelope, distance) * basis.prefactor / distance;
    std::vector<double> values;
    values.reserve(frequencies.size());
    for (const double frequency : frequencies)
        values.push_back(std::sin(distance * frequency) * scale);
    return values;
}

} // namespace lodestone
