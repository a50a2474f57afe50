#include "algebra/harmonics.h"

#include "algebra/wigner.h"

#include <cmath>

namespace lodestone {

std::vector<double> harmonicsStep(int l)
{
    // At the pole (0, 1, 0) of e3nn's basis only m = 0 is not zero, and positive: this fixes the scale of
    // each step.
    std::vector<double> coupling = wigner3j(l - 1, 1, l);
    const int middle = ((l - 1) * 3 + 1) * (2 * l + 1) + l;
    const double atPole =
        coupling[static_cast<std::size_t>(middle)] * std::sqrt(2.0 * l - 1) * std::sqrt(3.0);
    for (double& value : coupling)
        value *= std::sqrt(2.0 * l + 1) / atPole;
    return coupling;
}

std::vector<double> sphericalHarmonicsAt(int lMax, const std::array<double, 3>& vector)
{
    std::vector<double> harmonics = {1};
    if (lMax >= 1)
        for (const double x : vector)
            harmonics.push_back(x * std::sqrt(3.0));
    for (int l = 2; l <= lMax; ++l) {
        const std::vector<double> step = harmonicsStep(l);
        const int size = 2 * l + 1, before = (l - 1) * (l - 1);
        for (int m = 0; m < size; ++m) {
            double sum = 0;
            for (int pair = 0; pair < (2 * l - 1) * 3; ++pair)
                sum += harmonics[static_cast<std::size_t>(before + pair / 3)] *
                       harmonics[static_cast<std::size_t>(1 + pair % 3)] *
                       step[static_cast<std::size_t>(pair * size + m)];
            harmonics.push_back(sum);
        }
    }
    return harmonics;
}

} // namespace lodestone
