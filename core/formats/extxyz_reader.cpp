#include "base/error.h"
#include "base/text.h"
#include "crystal/elements.h"
#include "formats/extxyz_values.h"
#include "formats/formats.h"

#include <algorithm>

namespace lodestone {
namespace {

/// Walks over the lines of a text, counting them.
class Lines {
public:
    explicit Lines(std::string_view text) : m_text(text) {}

    bool atEnd() const { return m_position >= m_text.size(); }
    std::size_t position() const { return m_position; }
    std::size_t left() const { return atEnd() ? 0 : m_text.size() - m_position; }
    /// Number of the line that next() returned last; from 1.
    std::size_t number() const { return m_number; }

    std::string_view next()
    {
        ++m_number;
        const std::size_t begin = m_position;
        const std::size_t end = std::min(m_text.find('\n', begin), m_text.size());
        m_position = end + 1;
        std::string_view line = m_text.substr(begin, end - begin);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        return line;
    }

private:
    std::string_view m_text;
    std::size_t m_position = 0;
    std::size_t m_number = 0;
};

struct Column {
    enum class Role { Species, Number, Position, Array };
    std::string name;
    AtomArray::Kind kind = AtomArray::Kind::Real;
    int width = 1;
    Role role = Role::Array;
    AtomArray* array = nullptr; ///< for Role::Array
};

/// Reads one frame after the other. Holds what error sentences need: origin, frame and line.
class Reader {
public:
    Reader(std::string_view text, const std::string& origin, const Watch& watch)
        : m_lines(text),
          m_size(text.size()),
          m_origin(origin),
          m_watch(watch)
    {
    }

    std::vector<Structure> readAll();

private:
    template<class... Args>
    [[noreturn]] void failHere(fmt::format_string<Args...> sentence, Args&&... args) const
    {
        fail("{}, frame {}, line {}: {}", m_origin, m_frame, m_lines.number(),
             fmt::format(sentence, std::forward<Args>(args)...));
    }

    void readFrame(std::string_view countLine);
    void readComment(std::string_view line, std::string& properties);
    void readLattice(const KeyValue& item);
    void readPbc(const KeyValue& item);
    void makeColumns(std::string_view properties);
    void readAtom(std::string_view line, std::size_t atom, bool plain);
    /// False at the end of the line. Quotes are looked at only in text columns.
    bool nextField(std::string_view line, std::size_t& position, bool text, std::string_view& field);
    double readNumber(const Column& column, std::string_view field) const;
    int readSpecies(std::string_view field) const;
    void poll();

    Lines m_lines;
    std::size_t m_size;
    const std::string& m_origin;
    const Watch& m_watch;
    std::size_t m_nextPoll = 0;
    std::size_t m_frame = 0;
    bool m_latticeGiven = false;
    bool m_pbcGiven = false;
    std::string m_columnsOf; ///< the Properties that m_columns were made from
    std::vector<Column> m_columns;
    std::string m_quotedField;
    Structure m_structure;
};

void Reader::poll()
{
    if (m_lines.position() < m_nextPoll)
        return;
    m_watch.report(static_cast<double>(m_lines.position()) /
                   static_cast<double>(std::max<std::size_t>(m_size, 1)));
    m_nextPoll = m_lines.position() + (1 << 16);
}

std::vector<Structure> Reader::readAll()
{
    std::vector<Structure> frames;
    while (!m_lines.atEnd()) {
        const std::string_view line = m_lines.next();
        if (trimmed(line).empty())
            continue;
        ++m_frame;
        readFrame(line);
        frames.push_back(std::move(m_structure));
    }
    if (frames.empty())
        fail("{}: holds no frame; expected extended XYZ (number of atoms, a line of key=value, one line an "
             "atom).",
             m_origin);
    return frames;
}

void Reader::readFrame(std::string_view countLine)
{
    const auto count = parseInteger(trimmed(countLine));
    if (!count || *count <= 0)
        failHere("'{}' should be the number of atoms of the frame (a whole number above zero).",
                 trimmed(countLine).substr(0, 60));
    m_structure = {};
    m_structure.source = fmt::format("{}, frame {}, line {}", m_origin, m_frame, m_lines.number());
    if (m_lines.atEnd())
        failHere("the file ends behind the number of atoms.");
    std::string properties;
    readComment(m_lines.next(), properties);
    const bool plain = properties.empty();
    makeColumns(plain ? "species:S:1:pos:R:3" : properties);
    // Every atom takes two bytes at least, which bounds what a wrong count can make us allocate.
    if (static_cast<unsigned long long>(*count) > m_lines.left())
        failHere("{} atoms are announced, but the file ends before that.", *count);
    const auto atoms = static_cast<std::size_t>(*count);
    m_structure.species.reserve(atoms);
    m_structure.positions.reserve(atoms);
    for (const Column& column : m_columns)
        if (column.array && column.kind != AtomArray::Kind::Text)
            column.array->numbers.reserve(
                std::min(atoms * static_cast<std::size_t>(column.width), m_lines.left()));
    for (std::size_t atom = 0; atom < atoms; ++atom) {
        if (m_lines.atEnd())
            failHere("the file ends after {} of {} atoms of this frame.", atom, atoms);
        readAtom(m_lines.next(), atom, plain);
        poll();
    }
    completedCell(m_structure); // refuses a lattice that does not span the periodic directions
}

void Reader::readComment(std::string_view line, std::string& properties)
{
    m_latticeGiven = false;
    m_pbcGiven = false;
    std::vector<KeyValue> items;
    const auto mistake = splitKeyValues(line, items);
    const bool extended =
        line.find("Properties") != std::string_view::npos || line.find("Lattice") != std::string_view::npos;
    // The second line of a plain XYZ file is free text.
    if (!extended && (mistake || line.find('=') == std::string_view::npos)) {
        if (!trimmed(line).empty())
            m_structure.info["comment"] = std::string(trimmed(line));
        return;
    }
    if (mistake)
        failHere("{}.", *mistake);
    for (const KeyValue& item : items) {
        const std::string key = lowered(item.key);
        if (key == "properties") {
            properties = item.text;
        } else if (key == "lattice") {
            readLattice(item);
        } else if (key == "pbc") {
            readPbc(item);
        } else {
            FrameValue value = frameValue(item);
            const auto [place, added] = m_structure.info.try_emplace(item.key, value);
            if (!added && place->second != value)
                failHere("'{}' is given twice with different values.", item.key);
        }
    }
    if (m_pbcGiven && m_structure.periodic() && !m_latticeGiven)
        failHere("pbc says that the frame is periodic, but there is no Lattice. Add Lattice=\"ax ay az bx by "
                 "bz cx cy "
                 "cz\" or set pbc=\"F F F\".");
    if (!m_pbcGiven && m_latticeGiven)
        m_structure.pbc = {true, true, true};
}

void Reader::readLattice(const KeyValue& item)
{
    const auto numbers = parseNumberList(trimmed(item.text));
    if (!numbers || numbers->size() != 9)
        failHere("Lattice is '{}'; expected nine numbers (the vectors a, b, c one after the other).",
                 item.text.substr(0, 120));
    for (std::size_t k = 0; k < 9; ++k) {
        if (!std::isfinite((*numbers)[k]))
            failHere("Lattice has a number that is not finite.");
        m_structure.cell[k / 3][k % 3] = (*numbers)[k];
    }
    m_latticeGiven = true;
}

void Reader::readPbc(const KeyValue& item)
{
    std::string text = item.text;
    std::replace(text.begin(), text.end(), ',', ' ');
    const std::vector<std::string_view> words = splitFields(text);
    bool understood = words.size() == 1 || words.size() == 3;
    for (std::size_t k = 0; k < 3 && understood; ++k) {
        const std::string_view word = words[words.size() == 1 ? 0 : k];
        const auto logical = word == "1" ? true : word == "0" ? false : parseLogical(word);
        understood = logical.has_value();
        m_structure.pbc[k] = logical.value_or(false);
    }
    if (!understood)
        failHere("pbc is '{}'; expected three of T and F.", item.text.substr(0, 60));
    m_pbcGiven = true;
}

void Reader::makeColumns(std::string_view properties)
{
    // Frames of one file mostly share their columns: the names are parsed again only when they change.
    if (m_columnsOf != properties) {
        m_columnsOf.clear();
        m_columns.clear();
        std::vector<std::string_view> parts;
        for (std::size_t begin = 0; begin <= properties.size();) {
            const std::size_t end = std::min(properties.find(':', begin), properties.size());
            parts.push_back(properties.substr(begin, end - begin));
            begin = end + 1;
        }
        if (parts.size() % 3 != 0)
            failHere("Properties is '{}'; expected name:type:columns three by three.",
                     properties.substr(0, 200));
        long long columns = 0;
        for (std::size_t i = 0; i < parts.size(); i += 3) {
            Column column;
            column.name = std::string(parts[i]);
            static constexpr std::string_view types = "RILS";
            const std::size_t type =
                parts[i + 1].size() == 1 ? types.find(parts[i + 1]) : std::string_view::npos;
            if (column.name.empty() || type == std::string_view::npos)
                failHere(
                    "Properties has the type '{}' for '{}'; expected S (text), R (real), I (integer) or L "
                    "(logical).",
                    parts[i + 1], column.name);
            column.kind = static_cast<AtomArray::Kind>(type);
            const auto width = parseInteger(parts[i + 2]);
            if (!width || *width < 1 || *width > 100000 || (columns += *width) > 100000)
                failHere("Properties gives '{}' {} columns; expected a whole number above zero.", column.name,
                         parts[i + 2]);
            column.width = static_cast<int>(*width);
            if (column.name == "species")
                column.role = Column::Role::Species;
            else if (column.name == "Z")
                column.role = Column::Role::Number;
            else if (column.name == "pos")
                column.role = Column::Role::Position;
            for (const Column& other : m_columns)
                if (other.name == column.name)
                    failHere("Properties names '{}' twice.", column.name);
            m_columns.push_back(std::move(column));
        }
        const auto find = [&](Column::Role role) {
            return std::find_if(m_columns.begin(), m_columns.end(),
                                [&](const Column& c) { return c.role == role; });
        };
        const auto species = find(Column::Role::Species);
        const auto number = find(Column::Role::Number);
        const auto position = find(Column::Role::Position);
        if (position == m_columns.end() || position->width != 3 || position->kind != AtomArray::Kind::Real)
            failHere("Properties has no positions; expected pos:R:3 among '{}'.", properties.substr(0, 200));
        if (species == m_columns.end() && number == m_columns.end())
            failHere("Properties names no elements; expected species:S:1 or Z:I:1 among '{}'.",
                     properties.substr(0, 200));
        if (species != m_columns.end() && number != m_columns.end())
            number->role = Column::Role::Array; // species decides; Z is kept as it stands
        for (const auto& element : {species, number})
            if (element != m_columns.end() && element->role != Column::Role::Array && element->width != 1)
                failHere("Properties gives '{}' {} columns; expected one.", element->name, element->width);
        m_columnsOf = std::string(properties);
    }
    for (Column& column : m_columns) {
        if (column.role != Column::Role::Array)
            continue;
        column.array = &m_structure.arrays[column.name];
        column.array->kind = column.kind;
        column.array->width = column.width;
    }
}

bool Reader::nextField(std::string_view line, std::size_t& position, bool text, std::string_view& field)
{
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (position < line.size() && blank(line[position]))
        ++position;
    if (position >= line.size())
        return false;
    if (text && line[position] == '"') {
        auto quotedField = readQuoted(line, position);
        if (!quotedField)
            failHere("a quotation mark is not closed.");
        m_quotedField = std::move(*quotedField);
        field = m_quotedField;
        return true;
    }
    const std::size_t begin = position;
    while (position < line.size() && !blank(line[position]))
        ++position;
    field = line.substr(begin, position - begin);
    return true;
}

double Reader::readNumber(const Column& column, std::string_view field) const
{
    if (column.kind == AtomArray::Kind::Real) {
        if (const auto real = parseReal(field))
            return *real;
    } else if (column.kind == AtomArray::Kind::Integer) {
        if (const auto integer = parseInteger(field))
            return static_cast<double>(*integer);
    } else if (const auto logical = parseLogical(field)) {
        return *logical ? 1.0 : 0.0;
    }
    static constexpr std::array<std::string_view, 3> expected = {"a number", "a whole number", "T or F"};
    failHere("'{}' in column '{}' is not {}.", field.substr(0, 60), column.name,
             expected[static_cast<std::size_t>(column.kind)]);
}

int Reader::readSpecies(std::string_view field) const
{
    if (const auto z = atomicNumber(field))
        return *z;
    if (const auto z = parseInteger(field); z && *z >= 1 && *z <= maxAtomicNumber)
        return static_cast<int>(*z);
    std::string spelled = lowered(field); // some programs write FE or fe
    if (!spelled.empty() && spelled[0] >= 'a' && spelled[0] <= 'z')
        spelled[0] = static_cast<char>(spelled[0] - 'a' + 'A');
    if (const auto z = atomicNumber(spelled))
        return *z;
    failHere("'{}' is no chemical element.", field.substr(0, 60));
}

void Reader::readAtom(std::string_view line, std::size_t atom, bool plain)
{
    std::size_t position = 0;
    std::string_view field;
    for (const Column& column : m_columns) {
        const bool text = column.kind == AtomArray::Kind::Text;
        for (int k = 0; k < column.width; ++k) {
            if (!nextField(line, position, text, field))
                failHere("the line of atom {} ends before column '{}' is complete ({} values expected).",
                         atom + 1, column.name, column.width);
            switch (column.role) {
            case Column::Role::Species:
            case Column::Role::Number:
                m_structure.species.push_back(readSpecies(field));
                break;
            case Column::Role::Position: {
                const double number = readNumber(column, field);
                if (!std::isfinite(number))
                    failHere("the position of atom {} has the number '{}', which is not finite.", atom + 1,
                             field);
                if (k == 0)
                    m_structure.positions.push_back({});
                m_structure.positions.back()[static_cast<std::size_t>(k)] = number;
                break;
            }
            case Column::Role::Array:
                if (text)
                    column.array->texts.emplace_back(field);
                else
                    column.array->numbers.push_back(readNumber(column, field));
                break;
            }
        }
    }
    // Plain XYZ often carries further columns that nothing describes.
    if (!plain && nextField(line, position, true, field))
        failHere("the line of atom {} has more columns than Properties describes.", atom + 1);
}

} // namespace

std::vector<Structure> readExtxyz(std::string_view text, const std::string& origin, const Watch& watch)
{
    if (text.starts_with("\xEF\xBB\xBF")) // byte order mark
        text.remove_prefix(3);
    return Reader(text, origin, watch).readAll();
}

} // namespace lodestone
