#include "engine/requests.h"

#include "base/text.h"
#include "engine/devices.h"
#include "engine/operations.h"
#include "run/run_directory.h"

namespace lodestone {
namespace {

/// A text field. Error if it is missing or of another type.
std::string text(const Request& request, const char* key)
{
    const auto found = request.arguments.find(key);
    if (found == request.arguments.end() || !found->is_string() || found->get<std::string>().empty())
        fail("{} needs \"{}\", a text.", request.where(), key);
    return found->get<std::string>();
}

std::string optionalText(const Request& request, const char* key)
{
    const auto found = request.arguments.find(key);
    return found == request.arguments.end() || found->is_null() ? std::string() : text(request, key);
}

/// true or false; absent: false.
bool flag(const Request& request, const char* key)
{
    const Json value = request.arguments.value(key, Json());
    if (!value.is_null() && !value.is_boolean())
        fail("{}: \"{}\" must be true or false.", request.where(), key);
    return !value.is_null() && value.get<bool>();
}

/// A file name or a list of file names.
std::vector<std::filesystem::path> dataFiles(const Request& request)
{
    std::vector<std::filesystem::path> files;
    Json given = request.arguments.value("data", Json());
    if (given.is_string())
        given = Json::array({given});
    for (const Json& file : given) {
        if (!file.is_string())
            fail("{}: \"data\" must be a file name or a list of file names.", request.where());
        files.emplace_back(file.get<std::string>());
    }
    if (files.empty())
        fail("{} needs \"data\", a file name or a list of file names.", request.where());
    return files;
}

DataArguments dataArguments(const Request& request)
{
    DataArguments data{dataFiles(request), labelKeysFromJson(request.arguments.value("keys", Json())), {}};
    const Json frames = request.arguments.value("frames", Json());
    if (!frames.is_null() && !frames.is_array())
        fail("{}: \"frames\" must be a list of frame numbers, counted from 0.", request.where());
    for (const Json& frame : frames) {
        if (!frame.is_number_integer() || frame.get<std::int64_t>() < 0)
            fail("{}: \"frames\" must be a list of frame numbers, counted from 0.", request.where());
        data.frames.push_back(frame.get<std::size_t>());
    }
    const Json factor = request.arguments.value("magnetic_force_factor", Json());
    if (!factor.is_null() && !factor.is_number())
        fail("{}: \"magnetic_force_factor\" must be a number.", request.where());
    data.magneticForceFactor = factor.is_null() ? 1 : factor.get<double>();
    return data;
}

std::optional<DeltaFile> optionalDelta(const Request& request)
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
    Json (RequestHandler::*work)(const Request&, const Watch&);
};

const std::vector<RequestHandler::Verb>& RequestHandler::verbs()
{
    static const std::vector<Verb> all = {
        {"version", &RequestHandler::version}, {"describe", &RequestHandler::describe},
        {"weights", &RequestHandler::weights}, {"check", &RequestHandler::check},
        {"predict", &RequestHandler::predict}, {"export", &RequestHandler::exportTuned},
        {"audit", &RequestHandler::audit},     {"explain", &RequestHandler::explain},
        {"report", &RequestHandler::report}};
    return all;
}

Json RequestHandler::answer(const Request& request, const Watch& watch)
{
    std::vector<std::string> names;
    for (const Verb& known : verbs()) {
        if (known.name == request.verb)
            return (this->*known.work)(request, watch);
        names.push_back(known.name);
    }
    const std::string near = nearestName(request.verb, names);
    fail("There is no request \"{}\"{}.", request.verb,
         near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near));
}

/// The model of a request, with the head that it or its delta names.
LoadedModel RequestHandler::model(const Request& request, const std::optional<DeltaFile>& delta)
{
    const std::string head = optionalText(request, "head");
    return m_models.open(text(request, "model"), {head.empty() && delta ? delta->modelHead : head});
}

Json RequestHandler::version(const Request&, const Watch&)
{
    return aboutEngine();
}

Json RequestHandler::describe(const Request& request, const Watch&)
{
    const auto delta = optionalDelta(request);
    const LoadedModel base = model(request, delta);
    return toJson(delta ? applyDelta(base, *delta).description() : base.description());
}

Json RequestHandler::weights(const Request& request, const Watch&)
{
    const auto delta = optionalDelta(request);
    return writeWeights(model(request, delta), delta, text(request, "tensor"), text(request, "scratch"));
}

Json RequestHandler::check(const Request& request, const Watch& watch)
{
    const Predictor predictor = makePredictor(model(request, {}), {}, chosenComputation(m_options));
    return checkData(predictor, dataArguments(request), watch);
}

Json RequestHandler::predict(const Request& request, const Watch& watch)
{
    const std::string out = text(request, "out");
    const DataArguments data = dataArguments(request);
    const auto delta = optionalDelta(request);
    Predictor predictor = makePredictor(model(request, delta), delta, chosenComputation(m_options));
    predictor.spins.relax = flag(request, "relax_moments");
    predictor.spins.keepLengths = flag(request, "keep_lengths");
    return predictToFile(predictor, data, out, optionalText(request, "bonds"), watch);
}

Json RequestHandler::exportTuned(const Request& request, const Watch&)
{
    const std::string out = text(request, "out");
    if (!optionalText(request, "run").empty())
        return exportRun(text(request, "run"), out);
    return exportModel(text(request, "model"), readDelta(text(request, "delta")), out);
}

Json RequestHandler::audit(const Request& request, const Watch& watch)
{
    const auto delta = optionalDelta(request);
    return auditTuned(model(request, delta), delta, chosenDevice(m_options.device), dataArguments(request),
                      watch);
}

Json RequestHandler::explain(const Request& request, const Watch& watch)
{
    const std::string run = text(request, "run");
    explainRun(run, {chosenDevice(m_options.device), m_options.radialTables, {}, true}, watch);
    return {{"out", RunPaths{run}.explanation().string()}};
}

Json RequestHandler::report(const Request& request, const Watch& watch)
{
    return reportRun(text(request, "run"),
                     {text(request, "out"), chosenDevice(m_options.device), m_options.radialTables, false},
                     watch);
}

} // namespace lodestone
