#include "base/files.h"
#include "base/schema.h"
#include "base/text.h"
#include "run/run_directory.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

namespace lodestone {
namespace {

constexpr std::size_t chunk = 1 << 20;
// An event with the sparsity of a large model takes about 1 MiB.
constexpr std::size_t longestLine = 256 << 20;

[[noreturn]] void refuseLine(const std::filesystem::path& path)
{
    fail("{}: has a line of more than {} bytes; no event is that long.", path.string(), longestLine);
}

std::uintmax_t sizeOf(int fd, const std::filesystem::path& path)
{
    struct stat info = {};
    if (::fstat(fd, &info) != 0)
        fail("{}: cannot be read: {}.", path.string(), std::strerror(errno));
    return static_cast<std::uintmax_t>(info.st_size);
}

void cut(int fd, std::uintmax_t size, const std::filesystem::path& path)
{
    if (::ftruncate(fd, static_cast<off_t>(size)) != 0)
        fail("{}: cannot be shortened: {}.", path.string(), std::strerror(errno));
}

void sync(int fd, const std::filesystem::path& path)
{
    if (::fdatasync(fd) != 0)
        fail("{}: could not be flushed to disk: {}.", path.string(), std::strerror(errno));
}

bool endsRun(std::string_view kind)
{
    return kind == "finished" || kind == "stopped" || kind == "failed";
}

/// The event on a line; a null value if the line is no event.
Json parseEvent(std::string_view line)
{
    Json json = parseJsonOrNull(line);
    return json.is_object() ? json : Json();
}

/// The sequence number of a line. It is among the first keys that the writer writes, so long lines are not
/// parsed.
std::optional<std::uint64_t> sequenceOf(std::string_view line)
{
    constexpr std::string_view key = "\"seq\":";
    const std::size_t at = line.substr(0, 4096).find(key);
    if (at == std::string_view::npos)
        return std::nullopt;
    std::string_view digits = line.substr(at + key.size());
    const auto number = parseInteger(digits.substr(0, digits.find_first_not_of("0123456789")));
    return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

/// Calls visit(offset, line) for each whole line, in order, until it returns false. Memory: the longest line.
template<class Visit>
void forEachLine(int fd, const std::filesystem::path& path, Visit visit)
{
    std::string buffer;
    std::uintmax_t offset = 0; // of buffer's begin
    while (true) {
        const std::size_t kept = buffer.size();
        if (kept > longestLine)
            refuseLine(path);
        buffer.resize(kept + chunk);
        buffer.resize(kept + readAt(fd, offset + kept, buffer.data() + kept, chunk, path));
        if (buffer.size() == kept)
            return;
        std::size_t begin = 0;
        for (std::size_t end = buffer.find('\n', kept); end != std::string::npos;
             end = buffer.find('\n', begin)) {
            if (!visit(offset + begin, std::string_view(buffer).substr(begin, end - begin)))
                return;
            begin = end + 1;
        }
        buffer.erase(0, begin);
        offset += begin;
    }
}

} // namespace

struct EventWriter::State {
    std::mutex mutex;
    std::filesystem::path path;
    std::string run;
    FileDescriptor file;
    std::uint64_t next = 0;
};

EventWriter::EventWriter(const RunPaths& paths) : m_state(std::make_unique<State>())
{
    State& state = *m_state;
    state.path = paths.events();
    const auto root = std::filesystem::absolute(paths.root / ".").lexically_normal();
    state.run = root.parent_path().filename().string();
    state.file = openForWriting(state.path, O_RDWR | O_APPEND);
    const int fd = state.file.get();
    std::uintmax_t whole = 0;
    forEachLine(fd, state.path, [&](std::uintmax_t offset, std::string_view line) {
        whole = offset + line.size() + 1;
        if (offset == 0) // all lines are of one version: no engine writes into the events of a newer one
            schema::check(parseEvent(line), schema::events, state.path.string());
        if (const auto sequence = sequenceOf(line))
            state.next = *sequence + 1;
        return true;
    });
    if (whole < sizeOf(fd, state.path))
        cut(fd, whole, state.path);
    if (whole == 0)
        syncFolder(paths.root); // perhaps the file was made just now
}

EventWriter::~EventWriter() = default;

void EventWriter::write(const std::string& kind, Json fields)
{
    State& state = *m_state;
    const std::lock_guard guard(state.mutex);
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    Json event = {
        {"schema", schema::events}, {"run", state.run}, {"seq", state.next}, {"time", now}, {"kind", kind}};
    if (fields.is_object())
        event.update(fields);
    const int fd = state.file.get();
    const std::uintmax_t before = sizeOf(fd, state.path);
    try {
        writeAll(fd, jsonLine(event) + "\n", state.path);
    } catch (const Error&) {
        // A full disk may have taken half a line; the next one must not be glued to it. Where that fails,
        // too, the first reason is the one to tell.
        if (::ftruncate(fd, static_cast<off_t>(before)) != 0)
            spdlog::warn("{}: cannot be shortened: {}.", state.path.string(), std::strerror(errno));
        throw;
    }
    ++state.next;
    if (endsRun(kind))
        lodestone::sync(fd, state.path);
}

void EventWriter::sync()
{
    const std::lock_guard guard(m_state->mutex);
    lodestone::sync(m_state->file.get(), m_state->path);
}

std::uint64_t EventWriter::nextSequence() const
{
    const std::lock_guard guard(m_state->mutex);
    return m_state->next;
}

void EventWriter::rewind(std::uint64_t sequence)
{
    State& state = *m_state;
    const std::lock_guard guard(state.mutex);
    const int fd = state.file.get();
    std::uintmax_t keep = 0;
    std::uint64_t next = 0;
    // What a crash left of lines after the last one that counts goes, too.
    forEachLine(fd, state.path, [&](std::uintmax_t offset, std::string_view line) {
        const auto found = sequenceOf(line);
        if (found && *found >= sequence)
            return false;
        if (found) {
            keep = offset + line.size() + 1;
            next = *found + 1;
        }
        return true;
    });
    if (keep < sizeOf(fd, state.path)) {
        cut(fd, keep, state.path);
        lodestone::sync(fd, state.path); // else what was cut off may be back after a loss of power
    }
    state.next = next;
}

EventReader::Batch EventReader::poll(std::size_t maxBytes)
{
    Batch batch;
    std::error_code none;
    if (!std::filesystem::exists(m_file, none))
        return batch;
    const FileDescriptor file = openForReading(m_file);
    // A resumed run cuts its file and writes on, perhaps beyond where this reader was: the last line that was
    // delivered must still be there.
    std::string head(m_lastHead.size(), '\0');
    head.resize(readAt(file.get(), m_lastLine, head.data(), head.size(), m_file));
    if (head != m_lastHead || sizeOf(file.get(), m_file) < m_offset) {
        m_offset = 0;
        m_lastHead.clear();
        batch.restarted = true;
    }
    std::string text;
    std::size_t whole = 0;
    for (std::size_t wanted = std::max<std::size_t>(maxBytes, 1); whole == 0; wanted *= 2) {
        const std::size_t had = text.size();
        if (had > longestLine)
            refuseLine(m_file);
        text.resize(wanted);
        text.resize(had + readAt(file.get(), m_offset + had, text.data() + had, wanted - had, m_file));
        const std::size_t newline = text.rfind('\n');
        whole = newline == std::string::npos ? 0 : newline + 1;
        if (text.size() < wanted)
            break;
    }
    constexpr std::size_t headLength =
        200; // schema, run, seq and time: enough to tell one event from another
    for (std::size_t begin = 0; begin < whole;) {
        const std::size_t end = text.find('\n', begin);
        const std::string_view line = std::string_view(text).substr(begin, end - begin);
        Json event = parseEvent(line);
        schema::check(event, schema::events, m_file.string());
        if (!event.is_null())
            batch.events.push_back(std::move(event));
        m_lastLine = m_offset + begin;
        m_lastHead = line.substr(0, headLength);
        begin = end + 1;
    }
    m_offset += whole;
    return batch;
}

} // namespace lodestone
