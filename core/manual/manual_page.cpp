#include "manual/manual_page.h"

#include <algorithm>
#include <cctype>

namespace lodestone {
namespace {

/// Text that roff shows as it is. Words that begin with a dash are typed by people: their dashes are minus
/// signs.
std::string plain(const std::string& text)
{
    std::string out;
    bool wordStarts = true, typed = false;
    for (const char c : text) {
        if (wordStarts)
            typed = c == '-';
        wordStarts = std::isspace(static_cast<unsigned char>(c)) || c == '(' || c == '[' || c == '|';
        if (c == '\\')
            out += "\\e";
        else if (c == '-' && typed)
            out += "\\-";
        else
            out += c == '\n' ? ' ' : c;
    }
    if (!out.empty() && (out[0] == '.' || out[0] == '\''))
        out.insert(0, "\\&"); // would be a request
    return out;
}

std::string bold(const std::string& text)
{
    return "\\fB" + plain(text) + "\\fR";
}

std::string italic(const std::string& text)
{
    return "\\fI" + plain(text) + "\\fR";
}

std::string capitals(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

std::string sentence(const std::string& text)
{
    std::string out = plain(text);
    if (!out.empty())
        out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
    return out.empty() || out.back() == '.' ? out : out + '.';
}

std::string usage(const CommandDescription& command, bool chosen)
{
    std::string out = chosen ? "[" + italic("options") + "]" : "";
    for (const ArgumentDescription& option : command.options)
        if (option.required)
            out += " " + bold(option.names.back()) + " " + italic(option.value);
    for (const ArgumentDescription& positional : command.positionals) {
        const std::string name = italic(positional.names.front()) + (positional.repeated ? " ..." : "");
        out += positional.required ? " " + name : " [" + name + "]";
    }
    return out;
}

std::string argument(const ArgumentDescription& argument, bool positional)
{
    std::string out = ".TP\n";
    if (positional)
        out += italic(argument.names.front());
    for (std::size_t i = 0; !positional && i < argument.names.size(); ++i)
        out += (i ? ", " : "") + bold(argument.names[i]);
    if (!positional && !argument.value.empty())
        out += " " + italic(argument.value);
    out += "\n" + sentence(argument.text) + "\n";
    std::string remarks = argument.required ? " Required." : "";
    if (argument.repeated)
        remarks += " May be given several times.";
    if (!argument.choices.empty()) {
        remarks += " One of";
        for (std::size_t i = 0; i < argument.choices.size(); ++i)
            remarks += (i ? ", " : " ") + bold(argument.choices[i]);
        remarks += ".";
    }
    return remarks.empty() ? out : out + remarks.substr(1) + "\n";
}

bool same(const ArgumentDescription& a, const ArgumentDescription& b)
{
    return a.names == b.names && a.value == b.value && a.text == b.text;
}

bool has(const CommandDescription& command, const ArgumentDescription& option)
{
    return std::any_of(command.options.begin(), command.options.end(),
                       [&option](const ArgumentDescription& own) { return same(own, option); });
}

/// Options that every command has.
std::vector<ArgumentDescription> commonOptions(const std::vector<CommandDescription>& commands)
{
    std::vector<ArgumentDescription> common;
    if (commands.size() > 1)
        for (const ArgumentDescription& option : commands.front().options)
            if (std::all_of(commands.begin(), commands.end(),
                            [&option](const CommandDescription& c) { return has(c, option); }))
                common.push_back(option);
    return common;
}

std::string commandSection(const std::string& program, const CommandDescription& command,
                           const std::vector<ArgumentDescription>& common)
{
    std::string out = ".SS " + plain(command.name) + "\n" + bold(program + " " + command.name) + " " +
                      usage(command, true) + "\n.PP\n" + sentence(command.text) + "\n";
    for (const ArgumentDescription& positional : command.positionals)
        out += argument(positional, true);
    for (const ArgumentDescription& option : command.options)
        if (std::none_of(common.begin(), common.end(),
                         [&option](const ArgumentDescription& shared) { return same(shared, option); }))
            out += argument(option, false);
    return out;
}

} // namespace

std::string manualPage(const CommandDescription& program, const ManualFrame& frame)
{
    std::string out = ".TH " + capitals(program.name) + " 1 " + frame.date + " \"Lodestone " + frame.version +
                      "\" \"User Commands\"\n.SH NAME\n" + program.name + " \\- " + plain(program.text) +
                      "\n";
    out +=
        ".SH SYNOPSIS\n" + bold(program.name) + " [" + italic("options") + "]" + usage(program, false) + "\n";
    if (!program.commands.empty())
        out += ".br\n" + bold(program.name) + " " + italic("command") + " [" + italic("options") + "] [" +
               italic("arguments") + "]\n";
    out += ".SH OPTIONS\n";
    for (const ArgumentDescription& positional : program.positionals)
        out += argument(positional, true);
    for (const ArgumentDescription& option : program.options)
        out += argument(option, false);
    if (!program.commands.empty()) {
        const std::vector<ArgumentDescription> common = commonOptions(program.commands);
        out += ".SH COMMANDS\n";
        for (const CommandDescription& command : program.commands)
            out += commandSection(program.name, command, common);
        if (!common.empty())
            out += ".SH OPTIONS OF EVERY COMMAND\n";
        for (const ArgumentDescription& option : common)
            out += argument(option, false);
    }
    for (const ManualSection& section : frame.sections) {
        out += ".SH " + section.title + "\n";
        for (const ManualSection::Entry& entry : section.entries)
            out += (entry.term.empty() ? std::string() : ".TP\n" + bold(entry.term) + "\n") +
                   plain(entry.text) + "\n";
    }
    return out;
}

} // namespace lodestone
