#include "widgets/heat_map.h"
#include "widgets/palette.h"

#include <QtCore/QFile>
#include <QtGui/QClipboard>
#include <QtGui/QContextMenuEvent>
#include <QtGui/QGuiApplication>
#include <QtGui/QHelpEvent>
#include <QtGui/QPainter>
#include <QtGui/QPdfWriter>
#include <QtSvg/QSvgGenerator>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QMenu>
#include <QtWidgets/QToolTip>
#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone::gui {

namespace {

constexpr int gap = 8; ///< between labels, cells and scale, pixels
constexpr int scaleWidth = 14;
constexpr int minCell = 6; ///< smaller cells are drawn as one image

QString quoted(QString text)
{
    if (!text.contains(QLatin1Char(',')) && !text.contains(QLatin1Char('"')))
        return text;
    return QLatin1Char('"') + text.replace(QLatin1String("\""), QLatin1String("\"\"")) + QLatin1Char('"');
}

QString shortNumber(double value)
{
    return QString::number(value, 'g', 3);
}

} // namespace

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

    /// Where everything stands within `area`.
    struct Layout {
        QRectF title, cells, scale, readout;
        int rowLabelWidth = 0;
        bool slanted = false; ///< column names do not fit side by side
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
    QString text = quoted(data.scaleTitle);
    for (int c = 0; c < data.columnCount; ++c)
        text += QLatin1Char(',') + quoted(columnName(c));
    text += QLatin1Char('\n');
    for (int r = 0; r < data.rowCount; ++r) {
        text += quoted(rowName(r));
        for (int c = 0; c < data.columnCount; ++c)
            text += QLatin1Char(',') +
                    (std::isfinite(value(r, c)) ? QString::number(value(r, c), 'g', 9) : QString());
        text += QLatin1Char('\n');
    }
    return text;
}

HeatMap::HeatMap(QWidget* parent) : QWidget(parent), m_state(std::make_unique<State>())
{
    m_state->placeholder = tr("No data yet.");
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
}

HeatMap::~HeatMap() = default;

void HeatMap::setData(const Data& data)
{
    State& d = *m_state;
    d.data = data;
    const std::size_t wanted =
        std::size_t(std::max(0, data.rowCount)) * std::size_t(std::max(0, data.columnCount));
    d.data.values.resize(wanted, std::numeric_limits<double>::quiet_NaN());
    d.fitScale();
    d.makeImage();
    if (d.row >= d.data.rowCount || d.column >= d.data.columnCount)
        d.row = d.column = -1;
    if (d.keyRow >= d.data.rowCount || d.keyColumn >= d.data.columnCount)
        d.keyRow = d.keyColumn = -1;
    setAccessibleName(data.title.isEmpty() ? tr("Heat map of %1").arg(data.scaleTitle) : data.title);
    updateGeometry();
    update();
}

const HeatMap::Data& HeatMap::data() const
{
    return m_state->data;
}

void HeatMap::setPlaceholder(const QString& sentence)
{
    m_state->placeholder = sentence;
    update();
}

QString HeatMap::placeholder() const
{
    return m_state->placeholder;
}

QRect HeatMap::cellRect(int row, int column) const
{
    const State& d = *m_state;
    if (row < 0 || column < 0 || row >= d.data.rowCount || column >= d.data.columnCount)
        return {};
    return d.cell(d.layout(rect(), fontMetrics()).cells, row, column).toAlignedRect();
}

QPoint HeatMap::cellAt(const QPointF& position) const
{
    const State& d = *m_state;
    if (d.empty())
        return {-1, -1};
    const QRectF cells = d.layout(rect(), fontMetrics()).cells;
    if (!cells.contains(position))
        return {-1, -1};
    return {
        std::min(d.data.columnCount - 1,
                 int((position.x() - cells.left()) / cells.width() * d.data.columnCount)),
        std::min(d.data.rowCount - 1, int((position.y() - cells.top()) / cells.height() * d.data.rowCount))};
}

bool HeatMap::exportTo(const QString& file)
{
    const State& d = *m_state;
    const QString kind = file.section(QLatin1Char('.'), -1).toLower();
    QPalette paper = palette();
    paper.setColor(QPalette::Base, Qt::white);
    paper.setColor(QPalette::Text, Qt::black);
    const QSize size = this->size().expandedTo(QSize(480, 320));
    const auto draw = [&](QPaintDevice& device) {
        QPainter painter;
        if (!painter.begin(&device))
            return false;
        painter.setWindow(QRect(QPoint(0, 0), size));
        d.paint(painter, QRectF(QPointF(0, 0), size), paper, font(), false);
        return painter.end();
    };
    if (kind == QLatin1String("csv")) {
        QFile out(file);
        return out.open(QIODevice::WriteOnly | QIODevice::Truncate) && out.write(d.csv().toUtf8()) >= 0 &&
               out.flush();
    }
    if (kind == QLatin1String("png")) {
        QImage image(2 * size, QImage::Format_ARGB32);
        return draw(image) && image.save(file);
    }
    if (kind == QLatin1String("svg")) {
        QSvgGenerator svg;
        svg.setFileName(file);
        svg.setSize(size);
        svg.setViewBox(QRect(QPoint(0, 0), size));
        return draw(svg);
    }
    if (kind == QLatin1String("pdf")) {
        QPdfWriter pdf(file);
        pdf.setResolution(96);
        pdf.setPageSize(QPageSize(QSizeF(size) * 72.0 / 96.0, QPageSize::Point));
        pdf.setPageMargins(QMarginsF(0, 0, 0, 0));
        return draw(pdf);
    }
    return false;
}

void HeatMap::hover(int row, int column)
{
    State& d = *m_state;
    if (d.row == row && d.column == column)
        return;
    d.row = row;
    d.column = column;
    update();
    Q_EMIT cellHovered(row, column);
}

void HeatMap::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    m_state->paint(painter, rect(), palette(), font(), true);
}

void HeatMap::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->position());
    hover(cell.y(), cell.x());
}

void HeatMap::mouseReleaseEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->position());
    if (event->button() != Qt::LeftButton || cell.x() < 0)
        return;
    m_state->keyRow = cell.y();
    m_state->keyColumn = cell.x();
    hover(cell.y(), cell.x());
    update();
    Q_EMIT cellClicked(cell.y(), cell.x());
}

void HeatMap::leaveEvent(QEvent*)
{
    hover(-1, -1);
}

void HeatMap::keyPressEvent(QKeyEvent* event)
{
    State& d = *m_state;
    if (d.empty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    int r = std::max(0, d.keyRow), c = std::max(0, d.keyColumn);
    const bool fresh = d.keyRow < 0; // the first arrow only shows where the keyboard is
    switch (event->key()) {
    case Qt::Key_Up:
        r -= fresh ? 0 : 1;
        break;
    case Qt::Key_Down:
        r += fresh ? 0 : 1;
        break;
    case Qt::Key_Left:
        c -= fresh ? 0 : 1;
        break;
    case Qt::Key_Right:
        c += fresh ? 0 : 1;
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (d.keyRow >= 0)
            Q_EMIT cellClicked(d.keyRow, d.keyColumn);
        return;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    d.keyRow = std::clamp(r, 0, d.data.rowCount - 1);
    d.keyColumn = std::clamp(c, 0, d.data.columnCount - 1);
    hover(d.keyRow, d.keyColumn);
    setAccessibleDescription(d.readout(d.keyRow, d.keyColumn));
    update();
}

void HeatMap::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    menu.addAction(tr("&Copy numbers"), this,
                   [this] { QGuiApplication::clipboard()->setText(m_state->csv()); });
    menu.addAction(tr("&Save as..."), this, &HeatMap::saveAs);
    menu.exec(event->globalPos());
}

void HeatMap::saveAs()
{
    const QString file = QFileDialog::getSaveFileName(
        this, tr("Save the heat map"), QString(), tr("PNG (*.png);;SVG (*.svg);;PDF (*.pdf);;CSV (*.csv)"));
    if (!file.isEmpty() && !exportTo(file))
        QToolTip::showText(mapToGlobal(rect().center()), tr("%1 could not be written.").arg(file), this);
}

bool HeatMap::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QPoint cell = cellAt(help->pos());
        const State& d = *m_state;
        if (cell.x() < 0) {
            QToolTip::hideText();
        } else {
            const auto index = qsizetype(cell.y()) * d.data.columnCount + cell.x();
            QToolTip::showText(help->globalPos(),
                               index < d.data.tooltips.size() ? d.data.tooltips[index]
                                                              : d.readout(cell.y(), cell.x()),
                               this);
        }
        return true;
    }
    return QWidget::event(event);
}

QSize HeatMap::sizeHint() const
{
    return {520, std::clamp(m_state->data.rowCount * 22 + 90, 240, 900)};
}

QSize HeatMap::minimumSizeHint() const
{
    return {240, 180};
}

} // namespace lodestone::gui
