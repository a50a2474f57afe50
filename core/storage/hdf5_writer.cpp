#include "storage/hdf5_writer.h"
#include "base/error.h"
#include "base/files.h"

#include <algorithm>
#include <fcntl.h>
#include <hdf5.h>
#include <utility>

namespace lodestone {
namespace {

/// An HDF5 identifier and the function that closes it.
class Handle {
public:
    using Close = herr_t (*)(hid_t);
    Handle(hid_t id, Close close) : m_id(id), m_close(close) {}
    Handle(Handle&& other) noexcept : m_id(std::exchange(other.m_id, H5I_INVALID_HID)), m_close(other.m_close)
    {
    }
    Handle& operator=(Handle&& other) noexcept
    {
        std::swap(m_id, other.m_id);
        std::swap(m_close, other.m_close);
        return *this;
    }
    ~Handle()
    {
        if (m_id >= 0)
            m_close(m_id);
    }
    explicit operator bool() const { return m_id >= 0; }
    hid_t get() const { return m_id; }

private:
    hid_t m_id;
    Close m_close;
};

/// Keeps HDF5 from printing: its error stack is per thread, and this must hold on every thread that comes in
/// here.
void quiet()
{
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

/// The innermost message of HDF5's error stack ("unable to open file", ...), or nothing.
std::string libraryReason()
{
    std::string reason;
    H5Ewalk2(
        H5E_DEFAULT, H5E_WALK_UPWARD,
        [](unsigned n, const H5E_error2_t* entry, void* data) -> herr_t {
            if (n == 0 && entry->desc)
                *static_cast<std::string*>(data) = entry->desc;
            return 0;
        },
        &reason);
    H5Eclear2(H5E_DEFAULT);
    return reason.empty() ? "no reason given" : reason;
}

/// "/a/b" and "a/b" are the same object; "", "a//b", "." and ".." are none.
std::vector<std::string> partsOf(const std::string& name)
{
    std::vector<std::string> parts;
    std::size_t begin = name.starts_with('/') ? 1 : 0;
    while (begin < name.size()) {
        const std::size_t end = std::min(name.find('/', begin), name.size());
        parts.push_back(name.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

} // namespace

struct Hdf5Writer::State {
    State(std::filesystem::path p, Handle f) : path(std::move(p)), file(std::move(f)) {}

    std::filesystem::path path;
    Handle file;

    template<class... Args>
    [[noreturn]] void failAt(const std::string& object, fmt::format_string<Args...> sentence,
                             Args&&... args) const
    {
        fail("{}: '{}' {}", path.string(), object, fmt::format(sentence, std::forward<Args>(args)...));
    }

    bool exists(const std::string& name) const;
    void requireGroups(const std::string& name);
    void writeNumbers(const std::string& name, hid_t diskType, hid_t memoryType, const void* values,
                      std::size_t count, const std::vector<std::int64_t>& shape);
};

bool Hdf5Writer::State::exists(const std::string& name) const
{
    std::string object;
    for (const std::string& part : partsOf(name)) {
        object += "/" + part;
        if (H5Lexists(file.get(), object.c_str(), H5P_DEFAULT) <= 0) {
            H5Eclear2(H5E_DEFAULT); // what stands above may be an array
            return false;
        }
    }
    return true;
}

void Hdf5Writer::State::requireGroups(const std::string& name)
{
    quiet();
    const std::vector<std::string> parts = partsOf(name);
    if (parts.empty())
        throw InternalError(fmt::format("{}: an array without a name cannot be written.", path.string()));
    for (const std::string& part : parts)
        if (part.empty() || part == "." || part == "..")
            throw InternalError(fmt::format("{}: '{}' cannot be the name of an array.", path.string(), name));
    if (exists(name))
        throw InternalError(fmt::format("{}: '{}' is written twice.", path.string(), name));
    std::string group;
    for (std::size_t k = 0; k + 1 < parts.size(); ++k) {
        group += "/" + parts[k];
        if (exists(group))
            continue;
        const Handle made(H5Gcreate2(file.get(), group.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                          H5Gclose);
        if (!made)
            failAt(group, "cannot be made: {}.", libraryReason());
    }
}

void Hdf5Writer::State::writeNumbers(const std::string& name, hid_t diskType, hid_t memoryType,
                                     const void* values, std::size_t count,
                                     const std::vector<std::int64_t>& shape)
{
    std::vector<hsize_t> extents;
    std::uint64_t product = 1;
    for (const std::int64_t extent : shape) {
        if (extent < 0)
            throw InternalError(fmt::format("{}: '{}' has a negative extent.", path.string(), name));
        extents.push_back(static_cast<hsize_t>(extent));
        product *= static_cast<std::uint64_t>(extent);
    }
    if (product != count)
        throw InternalError(
            fmt::format("{}: '{}' has {} values for a shape of {}.", path.string(), name, count, product));
    requireGroups(name);
    const Handle space(shape.empty()
                           ? H5Screate(H5S_SCALAR)
                           : H5Screate_simple(static_cast<int>(shape.size()), extents.data(), nullptr),
                       H5Sclose);
    const Handle dataset(space ? H5Dcreate2(file.get(), name.c_str(), diskType, space.get(), H5P_DEFAULT,
                                            H5P_DEFAULT, H5P_DEFAULT)
                               : H5I_INVALID_HID,
                         H5Dclose);
    if (!dataset)
        failAt(name, "cannot be made: {}.", libraryReason());
    if (count > 0 && H5Dwrite(dataset.get(), memoryType, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        failAt(name, "cannot be written: {}.", libraryReason());
}

Hdf5Writer::Hdf5Writer(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Hdf5Writer::Hdf5Writer(Hdf5Writer&&) noexcept = default;
Hdf5Writer& Hdf5Writer::operator=(Hdf5Writer&&) noexcept = default;
Hdf5Writer::~Hdf5Writer() = default;

Hdf5Writer Hdf5Writer::create(const std::filesystem::path& path)
{
    quiet();
    constexpr std::size_t growth = 1 << 20;
    const Handle inMemory(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    Handle file(H5I_INVALID_HID, H5Fclose);
    if (inMemory && H5Pset_fapl_core(inMemory.get(), growth, false) >= 0)
        // Under another name: HDF5 would try to open a file that is there.
        file = Handle(
            H5Fcreate((path.string() + " in memory").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, inMemory.get()),
            H5Fclose);
    if (!file)
        fail("{}: the HDF5 file cannot be made: {}.", path.string(), libraryReason());
    return Hdf5Writer(std::make_unique<State>(path, std::move(file)));
}

void Hdf5Writer::write(const std::string& name, std::span<const double> values,
                       const std::vector<std::int64_t>& shape)
{
    m_state->writeNumbers(name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, values.data(), values.size(), shape);
}

void Hdf5Writer::write(const std::string& name, std::span<const float> values,
                       const std::vector<std::int64_t>& shape)
{
    m_state->writeNumbers(name, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, values.data(), values.size(), shape);
}

void Hdf5Writer::write(const std::string& name, std::span<const std::int64_t> values,
                       const std::vector<std::int64_t>& shape)
{
    m_state->writeNumbers(name, H5T_STD_I64LE, H5T_NATIVE_INT64, values.data(), values.size(), shape);
}

void Hdf5Writer::write(const std::string& name, std::span<const std::uint8_t> values,
                       const std::vector<std::int64_t>& shape)
{
    m_state->writeNumbers(name, H5T_STD_U8LE, H5T_NATIVE_UINT8, values.data(), values.size(), shape);
}

void Hdf5Writer::writeText(const std::string& name, const std::string& text)
{
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    // HDF5 knows no empty text; the padding makes one of a single zero byte.
    H5Tset_size(type.get(), std::max<std::size_t>(text.size(), 1));
    H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    m_state->writeNumbers(name, type.get(), type.get(), text.c_str(), 1, {});
}

void Hdf5Writer::close()
{
    quiet();
    std::string bytes;
    {
        const Handle file = std::move(m_state->file);
        ssize_t size =
            H5Fflush(file.get(), H5F_SCOPE_LOCAL) < 0 ? -1 : H5Fget_file_image(file.get(), nullptr, 0);
        if (size >= 0) {
            bytes.resize(static_cast<std::size_t>(size));
            size = H5Fget_file_image(file.get(), bytes.data(), bytes.size());
        }
        if (size < 0)
            fail("{}: the HDF5 file cannot be put together: {}.", m_state->path.string(), libraryReason());
    }
    const FileDescriptor out = openForWriting(m_state->path, O_TRUNC);
    writeAll(out.get(), bytes, m_state->path);
}

} // namespace lodestone
