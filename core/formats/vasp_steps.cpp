#include "formats/vasp_steps.h"
#include "base/error.h"
#include "base/text.h"
#include "crystal/elements.h"

#include <algorithm>
#include <cmath>

namespace lodestone {
namespace {

/// eV/Angstrom^3 in a kBar (0.1 GPa), with the exact elementary charge (SI, 2019).
constexpr double kiloBar = 1.0 / 1602.176634;

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

} // namespace

bool FortranNumbers::atEnd()
{
    while (!m_rest.empty() && isSpace(m_rest.front()))
        m_rest.remove_prefix(1);
    return m_rest.empty();
}

bool FortranNumbers::next(double& number)
{
    if (atEnd())
        return false;
    std::size_t end = 1;
    while (end < m_rest.size() && !isSpace(m_rest[end]) && !(m_rest[end] == '-' && isDigit(m_rest[end - 1])))
        ++end;
    const std::string_view field = m_rest.substr(0, end);
    const auto value = field.find('.') != std::string_view::npos ? parseReal(field) : std::nullopt;
    if (!value || !std::isfinite(*value))
        return false;
    m_rest.remove_prefix(end);
    number = *value;
    return true;
}

bool readNumbers(std::string_view line, std::span<double> numbers)
{
    FortranNumbers columns(line);
    return std::all_of(numbers.begin(), numbers.end(),
                       [&](double& number) { return columns.next(number); }) &&
           columns.atEnd();
}

void VaspStep::refuse(const char* why, std::size_t atLine, std::string whatIsThere)
{
    if (problem)
        return;
    problem = why;
    problemLine = atLine;
    detail = std::move(whatIsThere);
}

void VaspSteps::add(VaspStep&& step, const std::vector<int>& species)
{
    ++m_count;
    if (!step.complete())
        step.refuse(cutOffStep, step.line);
    if (step.problem) {
        const auto known = std::find_if(m_leftOut.begin(), m_leftOut.end(), [&](const LeftOut& other) {
            return std::string_view(other.problem) == step.problem;
        });
        if (known != m_leftOut.end())
            ++known->count;
        else
            m_leftOut.push_back({step.problem, std::move(step.detail), 1, m_count, step.problemLine});
        return;
    }
    Structure s;
    s.source = fmt::format("{}, ionic step {}, line {}", m_origin, m_count, step.line);
    s.pbc = {true, true, true};
    s.cell = *step.cell;
    s.species = species;
    s.positions = std::move(step.positions);
    s.arrays["forces"] = AtomArray{AtomArray::Kind::Real, 3, std::move(step.forces), {}};
    if (step.moments) {
        s.arrays["magmoms"] = std::move(*step.moments);
        ++m_moments;
    }
    s.info["energy"] = *step.energy;
    s.info["free_energy"] = *step.freeEnergy;
    if (step.pressure) {
        // VASP's table is headed "FORCE on cell = -STRESS": a compressed cell has positive numbers there.
        std::vector<double> stress;
        for (const Vec3& row : *step.pressure)
            for (const double kBar : row)
                stress.push_back(-kBar * kiloBar);
        s.info["stress"] = std::move(stress);
    }
    validate(s);
    m_structures.push_back(std::move(s));
}

std::vector<Structure> VaspSteps::finish(std::size_t lines, std::vector<std::string>* notes)
{
    if (m_structures.empty() && m_leftOut.empty())
        fail(
            "{}, line {}: the file ends before the first ionic step; give the whole output of a run that got "
            "further.",
            m_origin, lines);
    if (m_structures.empty()) {
        const LeftOut& first = m_leftOut[0];
        fail("{}, line {}: {}: {}{}{}.", m_origin, first.line,
             m_count == 1 ? "the only ionic step in the file cannot be used"
                          : fmt::format("none of the {} ionic steps can be used", m_count),
             first.problem, first.detail.empty() ? "" : ": ", first.detail);
    }
    for (const LeftOut& left : m_leftOut)
        addNote(notes,
                fmt::format("{}: {} of {} ionic steps left out: {} ({}step {}, line {}{}{}).", m_origin,
                            left.count, m_count, left.problem, left.count > 1 ? "first: " : "", left.step,
                            left.line, left.detail.empty() ? "" : ": ", left.detail));
    if (m_moments > 0 && m_moments < m_structures.size())
        addNote(notes, fmt::format("{}: {} of {} ionic steps have no magnetic moments of the atoms.",
                                   m_origin, m_structures.size() - m_moments, m_structures.size()));
    return std::move(m_structures);
}

std::optional<int> elementOfPotential(std::string_view name)
{
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    const auto end = std::find_if_not(name.begin(), name.end(), letter);
    return atomicNumber(name.substr(0, static_cast<std::size_t>(end - name.begin())));
}

void addNote(std::vector<std::string>* notes, std::string sentence)
{
    if (notes)
        notes->push_back(std::move(sentence));
}

} // namespace lodestone
