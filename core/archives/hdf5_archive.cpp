#include "archives/hdf5_archive.h"
#include "archives/hdf5_links.h"

#include <algorithm>

namespace lodestone {
namespace {

constexpr std::string_view magic = "\x89HDF\r\n\x1a\n";
constexpr std::uint64_t firstFurther = 512; ///< the signature stands at 0, 512, 1024, 2048 ...

std::uint64_t findSignature(const Hdf5Bytes& file)
{
    for (std::uint64_t at = 0; at < file.size() && file.size() - at >= magic.size();
         at = std::max(2 * at, firstFurther))
        if (file.metadata(at, magic.size()) == magic)
            return at;
    fail("{}: is no HDF5 file: the signature is missing.", file.origin());
}

/// The superblock at the beginning of `file`; returns the address of the root group.
std::uint64_t readSuperblock(Hdf5Bytes& file)
{
    constexpr std::uint64_t longest = 96;
    Hdf5Fields fields(file, 0, std::min(longest, file.size()));
    fields.signature(magic);
    const unsigned version = fields.byte();
    if (version > 3)
        fail("{}: is an HDF5 file with a superblock of version {}; versions 0 to 3 are read.", file.origin(),
             version);
    if (version < 2)
        fields.skip(4); // versions of other parts
    const auto addresses = static_cast<std::size_t>(fields.byte());
    const auto lengths = static_cast<std::size_t>(fields.byte());
    file.setWidths(addresses, lengths);
    fields.skip(version >= 2 ? 1 : 9); // flags; fan-outs of B-trees
    fields.skip(version == 1 ? 4 : 0);
    const std::uint64_t base = fields.address();
    fields.address(); // free space, or an extension of the superblock
    const std::uint64_t end = fields.address();
    if (end != nowhere && end >= base && end - base > file.size())
        fail("{}: is cut off: the file should have {} bytes.", file.origin(), end);
    if (version < 2) {
        fields.address(); // of a driver
        fields.address(); // of the root's name
    }
    return fields.address();
}

} // namespace

Hdf5Object::Hdf5Object(std::shared_ptr<const Hdf5Bytes> file, std::uint64_t address, std::string path)
    : m_file(std::move(file)),
      m_address(address),
      m_path(std::move(path)),
      m_header(readHdf5Header(*m_file, address))
{
}

std::vector<Hdf5Link> Hdf5Object::links(const Watch& watch) const
{
    if (!isGroup())
        failHere("is no group.");
    return readHdf5Links(*m_file, m_header, watch);
}

Hdf5Object Hdf5Object::child(const Hdf5Link& link) const
{
    std::string path = (m_path == "/" ? m_path : m_path + "/") + link.name;
    if (!link.hard)
        fail("{}: '{}' is a link to another place or file; such links are not followed.", m_file->origin(),
             path);
    return {m_file, link.address, std::move(path)};
}

Hdf5Archive::Hdf5Archive(Hdf5Bytes bytes)
{
    bytes.setBase(findSignature(bytes));
    m_root = readSuperblock(bytes);
    m_file = std::make_shared<const Hdf5Bytes>(std::move(bytes));
}

Hdf5Archive Hdf5Archive::open(const std::filesystem::path& path)
{
    return Hdf5Archive(Hdf5Bytes(path));
}

Hdf5Archive Hdf5Archive::parse(std::string bytes, std::string origin)
{
    return Hdf5Archive(Hdf5Bytes(std::move(bytes), std::move(origin)));
}

bool Hdf5Archive::recognises(std::string_view bytes)
{
    return bytes.starts_with(magic);
}

Hdf5Object Hdf5Archive::root() const
{
    return {m_file, m_root, "/"};
}

} // namespace lodestone
