#include "widgets/heat_map_state.h"
#include "widgets/plain_text.h"

namespace lodestone::gui {

namespace {

constexpr int minCell = 6; ///< smaller cells are drawn as one image

QString shortNumber(double value)
{
    return QString::number(value, 'g', 3);
}

} // namespace

void HeatMap::State::paintCells(QPainter& painter, const QRectF& cells, const QPalette& palette,
                                const QFontMetrics& metrics) const
{
    const double w = cells.width() / data.columnCount, h = cells.height() / data.rowCount;
    painter.fillRect(cells, palette.color(QPalette::Base));
    QColor hatch = palette.color(QPalette::Text);
    hatch.setAlphaF(0.28F);
    if (w < minCell || h < minCell) {
        painter.fillRect(cells, QBrush(hatch, Qt::BDiagPattern));
        const bool shrinks = w < 1 || h < 1;
        painter.setRenderHint(QPainter::SmoothPixmapTransform, shrinks);
        // Shrinking averages colours, so that single bright entries fade but do not vanish.
        painter.drawImage(cells, shrinks ? image.scaled(cells.size().toSize().expandedTo(QSize(1, 1)),
                                                        Qt::IgnoreAspectRatio, Qt::SmoothTransformation)
                                         : image);
        return;
    }
    const bool numbers =
        w >= metrics.horizontalAdvance(QStringLiteral("0.00e-00")) + 4 && h >= metrics.height() + 2;
    for (int r = 0; r < data.rowCount; ++r)
        for (int c = 0; c < data.columnCount; ++c) {
            const QRectF box = cell(cells, r, c).adjusted(0.5, 0.5, -0.5, -0.5);
            const double v = value(r, c);
            const int index = r * data.columnCount + c;
            const bool named = index < data.texts.size();
            if (!std::isfinite(v)) {
                if (!data.plainGaps)
                    painter.fillRect(box, QBrush(hatch, Qt::BDiagPattern));
                if (named && !data.texts[index].isEmpty() && h >= metrics.height()) {
                    painter.setPen(hatch);
                    painter.drawRect(box.adjusted(0, 0, -1, -1));
                    painter.drawText(box, Qt::AlignCenter, data.texts[index]);
                }
                continue;
            }
            const QColor colour = colourAt(place(v));
            painter.fillRect(box, colour);
            if (numbers || (named && h >= metrics.height())) {
                painter.setPen(qGray(colour.rgb()) > 140 ? Qt::black : Qt::white);
                painter.drawText(box, Qt::AlignCenter, named ? data.texts[index] : shortNumber(v));
            }
        }
}

void HeatMap::State::paintLabels(QPainter& painter, const Layout& l, const QPalette& palette,
                                 const QFontMetrics& metrics) const
{
    painter.setPen(palette.color(QPalette::Text));
    const double w = l.cells.width() / data.columnCount, h = l.cells.height() / data.rowCount;
    // Labels that would touch are thinned, never overlapped.
    const int rowStep = std::max(1, int(std::ceil(metrics.height() / h)));
    for (int r = 0; r < data.rowCount && r < data.rows.size(); r += rowStep) {
        const QRectF box = cell(l.cells, r, 0);
        const QRectF text(l.cells.left() - gap - l.rowLabelWidth, box.center().y() - metrics.height() / 2.0,
                          l.rowLabelWidth, metrics.height());
        painter.drawText(text, Qt::AlignRight | Qt::AlignVCenter,
                         metrics.elidedText(data.rows[r], Qt::ElideLeft, l.rowLabelWidth));
    }
    int widest = 1;
    for (const QString& name : data.columns)
        widest = std::max(widest, metrics.horizontalAdvance(name) + 6);
    const int columnStep = std::max(1, int(std::ceil(widest / w)));
    for (int c = 0; c < data.columnCount && c < data.columns.size(); c += columnStep) {
        const QRectF box = cell(l.cells, 0, c);
        const QRectF text(box.center().x() - widest / 2.0, l.cells.top() - metrics.height() - gap / 2.0,
                          widest, metrics.height());
        painter.drawText(text, Qt::AlignCenter, data.columns[c]);
    }
}

void HeatMap::State::paintScale(QPainter& painter, const Layout& l, const QPalette& palette,
                                const QFontMetrics& metrics) const
{
    const int steps = std::max(2, int(l.scale.height()));
    for (int i = 0; i < steps; ++i)
        painter.fillRect(QRectF(l.scale.left(), l.scale.bottom() - (i + 1) * l.scale.height() / steps,
                                l.scale.width(), l.scale.height() / steps + 0.5),
                         colourAt((i + 0.5) / steps));
    painter.setPen(palette.color(QPalette::Text));
    const int ticks = l.scale.height() > 8 * metrics.height() ? 4 : 2;
    double textRight = l.scale.right();
    for (int i = 0; i <= ticks; ++i) {
        const double share = double(i) / ticks;
        const double y = l.scale.bottom() - share * l.scale.height();
        painter.drawLine(QPointF(l.scale.right(), y), QPointF(l.scale.right() + 3, y));
        const QString text = shortNumber(valueAt(share));
        const double top =
            std::clamp(y - metrics.height() / 2.0, l.scale.top(), l.scale.bottom() - metrics.height());
        painter.drawText(QPointF(l.scale.right() + 6, top + metrics.ascent()), text);
        textRight = std::max(textRight, l.scale.right() + 6.0 + metrics.horizontalAdvance(text));
    }
    painter.save();
    painter.translate(textRight + 4 + metrics.height() / 2.0, l.scale.center().y());
    painter.rotate(-90);
    const QRectF box(-l.scale.height() / 2, -metrics.height() / 2.0, l.scale.height(), metrics.height());
    painter.drawText(box, Qt::AlignCenter,
                     metrics.elidedText(data.scaleTitle, Qt::ElideRight, int(l.scale.height())));
    painter.restore();
}

void HeatMap::State::paint(QPainter& painter, const QRectF& area, const QPalette& palette, const QFont& font,
                           bool interactive) const
{
    painter.fillRect(area, palette.color(QPalette::Base));
    painter.setFont(font);
    const QFontMetrics metrics(font);
    if (empty()) {
        painter.setPen(palette.color(QPalette::PlaceholderText));
        painter.drawText(area.adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap, placeholder);
        return;
    }
    const Layout l = layout(area, metrics);
    if (!data.title.isEmpty()) {
        QFont bold = font;
        bold.setBold(true);
        painter.setFont(bold);
        painter.setPen(palette.color(QPalette::Text));
        painter.drawText(l.title, Qt::AlignHCenter | Qt::AlignVCenter,
                         QFontMetrics(bold).elidedText(data.title, Qt::ElideMiddle, int(l.title.width())));
        painter.setFont(font);
    }
    paintCells(painter, l.cells, palette, metrics);
    paintLabels(painter, l, palette, metrics);
    paintScale(painter, l, palette, metrics);
    if (!interactive)
        return;
    if (keyRow >= 0) {
        painter.setPen(QPen(palette.color(QPalette::Highlight), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(cell(l.cells, keyRow, keyColumn));
    }
    if (row >= 0) {
        painter.setPen(palette.color(QPalette::Text));
        painter.drawText(l.readout, Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(readout(row, column), Qt::ElideRight, int(l.readout.width())));
    }
}

QString HeatMap::State::readout(int r, int c) const
{
    const double v = value(r, c);
    const int index = r * data.columnCount + c;
    if (index < data.texts.size())
        return QString(data.tooltips.value(index)).replace(QLatin1Char('\n'), QLatin1String(", "));
    return QStringLiteral("%1, %2: %3")
        .arg(rowName(r), columnName(c),
             std::isfinite(v) ? QString::number(v, 'g', 6) : HeatMap::tr("no value"));
}

QString HeatMap::State::csv() const
{
    QString text = csvField(data.scaleTitle);
    for (int c = 0; c < data.columnCount; ++c)
        text += QLatin1Char(',') + csvField(columnName(c));
    text += QLatin1Char('\n');
    for (int r = 0; r < data.rowCount; ++r) {
        text += csvField(rowName(r));
        for (int c = 0; c < data.columnCount; ++c)
            text += QLatin1Char(',') +
                    (std::isfinite(value(r, c)) ? QString::number(value(r, c), 'g', 9) : QString());
        text += QLatin1Char('\n');
    }
    return text;
}

} // namespace lodestone::gui
