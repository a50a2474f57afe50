#include "formats/xml_pull.h"
#include "base/error.h"
#include "base/text.h"

#include <algorithm>

namespace lodestone {
namespace {

constexpr std::size_t deepest = 64;   // vasprun.xml needs ten
constexpr std::size_t longest = 4096; // bytes of a tag

bool isNameStart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

} // namespace

std::size_t XmlPull::line()
{
    // Pieces come in order, so that every line end is counted once.
    if (m_piece > m_counted) {
        const std::string_view passed = m_text.substr(m_counted, m_piece - m_counted);
        m_line += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
        m_counted = m_piece;
    }
    return m_line;
}

XmlPull::Token XmlPull::end()
{
    m_truncated = m_truncated || !m_open.empty();
    m_position = m_text.size();
    m_piece = m_position;
    return Token::End;
}

bool XmlPull::tagBeginsAt(std::size_t position) const
{
    if (position + 1 >= m_text.size())
        return true; // cut off: next() finds no end
    const char c = m_text[position + 1];
    return isNameStart(c) || c == '/' || c == '!' || c == '?';
}

/// Passes over a comment or a processing instruction; false if the text ends within it.
bool XmlPull::skipMarkup()
{
    const std::string_view rest = m_text.substr(m_position);
    const bool comment = rest.starts_with("<!--");
    if (!comment && !rest.starts_with("<?")) {
        if (rest.size() < 4)
            return false;
        fail("{}, line {}: '{}' has no place in the output of VASP (DOCTYPE, entities or CDATA); the file is "
             "not read.",
             m_origin, line(), rest.substr(0, std::min<std::size_t>(rest.find_first_of(" \n[>", 2), 20)));
    }
    const std::string_view mark = comment ? "-->" : "?>";
    const std::size_t close = m_text.find(mark, m_position + (comment ? 4 : 2));
    if (close == std::string_view::npos)
        return false;
    m_position = close + mark.size();
    return true;
}

XmlPull::Token XmlPull::next()
{
    if (m_closeNext) {
        m_closeNext = false;
        m_open.pop_back();
        return Token::Close;
    }
    while (m_position < m_text.size()) {
        m_piece = m_position;
        if (m_text[m_position] != '<' || !tagBeginsAt(m_position)) {
            std::size_t stop = m_position;
            do
                stop = m_text.find('<', stop + 1);
            while (stop != std::string_view::npos && !tagBeginsAt(stop));
            if (stop == std::string_view::npos)
                return end(); // text behind the last tag: nothing, or cut off
            m_content = trimmed(m_text.substr(m_position, stop - m_position));
            m_position = stop;
            if (!m_content.empty())
                return Token::Text;
            continue;
        }
        const char kind = m_position + 1 < m_text.size() ? m_text[m_position + 1] : '<';
        if (kind == '!' || kind == '?') {
            if (!skipMarkup()) {
                m_truncated = true;
                return end();
            }
            continue;
        }
        // The end of the tag: a '>' in quotes belongs to a value.
        std::size_t close = m_position + 1;
        char quote = 0;
        while (close < m_text.size() && (quote != 0 || m_text[close] != '>')) {
            if (quote != 0 && m_text[close] == quote)
                quote = 0;
            else if (quote == 0 && (m_text[close] == '"' || m_text[close] == '\''))
                quote = m_text[close];
            if (++close - m_position > longest)
                fail("{}, line {}: a tag is longer than {} bytes; the file is damaged.", m_origin, line(),
                     longest);
        }
        if (close >= m_text.size()) {
            m_truncated = true;
            return end();
        }
        return readTag(close);
    }
    return end();
}

XmlPull::Token XmlPull::readTag(std::size_t close)
{
    std::string_view tag = m_text.substr(m_position + 1, close - m_position - 1);
    m_position = close + 1;
    if (tag.starts_with('/')) {
        m_name = trimmed(tag.substr(1));
        if (m_open.empty() || m_open.back() != m_name)
            fail("{}, line {}: </{}> closes {}; the file is damaged.", m_origin, line(), m_name.substr(0, 40),
                 m_open.empty() ? "nothing" : fmt::format("<{}>", m_open.back().substr(0, 40)));
        m_open.pop_back();
        return Token::Close;
    }
    m_closeNext = tag.ends_with('/');
    if (m_closeNext)
        tag.remove_suffix(1);
    const std::size_t nameEnd =
        static_cast<std::size_t>(std::find_if(tag.begin(), tag.end(), isSpace) - tag.begin());
    m_name = tag.substr(0, nameEnd);
    m_attributes = tag.substr(nameEnd);
    if (m_open.size() >= deepest)
        fail("{}, line {}: elements are nested more than {} deep; this is no output of VASP.", m_origin,
             line(), deepest);
    m_open.push_back(m_name);
    return Token::Open;
}

std::string_view XmlPull::attribute(std::string_view key) const
{
    std::string_view rest = m_attributes;
    while (true) {
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos)
            return {};
        const std::string_view name = trimmed(rest.substr(0, equals));
        rest = trimmed(rest.substr(equals + 1));
        if (rest.empty() || (rest[0] != '"' && rest[0] != '\''))
            return {};
        const std::size_t stop = rest.find(rest[0], 1);
        if (stop == std::string_view::npos)
            return {};
        if (name == key)
            return rest.substr(1, stop - 1);
        rest.remove_prefix(stop + 1);
    }
}

std::string_view XmlPull::elementText()
{
    std::string_view result;
    const std::size_t own = depth();
    while (true) {
        const Token token = next();
        if (token == Token::Text && depth() == own && result.empty())
            result = m_content;
        if (token == Token::End || depth() < own)
            return result;
    }
}

void XmlPull::skip()
{
    const std::size_t own = depth();
    while (next() != Token::End && depth() >= own) {
    }
}

} // namespace lodestone
