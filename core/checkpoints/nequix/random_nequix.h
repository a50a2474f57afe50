#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lodestone {

/// A Nequix model of a given size with random weights (used by the demo and by tests).
struct NequixSize {
    double cutoff = 5;
    std::vector<int> elements;
    std::string hiddenIrreps = "32x0e + 16x1o";
    int lMax = 1;
    int layers = 2;
    int radialBasis = 8;
    std::vector<int> radialMlp = {32, 32};
    double averageNeighbours = 20;
    double polynomialP = 6;
};
void writeRandomNequix(const NequixSize& size, std::uint64_t seed, const std::filesystem::path& out);

} // namespace lodestone
