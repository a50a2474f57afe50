#include "formats/hdf5_frames.h"
#include "crystal/elements.h"
#include "formats/hdf5_labels.h"

#include <algorithm>
#include <array>
#include <cmath>

// Layouts: docs/data-files.md. MACE: mace/data/utils.py, save_configurations_as_HDF5 (eV, Angstrom).
namespace lodestone {
namespace {

constexpr std::array<std::string_view, 4> speciesNames = {"atomic_numbers", "species", "numbers", "elements"};
constexpr std::array<std::string_view, 4> positionNames = {"positions", "coordinates", "conformations",
                                                           "geometries"};
constexpr double mostNumbers = 536870912;         ///< 4 GiB of double
constexpr std::uint64_t numbersAtOnce = 1U << 20; ///< read from an array in one go
constexpr std::size_t mostProblems = 20;          ///< told of one by one

std::optional<std::string> among(const std::array<std::string_view, 4>& names, const Hdf5Arrays& arrays)
{
    for (const std::string_view name : names)
        if (arrays.contains(std::string(name)))
            return std::string(name);
    return std::nullopt;
}

class FrameReader {
public:
    FrameReader(const std::string& path, const Hdf5Arrays& arrays, Hdf5Findings& findings, const Watch& watch)
        : m_arrays(arrays),
          m_watch(watch),
          m_group{path, findings, {watch.stop, {}}},
          m_labels(m_group)
    {
    }

    void read(const std::map<std::string, double>& weights)
    {
        openPositions();
        findUnits();
        readSpecies();
        readCells();
        for (const auto& [name, array] : m_arrays) {
            // MACE fills in zeros for what a frame lacks, and gives them no weight.
            const auto weight = weights.find(name);
            if (!m_used.contains(name) && (weight == weights.end() || weight->second != 0))
                m_labels.add(name, array);
        }
        constexpr double numbersAnAtom = 3.5; // position and element
        m_group.findings.take(
            static_cast<double>(m_group.frames) *
            (numbersAnAtom * static_cast<double>(m_group.atoms) + m_labels.numbersAFrame()));
        readFrames();
    }

private:
    void openPositions()
    {
        m_positionsName = *positionsAmong(m_arrays);
        m_used.insert(m_positionsName);
        m_positions = &m_arrays.at(m_positionsName);
        const std::vector<std::uint64_t>& shape = m_positions->shape();
        m_group.many = shape.size() == 3;
        if ((shape.size() != 2 && !m_group.many) || shape.back() != 3 || shape[shape.size() - 2] == 0 ||
            (m_positions->elements() == 0 && !m_group.many))
            m_group.failHere(
                "'{}' has the shape {}; expected three numbers for each atom, (atoms, 3), or such "
                "for each frame, (frames, atoms, 3).",
                m_positionsName, shapeText(*m_positions));
        m_group.frames = m_group.many ? shape[0] : 1;
        m_group.atoms = shape[shape.size() - 2];
        if (m_positions->elements() > 0) {
            m_group.findings.requireRoom(static_cast<double>(m_positions->elements() / m_positions->rows()));
            m_positions->numbers(0, 1, m_group.quiet); // shows whether all of them are there
        }
    }

    void findUnits()
    {
        for (const auto& [name, array] : m_arrays)
            if (const KnownSet* known = knownSetWith(name))
                m_group.known = known;
        if (m_group.known)
            m_group.units = m_group.known->units ? *m_group.known->units : UnitSystem();
        else if (!m_group.many && m_positionsName == "positions" && m_arrays.contains("atomic_numbers"))
            m_group.units.emplace();
        const auto length = m_group.factorOf(m_positionsName, *m_positions, Dimension::Length);
        if (!length)
            m_group.failHere(
                "'{0}' says nothing of its unit. Give it an attribute 'units' ({1}), or the whole "
                "file an attribute '{0}_units'.",
                m_positionsName, examplesOf(Dimension::Length));
        m_length = *length;
    }

    void readSpecies()
    {
        const std::string name = *speciesAmong(m_arrays);
        m_used.insert(name);
        const Hdf5Object& array = m_arrays.at(name);
        const std::vector<std::uint64_t>& shape = array.shape();
        const bool each = m_group.many && shape == std::vector<std::uint64_t>{m_group.frames, m_group.atoms};
        if (!each && shape != std::vector<std::uint64_t>{m_group.atoms})
            m_group.failHere("'{}' has the shape {}, but '{}' {}; expected one element an atom.", name,
                             shapeText(array), m_positionsName, shapeText(*m_positions));
        m_group.findings.requireRoom(4 * static_cast<double>(array.elements()));
        const auto atom = [&] { return m_species.size() % m_group.atoms + 1; };
        if (array.isText()) {
            for (const std::string& symbol : array.texts(m_group.quiet)) {
                const auto z = atomicNumber(symbol);
                if (!z)
                    m_group.failHere("'{}' names '{}' for atom {}, which is no chemical element.", name,
                                     symbol.substr(0, 40), atom());
                m_species.push_back(*z);
            }
            return;
        }
        for (const double z : array.numbers(m_group.quiet)) {
            if (!(z >= 1 && z <= maxAtomicNumber) || z != std::floor(z))
                m_group.failHere("'{}' gives atom {} the atomic number {}; expected 1 to {}.", name, atom(),
                                 z, maxAtomicNumber);
            m_species.push_back(static_cast<int>(z));
        }
    }

    /// The array of that name, unless it is absent.
    const Hdf5Object* present(const std::string& name)
    {
        const auto found = m_arrays.find(name);
        if (found == m_arrays.end())
            return nullptr;
        m_used.insert(name);
        return m_group.isAbsent(found->second) ? nullptr : &found->second;
    }

    void readCells()
    {
        if (const Hdf5Object* cell = present("cell")) {
            const bool own = cell->attribute("units").has_value();
            const double factor = own ? *m_group.factorOf("cell", *cell, Dimension::Length) : m_length;
            m_cells = m_group.frameNumbers("cell", *cell, 9);
            for (double& number : m_cells)
                number *= factor;
        }
        if (const Hdf5Object* pbc = present("pbc")) {
            m_pbc = pbc->elements() == 1 ? std::vector<double>(3, pbc->numbers(m_group.quiet)[0])
                                         : m_group.frameNumbers("pbc", *pbc, 3);
            if (!std::all_of(m_pbc.begin(), m_pbc.end(), [](double x) { return x == 0 || x == 1; }))
                m_group.failHere("'pbc' is not understood; expected three of true and false.");
        }
    }

    void readFrames()
    {
        std::uint64_t most = std::max<std::uint64_t>(numbersAtOnce / (3 * m_group.atoms), 1);
        // Whole chunks, unless they are very large, so that none is unpacked twice.
        const std::uint64_t together = m_positions->rowsTogether();
        if (together <= 8 * most)
            most = (most + together - 1) / together * together;
        for (std::uint64_t first = 0; first < m_group.frames; first += most) {
            if (m_group.many)
                m_watch.report(static_cast<double>(first) / static_cast<double>(m_group.frames));
            const std::uint64_t count = std::min(most, m_group.frames - first);
            const std::vector<double> positions = m_group.many
                                                      ? m_positions->numbers(first, count, m_group.quiet)
                                                      : m_positions->numbers(m_group.quiet);
            m_labels.readBlock(first, count);
            for (std::uint64_t k = 0; k < count; ++k) {
                if (k % 64 == 0)
                    m_group.quiet.report(0.0);
                readFrame(first + k, positions.data() + 3 * k * m_group.atoms);
            }
        }
    }

    void readFrame(std::uint64_t index, const double* positions)
    {
        Hdf5Findings& findings = m_group.findings;
        Structure s;
        s.source = fmt::format("{}, {}", findings.origin, m_group.path);
        if (m_group.many)
            s.source += fmt::format(", frame {}", index + 1);
        try {
            putAtoms(s, index, positions);
            putCell(s, index);
        } catch (const Error& error) {
            findings.leaveOut(error.what());
            return;
        }
        m_labels.put(s, index);
        findings.structures.push_back(std::move(s));
    }

    void putAtoms(Structure& s, std::uint64_t index, const double* positions) const
    {
        const std::uint64_t atoms = m_group.atoms;
        const std::uint64_t speciesAt = m_species.size() > atoms ? index * atoms : 0;
        s.species.assign(m_species.data() + speciesAt, m_species.data() + speciesAt + atoms);
        s.positions.reserve(atoms);
        for (std::uint64_t atom = 0; atom < atoms; ++atom, positions += 3) {
            const Vec3 r = m_length * Vec3{positions[0], positions[1], positions[2]};
            if (!std::isfinite(r[0]) || !std::isfinite(r[1]) || !std::isfinite(r[2]))
                fail("{}: the position of atom {} is not finite.", s.source, atom + 1);
            s.positions.push_back(r);
        }
    }

    void putCell(Structure& s, std::uint64_t index) const
    {
        const std::size_t cellAt = m_cells.size() > 9 ? 9 * index : 0;
        for (std::size_t i = 0; i < 9 && !m_cells.empty(); ++i) {
            s.cell[i / 3][i % 3] = m_cells[cellAt + i];
            if (!std::isfinite(m_cells[cellAt + i]))
                fail("{}: 'cell' has a number that is not finite.", s.source);
        }
        const std::size_t pbcAt = m_pbc.size() > 3 ? 3 * index : 0;
        // Without a word on it, what has a lattice vector is periodic.
        for (std::size_t i = 0; i < 3; ++i)
            s.pbc[i] = m_pbc.empty() ? norm(s.cell[i]) > 0 : m_pbc[pbcAt + i] != 0;
        completedCell(s); // refuses a cell that does not span the periodic directions
    }

    const Hdf5Arrays& m_arrays;
    const Watch& m_watch;
    Hdf5Group m_group;
    Hdf5Labels m_labels;
    std::set<std::string> m_used;
    std::string m_positionsName;
    const Hdf5Object* m_positions = nullptr;
    double m_length = 1;
    std::vector<int> m_species;  ///< of all frames, or of each
    std::vector<double> m_cells; ///< nine, or nine a frame, or none
    std::vector<double> m_pbc;   ///< three, or three a frame, or none
};

} // namespace

void Hdf5Findings::leaveOut(std::string sentence)
{
    ++problemCount;
    if (problems.size() < mostProblems)
        problems.push_back(std::move(sentence));
}

void Hdf5Findings::requireRoom(double count) const
{
    if (numbers + count > mostNumbers)
        fail<Hdf5TooLarge>(
            "{}: its frames would take more than 4 GiB of memory. Divide the file into several "
            "and read some of them.",
            origin);
}

void Hdf5Findings::take(double count)
{
    requireRoom(count);
    numbers += count;
}

std::optional<std::string> speciesAmong(const Hdf5Arrays& arrays)
{
    return among(speciesNames, arrays);
}

std::optional<std::string> positionsAmong(const Hdf5Arrays& arrays)
{
    return among(positionNames, arrays);
}

bool isPositions(std::string_view name)
{
    return std::find(positionNames.begin(), positionNames.end(), name) != positionNames.end();
}

void readHdf5Frames(const std::string& path, const Hdf5Arrays& arrays,
                    const std::map<std::string, double>& weights, Hdf5Findings& findings, const Watch& watch)
{
    FrameReader(path, arrays, findings, watch).read(weights);
}

} // namespace lodestone
