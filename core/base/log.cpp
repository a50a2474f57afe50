#include "base/log.h"
#include "base/error.h"

#include <memory>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <vector>

namespace lodestone {

void setUpLogging(const std::string& level, const std::filesystem::path& file)
{
    const auto parsed = spdlog::level::from_str(level);
    if (parsed == spdlog::level::off && level != "off")
        fail<UsageError>("Log level '{}' does not exist: use trace, debug, info, warning, error or off.",
                         level);
    std::vector<spdlog::sink_ptr> sinks = {std::make_shared<spdlog::sinks::stderr_color_sink_mt>()};
    if (!file.empty()) {
        try {
            sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string()));
        } catch (const spdlog::spdlog_ex& e) {
            fail("{}: the log file cannot be written: {}.", file.string(), e.what());
        }
    }
    auto logger = std::make_shared<spdlog::logger>("lodestone", sinks.begin(), sinks.end());
    logger->set_level(parsed);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(logger);
}

} // namespace lodestone
