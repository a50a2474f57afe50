#include "base/error.h"
#include "base/text.h"
#include "crystal/elements.h"
#include "formats/formats.h"
#include "formats/vasp_steps.h"
#include "formats/xml_pull.h"

#include <algorithm>
#include <array>

// Layout: vasprun.xml of VASP 5 and 6; vasp.at/wiki, vasprun.xml.
namespace lodestone {
namespace {

using Token = XmlPull::Token;

/// F = E - TS and the energy extrapolated to no smearing, both in eV.
struct Energies {
    std::optional<double> free;
    std::optional<double> zero;
};

class VasprunReader {
public:
    VasprunReader(std::string_view text, const std::string& origin, const Watch& watch,
                  std::vector<std::string>* notes)
        : m_xml(text, origin),
          m_size(text.size()),
          m_origin(origin),
          m_watch(watch),
          m_notes(notes),
          m_steps(origin)
    {
    }

    std::vector<Structure> read();

private:
    template<class... Args>
    [[noreturn]] void failHere(fmt::format_string<Args...> sentence, Args&&... args)
    {
        fail("{}, line {}: {}", m_origin, m_xml.line(), fmt::format(sentence, std::forward<Args>(args)...));
    }

    template<class Visit>
    bool eachChild(Visit&& visit);
    void poll();
    void readParameter();
    void readAtomInfo();
    std::vector<std::vector<std::string_view>> readTable();
    void readInitial();
    void readCalculation();
    void readStructure(VaspStep& step);
    bool readRows(VaspStep& step, std::string_view what, std::vector<double>& numbers);
    Energies readEnergies();
    void finishStep(VaspStep&& step, const std::vector<Energies>& lastLoops, long long loops);

    XmlPull m_xml;
    std::size_t m_size;
    const std::string& m_origin;
    const Watch& m_watch;
    std::vector<std::string>* m_notes;
    VaspSteps m_steps;
    std::size_t m_nextPoll = 0;
    std::vector<int> m_species;
    std::optional<AtomArray> m_moveMask;
    bool m_spinPolarised = false;
    std::optional<long long> m_mostIterations; ///< NELM
    std::optional<double> m_breakEnergy;       ///< EDIFF, eV
};

void VasprunReader::poll()
{
    if (m_xml.position() < m_nextPoll)
        return;
    m_watch.report(static_cast<double>(m_xml.position()) /
                   static_cast<double>(std::max<std::size_t>(m_size, 1)));
    m_nextPoll = m_xml.position() + (1 << 16);
}

/// Calls visit() at each child of the element just opened; it has to read the child up to its end. False if
/// the file stops before the element does.
template<class Visit>
bool VasprunReader::eachChild(Visit&& visit)
{
    const std::size_t own = m_xml.depth();
    while (true) {
        poll();
        const Token token = m_xml.next();
        if (token == Token::End)
            return false;
        if (m_xml.depth() < own)
            return true;
        if (token == Token::Open)
            visit();
    }
}

std::vector<Structure> VasprunReader::read()
{
    bool begun = false;
    for (Token token = m_xml.next(); token != Token::End; token = m_xml.next()) {
        poll();
        if (token != Token::Open)
            continue;
        const std::string_view name = m_xml.name();
        if (m_xml.depth() == 1 && name != "modeling")
            failHere("the file is XML, but no vasprun.xml: it begins with <{}> in the place of <modeling>.",
                     name.substr(0, 40));
        begun = true;
        if (m_xml.depth() == 1 || name == "parameters" || name == "separator")
            continue;
        if (name == "calculation")
            readCalculation();
        else if (name == "atominfo")
            readAtomInfo();
        else if (name == "structure" && m_xml.attribute("name") == "initialpos")
            readInitial();
        else if ((name == "i" || name == "v") && m_xml.depth() > 2)
            readParameter();
        else
            m_xml.skip();
    }
    if (!begun)
        fail("{}: the file has no <modeling>, with which a vasprun.xml begins.", m_origin);
    std::vector<Structure> structures = m_steps.finish(m_xml.line(), m_notes);
    if (m_moveMask)
        for (Structure& structure : structures)
            if (m_moveMask->numbers.size() == 3 * structure.size())
                structure.arrays["move_mask"] = *m_moveMask;
    if (m_xml.truncated())
        addNote(m_notes,
                fmt::format("{}: the file ends without </modeling>; the run was stopped or is not finished.",
                            m_origin));
    if (m_spinPolarised)
        addNote(m_notes,
                fmt::format("{}: the run is spin-polarised, but a vasprun.xml holds no magnetic moments of "
                            "the atoms; read the OUTCAR of the same run to have them.",
                            m_origin));
    return structures;
}

/// An <i> or <v> within <parameters>. The first NELM and EDIFF are those of the electronic loop; others with
/// the same name (GW) follow.
void VasprunReader::readParameter()
{
    const std::string_view name = m_xml.attribute("name");
    if (name == "NELM" && !m_mostIterations)
        m_mostIterations = parseInteger(m_xml.elementText());
    else if (name == "EDIFF" && !m_breakEnergy)
        m_breakEnergy = parseReal(m_xml.elementText());
    else if (name == "ISPIN")
        m_spinPolarised = m_spinPolarised || m_xml.elementText() == "2";
    else if (name == "LNONCOLLINEAR")
        m_spinPolarised = m_spinPolarised || m_xml.elementText() == "T";
    else
        m_xml.skip();
}

/// The <rc> rows of an <array>, cell by cell.
std::vector<std::vector<std::string_view>> VasprunReader::readTable()
{
    std::vector<std::vector<std::string_view>> rows;
    eachChild([&] {
        if (m_xml.name() != "set") {
            m_xml.skip();
            return;
        }
        eachChild([&] {
            std::vector<std::string_view>& row = rows.emplace_back();
            eachChild([&] { row.push_back(m_xml.elementText()); });
        });
    });
    return rows;
}

void VasprunReader::readAtomInfo()
{
    const std::size_t line = m_xml.line();
    std::vector<std::vector<std::string_view>> atoms;
    std::vector<std::vector<std::string_view>> types;
    const bool whole = eachChild([&] {
        const std::string_view name = m_xml.attribute("name");
        if (m_xml.name() == "array" && name == "atoms")
            atoms = readTable();
        else if (m_xml.name() == "array" && name == "atomtypes")
            types = readTable();
        else
            m_xml.skip();
    });
    if (!whole)
        return; // the file ends here, which is said at its end
    m_species.clear();
    m_species.reserve(atoms.size());
    for (const std::vector<std::string_view>& atom : atoms) {
        std::optional<int> z = atom.empty() ? std::nullopt : elementOfPotential(atom[0]);
        if (!z && atom.size() > 1) {
            // VASP writes two letters from a fixed place, which fails for some potentials; their names do
            // not.
            const auto type = parseInteger(atom[1]);
            if (type && *type >= 1 && static_cast<unsigned long long>(*type) <= types.size() &&
                types[static_cast<std::size_t>(*type - 1)].size() > 4)
                for (const std::string_view word : splitFields(types[static_cast<std::size_t>(*type - 1)][4]))
                    if (!z)
                        z = elementOfPotential(word);
        }
        if (!z)
            fail("{}, line {}: atom {} of <atominfo> has no known element ('{}').", m_origin, line,
                 m_species.size() + 1, atom.empty() ? std::string_view() : atom[0].substr(0, 20));
        m_species.push_back(*z);
    }
    if (m_species.empty())
        fail("{}, line {}: <atominfo> lists no atoms.", m_origin, line);
}

/// The structure that the run began with: only here stand the directions in which atoms may move.
void VasprunReader::readInitial()
{
    eachChild([&] {
        if (m_xml.name() != "varray" || m_xml.attribute("name") != "selective") {
            m_xml.skip();
            return;
        }
        AtomArray mask{AtomArray::Kind::Logical, 3, {}, {}};
        eachChild([&] {
            for (const std::string_view flag : splitFields(m_xml.elementText()))
                mask.numbers.push_back(flag == "T" ? 1.0 : 0.0);
        });
        m_moveMask = std::move(mask);
    });
}

/// The <v> rows of a <varray>, three numbers each.
bool VasprunReader::readRows(VaspStep& step, std::string_view what, std::vector<double>& numbers)
{
    numbers.clear();
    return eachChild([&] {
        const std::string_view row = m_xml.elementText();
        std::array<double, 3> v = {};
        if (!readNumbers(row, v))
            step.refuse(unreadableStep, m_xml.line(),
                        fmt::format("'{}' is not {} (three numbers)", row.substr(0, 100), what));
        numbers.insert(numbers.end(), v.begin(), v.end());
    });
}

void VasprunReader::readStructure(VaspStep& step)
{
    std::vector<double> basis;
    std::vector<double> fractions;
    const bool whole = eachChild([&] {
        const bool positions = m_xml.name() == "varray" && m_xml.attribute("name") == "positions";
        if (positions)
            readRows(step, "a position", fractions);
        else if (m_xml.name() == "crystal")
            eachChild([&] {
                if (m_xml.name() == "varray" && m_xml.attribute("name") == "basis")
                    readRows(step, "a cell vector", basis);
                else
                    m_xml.skip();
            });
        else
            m_xml.skip();
    });
    if (!whole)
        return;
    if (basis.size() != 9 || fractions.size() != 3 * m_species.size()) {
        step.refuse(miscountedStep, m_xml.line(),
                    fmt::format("the structure has {} cell vectors and {} positions for {} atoms",
                                basis.size() / 3, fractions.size() / 3, m_species.size()));
        return;
    }
    Mat3 cell = zero3;
    for (std::size_t k = 0; k < 9; ++k)
        cell[k / 3][k % 3] = basis[k];
    step.cell = cell;
    step.positions.clear();
    step.positions.reserve(m_species.size());
    for (std::size_t k = 0; k < fractions.size(); k += 3)
        step.positions.push_back(Vec3{fractions[k], fractions[k + 1], fractions[k + 2]} * cell);
}

Energies VasprunReader::readEnergies()
{
    Energies energies;
    eachChild([&] {
        const std::string_view name = m_xml.attribute("name");
        double number = 0.0;
        if (!readNumbers(m_xml.elementText(), {&number, 1}))
            return;
        if (name == "e_fr_energy")
            energies.free = number;
        else if (name == "e_0_energy")
            energies.zero = number;
    });
    return energies;
}

void VasprunReader::readCalculation()
{
    if (m_species.empty())
        failHere("the first step comes before the list of atoms (<atominfo>); the file is damaged.");
    VaspStep step;
    step.line = m_xml.line();
    std::vector<Energies> lastLoops(2); // of the electronic loop: the last iteration but one, and the last
    long long loops = 0;
    std::vector<double> stress;
    const bool whole = eachChild([&] {
        const std::string_view element = m_xml.name();
        const std::string_view name = m_xml.attribute("name");
        if (element == "scstep") {
            ++loops;
            lastLoops[0] = std::exchange(lastLoops[1], {});
            eachChild([&] {
                if (m_xml.name() == "energy")
                    lastLoops[1] = readEnergies();
                else
                    m_xml.skip();
            });
        } else if (element == "structure") {
            readStructure(step);
        } else if (element == "varray" && name == "forces") {
            readRows(step, "a force", step.forces);
        } else if (element == "varray" && name == "stress") {
            readRows(step, "a row of the stress", stress);
        } else if (element == "energy") {
            const Energies energies = readEnergies();
            step.freeEnergy = energies.free;
            step.energy = energies.zero;
            if (!energies.free || !energies.zero)
                step.refuse(unreadableStep, m_xml.line(),
                            "the energies e_fr_energy and e_0_energy are not both readable");
        } else {
            m_xml.skip();
        }
    });
    if (!whole)
        step.refuse(cutOffStep, step.line);
    if (!step.problem && !step.forces.empty() && step.forces.size() != 3 * m_species.size())
        step.refuse(
            miscountedStep, step.line,
            fmt::format("the step has {} forces for {} atoms", step.forces.size() / 3, m_species.size()));
    if (stress.size() == 9) {
        step.pressure = zero3;
        for (std::size_t k = 0; k < 9; ++k)
            (*step.pressure)[k / 3][k % 3] = stress[k];
    }
    finishStep(std::move(step), lastLoops, loops);
}

void VasprunReader::finishStep(VaspStep&& step, const std::vector<Energies>& lastLoops, long long loops)
{
    const Energies& last = lastLoops[1];
    if (step.complete() && loops == 0)
        step.refuse(modelStep, step.line);
    // The file does not say how the loop ended: it may have reached EDIFF in its very last iteration.
    if (step.complete() && m_mostIterations && loops >= *m_mostIterations) {
        const double limit = std::max(m_breakEnergy.value_or(0.0), 1e-8); // energies have eight decimals
        const double change =
            last.free && lastLoops[0].free ? std::abs(*last.free - *lastLoops[0].free) : 1.0;
        if (change > limit)
            step.refuse(unconvergedStep, step.line);
    }
    // e_0_energy at the end of a step is wrong in some versions of VASP, and that of the loop lacks
    // corrections of dispersion; the smearing's part is the same in both.
    if (step.freeEnergy && last.free && last.zero)
        step.energy = *step.freeEnergy + (*last.zero - *last.free);
    m_steps.add(std::move(step), m_species);
}

} // namespace

std::vector<Structure> readVasprun(std::string_view text, const std::string& origin, const Watch& watch,
                                   std::vector<std::string>* notes)
{
    return VasprunReader(text, origin, watch, notes).read();
}

} // namespace lodestone
