#include "protocol/messages.h"

#include <algorithm>

namespace lodestone {
namespace {

constexpr auto interval = std::chrono::milliseconds(100);

std::string lineOf(const Json& json)
{
    return jsonLine(json) + "\n";
}

std::optional<std::int64_t> idOf(const Json& json)
{
    const auto found = json.is_object() ? json.find("id") : json.end();
    return found == json.end() || !found->is_number_integer() ? std::nullopt
                                                              : jsonValue<std::int64_t>(*found);
}

} // namespace

Request parseRequest(std::string_view line)
{
    if (line.size() > longestLine)
        fail("The request is {} bytes long; at most {} are read.", line.size(), longestLine);
    Request request;
    request.arguments = parseJsonOrNull(line);
    if (!request.arguments.is_object())
        fail("The request is no JSON object on one line, such as {{\"id\": 1, \"do\": \"version\"}}.");
    const auto id = idOf(request.arguments);
    if (!id)
        fail("The request has no whole number as \"id\".");
    request.id = *id;
    const auto verb = request.arguments.find("do");
    if (verb == request.arguments.end() || !verb->is_string())
        fail("Request {} does not say what to do: \"do\" must name a verb.", request.id);
    request.verb = verb->get<std::string>();
    return request;
}

std::int64_t requestId(std::string_view line)
{
    return line.size() > longestLine ? 0 : idOf(parseJsonOrNull(line)).value_or(0);
}

std::string makeAnswer(std::int64_t id, const Json& ok)
{
    return lineOf({{"id", id}, {"ok", ok}});
}

std::string makeError(std::int64_t id, std::string_view sentence)
{
    return lineOf({{"id", id}, {"error", {{"text", std::string(sentence)}}}});
}

std::string makeProgress(std::int64_t id, double fraction)
{
    return lineOf({{"id", id}, {"progress", std::clamp(fraction, 0.0, 1.0)}});
}

std::string makeStopped(std::int64_t id)
{
    return lineOf({{"id", id}, {"stopped", true}});
}

bool ProgressThrottle::passes(double fraction, Clock::time_point now)
{
    if (fraction <= m_last || now < m_next)
        return false;
    m_last = fraction;
    m_next = now + interval;
    return true;
}

} // namespace lodestone
