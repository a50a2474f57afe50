#pragma once
#include "base/error.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lodestone {

/// Text of a TorchScript archive that is not of the kind read here; what() names the line.
class ScriptError : public Error {
public:
    using Error::Error;
};

/// A value of a TorchScript function, as the text says it is made. Nothing is computed.
struct ScriptNode {
    enum class Kind {
        Argument, ///< of the function, by name; also an entry of an argument (name "data[x]") that nobody has
                  ///< set
        Constant, ///< CONSTANTS.cN, N in `index`
        Number,
        Text,
        Name,   ///< None, True, False or a name that the text does not explain
        List,   ///< of arguments
        Call,   ///< `name` of arguments: "torch.mul"
        Item,   ///< arguments[0] [ arguments[1] ]
        Choice, ///< arguments[1] if arguments[0] holds, else arguments[2]
        Loop,   ///< what a loop makes of arguments[0]
        Paste   ///< arguments[0] with the columns from `number` on replaced by arguments[1], `index` of them
    };
    Kind kind = Kind::Name;
    std::string name;
    double number = 0;
    std::int64_t index = 0;
    std::vector<int> arguments; ///< nodes
    int line = 0;

    bool isCall(std::string_view function) const { return kind == Kind::Call && name == function; }
};

/// An entry of the dictionary that the function works on, in the order of the text.
struct ScriptStore {
    std::string key;
    int value = 0; ///< node
};

/// The body of "forward" in a frozen TorchScript module (one straight function whose weights are
/// CONSTANTS.cN), read as data: every name is replaced by how it was made, entries of the dictionary argument
/// by what was last stored, in-place copies by Paste nodes. Time and memory stay proportional to the text.
class ScriptProgram {
public:
    /// Throws ScriptError with the line where the text is not of that kind.
    static ScriptProgram parse(std::string_view text);

    const ScriptNode& node(int index) const { return m_nodes[static_cast<std::size_t>(index)]; }
    const ScriptNode& argument(int index, std::size_t which) const; ///< ScriptError if there is none
    const std::vector<ScriptStore>& stores() const { return m_stores; }
    /// The text of a node to a few levels, for messages.
    std::string describe(int index, int depth = 2) const;

private:
    friend class ScriptParser;
    std::vector<ScriptNode> m_nodes;
    std::vector<ScriptStore> m_stores;
};

} // namespace lodestone
