#include "widgets/heat_map.h"
#include "widgets/heat_map_state.h"
#include "widgets/plain_text.h"

#include <QtCore/QFile>
#include <QtGui/QClipboard>
#include <QtGui/QContextMenuEvent>
#include <QtGui/QGuiApplication>
#include <QtGui/QHelpEvent>
#include <QtGui/QPdfWriter>
#include <QtSvg/QSvgGenerator>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QMenu>
#include <QtWidgets/QToolTip>

namespace lodestone::gui {

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
    menu.addAction(tr("&Save as…"), this, &HeatMap::saveAs);
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
                               asPlainText(index < d.data.tooltips.size() ? d.data.tooltips[index]
                                                                          : d.readout(cell.y(), cell.x())),
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
