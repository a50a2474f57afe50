#include "base/error.h"
#include "formats/formats.h"

#include <cstdint>
#include <cstdlib>

/// What was read is whole: it passes the check that every structure must pass.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    std::vector<Structure> structures;
    std::vector<std::string> notes;
    try {
        structures = readHdf5(std::string(reinterpret_cast<const char*>(data), size), "fuzz", {}, &notes);
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) {
        return 0;
    }
    for (const Structure& structure : structures)
        validate(structure);
    return 0;
}
