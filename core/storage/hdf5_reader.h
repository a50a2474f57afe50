#pragma once
#include "archives/hdf5_archive.h"

#include <functional>
#include <map>

namespace lodestone {

/// Reads an HDF5 file by the names of its arrays: deltas, checkpoints and predictions, which may come from
/// strangers. Without the library that wrote them (see Hdf5Archive): no link is followed, and nothing is
/// allocated for what the file does not hold. "/a/b" and "a/b" are the same object. Every failure is an Error
/// that names the file and the object. For one thread at a time.
class Hdf5Reader {
public:
    static Hdf5Reader open(const std::filesystem::path& path);

    bool has(const std::string& name) const; ///< Error where a link to another place stands
    std::vector<std::string> children(const std::string& group) const; ///< sorted names
    std::vector<std::int64_t> shape(const std::string& name) const;    ///< empty: a single element
    bool isFloat32(const std::string& name) const;
    std::vector<double> readReals(const std::string& name) const; ///< from float32 or float64
    std::vector<float> readFloats(const std::string& name) const; ///< from float32 or float64, rounded
    std::vector<std::int64_t> readIntegers(const std::string& name) const; ///< from whole numbers
    std::vector<std::uint8_t> readBytes(const std::string& name) const;
    std::string readText(const std::string& name) const; ///< one text, of fixed or of variable length

private:
    using Links = std::map<std::string, Hdf5Link, std::less<>>;

    explicit Hdf5Reader(Hdf5Archive archive);
    template<class... Args>
    [[noreturn]] void failAt(const std::string& name, fmt::format_string<Args...> sentence,
                             Args&&... args) const;
    const Links& linksOf(const Hdf5Object& group) const;
    std::optional<Hdf5Object> find(const std::string& name) const; ///< nothing if there is none
    const Hdf5Object& array(const std::string& name) const;
    const Hdf5Object& array(const std::string& name, Hdf5Type::Kind kind) const;

    Hdf5Archive m_archive;
    Hdf5Object m_root;
    mutable std::map<std::uint64_t, Links> m_links; ///< of groups, by address, once they were asked for
    mutable std::string m_lastName; ///< type, shape and elements of an array are asked for in a row
    mutable std::optional<Hdf5Object> m_last;
};

} // namespace lodestone
