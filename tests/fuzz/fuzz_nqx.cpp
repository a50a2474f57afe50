// The frame of .nqx files must survive any bytes: either a parsed file whose records lie within it, or an
// Error.
#include "base/error.h"
#include "checkpoints/nequix/nqx_file.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        const lodestone::NqxFile file = lodestone::parseNqx(bytes, "fuzz");
        for (const lodestone::NqxRecord& record : file.records)
            if (record.dataOffset > size || record.bytes > size - record.dataOffset)
                std::abort();
    } catch (const lodestone::InternalError&) {
        std::abort();
    } catch (const lodestone::Error&) {
    }
    return 0;
}
