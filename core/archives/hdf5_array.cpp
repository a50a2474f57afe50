// Elements of arrays: numbers and texts.
#include "archives/hdf5_archive.h"
#include "archives/hdf5_chunks.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

namespace lodestone {
namespace {

using Kind = Hdf5Type::Kind;

/// No array of a data set comes near; a damaged header must not make us allocate what it says.
constexpr std::uint64_t mostElements = std::uint64_t{1} << 33;
constexpr std::uint64_t longestText = std::uint64_t{1} << 20;

/// The number of `size` bytes at `at`, in the machine's order.
std::uint64_t wordAt(const char* at, std::size_t size, bool bigEndian)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value = (value << 8) | static_cast<unsigned char>(at[bigEndian ? i : size - 1 - i]);
    return value;
}

double numberOf(const char* at, const Hdf5Type& type)
{
    const std::uint64_t word = wordAt(at, type.size, type.bigEndian);
    if (type.kind == Kind::Real)
        return type.size == 4 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(word)))
                              : std::bit_cast<double>(word);
    if (!type.isSigned)
        return static_cast<double>(word);
    const std::size_t unused = 64 - 8 * type.size; // the sign moves to the top and back
    return static_cast<double>(static_cast<std::int64_t>(word << unused) >> unused);
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
        if (found == m_objects.end() || length > found->second.bytes || length > longestText)
            m_file.failAt(collection, "a text of {} bytes does not stand where an array refers to", length);
        return unpadded(m_file.metadata(found->second.address, length));
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

bool Hdf5Object::isText() const
{
    const auto& type = m_header.type;
    return isArray() && type && (type->kind == Kind::Text || type->kind == Kind::VariableText);
}

bool Hdf5Object::isNumbers() const
{
    const auto& type = m_header.type;
    return isArray() && type && (type->kind == Kind::Real || type->kind == Kind::Integer);
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

std::string Hdf5Object::bytes(std::uint64_t first, std::uint64_t count, const Watch& watch) const
{
    const std::uint64_t all = elements();
    if (all == 0)
        return {};
    const Hdf5Layout& layout = m_header.layout;
    const std::uint64_t element = m_header.type->size;
    const std::uint64_t row = all / rows() * element;
    if (element == 0 || element > longestText)
        failHere("has elements of {} bytes; expected numbers or text.", element);
    if (m_header.external)
        failHere("keeps its elements in other files; such arrays are not read.");
    const auto block = [&] { return std::string(static_cast<std::size_t>(count * row), '\0'); };
    switch (layout.kind) {
    case Hdf5Layout::Kind::Compact:
        if (layout.compact.size() < all * element)
            failHere("announces {} elements, but the file does not hold them.", all);
        return layout.compact.substr(static_cast<std::size_t>(first * row),
                                     static_cast<std::size_t>(count * row));
    case Hdf5Layout::Kind::Contiguous: {
        if (layout.address == nowhere || layout.size < all * element || layout.address > m_file->size() ||
            all * element > m_file->size() - layout.address)
            failHere("announces {} elements, but the file does not hold them.", all);
        std::string bytes = block();
        m_file->read(layout.address + first * row, bytes.data(), bytes.size());
        return bytes;
    }
    case Hdf5Layout::Kind::Chunked: {
        if (!m_chunks)
            m_chunks = std::make_shared<const Hdf5Chunks>(
                *m_file, m_header, fmt::format("{}: '{}'", m_file->origin(), m_path), watch);
        std::string bytes = block();
        m_chunks->read(first, count, bytes.data(), watch);
        return bytes;
    }
    case Hdf5Layout::Kind::Unread:
        failHere("{}.", layout.why);
    case Hdf5Layout::Kind::None:
        break;
    }
    failHere("says nothing of where its elements are.");
}

std::vector<double> Hdf5Object::numbers(std::uint64_t first, std::uint64_t count, const Watch& watch) const
{
    if (!isNumbers())
        failHere("holds no numbers that are read; expected float32, float64 or whole numbers.");
    const std::string all = bytes(first, count, watch);
    const Hdf5Type& type = *m_header.type;
    std::vector<double> numbers(all.size() / type.size);
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = numberOf(all.data() + i * type.size, type);
    return numbers;
}

std::vector<std::string> Hdf5Object::texts(const Watch& watch) const
{
    if (!isText())
        failHere("holds no text.");
    const std::string all = bytes(0, rows(), watch);
    const std::size_t size = m_header.type->size;
    TextCollections collections(*m_file);
    const bool variable = m_header.type->kind == Kind::VariableText;
    if (variable && size != collections.referenceBytes())
        failHere("has references of {} bytes to its texts; expected {}.", size, collections.referenceBytes());
    std::vector<std::string> texts;
    std::uint64_t total = 0;
    for (std::size_t at = 0; at < all.size(); at += size) {
        const std::string_view element = std::string_view(all).substr(at, size);
        texts.push_back(variable ? collections.text(element) : unpadded(element));
        total += texts.back().size();
        if (variable && total > m_file->size())
            failHere("has texts that are longer together than the file.");
    }
    return texts;
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
            return collections.text(std::string_view(found->bytes).substr(0, size));
        return std::nullopt;
    }
    return std::nullopt;
}

} // namespace lodestone
