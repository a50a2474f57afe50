#include "base/files.h"
#include "base/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <random>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace lodestone {
namespace {

namespace fs = std::filesystem;

std::string reason()
{
    return std::strerror(errno);
}

void syncFile(const fs::path& path)
{
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0 || ::fsync(file.get()) != 0)
        fail("{}: could not be flushed to disk: {}.", path.string(), reason());
}

fs::path folderOf(const fs::path& path)
{
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void requireFile(int fd, const fs::path& path)
{
    struct stat info = {};
    if (::fstat(fd, &info) != 0)
        fail("{}: cannot be opened: {}.", path.string(), reason());
    if (S_ISDIR(info.st_mode))
        fail("{}: is a folder, not a file.", path.string());
    if (!S_ISREG(info.st_mode))
        fail("{}: is a pipe, a socket or a device, not a file.", path.string());
}

/// A new file beside `path`, which nobody can have put there before.
fs::path makeTemporary(const fs::path& path)
{
    mode_t mode = 0644;
    struct stat old = {};
    const bool replaces = ::lstat(path.c_str(), &old) == 0;
    if (replaces && !S_ISREG(old.st_mode) && !S_ISLNK(old.st_mode))
        fail("{}: cannot be replaced: it is a folder, a pipe, a socket or a device, not a file.",
             path.string());
    const bool keepsMode = replaces && S_ISREG(old.st_mode);
    std::random_device random;
    for (int attempt = 0; attempt < 100; ++attempt) {
        fs::path temporary = path;
        temporary += fmt::format(".{}-{:08x}.tmp", ::getpid(), random());
        const FileDescriptor file(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
        if (file.get() < 0 && errno == EEXIST)
            continue;
        if (file.get() < 0)
            fail("{}: cannot be written: {}.", path.string(), reason());
        // What the user has hidden from others stays hidden; where the system refuses, the file is as new
        // ones are.
        if (keepsMode && ::fchmod(file.get(), old.st_mode & 0777) != 0 && errno != EPERM)
            fail("{}: cannot be written: {}.", path.string(), reason());
        return temporary;
    }
    fail("{}: cannot be written: no name is left for a temporary file.", path.string());
}

/// Whether makeTemporary() may have given this name to a file beside one called `target`, in any process.
bool isTemporaryOf(const std::string& target, std::string_view name)
{
    constexpr std::string_view end = ".tmp";
    constexpr std::size_t randomDigits = 8;
    if (!name.starts_with(target + ".") || !name.ends_with(end) ||
        name.size() < target.size() + 1 + end.size())
        return false;
    name.remove_prefix(target.size() + 1);
    name.remove_suffix(end.size());
    const std::size_t dash = name.find_first_not_of("0123456789");
    return dash != 0 && dash != std::string_view::npos && name[dash] == '-' &&
           name.size() == dash + 1 + randomDigits &&
           name.find_first_not_of("0123456789abcdef", dash + 1) == std::string_view::npos;
}

} // namespace

void syncFolder(const fs::path& path)
{
    const FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 && errno == EACCES)
        return; // one may write into a folder that one must not read
    if (folder.get() >= 0 && ::fsync(folder.get()) == 0)
        return;
    // Some network file systems keep their names safe without this call, and do not know it for folders.
    if (folder.get() >= 0 && (errno == EINVAL || errno == ENOTSUP || errno == ENOSYS))
        return;
    fail("{}: could not be flushed to disk: {}.", path.string(), reason());
}

FileDescriptor openForReading(const fs::path& path)
{
    // Without O_NONBLOCK opening a pipe would wait for a writer; with files it means nothing.
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (file.get() < 0)
        fail("{}: cannot be opened: {}.", path.string(), reason());
    requireFile(file.get(), path);
    return file;
}

FileDescriptor openForWriting(const fs::path& path, int flags)
{
    const int access = (flags & O_ACCMODE) == O_RDWR ? O_RDWR : O_WRONLY;
    FileDescriptor file(
        ::open(path.c_str(), access | flags | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644));
    if (file.get() < 0 && errno == ELOOP)
        fail("{}: cannot be written: it is a symbolic link, through which Lodestone does not write.",
             path.string());
    if (file.get() < 0)
        fail("{}: cannot be written: {}.", path.string(), reason());
    requireFile(file.get(), path);
    return file;
}

std::size_t readAt(int fd, std::uintmax_t offset, char* into, std::size_t size, const fs::path& path)
{
    std::size_t done = 0;
    while (done < size) {
        const ssize_t n = ::pread(fd, into + done, size - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("{}: cannot be read: {}.", path.string(), reason());
        if (n == 0)
            break;
        done += static_cast<std::size_t>(n);
    }
    return done;
}

void writeAll(int fd, std::string_view bytes, const fs::path& path)
{
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("{}: cannot be written: {}.", path.string(), reason());
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

std::string readFile(const fs::path& path, std::uintmax_t limit)
{
    const FileDescriptor file = openForReading(path);
    struct stat info = {};
    if (::fstat(file.get(), &info) != 0)
        fail("{}: cannot be opened: {}.", path.string(), reason());
    if (static_cast<std::uintmax_t>(info.st_size) > limit)
        fail("{}: is {} bytes long; at most {} are read.", path.string(), info.st_size, limit);
    std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
    bytes.resize(readAt(file.get(), 0, bytes.data(), bytes.size(), path));
    return bytes;
}

void moveIntoPlace(const fs::path& from, const fs::path& path)
{
    syncFile(from);
    if (::rename(from.c_str(), path.c_str()) != 0)
        fail("{}: cannot be replaced: {}.", path.string(), reason());
    syncFolder(folderOf(path));
}

void replaceFileAtomically(const fs::path& path, const std::function<void(const fs::path&)>& write)
{
    const fs::path temporary = makeTemporary(path);
    try {
        write(temporary);
        moveIntoPlace(temporary, path);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
}

void writeFileAtomically(const fs::path& path, std::string_view bytes)
{
    replaceFileAtomically(path, [&](const fs::path& temporary) {
        const FileDescriptor file = openForWriting(temporary, O_TRUNC);
        writeAll(file.get(), bytes, path);
    });
}

void removeTemporaries(const fs::path& path)
{
    std::error_code error, ignored;
    const std::string target = path.filename().string();
    for (fs::directory_iterator entry(folderOf(path), error), end; !error && entry != end;
         entry.increment(error))
        if (isTemporaryOf(target, entry->path().filename().string()))
            fs::remove(entry->path(), ignored);
}

void makeFolder(const fs::path& path)
{
    std::error_code error;
    std::vector<fs::path> parents; // of the folders that are not there yet
    for (fs::path at = path; !at.empty() && !fs::exists(at, error); at = at.parent_path())
        if (at.has_filename())
            parents.push_back(folderOf(at));
    fs::create_directories(path, error);
    std::error_code look;
    if (!fs::is_directory(path, look))
        fail("{}: the folder cannot be made: {}.", path.string(),
             error  ? error.message()
             : look ? look.message()
                    : "a file is in the way");
    for (const fs::path& parent : parents)
        syncFolder(parent);
}

} // namespace lodestone
