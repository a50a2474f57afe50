#include "base/files.h"
#include "base/schema.h"
#include "run/run_directory.h"

#include <algorithm>
#include <chrono>
#include <fcntl.h>

namespace lodestone {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t window = 256 << 10;

/// The events in [offset, offset + window) of the file, without a line that the window cuts.
std::vector<Json> eventsIn(int fd, std::uintmax_t offset, const fs::path& path)
{
    std::string text(window, '\0');
    text.resize(readAt(fd, offset, text.data(), text.size(), path));
    std::vector<Json> events;
    std::size_t begin = offset == 0 ? 0 : text.find('\n');
    if (begin == std::string::npos)
        return events;
    begin += offset != 0;
    for (std::size_t end = text.find('\n', begin); end != std::string::npos; end = text.find('\n', begin)) {
        Json event = parseJsonOrNull(std::string_view(text).substr(begin, end - begin));
        if (event.is_object())
            events.push_back(std::move(event));
        begin = end + 1;
    }
    return events;
}

/// Nothing for an absent key, null and what is no T.
template<class T>
std::optional<T> field(const Json& event, const char* key)
{
    const auto found = event.find(key);
    return found == event.end() || found->is_null() ? std::nullopt : jsonValue<T>(*found);
}

void readEvent(const Json& event, RunSummary& summary, double& lastEvent)
{
    lastEvent = field<double>(event, "time").value_or(lastEvent);
    if (field<double>(event, "schema").value_or(1) > schema::events) {
        summary.state = "newer";
        return;
    }
    const std::string kind = field<std::string>(event, "kind").value_or("");
    // Of a long run only the end may be read, and that need not hold a step.
    if (kind == "started" || kind == "resumed" || kind == "step" || kind == "evaluation" ||
        kind == "sparsity")
        summary.state = "running";
    else if (kind == "paused" || kind == "finished" || kind == "stopped" || kind == "failed")
        summary.state = kind;
    if (kind == "started" && event.contains("config") && event["config"].is_object())
        summary.epochs = field<int>(event["config"], "epochs").value_or(summary.epochs);
    if (kind == "started" && event.contains("frames") && event["frames"].is_object())
        for (const auto& [part, count] : event["frames"].items())
            if (const auto frames = jsonValue<std::size_t>(count))
                summary.frames[part] = *frames;
    if (kind == "step" || kind == "evaluation")
        summary.epoch = field<int>(event, "epoch").value_or(summary.epoch);
    if (kind == "step")
        if (const auto changed = field<double>(event, "changed_of_model"))
            summary.changedOfModel = changed;
    if (kind == "sparsity" && event.contains("record") && event["record"].is_object())
        if (const auto changed = field<double>(event["record"], "changed_of_model"))
            summary.changedOfModel = changed;
}

} // namespace

RunSummary summariseRun(const fs::path& folder)
{
    RunSummary summary;
    summary.paths.root = folder;
    summary.name = fs::absolute(folder / ".").lexically_normal().parent_path().filename().string();
    summary.state = "empty";
    // Not openForReading(): one odd folder must not cost the list of runs. Of a pipe there is no size.
    double lastEvent = 0;
    const FileDescriptor file(::open(summary.paths.events().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    std::error_code error;
    const std::uintmax_t size = fs::file_size(summary.paths.events(), error);
    if (file.get() >= 0 && !error) {
        const std::vector<Json> head = eventsIn(file.get(), 0, summary.paths.events());
        if (!head.empty())
            summary.started = field<double>(head.front(), "time").value_or(0);
        for (const Json& event : head)
            readEvent(event, summary, lastEvent);
        if (size > window)
            for (const Json& event : eventsIn(file.get(), size - window, summary.paths.events()))
                readEvent(event, summary, lastEvent);
    }
    const auto holder = RunLock::holder(summary.paths);
    const bool alive = holder && holder->alive;
    try {
        summary.job = readJobRecord(summary.paths);
    } catch (const Error&) {
        // One odd file must not cost the list of runs.
    }
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    // An engine that resumes an ended run holds the lock before it has written its first event.
    summary.state = stateWithJob(summary.state, alive, lastEvent, summary.job, now);
    if (summary.started == 0 && summary.job)
        summary.started = summary.job->submitted;
    return summary;
}

Json runRecord(const fs::path& folder)
{
    const RunPaths paths{folder};
    if (!fs::exists(paths.configuration()))
        fail("{} is no run directory: it has no run.json.", folder.string());
    const RunSummary summary = summariseRun(folder);
    const RunConfig config = readRunConfig(paths.configuration());
    Json record = {{"run", summary.name},
                   {"state", summary.state},
                   {"model", fs::path(config.model).filename().string()},
                   {"method", config.method.kind},
                   {"seed", config.seed},
                   {"split_seed", config.data.splitSeed},
                   {"epochs", config.epochs},
                   {"frames", summary.frames}};
    const Json metrics =
        fs::exists(paths.metrics()) ? schema::readFile(paths.metrics(), schema::metrics) : Json::object();
    for (const char* key : {"eligible", "changed", "parameters", "changed_of_eligible", "changed_of_model",
                            "epoch", "seconds", "splits", "forgetting"})
        record[key] = metrics.contains(key) ? metrics[key] : Json();
    return record;
}

std::vector<RunSummary> findRuns(const fs::path& folder)
{
    std::vector<RunSummary> runs;
    const auto look = [&runs](const fs::path& in, const std::string& prefix, auto&& another) -> void {
        std::error_code error;
        for (fs::directory_iterator entry(in, error), end; !error && entry != end; entry.increment(error)) {
            std::error_code ignored;
            const RunPaths paths{entry->path()};
            if (fs::exists(paths.configuration(), ignored) || fs::exists(paths.events(), ignored) ||
                fs::exists(paths.job(), ignored)) {
                runs.push_back(summariseRun(entry->path()));
                runs.back().name = prefix + runs.back().name;
            } else if (prefix.empty() && fs::exists(paths.root / "sweep.json", ignored)) {
                another(paths.root, paths.root.filename().string() + "/", another);
            }
        }
    };
    look(folder, "", look);
    std::sort(runs.begin(), runs.end(), [](const RunSummary& a, const RunSummary& b) {
        return a.started != b.started ? a.started > b.started : a.name < b.name;
    });
    return runs;
}

} // namespace lodestone
