#pragma once
#include <string>
#include <vector>

namespace lodestone {

/// An option or a positional argument as its program's parser knows it.
struct ArgumentDescription {
    std::vector<std::string> names;   ///< as they are typed: {"-o", "--out"}; of a positional its one name
    std::string value;                ///< what stands for the value ("TEXT"); empty: a flag
    std::vector<std::string> choices; ///< all values there are; empty: any
    std::string text;                 ///< one sentence, without its full stop or with it
    bool required = false, repeated = false;
};

/// A program or one of its commands.
struct CommandDescription {
    std::string name, text;
    std::vector<ArgumentDescription> positionals, options;
    std::vector<CommandDescription> commands;
};

} // namespace lodestone
