#pragma once
#include "finetune/trainer.h"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace lodestone {

struct DemoSettings {
    std::filesystem::path out;
    std::uint64_t seed = 1;
    int pretrainEpochs = 15;
};

/// Makes the demo in the folder `out` (resources/demo/README.md): frames of domain A and a small Nequix model
/// trained on them from random weights (both kept in out/pretraining, with the run), then demo.nqx,
/// demo_train.extxyz and demo_test.extxyz of domain B, and the configuration demo.json. Goes on with a
/// pre-training that was stopped.
RunOutcome makeDemo(const DemoSettings& settings, const RunStop& stop = {},
                    const std::function<void(const RunProgress&)>& progress = {});

} // namespace lodestone
