#pragma once
#include <QtWidgets/QWidget>
#include <memory>
#include <vector>

class QCustomPlot;

namespace lodestone::gui {

/// A quiet chart on QCustomPlot: curves or points with legend, linear or log axes, wheel zoom, drag, double click = fit all,
/// hover read-out, follows the palette (light, dark), export to PNG, SVG, PDF, CSV by context menu. Redraws are coalesced.
class Plot : public QWidget {
    Q_OBJECT
public:
    enum class Style { Line, Points, Bars };
    explicit Plot(QWidget* parent = nullptr);
    ~Plot() override;

    void setTitles(const QString& title, const QString& xAxis, const QString& yAxis);
    void setLogX(bool log);
    void setLogY(bool log); ///< values <= 0 are left out
    /// Adds or replaces the series of that name. NaN breaks a line. smoothing in 0..1 (0 off): an average that keeps ends and
    /// constants; the raw curve stays behind it, pale.
    void setSeries(const QString& name, const std::vector<double>& x, const std::vector<double>& y, Style style = Style::Line,
                   double smoothing = 0);
    void removeSeries(const QString& name);
    void clear();
    /// The diagonal y = x of parity plots.
    void setDiagonal(bool on);
    /// Shown instead of axes while there is no data, for example "No run is open."
    void setPlaceholder(const QString& sentence);
    void fitAll();
    int pointCount() const; ///< over all series, for tests
    bool exportTo(const QString& file); ///< by extension

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace lodestone::gui
