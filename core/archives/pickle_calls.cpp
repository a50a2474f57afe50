// The few classes and functions whose meaning is fixed: what torch.save, torch.jit.save and Python's own
// containers write. Nothing is called; each is only a way to write down a value.
#include "archives/pickle_builder.h"
#include "archives/pickle_text.h"

#include <algorithm>
#include <limits>

namespace lodestone {
namespace {

// PyTorch allows 64 dimensions; tensors of models have up to about 8.
constexpr std::size_t mostDimensions = 16;
// Keys of storages are decimal numbers.
constexpr std::size_t longestKey = 64;

// Longer names mean nothing here, and must not cost time at every use.
constexpr std::size_t longestName = 64;

enum class Known {
    Dictionary,
    Set,
    Bytes,
    Encode,
    Size,
    FirstArgument,
    Tensor,
    TensorOfType, ///< the last argument but one is the dtype
    TensorFromType,
    Parameter,
    Reconstructor,
    GraphModule
};

const std::unordered_map<std::string_view, Known>& knownCalls()
{
    static const std::unordered_map<std::string_view, Known> table = {
        {"collections.OrderedDict", Known::Dictionary},
        {"collections.defaultdict", Known::Dictionary},
        {"builtins.set", Known::Set},
        {"builtins.frozenset", Known::Set},
        {"__builtin__.set", Known::Set},
        {"__builtin__.frozenset", Known::Set},
        {"builtins.bytes", Known::Bytes},
        {"builtins.bytearray", Known::Bytes},
        {"__builtin__.bytes", Known::Bytes},
        {"__builtin__.bytearray", Known::Bytes},
        {"_codecs.encode", Known::Encode},
        {"torch.Size", Known::Size},
        {"torch.jit._pickle.build_intlist", Known::FirstArgument},
        {"torch.jit._pickle.build_doublelist", Known::FirstArgument},
        {"torch.jit._pickle.build_boollist", Known::FirstArgument},
        {"torch.jit._pickle.build_tensorlist", Known::FirstArgument},
        {"torch.jit._pickle.restore_type_tag", Known::FirstArgument},
        {"torch._utils._rebuild_tensor", Known::Tensor},
        {"torch._utils._rebuild_tensor_v2", Known::Tensor},
        {"torch._utils._rebuild_tensor_v3", Known::TensorOfType},
        {"torch._tensor._rebuild_from_type_v2", Known::TensorFromType},
        {"torch._utils._rebuild_parameter", Known::Parameter},
        {"torch._utils._rebuild_parameter_with_state", Known::Parameter},
        {"copyreg._reconstructor", Known::Reconstructor},
        {"copy_reg._reconstructor", Known::Reconstructor},
        {"torch.fx.graph_module.reduce_graph_module", Known::GraphModule},
    };
    return table;
}

/// Of "torch.FloatStorage" (perhaps in torch.cuda or torch.storage) or of a dtype "torch.float32".
std::optional<ScalarKind> scalarOf(std::string_view name)
{
    static const std::unordered_map<std::string_view, ScalarKind> kinds = {
        {"DoubleStorage", ScalarKind::Float64},
        {"float64", ScalarKind::Float64},
        {"FloatStorage", ScalarKind::Float32},
        {"float32", ScalarKind::Float32},
        {"HalfStorage", ScalarKind::Float16},
        {"float16", ScalarKind::Float16},
        {"BFloat16Storage", ScalarKind::BFloat16},
        {"bfloat16", ScalarKind::BFloat16},
        {"LongStorage", ScalarKind::Int64},
        {"int64", ScalarKind::Int64},
        {"IntStorage", ScalarKind::Int32},
        {"int32", ScalarKind::Int32},
        {"ShortStorage", ScalarKind::Int16},
        {"int16", ScalarKind::Int16},
        {"CharStorage", ScalarKind::Int8},
        {"int8", ScalarKind::Int8},
        {"ByteStorage", ScalarKind::UInt8},
        {"uint8", ScalarKind::UInt8},
        {"UntypedStorage", ScalarKind::UInt8},
        {"BoolStorage", ScalarKind::Bool},
        {"bool", ScalarKind::Bool}};
    if (name.size() > longestName || name.substr(0, 6) != "torch.")
        return std::nullopt;
    const auto found = kinds.find(name.substr(name.rfind('.') + 1));
    return found == kinds.end() ? std::nullopt : std::optional(found->second);
}

} // namespace

/// A known call with its arguments.
struct PickleBuilder::Call {
    Known what;
    PickleEntry name;
    PickleIndex arguments; ///< a Tuple
    std::vector<PickleIndex> items;
    std::size_t size() const { return items.size(); }
    PickleIndex operator[](std::size_t i) const { return items[i]; }
};

PickleIndex PickleBuilder::call(PickleIndex callable, PickleIndex arguments)
{
    const PickleEntry what = m_data.nodes[callable];
    if (what.kind != PickleKind::Global && what.kind != PickleKind::Object)
        failHere("{} is to be called, expected a class or function", describe(callable));
    if (m_data.nodes[arguments].kind != PickleKind::Tuple)
        failHere("a call is given {}, expected a tuple of arguments", describe(arguments));
    if (what.kind == PickleKind::Object) {
        // What comes of calling an unknown object is as unknown, and named like it.
        const PickleObject& object = m_data.objects[static_cast<std::size_t>(what.first)];
        return this->object({object.name, object.nameLength}, arguments);
    }
    const auto found = what.count <= longestName ? knownCalls().find(m_data.text(what)) : knownCalls().end();
    if (found != knownCalls().end()) {
        // Long tuples of arguments are not of the usual form, and must not cost time at every call.
        const auto items = itemsOf(arguments);
        const auto usual = items.first(std::min<std::size_t>(items.size(), 8));
        const Call call{found->second, what, arguments, {usual.begin(), usual.end()}};
        const PickleIndex made = known(call);
        if (made != noNode)
            return made;
    }
    return object({what.first, what.count}, arguments);
}

PickleIndex PickleBuilder::known(const Call& call)
{
    const bool any = call.size() > 0;
    switch (call.what) {
    case Known::Dictionary:
        return dictionary(call);
    case Known::Set:
        return set(call);
    case Known::Bytes:
        return bytes(call);
    case Known::Encode:
        return call.size() == 2 ? encoded(call[0], call[1]) : noNode;
    case Known::Size:
        return any && m_data.nodes[call[0]].kind == PickleKind::Tuple ? call[0] : noNode;
    case Known::FirstArgument:
        return any ? call[0] : noNode;
    case Known::Tensor: // storage, offset, size, stride, requires_grad, hooks, metadata
        // Metadata means conjugated or negated views: never seen in models, and not read.
        return call.size() > 6 && !isEmpty(call[6]) ? noNode : tensor(call, std::nullopt);
    case Known::TensorOfType: { // storage, offset, size, stride, requires_grad, hooks, dtype, metadata
        if (call.size() < 7 || m_data.nodes[call[6]].kind != PickleKind::Global)
            return noNode;
        const auto scalar = scalarOf(textOf(call[6]));
        return scalar ? tensor(call, scalar) : noNode;
    }
    case Known::TensorFromType: { // function, type, arguments, state
        const bool usual = call.size() == 4 && m_data.nodes[call[0]].kind == PickleKind::Global &&
                           m_data.nodes[call[2]].kind == PickleKind::Tuple;
        // One level only, so that nothing recurses.
        if (!usual || textOf(call[0]) == "torch._tensor._rebuild_from_type_v2")
            return noNode;
        return this->call(call[0], call[2]);
    }
    case Known::Parameter:
        return parameter(call);
    case Known::Reconstructor: { // class, base, state
        if (!any || m_data.nodes[call[0]].kind != PickleKind::Global)
            return noNode;
        const PickleEntry type = m_data.nodes[call[0]];
        return object({type.first, type.count}, tuple({}));
    }
    case Known::GraphModule: {
        if (!any || m_data.nodes[call[0]].kind != PickleKind::Dictionary)
            return noNode;
        const PickleIndex made = object({call.name.first, call.name.count}, call.arguments);
        build(made, call[0]);
        return made;
    }
    }
    return noNode;
}

PickleIndex PickleBuilder::dictionary(const Call& call)
{
    const PickleIndex made = container(PickleKind::Dictionary);
    // defaultdict is given its factory, OrderedDict of Python 2 a list of pairs.
    if (call.size() == 0 || m_data.nodes[call[0]].kind != PickleKind::List)
        return made;
    chargeCopies(2 * m_data.containerOf(m_data.nodes[call[0]]).size());
    const std::vector<PickleIndex> pairs = m_data.containerOf(m_data.nodes[call[0]]);
    for (const PickleIndex pair : pairs) {
        const auto items = itemsOf(pair);
        if (items.size() != 2)
            failHere("an entry of a dictionary is {}, expected a pair", describe(pair));
        const PickleIndex entry[] = {items[0], items[1]};
        setItems(made, entry);
    }
    return made;
}

PickleIndex PickleBuilder::set(const Call& call)
{
    if (call.size() > 1 || (call.size() == 1 && !isSequence(call[0])))
        return noNode;
    const PickleIndex made = container(PickleKind::Set);
    if (call.size() == 1) {
        const auto items = itemsOf(call[0]);
        chargeCopies(items.size());
        append(made, std::vector<PickleIndex>(items.begin(), items.end()));
    }
    return made;
}

PickleIndex PickleBuilder::bytes(const Call& call)
{
    if (call.size() == 0)
        return slice(PickleKind::Bytes, m_data.bytes.substr(0, 0));
    if (call.size() == 1 && m_data.nodes[call[0]].kind == PickleKind::Bytes)
        return call[0];
    return call.size() == 2 ? encoded(call[0], call[1]) : noNode;
}

PickleIndex PickleBuilder::encoded(PickleIndex text, PickleIndex codec)
{
    if (m_data.nodes[text].kind != PickleKind::Text ||
        !(isText(codec, "latin1") || isText(codec, "latin-1") || isText(codec, "iso-8859-1")))
        return noNode;
    // Remembered, so that one text encoded many times takes memory once.
    const auto before = m_encoded.find(text);
    if (before != m_encoded.end())
        return before->second;
    std::string decoded;
    if (!latin1FromUtf8(textOf(text), decoded))
        failHere("a text that stands for bytes has characters beyond them");
    return m_encoded.emplace(text, copy(PickleKind::Bytes, decoded)).first->second;
}

std::vector<std::int64_t> PickleBuilder::extents(PickleIndex index, const char* what) const
{
    if (!isSequence(index))
        failHere("{} of a tensor is {}, expected a tuple of whole numbers", what, describe(index));
    const auto items = itemsOf(index);
    if (items.size() > mostDimensions)
        failHere("a tensor has {} dimensions; up to {} are read", items.size(), mostDimensions);
    std::vector<std::int64_t> values;
    for (const PickleIndex item : items)
        values.push_back(integerOf(item, what));
    return values;
}

PickleIndex PickleBuilder::tensor(const Call& call, std::optional<ScalarKind> scalar)
{
    if (call.size() < 4 || m_data.nodes[call[0]].kind != PickleKind::Storage)
        return noNode;
    const PickleStorage& storage = m_data.storages[static_cast<std::size_t>(m_data.nodes[call[0]].first)];
    TensorReference reference;
    reference.storage = storage.reference;
    if (scalar) {
        std::int64_t bytes = 0;
        if (__builtin_mul_overflow(reference.storage.count,
                                   static_cast<std::int64_t>(sizeOf(reference.storage.scalar)), &bytes))
            failHere("a storage is said to have {} numbers, which no file can hold", reference.storage.count);
        reference.storage.scalar = *scalar;
        reference.storage.count = bytes / static_cast<std::int64_t>(sizeOf(*scalar));
    }
    if (__builtin_add_overflow(integerOf(call[1], "the offset of a tensor"), storage.offset,
                               &reference.offset))
        failHere("the offset of a tensor is {}, beyond any file",
                 integerOf(call[1], "the offset of a tensor"));
    reference.shape = extents(call[2], "the size");
    reference.strides = extents(call[3], "the stride");
    if (reference.shape.size() != reference.strides.size())
        failHere("a tensor has {} sizes but {} strides", reference.shape.size(), reference.strides.size());
    for (const std::int64_t extent : reference.shape)
        if (extent < 0)
            failHere("a tensor has the size {}, expected none below 0", extent);
    m_data.tensors.push_back(std::move(reference));
    return add(PickleKind::Tensor, m_data.tensors.size() - 1);
}

PickleIndex PickleBuilder::parameter(const Call& call)
{
    if (call.size() == 0 || m_data.nodes[call[0]].kind != PickleKind::Tensor)
        return noNode;
    TensorReference reference = m_data.tensors[static_cast<std::size_t>(m_data.nodes[call[0]].first)];
    reference.parameter = true;
    m_data.tensors.push_back(std::move(reference));
    return add(PickleKind::Tensor, m_data.tensors.size() - 1);
}

PickleIndex PickleBuilder::persistent(PickleIndex id)
{
    const auto items = itemsOf(id);
    const bool tuple = m_data.nodes[id].kind == PickleKind::Tuple && !items.empty();
    if (tuple && items.size() >= 5 && isText(items[0], "storage")) {
        const PickleIndex made = storage(items);
        if (made != noNode)
            return made;
    }
    // The older layout puts the source of a class beside its name.
    if (tuple && items.size() >= 2 && isText(items[0], "module") &&
        m_data.nodes[items[1]].kind == PickleKind::Global)
        return items[1];
    if (m_persistentName.count == 0)
        m_persistentName = makeName("persistent id");
    return object(m_persistentName, m_data.nodes[id].kind == PickleKind::Tuple ? id : this->tuple({&id, 1}));
}

PickleIndex PickleBuilder::storage(std::span<const PickleIndex> id)
{
    const auto scalar =
        m_data.nodes[id[1]].kind == PickleKind::Global ? scalarOf(textOf(id[1])) : std::nullopt;
    if (!scalar)
        return noNode;
    PickleStorage storage;
    storage.reference.scalar = *scalar;
    const PickleEntry key = m_data.nodes[id[2]];
    std::string bare;
    if (key.kind == PickleKind::Integer)
        bare = std::to_string(integerOf(id[2], "the key of a storage"));
    else if (key.kind == PickleKind::Text && key.count <= longestKey)
        bare = textOf(id[2]);
    else
        failHere("the key of a storage is {}, expected a short text", describe(id[2]));
    storage.reference.count = integerOf(id[4], "the length of a storage");
    if (storage.reference.count < 0)
        failHere("a storage is said to have {} numbers", storage.reference.count);
    // Very old files: (key, offset, length) of a view into the storage.
    if (id.size() > 5 && m_data.nodes[id[5]].kind == PickleKind::Tuple) {
        const auto view = itemsOf(id[5]);
        if (view.size() != 3)
            failHere("a view of a storage is {}, expected a key, an offset and a length", describe(id[5]));
        storage.offset = integerOf(view[1], "the offset of a view of a storage");
    }
    storage.reference.key = m_context.storagePrefix + bare + m_context.storageSuffix;
    m_data.storages.push_back(std::move(storage));
    return add(PickleKind::Storage, m_data.storages.size() - 1);
}

} // namespace lodestone
