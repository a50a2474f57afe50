#include "archives/hdf5_header.h"

#include <algorithm>

namespace lodestone {
namespace {

// Types of messages.
constexpr unsigned spaceMessage = 0x01;
constexpr unsigned linkInfoMessage = 0x02;
constexpr unsigned typeMessage = 0x03;
constexpr unsigned linkMessage = 0x06;
constexpr unsigned externalMessage = 0x07;
constexpr unsigned layoutMessage = 0x08;
constexpr unsigned filterMessage = 0x0b;
constexpr unsigned attributeMessage = 0x0c;
constexpr unsigned continuationMessage = 0x10;
constexpr unsigned tableMessage = 0x11;

constexpr unsigned sharedMessage = 0x02; ///< bit of a message's flags: it stands elsewhere

constexpr std::uint64_t mostHeaderBytes = std::uint64_t{4} << 20;
constexpr std::size_t mostAxes = 32;
constexpr std::size_t mostFilters = 32;

/// A run of messages: the first one of a header or a continuation.
struct Block {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
};

void readSpace(Hdf5Fields fields, Hdf5Header& header)
{
    const unsigned version = fields.byte();
    const std::size_t rank = fields.byte();
    fields.skip(1); // flags: whether largest extents follow
    if (version != 1 && version != 2)
        fields.fail("the shape of an array is of version {}; expected 1 or 2", version);
    if (rank > mostAxes)
        fields.fail("an array has {} axes; at most {} are possible", rank, mostAxes);
    fields.skip(version == 1 ? 5 : 0);
    constexpr unsigned withoutElements = 2;
    if (version == 2 && fields.byte() == withoutElements) {
        header.shape = std::vector<std::uint64_t>{0};
        return;
    }
    header.shape.emplace();
    for (std::size_t axis = 0; axis < rank; ++axis)
        header.shape->push_back(fields.length());
}

// Classes of types.
constexpr unsigned fixedPoint = 0;
constexpr unsigned floatingPoint = 1;

struct TypePrefix {
    unsigned classOfType = 0;
    unsigned bits = 0; ///< the first eight of the class's own
    std::size_t size = 0;
};

TypePrefix readTypePrefix(Hdf5Fields& fields)
{
    TypePrefix prefix;
    prefix.classOfType = fields.byte() & 0x0f;
    prefix.bits = fields.byte();
    fields.skip(2); // further bits
    prefix.size = static_cast<std::size_t>(fields.number(4));
    return prefix;
}

Hdf5Type wholeNumber(const TypePrefix& prefix, Hdf5Fields& fields)
{
    Hdf5Type type;
    type.size = prefix.size;
    type.bigEndian = prefix.bits & 0x01;
    type.isSigned = prefix.bits & 0x08;
    const bool plain = fields.number(2) == 0 && fields.number(2) == 8 * type.size; // offset, precision
    if (plain && (type.size == 1 || type.size == 2 || type.size == 4 || type.size == 8))
        type.kind = Hdf5Type::Kind::Integer;
    return type;
}

bool isIeee(Hdf5Fields& fields, std::size_t size)
{
    const std::uint64_t offset = fields.number(2);
    const std::uint64_t precision = fields.number(2);
    const unsigned exponentAt = fields.byte();
    const unsigned exponentBits = fields.byte();
    const unsigned mantissaAt = fields.byte();
    const unsigned mantissaBits = fields.byte();
    const std::uint64_t bias = fields.number(4);
    const bool plain = offset == 0 && precision == 8 * size && mantissaAt == 0 && exponentAt == mantissaBits;
    return plain && ((size == 4 && exponentBits == 8 && mantissaBits == 23 && bias == 127) ||
                     (size == 8 && exponentBits == 11 && mantissaBits == 52 && bias == 1023));
}

void readLayout(Hdf5Fields fields, Hdf5Layout& layout)
{
    const unsigned version = fields.byte();
    if (version != 3 && version != 4) {
        layout.kind = Hdf5Layout::Kind::Unread;
        layout.why = "lies in the file as HDF5 before 1.6.3 put it, which is not read";
        return;
    }
    switch (fields.byte()) {
    case 0:
        layout.kind = Hdf5Layout::Kind::Compact;
        layout.compact = fields.bytes(fields.number(2));
        return;
    case 1:
        layout.kind = Hdf5Layout::Kind::Contiguous;
        layout.address = fields.address();
        layout.size = fields.length();
        return;
    case 2:
        if (version == 3) {
            const std::size_t axes = fields.byte(); // and one for the bytes of an element
            layout.kind = Hdf5Layout::Kind::Chunked;
            layout.address = fields.address();
            for (std::size_t axis = 0; axis + 1 < axes; ++axis)
                layout.chunk.push_back(fields.number(4));
            return;
        }
        layout.kind = Hdf5Layout::Kind::Unread;
        layout.why = "lies in pieces whose index is of HDF5 1.10 or later (in h5py libver='latest'), which "
                     "is not read; write the file with libver='earliest' or the array in one piece";
        return;
    default:
        layout.kind = Hdf5Layout::Kind::Unread;
        layout.why = "is a virtual array, whose numbers stand in other arrays or files; such arrays are not "
                     "read";
    }
}

void readFilters(Hdf5Fields fields, std::vector<unsigned>& filters)
{
    const unsigned version = fields.byte();
    const std::size_t count = fields.byte();
    if ((version != 1 && version != 2) || count > mostFilters)
        fields.fail("the list of filters is of version {} with {} filters", version, count);
    fields.skip(version == 1 ? 6 : 0);
    for (std::size_t i = 0; i < count; ++i) {
        const auto filter = static_cast<unsigned>(fields.number(2));
        const bool named = version == 1 || filter >= 256;
        const std::uint64_t name = named ? fields.number(2) : 0;
        fields.skip(2); // flags
        const std::uint64_t values = fields.number(2);
        fields.skip(version == 1 ? (name + 7) / 8 * 8 : name);
        fields.skip(4 * (values + (version == 1 ? values % 2 : 0)));
        filters.push_back(filter);
    }
}

class HeaderReader {
public:
    HeaderReader(const Hdf5Bytes& file, std::uint64_t address) : m_file(file), m_address(address) {}

    Hdf5Header read()
    {
        constexpr std::uint64_t longestPrefix = 34;
        m_file.require(m_address, 4);
        const std::uint64_t prefix = std::min(longestPrefix, m_file.size() - m_address);
        Hdf5Fields fields(m_file, m_address, prefix);
        if (m_file.metadata(m_address, 4) == "OHDR")
            readNewPrefix(fields);
        else
            readOldPrefix(fields);
        // Continuations of continuations: the sizes are summed, so that circles end.
        for (std::size_t i = 0; i < m_blocks.size(); ++i)
            readMessages(m_blocks[i]);
        return std::move(m_header);
    }

private:
    void readOldPrefix(Hdf5Fields& fields)
    {
        const unsigned version = fields.byte();
        if (version != 1)
            fields.fail("no header of an object begins");
        fields.skip(7); // a reserved byte, the number of messages, references
        const std::uint64_t size = fields.number(4);
        add({m_address + 16, size}, fields);
    }

    void readNewPrefix(Hdf5Fields& fields)
    {
        m_new = true;
        fields.skip(4);
        const unsigned version = fields.byte();
        if (version != 2)
            fields.fail("the header of an object is of version {}; expected 2", version);
        const unsigned flags = fields.byte();
        fields.skip(flags & 0x20 ? 16 : 0); // times
        fields.skip(flags & 0x10 ? 4 : 0);  // when attributes move out
        m_ordered = (flags & 0x04) != 0;
        const std::uint64_t size = fields.number(std::size_t{1} << (flags & 0x03));
        add({m_address + fields.at(), size}, fields);
    }

    void add(Block block, const Hdf5Fields& fields)
    {
        if (block.size > mostHeaderBytes - m_bytes)
            fields.fail("the header of an object has more than {} bytes", mostHeaderBytes);
        // An empty continuation may come again and again.
        m_bytes += block.size + 16;
        m_blocks.push_back(block);
    }

    void readMessages(Block block)
    {
        Hdf5Fields fields(m_file, block.address, block.size);
        const std::size_t prefix = !m_new ? 8 : m_ordered ? 6 : 4;
        while (fields.left() >= prefix) {
            const auto type = static_cast<unsigned>(fields.number(m_new ? 1 : 2));
            const std::uint64_t size = fields.number(2);
            const unsigned flags = fields.byte();
            fields.skip(prefix - (m_new ? 4 : 5));
            const std::uint64_t at = block.address + fields.at();
            take(type, flags, Hdf5Fields(m_file, at, std::string(fields.bytes(size))));
        }
    }

    void take(unsigned type, unsigned flags, Hdf5Fields message)
    {
        if (flags & sharedMessage) {
            // A type that has a name of its own, or messages in a heap for all: the array has an unknown
            // type.
            if (type == typeMessage)
                m_header.type.emplace();
            return;
        }
        switch (type) {
        case spaceMessage:
            readSpace(std::move(message), m_header);
            break;
        case typeMessage:
            m_header.type = readHdf5Type(message);
            break;
        case layoutMessage:
            readLayout(std::move(message), m_header.layout);
            break;
        case filterMessage:
            readFilters(std::move(message), m_header.filters);
            break;
        case externalMessage:
            m_header.external = true;
            break;
        case attributeMessage:
            m_header.attributes.emplace_back(message.bytes(message.left()));
            break;
        case linkMessage:
            m_header.isGroup = true;
            m_header.links.push_back(readHdf5Link(std::move(message)));
            break;
        case linkInfoMessage: {
            m_header.isGroup = true;
            message.skip(1);
            message.skip(message.byte() & 0x01 ? 8 : 0); // the largest number in an order of creation
            m_header.linkHeap = message.address();
            m_header.linkTree = message.address();
            break;
        }
        case tableMessage:
            m_header.isGroup = true;
            m_header.nameTree = message.address();
            m_header.nameHeap = message.address();
            break;
        case continuationMessage: {
            Block next;
            next.address = message.address();
            next.size = message.length();
            if (m_new) { // a signature in front, a checksum behind
                Hdf5Fields(m_file, next.address, 4).signature("OCHK");
                if (next.size < 8)
                    message.fail("a part of a header has {} bytes", next.size);
                next.address += 4;
                next.size -= 8;
            }
            add(next, message);
            break;
        }
        default:
            break;
        }
    }

    const Hdf5Bytes& m_file;
    std::uint64_t m_address;
    Hdf5Header m_header;
    std::vector<Block> m_blocks;
    std::uint64_t m_bytes = 0;
    bool m_new = false;     ///< headers as of HDF5 1.8
    bool m_ordered = false; ///< messages are numbered
};

} // namespace

Hdf5Header readHdf5Header(const Hdf5Bytes& file, std::uint64_t address)
{
    return HeaderReader(file, address).read();
}

Hdf5Type readHdf5Type(Hdf5Fields& fields)
{
    constexpr unsigned string = 3;
    constexpr unsigned enumeration = 8;
    constexpr unsigned variableLength = 9;
    const TypePrefix prefix = readTypePrefix(fields);
    Hdf5Type type;
    type.size = prefix.size;
    switch (prefix.classOfType) {
    case fixedPoint:
        return wholeNumber(prefix, fields);
    case floatingPoint:
        type.bigEndian = prefix.bits & 0x01;
        if (isIeee(fields, type.size) && !(prefix.bits & 0x40))
            type.kind = Hdf5Type::Kind::Real;
        break;
    case string:
        type.kind = Hdf5Type::Kind::Text;
        type.filled = (prefix.bits & 0x0f) == 0   ? Hdf5Type::Filled::Ended
                      : (prefix.bits & 0x0f) == 2 ? Hdf5Type::Filled::Blanks
                                                  : Hdf5Type::Filled::Zeros;
        break;
    case enumeration: { // logicals of h5py; the names of the values follow the type beneath
        const TypePrefix beneath = readTypePrefix(fields);
        if (beneath.classOfType == fixedPoint && beneath.size == type.size)
            return wholeNumber(beneath, fields);
        break;
    }
    case variableLength:
        if ((prefix.bits & 0x0f) == 1)
            type.kind = Hdf5Type::Kind::VariableText;
        break;
    default:
        break;
    }
    return type;
}

Hdf5Link readHdf5Link(Hdf5Fields fields)
{
    Hdf5Link link;
    const unsigned version = fields.byte();
    if (version != 1)
        fields.fail("a link is of version {}; expected 1", version);
    const unsigned flags = fields.byte();
    link.hard = !(flags & 0x08) || fields.byte() == 0;
    fields.skip(flags & 0x04 ? 8 : 0); // number in the order of creation
    fields.skip(flags & 0x10 ? 1 : 0); // set of characters
    link.name = fields.bytes(fields.number(std::size_t{1} << (flags & 0x03)));
    if (link.hard)
        link.address = fields.address();
    return link;
}

std::optional<Hdf5Attribute> readHdf5Attribute(Hdf5Fields fields, std::string_view name)
{
    const unsigned version = fields.byte();
    const unsigned flags = fields.byte();
    if (version < 1 || version > 3)
        fields.fail("an attribute is of version {}; expected 1 to 3", version);
    const std::uint64_t nameBytes = fields.number(2);
    const std::uint64_t typeBytes = fields.number(2);
    const std::uint64_t spaceBytes = fields.number(2);
    fields.skip(version == 3 ? 1 : 0); // set of characters
    const auto padded = [&](std::uint64_t count) { return version == 1 ? (count + 7) / 8 * 8 : count; };
    std::string_view found = fields.bytes(padded(nameBytes));
    found = found.substr(0, found.find('\0'));
    if (found != name || (version > 1 && flags != 0)) // type or space stand elsewhere
        return std::nullopt;
    Hdf5Attribute attribute;
    const std::size_t typeAt = fields.at();
    attribute.type = readHdf5Type(fields);
    const std::size_t read = fields.at() - typeAt;
    if (read > padded(typeBytes))
        fields.fail("the type of an attribute is longer than announced");
    fields.skip(padded(typeBytes) - read);
    fields.skip(padded(spaceBytes));
    attribute.bytes = fields.bytes(fields.left());
    return attribute;
}

} // namespace lodestone
