// Elements of arrays: numbers and texts.
#include "archives/hdf5_archive.h"
#include "archives/hdf5_chunks.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <type_traits>

namespace lodestone {
namespace {

using Kind = Hdf5Type::Kind;

/// No array of a data set comes near; a damaged header must not make us allocate what it says.
constexpr std::uint64_t mostElements = std::uint64_t{1} << 33;

/// The number of `size` bytes at `at`, in the machine's order.
std::uint64_t wordAt(const char* at, std::size_t size, bool bigEndian)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value = (value << 8) | static_cast<unsigned char>(at[bigEndian ? i : size - 1 - i]);
    return value;
}

/// Of a type with a sign.
std::int64_t integerAt(const char* at, const Hdf5Type& type)
{
    const std::size_t unused = 64 - 8 * type.size; // the sign moves to the top and back
    return static_cast<std::int64_t>(wordAt(at, type.size, type.bigEndian) << unused) >> unused;
}

double realAt(const char* at, const Hdf5Type& type)
{
    const std::uint64_t word = wordAt(at, type.size, type.bigEndian);
    return type.size == 4 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(word)))
                          : std::bit_cast<double>(word);
}

double numberAt(const char* at, const Hdf5Type& type)
{
    if (type.kind == Kind::Real)
        return realAt(at, type);
    return type.isSigned ? static_cast<double>(integerAt(at, type))
                         : static_cast<double>(wordAt(at, type.size, type.bigEndian));
}

/// Whether an element lies in the file as the machine has a Number in memory.
template<class Number>
bool isStoredAs(const Hdf5Type& type)
{
    constexpr Kind kind = std::is_floating_point_v<Number> ? Kind::Real : Kind::Integer;
    constexpr bool isSigned = std::is_signed_v<Number>;
    return type.kind == kind && type.size == sizeof(Number) &&
           (type.size == 1 || type.bigEndian == (std::endian::native == std::endian::big)) &&
           (kind == Kind::Real || type.isSigned == isSigned);
}

/// Without the zeros or the blanks behind it.
std::string unpadded(std::string_view text)
{
    text = text.substr(0, text.find('\0'));
    const std::size_t last = text.find_last_not_of(' ');
    return std::string(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

/// Texts of any length stand in collections ("global heaps"), the array has references to them.
class TextCollections {
public:
    explicit TextCollections(const Hdf5Bytes& file) : m_file(file) {}

    std::size_t referenceBytes() const { return 8 + m_file.addressWidth(); }

    std::string text(std::string_view reference)
    {
        Hdf5Fields fields(m_file, 0, std::string(reference));
        const std::uint64_t length = fields.number(4);
        const std::uint64_t collection = fields.address();
        const std::uint64_t index = fields.number(4);
        if (length == 0 || collection == 0 || collection == nowhere)
            return {};
        if (collection != m_collection)
            readCollection(collection);
        const auto found = m_objects.find(index);
        if (found == m_objects.end() || length > found->second.bytes)
            m_file.failAt(collection, "a text of {} bytes does not stand where an array refers to", length);
        return m_file.metadata(found->second.address, length);
    }

private:
    struct Place {
        std::uint64_t address = 0;
        std::uint64_t bytes = 0;
    };

    void readCollection(std::uint64_t address)
    {
        const std::size_t width = m_file.lengthWidth();
        Hdf5Fields head(m_file, address, 8 + width);
        head.signature("GCOL");
        head.skip(4); // version
        const std::uint64_t size = head.length();
        if (size < 8 + width)
            head.fail("a collection of texts has {} bytes", size);
        Hdf5Fields fields(m_file, address, size);
        fields.skip(8 + width);
        m_objects.clear();
        m_collection = address;
        while (fields.left() >= 8 + width) {
            const std::uint64_t index = fields.number(2);
            fields.skip(6); // references, reserved
            const std::uint64_t bytes = fields.length();
            if (index == 0) // free until the end
                return;
            m_objects[index] = {address + fields.at(), bytes};
            if (bytes > fields.left())
                fields.fail("a text does not lie in its collection");
            fields.skip(std::min<std::uint64_t>((bytes + 7) / 8 * 8, fields.left()));
        }
    }

    const Hdf5Bytes& m_file;
    std::uint64_t m_collection = nowhere;
    std::map<std::uint64_t, Place> m_objects;
};

} // namespace

Hdf5Type Hdf5Object::type() const
{
    return isArray() && m_header.type ? *m_header.type : Hdf5Type{};
}

bool Hdf5Object::isText() const
{
    return type().kind == Kind::Text || type().kind == Kind::VariableText;
}

bool Hdf5Object::isNumbers() const
{
    return type().kind == Kind::Real || type().kind == Kind::Integer;
}

std::uint64_t Hdf5Object::rowsTogether() const
{
    const std::vector<std::uint64_t>& chunk = m_header.layout.chunk;
    return chunk.empty() ? 1 : std::max<std::uint64_t>(chunk[0], 1);
}

std::uint64_t Hdf5Object::elements() const
{
    if (std::find(shape().begin(), shape().end(), 0) != shape().end())
        return 0;
    std::uint64_t count = 1;
    for (const std::uint64_t extent : shape()) {
        if (count > mostElements / extent)
            failHere("announces more than {} elements.", mostElements);
        count *= extent;
    }
    return count;
}

std::size_t Hdf5Object::bytesOf(std::uint64_t count, const Watch& watch) const
{
    const std::uint64_t all = elements();
    if (all == 0)
        return 0;
    const Hdf5Layout& layout = m_header.layout;
    const std::uint64_t element = m_header.type->size;
    if (element == 0)
        failHere("has elements of no bytes; expected numbers or text.");
    if (m_header.external)
        failHere("keeps its elements in other files; such arrays are not read.");
    const bool sensible = element <= nowhere / all;
    switch (layout.kind) {
    case Hdf5Layout::Kind::Compact:
        if (!sensible || layout.compact.size() < all * element)
            failHere("announces {} elements, but the file does not hold them.", all);
        break;
    case Hdf5Layout::Kind::Contiguous:
        if (!sensible || layout.address == nowhere || layout.size < all * element ||
            layout.address > m_file->size() || all * element > m_file->size() - layout.address)
            failHere("announces {} elements, but the file does not hold them.", all);
        break;
    case Hdf5Layout::Kind::Chunked:
        if (!m_chunks)
            m_chunks = std::make_shared<const Hdf5Chunks>(
                *m_file, m_header, fmt::format("{}: '{}'", m_file->origin(), m_path), watch);
        break;
    case Hdf5Layout::Kind::Unread:
        failHere("{}.", layout.why);
    case Hdf5Layout::Kind::None:
        failHere("says nothing of where its elements are.");
    }
    return static_cast<std::size_t>(all / rows() * element * count);
}

/// After bytesOf(), which has looked whether they are there.
void Hdf5Object::read(std::uint64_t first, std::uint64_t count, char* into, const Watch& watch) const
{
    const Hdf5Layout& layout = m_header.layout;
    const std::uint64_t row = elements() / rows() * m_header.type->size;
    if (layout.kind == Hdf5Layout::Kind::Compact)
        layout.compact.copy(into, static_cast<std::size_t>(count * row),
                            static_cast<std::size_t>(first * row));
    else if (layout.kind == Hdf5Layout::Kind::Contiguous)
        m_file->read(layout.address + first * row, into, static_cast<std::size_t>(count * row));
    else
        m_chunks->read(first, count, into, watch);
}

std::string Hdf5Object::rawRows(std::uint64_t first, std::uint64_t count, const Watch& watch) const
{
    std::string raw(bytesOf(count, watch), '\0');
    if (!raw.empty())
        read(first, count, raw.data(), watch);
    return raw;
}

/// `convert` takes the place of an element that is stored in another way than a Number.
template<class Number, class Convert>
std::vector<Number> Hdf5Object::values(std::uint64_t first, std::uint64_t count, const Watch& watch,
                                       const Convert& convert) const
{
    const std::size_t size = m_header.type->size;
    std::vector<Number> values;
    if (isStoredAs<Number>(*m_header.type)) {
        values.resize(bytesOf(count, watch) / size);
        if (!values.empty())
            read(first, count, reinterpret_cast<char*>(values.data()), watch);
        return values;
    }
    const std::string raw = rawRows(first, count, watch);
    values.reserve(raw.size() / size);
    for (std::size_t at = 0; at < raw.size(); at += size)
        values.push_back(convert(raw.data() + at));
    return values;
}

std::vector<double> Hdf5Object::numbers(std::uint64_t first, std::uint64_t count, const Watch& watch) const
{
    if (!isNumbers())
        failHere("holds no numbers that are read; expected float32, float64 or whole numbers.");
    return values<double>(first, count, watch, [this](const char* at) { return numberAt(at, type()); });
}

std::vector<float> Hdf5Object::floats(const Watch& watch) const
{
    if (type().kind != Kind::Real)
        failHere("holds no real numbers; expected float32 or float64.");
    return values<float>(0, rows(), watch,
                         [this](const char* at) { return static_cast<float>(realAt(at, type())); });
}

std::vector<std::int64_t> Hdf5Object::integers(const Watch& watch) const
{
    if (type().kind != Kind::Integer)
        failHere("holds no whole numbers.");
    return values<std::int64_t>(0, rows(), watch, [this](const char* at) {
        if (type().isSigned)
            return integerAt(at, type());
        const std::uint64_t word = wordAt(at, type().size, type().bigEndian);
        if (word > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            failHere("holds {}; whole numbers are read up to {}.", word,
                     std::numeric_limits<std::int64_t>::max());
        return static_cast<std::int64_t>(word);
    });
}

std::vector<std::uint8_t> Hdf5Object::bytes(const Watch& watch) const
{
    if (!isStoredAs<std::uint8_t>(type()))
        failHere("holds no bytes; expected whole numbers of one byte without a sign.");
    std::vector<std::uint8_t> bytes(bytesOf(rows(), watch));
    if (!bytes.empty())
        read(0, rows(), reinterpret_cast<char*>(bytes.data()), watch);
    return bytes;
}

template<class Take>
void Hdf5Object::forEachText(const Watch& watch, const Take& take) const
{
    if (!isText())
        failHere("holds no text.");
    const std::string all = rawRows(0, rows(), watch);
    const std::size_t size = m_header.type->size;
    TextCollections collections(*m_file);
    const bool variable = m_header.type->kind == Kind::VariableText;
    if (variable && size != collections.referenceBytes())
        failHere("has references of {} bytes to its texts; expected {}.", size, collections.referenceBytes());
    std::uint64_t total = 0;
    for (std::size_t at = 0; at < all.size(); at += size) {
        const std::string_view element = std::string_view(all).substr(at, size);
        if (!variable) {
            take(element);
            continue;
        }
        const std::string text = collections.text(element);
        total += text.size();
        if (total > m_file->size())
            failHere("has texts that are longer together than the file.");
        take(text);
    }
}

std::vector<std::string> Hdf5Object::texts(const Watch& watch) const
{
    std::vector<std::string> texts;
    forEachText(watch, [&](std::string_view text) { texts.push_back(unpadded(text)); });
    return texts;
}

std::string Hdf5Object::text(const Watch& watch) const
{
    if (elements() != 1)
        failHere("holds {} texts; expected one.", elements());
    std::string single;
    forEachText(watch, [&](std::string_view text) { single = text; });
    if (type().kind == Kind::VariableText || type().filled == Hdf5Type::Filled::Ended)
        single.resize(std::min(single.find('\0'), single.size()));
    else
        single.resize(single.find_last_not_of(type().filled == Hdf5Type::Filled::Zeros ? '\0' : ' ') + 1);
    return single;
}

std::optional<std::string> Hdf5Object::attribute(std::string_view name) const
{
    for (const std::string& message : m_header.attributes) {
        const auto found = readHdf5Attribute(Hdf5Fields(*m_file, m_address, message), name);
        if (!found)
            continue;
        const std::size_t size = found->type.size;
        if (size == 0 || found->bytes.size() < size)
            return std::nullopt;
        if (found->type.kind == Kind::Text)
            return unpadded(std::string_view(found->bytes).substr(0, size));
        TextCollections collections(*m_file);
        if (found->type.kind == Kind::VariableText && size == collections.referenceBytes())
            return unpadded(collections.text(std::string_view(found->bytes).substr(0, size)));
        return std::nullopt;
    }
    return std::nullopt;
}

} // namespace lodestone
