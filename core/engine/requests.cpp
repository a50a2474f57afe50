#include "engine/requests.h"

#include "base/text.h"
#include "engine/devices.h"
#include "engine/operations.h"

namespace lodestone {
namespace {

/// A text field. Error if it is missing or of another type.
std::string text(const Json& request, const char* key)
{
    const auto found = request.find(key);
    if (found == request.end() || !found->is_string() || found->get<std::string>().empty())
        fail("The request \"{}\" needs \"{}\", a text.", request.value("do", ""), key);
    return found->get<std::string>();
}

std::string optionalText(const Json& request, const char* key)
{
    const auto found = request.find(key);
    return found == request.end() || found->is_null() ? std::string() : text(request, key);
}

DataArguments dataArguments(const Json& request)
{
    DataArguments data;
    const auto files = request.find("data");
    if (files != request.end() && files->is_string()) {
        data.files.emplace_back(files->get<std::string>());
    } else if (files != request.end() && files->is_array()) {
        for (const Json& file : *files) {
            if (!file.is_string())
                fail("\"data\" must be a file name or a list of file names.");
            data.files.emplace_back(file.get<std::string>());
        }
    }
    if (data.files.empty())
        fail("The request \"{}\" needs \"data\": a file name or a list of file names.",
             request.value("do", ""));
    data.keys = labelKeysFromJson(request.value("keys", Json()));
    const Json frames = request.value("frames", Json());
    if (frames.is_null())
        return data;
    if (!frames.is_array())
        fail("\"frames\" must be a list of frame numbers, counted from 0.");
    for (const Json& frame : frames) {
        if (!frame.is_number_integer() || frame.get<std::int64_t>() < 0)
            fail("\"frames\" must be a list of frame numbers, counted from 0.");
        data.frames.push_back(frame.get<std::size_t>());
    }
    return data;
}

std::optional<DeltaFile> optionalDelta(const Json& request)
{
    if (const std::string file = optionalText(request, "delta"); !file.empty())
        return readDelta(file);
    if (const std::string run = optionalText(request, "run"); !run.empty())
        return deltaOfRun(run);
    return {};
}

} // namespace

struct RequestHandler::Verb {
    std::string name;
    Json (RequestHandler::*work)(const Json&, const Watch&);
};

const std::vector<RequestHandler::Verb>& RequestHandler::verbs()
{
    static const std::vector<Verb> all = {
        {"version", &RequestHandler::version}, {"describe", &RequestHandler::describe},
        {"weights", &RequestHandler::weights}, {"check", &RequestHandler::check},
        {"predict", &RequestHandler::predict}, {"export", &RequestHandler::exportTuned},
        {"audit", &RequestHandler::audit}};
    return all;
}

Json RequestHandler::answer(const Json& request, const Watch& watch)
{
    const auto verb = request.find("do");
    if (verb == request.end() || !verb->is_string())
        fail("A request needs \"do\", the name of what to do.");
    std::vector<std::string> names;
    for (const Verb& known : verbs()) {
        if (known.name == *verb)
            return (this->*known.work)(request, watch);
        names.push_back(known.name);
    }
    const std::string near = nearestName(verb->get<std::string>(), names);
    fail("There is no request \"{}\"{}.", verb->get<std::string>(),
         near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near));
}

Json RequestHandler::version(const Json&, const Watch&)
{
    return aboutEngine();
}

Json RequestHandler::describe(const Json& request, const Watch&)
{
    const LoadedModel base = m_models.open(text(request, "model"));
    const auto delta = optionalDelta(request);
    return toJson(delta ? applyDelta(base, *delta).description() : base.description());
}

Json RequestHandler::weights(const Json& request, const Watch&)
{
    return writeWeights(m_models.open(text(request, "model")), optionalDelta(request),
                        text(request, "tensor"), text(request, "scratch"));
}

Json RequestHandler::check(const Json& request, const Watch& watch)
{
    const Predictor predictor =
        makePredictor(m_models.open(text(request, "model")), {}, resolveDevice(m_device),
                      resolveDtype(m_dtype, torch::kFloat32));
    return checkData(predictor, dataArguments(request), watch);
}

Json RequestHandler::predict(const Json& request, const Watch& watch)
{
    const std::string out = text(request, "out");
    const DataArguments data = dataArguments(request);
    const Predictor predictor =
        makePredictor(m_models.open(text(request, "model")), optionalDelta(request), resolveDevice(m_device),
                      resolveDtype(m_dtype, torch::kFloat32));
    return predictToFile(predictor, data, out, watch);
}

Json RequestHandler::exportTuned(const Json& request, const Watch&)
{
    const std::string out = text(request, "out");
    if (request.contains("run"))
        return exportRun(text(request, "run"), out);
    return exportModel(text(request, "model"), readDelta(text(request, "delta")), out);
}

Json RequestHandler::audit(const Json& request, const Watch& watch)
{
    const Predictor predictor = makePredictor(m_models.open(text(request, "model")), optionalDelta(request),
                                              resolveDevice(m_device), torch::kFloat64);
    return auditModel(predictor, dataArguments(request), watch);
}

} // namespace lodestone
