#pragma once
#include "architectures/mace/mace_config.h"
#include "blocks/model_description.h"

namespace lodestone {

/// Throws Error (with `origin`) where blocks do not fit each other or numbers are outside what the
/// architecture means.
void validate(const MaceConfig& config, const std::string& origin);

/// Names, shapes and blocks of all parameters, without file, digest and norms. Each parameter bears its name
/// in the upstream state dict, where it is looked up in the file.
ModelDescription describeMace(const MaceConfig& config);

/// "layer_0/linear_up/weight"; "layer_0/alpha" with an empty leaf.
std::string layerTensor(std::size_t layer, const std::string& module, const std::string& leaf = "weight");
/// "layer_0/contraction/1o/weights_max": weights of order `order` of a contraction of the given highest
/// order.
std::string contractionTensor(std::size_t layer, const Irrep& irrep, int order, int highest);
/// "layer_0/conv_tp_weights/layer0" (E3nn) or "layer_0/conv_tp_weights/3/weight" (Normed; `part`: "weight",
/// "bias", "norm/weight" or "norm/bias").
std::string radialTensor(std::size_t layer, const std::string& module, const RadialNetwork& network,
                         std::size_t number, const std::string& part = "weight");
/// "readout_1/linear_2/weight".
std::string readoutTensor(std::size_t readout, const std::string& module, const std::string& leaf = "weight");

} // namespace lodestone
