#include "base/error.h"
#include "formats/formats.h"

#include <cstdlib>

/// What was read can be written, and reads back to the same text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<Structure> structures;
    std::string written;
    try {
        structures = readExtxyz(text, "fuzz");
        written = writeExtxyz(structures);
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) {
        return 0; // refused, or with a name that cannot be written
    }
    if (writeExtxyz(readExtxyz(written, "again")) != written)
        std::abort();
    return 0;
}
