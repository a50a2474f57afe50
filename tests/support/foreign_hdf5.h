#pragma once
#include <cstdint>
#include <filesystem>
#include <hdf5.h>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace lodestone::test {

/// How an array is stored.
struct Hdf5Style {
    std::vector<hsize_t> chunk = {};
    bool deflate = false;
    bool shuffle = false;
    bool fletcher = false;
    bool growing = false;         ///< without a largest extent along the first axis
    hid_t type = H5I_INVALID_HID; ///< on disk; otherwise that of the numbers
};

/// Files as others write them, by the library of HDF5. Groups in names are made as needed.
class ForeignHdf5 {
public:
    /// `newer`: groups and headers as of HDF5 1.8, otherwise as h5py makes them.
    explicit ForeignHdf5(const std::filesystem::path& path, bool newer = false, hsize_t before = 0)
    {
        const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
        const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
        H5Pset_userblock(creation, before);
        if (newer)
            H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
        m_file = checked(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, access));
        m_linkage = checked(H5Pcreate(H5P_LINK_CREATE));
        H5Pset_create_intermediate_group(m_linkage, 1);
        H5Pclose(access);
        H5Pclose(creation);
    }
    ~ForeignHdf5()
    {
        H5Pclose(m_linkage);
        H5Fclose(m_file);
    }
    ForeignHdf5(const ForeignHdf5&) = delete;
    ForeignHdf5& operator=(const ForeignHdf5&) = delete;

    ForeignHdf5& group(const std::string& name)
    {
        H5Gclose(checked(H5Gcreate2(m_file, name.c_str(), m_linkage, H5P_DEFAULT, H5P_DEFAULT)));
        return *this;
    }

    /// An empty shape: a single number.
    template<class Number>
    ForeignHdf5& numbers(const std::string& name, const std::vector<Number>& values,
                         const std::vector<hsize_t>& shape, const Hdf5Style& style = {})
    {
        const hid_t type = memoryType<Number>();
        const hid_t array = make(name, style.type < 0 ? type : style.type, shape, style);
        checked(H5Dwrite(array, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
        H5Dclose(array);
        return *this;
    }
    ForeignHdf5& number(const std::string& name, double value)
    {
        return numbers(name, std::vector<double>{value}, {});
    }
    /// As h5py writes truth values: an enumeration of bytes.
    ForeignHdf5& logicals(const std::string& name, const std::vector<std::int8_t>& values)
    {
        const hid_t type = H5Tenum_create(H5T_NATIVE_INT8);
        const std::int8_t no = 0;
        const std::int8_t yes = 1;
        H5Tenum_insert(type, "FALSE", &no);
        H5Tenum_insert(type, "TRUE", &yes);
        const hid_t array = make(name, type, {values.size()}, {});
        checked(H5Dwrite(array, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
        H5Dclose(array);
        H5Tclose(type);
        return *this;
    }
    /// As h5py writes text: of any length, one without axes.
    ForeignHdf5& text(const std::string& name, const std::string& value)
    {
        return putTexts(name, {value}, {});
    }
    ForeignHdf5& texts(const std::string& name, const std::vector<std::string>& values)
    {
        return putTexts(name, values, {values.size()});
    }
    /// All of one length, with zeros behind shorter ones as in NumPy's arrays of bytes, or with blanks.
    ForeignHdf5& fixedTexts(const std::string& name, const std::vector<std::string>& values,
                            std::size_t width, H5T_str_t filled = H5T_STR_NULLPAD)
    {
        std::string bytes;
        for (std::string value : values) {
            value.resize(width, filled == H5T_STR_SPACEPAD ? ' ' : '\0');
            bytes += value;
        }
        const hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, width);
        H5Tset_strpad(type, filled);
        const hid_t array = make(name, type, {values.size()}, {});
        checked(H5Dwrite(array, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()));
        H5Dclose(array);
        H5Tclose(type);
        return *this;
    }
    /// A text attribute of an array or a group.
    ForeignHdf5& attribute(const std::string& object, const std::string& name, const std::string& value,
                           bool fixed = false)
    {
        const hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, fixed ? value.size() : H5T_VARIABLE);
        const hid_t space = H5Screate(H5S_SCALAR);
        const hid_t made = checked(H5Acreate_by_name(m_file, object.c_str(), name.c_str(), type, space,
                                                     H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        const char* pointer = value.c_str();
        checked(fixed ? H5Awrite(made, type, pointer) : H5Awrite(made, type, &pointer));
        H5Aclose(made);
        H5Sclose(space);
        H5Tclose(type);
        return *this;
    }
    ForeignHdf5& units(const std::string& array, const std::string& value)
    {
        return attribute(array, "units", value);
    }

    ForeignHdf5& softLink(const std::string& name, const std::string& target)
    {
        checked(H5Lcreate_soft(target.c_str(), m_file, name.c_str(), m_linkage, H5P_DEFAULT));
        return *this;
    }
    ForeignHdf5& externalLink(const std::string& name, const std::string& file, const std::string& target)
    {
        checked(
            H5Lcreate_external(file.c_str(), target.c_str(), m_file, name.c_str(), m_linkage, H5P_DEFAULT));
        return *this;
    }
    /// A second name of an object.
    ForeignHdf5& hardLink(const std::string& name, const std::string& target)
    {
        checked(H5Lcreate_hard(m_file, target.c_str(), m_file, name.c_str(), m_linkage, H5P_DEFAULT));
        return *this;
    }
    /// An array without elements ("null"), which h5py calls Empty.
    ForeignHdf5& nothing(const std::string& name)
    {
        const hid_t space = H5Screate(H5S_NULL);
        H5Dclose(checked(
            H5Dcreate2(m_file, name.c_str(), H5T_NATIVE_DOUBLE, space, m_linkage, H5P_DEFAULT, H5P_DEFAULT)));
        H5Sclose(space);
        return *this;
    }
    /// An array whose numbers are in another file.
    ForeignHdf5& externalNumbers(const std::string& name, const std::string& file, hsize_t count)
    {
        const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_external(creation, file.c_str(), 0, 8 * count);
        return declare(name, {count}, creation);
    }
    /// An array that is made of another one in another file.
    ForeignHdf5& virtualNumbers(const std::string& name, const std::string& file, hsize_t count)
    {
        const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
        const hid_t space = H5Screate_simple(1, &count, nullptr);
        checked(H5Pset_virtual(creation, space, file.c_str(), "/x", space));
        H5Sclose(space);
        return declare(name, {count}, creation);
    }
    /// An array of the shape, of which no number is written.
    ForeignHdf5& unwritten(const std::string& name, const std::vector<hsize_t>& shape,
                           const std::vector<hsize_t>& chunk = {})
    {
        const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
        if (!chunk.empty())
            H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
        return declare(name, shape, creation);
    }

private:
    template<class Result>
    static Result checked(Result result)
    {
        if (result < 0)
            throw std::runtime_error("HDF5 did not write what a test asked for");
        return result;
    }
    template<class Number>
    static hid_t memoryType()
    {
        if constexpr (std::is_same_v<Number, double>)
            return H5T_NATIVE_DOUBLE;
        else if constexpr (std::is_same_v<Number, float>)
            return H5T_NATIVE_FLOAT;
        else if constexpr (std::is_same_v<Number, std::uint8_t>)
            return H5T_NATIVE_UINT8;
        else if constexpr (std::is_same_v<Number, std::int16_t>)
            return H5T_NATIVE_INT16;
        else if constexpr (std::is_same_v<Number, std::uint64_t>)
            return H5T_NATIVE_UINT64;
        else
            return H5T_NATIVE_INT64;
    }

    hid_t make(const std::string& name, hid_t type, const std::vector<hsize_t>& shape, const Hdf5Style& style)
    {
        std::vector<hsize_t> most = shape;
        if (style.growing)
            most[0] = H5S_UNLIMITED;
        const hid_t space = shape.empty()
                                ? H5Screate(H5S_SCALAR)
                                : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), most.data());
        const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
        if (!style.chunk.empty())
            H5Pset_chunk(creation, static_cast<int>(style.chunk.size()), style.chunk.data());
        if (style.shuffle)
            H5Pset_shuffle(creation);
        if (style.deflate)
            H5Pset_deflate(creation, 6);
        if (style.fletcher)
            H5Pset_fletcher32(creation);
        const hid_t array =
            checked(H5Dcreate2(m_file, name.c_str(), type, space, m_linkage, creation, H5P_DEFAULT));
        H5Pclose(creation);
        H5Sclose(space);
        return array;
    }

    ForeignHdf5& declare(const std::string& name, const std::vector<hsize_t>& shape, hid_t creation)
    {
        const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
        H5Dclose(checked(
            H5Dcreate2(m_file, name.c_str(), H5T_NATIVE_DOUBLE, space, m_linkage, creation, H5P_DEFAULT)));
        H5Sclose(space);
        H5Pclose(creation);
        return *this;
    }

    ForeignHdf5& putTexts(const std::string& name, const std::vector<std::string>& values,
                          const std::vector<hsize_t>& shape)
    {
        const hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, H5T_VARIABLE);
        H5Tset_cset(type, H5T_CSET_UTF8);
        std::vector<const char*> pointers;
        for (const std::string& value : values)
            pointers.push_back(value.c_str());
        const hid_t array = make(name, type, shape, {});
        checked(H5Dwrite(array, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()));
        H5Dclose(array);
        H5Tclose(type);
        return *this;
    }

    hid_t m_file = H5I_INVALID_HID;
    hid_t m_linkage = H5I_INVALID_HID;
};

} // namespace lodestone::test
