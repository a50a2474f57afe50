#pragma once
#include "report/svg.h"

#include <optional>

namespace lodestone {

// The figures of a report, each one SVG element of `figureWidth` CSS pixels: `figuresAcross` of them beside
// each other are the width of the page. Numbers that are not finite or beyond 1e100 are left out; a figure
// without any says so.

inline constexpr double figureWidth = 228;
inline constexpr std::size_t figuresAcross = 4;

struct PlotLabels {
    std::string title, x, y;
    bool logarithmic = false; ///< the y axis; values of 0 and less are left out
};

struct Series {
    std::string name;
    std::string colour; ///< #rrggbb
    std::vector<double> x, y;
    bool dashed = false;
};
std::string linePlot(const PlotLabels& labels, const std::vector<Series>& series);

/// Predicted against labelled values with the diagonal; base under tuned.
std::string parityPlot(const PlotLabels& labels, const std::vector<double>& label,
                       const std::vector<double>& base, const std::vector<double>& tuned);

/// A value of a map, with the text that stands on it.
struct MapCell {
    double value = 0;
    std::string text;
    NumberSource number = {};
};
struct HeatMap {
    std::string title;
    std::vector<std::string> rows, columns;
    std::vector<std::vector<std::optional<MapCell>>> cells; ///< [rows][columns]; nothing: grey
};
/// Light (0) to dark (the largest value).
std::string heatMapFigure(const HeatMap& map);

struct Bar {
    std::string name;
    double value = 0;
    std::string text;
    NumberSource number = {};
};
/// Horizontal bars from 0, to the left where negative.
std::string barChart(const std::string& title, const std::vector<Bar>& bars);

} // namespace lodestone
