#include "formats/deepmd.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "crystal/elements.h"
#include "formats/formats.h"
#include "formats/npy.h"

#include <algorithm>

// Layout and units: docs.deepmodeling.com/projects/deepmd, "System" (eV, Angstrom; virial in eV, minus the
// volume times the stress with tension positive) and "spin" (Bohr magneton).
namespace lodestone {
namespace {

namespace fs = std::filesystem;

constexpr int maxLevels = 2; ///< of folders between the one that was named and a system

std::vector<fs::path> foldersIn(const fs::path& folder)
{
    std::error_code error;
    std::vector<fs::path> folders;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code unknown; // a link to nowhere is no folder
        if (entry->is_directory(unknown))
            folders.push_back(entry->path());
    }
    if (error)
        fail("{}: the folder cannot be read: {}.", folder.string(), error.message());
    std::sort(folders.begin(), folders.end(), [](const fs::path& a, const fs::path& b) {
        return naturalLess(a.filename().string(), b.filename().string());
    });
    return folders;
}

bool there(const fs::path& path)
{
    std::error_code unknown;
    return fs::exists(path, unknown);
}

bool isSet(const fs::path& folder)
{
    return folder.filename().string().starts_with("set.");
}

bool isSystem(const fs::path& folder)
{
    return there(folder / "type.raw");
}

bool holdsSystem(const fs::path& folder, int levels)
{
    if (isSystem(folder))
        return true;
    if (levels == 0)
        return false;
    try {
        const std::vector<fs::path> folders = foldersIn(folder);
        return std::any_of(folders.begin(), folders.end(),
                           [&](const fs::path& inner) { return holdsSystem(inner, levels - 1); });
    } catch (const Error&) { // a closed folder holds nothing for us
        return false;
    }
}

void addSystems(const fs::path& folder, int levels, std::vector<fs::path>& systems)
{
    if (isSystem(folder)) {
        systems.push_back(folder);
        return;
    }
    if (levels > 0)
        for (const fs::path& inner : foldersIn(folder))
            if (holdsSystem(inner, levels - 1))
                addSystems(inner, levels - 1, systems);
}

std::vector<fs::path> systemsIn(const fs::path& folder)
{
    std::vector<fs::path> systems;
    addSystems(folder, maxLevels, systems);
    if (systems.empty())
        fail("{}: neither the folder nor one in it has a type.raw, so it holds no system of DeePMD-kit.",
             folder.string());
    return systems;
}

std::vector<fs::path> setsOf(const fs::path& system)
{
    std::vector<fs::path> sets = foldersIn(system);
    std::erase_if(sets, [](const fs::path& folder) { return !isSet(folder); });
    return sets;
}

/// type.raw: one whole number an atom, which counts the names in type_map.raw from zero.
std::vector<int> readSpecies(const fs::path& system, const std::string& name)
{
    const std::string types = readFile(system / "type.raw");
    const std::vector<std::string_view> fields = splitFields(types);
    if (fields.empty())
        fail("{}/type.raw: is empty; expected one number an atom.", name);
    if (!there(system / "type_map.raw"))
        fail(
            "{0}: has no type_map.raw, so the elements of its atoms are unknown. Add a file {0}/type_map.raw "
            "with one element symbol a line, that of type 0 first.",
            name);
    const std::string map = readFile(system / "type_map.raw");
    const std::vector<std::string_view> names = splitFields(map);
    std::vector<int> species;
    species.reserve(fields.size());
    for (const std::string_view field : fields) {
        const auto type = parseInteger(field);
        if (!type || *type < 0)
            fail("{}/type.raw: '{}' for atom {} is no type; expected a whole number from 0 up.", name,
                 field.substr(0, 40), species.size() + 1);
        if (static_cast<unsigned long long>(*type) >= names.size())
            fail("{0}/type.raw: atom {1} is of type {2}, but {0}/type_map.raw has {3} names; add the missing "
                 "element symbols there.",
                 name, species.size() + 1, *type, names.size());
        const std::string_view symbol = names[static_cast<std::size_t>(*type)];
        const auto z = atomicNumber(symbol);
        if (!z)
            fail("{}/type_map.raw: '{}' (type {}) is no chemical element; write the element's symbol there.",
                 name, symbol.substr(0, 40), *type);
        species.push_back(*z);
    }
    return species;
}

/// The arrays of one set; those of labels may be absent.
class Set {
public:
    Set(const fs::path& folder, const std::string& name, std::size_t atoms, bool periodic)
        : m_folder(folder),
          m_name(name),
          m_atoms(atoms)
    {
        if (there(folder / "real_atom_types.npy"))
            fail("{}: the frames have atoms of different types (real_atom_types.npy), which is not read. "
                 "Convert the data to deepmd/npy, where a system has one composition.",
                 name);
        m_coord = load("coord", 3 * atoms, true);
        if (!m_coord)
            fail("{}/coord.npy: is missing; a set needs the positions of its atoms.", name);
        if (periodic) {
            m_box = load("box", 9);
            if (!m_box)
                fail("{}/box.npy: is missing; a periodic system needs its cell vectors. For a system without "
                     "periodic boundaries put an empty file 'nopbc' beside type.raw.",
                     name);
        }
        m_energy = load("energy", 1);
        m_force = load("force", 3 * atoms, true);
        m_virial = load("virial", 9);
        m_spin = load("spin", 3 * atoms, true);
        m_forceMag = load("force_mag", 3 * atoms, true);
    }

    std::size_t frames() const { return m_frames; }

    Structure frame(std::size_t index, const std::vector<int>& species) const
    {
        Structure s;
        s.source = fmt::format("{}, frame {}", m_name, index + 1);
        s.species = species;
        s.positions.reserve(m_atoms);
        for (std::size_t atom = 0; atom < m_atoms; ++atom) {
            const Vec3 r = vectorAt(*m_coord, index * m_atoms + atom);
            if (!std::isfinite(dot(r, r)))
                fail("{}/coord.npy, frame {}: the position of atom {} is not finite.", m_name, index + 1,
                     atom + 1);
            s.positions.push_back(r);
        }
        if (m_box) {
            s.pbc = {true, true, true};
            for (std::size_t k = 0; k < 3; ++k) {
                s.cell[k] = vectorAt(*m_box, 3 * index + k);
                if (!std::isfinite(dot(s.cell[k], s.cell[k])))
                    fail("{}/box.npy, frame {}: the cell has a number that is not finite.", m_name,
                         index + 1);
            }
            completedCell(s); // refuses a cell without a volume
        }
        if (m_energy)
            s.info["energy"] = (*m_energy)[index];
        if (m_virial)
            s.info["virial"] = numbersAt(*m_virial, index, 9);
        const auto add = [&](const char* name, const std::optional<NpyArray>& array) {
            if (array)
                s.arrays[name] = {AtomArray::Kind::Real, 3, numbersAt(*array, index, 3 * m_atoms), {}};
        };
        add("forces", m_force);
        add("magmoms", m_spin);
        add("mag_forces", m_forceMag);
        return s;
    }

private:
    /// The file `what`.npy with `width` numbers a frame, however its axes are cut.
    std::optional<NpyArray> load(const std::string& what, std::size_t width, bool ofAtoms = false)
    {
        const fs::path path = m_folder / (what + ".npy");
        if (!there(path))
            return std::nullopt;
        const std::string origin = fmt::format("{}/{}.npy", m_name, what);
        NpyArray array = readNpy(readFile(path), origin);
        if (array.shape().empty())
            fail("{}: holds a single number; expected one row a frame.", origin);
        const bool first = what == "coord"; // decides how many frames there are
        const std::size_t frames = array.shape()[0];
        if (array.size() / width != frames || array.size() % width != 0)
            fail("{}: has the shape {}; expected {} numbers a frame{}.", origin, array.shapeText(), width,
                 ofAtoms ? fmt::format(" (type.raw lists {} atoms)", m_atoms) : std::string());
        if (first)
            m_frames = frames;
        else if (frames != m_frames)
            fail("{}: holds {} frames, but coord.npy beside it {}.", origin, frames, m_frames);
        return array;
    }
    static Vec3 vectorAt(const NpyArray& array, std::size_t row)
    {
        return {array[3 * row], array[3 * row + 1], array[3 * row + 2]};
    }
    static std::vector<double> numbersAt(const NpyArray& array, std::size_t frame, std::size_t width)
    {
        std::vector<double> numbers(width);
        for (std::size_t k = 0; k < width; ++k)
            numbers[k] = array[frame * width + k];
        return numbers;
    }

    fs::path m_folder;
    std::string m_name;
    std::size_t m_atoms;
    std::size_t m_frames = 0;
    std::optional<NpyArray> m_coord, m_box, m_energy, m_force, m_virial, m_spin, m_forceMag;
};

/// `folder` without dots and a slash at its end, so that its last part is a name.
fs::path cleaned(const fs::path& folder)
{
    // Only the system knows what stands above a link.
    const bool upwards = std::find(folder.begin(), folder.end(), "..") != folder.end();
    const fs::path whole = upwards ? fs::weakly_canonical(folder) : fs::absolute(folder).lexically_normal();
    return whole.has_filename() ? whole : whole.parent_path();
}

void readSystem(const fs::path& system, const std::string& name, const Watch& watch,
                std::vector<Structure>& structures)
{
    const std::vector<int> species = readSpecies(system, name);
    // DeePMD-kit ignores the box of such a system, which converters fill with a dummy.
    const bool periodic = !there(system / "nopbc");
    const std::vector<fs::path> sets = setsOf(system);
    if (sets.empty())
        fail("{}: has no folder set.000 with coord.npy and the like; raw text files are not read, convert "
             "them to sets of .npy files first.",
             name);
    for (std::size_t k = 0; k < sets.size(); ++k) {
        const Set set(sets[k], fmt::format("{}/{}", name, sets[k].filename().string()), species.size(),
                      periodic);
        for (std::size_t frame = 0; frame < set.frames(); ++frame) {
            if (frame % 64 == 0)
                watch.report((static_cast<double>(k) +
                              static_cast<double>(frame) / static_cast<double>(set.frames())) /
                             static_cast<double>(sets.size()));
            structures.push_back(set.frame(frame, species));
        }
    }
}

} // namespace

std::optional<fs::path> deepmdFolderOf(const fs::path& path)
{
    std::error_code unknown;
    if (fs::is_directory(path, unknown)) {
        const fs::path folder = cleaned(path);
        // A set by itself lacks its type.raw, which stands above it.
        if (isSet(folder) && !isSystem(folder) && isSystem(folder.parent_path()))
            return folder.parent_path();
        return holdsSystem(folder, maxLevels) ? std::optional(folder) : std::nullopt;
    }
    const std::string name = path.filename().string();
    if (!there(path) || !(name.ends_with(".npy") || name.ends_with(".raw") || name == "nopbc"))
        return std::nullopt;
    const fs::path folder = cleaned(fs::absolute(path).parent_path());
    if (isSystem(folder))
        return folder;
    return isSet(folder) && isSystem(folder.parent_path()) ? std::optional(folder.parent_path())
                                                           : std::nullopt;
}

bool isDeepmdFolder(const fs::path& path)
{
    std::error_code unknown;
    return fs::is_directory(path, unknown) && deepmdFolderOf(path).has_value();
}

std::vector<Structure> readDeepmdFolder(const fs::path& path, const Watch& watch)
{
    const fs::path folder = cleaned(path);
    const std::vector<fs::path> systems = systemsIn(folder);
    std::vector<Structure> structures;
    const double count = static_cast<double>(systems.size());
    for (std::size_t k = 0; k < systems.size(); ++k) {
        const double done = static_cast<double>(k);
        readSystem(systems[k], systems[k].lexically_relative(folder.parent_path()).string(),
                   watch.part(done / count, (done + 1.0) / count), structures);
    }
    if (structures.empty())
        fail("{}: the sets hold no frame.", folder.string());
    return structures;
}

std::string sha256OfDeepmd(const fs::path& folder)
{
    std::string lines;
    const auto add = [&](const fs::path& file) {
        if (there(file))
            lines += fmt::format("{} {}\n", sha256OfFile(file), file.lexically_relative(folder).string());
    };
    for (const fs::path& system : systemsIn(folder)) {
        for (const char* name : {"type.raw", "type_map.raw", "nopbc"})
            add(system / name);
        for (const fs::path& set : setsOf(system))
            for (const char* name : {"box", "coord", "energy", "force", "virial", "spin", "force_mag"})
                add(set / fmt::format("{}.npy", name));
    }
    return sha256(lines);
}

} // namespace lodestone
