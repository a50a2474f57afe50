#include "checkpoints/torch/script_text.h"

#include "checkpoints/torch/script_program.h"

namespace lodestone {
namespace {

bool isNameStart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

class Tokenizer {
public:
    explicit Tokenizer(std::string_view text) : m_text(text) {}

    std::vector<ScriptLine> all()
    {
        std::vector<ScriptLine> lines;
        while (m_at < m_text.size()) {
            ScriptLine line = next();
            if (!line.tokens.empty()) {
                line.tokens.push_back({});
                lines.push_back(std::move(line));
            }
        }
        return lines;
    }

private:
    ScriptLine next()
    {
        ScriptLine line;
        line.number = m_line;
        while (m_at < m_text.size() && m_text[m_at] == ' ') {
            ++line.indent;
            ++m_at;
        }
        int open = 0;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            if (c == '\n') {
                ++m_line;
                ++m_at;
                if (open == 0)
                    return line;
            } else if (c == ' ' || c == '\r' || c == '\t') {
                ++m_at;
            } else if (c == '#') {
                m_at = std::min(m_text.find('\n', m_at), m_text.size());
            } else {
                line.tokens.push_back(token());
                const std::string_view text = line.tokens.back().text;
                if (line.tokens.back().kind == ScriptToken::Kind::Mark) {
                    open += text == "(" || text == "[" || text == "{" ? 1 : 0;
                    open -= text == ")" || text == "]" || text == "}" ? 1 : 0;
                }
            }
        }
        return line;
    }

    ScriptToken token()
    {
        const std::size_t begin = m_at;
        const char c = m_text[m_at];
        const auto take = [&](ScriptToken::Kind kind) {
            return ScriptToken{kind, m_text.substr(begin, m_at - begin)};
        };
        if (isNameStart(c)) {
            while (m_at < m_text.size() && (isNameStart(m_text[m_at]) || isDigit(m_text[m_at])))
                ++m_at;
            return take(ScriptToken::Kind::Name);
        }
        if (isDigit(c) || (c == '.' && m_at + 1 < m_text.size() && isDigit(m_text[m_at + 1]))) {
            while (m_at < m_text.size() && (isDigit(m_text[m_at]) || m_text[m_at] == '.' ||
                                            m_text[m_at] == 'e' || m_text[m_at] == 'E' ||
                                            ((m_text[m_at] == '-' || m_text[m_at] == '+') &&
                                             (m_text[m_at - 1] == 'e' || m_text[m_at - 1] == 'E'))))
                ++m_at;
            return take(ScriptToken::Kind::Number);
        }
        if (c == '"' || c == '\'') {
            ++m_at;
            while (m_at < m_text.size() && m_text[m_at] != c && m_text[m_at] != '\n')
                m_at += m_text[m_at] == '\\' ? 2 : 1;
            if (m_at >= m_text.size() || m_text[m_at] != c)
                fail<ScriptError>("line {}: a text does not end", m_line);
            ++m_at;
            return {ScriptToken::Kind::Text, m_text.substr(begin + 1, m_at - begin - 2)};
        }
        m_at += m_text.substr(m_at, 2) == "->" ? 2 : 1;
        return take(ScriptToken::Kind::Mark);
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    int m_line = 1;
};

} // namespace

std::vector<ScriptLine> scriptLines(std::string_view text)
{
    return Tokenizer(text).all();
}

} // namespace lodestone
