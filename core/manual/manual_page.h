#pragma once
#include "manual/command_description.h"

namespace lodestone {

/// A section of a manual page: terms with what they mean, or one paragraph (an entry without a term).
struct ManualSection {
    struct Entry {
        std::string term, text;
    };
    std::string title; ///< in capitals
    std::vector<Entry> entries;
};

/// What a parser does not know of its program.
struct ManualFrame {
    std::string version;
    std::string date;                    ///< of the release, as YYYY-MM-DD
    std::vector<ManualSection> sections; ///< after the options
};

/// The manual page in the language of man(7). Options that all commands have in common stand once.
std::string manualPage(const CommandDescription& program, const ManualFrame& frame);

} // namespace lodestone
