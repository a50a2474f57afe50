#include "base/error.h"
#include "formats/npy.h"

#include <cstdint>
#include <cstdlib>

/// Every number of an array that was read lies within the bytes that were given.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    try {
        const NpyArray array = readNpy(std::string(reinterpret_cast<const char*>(data), size), "fuzz");
        double sum = 0;
        for (std::size_t i = 0; i < array.size(); ++i)
            sum += array[i];
        volatile double used = sum;
        static_cast<void>(used);
        if (array.shapeText().empty() || array.size() > size)
            std::abort();
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) {
    }
    return 0;
}
