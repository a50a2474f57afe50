#include "base/error.h"
#include "base/text.h"
#include "crystal/elements.h"
#include "formats/formats.h"

#include <algorithm>
#include <iterator>

namespace lodestone {
namespace {

/// The file line by line, with the sentences that name the line.
class PoscarText {
public:
    PoscarText(std::string_view text, const std::string& origin) : m_text(text), m_origin(origin) {}

    std::string_view next(std::string_view expected)
    {
        if (m_text.empty())
            fail("{}: the file ends behind line {}; expected {}.", m_origin, m_number, expected);
        ++m_number;
        const std::size_t end = std::min(m_text.find('\n'), m_text.size());
        const std::string_view line = m_text.substr(0, end);
        m_text.remove_prefix(std::min(end + 1, m_text.size()));
        return trimmed(line);
    }
    std::size_t bytesLeft() const { return m_text.size(); }

    template<class... Args>
    [[noreturn]] void failHere(fmt::format_string<Args...> sentence, Args&&... args) const
    {
        fail("{}, line {}: {}", m_origin, m_number, fmt::format(sentence, std::forward<Args>(args)...));
    }

    /// Three finite numbers at the start of `line`.
    Vec3 vector(std::string_view line, std::string_view what) const
    {
        const std::vector<std::string_view> fields = splitFields(line);
        Vec3 v = {};
        for (std::size_t k = 0; k < 3; ++k) {
            const auto number = k < fields.size() ? parseReal(fields[k]) : std::nullopt;
            if (!number || !std::isfinite(*number))
                failHere("'{}' is not {} (three numbers).", line.substr(0, 80), what);
            v[k] = *number;
        }
        return v;
    }

private:
    std::string_view m_text;
    const std::string& m_origin;
    std::size_t m_number = 0;
};

/// One scale for everything (negative: the volume wanted), or one for x, y and z.
Vec3 readScale(PoscarText& lines)
{
    const std::string_view line = lines.next("the scale factor");
    std::vector<double> numbers;
    for (const std::string_view field : splitFields(line)) {
        const auto number = parseReal(field);
        if (!number)
            break; // a remark behind the number
        numbers.push_back(*number);
    }
    const bool usable = std::all_of(numbers.begin(), numbers.end(), [&](double x) {
        return std::isfinite(x) && (numbers.size() == 3 ? x > 0.0 : x != 0.0);
    });
    if (!usable || (numbers.size() != 1 && numbers.size() != 3))
        lines.failHere("'{}' is no scale factor; expected one number (negative: the cell volume) or three "
                       "positive ones.",
                       line.substr(0, 80));
    return numbers.size() == 3 ? Vec3{numbers[0], numbers[1], numbers[2]}
                               : Vec3{numbers[0], numbers[0], numbers[0]};
}

/// "Fe", "Fe_pv", "Fe_pv/0a1b2c" (VASP 6 adds the potential's hash).
int readSymbol(const PoscarText& lines, std::string_view word)
{
    const auto z = atomicNumber(word.substr(0, word.find_first_of("_/")));
    if (!z)
        lines.failHere("'{}' is no chemical element.", word.substr(0, 40));
    return *z;
}

void readSpecies(PoscarText& lines, Structure& structure)
{
    const std::string_view symbolLine = lines.next("the element symbols");
    const std::vector<std::string_view> symbols = splitFields(symbolLine);
    if (symbols.empty())
        lines.failHere("the line is empty; expected the element symbols.");
    if (parseInteger(symbols[0]))
        lines.failHere("the file has no element symbols (VASP 4 format). Add a line with them, such as 'Ni "
                       "O', in front of "
                       "this line of atom counts.");
    std::vector<int> elements;
    for (const std::string_view symbol : symbols)
        elements.push_back(readSymbol(lines, symbol));
    const std::string_view countLine = lines.next("the numbers of atoms");
    const std::vector<std::string_view> counts = splitFields(countLine);
    if (counts.size() < elements.size())
        lines.failHere("{} elements, but '{}' gives {} numbers of atoms.", elements.size(),
                       countLine.substr(0, 80), counts.size());
    for (std::size_t k = 0; k < elements.size(); ++k) {
        const auto count = parseInteger(counts[k]);
        if (!count || *count < 0)
            lines.failHere("'{}' is no number of atoms.", counts[k].substr(0, 40));
        // An atom's line is six bytes at least: bounds what a wrong count can make us allocate.
        if (static_cast<unsigned long long>(*count) + structure.species.size() > lines.bytesLeft())
            lines.failHere("{} atoms of {} are announced, but the file ends before that.", *count,
                           symbols[k]);
        structure.species.insert(structure.species.end(), static_cast<std::size_t>(*count), elements[k]);
    }
    if (structure.species.empty())
        lines.failHere("the numbers of atoms are all zero.");
}

/// True for Cartesian coordinates. Reads the optional "Selective dynamics" line too.
bool readMode(PoscarText& lines, bool& selective)
{
    std::string_view line = lines.next("Direct or Cartesian");
    selective = !line.empty() && (line[0] == 'S' || line[0] == 's');
    if (selective)
        line = lines.next("Direct or Cartesian");
    const char first = line.empty() ? ' ' : line[0];
    if (first == 'C' || first == 'c' || first == 'K' || first == 'k')
        return true;
    if (first == 'D' || first == 'd')
        return false;
    lines.failHere("'{}' is neither Direct nor Cartesian.", line.substr(0, 60));
}

} // namespace

// Format: vasp.at/wiki, POSCAR. The blocks behind the positions (velocities, predictor-corrector) are not
// needed here.
std::vector<Structure> readPoscar(std::string_view text, const std::string& origin)
{
    PoscarText lines(text, origin);
    Structure s;
    s.source = origin;
    s.pbc = {true, true, true};
    if (const std::string_view comment = lines.next("a comment"); !comment.empty())
        s.info["comment"] = std::string(comment);
    Vec3 scale = readScale(lines);
    for (Vec3& row : s.cell)
        row = lines.vector(lines.next("a cell vector"), "a cell vector");
    if (scale[0] < 0.0) {
        if (!(s.volume() > 0.0))
            lines.failHere("the cell vectors do not span a volume that could be scaled.");
        const double factor = std::cbrt(-scale[0] / s.volume());
        scale = {factor, factor, factor};
    }
    for (Vec3& row : s.cell)
        for (std::size_t k = 0; k < 3; ++k)
            row[k] *= scale[k];
    for (const Vec3& row : s.cell)
        if (!std::isfinite(dot(row, row)))
            lines.failHere("the scaled cell has a number that is not finite.");
    completedCell(s);

    readSpecies(lines, s);
    bool selective = false;
    const bool cartesian = readMode(lines, selective);
    AtomArray mask{AtomArray::Kind::Logical, 3, {}, {}};
    s.positions.reserve(s.size());
    for (std::size_t atom = 0; atom < s.size(); ++atom) {
        const std::string_view line =
            lines.next(fmt::format("the position of atom {} of {}", atom + 1, s.size()));
        const Vec3 v = lines.vector(line, "a position");
        const Vec3 position =
            cartesian ? Vec3{v[0] * scale[0], v[1] * scale[1], v[2] * scale[2]} : v * s.cell;
        if (!std::isfinite(dot(position, position)))
            lines.failHere("the position of atom {} is not finite.", atom + 1);
        s.positions.push_back(position);
        if (!selective)
            continue;
        const std::vector<std::string_view> fields = splitFields(line);
        for (std::size_t k = 3; k < 6; ++k) {
            // Fortran reads T, .T. and .TRUE. alike.
            const std::size_t letter =
                k < fields.size() ? fields[k].find_first_not_of('.') : std::string_view::npos;
            const char flag = letter != std::string_view::npos ? fields[k][letter] : ' ';
            if (flag != 'T' && flag != 't' && flag != 'F' && flag != 'f')
                lines.failHere("the position of atom {} needs three flags T or F (selective dynamics).",
                               atom + 1);
            mask.numbers.push_back(flag == 'T' || flag == 't' ? 1.0 : 0.0);
        }
    }
    if (selective)
        s.arrays["move_mask"] = std::move(mask);
    return {std::move(s)};
}

std::string writePoscar(const Structure& s)
{
    validate(s);
    if (!(s.pbc[0] && s.pbc[1] && s.pbc[2]))
        fail("{}: a POSCAR is periodic in three directions, this structure is not; write extended XYZ "
             "instead.",
             s.source);
    if (s.size() == 0)
        fail("{}: a POSCAR needs at least one atom.", s.source);
    fmt::memory_buffer out;
    auto end = std::back_inserter(out);
    fmt::format_to(end, "{}\n1.0\n", formula(s));
    for (const Vec3& row : s.cell)
        fmt::format_to(end, "  {:.17g} {:.17g} {:.17g}\n", row[0], row[1], row[2]);
    // Atoms keep their order, so an element may be named more than once; VASP accepts that.
    std::string symbols;
    std::string counts;
    for (std::size_t begin = 0; begin < s.size();) {
        std::size_t last = begin;
        while (last < s.size() && s.species[last] == s.species[begin])
            ++last;
        symbols += fmt::format("  {}", elementSymbol(s.species[begin]));
        counts += fmt::format("  {}", last - begin);
        begin = last;
    }
    const auto mask = s.arrays.find("move_mask");
    const bool selective =
        mask != s.arrays.end() && mask->second.kind == AtomArray::Kind::Logical && mask->second.width == 3;
    // Cartesian: exact, where fractional coordinates would round.
    fmt::format_to(end, "{}\n{}\n{}Cartesian\n", symbols, counts, selective ? "Selective dynamics\n" : "");
    for (std::size_t atom = 0; atom < s.size(); ++atom) {
        const Vec3& r = s.positions[atom];
        fmt::format_to(end, "  {:.17g} {:.17g} {:.17g}", r[0], r[1], r[2]);
        for (std::size_t k = 0; selective && k < 3; ++k)
            fmt::format_to(end, " {}", mask->second.numbers[3 * atom + k] != 0.0 ? 'T' : 'F');
        fmt::format_to(end, "\n");
    }
    return fmt::to_string(out);
}

} // namespace lodestone
