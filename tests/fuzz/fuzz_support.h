#pragma once
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/files.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <spdlog/spdlog.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

// What targets share whose readers want files, or several of them at once.
namespace lodestone::fuzz {

/// What a reader promises and does not keep is a finding.
inline void check(bool holds)
{
    if (!holds)
        std::abort();
}

/// Whether the body ended without an Error. InternalError is no answer to what a file holds: a finding.
template<class Body>
bool answers(const Body& body)
{
    try {
        body();
        return true;
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) {
        return false;
    }
}

inline std::string_view textOf(const std::uint8_t* data, std::size_t size)
{
    return {reinterpret_cast<const char*>(data), size};
}

/// The files that an input stands for: what lies between lines "===". An empty part means that there is no
/// such file.
inline std::vector<std::string_view> partsOf(std::string_view input, std::size_t most)
{
    constexpr std::string_view separator = "\n===\n";
    std::vector<std::string_view> parts;
    while (parts.size() + 1 < most) {
        const std::size_t end = input.find(separator);
        if (end == std::string_view::npos)
            break;
        parts.push_back(input.substr(0, end));
        input.remove_prefix(end + separator.size());
    }
    parts.push_back(input);
    parts.resize(most);
    return parts;
}

/// A file without a place on a disk.
class MemoryFile {
public:
    explicit MemoryFile(std::string_view bytes) : m_file(::memfd_create("input", MFD_CLOEXEC))
    {
        writeAll(m_file.get(), bytes, "memory");
    }
    std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(m_file.get()); }

private:
    FileDescriptor m_file;
};

/// A folder that an input fills anew: below $TMPDIR, which should lie in memory (/dev/shm). It goes away with
/// the process unless that crashes.
class ScratchFolder {
public:
    ScratchFolder()
        : m_path(std::filesystem::temp_directory_path() / ("lodestone_fuzz_" + std::to_string(::getpid())) /
                 "run")
    {
        std::filesystem::create_directories(m_path);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path.parent_path(), ignored);
    }

    const std::filesystem::path& path() const { return m_path; }
    void makeFolder(const std::filesystem::path& name) const
    {
        std::filesystem::create_directories(m_path / name);
    }
    /// The file `name` with these bytes; without any there is none.
    void put(const std::filesystem::path& name, std::string_view bytes) const
    {
        const std::filesystem::path path = m_path / name;
        ::unlink(path.c_str());
        if (bytes.empty())
            return;
        const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        writeAll(file.get(), bytes, path);
    }

private:
    std::filesystem::path m_path;
};

/// Warnings about lines that are passed over would be most of what a target does.
inline void silenceLog()
{
    spdlog::set_level(spdlog::level::off);
}

} // namespace lodestone::fuzz
