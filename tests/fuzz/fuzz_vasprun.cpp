#include "vasp_steps_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    return fuzzSteps(
        [](std::string_view text, const std::string& origin, const lodestone::Watch& watch,
           std::vector<std::string>* notes) { return lodestone::readVasprun(text, origin, watch, notes); },
        data, size);
}
