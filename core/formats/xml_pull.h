#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// Pull parser for the part of XML that programs such as VASP write: elements, attributes and text. Views
/// point into the text; nothing is copied, every byte is looked at once. Entities stay as they are written
/// and a DOCTYPE is refused, so nothing can grow on reading; nesting is bounded. Errors name the line.
class XmlPull {
public:
    enum class Token { Open, Close, Text, End };

    XmlPull(std::string_view text, const std::string& origin) : m_text(text), m_origin(origin) {}

    /// The next piece; white space between elements is left out. End: also where the text stops with elements
    /// open or within a tag (see truncated()).
    Token next();
    /// Of the element that Open or Close is about.
    std::string_view name() const { return m_name; }
    /// Of the element just opened; empty if there is no such attribute.
    std::string_view attribute(std::string_view key) const;
    /// Of Token::Text, trimmed. A '<' that begins no tag belongs to the text (VASP copies titles as they
    /// are).
    std::string_view text() const { return m_content; }
    std::size_t depth() const { return m_open.size(); }
    /// The text ended with elements open.
    bool truncated() const { return m_truncated; }

    /// Text of the element just opened, up to its end; child elements are passed over.
    std::string_view elementText();
    /// Passes over the element just opened.
    void skip();

    /// Line of the current piece, from 1. May be asked for in between, but not often: lines are counted then.
    std::size_t line();
    std::size_t position() const { return m_position; }

private:
    Token end();
    Token readTag(std::size_t close);
    bool tagBeginsAt(std::size_t position) const;
    bool skipMarkup();

    std::string_view m_text;
    const std::string& m_origin;
    std::size_t m_position = 0;
    std::size_t m_piece = 0; ///< where the current piece begins
    std::size_t m_counted = 0;
    std::size_t m_line = 1; ///< of m_counted
    std::string_view m_name;
    std::string_view m_attributes;
    std::string_view m_content;
    std::vector<std::string_view> m_open;
    bool m_closeNext = false; ///< behind <name/>
    bool m_truncated = false;
};

} // namespace lodestone
