#include "base/error.h"
#include "formats/formats.h"

#include <cstdlib>

/// What was read can be written, and reads back to the same atoms.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<Structure> structures;
    try {
        structures = readPoscar(text, "fuzz");
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) {
        return 0;
    }
    const Structure again = readPoscar(writePoscar(structures.at(0)), "again").at(0);
    if (again.positions != structures[0].positions || again.species != structures[0].species)
        std::abort();
    return 0;
}
