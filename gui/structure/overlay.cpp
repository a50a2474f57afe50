#include "structure/overlay.h"

#include <QtGui/QPainterPath>
#include <algorithm>
#include <array>

namespace lodestone::gui {

namespace {

constexpr double margin = 14;
constexpr double barWidth = 14, gap = 7; // of the legend

void paintTriad(QPainter& painter, const QRectF& area, const Mat3& axes, const QColor& ink,
                const QColor& ground)
{
    // Red a, green b, blue c; shades that read on light and on dark ground.
    static const std::array<QColor, 3> colours = {QColor(219, 50, 54), QColor(30, 150, 70),
                                                  QColor(60, 110, 235)};
    static const std::array<QString, 3> names = {QStringLiteral("a"), QStringLiteral("b"),
                                                 QStringLiteral("c")};
    const double length = 34;
    const QPointF origin(area.left() + margin + length + 12, area.bottom() - margin - length - 12);
    std::array<int, 3> order = {0, 1, 2};
    std::sort(order.begin(), order.end(), [&](int i, int j) { return axes[i][2] < axes[j][2]; });
    for (int d : order) {
        const QPointF direction(axes[d][0], -axes[d][1]);
        const QPointF tip = origin + length * direction;
        const double shown = std::hypot(direction.x(), direction.y());
        painter.setPen(QPen(colours[d], 3, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(origin, tip);
        painter.setBrush(colours[d]);
        if (shown > 0.25) {
            const QPointF u = direction / shown, v(-u.y(), u.x());
            painter.setPen(Qt::NoPen);
            painter.drawPolygon(QPolygonF({tip + 6 * u, tip - 3 * u + 4.5 * v, tip - 3 * u - 4.5 * v}));
        } else { // pointing at the viewer or away
            painter.setPen(Qt::NoPen);
            painter.drawEllipse(tip, 4.5, 4.5);
        }
        // The letter is drawn on a halo of the ground colour: it may lie on an atom.
        const QPointF outwards = shown > 0.25 ? direction / shown : QPointF(0.7, -0.7);
        const QPointF place = tip + 15 * outwards;
        const QFontMetricsF metrics(painter.font());
        QPainterPath letter;
        letter.addText(place.x() - metrics.horizontalAdvance(names[d]) / 2, place.y() + metrics.xHeight() / 2,
                       painter.font(), names[d]);
        if (ground.isValid())
            painter.strokePath(letter, QPen(ground, 3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.fillPath(letter, ink);
    }
}

double legendWidth(const Legend& legend, const QFontMetricsF& metrics)
{
    double content = 0;
    for (const QString& mark : legend.marks)
        content = std::max(content, metrics.horizontalAdvance(mark));
    for (const Legend::Entry& entry : legend.entries)
        content = std::max(content, metrics.horizontalAdvance(entry.text));
    return std::max(metrics.horizontalAdvance(legend.title), barWidth + gap + content) + 2 * gap;
}

/// Returns the lower edge of the box.
double paintLegend(QPainter& painter, const QRectF& area, const Legend& legend, const QColor& ink,
                   const QColor& ground)
{
    const QFontMetricsF metrics(painter.font());
    const double line = metrics.height();
    const double barHeight = legend.ramp.empty() ? line * double(legend.entries.size()) : 110;
    const double width = legendWidth(legend, metrics);
    const double height = line + gap + barHeight + 3 * gap;
    const QRectF box(area.right() - margin - width, area.top() + margin, width, height);
    if (ground.isValid()) {
        QColor paper = ground;
        paper.setAlpha(205);
        painter.setPen(Qt::NoPen);
        painter.setBrush(paper);
        painter.drawRoundedRect(box, 5, 5);
    }
    painter.setPen(ink);
    painter.drawText(QPointF(box.left() + gap, box.top() + gap + metrics.ascent()), legend.title);
    const QRectF bar(box.left() + gap, box.top() + 2 * gap + line + gap / 2, barWidth, barHeight);
    if (!legend.ramp.empty()) {
        QLinearGradient gradient(bar.bottomLeft(), bar.topLeft());
        for (std::size_t n = 0; n < legend.ramp.size(); ++n) {
            const Rgb& c = legend.ramp[n];
            gradient.setColorAt(double(n) / double(legend.ramp.size() - 1), QColor(c[0], c[1], c[2]));
        }
        painter.fillRect(bar, gradient);
        for (int n = 0; n < legend.marks.size(); ++n) {
            const double t = legend.marks.size() > 1 ? double(n) / double(legend.marks.size() - 1) : 0;
            const double y = bar.bottom() - t * bar.height();
            painter.drawText(QPointF(bar.right() + gap, y + metrics.ascent() / 2 - 1), legend.marks[n]);
        }
    }
    for (std::size_t n = 0; n < legend.entries.size(); ++n) {
        const Rgb& c = legend.entries[n].colour;
        const double y = bar.top() + double(n) * line;
        painter.fillRect(QRectF(bar.left(), y + 3, barWidth, line - 6), QColor(c[0], c[1], c[2]));
        painter.drawText(QPointF(bar.right() + gap, y + metrics.ascent()), legend.entries[n].text);
    }
    return box.bottom();
}

void paintMeasurement(QPainter& painter, const QPolygonF& line, const QString& text, const QColor& ink,
                      const QColor& ground)
{
    const auto stroke = [&](const QColor& colour, double width, Qt::PenStyle style) {
        painter.setPen(QPen(colour, width, style, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(line);
        painter.setPen(QPen(colour, width));
        for (const QPointF& point : line)
            painter.drawEllipse(point, 5, 5);
    };
    if (ground.isValid())
        stroke(ground, 4, Qt::SolidLine);
    stroke(ink, 1.6, Qt::DashLine);
    if (text.isEmpty())
        return;
    QPainterPath letters;
    letters.addText(line.last() + QPointF(10, -10), painter.font(), text);
    if (ground.isValid())
        painter.strokePath(letters, QPen(ground, 4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.fillPath(letters, ink);
}

} // namespace

double legendReach(const std::vector<Legend>& legends, const QFont& font)
{
    double reach = 0;
    for (const Legend& legend : legends)
        if (!legend.title.isEmpty())
            reach = std::max(reach, legendWidth(legend, QFontMetricsF(font)) + margin);
    return reach;
}

void paintOverlay(QPainter& painter, const QRectF& area, const OverlayContent& content, const QColor& ink,
                  const QColor& ground, const QFont& font)
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font);
    if (content.axes != zero3)
        paintTriad(painter, area, content.axes, ink, ground);
    if (!content.line.isEmpty())
        paintMeasurement(painter, content.line, content.lineText, ink, ground);
    QRectF below = area;
    for (const Legend& legend : content.legends)
        if (!legend.title.isEmpty())
            below.setTop(paintLegend(painter, below, legend, ink, ground));
}

Overlay::Overlay(QWidget* parent) : QWidget(parent)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAttribute(Qt::WA_NoSystemBackground);
    setFocusPolicy(Qt::NoFocus);
}

void Overlay::setContent(const OverlayContent& content)
{
    m_content = content;
    update();
}

void Overlay::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintOverlay(painter, rect(), m_content, palette().color(QPalette::Text), palette().color(QPalette::Base),
                 font());
}

} // namespace lodestone::gui
