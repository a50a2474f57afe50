#pragma once
#include <cstddef>
#include <vector>

namespace lodestone::gui {

/// Chooses how finely a scene is drawn, from how long drawing took before. Times in milliseconds.
class DetailChooser {
public:
    static constexpr double movingBudget = 33;   ///< a picture while the view is being turned
    static constexpr double restingBudget = 150; ///< a picture that stays
    struct Choice {
        std::size_t level = 0; ///< index into `polygons`
        bool smooth = true;    ///< several samples a pixel
    };
    /// The finest of some ways to draw a scene (polygons of each, finest first) that keeps the budget: with
    /// smooth edges if that goes, else without; the coarsest if nothing does.
    Choice choose(const std::vector<double>& polygons, double budget) const;
    /// A picture of so many polygons took this long.
    void took(double milliseconds, double polygons, bool smooth);

private:
    // ms a polygon, without and with smooth edges. Until something was measured: what a processor without a
    // graphics card manages.
    double m_perPolygon[2] = {1e-4, 3e-4};
};

} // namespace lodestone::gui
