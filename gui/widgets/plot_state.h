#pragma once
// Private to plot.cpp: what stands between Plot and QCustomPlot.
#include "widgets/palette.h"
#include "widgets/plain_text.h"
#include "widgets/plot.h"
#include "widgets/smoothing.h"

#include <QtCore/QFile>
#include <QtCore/QTimer>
#include <QtWidgets/QLabel>
#include <QtWidgets/QStackedLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

// QCustomPlot's header is written with the keywords that this project switches off (QT_NO_KEYWORDS).
#define signals Q_SIGNALS
#define slots Q_SLOTS
#define foreach Q_FOREACH
#include <qcustomplot.h>
#undef signals
#undef slots
#undef foreach

namespace lodestone::gui {

namespace detail {

struct Series {
    QString name;
    std::vector<double> x, y;
    Plot::Style style = Plot::Style::Line;
    double smoothing = 0;
    QPointer<QCPGraph> raw;  ///< the pale curve behind a smoothed one
    QPointer<QCPGraph> main; ///< line or points
    QPointer<QCPBars> bars;
};

/// Field of a CSV file (RFC 4180).
inline QPalette paperPalette()
{
    QPalette palette;
    palette.setColor(QPalette::Base, Qt::white);
    palette.setColor(QPalette::Text, Qt::black);
    palette.setColor(QPalette::Mid, QColor(150, 150, 150));
    return palette;
}

inline QColor mixed(const QColor& a, const QColor& b, double share)
{
    const auto mix = [share](int from, int to) { return int(std::lround(from + share * (to - from))); };
    return QColor(mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue()));
}

} // namespace detail

struct Plot::State {
    using Series = detail::Series;

    explicit State(Plot* owner) : owner(owner) {}

    Plot* owner;
    QStackedLayout* stack = nullptr;
    QLabel* placeholder = nullptr;
    QCustomPlot* plot = nullptr;
    QCPTextElement* title = nullptr;
    QCPItemStraightLine* diagonal = nullptr;
    QTimer refresh;
    std::vector<Series> series;
    std::map<QString, Look> looks;
    bool logX = false, logY = false, wholeX = false, autoFit = true;

    Series* find(const QString& name)
    {
        for (Series& s : series)
            if (s.name == name)
                return &s;
        return nullptr;
    }

    bool drawable(double x, double y) const
    {
        return std::isfinite(x) && !(logX && x <= 0) && !(logY && std::isfinite(y) && y <= 0);
    }

    void removeItems(Series& s)
    {
        if (s.raw)
            plot->removePlottable(s.raw);
        if (s.main)
            plot->removePlottable(s.main);
        if (s.bars)
            plot->removePlottable(s.bars);
    }

    /// Hands the numbers of a series to QCustomPlot.
    void fill(Series& s)
    {
        if (s.style == Style::Bars) {
            QVector<double> x, y;
            double spacing = std::numeric_limits<double>::infinity();
            for (std::size_t i = 0; i < s.x.size(); ++i) {
                if (!drawable(s.x[i], s.y[i]) || !std::isfinite(s.y[i]))
                    continue;
                if (!x.isEmpty() && s.x[i] != x.back())
                    spacing = std::min(spacing, std::abs(s.x[i] - x.back()));
                x.push_back(s.x[i]);
                y.push_back(s.y[i]);
            }
            if (!s.bars)
                s.bars = new QCPBars(plot->xAxis, plot->yAxis);
            s.bars->setName(s.name);
            s.bars->setWidth(std::isfinite(spacing) ? spacing * 0.9 : 0.9);
            s.bars->setData(x, y);
            return;
        }
        if (!s.main) {
            s.raw = plot->addGraph();
            s.raw->removeFromLegend();
            s.main = plot->addGraph();
        }
        const bool smooth = s.style == Style::Line && s.smoothing > 0;
        s.main->setName(s.name);
        setGraph(s.main, s.x, smooth ? smoothed(s.y, s.smoothing) : s.y, s.style);
        if (smooth)
            setGraph(s.raw, s.x, s.y, s.style);
        else
            s.raw->data()->clear();
    }

    void setGraph(QCPGraph* graph, const std::vector<double>& x, const std::vector<double>& y, Style style)
    {
        QVector<double> xs, ys;
        xs.reserve(qsizetype(x.size()));
        ys.reserve(qsizetype(x.size()));
        for (std::size_t i = 0; i < x.size(); ++i) {
            const bool gap = !std::isfinite(y[i]);
            if (!drawable(x[i], y[i]) || (gap && style == Style::Points))
                continue;
            xs.push_back(x[i]);
            ys.push_back(gap ? std::numeric_limits<double>::quiet_NaN() : y[i]);
        }
        graph->setData(xs, ys);
    }

    void style(const QPalette& palette)
    {
        const QColor ground = palette.color(QPalette::Base);
        const QColor ink = palette.color(QPalette::Text);
        const QColor soft = detail::mixed(ground, ink, 0.45);
        plot->setBackground(ground);
        for (QCPAxis* axis : {plot->xAxis, plot->yAxis, plot->xAxis2, plot->yAxis2}) {
            axis->setBasePen(QPen(soft));
            axis->setTickPen(QPen(soft));
            axis->setSubTickPen(QPen(soft));
            axis->setTickLabelColor(detail::mixed(ground, ink, 0.8));
            axis->setLabelColor(ink);
            axis->setTickLabelFont(owner->font());
            axis->setLabelFont(owner->font());
            axis->grid()->setPen(QPen(detail::mixed(ground, ink, 0.12), 0));
            axis->grid()->setZeroLinePen(QPen(detail::mixed(ground, ink, 0.25), 0));
        }
        QFont bold = owner->font();
        bold.setBold(true);
        title->setFont(bold);
        title->setTextColor(ink);
        plot->legend->setFont(owner->font());
        plot->legend->setIconSize(18, owner->fontMetrics().height() + 4); // or descenders are cut
        plot->legend->setTextColor(ink);
        plot->legend->setBrush(QColor(ground.red(), ground.green(), ground.blue(), 215));
        plot->legend->setBorderPen(Qt::NoPen);
        diagonal->setPen(QPen(soft, 1, Qt::DashLine));
        int order = 0;
        for (Series& s : series) {
            const auto found = looks.find(s.name);
            const Look look = found == looks.end() ? Look{} : found->second;
            const QColor colour = look.colour == -2
                                      ? detail::mixed(ground, ink, 0.5)
                                      : seriesColour(look.colour >= 0 ? look.colour : order, palette);
            ++order;
            if (s.bars) {
                s.bars->setPen(QPen(colour, 1));
                s.bars->setBrush(detail::mixed(ground, colour, 0.6));
            }
            if (!s.main)
                continue;
            QPen pen(colour, look.size > 0 ? look.size : 1.8, look.dashed ? Qt::DashLine : Qt::SolidLine);
            pen.setCapStyle(Qt::RoundCap);
            s.main->setPen(pen);
            s.raw->setPen(QPen(detail::mixed(ground, colour, 0.3), 1));
            if (s.style == Style::Points) {
                s.main->setLineStyle(QCPGraph::lsNone);
                QColor fill = colour;
                fill.setAlphaF(s.x.size() > 2000 ? 0.35F : 0.7F);
                s.main->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(Qt::transparent),
                                                        fill, look.size > 0 ? look.size : 5));
            } else {
                s.main->setLineStyle(QCPGraph::lsLine);
                // A short curve shows its points: one evaluation alone would be no line at all.
                s.main->setScatterStyle(s.x.size() <= 30 && !look.dashed
                                            ? QCPScatterStyle(QCPScatterStyle::ssDisc, colour, 5)
                                            : QCPScatterStyle());
            }
        }
    }

    static QSharedPointer<QCPAxisTicker> wholeNumbers()
    {
        auto ticker = QSharedPointer<QCPAxisTickerFixed>::create();
        ticker->setTickStep(1);
        ticker->setScaleStrategy(QCPAxisTickerFixed::ssMultiples);
        return ticker;
    }

    /// As many ticks as their numbers have room for.
    void spaceTicks()
    {
        const int digit = owner->fontMetrics().horizontalAdvance(QStringLiteral("-000.00"));
        plot->xAxis->ticker()->setTickCount(
            std::clamp(plot->axisRect()->width() / std::max(1, digit + 12), 2, 6));
        plot->yAxis->ticker()->setTickCount(
            std::clamp(plot->axisRect()->height() / std::max(1, 2 * owner->fontMetrics().height()), 2, 6));
    }

    void applyScale(QCPAxis* axis, bool log)
    {
        axis->setScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
        if (log) {
            axis->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
            // Within one decade QCustomPlot's ticks are linear: "2E-01" would stand there several times.
            axis->setNumberFormat(QStringLiteral("gbc"));
            axis->setNumberPrecision(3);
        } else {
            axis->setTicker(wholeX && axis == plot->xAxis ? wholeNumbers()
                                                          : QSharedPointer<QCPAxisTicker>::create());
            axis->setNumberFormat(QStringLiteral("gbc"));
            axis->setNumberPrecision(5);
        }
        for (Series& s : series)
            fill(s);
        later(true);
    }

    /// Extent of the finite points of all series on both axes; false if there are none.
    bool extent(QCPRange& x, QCPRange& y) const
    {
        double x0 = std::numeric_limits<double>::infinity(), x1 = -x0, y0 = x0, y1 = -x0;
        for (const Series& s : series) {
            for (std::size_t i = 0; i < s.x.size(); ++i) {
                if (!drawable(s.x[i], s.y[i]) || !std::isfinite(s.y[i]))
                    continue;
                x0 = std::min(x0, s.x[i]);
                x1 = std::max(x1, s.x[i]);
                y0 = std::min(y0, s.y[i]);
                y1 = std::max(y1, s.y[i]);
            }
            if (s.style == Style::Bars && !logY)
                y0 = std::min(y0, 0.0);
        }
        if (!(x0 <= x1))
            return false;
        x = {x0, x1};
        y = {y0, y1};
        return true;
    }

    static QCPRange padded(QCPRange range, bool log)
    {
        if (log) {
            const double factor = range.lower == range.upper ? 3 : std::pow(range.upper / range.lower, 0.05);
            return {range.lower / factor, range.upper * factor};
        }
        double margin = 0.05 * (range.upper - range.lower);
        if (margin == 0)
            margin = range.lower == 0 ? 1 : 0.1 * std::abs(range.lower);
        return {range.lower - margin, range.upper + margin};
    }

    void fit()
    {
        QCPRange x, y;
        if (!extent(x, y))
            return;
        if (diagonal->visible()) {
            const QCPRange both(std::min(x.lower, y.lower), std::max(x.upper, y.upper));
            x = both;
            y = both;
        }
        const bool bars = std::any_of(series.begin(), series.end(), [](const Series& s) { return s.bars; });
        plot->xAxis->setRange(padded(x, logX));
        plot->yAxis->setRange(padded(y, logY));
        if (bars && !logY && y.lower >= 0)
            plot->yAxis->setRangeLower(0);
    }

    void arrangeLegend()
    {
        const int entries = plot->legend->itemCount();
        const bool wanted = entries > 1;
        plot->legend->setVisible(wanted);
        if (plot->plotLayout()->hasElement(1, 0) != wanted) { // out of the layout it takes no room
            if (wanted)
                plot->plotLayout()->addElement(1, 0, plot->legend);
            else
                plot->plotLayout()->take(plot->legend);
        }
        int widest = 40;
        for (const Series& s : series)
            widest = std::max(widest, owner->fontMetrics().horizontalAdvance(s.name) + 46);
        const int columns = std::clamp(owner->width() / widest, 1, std::max(1, entries));
        if (plot->legend->wrap() != columns)
            plot->legend->setWrap(columns);
        plot->legend->setFillOrder(QCPLayoutGrid::foColumnsFirst, true);
    }

    void later(bool refit)
    {
        if (refit)
            autoFit = true;
        stack->setCurrentWidget(owner->pointCount() ? static_cast<QWidget*>(plot) : placeholder);
        if (owner->isVisible() && !refresh.isActive())
            refresh.start(30);
    }

    void draw(const QPalette& palette)
    {
        if (autoFit)
            fit();
        style(palette);
        arrangeLegend();
        spaceTicks();
    }

    /// The point nearest to a position in pixels, at most `reach` away.
    struct Hit {
        Series* series = nullptr;
        int index = 0;
        double x = 0, y = 0;
    };
    Hit nearest(const QPointF& at, double reach)
    {
        Hit hit;
        double best = reach * reach;
        for (Series& s : series) {
            if (!s.main)
                continue;
            const auto data = s.main->data();
            const double low = plot->xAxis->pixelToCoord(at.x() - reach);
            const double high = plot->xAxis->pixelToCoord(at.x() + reach);
            const auto end = data->findEnd(high, false);
            for (auto it = data->findBegin(low, false); it != end; ++it) {
                if (!std::isfinite(it->value))
                    continue;
                const double dx = plot->xAxis->coordToPixel(it->key) - at.x();
                const double dy = plot->yAxis->coordToPixel(it->value) - at.y();
                if (dx * dx + dy * dy < best) {
                    best = dx * dx + dy * dy;
                    hit = {&s, int(it - data->constBegin()), it->key, it->value};
                }
            }
        }
        return hit;
    }

    bool writeCsv(const QString& file) const
    {
        QFile out(file);
        if (!out.open(QIODevice::WriteOnly | QIODevice::Truncate))
            return false;
        out.write(csv().toUtf8());
        return out.flush();
    }

    QString csv() const
    {
        QString text = QStringLiteral("series,x,y\n");
        for (const Series& s : series)
            for (std::size_t i = 0; i < s.x.size(); ++i)
                text += csvField(s.name) + QLatin1Char(',') + QString::number(s.x[i], 'g', 12) +
                        QLatin1Char(',') + QString::number(s.y[i], 'g', 12) + QLatin1Char('\n');
        return text;
    }
};

} // namespace lodestone::gui
