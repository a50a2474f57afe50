#include "formats/ase_json_values.h"
#include "base/text.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace lodestone {
namespace {

using Kind = AseValue::Kind;

/// Puts one value together from the events inside its brackets.
class ValueBuilder {
public:
    void begin() { *this = {}; }

    void open(bool object)
    {
        ++m_depth;
        if (object) {
            m_other |= m_lists > 0; // objects in a list are no numbers
            return;
        }
        ++m_lists;
        m_listSeen = true;
        if (ignored())
            return;
        if (m_packedAt != 0) {
            if (m_depth == m_packedAt + 2)
                ++m_part; // [shape, type, numbers]: two lists and a text
            return;
        }
        m_other |= m_lists > 2;
        m_rowBegin = m_value.numbers.size();
    }

    /// True when the value is complete.
    bool close(bool object)
    {
        if (!object) {
            if (m_lists == 2 && m_packedAt == 0 && !ignored())
                closeRow();
            --m_lists;
        }
        return --m_depth == 0;
    }

    void key(const std::string& name)
    {
        if (m_ignoredAt != 0 && m_depth > m_ignoredAt)
            return;
        m_ignoredAt = 0;
        if (name == "__ndarray__" && m_packedAt == 0)
            m_packedAt = m_depth;
        else if (name != "array")
            m_ignoredAt = m_depth;
    }

    void number(double x)
    {
        if (ignored())
            return;
        if (m_packedAt != 0 && m_part == 1)
            m_shape.push_back(x);
        else
            m_value.numbers.push_back(x);
    }

    void text()
    {
        // The type of packed numbers is not looked at: JSON's numbers say what they are.
        m_other |= m_packedAt == 0 && !ignored();
    }

    AseValue finish()
    {
        m_value.kind = Kind::Numbers;
        const std::size_t count = m_value.numbers.size();
        if (m_packedAt != 0)
            unpackShape();
        else if (m_rows > 0)
            m_value.shape = {m_rows, m_rowWidth};
        else
            m_value.shape = {count};
        if (m_other || !m_listSeen || (m_rows > 0 && m_rows * m_rowWidth != count))
            m_value = {Kind::Other, {}, {}, {}};
        return std::move(m_value);
    }

private:
    bool ignored() const { return m_ignoredAt != 0; }

    void closeRow()
    {
        const std::size_t width = m_value.numbers.size() - m_rowBegin;
        m_other |= m_rows > 0 && width != m_rowWidth;
        m_rowWidth = width;
        ++m_rows;
    }

    void unpackShape()
    {
        const std::size_t count = m_value.numbers.size();
        std::size_t product = 1;
        for (const double length : m_shape) {
            // Lengths of zero only occur without numbers; larger ones than `count` never fit.
            if (!(length >= 0) || length > static_cast<double>(count) || length != std::floor(length) ||
                (length > 0 && product > count / static_cast<std::size_t>(length))) {
                m_other = true;
                return;
            }
            product *= static_cast<std::size_t>(length);
            m_value.shape.push_back(static_cast<std::size_t>(length));
        }
        m_other |= product != count;
    }

    AseValue m_value;
    std::size_t m_depth = 0;     ///< open brackets
    std::size_t m_lists = 0;     ///< of them those of lists
    std::size_t m_packedAt = 0;  ///< depth of the object with __ndarray__; 0: there is none
    std::size_t m_part = 0;      ///< of packed numbers: 1 the shape, 2 the numbers
    std::size_t m_ignoredAt = 0; ///< depth of an object whose value at hand is not wanted
    std::size_t m_rowBegin = 0;
    std::size_t m_rowWidth = 0;
    std::size_t m_rows = 0;
    std::vector<double> m_shape;
    bool m_listSeen = false;
    bool m_other = false;
};

/// nlohmann calls this while it parses. Nothing recurses: nested brackets are counted.
class RowReader : public nlohmann::json_sax<Json> {
public:
    RowReader(std::string_view text, const std::string& origin,
              const std::function<bool(const std::string&)>& wanted,
              const std::function<void(const std::string&, AseRow)>& take)
        : m_text(text),
          m_origin(origin),
          m_wanted(wanted),
          m_take(take)
    {
    }

    bool null() override { return scalar(Kind::Null, std::numeric_limits<double>::quiet_NaN()); }
    bool boolean(bool x) override { return scalar(Kind::Logical, x ? 1.0 : 0.0); }
    bool number_integer(std::int64_t x) override { return scalar(Kind::Integer, static_cast<double>(x)); }
    bool number_unsigned(std::uint64_t x) override { return scalar(Kind::Integer, static_cast<double>(x)); }
    bool number_float(double x, const std::string&) override { return scalar(Kind::Real, x); }
    bool string(std::string& x) override
    {
        if (m_open == 0)
            return scalar(Kind::Text, 0.0, x);
        if (m_kept)
            m_builder.text();
        return true;
    }
    bool binary(Json::binary_t&) override { return true; } // JSON text has none
    bool key(std::string& name) override
    {
        if (m_open == 0)
            m_key = name;
        else if (m_kept)
            m_builder.key(name);
        return true;
    }
    bool start_object(std::size_t) override { return open(true); }
    bool start_array(std::size_t) override { return open(false); }
    bool end_object() override { return close(true); }
    bool end_array() override { return close(false); }
    bool parse_error(std::size_t position, const std::string& last, const Json::exception& error) override
    {
        if (dynamic_cast<const Json::out_of_range*>(&error))
            failJsonNumber(m_origin);
        if (last.ends_with('N') || last.ends_with('I'))
            failJson(m_text, m_origin, position,
                     "NaN or Infinity stands here, which JSON does not have. Leave the value out when the "
                     "file is written");
        failJson(m_text, m_origin, position);
    }

private:
    enum class Place { Outside, Top, Row, Pairs };

    /// The row that a value at this place belongs to.
    AseRow& row() { return m_inRow ? m_row : m_bare; }

    /// Where the value under m_key goes; null if nobody wants it.
    AseValue* target()
    {
        if (m_place == Place::Pairs)
            return &row().pairs[m_key];
        return m_wanted(m_key) ? &row().values[m_key] : nullptr;
    }

    bool open(bool object)
    {
        if (m_open > 0) {
            ++m_open;
            if (m_kept)
                m_builder.open(object);
            return true;
        }
        if (m_place == Place::Outside) {
            if (!object)
                refuse();
            m_place = Place::Top;
            return true;
        }
        if (m_place == Place::Top && object && parseInteger(m_key)) {
            m_place = Place::Row;
            m_inRow = true;
            m_rowKey = m_key;
            m_row = {};
            return true;
        }
        if (m_place != Place::Pairs && object && m_key == "key_value_pairs") {
            m_place = Place::Pairs;
            return true;
        }
        m_open = 1;
        m_kept = target();
        if (m_kept) {
            m_builder.begin();
            m_builder.open(object);
        }
        return true;
    }

    bool close(bool object)
    {
        if (m_open > 0) {
            --m_open;
            if (m_kept && m_builder.close(object))
                *m_kept = m_builder.finish();
        } else if (m_place == Place::Pairs) {
            m_place = m_inRow ? Place::Row : Place::Top;
        } else if (m_place == Place::Row) {
            m_place = Place::Top;
            m_inRow = false;
            m_take(m_rowKey, std::move(m_row));
        } else if (m_bare.values.contains("numbers")) {
            m_take({}, std::move(m_bare));
        }
        return true;
    }

    bool scalar(Kind kind, double number, const std::string& text = {})
    {
        if (m_open > 0) {
            if (m_kept)
                m_builder.number(number);
            return true;
        }
        if (m_place == Place::Outside)
            refuse();
        if (AseValue* value = target())
            *value = {kind, {number}, text, {}};
        return true;
    }

    [[noreturn]] void refuse() const
    {
        fail("{}: is JSON, but not of ASE: expected an object of structures, as ase.io.write makes it.",
             m_origin);
    }

    std::string_view m_text;
    const std::string& m_origin;
    const std::function<bool(const std::string&)>& m_wanted;
    const std::function<void(const std::string&, AseRow)>& m_take;
    Place m_place = Place::Outside;
    bool m_inRow = false;
    std::size_t m_open = 0;     ///< brackets of the value at hand
    AseValue* m_kept = nullptr; ///< where that value goes
    std::string m_key, m_rowKey;
    AseRow m_row, m_bare;
    ValueBuilder m_builder;
};

} // namespace

void readAseRows(std::string_view text, const std::string& origin,
                 const std::function<bool(const std::string&)>& wanted,
                 const std::function<void(const std::string&, AseRow)>& take)
{
    RowReader reader(text, origin, wanted, take);
    Json::sax_parse(text, &reader);
}

} // namespace lodestone
