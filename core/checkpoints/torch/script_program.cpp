#include "checkpoints/torch/script_program.h"

#include "base/text.h"
#include "checkpoints/torch/script_text.h"

#include <algorithm>
#include <optional>
#include <set>

namespace lodestone {
namespace {

constexpr int maxNesting = 64; ///< of brackets and of blocks
constexpr int maxBranches = 1000;

} // namespace

/// Reads statements line by line. What a name stands for is looked up where it is read, so that later changes
/// of the name do not matter.
class ScriptParser {
public:
    explicit ScriptParser(std::string_view text) : m_lines(scriptLines(text)) {}

    ScriptProgram parse()
    {
        while (m_row < m_lines.size() && !startsForward())
            ++m_row;
        if (m_row == m_lines.size())
            fail<ScriptError>("there is no function 'forward'");
        signature();
        const int indent = m_lines[m_row - 1].indent;
        if (m_row < m_lines.size())
            block(m_lines[m_row].indent, 0);
        if (m_row < m_lines.size() && m_lines[m_row].indent > indent)
            fail<ScriptError>("line {}: the indentation is not understood", m_lines[m_row].number);
        for (std::size_t row = m_row; row < m_lines.size(); ++row)
            if (m_lines[row].indent <= indent && m_lines[row].tokens[0].text == "def")
                fail<ScriptError>("line {}: another function follows; the module is not frozen",
                                  m_lines[row].number);
        return std::move(m_program);
    }

private:
    using Scope = std::map<std::string, int, std::less<>>;

    [[noreturn]] void failHere(const std::string& what) const
    {
        fail<ScriptError>("line {}: {}", m_lineNumber, what);
    }

    bool startsForward() const
    {
        const std::vector<ScriptToken>& tokens = m_lines[m_row].tokens;
        return tokens.size() > 3 && tokens[0].text == "def" && tokens[1].text == "forward";
    }

    /// Arguments: names before a colon at the first level of brackets.
    void signature()
    {
        const std::vector<ScriptToken>& tokens = m_lines[m_row++].tokens;
        int depth = 0;
        for (std::size_t i = 2; i + 1 < tokens.size(); ++i) {
            if (tokens[i].text == "(" || tokens[i].text == "[")
                ++depth;
            else if (tokens[i].text == ")" || tokens[i].text == "]")
                --depth;
            else if (depth == 1 && tokens[i].kind == ScriptToken::Kind::Name && tokens[i + 1].text == ":" &&
                     tokens[i].text != "self") {
                ScriptNode node;
                node.kind = ScriptNode::Kind::Argument;
                node.name = std::string(tokens[i].text);
                m_arguments.insert(node.name);
                const std::string name = node.name;
                m_scope[name] = make(std::move(node));
            }
        }
    }

    void block(int indent, int depth)
    {
        if (depth > maxNesting)
            failHere("blocks are nested too deeply");
        while (m_row < m_lines.size() && m_lines[m_row].indent >= indent) {
            m_lineNumber = m_lines[m_row].number;
            if (m_lines[m_row].indent > indent)
                failHere("the indentation is not understood");
            m_tokens = &m_lines[m_row].tokens;
            m_at = 0;
            ++m_row;
            const std::string_view first = peek().text;
            if (first == "if")
                condition(indent, depth);
            else if (first == "for" || first == "while")
                loop(indent, depth);
            else if (first == "return") {
                ++m_at;
                expression(0);
            } else if (first != "pass")
                statement();
        }
    }

    int innerIndent(int indent) const
    {
        if (m_row >= m_lines.size() || m_lines[m_row].indent <= indent)
            failHere("a block is missing");
        return m_lines[m_row].indent;
    }

    void condition(int indent, int depth)
    {
        ++m_at;
        countBranch();
        const int condition = expression(0);
        const Scope before = m_scope, storedBefore = m_stored;
        block(innerIndent(indent), depth + 1);
        Scope then = std::exchange(m_scope, before), storedThen = std::exchange(m_stored, storedBefore);
        if (m_row < m_lines.size() && m_lines[m_row].indent == indent &&
            m_lines[m_row].tokens[0].text == "else") {
            ++m_row;
            block(innerIndent(indent), depth + 1);
        }
        merge(m_scope, then, condition);
        merge(m_stored, storedThen, condition);
    }

    /// `otherwise` becomes what holds after both branches.
    void merge(Scope& otherwise, const Scope& then, int condition)
    {
        for (const auto& [name, node] : then) {
            const auto found = otherwise.find(name);
            if (found == otherwise.end())
                otherwise.emplace(name, node);
            else if (found->second != node)
                found->second = makeOf(ScriptNode::Kind::Choice, "", {condition, node, found->second});
        }
    }

    /// Scopes are copied at each, so there must not be too many.
    void countBranch()
    {
        if (++m_branches > maxBranches)
            failHere("there are too many conditions and loops");
    }

    void loop(int indent, int depth)
    {
        countBranch();
        const Scope before = m_scope, storedBefore = m_stored;
        block(innerIndent(indent), depth + 1);
        for (auto& [name, node] : m_scope) {
            const auto old = before.find(name);
            if (old == before.end())
                node = makeOf(ScriptNode::Kind::Loop, "", {node});
            else if (old->second != node)
                node = makeOf(ScriptNode::Kind::Loop, "", {old->second});
        }
        for (auto& [key, node] : m_stored)
            if (const auto old = storedBefore.find(key); old == storedBefore.end() || old->second != node)
                failHere("a loop changes an entry of the dictionary");
    }

    void statement()
    {
        // "name = value", "name: type = value", "a, b = value", or a call for its effect.
        std::vector<std::string> targets;
        const std::size_t begin = m_at;
        while (peek().kind == ScriptToken::Kind::Name) {
            targets.emplace_back(take().text);
            if (peek().text != ",")
                break;
            ++m_at;
        }
        if (peek().text == ":")
            while (peek().text != "=" && peek().kind != ScriptToken::Kind::End)
                ++m_at;
        if (targets.empty() || peek().text != "=") {
            m_at = begin;
            expression(0);
            finish();
            return;
        }
        ++m_at;
        const int value = resolved(expression(0));
        finish();
        if (targets.size() == 1) {
            m_scope[targets.front()] = value;
            return;
        }
        for (std::size_t i = 0; i < targets.size(); ++i) {
            if (m_program.node(value).kind == ScriptNode::Kind::List &&
                m_program.node(value).arguments.size() == targets.size()) {
                m_scope[targets[i]] = m_program.node(value).arguments[i];
                continue;
            }
            ScriptNode number;
            number.kind = ScriptNode::Kind::Number;
            number.number = static_cast<double>(i);
            m_scope[targets[i]] = makeOf(ScriptNode::Kind::Item, "", {value, make(std::move(number))});
        }
    }

    void finish() const
    {
        if (peek().kind != ScriptToken::Kind::End)
            failHere("'" + std::string(peek().text) + "' is not understood");
    }

    /// What a call changes: entries of the dictionary, and tensors in place.
    int effect(int node)
    {
        const ScriptNode call = m_program.node(node);
        if (call.kind != ScriptNode::Kind::Call)
            return node;
        if (call.name == "torch._set_item" && call.arguments.size() == 3) {
            const ScriptNode& key = m_program.node(call.arguments[1]);
            if (key.kind == ScriptNode::Kind::Text) {
                m_stored[key.name] = call.arguments[2];
                m_program.m_stores.push_back({key.name, call.arguments[2]});
            }
            return node;
        }
        const bool inPlace = call.name.size() > 7 && call.name.back() == '_' &&
                             call.name[call.name.size() - 2] != '_' && call.name.rfind("torch.", 0) == 0;
        if (!inPlace || call.arguments.empty())
            return node;
        if (call.name == "torch.requires_grad_")
            return call.arguments[0];
        if (call.name != "torch.copy_") {
            m_replaced[call.arguments[0]] = node;
            return node;
        }
        copy(call.arguments[0], call.arguments[1]);
        return node;
    }

    /// torch.copy_(target, source): target is a whole tensor or some columns of one.
    void copy(int target, int source)
    {
        const ScriptNode& view = m_program.node(target);
        if (!view.isCall("torch.narrow")) {
            m_replaced[target] = source;
            return;
        }
        if (view.arguments.size() != 4)
            failHere("torch.narrow does not have four arguments");
        const int base = view.arguments[0];
        ScriptNode paste;
        paste.kind = ScriptNode::Kind::Paste;
        paste.arguments = {resolved(base), source};
        const double first = m_program.node(view.arguments[2]).number;
        const double count = m_program.node(view.arguments[3]).number;
        if (!(first >= 0 && first < 1e12 && count >= 0 && count < 1e12))
            failHere("the columns that a copy fills are not understood");
        paste.number = first;
        paste.index = static_cast<std::int64_t>(count);
        m_replaced[base] = make(std::move(paste));
    }

    int resolved(int node) const
    {
        for (auto found = m_replaced.find(node); found != m_replaced.end(); found = m_replaced.find(node))
            node = found->second;
        return node;
    }

    // Expressions.

    const ScriptToken& peek() const { return (*m_tokens)[std::min(m_at, m_tokens->size() - 1)]; }
    const ScriptToken& take()
    {
        const ScriptToken& token = peek();
        ++m_at;
        return token;
    }
    void expect(std::string_view mark)
    {
        if (peek().text != mark || peek().kind != ScriptToken::Kind::Mark)
            failHere(fmt::format("'{}' was expected before '{}'", mark, peek().text));
        ++m_at;
    }

    int make(ScriptNode node)
    {
        node.line = m_lineNumber;
        m_program.m_nodes.push_back(std::move(node));
        return static_cast<int>(m_program.m_nodes.size()) - 1;
    }
    int makeOf(ScriptNode::Kind kind, std::string name, std::vector<int> arguments)
    {
        ScriptNode node;
        node.kind = kind;
        node.name = std::move(name);
        node.arguments = std::move(arguments);
        return make(std::move(node));
    }

    int number(bool negative)
    {
        const std::string_view text = take().text;
        const std::optional<double> value =
            parseReal(text.back() == '.' ? text.substr(0, text.size() - 1) : text);
        if (!value)
            failHere("'" + std::string(text) + "' is no number");
        ScriptNode node;
        node.kind = ScriptNode::Kind::Number;
        node.number = negative ? -*value : *value;
        return make(std::move(node));
    }

    int expression(int depth)
    {
        if (depth > maxNesting)
            failHere("brackets are nested too deeply");
        int value = primary(depth);
        while (peek().text == "[" && peek().kind == ScriptToken::Kind::Mark) {
            ++m_at;
            const int index = expression(depth + 1);
            expect("]");
            value = item(value, index);
        }
        return value;
    }

    int item(int value, int index)
    {
        const ScriptNode& container = m_program.node(value);
        const ScriptNode& key = m_program.node(index);
        if (container.kind == ScriptNode::Kind::Argument && m_arguments.contains(container.name) &&
            key.kind == ScriptNode::Kind::Text) {
            const auto stored = m_stored.find(key.name);
            if (stored != m_stored.end())
                return stored->second = resolved(stored->second);
            ScriptNode entry;
            entry.kind = ScriptNode::Kind::Argument;
            entry.name = "data[" + key.name + "]";
            const std::string name = key.name;
            return m_stored[name] = make(std::move(entry));
        }
        return makeOf(ScriptNode::Kind::Item, "", {value, index});
    }

    int primary(int depth)
    {
        const ScriptToken token = peek();
        if (token.text == "-" && token.kind == ScriptToken::Kind::Mark) {
            ++m_at;
            if (peek().kind != ScriptToken::Kind::Number)
                failHere("a minus sign without a number");
            return number(true);
        }
        if (token.kind == ScriptToken::Kind::Number)
            return number(false);
        if (token.kind == ScriptToken::Kind::Text) {
            ++m_at;
            ScriptNode node;
            node.kind = ScriptNode::Kind::Text;
            node.name = std::string(token.text);
            return make(std::move(node));
        }
        if (token.text == "[" || token.text == "(") {
            ++m_at;
            const std::string_view close = token.text == "[" ? "]" : ")";
            bool comma = false;
            std::vector<int> items = list(close, depth, comma);
            if (token.text == "(" && items.size() == 1 && !comma)
                return items.front();
            return makeOf(ScriptNode::Kind::List, "", std::move(items));
        }
        if (token.kind == ScriptToken::Kind::Name)
            return named(depth);
        failHere(fmt::format("'{}' is not understood", token.text));
    }

    std::vector<int> list(std::string_view close, int depth, bool& comma)
    {
        std::vector<int> items;
        while (peek().text != close) {
            // Keyword arguments say types and devices; they are read and dropped.
            const bool keyword = peek().kind == ScriptToken::Kind::Name && m_at + 1 < m_tokens->size() &&
                                 (*m_tokens)[m_at + 1].text == "=";
            if (keyword)
                m_at += 2;
            const int value = expression(depth + 1);
            if (!keyword)
                items.push_back(value);
            if (peek().text == ",") {
                comma = true;
                ++m_at;
            } else if (peek().text != close) {
                failHere(fmt::format("'{}' was expected before '{}'", close, peek().text));
            }
        }
        ++m_at;
        return items;
    }

    int named(int depth)
    {
        std::string name(take().text);
        while (peek().text == "." && peek().kind == ScriptToken::Kind::Mark) {
            ++m_at;
            name += "." + std::string(take().text);
        }
        if (peek().text == "(" && peek().kind == ScriptToken::Kind::Mark) {
            ++m_at;
            bool comma = false;
            std::vector<int> arguments = list(")", depth, comma);
            // annotate(Type, value) and unchecked_cast(Type, value) are the value.
            if ((name == "annotate" || name == "unchecked_cast") && arguments.size() == 2)
                return arguments[1];
            return effect(makeOf(ScriptNode::Kind::Call, name, std::move(arguments)));
        }
        if (const auto found = m_scope.find(name); found != m_scope.end())
            return found->second = resolved(found->second);
        ScriptNode node;
        node.name = name;
        if (name.rfind("CONSTANTS.c", 0) == 0) {
            const std::optional<long long> index = parseInteger(std::string_view(name).substr(11));
            if (!index || *index < 0)
                failHere("'" + name + "' is no constant");
            node.kind = ScriptNode::Kind::Constant;
            node.index = *index;
        }
        return make(std::move(node));
    }

    std::vector<ScriptLine> m_lines;
    std::size_t m_row = 0;
    const std::vector<ScriptToken>* m_tokens = nullptr;
    std::size_t m_at = 0;
    int m_lineNumber = 0;
    int m_branches = 0;
    ScriptProgram m_program;
    std::set<std::string, std::less<>> m_arguments;
    Scope m_scope;
    Scope m_stored;                ///< entries of the dictionary
    std::map<int, int> m_replaced; ///< nodes that were changed in place
};

ScriptProgram ScriptProgram::parse(std::string_view text)
{
    return ScriptParser(text).parse();
}

const ScriptNode& ScriptProgram::argument(int index, std::size_t which) const
{
    const ScriptNode& parent = node(index);
    if (which >= parent.arguments.size())
        fail<ScriptError>("line {}: '{}' has only {} arguments", parent.line, parent.name,
                          parent.arguments.size());
    return node(parent.arguments[which]);
}

std::string ScriptProgram::describe(int index, int depth) const
{
    const ScriptNode& n = node(index);
    switch (n.kind) {
    case ScriptNode::Kind::Constant:
        return fmt::format("CONSTANTS.c{}", n.index);
    case ScriptNode::Kind::Number:
        return fmt::format("{}", n.number);
    case ScriptNode::Kind::Argument:
    case ScriptNode::Kind::Name:
    case ScriptNode::Kind::Text:
        return n.name.substr(0, 60);
    default:
        break;
    }
    if (depth == 0)
        return "...";
    std::vector<std::string> parts;
    for (const int argument : n.arguments) {
        if (parts.size() == 8) {
            parts.emplace_back("...");
            break;
        }
        parts.push_back(describe(argument, depth - 1));
    }
    return fmt::format("{}({})", n.name, fmt::join(parts, ", "));
}

} // namespace lodestone
