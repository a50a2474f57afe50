// Any bytes as what somebody appends to a run's control.jsonl.
#include "fuzz_support.h"
#include "run/run_directory.h"

extern "C" int LLVMFuzzerInitialize(int*, char***)
{
    lodestone::fuzz::silenceLog();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    static const fuzz::ScratchFolder folder;
    folder.put("control.jsonl", {});
    const RunPaths paths{folder.path()};
    ControlReader reader(paths);
    fuzz::check(reader.poll().empty());
    folder.put("control.jsonl", fuzz::textOf(data, size));
    for (std::size_t polls = 0; polls <= size >> 16; ++polls)
        for (const std::string& command : reader.poll())
            sendControl({folder.path()}, command); // throws for what is none
    return 0;
}
