#include "base/log.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"

#include <fcntl.h>
#include <memory>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <vector>

namespace lodestone {
namespace {

/// What is logged may quote foreign files: no escape sequence reaches a terminal, and no line of the log
/// begins with a text from them.
class PrintableFormatter : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& into) override
    {
        std::string text;
        for (const char c : printable({message.payload.data(), message.payload.size()})) {
            text += c;
            if (c == '\n')
                text += "    ";
        }
        spdlog::details::log_msg clean = message;
        clean.payload = text;
        m_lines.format(clean, into);
        message.color_range_start = clean.color_range_start;
        message.color_range_end = clean.color_range_end;
    }
    std::unique_ptr<spdlog::formatter> clone() const override
    {
        return std::make_unique<PrintableFormatter>();
    }

private:
    spdlog::pattern_formatter m_lines; ///< the usual pattern
};

} // namespace

void setUpLogging(const std::string& level, const std::filesystem::path& file)
{
    const auto parsed = spdlog::level::from_str(level);
    if (parsed == spdlog::level::off && level != "off")
        fail<UsageError>("Log level '{}' does not exist: use trace, debug, info, warning, error or off.",
                         level);
    std::vector<spdlog::sink_ptr> sinks = {std::make_shared<spdlog::sinks::stderr_color_sink_mt>()};
    if (!file.empty()) {
        // Made as other files of a run are; refused where it is a symbolic link.
        openForWriting(file, O_APPEND);
        try {
            sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string()));
        } catch (const spdlog::spdlog_ex& e) {
            fail("{}: the log file cannot be written: {}.", file.string(), e.what());
        }
    }
    auto logger = std::make_shared<spdlog::logger>("lodestone", sinks.begin(), sinks.end());
    logger->set_formatter(std::make_unique<PrintableFormatter>());
    logger->set_level(parsed);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(logger);
}

} // namespace lodestone
