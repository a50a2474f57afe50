#include "base/error.h"
#include "base/text.h"
#include "formats/formats.h"
#include "formats/outcar_run.h"
#include "formats/vasp_steps.h"

#include <algorithm>
#include <array>

// Layout: the OUTCARs of VASP 5.2 to 6.3; vasp.at/wiki, OUTCAR, SAXIS, NELM.
namespace lodestone {
namespace {

class OutcarReader {
public:
    OutcarReader(std::string_view text, const std::string& origin, const Watch& watch,
                 std::vector<std::string>* notes)
        : m_lines(text, origin, watch),
          m_origin(origin),
          m_notes(notes),
          m_steps(origin)
    {
    }

    std::vector<Structure> read();

private:
    void takeStep(std::string_view line);
    void beginIteration(std::string_view numbers);
    void refuseUnreadable(std::string_view what, std::string_view line);
    void readCell();
    void readAtoms();
    void readEnergy(std::string_view line, std::optional<double>& energy);
    void readPressure(std::string_view line);
    void readMagnetization(std::size_t axis);
    bool readTotals(std::vector<double>& totals);
    void beginStep();
    void finishStep();
    void tell() const;

    OutcarLines m_lines;
    const std::string& m_origin;
    std::vector<std::string>* m_notes;
    VaspSteps m_steps;
    OutcarRun m_run;
    std::optional<Mat3> m_cell;
    bool m_primitiveCell = false;
    bool m_modelForce = false;
    std::size_t m_modelSteps = 0;
    bool m_toldOfMoments = false;

    // The step.
    bool m_inStep = false;
    VaspStep m_step;
    std::string_view m_ionic; ///< number of the step as printed; "****" above 9999
    long long m_iteration = 0;
    bool m_converged = false;
    bool m_unconverged = false;
    bool m_energyFollows = false;
    std::array<std::vector<double>, 3> m_components;
    std::size_t m_unreadableMoments = 0; ///< line
};

std::vector<Structure> OutcarReader::read()
{
    std::string_view line;
    while (m_lines.next(line)) {
        if (line.empty())
            continue;
        if (line[0] >= '0' && line[0] <= '9')
            continue; // most lines are tables of numbers that are not needed
        if (line.starts_with("TITEL") && !m_run.species.empty()) {
            // Another run in the same file (cat OUTCAR.1 OUTCAR.2): it begins with its own potentials.
            finishStep();
            m_run = {};
            m_cell.reset();
        }
        m_run.take(line, m_lines);
        takeStep(line);
    }
    finishStep();
    std::vector<Structure> structures = m_steps.finish(m_lines.number(), m_notes);
    tell();
    return structures;
}

void OutcarReader::takeStep(std::string_view line)
{
    if (line.starts_with("-----")) {
        const std::size_t iteration = line.find("Iteration");
        if (iteration != std::string_view::npos)
            beginIteration(line.substr(iteration + 9));
        else if (line.find("EDIFF is reached") != std::string_view::npos)
            m_converged = true;
        else if (line.find("EDIFF was not reached") != std::string_view::npos)
            m_unconverged = true;
    } else if (line.starts_with("hard stop encountered")) {
        m_unconverged = true;
    } else if (line.starts_with("direct lattice vectors")) {
        readCell();
    } else if (line.starts_with("Primitive cell")) {
        m_primitiveCell = true;
    } else if (line.starts_with("POSITION") &&
               line.find("TOTAL-FORCE (eV/Angst)") != std::string_view::npos) {
        // VASP 6 marks what its machine-learned force field gives with (ML).
        if (line.ends_with("(ML)"))
            ++m_modelSteps;
        else
            readAtoms();
    } else if (line.starts_with("FREE ENERGIE OF THE ION-ELECTRON SYSTEM")) {
        beginStep();
        m_energyFollows = true;
    } else if (m_energyFollows && line.starts_with("free  energy   TOTEN")) {
        readEnergy(line, m_step.freeEnergy);
    } else if (m_energyFollows && line.starts_with("energy  without entropy")) {
        const std::size_t at = line.find("energy(sigma->0)");
        readEnergy(line.substr(std::min(at, line.size())), m_step.energy);
        m_energyFollows = false;
    } else if (line.starts_with("FORCE on cell")) {
        m_modelForce = false;
    } else if (line.starts_with("ML FORCE on cell")) {
        m_modelForce = true;
    } else if (line.starts_with("in kB")) {
        readPressure(line.substr(5));
    } else if (line.starts_with("magnetization (") && line.size() == 17) {
        const char axis = line[15];
        if (axis >= 'x' && axis <= 'z')
            readMagnetization(static_cast<std::size_t>(axis - 'x'));
    }
}

void OutcarReader::beginStep()
{
    if (m_inStep)
        return;
    m_inStep = true;
    m_step.line = m_lines.number();
}

void OutcarReader::finishStep()
{
    if (m_inStep) {
        // VASP 5 says nothing where the loop ended at NELM.
        const bool ranOut = !m_converged && m_run.mostIterations > 0 && m_iteration >= m_run.mostIterations;
        if (m_step.complete() && (m_unconverged || ranOut))
            m_step.refuse(unconvergedStep, m_step.line);
        // Once is enough; how many steps have no moments is told in the end.
        if (m_unreadableMoments > 0 && !std::exchange(m_toldOfMoments, true))
            addNote(m_notes, fmt::format("{}, line {}: a magnetic moment cannot be read; the step has none.",
                                         m_origin, m_unreadableMoments));
        m_steps.add(std::move(m_step), m_run.species);
    }
    m_inStep = false;
    m_step = {};
    m_ionic = {};
    m_iteration = 0;
    m_converged = m_unconverged = m_energyFollows = false;
    m_unreadableMoments = 0;
}

/// "      1(   5)  -----"
void OutcarReader::beginIteration(std::string_view numbers)
{
    const std::size_t open = numbers.find('(');
    const std::size_t close = numbers.find(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return;
    const std::string_view ionic = trimmed(numbers.substr(0, open));
    const long long iteration = parseInteger(trimmed(numbers.substr(open + 1, close - open - 1))).value_or(0);
    if (ionic != m_ionic || (iteration == 1 && (!m_step.forces.empty() || m_step.freeEnergy)))
        finishStep();
    beginStep();
    m_ionic = ionic;
    m_iteration = iteration;
    // Non-collinear runs print moments within the loop too; only those behind its last iteration count.
    m_step.moments.reset();
    m_unreadableMoments = 0;
}

void OutcarReader::refuseUnreadable(std::string_view what, std::string_view line)
{
    m_step.refuse(unreadableStep, m_lines.number(), fmt::format("'{}' is not {}", line.substr(0, 100), what));
}

void OutcarReader::readCell()
{
    Mat3 cell = zero3;
    for (Vec3& row : cell) {
        std::string_view line;
        if (!m_lines.next(line))
            return;
        std::array<double, 6> numbers = {};
        if (!readNumbers(line, numbers)) {
            m_cell.reset();
            if (m_inStep)
                refuseUnreadable("a cell vector and its reciprocal one", line);
            return;
        }
        row = {numbers[0], numbers[1], numbers[2]};
    }
    if (!std::exchange(m_primitiveCell, false))
        m_cell = cell;
}

void OutcarReader::readAtoms()
{
    if (m_run.species.empty())
        m_lines.failHere(
            "the forces come before the list of atoms (TITEL, 'ions per type'); the beginning of the file is "
            "missing. Give the whole OUTCAR.");
    if (!m_step.forces.empty())
        finishStep();
    beginStep();
    m_step.line = m_lines.number();
    m_step.cell = m_cell;
    if (!m_lines.skipToRule())
        return;
    std::vector<Vec3> positions;
    std::vector<double> forces;
    positions.reserve(m_run.species.size());
    forces.reserve(3 * m_run.species.size());
    std::string_view line;
    for (std::size_t atom = 0; atom < m_run.species.size(); ++atom) {
        if (!m_lines.next(line))
            return;
        std::array<double, 6> numbers = {};
        if (!readNumbers(line, numbers)) {
            refuseUnreadable(
                fmt::format("position and force of atom {} of {}", atom + 1, m_run.species.size()), line);
            return;
        }
        positions.push_back({numbers[0], numbers[1], numbers[2]});
        forces.insert(forces.end(), numbers.begin() + 3, numbers.end());
    }
    if (!m_lines.next(line))
        return;
    if (!line.starts_with("-----")) {
        refuseUnreadable(fmt::format("the end of the table of {} atoms", m_run.species.size()), line);
        return;
    }
    m_step.positions = std::move(positions);
    m_step.forces = std::move(forces);
}

/// "... =       -31.08579833 eV"
void OutcarReader::readEnergy(std::string_view line, std::optional<double>& energy)
{
    const std::size_t equals = std::min(line.find('='), line.size());
    std::string_view rest = trimmed(line.substr(equals));
    if (rest.ends_with("eV"))
        rest.remove_suffix(2);
    double number = 0.0;
    if (rest.empty() || !readNumbers(rest.substr(1), {&number, 1}))
        refuseUnreadable("an energy", line);
    else
        energy = number;
}

/// XX YY ZZ XY YZ ZX
void OutcarReader::readPressure(std::string_view line)
{
    if (m_modelForce)
        return;
    beginStep();
    std::array<double, 6> v = {};
    if (!readNumbers(line, v)) {
        refuseUnreadable("a stress of six numbers", line);
        return;
    }
    m_step.pressure = Mat3{{{v[0], v[3], v[5]}, {v[3], v[1], v[4]}, {v[5], v[4], v[2]}}};
}

/// The last column ("tot") of a table "# of ion  s  p  d  tot"; false where the file is cut off or damaged.
bool OutcarReader::readTotals(std::vector<double>& totals)
{
    totals.clear();
    std::string_view line;
    do
        if (!m_lines.next(line))
            return false;
    while (line.empty());
    const std::vector<std::string_view> titles = splitFields(line);
    if (titles.size() < 4 || titles[0] != "#" || titles.back() != "tot" || !m_lines.skipToRule())
        return false;
    const std::size_t columns = titles.size() - 3; // "#", "of", "ion"
    for (std::size_t atom = 0; atom < m_run.species.size(); ++atom) {
        if (!m_lines.next(line))
            return false;
        // The ion's number may be "****".
        const std::size_t space = line.find(' ');
        FortranNumbers numbers(line.substr(std::min(space, line.size())));
        double total = 0.0;
        std::size_t read = 0;
        while (read < columns && numbers.next(total))
            ++read;
        if (read < columns || !numbers.atEnd() || line.substr(0, space).find('.') != std::string_view::npos) {
            m_unreadableMoments = m_lines.number();
            return false;
        }
        totals.push_back(total);
    }
    return true;
}

void OutcarReader::readMagnetization(std::size_t axis)
{
    if (axis == 0)
        for (std::vector<double>& component : m_components)
            component.clear();
    if (!m_inStep || m_run.species.empty() || !readTotals(m_components[axis])) {
        m_components[axis].clear();
        if (m_unreadableMoments > 0)
            m_step.moments.reset();
        return;
    }
    const std::size_t atoms = m_run.species.size();
    if (!m_run.noncollinear) {
        if (axis == 0)
            m_step.moments = AtomArray{AtomArray::Kind::Real, 1, std::move(m_components[0]), {}};
        return;
    }
    if (axis != 2 || m_components[0].size() != atoms || m_components[1].size() != atoms ||
        !m_run.axesReadable)
        return;
    AtomArray moments{AtomArray::Kind::Real, 3, {}, {}};
    moments.numbers.reserve(3 * atoms);
    for (std::size_t atom = 0; atom < atoms; ++atom) {
        const Vec3 printed = {m_components[0][atom], m_components[1][atom], m_components[2][atom]};
        for (const Vec3& row : m_run.axes)
            moments.numbers.push_back(dot(row, printed));
    }
    m_step.moments = std::move(moments);
}

void OutcarReader::tell() const
{
    if (m_modelSteps > 0)
        addNote(m_notes,
                fmt::format("{}: {} steps of VASP's machine-learned force field left out; they are no "
                            "results of DFT.",
                            m_origin, m_modelSteps));
    if (!m_run.axesReadable)
        addNote(m_notes,
                fmt::format("{}: the axes of the moments (SAXIS) cannot be read; the moments are left out.",
                            m_origin));
    if (m_steps.anyMoments() && m_run.noncollinear && m_run.axes != identity3)
        addNote(m_notes, fmt::format("{}: moments turned from the axes of SAXIS = ({:.4f} {:.4f} {:.4f}) to "
                                     "Cartesian ones.",
                                     m_origin, m_run.axes[0][2], m_run.axes[1][2], m_run.axes[2][2]));
    if (!m_steps.anyMoments() && m_run.axesReadable && (m_run.spinPolarised || m_run.noncollinear))
        addNote(m_notes,
                fmt::format("{}: the run is spin-polarised, but the file has no magnetic moments of the "
                            "atoms; VASP prints them with LORBIT = 11.",
                            m_origin));
}

} // namespace

std::vector<Structure> readOutcar(std::string_view text, const std::string& origin, const Watch& watch,
                                  std::vector<std::string>* notes)
{
    return OutcarReader(text, origin, watch, notes).read();
}

} // namespace lodestone
