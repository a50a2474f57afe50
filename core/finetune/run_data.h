#pragma once
#include "finetune/batches.h"
#include "finetune/frozen_states.h"
#include "finetune/reference_shift.h"
#include "run/config.h"

#include <memory>
#include <string>
#include <vector>

namespace lodestone {

/// One split of a run: its graphs and where its frames stand in the files.
struct RunSplit {
    std::string name; ///< training, validation, test
    std::unique_ptr<FrameGraphs> graphs;
    std::vector<std::int64_t> index;      ///< [frames] in the order the files were read
    std::unique_ptr<FrozenStates> frozen; ///< null: all layers are computed every time

    std::size_t replayed = 0; ///< frames of `graphs` behind those of the files

    std::size_t size() const { return graphs->size(); }
};

/// The labelled frames of a run. Keeps the data sets that the splits point into.
struct RunData {
    std::vector<std::shared_ptr<const Dataset>> sets;
    RunSplit training, validation, test;       ///< validation and test may be empty
    std::vector<Frame> replay;                 ///< of replay.files, with labels of their own
    std::map<std::string, std::string> sha256; ///< file -> hash
    LabelKeys keys;                            ///< as used for the training files
    std::vector<RunMessage> messages;          ///< notes of the readers, frames left out
};

/// Reads, splits and builds graphs. Frames without any targeted label are left out (with a message). Error if
/// a target has no label at all in the training frames, or a frame does not fit the model. watch.stop ends it
/// by Stopped.
RunData loadRunData(const RunConfig& config, const ModelDescription& model, torch::Dtype dtype,
                    const Watch& watch);

/// Atomic numbers in a split, of its files or of all its frames.
std::vector<int> elementsOf(const RunSplit& split, bool withReplay);

/// Of all splits.
ElementPairs elementPairs(const RunData& data);

} // namespace lodestone
