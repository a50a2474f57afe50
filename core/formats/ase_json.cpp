#include "base/error.h"
#include "crystal/elements.h"
#include "formats/ase_json_values.h"
#include "formats/formats.h"

#include <algorithm>
#include <array>

// Keys and units: ase.db.row.AtomsRow and ase.calculators (wiki.fysik.dtu.dk/ase).
namespace lodestone {
namespace {

using Kind = AseValue::Kind;

constexpr std::array<std::string_view, 8> atomKeys = {
    "forces", "magmoms", "initial_magmoms", "charges", "initial_charges", "masses", "tags", "momenta"};
constexpr std::array<std::string_view, 5> frameKeys = {"energy", "free_energy", "stress", "magmom", "dipole"};
constexpr std::array<std::string_view, 4> latticeKeys = {"numbers", "positions", "cell", "pbc"};

template<std::size_t size>
bool in(const std::array<std::string_view, size>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool isWanted(const std::string& name)
{
    return in(atomKeys, name) || in(frameKeys, name) || in(latticeKeys, name);
}

/// Makes a structure of one row; holds the name that sentences begin with.
class RowText {
public:
    RowText(const AseRow& row, std::string place) : m_row(row), m_place(std::move(place)) {}

    Structure structure() const
    {
        Structure s;
        s.source = m_place;
        readAtoms(s);
        readLattice(s);
        for (const std::string_view key : atomKeys)
            if (const AseValue* value = find(key))
                s.arrays[std::string(key)] = atomArray(key, *value, s.size());
        for (const std::string_view key : frameKeys)
            if (const AseValue* value = find(key))
                s.info[std::string(key)] = frameValue(key, *value);
        for (const auto& [key, value] : m_row.pairs)
            if (value.kind != Kind::Null && value.kind != Kind::Other)
                s.info.try_emplace(key, frameValue(key, value));
        return s;
    }

private:
    template<class... Args>
    [[noreturn]] void failHere(fmt::format_string<Args...> sentence, Args&&... args) const
    {
        fail("{}: {}", m_place, fmt::format(sentence, std::forward<Args>(args)...));
    }

    const AseValue* find(std::string_view key) const
    {
        const auto found = m_row.values.find(std::string(key));
        return found == m_row.values.end() || found->second.kind == Kind::Null ? nullptr : &found->second;
    }

    /// The value under a key that a structure cannot do without.
    const AseValue& list(std::string_view key) const
    {
        const AseValue* value = find(key);
        if (!value)
            failHere("the key '{}' is missing; expected structures as ase.io.write makes them.", key);
        if (value->kind != Kind::Numbers)
            failHere("'{}' is no list of numbers, or not of the shape that it announces.", key);
        return *value;
    }

    void readAtoms(Structure& s) const
    {
        const AseValue& numbers = list("numbers");
        if (numbers.numbers.empty() || numbers.shape.size() != 1)
            failHere("'numbers' has the shape ({}); expected one atomic number an atom.",
                     fmt::join(numbers.shape, ", "));
        for (const double z : numbers.numbers) {
            if (!(z >= 1 && z <= maxAtomicNumber) || z != std::floor(z))
                failHere("'numbers' gives atom {} the atomic number {}; expected 1 to {}.", s.size() + 1, z,
                         maxAtomicNumber);
            s.species.push_back(static_cast<int>(z));
        }
        const AseValue& positions = list("positions");
        if (positions.shape != std::vector<std::size_t>{s.size(), 3})
            failHere("'positions' has the shape ({}), but 'numbers' names {} atoms; expected ({}, 3).",
                     fmt::join(positions.shape, ", "), s.size(), s.size());
        for (std::size_t atom = 0; atom < s.size(); ++atom) {
            const double* r = positions.numbers.data() + 3 * atom;
            if (!std::isfinite(r[0]) || !std::isfinite(r[1]) || !std::isfinite(r[2]))
                failHere("the position of atom {} is not finite.", atom + 1);
            s.positions.push_back({r[0], r[1], r[2]});
        }
    }

    void readLattice(Structure& s) const
    {
        if (find("cell")) {
            const AseValue& cell = list("cell");
            if (cell.numbers.size() != 9)
                failHere("'cell' holds {} numbers; expected three vectors.", cell.numbers.size());
            for (std::size_t k = 0; k < 9; ++k) {
                if (!std::isfinite(cell.numbers[k]))
                    failHere("'cell' has a number that is not finite.");
                s.cell[k / 3][k % 3] = cell.numbers[k];
            }
        }
        if (const AseValue* pbc = find("pbc")) {
            const std::vector<double>& n = pbc->numbers;
            const bool understood =
                pbc->kind == Kind::Logical || (pbc->kind == Kind::Numbers && n.size() == 3);
            if (!understood || !std::all_of(n.begin(), n.end(), [](double x) { return x == 0 || x == 1; }))
                failHere("'pbc' is not understood; expected three of true and false.");
            for (std::size_t k = 0; k < 3; ++k)
                s.pbc[k] = n[n.size() == 3 ? k : 0] != 0;
        }
        completedCell(s); // refuses a cell that does not span the periodic directions
    }

    AtomArray atomArray(std::string_view key, const AseValue& value, std::size_t atoms) const
    {
        const std::vector<std::size_t>& shape = value.shape;
        const bool fits = value.kind == Kind::Numbers && !shape.empty() && shape[0] == atoms &&
                          (shape.size() == 1 || (shape.size() == 2 && shape[1] == 3));
        if (!fits)
            failHere("'{}' has the shape ({}); expected one or three numbers for each of {} atoms.", key,
                     fmt::join(shape, ", "), atoms);
        const AtomArray::Kind kind = key == "tags" ? AtomArray::Kind::Integer : AtomArray::Kind::Real;
        return {kind, shape.size() == 2 ? 3 : 1, value.numbers, {}};
    }

    FrameValue frameValue(std::string_view key, const AseValue& value) const
    {
        switch (value.kind) {
        case Kind::Logical:
            return value.numbers[0] != 0;
        case Kind::Text:
            return value.text;
        case Kind::Numbers:
            // A number that NumPy made an array of has no axes.
            if (value.shape.empty())
                return value.numbers.at(0);
            return value.numbers;
        case Kind::Integer:
        case Kind::Real:
            return value.numbers[0];
        case Kind::Null:
        case Kind::Other:
            break;
        }
        failHere("'{}' is neither a number nor a list of numbers.", key);
    }

    const AseRow& m_row;
    std::string m_place;
};

} // namespace

std::vector<Structure> readAseJson(std::string_view text, const std::string& origin, const Watch& watch)
{
    if (text.starts_with("\xEF\xBB\xBF")) // byte order mark
        text.remove_prefix(3);
    std::vector<Structure> structures;
    // How far the parser is, is not known; only the wish to stop is looked at.
    const Watch quiet = {watch.stop, {}};
    readAseRows(text, origin, isWanted, [&](const std::string& key, const AseRow& row) {
        quiet.report(0.0);
        structures.push_back(
            RowText(row, key.empty() ? origin : fmt::format("{}, entry {}", origin, key)).structure());
    });
    if (structures.empty())
        fail("{}: is JSON, but holds no structure: expected numbered entries with 'numbers' and 'positions', "
             "as ase.io.write makes them.",
             origin);
    return structures;
}

} // namespace lodestone
