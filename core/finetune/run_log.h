#pragma once
#include "finetune/reference_shift.h"
#include "finetune/trainer.h"

#include <chrono>

namespace lodestone {

/// Active time of a run: what earlier processes spent plus this one's time, pauses left out.
class RunClock {
public:
    explicit RunClock(double before) : m_before(before) {}
    double seconds() const { return m_before + sinceStart(); }
    /// Of this process.
    double sinceStart() const
    {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count() - m_paused;
    }
    void leaveOut(double seconds) { m_paused += seconds; }

private:
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
    double m_before = 0;
    double m_paused = 0;
};

/// True at most once an interval (and the first time).
class Throttle {
public:
    explicit Throttle(double interval) : m_interval(interval) {}
    bool due(double now)
    {
        if (m_any && now - m_last < m_interval)
            return false;
        m_any = true;
        m_last = now;
        return true;
    }

private:
    double m_interval;
    double m_last = 0;
    bool m_any = false;
};

/// Events of a run and the same in the engine's log.
class RunLog {
public:
    explicit RunLog(EventWriter& events) : m_events(events) {}
    void message(const std::string& level, const std::string& text);
    void messages(const std::vector<RunMessage>& messages);
    void write(const std::string& kind, Json fields) { m_events.write(kind, std::move(fields)); }
    EventWriter& events() { return m_events; }

private:
    EventWriter& m_events;
};

/// "auto" is CUDA if there is one. Error for a device that is not there. localProcess: of several processes
/// of a run on this machine, each takes a GPU of its own (in turn, where there are fewer) if `name` does not
/// say which.
torch::Device resolveDevice(const std::string& name, int localProcess = 0);
torch::Dtype resolveDtype(const std::string& name);

/// Where, when and by what a run was made: versions, host, hashes of its files. Part of run.json and of delta
/// files.
Json provenanceOf(const std::string& modelSha256, const std::map<std::string, std::string>& dataSha256,
                  torch::Device device);

} // namespace lodestone
