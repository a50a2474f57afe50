#include "base/error.h"
#include "formats/formats.h"

#include <memory>
#include <zstd.h>

namespace lodestone {

bool looksLikeZstd(std::string_view bytes)
{
    if (bytes.size() < 4)
        return false;
    if (bytes.starts_with("\x28\xb5\x2f\xfd"))
        return true;
    // A frame to be skipped, which parallel compressors put first.
    return (static_cast<unsigned char>(bytes[0]) & 0xf0) == 0x50 && bytes.substr(1, 3) == "\x2a\x4d\x18";
}

std::string unzstd(std::string_view bytes, const std::string& origin, std::size_t limit)
{
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> stream(ZSTD_createDCtx(), ZSTD_freeDCtx);
    if (!stream)
        throw InternalError(fmt::format("{}: zstd could not be started.", origin));
    std::string result;
    std::string chunk(1 << 18, '\0');
    ZSTD_inBuffer input = {bytes.data(), bytes.size(), 0};
    bool closed = bytes.empty(); // the frame at hand has ended; another one may follow
    while (!closed || input.pos < input.size) {
        ZSTD_outBuffer output = {chunk.data(), chunk.size(), 0};
        // The library bounds the memory of a stream's window by itself (128 MiB).
        const std::size_t status = ZSTD_decompressStream(stream.get(), &output, &input);
        if (ZSTD_isError(status))
            fail("{}: the compressed data are damaged or need too much memory to unpack ({}).", origin,
                 ZSTD_getErrorName(status));
        if (output.pos > limit - result.size())
            fail("{}: unpacks to more than {} bytes; unpack it yourself if that is meant.", origin, limit);
        result.append(chunk, 0, output.pos);
        closed = status == 0;
        if (!closed && input.pos == input.size && output.pos < output.size)
            fail("{}: the compressed file is cut off.", origin);
    }
    return result;
}

} // namespace lodestone
