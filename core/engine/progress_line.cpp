#include "engine/progress_line.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace lodestone {
namespace {

constexpr int barWidth = 30;
constexpr auto plainInterval = std::chrono::seconds(10);
constexpr double plainShare = 0.1;

std::size_t terminalWidth()
{
    winsize size = {};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

std::string durationText(double seconds)
{
    const auto s = static_cast<long>(std::max(0.0, seconds) + 0.5);
    if (s >= 3600)
        return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
    if (s >= 60)
        return fmt::format("{} min {:02} s", s / 60, s % 60);
    return fmt::format("{} s", s);
}

ProgressLine::ProgressLine() : m_terminal(::isatty(STDERR_FILENO) != 0) {}

void ProgressLine::show(double fraction, const std::string& text, double secondsLeft)
{
    fraction = std::clamp(fraction, 0.0, 1.0);
    const auto now = std::chrono::steady_clock::now();
    std::string left = secondsLeft >= 0 ? ", " + durationText(secondsLeft) + " left" : "";
    if (!m_terminal) {
        if (m_lastFraction >= 0 && fraction - m_lastFraction < plainShare && now - m_last < plainInterval)
            return;
        fmt::print(stderr, "{:3.0f} % {}{}\n", 100 * fraction, text, left);
    } else {
        const int full = int(fraction * barWidth + 0.5);
        std::string line = fmt::format("[{}{}] {:3.0f} % {}{}", std::string(full, '#'),
                                       std::string(barWidth - full, '.'), 100 * fraction, text, left);
        line.resize(std::min(line.size(), terminalWidth() - 1)); // a wrapped line could not be drawn over
        fmt::print(stderr, "\r\033[K{}", line);
        m_open = true;
    }
    std::fflush(stderr);
    m_last = now;
    m_lastFraction = fraction;
}

void ProgressLine::show(const RunProgress& progress, const std::string& before)
{
    const std::string what =
        progress.note.empty() ? fmt::format("loss {:.4g}", progress.loss) : progress.note;
    show(progress.steps ? static_cast<double>(progress.step) / static_cast<double>(progress.steps) : 0,
         fmt::format("{}epoch {}/{}, {}", before, progress.epoch, progress.epochs, what),
         progress.secondsLeft);
}

void ProgressLine::finish()
{
    if (m_open)
        fmt::print(stderr, "\n");
    m_open = false;
}

} // namespace lodestone
