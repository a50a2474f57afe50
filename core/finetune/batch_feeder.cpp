#include "finetune/batch_feeder.h"

#include "base/error.h"

namespace lodestone {

LabelSums labelSums(const std::vector<StepBatch>& parts)
{
    LabelSums sums;
    for (const StepBatch& part : parts)
        sums += labelSums(part.labels);
    return sums;
}

BatchFeeder::BatchFeeder(std::size_t first, std::size_t end, Make make)
    : m_make(std::move(make)),
      m_thread([this, first, end] { work(first, end); })
{
}

BatchFeeder::~BatchFeeder()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ended = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

FedBatch BatchFeeder::take()
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_ready || m_failure; });
    if (!m_ready)
        std::rethrow_exception(m_failure);
    FedBatch batch = std::move(*m_ready);
    m_ready.reset();
    lock.unlock();
    m_changed.notify_all();
    return batch;
}

void BatchFeeder::work(std::size_t first, std::size_t end)
{
    for (std::size_t i = first; i < end; ++i) {
        {
            // Not earlier: a batch that waits and one in the making would be two beside the one in use.
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, [this] { return !m_ready || m_ended; });
            if (m_ended)
                return;
        }
        std::optional<FedBatch> batch;
        std::exception_ptr failure;
        try {
            batch = m_make(i);
        } catch (...) {
            failure = std::current_exception();
        }
        {
            const std::lock_guard lock(m_mutex);
            m_ready = std::move(batch);
            m_failure = failure;
        }
        m_changed.notify_all();
        if (failure)
            return;
    }
    const std::lock_guard lock(m_mutex);
    m_failure = std::make_exception_ptr(InternalError("There are no more batches to take."));
    m_changed.notify_all();
}

} // namespace lodestone
