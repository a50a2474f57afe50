#include "base/file_descriptor.h"
#include "base/files.h"
#include "base/schema.h"
#include "base/text.h"
#include "run/run_directory.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/file.h>
#include <unistd.h>

namespace lodestone {
namespace {

std::string hostName()
{
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

/// When the process started, in clock ticks after the machine's start (proc(5), /proc/PID/stat, field 22);
/// nothing if there is no such process or it is dead and only waits for its parent.
std::optional<long long> startTicks(long pid)
{
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    const std::string text(std::istreambuf_iterator<char>(file), {});
    // Field 2 is the program's name in parentheses and may hold anything, even spaces and ')'.
    const std::size_t close = text.rfind(')');
    if (close == std::string::npos)
        return std::nullopt;
    const std::vector<std::string_view> fields = splitFields(std::string_view(text).substr(close + 1));
    constexpr std::size_t state = 0;  // field 3
    constexpr std::size_t start = 19; // field 22
    if (fields.size() <= start || fields[state] == "Z" || fields[state] == "X")
        return std::nullopt;
    return parseInteger(fields[start]);
}

struct LockText {
    std::string host;
    long pid = 0;
    long long start = 0;
    bool newer = false; ///< of a newer program: whose it is cannot be told
};

/// Nothing if there is no lock; a lock that cannot be read counts as one of nobody.
std::optional<LockText> readLock(const std::filesystem::path& path)
{
    std::error_code error;
    if (!std::filesystem::exists(path, error))
        return std::nullopt;
    try {
        const Json json = readJsonFile(path);
        if (schema::of(json, "lock") > schema::lock)
            return LockText{jsonMember<std::string>(json, "host", "lock", "another machine"),
                            jsonMember<long>(json, "pid", "lock", 0), 0, true};
        return LockText{jsonMember<std::string>(json, "host", "lock"), jsonMember<long>(json, "pid", "lock"),
                        jsonMember<long long>(json, "start", "lock")};
    } catch (const Error&) {
        return std::filesystem::exists(path, error) ? std::optional(LockText{hostName(), 0, 0})
                                                    : std::nullopt;
    }
}

bool isAlive(const LockText& lock)
{
    return lock.newer || lock.host != hostName() || (lock.pid > 0 && startTicks(lock.pid) == lock.start);
}

} // namespace

RunLock::RunLock(const RunPaths& paths) : m_file(paths.lock())
{
    makeFolder(paths.root);
    if (::access(paths.root.c_str(), W_OK | X_OK) != 0)
        fail("{}: the run directory cannot be written: {}.", paths.root.string(), std::strerror(errno));
    // Two engines that start at once must not both find the lock stale. Where the file system has no flock,
    // the check below still stands, only without this guard.
    const FileDescriptor folder(::open(paths.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() >= 0)
        ::flock(folder.get(), LOCK_EX);
    const auto lock = readLock(m_file);
    if (lock && lock->newer)
        fail("{}: the lock was written by a newer version of Lodestone, which may be at work here. Update "
             "Lodestone; "
             "if no engine runs there any more, delete the file {}.",
             paths.root.string(), m_file.string());
    if (lock && isAlive(*lock))
        fail("{}: the run is in use by process {} on {}. Stop that engine first; if that machine is gone, "
             "delete the "
             "file {}.",
             paths.root.string(), lock->pid, lock->host, m_file.string());
    const long pid = ::getpid();
    const Json json = {
        {"schema", schema::lock}, {"host", hostName()}, {"pid", pid}, {"start", startTicks(pid).value_or(0)}};
    writeFileAtomically(m_file, jsonLine(json) + "\n");
}

RunLock::~RunLock()
{
    const auto lock = readLock(m_file);
    std::error_code ignored;
    if (lock && lock->pid == ::getpid() && lock->host == hostName())
        std::filesystem::remove(m_file, ignored);
}

std::optional<RunLock::Holder> RunLock::holder(const RunPaths& paths)
{
    const auto lock = readLock(paths.lock());
    if (!lock)
        return std::nullopt;
    return Holder{lock->host, lock->pid, isAlive(*lock)};
}

} // namespace lodestone
