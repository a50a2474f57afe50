#include "run_contents.h"
#include "base/error.h"
#include "base/files.h"
#include "run/run_directory.h"

#include <algorithm>
#include <hdf5.h>
#include <vector>

namespace lodestone::test {
namespace {

namespace fs = std::filesystem;

/// A JSON text in the file without what depends on the clock and on how the run was cut into parts.
std::string withoutTimes(const std::string& text)
{
    Json json = Json::parse(text, nullptr, false);
    if (!json.is_object())
        return text;
    for (const char* key : {"date", "host", "seconds"})
        json.erase(key);
    if (json.contains("position"))
        for (const char* key : {"seconds", "next_sequence"})
            json["position"].erase(key);
    return json.dump();
}

/// The events that are the same however often a run was interrupted; the rest goes where it belongs.
void readEvents(const fs::path& run, RunContents& contents)
{
    const std::vector<Json> events = EventReader(RunPaths{run}.events()).poll(64 << 20).events;
    std::string before;
    std::int64_t lastStep = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        Json event = events[i];
        const auto kind = event.value("kind", std::string());
        if (event.value("seq", std::size_t(-1)) != i)
            contents.faults += fmt::format("Event {} has the number {}. ", i, event.value("seq", -1));
        for (const char* key :
             {"time", "seq", "run", "seconds", "eta", "atoms_per_second", "edges_per_second"})
            event.erase(key);
        const auto step = event.value("step", std::int64_t(-1));
        if (kind == "started") {
            if (event.value("resumed", false) != (i > 0))
                contents.faults += "A part of the run began without the first, or the other way round. ";
        } else if (kind == "step") {
            if (step <= lastStep)
                contents.faults += fmt::format("Step {} comes after step {}. ", step, lastStep);
            lastStep = step;
            contents.steps[step] = event.dump();
        } else if (kind == "sparsity" && before != "evaluation") {
            contents.sparsity[step] = event.dump();
        } else {
            contents.events += event.dump() + "\n";
            if (kind == "evaluation" && step > 0)
                contents.epochEnds.insert(step);
        }
        before = kind;
    }
}

std::string firstDifference(const std::string& a, const std::string& b)
{
    const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
    const std::size_t newline = a.rfind('\n', static_cast<std::size_t>(std::max<std::ptrdiff_t>(at - 1, 0)));
    const std::size_t line = newline == std::string::npos ? 0 : newline + 1;
    return fmt::format("'{}' instead of '{}'", b.substr(std::min(line, b.size()), 160), a.substr(line, 160));
}

} // namespace

std::map<std::string, std::string> arraysOf(const fs::path& path)
{
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        fail("{}: cannot be opened as an HDF5 file.", path.string());
    std::map<std::string, std::string> arrays;
    std::vector<std::string> names;
    H5Ovisit(
        file, H5_INDEX_NAME, H5_ITER_INC,
        [](hid_t, const char* name, const H5O_info_t* about, void* data) -> herr_t {
            if (about->type == H5O_TYPE_DATASET)
                static_cast<std::vector<std::string>*>(data)->emplace_back(name);
            return 0;
        },
        &names);
    for (const std::string& name : names) {
        const hid_t set = H5Dopen2(file, name.c_str(), H5P_DEFAULT);
        const hid_t type = H5Dget_type(set), space = H5Dget_space(set);
        const auto count =
            static_cast<std::size_t>(std::max<hssize_t>(H5Sget_simple_extent_npoints(space), 0));
        std::string bytes(count * H5Tget_size(type), '\0');
        const bool read =
            bytes.empty() || H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) >= 0;
        if (H5Tget_class(type) == H5T_STRING)
            bytes = withoutTimes(bytes);
        H5Sclose(space);
        H5Tclose(type);
        H5Dclose(set);
        if (!read)
            fail("{}: {} cannot be read.", path.string(), name);
        arrays[name] = std::move(bytes);
    }
    H5Fclose(file);
    return arrays;
}

RunContents contentsOf(const fs::path& run)
{
    RunContents contents;
    for (const auto& entry : fs::recursive_directory_iterator(run)) {
        const fs::path path = entry.path();
        const std::string name = path.lexically_relative(run).string();
        if (entry.is_directory() || name == "engine.log")
            continue;
        contents.parts["file " + name] = "";
        if (path.extension() == ".h5")
            for (auto& [array, bytes] : arraysOf(path))
                contents.parts[name + ":" + array] = std::move(bytes);
        else if (name == "result/metrics.json")
            contents.parts[name] = withoutTimes(readFile(path));
    }
    readEvents(run, contents);
    return contents;
}

std::string differences(const RunContents& reference, const RunContents& run)
{
    std::string text = run.faults;
    for (const auto& [name, bytes] : reference.parts)
        if (const auto found = run.parts.find(name); found == run.parts.end())
            text += fmt::format("{} is missing. ", name);
        else if (found->second != bytes)
            text += fmt::format("{} differs. ", name);
    for (const auto& [name, bytes] : run.parts)
        if (!reference.parts.contains(name))
            text += fmt::format("{} should not be there. ", name);
    if (run.events != reference.events)
        text += fmt::format("Events differ: {}. ", firstDifference(reference.events, run.events));
    for (const auto& [own, other] :
         {std::pair{&run.steps, &reference.steps}, {&run.sparsity, &reference.sparsity}})
        for (const auto& [step, event] : *own)
            if (const auto found = other->find(step); found != other->end() && found->second != event)
                text += fmt::format("Step {} differs: {}. ", step, firstDifference(found->second, event));
    for (const std::int64_t step : reference.epochEnds)
        if (!run.steps.contains(step))
            text += fmt::format("Step {} is missing. ", step);
    return text;
}

std::string wrongView(const fs::path& run)
{
    try {
        const RunPaths paths{run};
        const std::string state = summariseRun(run).state;
        const std::vector<Json> events = EventReader(paths.events()).poll(64 << 20).events;
        std::string text;
        for (std::size_t i = 0; i < events.size(); ++i)
            if (events[i].value("seq", std::size_t(-1)) != i)
                text += fmt::format("Event {} of the crashed run has the number {}. ", i,
                                    events[i].value("seq", -1));
        const std::string last = events.empty() ? "" : events.back().value("kind", std::string());
        const bool ended = last == "finished" || last == "stopped" || last == "failed";
        const std::string expected = events.empty() ? "empty" : ended ? last : "interrupted";
        if (state != expected)
            text += fmt::format("The state of the crashed run is told as '{}', but it is '{}'. ", state,
                                expected);
        if (state == "finished" && !(fs::exists(paths.metrics()) && fs::exists(paths.delta())))
            text += "The run says that it has finished, but its result is not there. ";
        if (fs::exists(paths.configuration()))
            runRecord(run);
        return text;
    } catch (const std::exception& e) {
        return fmt::format("Looking at the crashed run fails: {} ", e.what());
    }
}

} // namespace lodestone::test
