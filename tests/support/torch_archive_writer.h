#pragma once
// Writes the files that core/archives reads, sound ones and broken ones: zip archives, pickles, and the
// layouts of PyTorch. Tests make their files with it, so that no foreign file is committed.
#include "archives/pickle.h"

#include <cstring>
#include <functional>
#include <zlib.h>

namespace lodestone::test {

inline std::string littleEndian(std::uint64_t value, std::size_t bytes)
{
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i)
        text += static_cast<char>(value >> (8 * i));
    return text;
}

inline std::uint32_t crcOf(std::string_view bytes)
{
    return static_cast<std::uint32_t>(crc32(
        crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

inline std::string deflated(std::string_view bytes)
{
    z_stream stream{};
    deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string input(bytes);
    std::string output(deflateBound(&stream, static_cast<uLong>(input.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(output.data());
    stream.avail_out = static_cast<uInt>(output.size());
    deflate(&stream, Z_FINISH);
    output.resize(stream.total_out);
    deflateEnd(&stream);
    return output;
}

/// How an entry is written.
struct ZipStyle {
    bool deflate = false;
    bool descriptor = false; ///< checksum and sizes behind the bytes, as PyTorch does
    bool signature = true;   ///< of that descriptor
    bool wide = false;       ///< zip64 sizes and offset
    std::size_t align = 0;   ///< bytes begin at a multiple of this (extra field "FB" of PyTorch)
};

class ZipWriter {
public:
    ZipWriter& add(const std::string& name, std::string_view bytes, const ZipStyle& style = {})
    {
        const std::string stored = style.deflate ? deflated(bytes) : std::string(bytes);
        return addPacked(name, stored, bytes.size(), crcOf(bytes), style);
    }

    /// Bytes that are packed already, or are said to be.
    ZipWriter& addPacked(const std::string& name, std::string_view stored, std::size_t unpacked,
                         std::uint32_t crc, const ZipStyle& style)
    {
        const std::uint64_t offset = m_file.size();
        const auto flags = littleEndian(0x800 | (style.descriptor ? 8 : 0), 2);
        const auto method = littleEndian(style.deflate ? 8 : 0, 2);
        const std::string stamp(4, '\0');
        const auto sizes = [&](std::size_t size) {
            return littleEndian(stored.size(), size) + littleEndian(unpacked, size);
        };
        const std::string hidden(8, '\xff');
        std::string extra; // local: unpacked size first
        if (style.wide && !style.descriptor)
            extra = littleEndian(1, 2) + littleEndian(16, 2) + littleEndian(unpacked, 8) +
                    littleEndian(stored.size(), 8);
        const std::size_t begin = m_file.size() + 30 + name.size() + extra.size();
        if (style.align != 0) {
            const std::size_t padding = (style.align - (begin + 4) % style.align) % style.align;
            extra += "FB" + littleEndian(padding, 2) + std::string(padding, 'Z');
        }
        m_file += "PK\3\4" + littleEndian(style.wide ? 45 : 0, 2) + flags + method + stamp;
        m_file += style.descriptor ? std::string(12, '\0')
                                   : littleEndian(crc, 4) + (style.wide ? hidden : sizes(4));
        m_file += littleEndian(name.size(), 2) + littleEndian(extra.size(), 2) + name + extra;
        m_file += stored;
        if (style.descriptor)
            m_file += (style.signature ? "PK\7\10" : "") + littleEndian(crc, 4) + sizes(style.wide ? 8 : 4);
        std::string far;
        if (style.wide)
            far = littleEndian(1, 2) + littleEndian(24, 2) + littleEndian(unpacked, 8) +
                  littleEndian(stored.size(), 8) + littleEndian(offset, 8);
        m_directory += "PK\1\2" + std::string(2, '\0') + littleEndian(style.wide ? 45 : 0, 2) + flags +
                       method + stamp + littleEndian(crc, 4) + (style.wide ? hidden : sizes(4)) +
                       littleEndian(name.size(), 2) + littleEndian(far.size(), 2) + std::string(10, '\0') +
                       (style.wide ? std::string(4, '\xff') : littleEndian(offset, 4)) + name + far;
        ++m_entries;
        return *this;
    }

    /// The whole archive; `wide` ends it as zip64 archives end, which PyTorch always does.
    std::string finish(bool wide = false) const
    {
        std::string file = m_file + m_directory;
        const auto entries = littleEndian(m_entries, 2) + littleEndian(m_entries, 2);
        if (wide)
            file += std::string("PK\6\6", 4) + littleEndian(44, 8) + littleEndian(0x031e, 2) +
                    littleEndian(45, 2) + std::string(8, '\0') + littleEndian(m_entries, 8) +
                    littleEndian(m_entries, 8) + littleEndian(m_directory.size(), 8) +
                    littleEndian(m_file.size(), 8) + "PK\6\7" + std::string(4, '\0') +
                    littleEndian(m_file.size() + m_directory.size(), 8) + littleEndian(1, 4);
        return file + "PK\5\6" + std::string(4, '\0') + entries + littleEndian(m_directory.size(), 4) +
               littleEndian(m_file.size(), 4) + std::string(2, '\0');
    }

private:
    std::string m_file;
    std::string m_directory;
    std::size_t m_entries = 0;
};

template<class T>
constexpr ScalarKind scalarKindOf()
{
    if constexpr (std::is_same_v<T, double>)
        return ScalarKind::Float64;
    else if constexpr (std::is_same_v<T, float>)
        return ScalarKind::Float32;
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return ScalarKind::Int64;
    else if constexpr (std::is_same_v<T, std::int32_t>)
        return ScalarKind::Int32;
    else
        return ScalarKind::UInt8;
}

inline std::string bytesOf(const std::vector<float>& values)
{
    return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

inline std::vector<float> floatsOf(const std::string& bytes)
{
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    return values;
}

/// first, first + 1, ...
inline std::vector<float> counting(int count, float first = 0)
{
    std::vector<float> values;
    for (int i = 0; i < count; ++i)
        values.push_back(first + static_cast<float>(i));
    return values;
}

/// Writes a pickle opcode by opcode (protocol 2, as torch.save does), and the usual things built of them.
/// Parts that belong inside are written by the functions given.
class PickleWriter {
public:
    using Inside = std::function<void()>;

    explicit PickleWriter(int protocol = 2)
    {
        if (protocol >= 2)
            raw("\x80").raw(littleEndian(static_cast<std::uint64_t>(protocol), 1));
    }
    PickleWriter& raw(std::string_view bytes)
    {
        m_bytes += bytes;
        return *this;
    }
    std::string finish() const { return m_bytes + "."; }
    std::size_t size() const { return m_bytes.size(); }

    PickleWriter& none() { return raw("N"); }
    PickleWriter& boolean(bool value) { return raw(value ? "\x88" : "\x89"); }
    PickleWriter& integer(std::int64_t value)
    {
        if (value >= 0 && value < 256)
            return raw("K").raw(littleEndian(static_cast<std::uint64_t>(value), 1));
        if (value >= -(std::int64_t{1} << 31) && value < (std::int64_t{1} << 31))
            return raw("J").raw(littleEndian(static_cast<std::uint64_t>(value), 4));
        return raw("\x8a\x08").raw(littleEndian(static_cast<std::uint64_t>(value), 8));
    }
    PickleWriter& real(double value)
    {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        const std::string little = littleEndian(bits, 8);
        return raw("G").raw(std::string(little.rbegin(), little.rend()));
    }
    PickleWriter& text(std::string_view value)
    {
        return raw("X").raw(littleEndian(value.size(), 4)).raw(value);
    }
    PickleWriter& bytes(std::string_view value)
    {
        return raw("B").raw(littleEndian(value.size(), 4)).raw(value);
    }
    PickleWriter& global(std::string_view module, std::string_view name)
    {
        return raw("c").raw(module).raw("\n").raw(name).raw("\n");
    }
    PickleWriter& put(std::uint32_t number) { return raw("r").raw(littleEndian(number, 4)); }
    PickleWriter& get(std::uint32_t number) { return raw("j").raw(littleEndian(number, 4)); }

    PickleWriter& tuple(const Inside& items = {}) { return marked(items, "t"); }
    PickleWriter& list(const Inside& items = {})
    {
        raw("]");
        return items ? marked(items, "e") : *this;
    }
    /// entries: key and value in turn.
    PickleWriter& dictionary(const Inside& entries = {})
    {
        raw("}");
        return entries ? marked(entries, "u") : *this;
    }
    PickleWriter& orderedDictionary(const Inside& entries = {})
    {
        global("collections", "OrderedDict").raw(")R");
        return entries ? marked(entries, "u") : *this;
    }
    /// function(*arguments)
    PickleWriter& call(std::string_view module, std::string_view function, const Inside& arguments = {})
    {
        return global(module, function).tuple(arguments).raw("R");
    }
    /// cls.__new__(cls, *arguments)
    PickleWriter& object(std::string_view module, std::string_view type, const Inside& arguments = {})
    {
        return global(module, type).tuple(arguments).raw("\x81");
    }
    /// An object without arguments and with attributes: key and value in turn.
    PickleWriter& objectWith(std::string_view module, std::string_view type, const Inside& attributes)
    {
        return object(module, type).dictionary(attributes).raw("b");
    }
    /// A torch.nn.Module; each part writes key and value in turn.
    PickleWriter& module(std::string_view module, std::string_view type, const Inside& parameters = {},
                         const Inside& buffers = {}, const Inside& modules = {},
                         const Inside& attributes = {})
    {
        return objectWith(module, type, [&] {
            text("training").boolean(false);
            text("_parameters").orderedDictionary(parameters);
            text("_buffers").orderedDictionary(buffers);
            text("_modules").orderedDictionary(modules);
            if (attributes)
                attributes();
        });
    }
    PickleWriter& storage(ScalarKind scalar, std::string_view key, std::int64_t count)
    {
        return tuple([&] {
                   text("storage").global("torch", storageClass(scalar)).text(key).text("cpu").integer(count);
               })
            .raw("Q");
    }
    PickleWriter& tensor(const TensorReference& tensor)
    {
        const auto rebuilt = [&] {
            call("torch._utils", "_rebuild_tensor_v2", [&] {
                storage(tensor.storage.scalar, tensor.storage.key, tensor.storage.count)
                    .integer(tensor.offset);
                for (const auto& extents : {tensor.shape, tensor.strides})
                    tuple([&] {
                        for (const std::int64_t extent : extents)
                            integer(extent);
                    });
                boolean(false).orderedDictionary();
            });
        };
        if (tensor.parameter)
            call("torch._utils", "_rebuild_parameter", [&] {
                rebuilt();
                boolean(true).orderedDictionary();
            });
        else
            rebuilt();
        return *this;
    }

    /// Storages that the pickle names.
    struct Storage {
        StorageReference reference;
        std::string bytes;
    };
    std::vector<Storage> storages;

    /// Adds one under the next number as key; writes nothing.
    StorageReference store(ScalarKind scalar, std::string bytes)
    {
        StorageReference reference{scalar, std::to_string(storages.size()),
                                   static_cast<std::int64_t>(bytes.size() / sizeOf(scalar))};
        storages.push_back({reference, std::move(bytes)});
        return reference;
    }
    template<class T>
    StorageReference store(const std::vector<T>& values)
    {
        return store(scalarKindOf<T>(),
                     std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)));
    }
    /// A tensor in a storage of its own, in C order.
    template<class T>
    PickleWriter& values(const std::vector<T>& values, const std::vector<std::int64_t>& shape,
                         bool parameter = false)
    {
        TensorReference reference{store(values), 0, shape, shape, parameter};
        std::int64_t stride = 1;
        for (std::size_t i = shape.size(); i-- > 0; stride *= shape[i])
            reference.strides[i] = stride;
        return tensor(reference);
    }

    static std::string storageClass(ScalarKind scalar)
    {
        switch (scalar) {
        case ScalarKind::Float64:
            return "DoubleStorage";
        case ScalarKind::Float32:
            return "FloatStorage";
        case ScalarKind::Float16:
            return "HalfStorage";
        case ScalarKind::BFloat16:
            return "BFloat16Storage";
        case ScalarKind::Int64:
            return "LongStorage";
        case ScalarKind::Int32:
            return "IntStorage";
        case ScalarKind::Int16:
            return "ShortStorage";
        case ScalarKind::Int8:
            return "CharStorage";
        case ScalarKind::UInt8:
            return "ByteStorage";
        case ScalarKind::Bool:
            return "BoolStorage";
        }
        return {};
    }

private:
    PickleWriter& marked(const Inside& inside, std::string_view end)
    {
        raw("(");
        if (inside)
            inside();
        return raw(end);
    }

    std::string m_bytes;
};

/// A whole file of PyTorch.
struct TorchFileWriter {
    PickleWriter data;
    PickleWriter constants;                                   ///< TorchScript only; writes its tuple itself
    std::vector<std::pair<std::string, std::string>> records; ///< more of them
    std::string folder = "archive";
    ZipStyle style{.descriptor = true, .align = 64};

    std::string saved() const { return zip(false); }
    std::string script() const { return zip(true); }
    /// The layout of torch.save before 1.6.
    std::string legacy() const
    {
        std::string file = PickleWriter().raw("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19").finish();
        file += PickleWriter().raw("M").raw(littleEndian(1001, 2)).finish();
        PickleWriter system;
        system.dictionary([&] {
            system.text("protocol_version").integer(1001);
            system.text("little_endian").boolean(true);
        });
        file += system.finish() + data.finish();
        PickleWriter keys;
        keys.list([&] {
            for (const auto& storage : data.storages)
                keys.text(storage.reference.key);
        });
        file += keys.finish();
        for (const auto& storage : data.storages)
            file += littleEndian(static_cast<std::uint64_t>(storage.reference.count), 8) + storage.bytes;
        return file;
    }

private:
    std::string zip(bool script) const
    {
        ZipWriter writer;
        // Without bytes PyTorch writes no descriptor.
        const auto add = [&](const std::string& name, const std::string& bytes) {
            ZipStyle own = style;
            own.descriptor = style.descriptor && !bytes.empty();
            writer.add(folder + "/" + name, bytes, own);
        };
        add("data.pkl", data.finish());
        for (const auto& storage : data.storages)
            add("data/" + storage.reference.key, storage.bytes);
        if (script) {
            for (const auto& storage : constants.storages)
                add("constants/" + storage.reference.key, storage.bytes);
            add("constants.pkl", constants.finish());
        }
        for (const auto& [name, bytes] : records)
            add(name, bytes);
        add("version", "3\n");
        return writer.finish(true);
    }
};

} // namespace lodestone::test
