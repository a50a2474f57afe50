#pragma once
#include "base/error.h"
#include <functional>
#include <stop_token>

namespace lodestone {

/// What a long operation is given: a flag that asks it to stop and somewhere to report how far it is (0 to
/// 1). Both may be empty. Polled at least every 50 ms of work; on stop the operation throws Stopped.
struct Watch {
    std::stop_token stop;
    std::function<void(double)> progress;

    void report(double fraction) const
    {
        if (stop.stop_requested())
            throw Stopped();
        if (progress)
            progress(fraction);
    }

    /// For a step that is the part from `begin` to `end` of the whole.
    Watch part(double begin, double end) const
    {
        Watch result = {stop, {}};
        if (progress)
            result.progress = [whole = progress, begin, end](double f) { whole(begin + (end - begin) * f); };
        return result;
    }
};

} // namespace lodestone
