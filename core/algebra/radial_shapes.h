#pragma once
#include <cmath>
#include <vector>

namespace lodestone {

/// A function that takes what depends on the distance smoothly to zero at the cutoff.
struct RadialEnvelope {
    enum class Kind {
        Polynomial, ///< Gasteiger et al., arXiv:2003.03123, eq. 8, with power p
        Xplor       ///< HOOMD-blue's XPLOR smoothing: one up to `onset`
    };
    Kind kind = Kind::Polynomial;
    double cutoff = 5; ///< Angstrom
    double p = 6;
    double onset = 0; ///< Angstrom
};
/// Of one distance; zero from the cutoff on.
double envelope(const RadialEnvelope& envelope, double distance);

/// prefactor * sin(frequency_n r) / r times the envelope.
struct BesselBasis {
    RadialEnvelope envelope;
    double prefactor = 0.4; ///< 2 / cutoff
};
/// Of one distance: one number for each frequency in 1/Angstrom.
std::vector<double> besselBasis(const BesselBasis& basis, const std::vector<double>& frequencies,
                                double distance);

// The envelopes inside their ranges, for numbers and for tensors.

/// x: distance over cutoff; power = x^p.
template<typename Number>
Number polynomialEnvelope(double p, const Number& x, const Number& power)
{
    return 1 - power * ((p + 1) * (p + 2) / 2 - x * (p * (p + 2) - x * (p * (p + 1) / 2)));
}

/// r: distance; smooth from one at the onset to zero at the cutoff.
template<typename Number>
Number xplorEnvelope(const RadialEnvelope& envelope, const Number& r)
{
    const double outer = envelope.cutoff * envelope.cutoff, inner = envelope.onset * envelope.onset;
    const Number square = r * r, rest = outer - square;
    return rest * rest * (square * 2 + (outer - 3 * inner)) * (1 / std::pow(outer - inner, 3));
}

} // namespace lodestone
