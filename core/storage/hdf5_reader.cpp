#include "storage/hdf5_reader.h"
#include "base/error.h"

#include <algorithm>
#include <limits>

namespace lodestone {
namespace {

using Kind = Hdf5Type::Kind;

const char* wordFor(Kind kind)
{
    switch (kind) {
    case Kind::Real:
        return "real numbers";
    case Kind::Integer:
        return "integers";
    case Kind::Text:
    case Kind::VariableText:
        return "text";
    case Kind::Other:
        break;
    }
    return "elements of another type";
}

} // namespace

Hdf5Reader::Hdf5Reader(Hdf5Archive archive) : m_archive(std::move(archive)), m_root(m_archive.root()) {}

Hdf5Reader Hdf5Reader::open(const std::filesystem::path& path)
{
    return Hdf5Reader(Hdf5Archive::open(path));
}

template<class... Args>
void Hdf5Reader::failAt(const std::string& name, fmt::format_string<Args...> sentence, Args&&... args) const
{
    fail("{}: '{}' {}", m_archive.origin(), name, fmt::format(sentence, std::forward<Args>(args)...));
}

/// A group is listed once: a search for each of its arrays would read its index anew every time.
const Hdf5Reader::Links& Hdf5Reader::linksOf(const Hdf5Object& group) const
{
    const auto known = m_links.find(group.address());
    if (known != m_links.end())
        return known->second;
    Links links;
    for (Hdf5Link& link : group.links()) {
        std::string name = link.name;
        links.emplace(std::move(name), std::move(link));
    }
    return m_links.emplace(group.address(), std::move(links)).first->second;
}

std::optional<Hdf5Object> Hdf5Reader::find(const std::string& name) const
{
    std::string_view rest = name;
    if (rest.starts_with('/'))
        rest.remove_prefix(1);
    Hdf5Object object = m_root;
    while (!rest.empty()) {
        if (!object.isGroup())
            return std::nullopt;
        const std::string_view part = rest.substr(0, rest.find('/'));
        const Links& links = linksOf(object);
        const auto link = links.find(part);
        if (link == links.end())
            return std::nullopt;
        object = object.child(link->second);
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    }
    return object;
}

const Hdf5Object& Hdf5Reader::array(const std::string& name) const
{
    if (!m_last || m_lastName != name) {
        std::optional<Hdf5Object> found = find(name);
        if (!found)
            failAt(name, "is missing.");
        if (!found->isArray())
            failAt(name, "is {}; expected an array.", found->isGroup() ? "a group" : "no array");
        m_last = std::move(found);
        m_lastName = name;
    }
    return *m_last;
}

const Hdf5Object& Hdf5Reader::array(const std::string& name, Kind kind) const
{
    const Hdf5Object& found = array(name);
    if (found.type().kind != kind)
        failAt(name, "holds {}; expected {}.", wordFor(found.type().kind), wordFor(kind));
    return found;
}

bool Hdf5Reader::has(const std::string& name) const
{
    return find(name).has_value();
}

std::vector<std::string> Hdf5Reader::children(const std::string& group) const
{
    const std::optional<Hdf5Object> found = find(group);
    if (!found)
        failAt(group, "is missing.");
    if (!found->isGroup())
        failAt(group, "is no group.");
    std::vector<std::string> names;
    for (const auto& [name, link] : linksOf(*found))
        names.push_back(name);
    return names;
}

std::vector<std::int64_t> Hdf5Reader::shape(const std::string& name) const
{
    const Hdf5Object& found = array(name);
    found.elements(); // Error if they are too many
    std::vector<std::int64_t> shape;
    // Beside an extent of zero there may be others of any size; who counts strides must not overflow.
    std::uint64_t product = 1;
    for (const std::uint64_t extent : found.shape()) {
        if (extent > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / product)
            failAt(name, "announces an extent of {}.", extent);
        product *= std::max<std::uint64_t>(extent, 1);
        shape.push_back(static_cast<std::int64_t>(extent));
    }
    return shape;
}

bool Hdf5Reader::isFloat32(const std::string& name) const
{
    const Hdf5Type type = array(name).type();
    return type.kind == Kind::Real && type.size == sizeof(float);
}

std::vector<double> Hdf5Reader::readReals(const std::string& name) const
{
    return array(name, Kind::Real).numbers();
}

std::vector<float> Hdf5Reader::readFloats(const std::string& name) const
{
    return array(name, Kind::Real).floats();
}

std::vector<std::int64_t> Hdf5Reader::readIntegers(const std::string& name) const
{
    return array(name, Kind::Integer).integers();
}

std::vector<std::uint8_t> Hdf5Reader::readBytes(const std::string& name) const
{
    const Hdf5Type type = array(name).type();
    if (type.kind != Kind::Integer || type.size != 1 || type.isSigned)
        failAt(name, "does not hold bytes.");
    return array(name).bytes();
}

std::string Hdf5Reader::readText(const std::string& name) const
{
    const Hdf5Object& found = array(name);
    if (!found.isText())
        failAt(name, "holds {}; expected text.", wordFor(found.type().kind));
    return found.text();
}

} // namespace lodestone
