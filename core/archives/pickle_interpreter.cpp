// The stack machine of pickles. One pass over the bytes; every opcode makes at most a few nodes.
#include "archives/pickle_builder.h"
#include "archives/pickle_opcodes.h"
#include "archives/pickle_text.h"
#include "base/text.h"

#include <algorithm>
#include <bit>

namespace lodestone {
namespace {

using namespace opcode;

// Nodes count in 32 bits. Pickles of models have some megabytes at most.
constexpr std::size_t largestPickle = std::size_t{1} << 30;

class Interpreter {
public:
    Interpreter(Pickle::Data& data, const PickleContext& context)
        : m_data(data),
          m_bytes(data.bytes),
          m_builder(data, context)
    {
    }

    void run()
    {
        for (;;) {
            m_builder.setPosition(m_next);
            const unsigned char opcode =
                static_cast<unsigned char>(take(1, "the pickle (no STOP opcode)")[0]);
            if (opcode == STOP) {
                m_data.root = pop();
                m_data.bytesRead = m_next;
                return;
            }
            if (!stackOperation(opcode) && !number(opcode) && !text(opcode) && !container(opcode) &&
                !object(opcode))
                m_builder.failHere("there is 0x{:02x}, which is no opcode of a pickle", opcode);
        }
    }

private:
    std::string_view take(std::size_t count, const char* what)
    {
        if (count > m_bytes.size() - m_next)
            m_builder.failHere("{} bytes were expected, but {} are left: {} is cut off", count,
                               m_bytes.size() - m_next, what);
        m_next += count;
        return m_bytes.substr(m_next - count, count);
    }
    std::uint64_t unsignedNumber(std::size_t size)
    {
        const std::string_view bytes = take(size, "a number");
        std::uint64_t value = 0;
        for (std::size_t i = size; i-- > 0;)
            value = (value << 8) | static_cast<unsigned char>(bytes[i]);
        return value;
    }
    std::string_view counted(std::size_t sizeOfCount, const char* what)
    {
        const std::uint64_t count = unsignedNumber(sizeOfCount);
        if (count > m_bytes.size() - m_next)
            m_builder.failHere("{} of {} bytes begins, but only {} are left", what, count,
                               m_bytes.size() - m_next);
        return take(static_cast<std::size_t>(count), what);
    }
    std::string_view line()
    {
        const std::size_t end = m_bytes.find('\n', m_next);
        if (end == std::string_view::npos)
            m_builder.failHere("a line was expected, but none ends before the pickle does");
        const std::string_view text = m_bytes.substr(m_next, end - m_next);
        m_next = end + 1;
        return text;
    }

    void push(PickleIndex value) { m_stack.push_back(value); }
    PickleIndex top() const
    {
        if (m_stack.size() <= (m_marks.empty() ? 0 : m_marks.back()))
            m_builder.failHere("a value is taken from an empty stack");
        return m_stack.back();
    }
    PickleIndex pop()
    {
        const PickleIndex value = top();
        m_stack.pop_back();
        return value;
    }
    /// What lies above the last mark, which goes; to be dropped with dropFrom.
    std::size_t unmark()
    {
        if (m_marks.empty())
            m_builder.failHere("the values up to a mark are asked for, but there is no mark");
        const std::size_t begin = m_marks.back();
        m_marks.pop_back();
        return begin;
    }
    std::span<const PickleIndex> from(std::size_t begin) const
    {
        return std::span<const PickleIndex>(m_stack).subspan(begin);
    }
    void dropFrom(std::size_t begin) { m_stack.resize(begin); }

    void recall(std::uint64_t key)
    {
        const PickleIndex value = m_memo.get(key);
        if (value == noNode)
            m_builder.failHere("the value number {} is recalled, but none was stored under it", key);
        push(value);
    }
    std::uint64_t keyOfLine()
    {
        const auto key = parseInteger(line());
        if (!key || *key < 0)
            m_builder.failHere("the number of a stored value is not a whole number");
        return static_cast<std::uint64_t>(*key);
    }

    bool stackOperation(unsigned char opcode)
    {
        switch (opcode) {
        case PROTO:
            if (const auto version = unsignedNumber(1); version > 5)
                m_builder.failHere("the pickle has protocol {}; 0 to 5 are read", version);
            return true;
        case FRAME:
            if (const auto length = unsignedNumber(8); length > m_bytes.size() - m_next)
                m_builder.failHere("a frame of {} bytes begins, but only {} are left", length,
                                   m_bytes.size() - m_next);
            return true;
        case MARK:
            m_marks.push_back(m_stack.size());
            return true;
        case POP:
            // Python lets POP take a mark as well.
            if (!m_marks.empty() && m_marks.back() == m_stack.size())
                m_marks.pop_back();
            else
                pop();
            return true;
        case POP_MARK:
            dropFrom(unmark());
            return true;
        case DUP:
            push(top());
            return true;
        case GET:
            recall(keyOfLine());
            return true;
        case BINGET:
            recall(unsignedNumber(1));
            return true;
        case LONG_BINGET:
            recall(unsignedNumber(4));
            return true;
        case PUT:
            m_memo.put(keyOfLine(), top());
            return true;
        case BINPUT:
            m_memo.put(unsignedNumber(1), top());
            return true;
        case LONG_BINPUT:
            m_memo.put(unsignedNumber(4), top());
            return true;
        case MEMOIZE:
            m_memo.put(m_memo.size(), top());
            return true;
        default:
            return false;
        }
    }

    bool number(unsigned char opcode)
    {
        switch (opcode) {
        case NONE:
            push(m_builder.none());
            return true;
        case NEWTRUE:
        case NEWFALSE:
            push(m_builder.boolean(opcode == NEWTRUE));
            return true;
        case BININT:
            push(m_builder.integer(static_cast<std::int32_t>(static_cast<std::uint32_t>(unsignedNumber(4)))));
            return true;
        case BININT1:
            push(m_builder.integer(static_cast<std::int64_t>(unsignedNumber(1))));
            return true;
        case BININT2:
            push(m_builder.integer(static_cast<std::int64_t>(unsignedNumber(2))));
            return true;
        case INT: {
            const std::string_view digits = line();
            push(digits == "00" || digits == "01" ? m_builder.boolean(digits == "01") : decimal(digits));
            return true;
        }
        case LONG: {
            const std::string_view digits = line();
            push(decimal(digits.substr(0, digits.size() - (digits.ends_with('L') ? 1 : 0))));
            return true;
        }
        case LONG1:
            push(twosComplement(counted(1, "an integer")));
            return true;
        case LONG4:
            push(twosComplement(counted(4, "an integer")));
            return true;
        case FLOAT: {
            const auto value = parseReal(line());
            if (!value)
                m_builder.failHere("a real number was expected");
            push(m_builder.real(*value));
            return true;
        }
        case BINFLOAT: {
            std::uint64_t bits = 0;
            for (const char c : take(8, "a number")) // big-endian, unlike everything else
                bits = (bits << 8) | static_cast<unsigned char>(c);
            push(m_builder.real(std::bit_cast<double>(bits)));
            return true;
        }
        default:
            return false;
        }
    }

    PickleIndex decimal(std::string_view digits)
    {
        if (const auto value = parseInteger(digits))
            return m_builder.integer(*value);
        const std::string_view unsignedDigits = digits.substr(digits.starts_with('-') ? 1 : 0);
        if (unsignedDigits.empty() ||
            unsignedDigits.find_first_not_of("0123456789") != std::string_view::npos)
            m_builder.failHere("a whole number was expected");
        return m_builder.bigInteger(m_builder.slice(PickleKind::Text, digits));
    }

    PickleIndex twosComplement(std::string_view bytes)
    {
        std::size_t size = bytes.size();
        const bool negative = size > 0 && (static_cast<unsigned char>(bytes[size - 1]) & 0x80) != 0;
        const char sign = negative ? '\xff' : '\0';
        const auto signOf = [&bytes](std::size_t i) {
            return (static_cast<unsigned char>(bytes[i]) & 0x80) != 0;
        };
        while (size > 8 && bytes[size - 1] == sign && signOf(size - 2) == negative)
            --size;
        if (size > 8)
            return m_builder.bigInteger(m_builder.slice(PickleKind::Bytes, bytes));
        std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
        for (std::size_t i = size; i-- > 0;)
            value = (value << 8) | static_cast<unsigned char>(bytes[i]);
        return m_builder.integer(std::bit_cast<std::int64_t>(value));
    }

    bool text(unsigned char opcode)
    {
        const auto is = [this](PickleKind kind, std::string_view part) {
            push(m_builder.slice(kind, part));
            return true;
        };
        switch (opcode) {
        case SHORT_BINUNICODE:
            return is(PickleKind::Text, counted(1, "a text"));
        case BINUNICODE:
            return is(PickleKind::Text, counted(4, "a text"));
        case BINUNICODE8:
            return is(PickleKind::Text, counted(8, "a text"));
        case SHORT_BINSTRING: // strings of Python 2: text in every file that is read here
            return is(PickleKind::Text, counted(1, "a text"));
        case BINSTRING:
            return is(PickleKind::Text, counted(4, "a text"));
        case SHORT_BINBYTES:
            return is(PickleKind::Bytes, counted(1, "a run of bytes"));
        case BINBYTES:
            return is(PickleKind::Bytes, counted(4, "a run of bytes"));
        case BINBYTES8:
        case BYTEARRAY8:
            return is(PickleKind::Bytes, counted(8, "a run of bytes"));
        case STRING:
        case UNICODE: {
            const auto decoded = opcode == STRING ? unquoted(line()) : fromRawUnicodeEscape(line());
            if (!decoded)
                m_builder.failHere("a text with valid escapes was expected");
            push(m_builder.copy(PickleKind::Text, *decoded));
            return true;
        }
        case NEXT_BUFFER:
        case READONLY_BUFFER:
            m_builder.failHere("a buffer outside the pickle is asked for, and there is none");
        default:
            return false;
        }
    }

    void makeTuple(std::size_t begin)
    {
        const PickleIndex made = m_builder.tuple(from(begin));
        dropFrom(begin);
        push(made);
    }

    void fill(PickleIndex target, std::size_t begin, bool entries)
    {
        if (entries)
            m_builder.setItems(target, from(begin));
        else
            m_builder.append(target, from(begin));
        dropFrom(begin);
    }

    bool container(unsigned char opcode)
    {
        switch (opcode) {
        case EMPTY_TUPLE:
            makeTuple(m_stack.size());
            return true;
        case TUPLE1:
        case TUPLE2:
        case TUPLE3: {
            const std::size_t count = static_cast<std::size_t>(opcode - TUPLE1 + 1);
            if (m_stack.size() - (m_marks.empty() ? 0 : m_marks.back()) < count)
                m_builder.failHere("a tuple of {} values is asked for, but the stack has fewer", count);
            makeTuple(m_stack.size() - count);
            return true;
        }
        case TUPLE:
            makeTuple(unmark());
            return true;
        case EMPTY_LIST:
            push(m_builder.container(PickleKind::List));
            return true;
        case EMPTY_DICT:
            push(m_builder.container(PickleKind::Dictionary));
            return true;
        case EMPTY_SET:
            push(m_builder.container(PickleKind::Set));
            return true;
        case LIST:
        case FROZENSET:
        case DICT: {
            const std::size_t begin = unmark();
            const PickleIndex made = m_builder.container(opcode == LIST   ? PickleKind::List
                                                         : opcode == DICT ? PickleKind::Dictionary
                                                                          : PickleKind::Set);
            fill(made, begin, opcode == DICT);
            push(made);
            return true;
        }
        case APPEND: {
            const PickleIndex item = pop();
            m_builder.append(top(), {&item, 1});
            return true;
        }
        case SETITEM: {
            const PickleIndex value = pop();
            const PickleIndex entry[] = {pop(), value};
            m_builder.setItems(top(), entry);
            return true;
        }
        case APPENDS:
        case ADDITEMS:
        case SETITEMS: {
            const std::size_t begin = unmark();
            if (begin <= (m_marks.empty() ? 0 : m_marks.back()))
                m_builder.failHere("there is nothing to add items to");
            fill(m_stack[begin - 1], begin, opcode == SETITEMS);
            return true;
        }
        default:
            return false;
        }
    }

    bool object(unsigned char opcode)
    {
        switch (opcode) {
        case GLOBAL: {
            const std::string_view module = line();
            push(m_builder.global(module, line()));
            return true;
        }
        case STACK_GLOBAL: {
            const PickleIndex name = pop();
            const PickleIndex module = pop();
            if (m_builder.entry(name).kind != PickleKind::Text ||
                m_builder.entry(module).kind != PickleKind::Text)
                m_builder.failHere("the name of a class or function is not a text");
            // Copies: the texts may lie where the new name is put.
            push(
                m_builder.global(std::string(m_builder.textOf(module)), std::string(m_builder.textOf(name))));
            return true;
        }
        case EXT1:
        case EXT2:
        case EXT4: {
            const std::size_t size = opcode == EXT1 ? 1 : opcode == EXT2 ? 2 : 4;
            push(m_builder.global("copyreg.extension", std::to_string(unsignedNumber(size))));
            return true;
        }
        case REDUCE:
        case NEWOBJ: {
            const PickleIndex arguments = pop();
            const PickleIndex callable = pop();
            push(opcode == REDUCE ? m_builder.call(callable, arguments)
                                  : m_builder.newObject(callable, arguments));
            return true;
        }
        case NEWOBJ_EX: {
            const PickleIndex keywords = pop();
            const PickleIndex arguments = pop();
            push(m_builder.newObject(pop(), arguments, keywords));
            return true;
        }
        case OBJ: {
            const std::size_t begin = unmark();
            if (begin == m_stack.size())
                m_builder.failHere("an object of no class is asked for");
            const PickleIndex type = m_stack[begin];
            const PickleIndex arguments = m_builder.tuple(from(begin + 1));
            dropFrom(begin);
            push(m_builder.call(type, arguments));
            return true;
        }
        case INST: {
            const std::string_view module = line();
            const PickleIndex type = m_builder.global(module, line());
            const std::size_t begin = unmark();
            const PickleIndex arguments = m_builder.tuple(from(begin));
            dropFrom(begin);
            push(m_builder.call(type, arguments));
            return true;
        }
        case BUILD: {
            const PickleIndex state = pop();
            m_builder.build(top(), state);
            return true;
        }
        case PERSID:
            push(m_builder.persistent(m_builder.slice(PickleKind::Text, line())));
            return true;
        case BINPERSID:
            push(m_builder.persistent(pop()));
            return true;
        default:
            return false;
        }
    }

    Pickle::Data& m_data;
    std::string_view m_bytes;
    PickleBuilder m_builder;
    std::size_t m_next = 0;
    std::vector<PickleIndex> m_stack;
    std::vector<std::size_t> m_marks;
    PickleMemo m_memo;
};

} // namespace

Pickle Pickle::parse(std::string_view bytes, const std::string& origin, const PickleContext& context)
{
    if (bytes.size() > largestPickle)
        fail("{}: the pickle has {} bytes; up to {} are read.", origin, bytes.size(), largestPickle);
    auto data = std::make_shared<Data>();
    data->bytes = bytes;
    data->origin = origin;
    data->owner = context.owner;
    Interpreter(*data, context).run();
    return Pickle(std::move(data));
}

} // namespace lodestone
