// Any bytes as a line of `serve`: a request whose answer goes where it came from and is one line, or a
// sentence. As an answer of `describe` it is a description or an Error.
#include "blocks/model_description.h"
#include "fuzz_support.h"
#include "protocol/messages.h"

namespace {

using namespace lodestone;

void checkLine(const std::string& line, std::int64_t id)
{
    fuzz::check(line.find('\n') == line.size() - 1);
    fuzz::check(parseJsonOrNull(line).is_object() && requestId(line) == id);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view line = fuzz::textOf(data, size);
    Request request;
    try {
        request = parseRequest(line);
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error& error) {
        checkLine(makeError(requestId(line), error.what()), requestId(line));
        return 0;
    }
    fuzz::check(requestId(line) == request.id);
    checkLine(makeAnswer(request.id, request.arguments["do"]), request.id);
    checkLine(makeError(request.id, request.where() + request.verb), request.id);
    fuzz::answers([&] { toJson(modelDescriptionFromJson(request.arguments)); });
    return 0;
}
