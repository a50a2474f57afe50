// Preloaded by the tests into lodestone-engine (LD_PRELOAD): writes down every change below one folder, and
// makes changes fail as a full, broken, read-only or lost disk does. write_journal.h says how it is told to.
// What stdio does inside of libc (engine.log) is not seen here.
#include "write_journal.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

using namespace lodestone::test;

namespace {

struct Fault {
    std::string kind; // empty: none
    long from = 0, count = 0;
    int error = 0;
    std::string text;
    long seen = 0;
    bool torn = false; // half of a write was taken already
};

struct OpenFile {
    std::string path;
    std::uint64_t handle = 0;
    bool append = false;
};

struct Watch {
    std::recursive_mutex mutex; // a write may be asked for while one is written down
    std::string folder;
    int journal = -1;
    long kill = -1, changes = 0;
    bool half = false;
    Fault fault;
    std::map<int, OpenFile> files;
    std::uint64_t handles = 0;
    double clockStep = 0, clockInterval = 0;
    timespec start = {};
};

const char* setting(const char* name)
{
    const char* value = std::getenv(name);
    return value && *value ? value : nullptr;
}

Watch* makeWatch()
{
    auto* watch = new Watch; // never deleted: files are closed after the destructors of globals
    if (const char* folder = setting("LODESTONE_WATCHED"))
        watch->folder = folder;
    if (const char* journal = setting("LODESTONE_JOURNAL"))
        watch->journal = static_cast<int>(
            ::syscall(SYS_openat, AT_FDCWD, journal, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (const char* kill = setting("LODESTONE_KILL")) {
        std::istringstream text(kill);
        std::string half;
        text >> watch->kill >> half;
        watch->half = half == "half";
    }
    if (const char* fault = setting("LODESTONE_FAULT")) {
        std::istringstream text(fault);
        text >> watch->fault.kind >> watch->fault.from >> watch->fault.count >> watch->fault.error >>
            watch->fault.text;
    }
    if (const char* clock = setting("LODESTONE_CLOCK")) {
        std::istringstream text(clock);
        text >> watch->clockStep >> watch->clockInterval;
    }
    ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &watch->start);
    return watch;
}

Watch& watch()
{
    static Watch* const made = makeWatch();
    return *made;
}

bool isWatched(const std::string& path)
{
    const std::string& folder = watch().folder;
    return !folder.empty() && path.starts_with(folder) &&
           (path.size() == folder.size() || path[folder.size()] == '/');
}

/// As an absolute name; not resolved, since the tests name the folder as the engine does.
std::string absolutePath(int folder, const char* path)
{
    if (!path || *path == '/')
        return path ? path : "";
    char at[PATH_MAX] = {};
    const std::string link =
        folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/" + std::to_string(folder);
    const ssize_t length = ::readlink(link.c_str(), at, sizeof at - 1);
    return length > 0 ? std::string(at, static_cast<std::size_t>(length)) + "/" + path : path;
}

void note(Change change, const std::string& first, const std::string& second = {}, std::uint64_t handle = 0,
          std::uint64_t offset = 0, const void* data = nullptr, std::size_t bytes = 0, std::uint32_t flag = 0)
{
    Watch& w = watch();
    if (w.journal < 0)
        return;
    JournalHead head;
    head.change = change;
    head.first = static_cast<std::uint32_t>(first.size());
    head.second = static_cast<std::uint32_t>(second.size());
    head.flag = flag;
    head.offset = offset;
    head.bytes = bytes;
    head.handle = handle;
    const iovec parts[] = {{&head, sizeof head},
                           {const_cast<char*>(first.data()), first.size()},
                           {const_cast<char*>(second.data()), second.size()},
                           {const_cast<void*>(data), bytes}};
    std::size_t wanted = 0;
    for (const iovec& part : parts)
        wanted += part.iov_len;
    if (::syscall(SYS_writev, w.journal, parts, std::size(parts)) != static_cast<ssize_t>(wanted))
        std::abort(); // a journal with holes would make the test pass for nothing
}

enum class Verdict { Do, Half, Fail };

/// Sets errno for a change that is to fail, and lets the test know that one does.
void beginFault()
{
    if (const char* note = setting("LODESTONE_FAULT_NOTE"))
        ::syscall(SYS_close, ::syscall(SYS_openat, AT_FDCWD, note, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    errno = watch().fault.error;
}

/// What is to become of the next change; errno is set where it is to fail. Does not come back if the program
/// is to be killed here. `room`: it takes room on the disk.
Verdict judge(const std::string& path, bool room, bool sync, bool change = true, bool canTear = false)
{
    Watch& w = watch();
    if (change && w.kill >= 0 && w.changes++ == w.kill) {
        if (w.half && canTear)
            return Verdict::Half;
        ::kill(::getpid(), SIGKILL);
    }
    Fault& f = w.fault;
    const bool meant = f.kind == "any" || (f.kind == "change" && change) || (f.kind == "space" && room) ||
                       (f.kind == "sync" && sync);
    if (!meant || path.find(f.text) == std::string::npos)
        return Verdict::Do;
    const long number = f.seen++;
    if (number < f.from || (f.count > 0 && number >= f.from + f.count))
        return Verdict::Do;
    if (f.kind == "space" && canTear && !f.torn) {
        f.torn = true;
        --f.seen;
        return Verdict::Half;
    }
    beginFault();
    return Verdict::Fail;
}

bool mustDie()
{
    const Watch& w = watch();
    return w.kill >= 0 && w.changes > w.kill;
}

int openFile(int folder, const char* name, int flags, mode_t mode)
{
    const auto really = [&] { return static_cast<int>(::syscall(SYS_openat, folder, name, flags, mode)); };
    const std::string path = absolutePath(folder, name);
    if (!isWatched(path))
        return really();
    Watch& w = watch();
    const std::lock_guard guard(w.mutex);
    const bool writes = (flags & O_ACCMODE) != O_RDONLY;
    const bool existed = ::syscall(SYS_faccessat, AT_FDCWD, path.c_str(), F_OK) == 0;
    const bool changes = writes && (existed || (flags & O_CREAT) != 0);
    if (judge(path, changes, false, changes) == Verdict::Fail)
        return -1;
    const int fd = really();
    if (fd < 0)
        return fd;
    OpenFile file{path, ++w.handles, (flags & O_APPEND) != 0};
    const bool anew = (writes && (flags & O_TRUNC) != 0) || !existed;
    note(writes ? Change::Open : Change::OpenToRead, path, {}, file.handle, 0, nullptr, 0, anew ? 1 : 0);
    w.files[fd] = std::move(file);
    return fd;
}

/// offset < 0: where the file stands.
ssize_t writeFile(int fd, const char* data, std::size_t bytes, off_t offset)
{
    const auto really = [&](std::size_t count) -> ssize_t {
        return offset < 0 ? ::syscall(SYS_write, fd, data, count)
                          : ::syscall(SYS_pwrite64, fd, data, count, offset);
    };
    Watch& w = watch();
    const std::lock_guard guard(w.mutex);
    const auto found = w.files.find(fd);
    if (found == w.files.end())
        return really(bytes);
    const OpenFile& file = found->second;
    off_t at = offset;
    if (offset < 0)
        at = ::lseek(fd, 0, file.append ? SEEK_END : SEEK_CUR);
    const Verdict verdict = judge(file.path, true, false, true, bytes > 1);
    if (verdict == Verdict::Fail)
        return -1;
    const ssize_t done = really(verdict == Verdict::Half ? bytes / 2 : bytes);
    if (verdict == Verdict::Half && mustDie())
        ::kill(::getpid(), SIGKILL);
    if (done > 0)
        note(Change::Write, file.path, {}, file.handle, static_cast<std::uint64_t>(at), data,
             static_cast<std::size_t>(done));
    return done;
}

ssize_t writeParts(int fd, const iovec* parts, int count, off_t offset)
{
    std::string all;
    for (int k = 0; k < count; ++k)
        all.append(static_cast<const char*>(parts[k].iov_base), parts[k].iov_len);
    return writeFile(fd, all.data(), all.size(), offset);
}

int truncateFile(int fd, off_t size)
{
    Watch& w = watch();
    const std::lock_guard guard(w.mutex);
    const auto found = w.files.find(fd);
    if (found != w.files.end() && judge(found->second.path, false, false) == Verdict::Fail)
        return -1;
    const int result = static_cast<int>(::syscall(SYS_ftruncate, fd, size));
    if (result == 0 && found != w.files.end())
        note(Change::Truncate, found->second.path, {}, found->second.handle,
             static_cast<std::uint64_t>(size));
    return result;
}

int syncFile(int fd, long call)
{
    Watch& w = watch();
    const std::lock_guard guard(w.mutex);
    const auto found = w.files.find(fd);
    if (found != w.files.end() && judge(found->second.path, false, true) == Verdict::Fail)
        return -1;
    const int result = static_cast<int>(::syscall(call, fd));
    if (result == 0 && found != w.files.end())
        note(Change::Sync, found->second.path, {}, found->second.handle);
    return result;
}

/// A change of names: `first` must be watched to be noted.
template<class Really>
int changeName(Change change, const std::string& first, const std::string& second, Really really)
{
    if (!isWatched(first) && !isWatched(second))
        return really();
    const std::lock_guard guard(watch().mutex);
    if (judge(first, change == Change::MakeFolder, false) == Verdict::Fail)
        return -1;
    const int result = really();
    if (result == 0)
        note(change, first, second);
    return result;
}

template<class Really>
int lookAt(int folder, const char* name, Really really)
{
    const std::string path = absolutePath(folder, name);
    if (!isWatched(path))
        return really();
    const std::lock_guard guard(watch().mutex);
    return judge(path, false, false, false) == Verdict::Fail ? -1 : really();
}

/// A wall clock that jumps.
void shift(timespec& time)
{
    const Watch& w = watch();
    if (w.clockInterval <= 0)
        return;
    timespec now = {};
    ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    const double passed = 1e3 * static_cast<double>(now.tv_sec - w.start.tv_sec) +
                          1e-6 * static_cast<double>(now.tv_nsec - w.start.tv_nsec);
    const long turn = static_cast<long>(passed / w.clockInterval) % 3;
    time.tv_sec += static_cast<time_t>(turn == 1 ? w.clockStep : turn == 2 ? -w.clockStep : 0);
}

mode_t modeOf(int flags, va_list more)
{
    return (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
}

} // namespace

extern "C" {

int open(const char* name, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const mode_t mode = modeOf(flags, more);
    va_end(more);
    return openFile(AT_FDCWD, name, flags, mode);
}
int open64(const char* name, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const mode_t mode = modeOf(flags, more);
    va_end(more);
    return openFile(AT_FDCWD, name, flags, mode);
}
int openat(int folder, const char* name, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const mode_t mode = modeOf(flags, more);
    va_end(more);
    return openFile(folder, name, flags, mode);
}
int openat64(int folder, const char* name, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const mode_t mode = modeOf(flags, more);
    va_end(more);
    return openFile(folder, name, flags, mode);
}
int creat(const char* name, mode_t mode)
{
    return openFile(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char* name, mode_t mode)
{
    return openFile(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int close(int fd)
{
    {
        Watch& w = watch();
        const std::lock_guard guard(w.mutex);
        w.files.erase(fd);
    }
    return static_cast<int>(::syscall(SYS_close, fd));
}

ssize_t write(int fd, const void* data, size_t bytes)
{
    return writeFile(fd, static_cast<const char*>(data), bytes, -1);
}
ssize_t pwrite(int fd, const void* data, size_t bytes, off_t offset)
{
    return writeFile(fd, static_cast<const char*>(data), bytes, offset);
}
ssize_t pwrite64(int fd, const void* data, size_t bytes, off64_t offset)
{
    return writeFile(fd, static_cast<const char*>(data), bytes, offset);
}
ssize_t writev(int fd, const iovec* parts, int count)
{
    return writeParts(fd, parts, count, -1);
}
ssize_t pwritev(int fd, const iovec* parts, int count, off_t offset)
{
    return writeParts(fd, parts, count, offset);
}
ssize_t pwritev64(int fd, const iovec* parts, int count, off64_t offset)
{
    return writeParts(fd, parts, count, offset);
}
int ftruncate(int fd, off_t size) noexcept
{
    return truncateFile(fd, size);
}
int ftruncate64(int fd, off64_t size) noexcept
{
    return truncateFile(fd, size);
}
int fsync(int fd)
{
    return syncFile(fd, SYS_fsync);
}
int fdatasync(int fd)
{
    return syncFile(fd, SYS_fdatasync);
}

int rename(const char* from, const char* to) noexcept
{
    return changeName(Change::Rename, absolutePath(AT_FDCWD, from), absolutePath(AT_FDCWD, to), [&] {
        return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
    });
}
int renameat(int folder, const char* from, int other, const char* to) noexcept
{
    return changeName(Change::Rename, absolutePath(folder, from), absolutePath(other, to),
                      [&] { return static_cast<int>(::syscall(SYS_renameat2, folder, from, other, to, 0)); });
}
int unlinkat(int folder, const char* name, int flags) noexcept
{
    return changeName(Change::Unlink, absolutePath(folder, name), {},
                      [&] { return static_cast<int>(::syscall(SYS_unlinkat, folder, name, flags)); });
}
int unlink(const char* name) noexcept
{
    return unlinkat(AT_FDCWD, name, 0);
}
int rmdir(const char* name) noexcept
{
    return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}
int remove(const char* name) noexcept
{
    struct stat about = {};
    const bool folder = ::lstat(name, &about) == 0 && S_ISDIR(about.st_mode);
    return unlinkat(AT_FDCWD, name, folder ? AT_REMOVEDIR : 0);
}
int mkdir(const char* name, mode_t mode) noexcept
{
    return changeName(Change::MakeFolder, absolutePath(AT_FDCWD, name), {},
                      [&] { return static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, name, mode)); });
}

/// Files of stdio are not written down, but on a lost or read-only disk they cannot be opened either.
FILE* fopen(const char* name, const char* mode)
{
    const std::string path = absolutePath(AT_FDCWD, name);
    if (isWatched(path)) {
        const std::lock_guard guard(watch().mutex);
        Watch& w = watch();
        const bool writes = std::strpbrk(mode, "wa+") != nullptr;
        const bool lost = w.fault.kind == "any" || (w.fault.kind == "change" && writes);
        if (lost && w.fault.text.empty() && w.fault.from == 0) {
            beginFault();
            return nullptr;
        }
    }
    using Open = FILE* (*)(const char*, const char*);
    static const auto really = reinterpret_cast<Open>(::dlsym(RTLD_NEXT, "fopen"));
    return really(name, mode);
}

// On a lost disk nothing can be looked at. (Of the other faults none concerns these.)
int stat(const char* name, struct stat* about) noexcept
{
    return lookAt(AT_FDCWD, name,
                  [&] { return static_cast<int>(::syscall(SYS_newfstatat, AT_FDCWD, name, about, 0)); });
}
int stat64(const char* name, struct stat64* about) noexcept
{
    return lookAt(AT_FDCWD, name,
                  [&] { return static_cast<int>(::syscall(SYS_newfstatat, AT_FDCWD, name, about, 0)); });
}
int access(const char* name, int mode) noexcept
{
    return lookAt(AT_FDCWD, name,
                  [&] { return static_cast<int>(::syscall(SYS_faccessat, AT_FDCWD, name, mode)); });
}

int clock_gettime(clockid_t clock, timespec* time) noexcept
{
    const int result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        shift(*time);
    return result;
}
int gettimeofday(timeval* __restrict time, void* __restrict) noexcept
{
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    *time = {now.tv_sec, static_cast<suseconds_t>(now.tv_nsec / 1000)};
    return 0;
}
time_t time(time_t* result) noexcept
{
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}

} // extern "C"
