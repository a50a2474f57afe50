#pragma once
#include "base/json.h"
#include "base/progress.h"
#include "commands/command_line.h"
#include "engine/model_cache.h"
#include "protocol/messages.h"
#include "weights/delta_file.h"

#include <optional>
#include <string>

namespace lodestone {

/// Answers the requests of `serve` (docs/events-and-protocol.md), one after another in one thread.
class RequestHandler {
public:
    explicit RequestHandler(CommonOptions options) : m_options(std::move(options)) {}

    /// The `ok` object. Throws Error for bad requests, Stopped if the watch asks for it.
    Json answer(const Request& request, const Watch& watch);

private:
    struct Verb;
    static const std::vector<Verb>& verbs();
    LoadedModel model(const Request& request, const std::optional<DeltaFile>& delta);

    Json describe(const Request& request, const Watch& watch);
    Json weights(const Request& request, const Watch& watch);
    Json check(const Request& request, const Watch& watch);
    Json predict(const Request& request, const Watch& watch);
    Json exportTuned(const Request& request, const Watch& watch);
    Json audit(const Request& request, const Watch& watch);
    Json explain(const Request& request, const Watch& watch);
    Json report(const Request& request, const Watch& watch);
    Json version(const Request& request, const Watch& watch);

    CommonOptions m_options;
    ModelCache m_models;
};

} // namespace lodestone
