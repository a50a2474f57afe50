#include "storage/hdf5_file.h"
#include "base/error.h"

#include <algorithm>
#include <hdf5.h>
#include <utility>

namespace lodestone {
namespace {

/// Arrays above this many elements are refused: no file of ours comes near, and a damaged header must not
/// make us allocate what it says.
constexpr std::uint64_t mostElements = std::uint64_t{1} << 31;

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
    // Of a call that the system refused HDF5 tells all arguments; the system's words are in quotation marks.
    constexpr std::string_view label = "error message = '";
    if (const std::size_t at = reason.find(label); at != std::string::npos) {
        const std::size_t begin = at + label.size();
        reason = reason.substr(begin, reason.find('\'', begin) - begin);
    }
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

struct Hdf5File::State {
    State(std::filesystem::path p, Handle f, bool w) : path(std::move(p)), file(std::move(f)), writable(w) {}

    std::filesystem::path path;
    Handle file;
    bool writable = false;

    template<class... Args>
    [[noreturn]] void failAt(const std::string& object, fmt::format_string<Args...> sentence,
                             Args&&... args) const
    {
        fail("{}: '{}' {}", path.string(), object, fmt::format(sentence, std::forward<Args>(args)...));
    }

    bool exists(const std::string& name) const;
    Handle openDataset(const std::string& name) const;
    std::vector<std::int64_t> shapeOf(const Handle& dataset, const std::string& name) const;
    std::size_t elementsOf(const Handle& dataset, const std::string& name) const;
    H5T_class_t classOf(const Handle& dataset) const;
    void requireClass(const Handle& dataset, const std::string& name, H5T_class_t wanted) const;
    void requireGroups(const std::string& name);
    void writeNumbers(const std::string& name, hid_t diskType, hid_t memoryType, const void* values,
                      std::size_t count, const std::vector<std::int64_t>& shape);
    template<class Number>
    std::vector<Number> read(const std::string& name, H5T_class_t wanted, hid_t memoryType) const;
};

bool Hdf5File::State::exists(const std::string& name) const
{
    std::string path;
    for (const std::string& part : partsOf(name)) {
        if (part.empty() || part == "." || part == "..")
            return false;
        path += "/" + part;
        H5L_info_t link = {};
        if (H5Lget_info(file.get(), path.c_str(), &link, H5P_DEFAULT) < 0) {
            H5Eclear2(H5E_DEFAULT);
            return false;
        }
        if (link.type != H5L_TYPE_HARD)
            failAt(name, "is a link out of its place ('{}'); such links are not followed.", path);
    }
    return true;
}

Handle Hdf5File::State::openDataset(const std::string& name) const
{
    quiet();
    if (!exists(name))
        failAt(name, "is missing.");
    Handle object(H5Oopen(file.get(), name.c_str(), H5P_DEFAULT), H5Oclose);
    if (!object)
        failAt(name, "cannot be opened: {}.", libraryReason());
    if (H5Iget_type(object.get()) != H5I_DATASET)
        failAt(name, "is a group; expected an array.");
    return object;
}

std::vector<std::int64_t> Hdf5File::State::shapeOf(const Handle& dataset, const std::string& name) const
{
    const Handle space(H5Dget_space(dataset.get()), H5Sclose);
    const int rank = space ? H5Sget_simple_extent_ndims(space.get()) : -1;
    if (rank < 0 || H5Sget_simple_extent_type(space.get()) == H5S_NULL)
        failAt(name, "has no usable shape.");
    std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
    if (rank > 0)
        H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
    // Zero extents first: a product with one is zero, whatever the others pretend.
    const bool empty = std::find(extents.begin(), extents.end(), 0) != extents.end();
    std::uint64_t product = 1;
    for (const hsize_t extent : extents) {
        if (extent > mostElements || (!empty && product > mostElements / extent))
            failAt(name, "announces more than {} elements.", mostElements);
        product *= empty ? 0 : extent;
    }
    return {extents.begin(), extents.end()};
}

std::size_t Hdf5File::State::elementsOf(const Handle& dataset, const std::string& name) const
{
    std::size_t product = 1;
    for (const std::int64_t extent : shapeOf(dataset, name))
        product *= static_cast<std::size_t>(extent);
    return product;
}

H5T_class_t Hdf5File::State::classOf(const Handle& dataset) const
{
    const Handle type(H5Dget_type(dataset.get()), H5Tclose);
    return type ? H5Tget_class(type.get()) : H5T_NO_CLASS;
}

void Hdf5File::State::requireClass(const Handle& dataset, const std::string& name, H5T_class_t wanted) const
{
    const H5T_class_t found = classOf(dataset);
    if (found == wanted)
        return;
    const auto word = [](H5T_class_t c) {
        return c == H5T_FLOAT     ? "real numbers"
               : c == H5T_INTEGER ? "integers"
               : c == H5T_STRING  ? "text"
                                  : "another type";
    };
    failAt(name, "holds {}; expected {}.", word(found), word(wanted));
}

void Hdf5File::State::requireGroups(const std::string& name)
{
    quiet();
    if (!writable)
        throw InternalError(
            fmt::format("{}: is open for reading only; '{}' cannot be written.", path.string(), name));
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

void Hdf5File::State::writeNumbers(const std::string& name, hid_t diskType, hid_t memoryType,
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

template<class Number>
std::vector<Number> Hdf5File::State::read(const std::string& name, H5T_class_t wanted, hid_t memoryType) const
{
    const Handle dataset = openDataset(name);
    requireClass(dataset, name, wanted);
    const std::size_t count = elementsOf(dataset, name);
    // A header can announce far more than the file holds (unallocated storage reads as zeros); ours never do.
    const Handle type(H5Dget_type(dataset.get()), H5Tclose);
    const Handle creation(H5Dget_create_plist(dataset.get()), H5Pclose);
    // Deflate packs at most about 1032 to 1.
    const std::size_t densest = H5Pget_nfilters(creation.get()) > 0 ? 1100 : 1;
    if (H5Dget_storage_size(dataset.get()) < count * H5Tget_size(type.get()) / densest)
        failAt(name, "announces {} numbers, but the file does not hold them.", count);
    if (H5Pget_external_count(creation.get()) > 0)
        failAt(name, "keeps its numbers in another file; such arrays are not read.");
    for (int k = 0; k < H5Pget_nfilters(creation.get()); ++k) {
        unsigned flags = 0;
        std::size_t parameters = 0;
        const H5Z_filter_t filter = H5Pget_filter2(creation.get(), static_cast<unsigned>(k), &flags,
                                                   &parameters, nullptr, 0, nullptr, nullptr);
        if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
            failAt(name,
                   "is stored with a filter (number {}) that is not read; expected deflate, shuffle or none.",
                   static_cast<int>(filter));
    }
    std::vector<Number> values(count);
    if (count > 0 && H5Dread(dataset.get(), memoryType, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
        failAt(name, "cannot be read: {}.", libraryReason());
    return values;
}

Hdf5File::Hdf5File(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;
Hdf5File& Hdf5File::operator=(Hdf5File&&) noexcept = default;
Hdf5File::~Hdf5File() = default;

Hdf5File Hdf5File::create(const std::filesystem::path& path)
{
    quiet();
    Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    if (!file)
        fail("{}: the HDF5 file cannot be made: {}.", path.string(), libraryReason());
    return Hdf5File(std::make_unique<State>(path, std::move(file), true));
}

Hdf5File Hdf5File::open(const std::filesystem::path& path)
{
    quiet();
    Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (!file)
        fail("{}: cannot be opened as an HDF5 file: {}.", path.string(), libraryReason());
    return Hdf5File(std::make_unique<State>(path, std::move(file), false));
}

void Hdf5File::write(const std::string& name, std::span<const double> values,
                     const std::vector<std::int64_t>& shape)
{
    m_state->writeNumbers(name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, values.data(), values.size(), shape);
}

void Hdf5File::write(const std::string& name, std::span<const float> values,
                     const std::vector<std::int64_t>& shape)
{
    m_state->writeNumbers(name, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, values.data(), values.size(), shape);
}

void Hdf5File::write(const std::string& name, std::span<const std::int64_t> values,
                     const std::vector<std::int64_t>& shape)
{
    m_state->writeNumbers(name, H5T_STD_I64LE, H5T_NATIVE_INT64, values.data(), values.size(), shape);
}

void Hdf5File::write(const std::string& name, std::span<const std::uint8_t> values,
                     const std::vector<std::int64_t>& shape)
{
    m_state->writeNumbers(name, H5T_STD_U8LE, H5T_NATIVE_UINT8, values.data(), values.size(), shape);
}

void Hdf5File::writeText(const std::string& name, const std::string& text)
{
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    // HDF5 knows no empty text; the padding makes one of a single zero byte.
    H5Tset_size(type.get(), std::max<std::size_t>(text.size(), 1));
    H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    m_state->writeNumbers(name, type.get(), type.get(), text.c_str(), 1, {});
}

bool Hdf5File::has(const std::string& name) const
{
    quiet();
    return m_state->exists(name);
}

std::vector<std::string> Hdf5File::children(const std::string& group) const
{
    quiet();
    const std::string path = group.empty() ? "/" : group;
    if (!m_state->exists(path))
        m_state->failAt(group, "is missing.");
    const Handle object(H5Gopen2(m_state->file.get(), path.c_str(), H5P_DEFAULT), H5Gclose);
    if (!object)
        m_state->failAt(group, "is not a group.");
    std::vector<std::string> names;
    const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* data) -> herr_t {
        static_cast<std::vector<std::string>*>(data)->emplace_back(name);
        return 0;
    };
    if (H5Literate(object.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names) < 0)
        m_state->failAt(group, "cannot be listed: {}.", libraryReason());
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::int64_t> Hdf5File::shape(const std::string& name) const
{
    return m_state->shapeOf(m_state->openDataset(name), name);
}

bool Hdf5File::isFloat32(const std::string& name) const
{
    const Handle dataset = m_state->openDataset(name);
    const Handle type(H5Dget_type(dataset.get()), H5Tclose);
    return H5Tget_class(type.get()) == H5T_FLOAT && H5Tget_size(type.get()) == 4;
}

std::vector<double> Hdf5File::readReals(const std::string& name) const
{
    return m_state->read<double>(name, H5T_FLOAT, H5T_NATIVE_DOUBLE);
}

std::vector<float> Hdf5File::readFloats(const std::string& name) const
{
    return m_state->read<float>(name, H5T_FLOAT, H5T_NATIVE_FLOAT);
}

std::vector<std::int64_t> Hdf5File::readIntegers(const std::string& name) const
{
    return m_state->read<std::int64_t>(name, H5T_INTEGER, H5T_NATIVE_INT64);
}

std::vector<std::uint8_t> Hdf5File::readBytes(const std::string& name) const
{
    const Handle dataset = m_state->openDataset(name);
    const Handle type(H5Dget_type(dataset.get()), H5Tclose);
    if (H5Tget_class(type.get()) != H5T_INTEGER || H5Tget_size(type.get()) != 1)
        m_state->failAt(name, "does not hold bytes.");
    return m_state->read<std::uint8_t>(name, H5T_INTEGER, H5T_NATIVE_UINT8);
}

std::string Hdf5File::readText(const std::string& name) const
{
    const Handle dataset = m_state->openDataset(name);
    m_state->requireClass(dataset, name, H5T_STRING);
    const Handle type(H5Dget_type(dataset.get()), H5Tclose);
    if (m_state->elementsOf(dataset, name) != 1)
        m_state->failAt(name, "holds several texts; expected one.");
    if (H5Tis_variable_str(type.get()) > 0) { // how h5py writes text
        char* text = nullptr;
        const Handle memory(H5Tcopy(type.get()), H5Tclose);
        if (H5Dread(dataset.get(), memory.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &text) < 0)
            m_state->failAt(name, "cannot be read: {}.", libraryReason());
        const std::string result = text ? text : "";
        H5free_memory(text);
        return result;
    }
    const std::size_t size = H5Tget_size(type.get());
    if (size > mostElements || H5Dget_storage_size(dataset.get()) < size)
        m_state->failAt(name, "announces {} bytes of text, but the file does not hold them.", size);
    std::string text(size, '\0');
    if (H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()) < 0)
        m_state->failAt(name, "cannot be read: {}.", libraryReason());
    text.resize(text.find_last_not_of('\0') + 1);
    return text;
}

void Hdf5File::flush()
{
    quiet();
    if (H5Fflush(m_state->file.get(), H5F_SCOPE_LOCAL) < 0)
        fail("{}: cannot be flushed to disk: {}.", m_state->path.string(), libraryReason());
}

} // namespace lodestone
