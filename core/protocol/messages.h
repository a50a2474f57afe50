#pragma once
#include "base/json.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace lodestone {

// The lines of `lodestone-engine serve` (docs/events-and-protocol.md): one JSON object a line each way.

inline constexpr int protocolVersion = 1;
inline constexpr std::size_t longestLine = std::size_t{16} << 20; ///< bytes; longer requests are refused

struct Request {
    std::int64_t id = 0;
    std::string verb; ///< "do"
    Json arguments;   ///< the whole object; `where()` names it in messages

    std::string where() const { return "request " + std::to_string(id) + " (" + verb + ")"; }
};

/// Error with a sentence if the line is too long, no JSON object, or lacks a whole-number id or a verb.
Request parseRequest(std::string_view line);
/// The id of a line that parseRequest refuses, as far as it can be made out (0 otherwise): where to send the
/// error.
std::int64_t requestId(std::string_view line);

// Each returns one line with its newline.
std::string makeAnswer(std::int64_t id, const Json& ok);
std::string makeError(std::int64_t id, std::string_view sentence);
std::string makeProgress(std::int64_t id, double fraction);
std::string makeStopped(std::int64_t id);

/// Lets a progress value through at most ten times a second, and only if it has grown.
class ProgressThrottle {
public:
    using Clock = std::chrono::steady_clock;
    bool passes(double fraction, Clock::time_point now = Clock::now());

private:
    double m_last = -1;
    Clock::time_point m_next = {};
};

} // namespace lodestone
