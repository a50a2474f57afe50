#include "checkpoints/nequix/random_nequix.h"
#include "base/error.h"
#include "base/files.h"
#include "checkpoints/nequix/nequix_file.h"

#include <cmath>
#include <cstring>
#include <numbers>
#include <random>

namespace lodestone {
namespace {

constexpr double mlpInitScale = 4.0; // upstream's default

/// Normal numbers that are the same with every standard library (Box-Muller on the fully specified
/// mt19937_64).
class NormalNumbers {
public:
    explicit NormalNumbers(std::uint64_t seed) : m_engine(seed) {}
    double next()
    {
        const double u = 1 - uniform(); // never 0
        return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * uniform());
    }

private:
    double uniform() { return static_cast<double>(m_engine() >> 11) * 0x1p-53; }
    std::mt19937_64 m_engine;
};

/// Width of the distribution of a tensor's first values, as upstream draws them; 0 means constants. The
/// readout is ten times narrower, so that an untrained model predicts small forces.
double widthOf(const ParameterInfo& info, const NequixConfig& config)
{
    if (info.kind == "reference" || info.kind == "norm")
        return 0;
    if (info.kind == "readout")
        return 0.1;
    if (info.kind == "radial") {
        const bool last = info.name.ends_with("/" + std::to_string(config.radialMlpLayers));
        return std::sqrt((last ? 1.0 : mlpInitScale) / static_cast<double>(info.shape[0]));
    }
    return 1;
}

Json headerOf(const NequixConfig& config)
{
    Json header = {
        {"cutoff", config.cutoff}, {"atomic_numbers", config.elements}, {"atom_energies", Json::object()}};
    for (const int z : config.elements)
        header["atom_energies"][std::to_string(z)] = 0.0;
    header["avg_n_neighbors"] = config.averageNeighbours;
    header["scale"] = config.scale;
    header["shift"] = config.shift;
    header["hidden_irreps"] = toString(config.hidden);
    header["lmax"] = config.lMax;
    header["n_layers"] = config.layers;
    header["radial_basis_size"] = config.radialBasis;
    header["radial_mlp_size"] = config.radialMlpSize;
    header["radial_mlp_layers"] = config.radialMlpLayers;
    header["radial_polynomial_p"] = config.polynomialP;
    header["mlp_init_scale"] = mlpInitScale;
    header["index_weights"] = false;
    header["layer_norm"] = config.layerNorm;
    return header;
}

} // namespace

void writeRandomNequix(const NequixSize& size, std::uint64_t seed, const std::filesystem::path& out)
{
    NequixConfig config;
    config.cutoff = size.cutoff;
    config.elements = size.elements;
    config.hidden = parseIrreps(size.hiddenIrreps);
    config.lMax = size.lMax;
    config.layers = size.layers;
    config.radialBasis = size.radialBasis;
    config.radialMlpLayers = static_cast<int>(size.radialMlp.size());
    config.radialMlpSize = size.radialMlp.empty() ? 1 : size.radialMlp.front();
    for (const int width : size.radialMlp)
        if (width != config.radialMlpSize)
            fail("A Nequix file has one width for all hidden layers of the radial network; {} and {} were "
                 "asked for.",
                 config.radialMlpSize, width);
    config.averageNeighbours = size.averageNeighbours;
    config.polynomialP = size.polynomialP;
    validate(config, out.string());

    NormalNumbers numbers(seed);
    std::string bytes = headerOf(config).dump() + "\n";
    for (const ParameterInfo& info : describeNequix(config).tensors) {
        bytes += npyHeader(info.shape);
        const double width = widthOf(info, config);
        for (std::int64_t i = 0; i < info.count; ++i) {
            const auto value = static_cast<float>(width > 0             ? width * numbers.next()
                                                  : info.kind == "norm" ? 1.0
                                                                        : 0.0);
            char raw[sizeof value];
            std::memcpy(raw, &value, sizeof value);
            bytes.append(raw, sizeof value);
        }
    }
    writeFileAtomically(out, bytes);
}

} // namespace lodestone
