#include "manual/completion.h"

#include "base/error.h"

#include <algorithm>

namespace lodestone {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between)
{
    std::string out;
    for (const std::string& word : words)
        out += (out.empty() ? "" : between) + word;
    return out;
}

std::string quoted(const std::string& text)
{
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::vector<std::string> namesOf(const std::vector<CommandDescription>& commands)
{
    std::vector<std::string> names;
    for (const CommandDescription& command : commands)
        names.push_back(command.name);
    return names;
}

/// One branch for a command (or, with an empty name, for the program itself): its options, and values of
/// those.
std::string bashBranch(const CommandDescription& command, const std::string& name)
{
    std::vector<std::string> options, free;
    std::string values;
    for (const ArgumentDescription& option : command.options) {
        options.insert(options.end(), option.names.begin(), option.names.end());
        if (!option.choices.empty())
            values += "            " + joined(option.names, "|") +
                      ") words=" + quoted(joined(option.choices, " ")) + " ;;\n";
        else if (!option.value.empty())
            free.insert(free.end(), option.names.begin(), option.names.end());
    }
    if (!free.empty())
        values += "            " + joined(free, "|") + ") return ;;\n";
    const std::string own = joined(options, " ");
    std::string out =
        "    " + (name.empty() ? std::string("''") : name) + ")\n        case $before in\n" + values;
    out += "            *) [[ $word == -* ]] && words=" + quoted(own);
    if (!command.commands.empty())
        out += " || words=" + quoted(joined(namesOf(command.commands), " "));
    return out + " ;;\n        esac ;;\n";
}

/// COMPREPLY stays empty where a file is meant: "-o default" completes those.
std::string bashScript(const CommandDescription& program)
{
    std::string function = "_" + program.name;
    std::replace(function.begin(), function.end(), '-', '_');
    std::string out =
        "# bash completion for " + program.name + "\n" + function +
        "()\n{\n    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
        "command= words= i\n    COMPREPLY=()\n"
        "    # --option=value comes as three words\n"
        "    if [[ $word == '=' ]]; then\n        word=\n"
        "    elif [[ $before == '=' ]]; then\n        before=${COMP_WORDS[COMP_CWORD-2]}\n    fi\n";
    if (!program.commands.empty())
        out += "    for ((i = 1; i < COMP_CWORD; ++i)); do\n        case ${COMP_WORDS[i]} in\n            " +
               joined(namesOf(program.commands), "|") +
               ") command=${COMP_WORDS[i]}; break ;;\n        esac\n    done\n";
    out += "    case $command in\n" + bashBranch(program, "");
    for (const CommandDescription& command : program.commands)
        out += bashBranch(command, command.name);
    return out +
           "    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\ncomplete -o default -F " +
           function + " " + program.name + "\n";
}

std::string fishOptions(const CommandDescription& command, const std::string& start)
{
    std::string out;
    for (const ArgumentDescription& option : command.options) {
        out += start;
        for (const std::string& name : option.names)
            out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        if (!option.choices.empty())
            out += " -x -a " + quoted(joined(option.choices, " "));
        else if (!option.value.empty())
            out += " -r";
        out += " -d " + quoted(option.text) + "\n";
    }
    return out;
}

std::string fishScript(const CommandDescription& program)
{
    const std::string start = "complete -c " + program.name;
    std::string out = "# fish completion for " + program.name + "\n";
    if (program.commands.empty())
        return out + fishOptions(program, start);
    const std::string none = start + " -n __fish_use_subcommand";
    for (const CommandDescription& command : program.commands)
        out += none + " -f -a " + command.name + " -d " + quoted(command.text) + "\n";
    out += fishOptions(program, none);
    for (const CommandDescription& command : program.commands)
        out += fishOptions(command, start + " -n '__fish_seen_subcommand_from " + command.name + "'");
    return out;
}

} // namespace

const std::vector<std::string>& completionShells()
{
    static const std::vector<std::string> shells = {"bash", "fish"};
    return shells;
}

std::string completionScript(const CommandDescription& program, const std::string& shell)
{
    if (shell == "bash")
        return bashScript(program);
    if (shell == "fish")
        return fishScript(program);
    fail<UsageError>("There is no completion for '{}': choose one of {}.", shell,
                     joined(completionShells(), ", "));
}

} // namespace lodestone
