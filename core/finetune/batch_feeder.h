#pragma once
#include "finetune/batches.h"

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace lodestone {

/// A batch, or a part of one, on the device.
struct StepBatch {
    GraphBatch graphs;
    BatchLabels labels;
    LayerState from = {}; ///< of the layers that need not be computed; without layers: all are
};

LabelSums labelSums(const std::vector<StepBatch>& parts);

/// One batch in the parts that are computed at once.
struct FedBatch {
    std::vector<std::vector<std::size_t>> frames; ///< of each part
    std::vector<StepBatch> parts;
};

/// Makes the batches of an epoch in a thread of its own, one ahead of the one who takes them: while a step is
/// computed, the next one's neighbour lists, labels and copies to the device are made. At most one batch
/// waits.
class BatchFeeder {
public:
    using Make = std::function<FedBatch(std::size_t)>;
    /// Batches first .. end - 1. make: called in the thread.
    BatchFeeder(std::size_t first, std::size_t end, Make make);
    ~BatchFeeder();
    BatchFeeder(const BatchFeeder&) = delete;
    BatchFeeder& operator=(const BatchFeeder&) = delete;

    /// The next batch; waits for it, and throws what `make` threw.
    FedBatch take();

private:
    void work(std::size_t first, std::size_t end);

    Make m_make;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::optional<FedBatch> m_ready;
    std::exception_ptr m_failure;
    bool m_ended = false; ///< nobody takes any more
    std::thread m_thread;
};

} // namespace lodestone
