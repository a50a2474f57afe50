#include "base/files.h"
#include "base/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lodestone {
namespace {

namespace fs = std::filesystem;

class FileDescriptor {
public:
    explicit FileDescriptor(int fd) : m_fd(fd) {}
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    int get() const { return m_fd; }

private:
    int m_fd;
};

std::string reason() { return std::strerror(errno); }

void syncPath(const fs::path& path, int flags)
{
    const FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC));
    if (file.get() < 0 || ::fsync(file.get()) != 0)
        fail("{}: could not be flushed to disk: {}.", path.string(), reason());
}

} // namespace

std::string readFile(const fs::path& path, std::uintmax_t limit)
{
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info = {};
    if (file.get() < 0 || ::fstat(file.get(), &info) != 0)
        fail("{}: cannot be opened: {}.", path.string(), reason());
    if (S_ISDIR(info.st_mode))
        fail("{}: is a folder, not a file.", path.string());
    if (static_cast<std::uintmax_t>(info.st_size) > limit)
        fail("{}: is {} bytes long; at most {} are read.", path.string(), info.st_size, limit);
    std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t n = ::read(file.get(), bytes.data() + done, bytes.size() - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("{}: cannot be read: {}.", path.string(), reason());
        if (n == 0)
            break;
        done += static_cast<std::size_t>(n);
    }
    bytes.resize(done);
    return bytes;
}

void replaceFileAtomically(const fs::path& path, const std::function<void(const fs::path&)>& write)
{
    fs::path temporary = path;
    temporary += fmt::format(".{}.tmp", ::getpid());
    try {
        write(temporary);
        syncPath(temporary, O_RDONLY);
        if (::rename(temporary.c_str(), path.c_str()) != 0)
            fail("{}: cannot be replaced: {}.", path.string(), reason());
        const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
        syncPath(folder, O_RDONLY | O_DIRECTORY);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
}

void writeFileAtomically(const fs::path& path, std::string_view bytes)
{
    replaceFileAtomically(path, [&](const fs::path& temporary) {
        const FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (file.get() < 0)
            fail("{}: cannot be written: {}.", path.string(), reason());
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t n = ::write(file.get(), bytes.data() + done, bytes.size() - done);
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0)
                fail("{}: cannot be written: {}.", path.string(), reason());
            done += static_cast<std::size_t>(n);
        }
    });
}

void makeFolder(const fs::path& path)
{
    std::error_code error;
    fs::create_directories(path, error);
    if (error || !fs::is_directory(path))
        fail("{}: the folder cannot be made: {}.", path.string(), error ? error.message() : "a file is in the way");
}

} // namespace lodestone
