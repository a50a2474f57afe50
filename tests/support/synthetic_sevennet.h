#pragma once
// Writes SevenNet checkpoints as upstream lays them out, with random numbers, so that tests need no files
// from outside.
#include "architectures/nequip/sevennet.h"
#include "support/torch_archive_writer.h"

#include <algorithm>
#include <random>

namespace lodestone::test {

/// A checkpoint before it is written: entries of "config" by key, tensors of "model_state_dict" by name.
/// Tests change both.
struct SevenNetCheckpoint {
    using Write = std::function<void(PickleWriter&)>;
    struct Tensor {
        std::string name;
        std::vector<std::int64_t> shape;
        std::vector<float> values;
    };
    std::vector<std::pair<std::string, Write>> config;
    std::vector<Tensor> tensors;

    void set(const std::string& key, Write value)
    {
        for (auto& entry : config)
            if (entry.first == key) {
                entry.second = std::move(value);
                return;
            }
        config.emplace_back(key, std::move(value));
    }
    void remove(const std::string& key)
    {
        std::erase_if(config, [&](const auto& entry) { return entry.first == key; });
    }
    Tensor& tensor(const std::string& name)
    {
        return *std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == name; });
    }

    std::string bytes() const
    {
        TorchFileWriter file;
        PickleWriter& w = file.data;
        w.dictionary([&] {
            w.text("model_state_dict").orderedDictionary([&] {
                for (const Tensor& tensor : tensors)
                    w.text(tensor.name).values(tensor.values, tensor.shape);
            });
            w.text("config").dictionary([&] {
                for (const auto& [key, write] : config) {
                    w.text(key);
                    write(w);
                }
            });
            w.text("epoch").integer(3);
        });
        return file.saved();
    }
};

inline SevenNetCheckpoint::Write pickledInteger(std::int64_t value)
{
    return [value](PickleWriter& w) { w.integer(value); };
}
inline SevenNetCheckpoint::Write pickledReal(double value)
{
    return [value](PickleWriter& w) { w.real(value); };
}
inline SevenNetCheckpoint::Write pickledText(const std::string& value)
{
    return [value](PickleWriter& w) { w.text(value); };
}
inline SevenNetCheckpoint::Write pickledBoolean(bool value)
{
    return [value](PickleWriter& w) { w.boolean(value); };
}
/// Texts under texts.
inline SevenNetCheckpoint::Write pickledTexts(const std::vector<std::pair<std::string, std::string>>& entries)
{
    return [entries](PickleWriter& w) {
        w.dictionary([&] {
            for (const auto& [key, value] : entries)
                w.text(key).text(value);
        });
    };
}

/// Settings of the checkpoint below: with parity, two elements, two layers, everything at upstream's
/// defaults.
inline SevenNetConfig syntheticSettings()
{
    SevenNetConfig config;
    config.cutoff = 4;
    config.envelope.cutoff = 4;
    config.elements = {72, 8};
    config.channels = 3;
    config.lMax = 1;
    config.layers = 2;
    config.radialHidden = {4};
    config.elementSelfConnection = {true, true};
    config.shiftShape = {2};
    config.scaleShape = {1};
    return config;
}

/// The tensors that settings ask for, with random numbers.
inline std::vector<SevenNetCheckpoint::Tensor> syntheticTensors(const SevenNetConfig& settings)
{
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    std::vector<SevenNetCheckpoint::Tensor> tensors;
    for (const ParameterInfo& info : sevenNetNetwork(settings).tensors) {
        SevenNetCheckpoint::Tensor tensor{info.stored, info.shape, {}};
        for (std::int64_t i = 0; i < info.count; ++i)
            tensor.values.push_back(info.module == "radial_basis" ? 0.8f * static_cast<float>(i + 1)
                                    : info.kind == "scale"        ? 2.0f
                                                                  : normal(random));
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

/// A checkpoint of version 0.12.0 with those settings.
inline SevenNetCheckpoint syntheticCheckpoint()
{
    SevenNetCheckpoint checkpoint;
    checkpoint.config = {
        {"cutoff", pickledReal(4)},
        {"channel", pickledInteger(3)},
        {"radial_basis", pickledTexts({{"radial_basis_name", "bessel"}})},
        {"cutoff_function", pickledTexts({{"cutoff_function_name", "poly_cut"}})},
        {"interaction_type", pickledText("nequip")},
        {"lmax", pickledInteger(1)},
        {"is_parity", pickledBoolean(true)},
        {"num_convolution_layer", pickledInteger(2)},
        {"weight_nn_hidden_neurons", [](PickleWriter& w) { w.list([&] { w.integer(4); }); }},
        {"act_radial", pickledText("silu")},
        {"act_scalar", pickledTexts({{"e", "silu"}, {"o", "tanh"}})},
        {"act_gate", pickledTexts({{"e", "silu"}, {"o", "tanh"}})},
        {"self_connection_type", pickledText("nequip")},
        {"irreps_manual", pickledBoolean(false)},
        {"_type_map",
         [](PickleWriter& w) { w.dictionary([&] { w.integer(72).integer(0).integer(8).integer(1); }); }},
        {"_number_of_species", pickledInteger(2)},
        {"version", pickledText("0.12.0")}};
    checkpoint.tensors = syntheticTensors(syntheticSettings());
    return checkpoint;
}

} // namespace lodestone::test
