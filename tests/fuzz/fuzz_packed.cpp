// Any bytes as a file of gzip and of zstd: at most so many bytes as were allowed.
#include "formats/formats.h"
#include "fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace lodestone;
    constexpr std::size_t limit = std::size_t{4} << 20;
    const std::string_view bytes = fuzz::textOf(data, size);
    fuzz::answers([&] { fuzz::check(gunzip(bytes, "fuzz", limit).size() <= limit); });
    fuzz::answers([&] { fuzz::check(unzstd(bytes, "fuzz", limit).size() <= limit); });
    return 0;
}
