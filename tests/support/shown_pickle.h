#pragma once
// Pickled values as text, for tests.
#include "archives/pickle.h"
#include "base/error.h"

namespace lodestone::test {

/// A value as Python would show it, more or less; depth is that of nesting.
inline std::string shown(const PickleNode& node, int depth = 8)
{
    if (depth == 0)
        return "...";
    const auto items = [&](const char* open, const char* close) {
        std::string text = open;
        for (std::size_t i = 0; i < node.size(); ++i) {
            text += i > 0 ? ", " : "";
            if (node.hasKeys())
                text += shown(node.keyAt(i), depth - 1) + ": ";
            text += shown(node.at(i), depth - 1);
        }
        return text + close;
    };
    switch (node.kind()) {
    case PickleKind::None:
        return "None";
    case PickleKind::Boolean:
        return node.boolean() ? "True" : "False";
    case PickleKind::Integer:
        return std::to_string(node.integer());
    case PickleKind::Real:
        return fmt::format("{}f", node.real());
    case PickleKind::Text:
        return fmt::format("'{}'", node.text());
    case PickleKind::Bytes: {
        std::string text = "b'";
        for (const char c : node.bytes())
            text += fmt::format("{:02x}", static_cast<unsigned char>(c));
        return text + "'";
    }
    case PickleKind::Tuple:
        return items("(", node.size() == 1 ? ",)" : ")");
    case PickleKind::List:
        return items("[", "]");
    case PickleKind::Set:
        return items("set(", ")");
    case PickleKind::Dictionary:
        return items("{", "}");
    case PickleKind::Global:
        return "<" + std::string(node.className()) + ">";
    case PickleKind::Object: {
        std::string text = std::string(node.className()) + shown(node.arguments(), depth - 1);
        if (node.size() > 0)
            text += items("[", "]");
        if (const auto state = node.state())
            text += "@" + shown(*state, depth - 1);
        return text;
    }
    case PickleKind::Storage:
        return fmt::format("storage({}, {}, {})", nameOf(node.storage().scalar), node.storage().key,
                           node.storage().count);
    case PickleKind::Tensor: {
        const TensorReference& tensor = node.tensor();
        return fmt::format("{}({} {} {} at {}: ({}), ({}))", tensor.parameter ? "parameter" : "tensor",
                           nameOf(tensor.storage.scalar), tensor.storage.key, tensor.storage.count,
                           tensor.offset, fmt::join(tensor.shape, ","), fmt::join(tensor.strides, ","));
    }
    }
    return "?";
}

/// A pickle that keeps its bytes itself; keys of storages get "data/" before them.
inline Pickle parsed(std::string bytes, const std::string& origin = "test")
{
    const auto own = std::make_shared<const std::string>(std::move(bytes));
    return Pickle::parse(*own, origin, {own, "data/", ""});
}

inline std::string read(const std::string& bytes)
{
    return shown(parsed(bytes).root());
}

/// Bytes with zeros in them.
template<std::size_t N>
std::string raw(const char (&text)[N])
{
    return std::string(text, N - 1);
}

} // namespace lodestone::test
