// Any bytes as the configuration of a run, with further lines as what --set gives. A configuration that was
// read writes one that reads back to the same.
#include "fuzz_support.h"
#include "run/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    const std::vector<std::string_view> parts = fuzz::partsOf(fuzz::textOf(data, size), 3);
    std::vector<std::string> overrides;
    for (std::size_t k = 1; k < parts.size(); ++k)
        if (!parts[k].empty())
            overrides.emplace_back(parts[k]);
    const fuzz::MemoryFile file(parts[0]);
    RunConfig config;
    if (!fuzz::answers([&] { config = readRunConfig(file.path(), overrides); }))
        return 0;
    headProblem(config);
    const Json written = toJson(config);
    Json again;
    fuzz::check(fuzz::answers([&] { again = toJson(runConfigFromJson(written)); }));
    fuzz::check(again == written);
    return 0;
}
