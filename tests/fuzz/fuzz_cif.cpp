#include "base/error.h"
#include "crystal/structure.h"
#include "formats/formats.h"

#include <cstdlib>

/// What was read is a sound structure.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        std::vector<std::string> notes;
        for (const Structure& structure : readCif(text, "fuzz", &notes))
            validate(structure);
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) {
    }
    return 0;
}
