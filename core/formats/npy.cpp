#include "formats/npy.h"
#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

namespace lodestone {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers of .npy files are copied as they stand");

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t maxAxes = 32; // NumPy's own bound

/// What the header says, which is the text of a Python dictionary.
struct Header {
    std::optional<std::string> type;
    std::optional<bool> fortranOrder;
    std::optional<std::vector<std::size_t>> shape;
};

class HeaderText {
public:
    HeaderText(std::string_view text, const std::string& origin) : m_text(text), m_origin(origin) {}

    Header read()
    {
        Header header;
        expect('{');
        while (!take('}')) {
            const std::string key = quoted();
            expect(':');
            if (key == "descr")
                once(key, header.type) = type();
            else if (key == "fortran_order")
                once(key, header.fortranOrder) = logical();
            else if (key == "shape")
                once(key, header.shape) = shape();
            else
                failHere(fmt::format("has the unknown key '{}'", key.substr(0, 40)));
            if (!take(',')) {
                expect('}');
                break;
            }
        }
        skipBlanks();
        if (!m_text.empty())
            failHere("goes on behind its closing brace");
        if (!header.type || !header.fortranOrder || !header.shape)
            failHere("lacks 'descr', 'fortran_order' or 'shape'");
        return header;
    }

private:
    [[noreturn]] void failHere(const std::string& what) const
    {
        fail("{}: the header of the NumPy file {}; save the array again with numpy.save.", m_origin, what);
    }
    template<class T>
    T& once(const std::string& key, std::optional<T>& value) const
    {
        if (value)
            failHere(fmt::format("names '{}' twice", key));
        return value.emplace();
    }
    void skipBlanks() { m_text.remove_prefix(std::min(m_text.find_first_not_of(" \t\r\n"), m_text.size())); }
    bool take(char c)
    {
        skipBlanks();
        if (!m_text.starts_with(c))
            return false;
        m_text.remove_prefix(1);
        return true;
    }
    void expect(char c)
    {
        if (!take(c))
            failHere(fmt::format("has no '{}' where one is expected", c));
    }
    std::string quoted()
    {
        skipBlanks();
        const char quote = m_text.empty() ? ' ' : m_text[0];
        const std::size_t end =
            quote == '\'' || quote == '"' ? m_text.find(quote, 1) : std::string_view::npos;
        if (end == std::string_view::npos)
            failHere("has no quoted text where one is expected");
        std::string text(m_text.substr(1, end - 1));
        m_text.remove_prefix(end + 1);
        return text;
    }
    std::string type()
    {
        skipBlanks();
        if (m_text.starts_with('[')) // the columns of a table
            fail("{}: holds a table of named columns; expected an array of float32 or float64 numbers.",
                 m_origin);
        return quoted();
    }
    bool logical()
    {
        skipBlanks();
        for (const std::string_view word : {"True", "False"}) {
            if (m_text.starts_with(word)) {
                m_text.remove_prefix(word.size());
                return word == "True";
            }
        }
        failHere("gives 'fortran_order' neither as True nor as False");
    }
    std::vector<std::size_t> shape()
    {
        std::vector<std::size_t> lengths;
        expect('(');
        while (!take(')')) {
            skipBlanks();
            const std::string_view word = m_text.substr(0, m_text.find_first_of(",) \t\r\n"));
            // Python 2 wrote long integers as 60L.
            const auto length = parseInteger(word.ends_with('L') ? word.substr(0, word.size() - 1) : word);
            if (!length || *length < 0)
                failHere(fmt::format("has the length '{}' in its shape, which is no whole number from 0 up",
                                     word.substr(0, 40)));
            if (lengths.size() == maxAxes)
                failHere(fmt::format("has more than {} axes", maxAxes));
            lengths.push_back(static_cast<std::size_t>(*length));
            m_text.remove_prefix(word.size());
            if (!take(',')) {
                expect(')');
                break;
            }
        }
        return lengths;
    }

    std::string_view m_text;
    const std::string& m_origin;
};

/// Unsigned little-endian number of `count` bytes.
std::size_t unsignedAt(std::string_view bytes, std::size_t offset, std::size_t count)
{
    std::size_t value = 0;
    for (std::size_t k = 0; k < count; ++k)
        value |= std::size_t{static_cast<unsigned char>(bytes[offset + k])} << (8 * k);
    return value;
}

/// Product of the lengths; nothing if it exceeds `limit`.
std::optional<std::size_t> product(const std::vector<std::size_t>& lengths, std::size_t limit)
{
    if (std::find(lengths.begin(), lengths.end(), std::size_t{0}) != lengths.end())
        return 0;
    std::size_t result = 1;
    for (const std::size_t length : lengths) {
        if (length > limit / result)
            return std::nullopt;
        result *= length;
    }
    return result <= limit ? std::optional(result) : std::nullopt;
}

} // namespace

double NpyArray::operator[](std::size_t index) const
{
    const char* at = m_bytes.data() + m_offset + index * (m_single ? sizeof(float) : sizeof(double));
    if (m_single) {
        float number = 0;
        std::memcpy(&number, at, sizeof number);
        return static_cast<double>(number);
    }
    double number = 0;
    std::memcpy(&number, at, sizeof number);
    return number;
}

std::string NpyArray::shapeText() const
{
    return fmt::format("({}{})", fmt::join(m_shape, ", "), m_shape.size() == 1 ? "," : "");
}

bool looksLikeNpy(std::string_view bytes)
{
    return bytes.starts_with(magic);
}

NpyArray readNpy(std::string bytes, const std::string& origin)
{
    if (!looksLikeNpy(bytes))
        fail("{}: is no NumPy file (.npy): it does not begin with the word NUMPY. Save the array with "
             "numpy.save.",
             origin);
    const std::size_t versionAt = magic.size();
    if (bytes.size() < versionAt + 2)
        fail("{}: the NumPy file is cut off in its header.", origin);
    const int major = static_cast<unsigned char>(bytes[versionAt]);
    const int minor = static_cast<unsigned char>(bytes[versionAt + 1]);
    if ((major != 1 && major != 2) || minor != 0)
        fail("{}: is a NumPy file of version {}.{}; versions 1.0 and 2.0 are read. Save the array again with "
             "numpy.save.",
             origin, major, minor);
    const std::size_t lengthBytes = major == 1 ? 2 : 4;
    const std::size_t textAt = versionAt + 2 + lengthBytes;
    if (bytes.size() < textAt)
        fail("{}: the NumPy file is cut off in its header.", origin);
    const std::size_t textLength = unsignedAt(bytes, versionAt + 2, lengthBytes);
    if (textLength > bytes.size() - textAt)
        fail("{}: the NumPy file is cut off: its header of {} bytes does not fit into {} bytes.", origin,
             textLength, bytes.size());

    const Header header = HeaderText(std::string_view(bytes).substr(textAt, textLength), origin).read();
    NpyArray array;
    array.m_single = *header.type == "<f4";
    if (!array.m_single && *header.type != "<f8")
        fail("{}: holds numbers of the type '{}'; expected little-endian float32 or float64 ('<f4', '<f8'). "
             "Convert the array with astype('<f8') and save it again.",
             origin, header.type->substr(0, 40));
    if (*header.fortranOrder)
        fail("{}: is stored column by column (fortran_order); save numpy.ascontiguousarray of it instead.",
             origin);
    array.m_shape = *header.shape;
    array.m_offset = textAt + textLength;
    const std::size_t width = array.m_single ? sizeof(float) : sizeof(double);
    const std::size_t left = bytes.size() - array.m_offset;
    const auto count = product(array.m_shape, left / width);
    if (!count)
        fail("{}: the NumPy file is cut off: its header announces the shape {}, but only {} bytes of numbers "
             "follow.",
             origin, array.shapeText(), left);
    if (*count * width != left)
        fail("{}: the NumPy file has {} bytes of numbers, but its shape {} needs {}. Save the array again.",
             origin, left, array.shapeText(), *count * width);
    array.m_size = *count;
    array.m_bytes = std::move(bytes);
    return array;
}

} // namespace lodestone
