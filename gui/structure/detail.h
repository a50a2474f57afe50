#pragma once
#include <cstddef>
#include <vector>

namespace lodestone::gui {

/// Chooses how finely a scene is drawn, from how long drawing took before. Times in milliseconds.
class DetailChooser {
public:
    static constexpr double movingBudget = 33;   ///< a picture while the view is being turned
    static constexpr double restingBudget = 150; ///< a picture that stays
    /// The finest of some ways to draw a scene (index into `polygons`, finest first) that keeps the budget;
    /// the coarsest if none does.
    std::size_t choose(const std::vector<double>& polygons, double budget) const;
    /// A picture of so many polygons took this long.
    void took(double milliseconds, double polygons);

private:
    // Until something was measured: what a processor without a graphics card manages.
    double m_perPolygon = 2e-4;
};

} // namespace lodestone::gui
