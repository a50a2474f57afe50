#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// Types of the numbers in a storage of PyTorch.
enum class ScalarKind { Float64, Float32, Float16, BFloat16, Int64, Int32, Int16, Int8, UInt8, Bool };
std::size_t sizeOf(ScalarKind kind); ///< bytes of one number
std::string nameOf(ScalarKind kind); ///< "float32"

/// A run of numbers that lies beside the pickle ("storage" of PyTorch). Tensors are views into it.
struct StorageReference {
    ScalarKind scalar = ScalarKind::Float32;
    std::string key;        ///< of its record without the leading folder: "data/0", "constants/0", ".data/0.storage";
                            ///< in a bare pickle and in the older layout the bare key
    std::int64_t count = 0; ///< numbers in it, as the pickle says (not yet checked against the file)
};

/// A tensor as the pickle describes it: a strided view into a storage. Sizes are not negative; nothing else is checked
/// until its numbers are read.
struct TensorReference {
    StorageReference storage;
    std::int64_t offset = 0; ///< in numbers
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides; ///< in numbers
    bool parameter = false;            ///< made by torch._utils._rebuild_parameter
};

class PickleNode;

/// What surrounds a pickle.
struct PickleContext {
    std::shared_ptr<const void> owner; ///< of the bytes: kept alive by the pickle and its nodes
    std::string storagePrefix;         ///< put before the key of a storage ("data/")
    std::string storageSuffix;         ///< and behind it (".storage")
};

/// A pickle read as plain data. The interpreter knows what the opcodes of protocols 0 to 5 build and nothing else: it
/// never imports or calls anything. What a class or function would have made becomes an Object that holds its name, its
/// arguments and its state; a handful of constructors with one fixed meaning are read as values (OrderedDict,
/// defaultdict, set, frozenset, bytes, bytearray, torch.Size, _codecs.encode, torch._utils._rebuild_tensor_v2 and its
/// kin, ..._rebuild_parameter, torch.jit._pickle.build_intlist and its kin).
/// Source of the opcodes: Python's documentation of pickletools; of the calls: what torch.save writes.
/// Memory and time stay proportional to the bytes; values are shared, never copied, so that memo bombs stay small;
/// nothing recurses, so that depth costs nothing.
class Pickle {
public:
    /// Reads one pickle from `bytes`, which must outlive the result and its nodes (or be owned by context.owner). Error
    /// with `origin` and byte offset.
    static Pickle parse(std::string_view bytes, const std::string& origin, const PickleContext& context = {});
    /// Of every storage that it names, in order, once for each mention.
    std::vector<StorageReference> storages() const;
    PickleNode root() const;
    std::size_t bytesRead() const; ///< up to and with the STOP opcode

    struct Data;

private:
    explicit Pickle(std::shared_ptr<const Data> data) : m_data(std::move(data)) {}
    std::shared_ptr<const Data> m_data;
};

enum class PickleKind {
    None,
    Boolean,
    Integer,
    Real,
    Text,
    Bytes,
    Tuple,
    List,
    Set,
    Dictionary,
    Global, ///< a class or function, by name
    Object, ///< what calling or constructing a Global would have given
    Storage,
    Tensor
};

/// A value of a pickle: a cheap handle that keeps the pickle alive. Reading a value as what it is not throws Error that
/// says what is there and at which byte. Graphs with cycles are possible: whoever walks a whole pickle must count.
class PickleNode {
public:
    PickleKind kind() const;
    bool is(PickleKind kind) const { return this->kind() == kind; }
    std::size_t offset() const;        ///< of the opcode that made it, for messages
    const std::string& origin() const; ///< of its pickle, for messages: "model.pt (data.pkl)"

    bool boolean() const;
    /// Of an Integer (or a Boolean). Integers beyond 64 bits are Objects named "int" with one argument: Bytes
    /// (little-endian two's complement) or decimal Text.
    std::int64_t integer() const;
    double real() const;          ///< of a Real or an Integer
    std::string_view text() const;
    std::string_view bytes() const; ///< of Bytes or Text

    /// Tuple, List, Set, Dictionary: number of items (of keys). Object: of items or entries put into it (subclasses of
    /// list and dict).
    std::size_t size() const;
    PickleNode at(std::size_t i) const; ///< item; of a Dictionary the i-th value
    bool hasKeys() const;               ///< Dictionary, or Object with entries
    PickleNode keyAt(std::size_t i) const;
    std::optional<PickleNode> find(std::string_view key) const; ///< value under a text key, the last one given

    /// Global or Object: "torch.nn.modules.linear.Linear".
    std::string_view className() const;
    PickleNode arguments() const;            ///< Object: the Tuple it was made with
    /// Object: the argument of its last BUILD; before one, its keyword arguments if it was made with such. Of an
    /// fx.GraphModule its dictionary of attributes.
    std::optional<PickleNode> state() const;
    /// Object whose state is a Dictionary (or a Tuple of two Dictionaries): an attribute of it.
    std::optional<PickleNode> attribute(std::string_view name) const;

    const StorageReference& storage() const;
    const TensorReference& tensor() const;

    /// An identity: equal for the same value reached by two ways.
    std::size_t id() const;

private:
    friend class Pickle;
    PickleNode(std::shared_ptr<const Pickle::Data> data, std::size_t index) : m_data(std::move(data)), m_index(index) {}
    std::shared_ptr<const Pickle::Data> m_data;
    std::size_t m_index = 0;
};

/// "a dictionary with 12 entries", "the object torch.nn.Linear": for messages.
std::string describe(const PickleNode& node);

} // namespace lodestone
