#include "base/files.h"
#include "base/schema.h"
#include "run/run_directory.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <spdlog/spdlog.h>

namespace lodestone {
namespace {

constexpr std::array<std::string_view, 5> commands = {"pause", "resume", "stop", "checkpoint", "evaluate"};

bool isCommand(std::string_view name)
{
    return std::find(commands.begin(), commands.end(), name) != commands.end();
}

/// Whether the command is one of a newer program, which is told.
bool isOfNewer(const Json& json, const std::filesystem::path& file)
{
    try {
        schema::check(json, schema::control, file.string());
        return false;
    } catch (const Error& error) {
        spdlog::warn("A command was passed over. {}", error.what());
        return true;
    }
}

std::uintmax_t sizeOrZero(const std::filesystem::path& path)
{
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
}

} // namespace

ControlReader::ControlReader(const RunPaths& paths) : m_file(paths.control()), m_offset(sizeOrZero(m_file)) {}

std::vector<std::string> ControlReader::poll()
{
    std::vector<std::string> result;
    const std::uintmax_t size = sizeOrZero(m_file);
    if (size < m_offset)
        m_offset = 0; // somebody emptied the file
    if (size == m_offset)
        return result;
    const FileDescriptor file(::open(m_file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (file.get() < 0)
        return result;
    constexpr std::uintmax_t limit = 1 << 16; // commands are short; whatever follows is read at the next poll
    std::string text(std::min(size - m_offset, limit), '\0');
    text.resize(readAt(file.get(), m_offset, text.data(), text.size(), m_file));
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        const std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        const Json json = parseJsonOrNull(line);
        const auto found = json.is_object() ? json.find("do") : json.end();
        if (isOfNewer(json, m_file))
            continue;
        if (found != json.end() && found->is_string() && isCommand(found->get<std::string>()))
            result.push_back(found->get<std::string>());
        else
            spdlog::warn("{}: the line '{}' is no command and was passed over; commands are {}.",
                         m_file.string(), line.substr(0, 200), fmt::join(commands, ", "));
    }
    if (begin == 0 && text.size() == limit)
        begin = text.size(); // no command is that long
    m_offset += begin;
    return result;
}

void sendControl(const RunPaths& paths, const std::string& command)
{
    if (!isCommand(command))
        fail<UsageError>("'{}' is no command for a run; commands are {}.", command,
                         fmt::join(commands, ", "));
    const FileDescriptor file = openForWriting(paths.control(), O_APPEND);
    const auto now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    writeAll(file.get(), jsonLine(Json{{"schema", schema::control}, {"do", command}, {"time", now}}) + "\n",
             paths.control());
}

} // namespace lodestone
