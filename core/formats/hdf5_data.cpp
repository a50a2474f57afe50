#include "archives/hdf5_archive.h"
#include "base/text.h"
#include "formats/formats.h"
#include "formats/hdf5_frames.h"

#include <algorithm>

namespace lodestone {
namespace {

constexpr int deepest = 8;            ///< groups in groups
constexpr std::size_t mostNames = 12; ///< of arrays, in a sentence

std::string quoted(const std::set<std::string>& names)
{
    std::string list;
    std::size_t count = 0;
    for (const std::string& name : names) {
        if (count++ == mostNames)
            return list + fmt::format(" and {} others", names.size() - mostNames);
        list += fmt::format("{}'{}'", list.empty() ? "" : ", ", name.substr(0, 60));
    }
    return list;
}

bool has(const std::vector<Hdf5Link>& links, std::string_view name)
{
    return std::any_of(links.begin(), links.end(), [&](const Hdf5Link& link) { return link.name == name; });
}

/// Goes through the groups of a file and collects their frames.
class DataReader {
public:
    DataReader(const Hdf5Archive& archive, const std::string& origin, const Watch& watch)
        : m_archive(archive),
          m_watch(watch),
          m_quiet{watch.stop, {}}
    {
        m_found.origin = origin;
    }

    std::vector<Structure> read(std::vector<std::string>* notes)
    {
        m_found.root = m_archive.root();
        guarded([&] { visit(*m_found.root, 0, m_watch); });
        if (m_found.structures.empty())
            failWithoutStructures();
        if (notes)
            tell(*notes);
        return std::move(m_found.structures);
    }

private:
    /// What is wrong with one group leaves the others.
    template<class Body>
    void guarded(Body&& body)
    {
        try {
            body();
        } catch (const Hdf5TooLarge&) {
            throw;
        } catch (const InternalError&) {
            throw;
        } catch (const Error& error) {
            m_found.leaveOut(error.what());
        }
    }

    template<class... Args>
    [[noreturn]] void failAt(const Hdf5Object& group, fmt::format_string<Args...> sentence, Args&&... args)
    {
        fail("{}: {}: {}", m_found.origin, group.path(), fmt::format(sentence, std::forward<Args>(args)...));
    }

    void visit(const Hdf5Object& group, int depth, const Watch& watch)
    {
        if (!m_visited.insert(group.address()).second)
            failAt(group, "the group was met before, under another name or around itself; it is read once.");
        if (depth > deepest)
            failAt(group, "the group lies in more than {} others, where no frames are looked for.", deepest);
        std::vector<Hdf5Link> links = group.links(m_quiet);
        if (has(links, "type.raw"))
            failAt(group,
                   "a system of DeePMD-kit in HDF5 is not read. Convert it to a folder with set.000/*.npy "
                   "(dpdata, format deepmd/npy) and name that.");
        if (std::any_of(links.begin(), links.end(), [](const auto& link) { return isPositions(link.name); }))
            visitFrames(group, links, depth, watch);
        else
            visitGroups(group, std::move(links), depth, watch);
    }

    void visitGroups(const Hdf5Object& group, std::vector<Hdf5Link> links, int depth, const Watch& watch)
    {
        std::sort(links.begin(), links.end(),
                  [](const Hdf5Link& a, const Hdf5Link& b) { return naturalLess(a.name, b.name); });
        const double count = static_cast<double>(links.size());
        for (std::size_t k = 0; k < links.size(); ++k) {
            const double done = static_cast<double>(k);
            if (k % 64 == 0)
                watch.report(done / count);
            m_quiet.report(0.0);
            guarded([&] {
                const Hdf5Object child = group.child(links[k]);
                if (child.isGroup())
                    visit(child, depth + 1, watch.part(done / count, (done + 1) / count));
            });
        }
    }

    void visitFrames(const Hdf5Object& group, const std::vector<Hdf5Link>& links, int depth,
                     const Watch& watch)
    {
        Hdf5Arrays arrays;
        std::map<std::string, double> weights;
        std::vector<Hdf5Object> inner;
        for (const Hdf5Link& link : links) {
            const Hdf5Object child = group.child(link);
            if (child.isArray())
                arrays.emplace(link.name, child);
            else if (child.isGroup() && link.name == "properties")
                addArrays(child, arrays);
            else if (child.isGroup() && link.name == "property_weights")
                addWeights(child, weights);
            else if (child.isGroup())
                inner.push_back(child);
        }
        takeWeights(arrays, weights);
        if (positionsAmong(arrays) && !speciesAmong(arrays))
            failAt(group,
                   "there are positions, but no elements of the atoms: expected an array 'atomic_numbers' "
                   "or 'species'.");
        if (positionsAmong(arrays))
            guarded([&] { readHdf5Frames(group.path(), arrays, weights, m_found, watch); });
        for (const Hdf5Object& child : inner)
            guarded([&] { visit(child, depth + 1, m_quiet); });
    }

    void addArrays(const Hdf5Object& group, Hdf5Arrays& arrays) const
    {
        for (const Hdf5Link& link : group.links(m_quiet)) {
            const Hdf5Object child = group.child(link);
            if (child.isArray())
                arrays.emplace(link.name, child);
        }
    }

    void addWeights(const Hdf5Object& group, std::map<std::string, double>& weights)
    {
        for (const Hdf5Link& link : group.links(m_quiet))
            addWeight(link.name, group.child(link), weights);
    }

    /// "energy_weight" beside "energy", as MACE wrote it once.
    void takeWeights(Hdf5Arrays& arrays, std::map<std::string, double>& weights)
    {
        constexpr std::string_view ending = "_weight";
        for (auto array = arrays.begin(); array != arrays.end();) {
            const std::string& name = array->first;
            const bool ofProperty =
                name.ends_with(ending) && name != "config_weight" &&
                addWeight(name.substr(0, name.size() - ending.size()), array->second, weights);
            array = ofProperty ? arrays.erase(array) : std::next(array);
        }
    }

    bool addWeight(const std::string& property, const Hdf5Object& array,
                   std::map<std::string, double>& weights)
    {
        if (!array.isNumbers() || array.elements() != 1)
            return false;
        const double weight = array.numbers(m_quiet)[0];
        weights[property] = weight;
        m_otherWeights += weight != 0 && weight != 1;
        return true;
    }

    [[noreturn]] void failWithoutStructures() const
    {
        if (m_found.problems.empty())
            fail(
                "{}: is HDF5, but holds no structures: expected groups with 'atomic_numbers' and 'positions' "
                "(docs/data-files.md).",
                m_found.origin);
        throw Error(m_found.problems[0] +
                    (m_found.problemCount > 1
                         ? fmt::format(" {} other groups or frames cannot be read either, and none is left.",
                                       m_found.problemCount - 1)
                         : std::string()));
    }

    void tell(std::vector<std::string>& notes) const
    {
        for (const std::string& problem : m_found.problems)
            notes.push_back("Left out: " + problem);
        if (m_found.problemCount > m_found.problems.size())
            notes.push_back(fmt::format("{}: {} other groups or frames were left out too.", m_found.origin,
                                        m_found.problemCount - m_found.problems.size()));
        if (!m_found.withoutUnits.empty())
            notes.push_back(fmt::format(
                "{}: not read, as nothing says their units: {}. Give each such array an attribute 'units' "
                "('eV', "
                "'hartree/bohr'), or the whole file an attribute named after it, such as '{}_units'.",
                m_found.origin, quoted(m_found.withoutUnits), *m_found.withoutUnits.begin()));
        if (!m_found.unread.empty())
            notes.push_back(
                fmt::format("{}: arrays that are not read: {}.", m_found.origin, quoted(m_found.unread)));
        if (m_otherWeights > 0)
            notes.push_back(
                fmt::format("{}: {} weights of single properties differ from 0 and 1. They are not "
                            "used; a frame's 'weight' is.",
                            m_found.origin, m_otherWeights));
    }

    Hdf5Findings m_found;
    const Hdf5Archive& m_archive;
    const Watch& m_watch;
    const Watch m_quiet; ///< to be stopped only
    std::set<std::uint64_t> m_visited;
    std::size_t m_otherWeights = 0;
};

} // namespace

std::vector<Structure> readHdf5(const std::filesystem::path& path, const Watch& watch,
                                std::vector<std::string>* notes)
{
    return DataReader(Hdf5Archive::open(path), path.filename().string(), watch).read(notes);
}

std::vector<Structure> readHdf5(std::string bytes, const std::string& origin, const Watch& watch,
                                std::vector<std::string>* notes)
{
    return DataReader(Hdf5Archive::parse(std::move(bytes), origin), origin, watch).read(notes);
}

} // namespace lodestone
