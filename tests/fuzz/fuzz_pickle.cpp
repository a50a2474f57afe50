// Any bytes as a pickle: an Error, or values that can all be visited, described and read as what they are.
#include "archives/torch_archive.h"
#include "base/error.h"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace lodestone;

/// Reads a value as what it is; anything thrown here is a finding.
void readOne(const PickleNode& node, std::size_t size)
{
    if (describe(node).empty() || node.offset() >= size)
        std::abort();
    switch (node.kind()) {
    case PickleKind::None:
        break;
    case PickleKind::Boolean:
        node.boolean();
        break;
    case PickleKind::Integer:
        node.integer();
        break;
    case PickleKind::Real:
        node.real();
        break;
    case PickleKind::Text:
    case PickleKind::Bytes:
        // Touches every byte.
        if (static_cast<std::size_t>(std::count(node.bytes().begin(), node.bytes().end(), 'x')) >
            node.bytes().size())
            std::abort();
        break;
    case PickleKind::Tuple:
    case PickleKind::List:
    case PickleKind::Set:
    case PickleKind::Dictionary:
        break;
    case PickleKind::Global:
        if (node.className().empty())
            std::abort();
        break;
    case PickleKind::Object:
        if (!node.arguments().is(PickleKind::Tuple))
            std::abort();
        node.attribute("_parameters");
        moduleTensor(node, "weight");
        moduleChild(node, "0");
        break;
    case PickleKind::Storage:
        if (node.storage().count < 0)
            std::abort();
        break;
    case PickleKind::Tensor:
        if (node.tensor().shape.size() != node.tensor().strides.size())
            std::abort();
        break;
    }
}

/// Visits values in breadth, a limited number of them.
void visit(const PickleNode& root, std::size_t size)
{
    std::vector<PickleNode> open = {root};
    for (std::size_t next = 0; next < open.size() && open.size() < 5000; ++next) {
        const PickleNode node = open[next];
        readOne(node, size);
        const PickleKind kind = node.kind();
        if (kind == PickleKind::Object) {
            open.push_back(node.arguments());
            if (const auto state = node.state())
                open.push_back(*state);
        } else if (kind != PickleKind::Tuple && kind != PickleKind::List && kind != PickleKind::Set &&
                   kind != PickleKind::Dictionary) {
            continue;
        }
        for (std::size_t i = 0; i < node.size() && i < 100; ++i) {
            open.push_back(node.at(i));
            if (node.hasKeys())
                open.push_back(node.keyAt(i));
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::optional<Pickle> pickle;
    try {
        pickle = Pickle::parse(bytes, "fuzz", {{}, "data/", ""});
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) {
        return 0;
    }
    if (pickle->bytesRead() > size || pickle->bytesRead() == 0)
        std::abort();
    visit(pickle->root(), size);
    try {
        tensorsIn(pickle->root());
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) { // nested too deep
    }
    return 0;
}
