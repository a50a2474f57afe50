#include "commands/boundary.h"

#include "base/error.h"
#include "base/text.h"

#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace lodestone {

int complain(const std::string& sentence, int code)
{
    fmt::print(stderr, "lodestone-engine: {}\n",
               printable(sentence)); // names and texts of foreign files are in it
    return code;
}

int guarded(const std::function<int()>& work,
            const std::function<std::string(const std::exception&)>& sentenceOf)
{
    try {
        return work();
    } catch (const Stopped&) {
        return complain("Stopped.", exitStopped);
    } catch (const Error& e) {
        return complain(e.what(), e.exitCode());
    } catch (const std::filesystem::filesystem_error& e) {
        return complain(fmt::format("{}: {}.", e.path1().string(), e.code().message()), exitBadInput);
    } catch (const std::exception& e) {
        spdlog::debug("{}", e.what());
        const std::string known = sentenceOf ? sentenceOf(e) : std::string();
        return complain(known.empty() ? fmt::format("An unexpected fault: {}", e.what()) : known, exitFault);
    }
}

} // namespace lodestone
