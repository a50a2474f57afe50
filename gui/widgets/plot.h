#pragma once
#include <QtCore/QPointF>
#include <QtWidgets/QWidget>
#include <memory>
#include <vector>

namespace lodestone::gui {

/// A quiet chart on QCustomPlot: curves or points with legend, linear or log axes, wheel zoom, drag, double
/// click = fit all, hover read-out, follows the palette (light, dark), export to PNG, SVG, PDF, CSV by
/// context menu. Redraws are coalesced and put off while the chart is hidden. Keys: Home fits all, plus and
/// minus zoom, arrows move.
class Plot : public QWidget {
    Q_OBJECT
public:
    enum class Style { Line, Points, Bars };
    explicit Plot(QWidget* parent = nullptr);
    ~Plot() override;

    void setTitles(const QString& title, const QString& xAxis, const QString& yAxis);
    void setXTitle(const QString& xAxis);
    void setWholeX(bool whole); ///< ticks at whole numbers only (frames, neighbours)
    void setLogX(bool log);     ///< values <= 0 are left out
    void setLogY(bool log);     ///< values <= 0 are left out
    bool logX() const;
    bool logY() const;
    /// Adds or replaces the series of that name. NaN breaks a line. smoothing in 0..1 (0 off): an average
    /// that keeps ends and constants; the raw curve stays behind it, pale.
    void setSeries(const QString& name, const std::vector<double>& x, const std::vector<double>& y,
                   Style style = Style::Line, double smoothing = 0);
    /// How a series is drawn, before or after setSeries. colour: index of seriesColour, -1: by order, -2: a
    /// neutral grey.
    struct Look {
        int colour = -1;
        bool dashed = false;
        double size = 0; ///< line width or point diameter in pixels; 0: default
    };
    void setLook(const QString& name, const Look& look);
    void removeSeries(const QString& name);
    void clear();
    /// The diagonal y = x of parity plots; both axes then span the same range.
    void setDiagonal(bool on);
    /// Shown instead of axes while there is no data, for example "No run is open."
    void setPlaceholder(const QString& sentence);
    void fitAll();
    int pointCount() const;          ///< over all series, for tests
    QStringList seriesNames() const; ///< in the order in which they were added
    /// The points that are drawn (after smoothing), without NaN; empty if there is no such series.
    std::vector<QPointF> seriesPoints(const QString& name) const;
    /// Range of an axis on screen (x: low, high; y: low, high as a rectangle's left, right, top, bottom).
    QRectF visibleRange() const;
    void saveAs(); ///< asks for a file and exports
    /// PNG (twice the size), SVG, PDF on white ground, or CSV (series,x,y: raw values), by extension. False:
    /// not written.
    bool exportTo(const QString& file);

Q_SIGNALS:
    /// A point of a Points series was clicked: its index among the finite values given to setSeries, in
    /// ascending x.
    void pointClicked(const QString& series, int index);

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace lodestone::gui
