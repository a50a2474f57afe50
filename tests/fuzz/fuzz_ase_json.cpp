#include "base/error.h"
#include "formats/formats.h"

#include <cstdint>
#include <cstdlib>

/// What was read is whole: it passes the check that every structure must pass.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<Structure> structures;
    try {
        structures = readAseJson(text, "fuzz");
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) {
        return 0;
    }
    for (const Structure& structure : structures)
        validate(structure);
    return 0;
}
