#pragma once
#include "base/error.h"
#include "formats/formats.h"

#include <cstdlib>

/// What both readers of VASP's output promise: an Error, or structures that are sound and have their labels.
template<class Reader>
int fuzzSteps(const Reader& reader, const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<Structure> structures;
    std::vector<std::string> notes;
    try {
        structures = reader(text, "fuzz", {}, &notes);
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) {
        return 0;
    }
    if (structures.empty())
        std::abort();
    for (const Structure& structure : structures) {
        validate(structure);
        if (structure.size() == 0 || !structure.arrays.contains("forces") ||
            !structure.info.contains("energy"))
            std::abort();
    }
    return 0;
}
