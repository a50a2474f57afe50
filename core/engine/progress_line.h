#pragma once
#include "finetune/trainer.h"

#include <chrono>
#include <string>

namespace lodestone {

/// "3 min 20 s", "45 s", "2 h 05 min".
std::string durationText(double seconds);

/// Progress on standard error: a bar that is drawn over itself on a terminal, else a plain line now and then.
class ProgressLine {
public:
    ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ~ProgressLine() { finish(); }

    /// fraction 0..1; secondsLeft < 0: not known.
    void show(double fraction, const std::string& text, double secondsLeft = -1);
    /// A fine-tuning run's: "epoch 3/40, loss 0.012". before: in front of it.
    void show(const RunProgress& progress, const std::string& before = {});
    /// Ends a drawn bar's line.
    void finish();

private:
    bool m_terminal;
    bool m_open = false;
    double m_lastFraction = -1;
    std::chrono::steady_clock::time_point m_last;
};

} // namespace lodestone
