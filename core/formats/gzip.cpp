#include "base/error.h"
#include "formats/formats.h"

#include <algorithm>
#include <zlib.h>

namespace lodestone {

std::string gunzip(std::string_view bytes, const std::string& origin, std::size_t limit)
{
    struct Stream : z_stream {
        Stream() : z_stream{} {}
        Stream(const Stream&) = delete;
        Stream& operator=(const Stream&) = delete;
        ~Stream() { inflateEnd(this); }
    } stream;
    constexpr int gzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream, gzipOnly) != Z_OK)
        throw InternalError(fmt::format("{}: zlib could not be started.", origin));

    std::string result;
    std::string chunk(1 << 18, '\0');
    std::size_t read = 0;
    bool closed = false; // the member at hand has ended; another one may follow
    while (true) {
        if (stream.avail_in == 0 && read < bytes.size()) {
            const std::size_t piece = std::min<std::size_t>(bytes.size() - read, 1 << 24);
            // zlib does not write to its input; the interface merely predates const.
            stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data() + read));
            stream.avail_in = static_cast<uInt>(piece);
            read += piece;
        }
        if (closed) {
            if (stream.avail_in == 0 || *stream.next_in != 0x1f) // anything else is padding
                break;
            inflateReset(&stream);
            closed = false;
        }
        stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
        stream.avail_out = static_cast<uInt>(chunk.size());
        const int status = inflate(&stream, Z_NO_FLUSH);
        const std::size_t made = chunk.size() - stream.avail_out;
        if (made > limit - result.size())
            fail("{}: unpacks to more than {} bytes; unpack it yourself if that is meant.", origin, limit);
        result.append(chunk, 0, made);
        if (status == Z_STREAM_END)
            closed = true;
        else if (status == Z_BUF_ERROR && stream.avail_in == 0 && read == bytes.size())
            fail("{}: the compressed file is cut off.", origin);
        else if (status != Z_OK && status != Z_BUF_ERROR)
            fail("{}: the compressed data are damaged ({}).", origin, stream.msg ? stream.msg : "zlib");
    }
    return result;
}

} // namespace lodestone
