#include "base/file_descriptor.h"
#include "base/files.h"
#include "base/schema.h"
#include "base/text.h"
#include "run/run_directory.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>
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

bool isHere(const LockText& lock)
{
    return lock.host == hostName();
}

bool isAlive(const LockText& lock) ///< of a process of this host
{
    return lock.newer || (lock.pid > 0 && startTicks(lock.pid) == lock.start);
}

bool isOurs(const LockText& lock)
{
    return !lock.newer && isHere(lock) && lock.pid == ::getpid();
}

std::chrono::system_clock::time_point changedAt(const std::filesystem::path& file)
{
    struct stat info = {};
    if (::stat(file.c_str(), &info) != 0)
        return {};
    return std::chrono::system_clock::time_point(std::chrono::seconds(info.st_mtim.tv_sec));
}

/// "3 min", "5 h", "2 days"
std::string span(std::chrono::system_clock::duration time)
{
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(time).count();
    if (minutes < 120)
        return fmt::format("{} min", std::max<long>(0, minutes));
    return minutes < 2 * 24 * 60 ? fmt::format("{} h", minutes / 60)
                                 : fmt::format("{} days", minutes / (24 * 60));
}

constexpr auto beatInterval = std::chrono::seconds(15);
constexpr auto silence = std::chrono::minutes(10); ///< after it the engine of another host counts as gone

} // namespace

RunLock::RunLock(const RunPaths& paths) : m_file(paths.lock()), m_lastBeat(std::chrono::steady_clock::now())
{
    makeFolder(paths.root);
    if (::access(paths.root.c_str(), W_OK | X_OK) != 0)
        fail("{}: the run directory cannot be written: {}.", paths.root.string(), std::strerror(errno));
    // Two engines that start at once must not both find the lock stale. Where the file system has no flock,
    // the check below still stands, only without this guard.
    const FileDescriptor folder(::open(paths.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() >= 0)
        ::flock(folder.get(), LOCK_EX);
    if (const auto lock = readLock(m_file)) {
        if (lock->newer)
            fail("{}: the lock was written by a newer version of Lodestone, which may be at work here. "
                 "Update Lodestone; if no engine runs there any more, delete the file {}.",
                 paths.root.string(), m_file.string());
        if (isHere(*lock) && isAlive(*lock))
            fail("{}: the run is in use by process {} on this machine. Stop that engine first.",
                 paths.root.string(), lock->pid);
        if (!isHere(*lock))
            fail("{}: the run is in use by process {} on {}, which gave its last sign of life {} ago. Stop "
                 "that engine first; if it or its machine is gone, delete the file {}.",
                 paths.root.string(), lock->pid, lock->host,
                 span(std::chrono::system_clock::now() - changedAt(m_file)), m_file.string());
    }
    write();
}

void RunLock::write() const
{
    const long pid = ::getpid();
    const Json json = {
        {"schema", schema::lock}, {"host", hostName()}, {"pid", pid}, {"start", startTicks(pid).value_or(0)}};
    writeFileAtomically(m_file, jsonLine(json) + "\n");
}

void RunLock::beat(std::chrono::steady_clock::time_point now)
{
    if (now - m_lastBeat < beatInterval)
        return;
    m_lastBeat = now;
    std::error_code error;
    const auto lock = readLock(m_file);
    const bool somebodys = lock && (lock->newer || lock->pid > 0);
    if (somebodys && !isOurs(*lock))
        fail("{}: process {} on {} has taken the run over; this engine writes no more.",
             m_file.parent_path().string(), lock->pid, lock->host);
    if (somebodys)
        std::filesystem::last_write_time(m_file, std::filesystem::file_time_type::clock::now(), error);
    else
        try {
            write();
        } catch (const Error& e) {
            // A folder that is out of reach for a moment is no reason to stop: whatever must be written there
            // and cannot says so itself.
            spdlog::warn("{}", e.what());
        }
}

RunLock::~RunLock()
{
    const auto lock = readLock(m_file);
    std::error_code ignored;
    if (lock && isOurs(*lock))
        std::filesystem::remove(m_file, ignored);
}

std::optional<RunLock::Holder> RunLock::holder(const RunPaths& paths)
{
    const auto lock = readLock(paths.lock());
    if (!lock)
        return std::nullopt;
    const auto lastSign = changedAt(paths.lock());
    const bool alive = isHere(*lock) ? isAlive(*lock) : std::chrono::system_clock::now() - lastSign < silence;
    return Holder{lock->host, lock->pid, alive, lastSign};
}

} // namespace lodestone
