#pragma once
#include "formats/formats.h"
#include "support/shared_data.h"

#include <cmath>

namespace lodestone {

inline double real(const Structure& s, const char* key)
{
    return std::get<double>(s.info.at(key));
}

inline std::vector<double> stressOf(const Structure& s)
{
    return std::get<std::vector<double>>(s.info.at("stress"));
}

inline QString all(const std::vector<std::string>& notes)
{
    QString text;
    for (const std::string& note : notes)
        text += QString::fromStdString(note) + "\n";
    return text;
}

/// Difference of positions in Angstrom, whole cells apart.
inline double apart(const Structure& a, const Structure& b)
{
    double largest = 0.0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        Vec3 f = (a.positions[k] - b.positions[k]) * inverse(b.cell);
        for (double& x : f)
            x -= std::round(x);
        largest = std::max(largest, norm(f * b.cell));
    }
    return largest;
}

inline std::filesystem::path vaspOutput(const std::string& name)
{
    return sharedPath("data/vasp-outcars") / name;
}

} // namespace lodestone
