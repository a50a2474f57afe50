#include "structure/detail.h"

#include <algorithm>

namespace lodestone::gui {

namespace {

constexpr double always = 8;     // ms that an empty view takes: clearing, copying to the window
constexpr double enough = 2000;  // polygons from which on a measurement says something of them
constexpr double fastest = 1e-7; // ms a polygon; no card is so fast that the clock's grain would not be
                                 // taken for speed

} // namespace

DetailChooser::Choice DetailChooser::choose(const std::vector<double>& polygons, double budget) const
{
    for (const bool smooth : {true, false})
        for (std::size_t i = 0; i < polygons.size(); ++i)
            if (always + m_perPolygon[smooth] * polygons[i] <= budget)
                return {i, smooth};
    return {polygons.empty() ? 0 : polygons.size() - 1, polygons.empty()};
}

void DetailChooser::took(double milliseconds, double polygons, bool smooth)
{
    if (polygons < enough)
        return;
    // Half of each new measurement: one slow picture on a busy machine must not make the view coarse for
    // good.
    double& known = m_perPolygon[smooth];
    known = 0.5 * (known + std::max(fastest, (milliseconds - always) / polygons));
}

} // namespace lodestone::gui
