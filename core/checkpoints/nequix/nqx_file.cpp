#include "checkpoints/nequix/nqx_file.h"

#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace lodestone {
namespace {

constexpr std::string_view magic{"\x93NUMPY", 6};
constexpr std::size_t maxHeaderLine = std::size_t{16} << 20;
constexpr std::size_t maxDimensions = 8;

/// Reads one NumPy record; knows where it is for messages.
class RecordReader {
public:
    RecordReader(std::string_view bytes, const std::string& origin, std::size_t offset)
        : m_bytes(bytes),
          m_origin(origin),
          m_record{},
          m_next(offset)
    {
        m_record.offset = offset;
    }

    NqxRecord read()
    {
        if (m_bytes.substr(m_next, magic.size()) != magic)
            failHere("no NumPy record begins here (expected the bytes \\x93NUMPY)");
        m_next += magic.size();
        const unsigned major = number(1);
        number(1);
        if (major < 1 || major > 3)
            failHere(fmt::format("the NumPy record has version {}, expected 1 to 3", major));
        const std::size_t length = number(major == 1 ? 2 : 4);
        need(length, "the dictionary of a NumPy record");
        readDictionary(m_bytes.substr(m_next, length));
        m_next += length;
        m_record.dataOffset = m_next;
        need(m_record.bytes, fmt::format("the {} values of a NumPy record", m_record.count));
        return m_record;
    }

private:
    [[noreturn]] void failHere(const std::string& what) const
    {
        fail("{}: at byte {}, {}.", m_origin, m_next, what);
    }

    void need(std::size_t count, const std::string& what) const
    {
        if (count > m_bytes.size() - m_next)
            failHere(fmt::format("the file ends within {}: {} bytes are needed, {} are left", what, count,
                                 m_bytes.size() - m_next));
    }

    unsigned number(std::size_t size)
    {
        need(size, "the head of a NumPy record");
        unsigned value = 0;
        for (std::size_t i = size; i-- > 0;)
            value = (value << 8) | static_cast<unsigned char>(m_bytes[m_next + i]);
        m_next += size;
        return value;
    }

    /// The text after "'key':" in the dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (8, 64),
    /// }.
    std::string_view valueOf(std::string_view dictionary, std::string_view key) const
    {
        const std::size_t at = dictionary.find(fmt::format("'{}'", key));
        const std::size_t colon = at == std::string_view::npos ? at : dictionary.find(':', at);
        if (colon == std::string_view::npos)
            failHere(fmt::format("the dictionary of the NumPy record has no '{}'", key));
        return trimmed(dictionary.substr(colon + 1));
    }

    void readDictionary(std::string_view dictionary)
    {
        const std::string_view type = valueOf(dictionary, "descr");
        const std::size_t end = type.empty() || type[0] != '\'' ? std::string_view::npos : type.find('\'', 1);
        if (end == std::string_view::npos)
            failHere("the NumPy record's 'descr' is not a plain type such as '<f4'");
        m_record.type = std::string(type.substr(1, end - 1));
        const std::string_view order = valueOf(dictionary, "fortran_order");
        if (order.substr(0, 5) != "False")
            failHere("the NumPy record is not in C order ('fortran_order': False)");
        const std::string_view shape = valueOf(dictionary, "shape");
        const std::size_t close = shape.find(')');
        if (shape.empty() || shape[0] != '(' || close == std::string_view::npos)
            failHere("the NumPy record's 'shape' is not a tuple");
        readShape(shape.substr(1, close - 1));
        const std::size_t size = valueSize();
        const auto count = static_cast<std::size_t>(m_record.count);
        if (count > std::numeric_limits<std::size_t>::max() / 16)
            failHere("the NumPy record's shape has too many values");
        m_record.bytes = count * size;
    }

    void readShape(std::string_view text)
    {
        m_record.count = 1;
        while (!trimmed(text).empty()) {
            const std::size_t comma = text.find(',');
            const auto extent = parseInteger(trimmed(text.substr(0, comma)));
            if (!extent || *extent < 0 || m_record.shape.size() == maxDimensions)
                failHere("the NumPy record's 'shape' is not a tuple of up to 8 sizes");
            m_record.shape.push_back(*extent);
            // More values than the file has bytes cannot be there; checked early so that nothing overflows.
            if (*extent > 0 && m_record.count > static_cast<std::int64_t>(m_bytes.size()) / *extent)
                failHere(fmt::format(
                    "the NumPy record's shape ({}...) has more values than the file has bytes", *extent));
            m_record.count *= *extent;
            if (comma == std::string_view::npos)
                break;
            text.remove_prefix(comma + 1);
        }
    }

    /// Bytes of one value. Records that are not float32 are only stepped over.
    std::size_t valueSize() const
    {
        const std::string_view type = m_record.type;
        const auto digits = type.size() < 3 ? std::optional<long long>() : parseInteger(type.substr(2));
        const bool plain = type.size() >= 3 && (type[0] == '<' || type[0] == '|') &&
                           std::string_view("fiubc").find(type[1]) != std::string_view::npos;
        if (!plain || !digits || *digits < 1 || *digits > 16)
            failHere(fmt::format(
                "the NumPy record has values of type '{}', expected little-endian numbers such as "
                "'<f4'",
                type));
        return static_cast<std::size_t>(*digits);
    }

    std::string_view m_bytes;
    const std::string& m_origin;
    NqxRecord m_record;
    std::size_t m_next;
};

} // namespace

NqxFile parseNqx(std::string_view bytes, const std::string& origin)
{
    const std::size_t newline = bytes.substr(0, maxHeaderLine).find('\n');
    if (newline == std::string_view::npos)
        fail("{}: at byte 0, a line of JSON was expected, but no line ends within the first {} bytes.",
             origin, std::min(bytes.size(), maxHeaderLine));
    NqxFile file;
    file.header = parseJson(bytes.substr(0, newline), origin);
    if (!file.header.is_object())
        fail("{}: at byte 0, the first line is not a JSON object with the model's configuration.", origin);
    file.headerBytes = newline + 1;
    std::size_t next = file.headerBytes;
    // One released file ends with an empty line.
    while (next < bytes.size() && bytes.substr(next) != "\n") {
        file.records.push_back(RecordReader(bytes, origin, next).read());
        next = file.records.back().dataOffset + file.records.back().bytes;
    }
    return file;
}

std::string npyHeader(const std::vector<std::int64_t>& shape)
{
    std::string tuple = "(";
    for (std::size_t i = 0; i < shape.size(); ++i)
        tuple += (i > 0 ? ", " : "") + std::to_string(shape[i]);
    tuple += shape.size() == 1 ? ",)" : ")";
    std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': " + tuple + ", }";
    // The values begin at a multiple of 64 bytes; the dictionary ends in a newline.
    const std::size_t head = magic.size() + 4;
    dictionary.append(63 - (head + dictionary.size()) % 64, ' ');
    dictionary += '\n';
    std::string header(magic);
    header += '\1';
    header += '\0';
    header += static_cast<char>(dictionary.size() & 0xff);
    header += static_cast<char>(dictionary.size() >> 8);
    return header + dictionary;
}

} // namespace lodestone
