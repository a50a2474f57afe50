#include "structure/detail.h"

#include <algorithm>

namespace lodestone::gui {

namespace {

constexpr double always = 8;     // ms that an empty view takes: clearing, copying to the window
constexpr double enough = 2000;  // polygons from which on a measurement says something of them
constexpr double fastest = 1e-7; // ms a polygon; no card is so fast that the clock's grain would not be
                                 // taken for speed

} // namespace

std::size_t DetailChooser::choose(const std::vector<double>& polygons, double budget) const
{
    for (std::size_t i = 0; i < polygons.size(); ++i)
        if (always + m_perPolygon * polygons[i] <= budget)
            return i;
    return polygons.empty() ? 0 : polygons.size() - 1;
}

void DetailChooser::took(double milliseconds, double polygons)
{
    if (polygons < enough)
        return;
    // Half of each new measurement: one slow picture on a busy machine must not make the view coarse for
    // good.
    const double now = std::max(fastest, (milliseconds - always) / polygons);
    m_perPolygon = 0.5 * (m_perPolygon + now);
}

} // namespace lodestone::gui
