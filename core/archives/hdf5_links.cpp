#include "archives/hdf5_links.h"
#include "archives/hdf5_heap.h"

#include <bit>

// Chapter III of the specification: B-trees, symbol tables, local heaps.
namespace lodestone {
namespace {

/// A group as HDF5 1.6 makes it: a B-tree of symbol tables, names in a heap.
class SymbolTables {
public:
    SymbolTables(const Hdf5Bytes& file, const Hdf5Header& group, const Watch& watch)
        : m_file(file),
          m_watch(watch)
    {
        Hdf5Fields heap(file, group.nameHeap, 8 + 2 * file.lengthWidth() + file.addressWidth());
        heap.signature("HEAP");
        heap.skip(4); // version
        const std::uint64_t size = heap.length();
        heap.length(); // the first free piece
        m_names = file.metadata(heap.address(), size);
        readNode(group.nameTree, std::nullopt);
    }

    std::vector<Hdf5Link> links;

private:
    void readNode(std::uint64_t address, std::optional<unsigned> expectedLevel)
    {
        const std::size_t width = m_file.addressWidth();
        Hdf5Fields head(m_file, address, 8 + 2 * width);
        head.signature("TREE");
        if (head.byte() != 0)
            head.fail("an index of a group is none of names");
        const unsigned level = head.byte();
        if (expectedLevel && level != *expectedLevel)
            head.fail("a node of an index is of level {}; expected {}", level, *expectedLevel);
        const std::uint64_t count = head.number(2);
        Hdf5Fields entries(m_file, address + head.at() + 2 * width, count * (width + m_file.lengthWidth()));
        for (std::uint64_t i = 0; i < count; ++i) {
            m_watch.report(0.0);
            entries.length(); // the key: a name
            const std::uint64_t child = entries.address();
            if (level > 0)
                readNode(child, level - 1);
            else
                readTable(child);
        }
    }

    void readTable(std::uint64_t address)
    {
        constexpr std::uint64_t softLink = 2;
        Hdf5Fields head(m_file, address, std::uint64_t{8});
        head.signature("SNOD");
        head.skip(2); // version
        const std::uint64_t count = head.number(2);
        Hdf5Fields entries(m_file, address + 8, count * (2 * m_file.addressWidth() + 24));
        for (std::uint64_t i = 0; i < count; ++i) {
            Hdf5Link link;
            const std::uint64_t name = entries.number(m_file.addressWidth());
            if (name >= m_names.size())
                entries.fail("a name of a group does not lie in its heap");
            link.name = m_names.c_str() + name;
            m_nameBytes += link.name.size() + 1;
            if (m_nameBytes > m_names.size())
                entries.fail("a group has more names than its heap can hold");
            link.address = entries.address();
            link.hard = entries.number(4) != softLink;
            entries.skip(20);
            links.push_back(std::move(link));
        }
    }

    const Hdf5Bytes& m_file;
    const Watch& m_watch;
    std::string m_names;
    std::size_t m_nameBytes = 0; ///< of the links so far
};

/// The links of a group that has too many for its header: a B-tree of version 2 leads to them in a heap.
class LinkTree {
public:
    LinkTree(const Hdf5Bytes& file, const Hdf5Header& group, const Watch& watch)
        : m_file(file),
          m_watch(watch),
          m_heap(file, group.linkHeap)
    {
        constexpr unsigned linksByName = 5;
        Hdf5Fields head(file, group.linkTree, 22 + file.addressWidth() + file.lengthWidth());
        head.signature("BTHD");
        head.skip(1); // version
        if (head.byte() != linksByName)
            head.fail("an index of a group is none of names");
        m_nodeBytes = head.number(4);
        m_recordBytes = head.number(2);
        const std::uint64_t depth = head.number(2);
        head.skip(2); // when nodes are split and merged
        const std::uint64_t root = head.address();
        const std::uint64_t records = head.number(2);
        if (m_recordBytes != hashBytes + m_heap.idBytes() || m_nodeBytes < nodeFrame + m_recordBytes ||
            depth > deepest)
            head.fail("an index of {} levels has records of {} bytes in nodes of {}", depth, m_recordBytes,
                      m_nodeBytes);
        planLevels(depth);
        if (root != nowhere)
            readNode(root, records, static_cast<std::size_t>(depth));
    }

    std::vector<Hdf5Link> links;

private:
    static constexpr std::uint64_t hashBytes = 4;
    static constexpr std::uint64_t nodeFrame = 10; ///< signature, version, type, checksum
    static constexpr std::uint64_t deepest = 16;

    struct Level {
        std::uint64_t most = 0;   ///< records in a node
        std::uint64_t all = 0;    ///< records in it and below it
        std::size_t allBytes = 0; ///< bytes of that number where a node above it says it; 0: it does not
    };

    static std::size_t bytesFor(std::uint64_t number)
    {
        return static_cast<std::size_t>(std::bit_width(number) + 7) / 8;
    }

    /// The widths of numbers in a node follow from how many records fit below it.
    void planLevels(std::uint64_t depth)
    {
        const std::uint64_t inLeaf = (m_nodeBytes - nodeFrame) / m_recordBytes;
        m_countBytes = bytesFor(inLeaf);
        m_levels.push_back({inLeaf, inLeaf, 0});
        for (std::uint64_t level = 1; level <= depth; ++level) {
            const Level below = m_levels.back();
            const std::uint64_t pointer = m_file.addressWidth() + m_countBytes + below.allBytes;
            Level own;
            own.most = m_nodeBytes > nodeFrame + pointer
                           ? (m_nodeBytes - nodeFrame - pointer) / (m_recordBytes + pointer)
                           : 0;
            if (own.most == 0 || below.all > (nowhere - own.most) / (own.most + 1))
                m_file.failAt(0, "an index of {} levels has nodes of {} bytes", depth, m_nodeBytes);
            own.all = (own.most + 1) * below.all + own.most;
            own.allBytes = bytesFor(own.all);
            m_levels.push_back(own);
        }
    }

    void readNode(std::uint64_t address, std::uint64_t records, std::size_t level)
    {
        m_watch.report(0.0);
        if (records > m_levels[level].most)
            m_file.failAt(address, "a node of an index has {} records; at most {} fit in", records,
                          m_levels[level].most);
        Hdf5Fields node(m_file, address, m_nodeBytes);
        node.signature(level > 0 ? "BTIN" : "BTLF");
        node.skip(2); // version and type
        if (links.size() + records > m_file.size() / m_recordBytes)
            node.fail("an index has more records than the file has room for");
        for (std::uint64_t i = 0; i < records; ++i) {
            node.skip(hashBytes);
            links.push_back(readHdf5Link(m_heap.object(node.bytes(m_heap.idBytes()))));
        }
        for (std::uint64_t i = 0; level > 0 && i <= records; ++i) {
            const std::uint64_t child = node.address();
            const std::uint64_t inChild = node.number(m_countBytes);
            node.skip(m_levels[level - 1].allBytes);
            readNode(child, inChild, level - 1);
        }
    }

    const Hdf5Bytes& m_file;
    const Watch& m_watch;
    Hdf5Heap m_heap;
    std::uint64_t m_nodeBytes = 0;
    std::uint64_t m_recordBytes = 0;
    std::size_t m_countBytes = 0; ///< of the number of records in a node
    std::vector<Level> m_levels;  ///< leaves first
};

} // namespace

std::vector<Hdf5Link> readHdf5Links(const Hdf5Bytes& file, const Hdf5Header& group, const Watch& watch)
{
    std::vector<Hdf5Link> links;
    if (group.nameTree != nowhere)
        links = SymbolTables(file, group, watch).links;
    else if (group.linkHeap != nowhere)
        links = LinkTree(file, group, watch).links;
    links.insert(links.end(), group.links.begin(), group.links.end());
    return links;
}

} // namespace lodestone
