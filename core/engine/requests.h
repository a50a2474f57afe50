#pragma once
#include "base/json.h"
#include "base/progress.h"
#include "checkpoints/delta_file.h"
#include "engine/model_cache.h"
#include "protocol/messages.h"

#include <optional>
#include <string>

namespace lodestone {

/// Answers the requests of `serve` (docs/events-and-protocol.md), one after another in one thread.
class RequestHandler {
public:
    RequestHandler(std::string device, std::string dtype)
        : m_device(std::move(device)),
          m_dtype(std::move(dtype))
    {
    }

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
    Json version(const Request& request, const Watch& watch);

    std::string m_device, m_dtype;
    ModelCache m_models;
};

} // namespace lodestone
