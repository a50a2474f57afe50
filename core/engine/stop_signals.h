#pragma once
#include "finetune/trainer.h"

#include <stop_token>
#include <thread>

namespace lodestone {

/// While it lives, SIGINT and SIGTERM ask for a gentle stop and a second one for a stop now. The handler only
/// writes a byte into a pipe; a watcher thread does the rest. One at a time in a process.
class StopSignals {
public:
    StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals();

    RunStop tokens() const { return {m_gentle.get_token(), m_now.get_token()}; }

private:
    void watch();

    int m_read = -1, m_write = -1;
    std::stop_source m_gentle, m_now;
    std::thread m_watcher;
};

} // namespace lodestone
