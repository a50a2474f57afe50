// Any bytes as the events of a run, read in pieces and at once, summarised, and written on as a resumed run
// does; behind a line "===" the run's lock.
#include "blocks/sparsity.h"
#include "fuzz_support.h"
#include "run/metrics.h"
#include "run/run_directory.h"

namespace {

using namespace lodestone;
using fuzz::answers;
using fuzz::check;

std::vector<Json> allEvents(const std::filesystem::path& file, std::size_t atOnce)
{
    EventReader reader(file);
    std::vector<Json> events;
    while (true) {
        const std::uintmax_t before = reader.offset();
        for (Json& event : reader.poll(atOnce).events)
            events.push_back(std::move(event));
        if (reader.offset() == before)
            return events;
    }
}

/// What the desktop takes out of events.
void readRecords(const Json& event)
{
    if (const auto record = event.find("record"); record != event.end())
        answers([&] { sparsityRecordFromJson(*record); });
    if (const auto splits = event.find("splits"); splits != event.end())
        for (const auto& [split, sides] : splits->items())
            for (const Json& metrics : sides)
                answers([&] { toJson(metricsFromJson(metrics)); });
}

void readRun(const RunPaths& paths)
{
    const std::vector<Json> events = allEvents(paths.events(), std::size_t{1} << 16);
    check(events == allEvents(paths.events(), 100));
    for (const Json& event : events)
        readRecords(event);
    const RunSummary summary = summariseRun(paths.root);
    check(!summary.state.empty() && summary.name == "run");
}

void writeOn(const RunPaths& paths)
{
    EventWriter writer(paths);
    writer.rewind(writer.nextSequence() / 2);
    const std::uint64_t sequence = writer.nextSequence();
    const std::size_t before = allEvents(paths.events(), std::size_t{1} << 16).size();
    writer.write("message", {{"text", "\xff"}});
    const std::vector<Json> events = allEvents(paths.events(), std::size_t{1} << 16);
    check(events.size() == before + 1 && events.back()["seq"] == sequence);
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***)
{
    fuzz::silenceLog();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const fuzz::ScratchFolder folder;
    const std::vector<std::string_view> parts = fuzz::partsOf(fuzz::textOf(data, size), 2);
    folder.put("events.jsonl", parts[0]);
    folder.put("lock", parts[1]);
    const RunPaths paths{folder.path()};
    answers([&] { readRun(paths); });
    if (size % 8 == 0) // its buffers of 1 MiB take most of the time
        answers([&] { writeOn(paths); });
    return 0;
}
