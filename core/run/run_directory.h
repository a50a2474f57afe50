#pragma once
#include "base/json.h"
#include "run/config.h"
#include "run/job_record.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace lodestone {

/// Names of everything in a run directory (docs/file-formats.md).
struct RunPaths {
    std::filesystem::path root;
    std::filesystem::path configuration() const { return root / "run.json"; }
    std::filesystem::path events() const { return root / "events.jsonl"; }
    std::filesystem::path control() const { return root / "control.jsonl"; }
    std::filesystem::path log() const { return root / "engine.log"; }
    std::filesystem::path lock() const { return root / "lock"; }
    std::filesystem::path job() const { return root / "job.json"; } ///< of a scheduler (run/job_record.h)
    std::filesystem::path checkpoints() const { return root / "checkpoints"; }
    std::filesystem::path lastCheckpoint() const { return checkpoints() / "last.h5"; }
    std::filesystem::path bestCheckpoint() const { return checkpoints() / "best.h5"; }
    std::filesystem::path result() const { return root / "result"; }
    std::filesystem::path delta() const { return result() / "delta.h5"; }
    std::filesystem::path metrics() const { return result() / "metrics.json"; }
    std::filesystem::path predictions() const { return result() / "predictions.h5"; }
    std::filesystem::path audit() const { return result() / "audit.json"; }
    std::filesystem::path explanation() const { return result() / "explanation.json"; }
};

/// One engine a run: host, pid and start time in the file `lock`, whose time of change is the engine's last
/// sign of life. Taking it throws Error if a live process holds it, or a newer version of Lodestone wrote it,
/// and for any process of another host, which only a person can know to be gone; the lock of a dead process
/// on this host (or one whose pid was reused: other start time) is taken over.
class RunLock {
public:
    explicit RunLock(const RunPaths& paths);
    RunLock(const RunLock&) = delete;
    RunLock& operator=(const RunLock&) = delete;
    ~RunLock();

    /// To be called often: gives a sign of life every quarter of a minute. Error if meanwhile the lock
    /// belongs to another engine; a lock that somebody deleted is made again.
    void beat(std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now());

    struct Holder {
        std::string host;
        long pid = 0;
        /// The process is there; of another host: it gave a sign of life in the last ten minutes (by this
        /// machine's clock).
        bool alive = false;
        std::chrono::system_clock::time_point lastSign = {};
    };
    static std::optional<Holder> holder(const RunPaths& paths);

private:
    void write() const;

    std::filesystem::path m_file;
    std::chrono::steady_clock::time_point m_lastBeat;
};

/// Appends events: {"schema":1,"run":NAME,"seq":N,"time":UNIX_SECONDS,"kind":KIND, ...fields}. Each line is
/// one write(2) and reaches the file at once. On construction a torn last line is cut off and seq goes on
/// after the last whole event. Error if the events are of a newer schema, or a symbolic link is in their
/// place.
class EventWriter {
public:
    explicit EventWriter(const RunPaths& paths);
    ~EventWriter();
    /// Safe from several threads. Error if the line cannot be written (then none of it is in the file). The
    /// events that end a run are safe against a loss of power at once.
    void write(const std::string& kind, Json fields);
    /// Makes all events so far safe against a loss of power. Error (path and reason).
    void sync();
    std::uint64_t nextSequence() const;
    /// Forgets events with seq >= `sequence` (resuming from an older checkpoint).
    void rewind(std::uint64_t sequence);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Reads a growing events file from where it left off; tolerates a torn last line (read later) and unknown
/// kinds, notices when the file was cut (then everything is delivered anew and `restarted` is true).
class EventReader {
public:
    explicit EventReader(std::filesystem::path file) : m_file(std::move(file)) {}
    struct Batch {
        std::vector<Json> events;
        bool restarted = false;
    };
    /// About maxBytes of new text a call (one line at least). A file that is not there yet gives nothing.
    /// Error if events are of a newer schema, or if a line is absurdly long.
    Batch poll(std::size_t maxBytes = 8 << 20);
    /// Bytes of the file delivered so far.
    std::uintmax_t offset() const { return m_offset; }

private:
    std::filesystem::path m_file;
    std::uintmax_t m_offset = 0;
    std::uintmax_t m_lastLine = 0; ///< where the last delivered line begins, and how
    std::string m_lastHead;
};

/// Commands that a person or the desktop appends to control.jsonl:
/// {"schema":1,"do":"pause|resume|stop|checkpoint|evaluate","time":UNIX_SECONDS}; only "do" is needed.
class ControlReader {
public:
    /// Commands already in the file when the run starts are ignored (they were for an earlier process).
    explicit ControlReader(const RunPaths& paths);
    std::vector<std::string> poll(); ///< unknown or broken lines are logged and skipped

private:
    std::filesystem::path m_file;
    std::uintmax_t m_offset = 0;
};
/// Appends a command; UsageError for an unknown one, Error if the file cannot be written or is a symbolic
/// link.
void sendControl(const RunPaths& paths, const std::string& command);

/// What is known of a run without an engine: for lists.
struct RunSummary {
    std::string name;
    RunPaths paths;
    /// running | paused | finished | stopped | failed | interrupted (no engine, no end event) | empty | newer
    /// (events of a newer version, which are not read); with a job queued | starting (the job runs, and no
    /// event of its engine is to be seen yet)
    std::string state;
    double started = 0; ///< Unix seconds
    int epoch = 0, epochs = 0;
    std::map<std::string, std::size_t> frames = {}; ///< train | replay | validation | test -> count
    std::optional<double> changedOfModel;
    std::optional<JobRecord> job = {}; ///< nothing, too, where job.json cannot be read
};
/// Reads the beginning and the end of the events, however long they are. A folder without events is "empty".
RunSummary summariseRun(const std::filesystem::path& folder);
/// What a run directory records of its run, as `compare --json` prints it: {"run", "state", "model",
/// "method", "seed", "split_seed", "epochs", "frames": {train, replay, validation, test}}, and from
/// result/metrics.json (null without a result) "eligible", "changed", "parameters", "changed_of_eligible",
/// "changed_of_model", "epoch", "seconds", "splits", "forgetting". Error if the folder is no run directory.
Json runRecord(const std::filesystem::path& folder);
/// Run directories (folders with run.json, events.jsonl or job.json) directly below `folder`, and below a
/// sweep's folder (with sweep.json) there, named "SWEEP/RUN"; newest first.
std::vector<RunSummary> findRuns(const std::filesystem::path& folder);

} // namespace lodestone
