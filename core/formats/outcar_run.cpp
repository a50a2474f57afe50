#include "formats/outcar_run.h"
#include "base/text.h"
#include "formats/vasp_steps.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lodestone {
namespace {

/// An atom's line of positions and forces has more bytes than this: bounds what a wrong count can allocate.
constexpr std::size_t leastAtomLine = 12;

/// "T", ".TRUE." or "120" of "NAME = 120; OTHER = ...".
std::string_view valueOf(std::string_view line)
{
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos)
        return {};
    line = trimmed(line.substr(equals + 1));
    return line.substr(0, line.find_first_of(" \t;"));
}

bool isTrue(std::string_view value)
{
    const std::size_t letter = value.find_first_not_of('.');
    return letter != std::string_view::npos && (value[letter] == 'T' || value[letter] == 't');
}

} // namespace

bool OutcarLines::next(std::string_view& line)
{
    const std::size_t end = m_text.find('\n', m_position);
    if (end == std::string_view::npos) {
        m_position = m_text.size();
        return false;
    }
    line = trimmed(m_text.substr(m_position, end - m_position));
    m_position = end + 1;
    ++m_number;
    if (m_position >= m_nextPoll) {
        m_watch.report(static_cast<double>(m_position) / static_cast<double>(m_text.size()));
        m_nextPoll = m_position + (1 << 16);
    }
    return true;
}

bool OutcarLines::skipToRule()
{
    std::string_view line;
    for (int k = 0; k < 4 && next(line); ++k)
        if (line.starts_with("-----"))
            return true;
    return false;
}

void OutcarRun::take(std::string_view line, OutcarLines& lines)
{
    if (line.starts_with("TITEL")) {
        takePotential(line, lines);
    } else if (line.starts_with("number of dos")) {
        if (const std::size_t at = line.find("NIONS"); at != std::string_view::npos) {
            const auto ions = parseInteger(valueOf(line.substr(at)));
            if (!ions || *ions < 1 || static_cast<unsigned long long>(*ions) > lines.bytes() / leastAtomLine)
                lines.failHere("'{}' is no number of ions that this file could hold; its end may be missing.",
                               line.substr(at, 40));
            atoms = static_cast<std::size_t>(*ions);
        }
    } else if (line.starts_with("ions per type") && species.empty()) {
        takeCounts(line, lines);
    } else if (line.starts_with("ISPIN")) {
        spinPolarised = valueOf(line) == "2";
    } else if (line.starts_with("LNONCOLLINEAR")) {
        noncollinear = isTrue(valueOf(line));
    } else if (line.starts_with("NELM ") || line.starts_with("NELM=")) {
        mostIterations = parseInteger(valueOf(line)).value_or(0);
    } else if (line.starts_with("transformation matrix from SAXIS")) {
        takeAxes(lines);
    }
}

/// "TITEL  = PAW_PBE Fe_pv 02Aug2007"
void OutcarRun::takePotential(std::string_view line, const OutcarLines& lines)
{
    const std::vector<std::string_view> words = splitFields(line);
    const auto equals = std::find(words.begin(), words.end(), "=");
    // All-electron potentials have no kind in front: "TITEL = H 1/r potential".
    for (auto word = equals; word != words.end() && word < equals + 3; ++word)
        if (const auto z = word != equals ? elementOfPotential(*word) : std::nullopt) {
            potentials.push_back(*z);
            return;
        }
    lines.failHere("'{}' names no chemical element, so the atoms are unknown.", line.substr(0, 60));
}

/// "ions per type =               1   2   4"; a count that is wider than its column follows from the others.
void OutcarRun::takeCounts(std::string_view line, const OutcarLines& lines)
{
    const std::vector<std::string_view> fields =
        splitFields(line.substr(std::min(line.find('='), line.size())));
    std::vector<std::size_t> counts;
    std::size_t known = 0;
    std::size_t unknown = 0;
    for (std::size_t k = 1; k < fields.size(); ++k) {
        const auto count = parseInteger(fields[k]);
        const bool stars = fields[k].find_first_not_of('*') == std::string_view::npos;
        if (!stars && (!count || *count < 0 || static_cast<unsigned long long>(*count) > atoms))
            lines.failHere(
                "'{}' is no number of ions among {} (counts may have run together); put spaces between "
                "the counts.",
                fields[k].substr(0, 40), atoms);
        counts.push_back(count ? static_cast<std::size_t>(*count) : 0);
        known += counts.back();
        unknown += stars;
    }
    if (unknown == 1 && known < atoms)
        for (std::size_t k = 0; k < counts.size(); ++k)
            if (fields[k + 1][0] == '*')
                counts[k] = atoms - known;
    if (counts.size() != potentials.size())
        lines.failHere("'{}' counts {} kinds of ions, but the file names {} potentials (TITEL).",
                       line.substr(0, 80), counts.size(), potentials.size());
    if (unknown > 1 || (unknown == 0 && known != atoms) || (unknown == 1 && known >= atoms))
        lines.failHere("the counts in '{}' do not add up to the {} ions of the run (NIONS).",
                       line.substr(0, 80), atoms);
    for (std::size_t k = 0; k < counts.size(); ++k)
        species.insert(species.end(), counts[k], potentials[k]);
}

/// Three lines "0.4082483 m_x    -0.7071068 m_y     0.5773503 m_z".
void OutcarRun::takeAxes(OutcarLines& lines)
{
    axesReadable = false;
    if (!lines.skipToRule())
        return;
    Mat3 printed = zero3;
    for (Vec3& row : printed) {
        std::string_view line;
        if (!lines.next(line))
            return;
        const std::vector<std::string_view> fields = splitFields(line);
        if (fields.size() != 6)
            return;
        for (std::size_t k = 0; k < 3; ++k) {
            const auto number = parseReal(fields[2 * k]);
            if (!number || fields[2 * k + 1] != std::array{"m_x", "m_y", "m_z"}[k])
                return;
            row[k] = *number;
        }
    }
    const Mat3 product = printed * transposed(printed);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
            if (!(std::abs(product[i][j] - (i == j ? 1.0 : 0.0)) < 1e-5))
                return;
    axes = printed;
    axesReadable = true;
}

} // namespace lodestone
