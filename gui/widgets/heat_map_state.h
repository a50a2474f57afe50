#pragma once
// Private to heat_map*.cpp: the matrix, its scale and how it is painted.
#include "widgets/heat_map.h"
#include "widgets/palette.h"

#include <QtGui/QImage>
#include <QtGui/QPainter>
#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone::gui {

struct HeatMap::State {
    Data data;
    QString placeholder;
    double low = 0, high = 1;        ///< the scale as drawn
    QImage image;                    ///< one pixel a cell; alpha 0 where there is no number
    int row = -1, column = -1;       ///< under the mouse or the keyboard
    int keyRow = -1, keyColumn = -1; ///< keyboard position, drawn as a frame

    bool empty() const { return data.rowCount <= 0 || data.columnCount <= 0; }
    double value(int row, int column) const
    {
        return data.values[std::size_t(row) * std::size_t(data.columnCount) + std::size_t(column)];
    }
    QString rowName(int row) const
    {
        return row < data.rows.size() ? data.rows[row] : HeatMap::tr("row %1").arg(row);
    }
    QString columnName(int column) const
    {
        return column < data.columns.size() ? data.columns[column] : HeatMap::tr("column %1").arg(column);
    }

    void fitScale()
    {
        low = data.low;
        high = data.high;
        if (low != high)
            return;
        double least = std::numeric_limits<double>::infinity(), most = -least;
        for (double v : data.values) {
            if (!std::isfinite(v) || (data.logScale && v <= 0))
                continue;
            least = std::min(least, v);
            most = std::max(most, v);
        }
        if (!(least <= most)) {
            low = data.logScale ? 1e-6 : 0;
            high = 1;
        } else if (data.diverging) {
            high = std::max(std::abs(least), std::abs(most));
            high = high > 0 ? high : 1;
            low = -high;
        } else {
            low = data.logScale ? least : std::min(least, 0.0);
            high = most > low ? most : low + (low != 0 ? std::abs(low) : 1);
        }
    }

    /// Place on the colour scale, 0..1.
    double place(double v) const
    {
        if (data.logScale)
            return v <= 0 ? 0 : std::log(v / low) / std::log(high / low);
        return (v - low) / (high - low);
    }
    double valueAt(double place) const
    {
        return data.logScale ? low * std::pow(high / low, place) : low + place * (high - low);
    }
    QColor colourAt(double place) const
    {
        return data.diverging ? divergingColour(2 * place - 1) : sequentialColour(place);
    }

    void makeImage()
    {
        image = QImage(data.columnCount, data.rowCount, QImage::Format_ARGB32);
        for (int r = 0; r < data.rowCount; ++r) {
            auto* line = reinterpret_cast<QRgb*>(image.scanLine(r));
            for (int c = 0; c < data.columnCount; ++c) {
                const double v = value(r, c);
                line[c] = std::isfinite(v) ? colourAt(place(v)).rgb() : qRgba(0, 0, 0, 0);
            }
        }
    }

    static constexpr int gap = 8; ///< between labels, cells and scale, pixels
    static constexpr int scaleWidth = 14;
    /// Where everything stands within `area`.
    struct Layout {
        QRectF title, cells, scale, readout;
        int rowLabelWidth = 0;
    };
    Layout layout(const QRectF& area, const QFontMetrics& metrics) const
    {
        Layout l;
        for (int r = 0; r < data.rowCount && r < data.rows.size(); ++r)
            l.rowLabelWidth = std::max(l.rowLabelWidth, metrics.horizontalAdvance(data.rows[r]) + 6);
        l.rowLabelWidth = std::min(l.rowLabelWidth, int(area.width() * 0.45));
        const int line = metrics.height();
        double top = area.top() + gap;
        if (!data.title.isEmpty()) {
            l.title = QRectF(area.left() + gap, top, area.width() - 2 * gap, line);
            top += line + gap;
        }
        l.readout = QRectF(area.left() + gap, area.bottom() - gap - line, area.width() - 2 * gap, line);
        const int scaleText = metrics.horizontalAdvance(QStringLiteral("-0.000e-00")) + line + gap;
        const double left = area.left() + gap + l.rowLabelWidth + (l.rowLabelWidth ? gap : 0);
        const double right = area.right() - gap - scaleWidth - gap - scaleText;
        if (!data.columns.isEmpty())
            top += line + gap / 2;
        l.cells = QRectF(left, top, std::max(1.0, right - left), std::max(1.0, l.readout.top() - gap - top));
        l.scale = QRectF(right + gap, top, scaleWidth, l.cells.height());
        return l;
    }

    QRectF cell(const QRectF& cells, int row, int column) const
    {
        const double w = cells.width() / data.columnCount, h = cells.height() / data.rowCount;
        return {cells.left() + column * w, cells.top() + row * h, w, h};
    }

    void paint(QPainter& painter, const QRectF& area, const QPalette& palette, const QFont& font,
               bool interactive) const;
    void paintCells(QPainter& painter, const QRectF& cells, const QPalette& palette,
                    const QFontMetrics& metrics) const;
    void paintLabels(QPainter& painter, const Layout& l, const QPalette& palette,
                     const QFontMetrics& metrics) const;
    void paintScale(QPainter& painter, const Layout& l, const QPalette& palette,
                    const QFontMetrics& metrics) const;
    QString readout(int row, int column) const;
    QString csv() const;
};

} // namespace lodestone::gui
