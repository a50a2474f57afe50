#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

struct ScriptToken {
    enum class Kind { Name, Number, Text, Mark, End };
    Kind kind = Kind::End;
    std::string_view text; ///< a Text without its quotes
};

/// A logical line of TorchScript (brackets may span lines of text): its indentation and tokens, the last one
/// End.
struct ScriptLine {
    int number = 0; ///< in the text, from 1
    int indent = 0;
    std::vector<ScriptToken> tokens;
};

/// Splits text into lines and tokens; throws ScriptError with the line. `text` must outlive the result.
std::vector<ScriptLine> scriptLines(std::string_view text);

} // namespace lodestone
