#include "widgets/plot.h"
#include "widgets/plot_state.h"

#include <QtGui/QClipboard>
#include <QtGui/QContextMenuEvent>
#include <QtGui/QGuiApplication>
#include <QtSvg/QSvgGenerator>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QMenu>
#include <QtWidgets/QToolTip>

namespace lodestone::gui {

Plot::Plot(QWidget* parent) : QWidget(parent), m_state(std::make_unique<State>(this))
{
    State& d = *m_state;
    d.stack = new QStackedLayout(this);
    d.placeholder = new QLabel(tr("No data yet."));
    d.placeholder->setTextFormat(Qt::PlainText);
    d.placeholder->setAlignment(Qt::AlignCenter);
    d.placeholder->setWordWrap(true);
    d.placeholder->setMargin(16);
    d.placeholder->setForegroundRole(QPalette::PlaceholderText);
    d.placeholder->setBackgroundRole(QPalette::Base);
    d.placeholder->setAutoFillBackground(true);
    d.plot = new QCustomPlot;
    d.plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    d.plot->setNoAntialiasingOnDrag(true);
    d.plot->plotLayout()->insertRow(0);
    d.title = new QCPTextElement(d.plot);
    d.title->setVisible(false);
    d.title->setMaximumSize(QWIDGETSIZE_MAX, 0);
    d.plot->plotLayout()->addElement(0, 0, d.title);
    // The legend stands in a row of its own above the axes, where it hides no data.
    d.plot->plotLayout()->insertRow(1);
    d.plot->axisRect()->insetLayout()->take(d.plot->legend);
    d.plot->plotLayout()->addElement(1, 0, d.plot->legend);
    d.plot->plotLayout()->setRowStretchFactor(1, 0.001);
    d.plot->plotLayout()->setRowSpacing(2);
    d.plot->legend->setMargins(QMargins(8, 2, 8, 2));
    d.plot->legend->setColumnSpacing(12);
    d.plot->legend->setRowSpacing(0);
    d.plot->legend->setIconSize(18, 12);
    d.diagonal = new QCPItemStraightLine(d.plot);
    d.diagonal->point1->setCoords(0, 0);
    d.diagonal->point2->setCoords(1, 1);
    d.diagonal->setVisible(false);
    d.plot->setMinimumSize(
        1, 1); // on a page that was never shown it would be drawn into nothing, with a warning
    d.stack->addWidget(d.placeholder);
    d.stack->addWidget(d.plot);
    d.refresh.setSingleShot(true);
    connect(&d.refresh, &QTimer::timeout, this, [this] {
        m_state->draw(palette());
        m_state->plot->replot(QCustomPlot::rpQueuedReplot);
    });
    const auto byHand = [this] { m_state->autoFit = false; };
    connect(d.plot, &QCustomPlot::mouseWheel, this, byHand);
    connect(d.plot, &QCustomPlot::mouseDoubleClick, this, [this] { fitAll(); });
    d.plot->installEventFilter(this);
    setFocusPolicy(Qt::StrongFocus);
    d.plot->setFocusProxy(this);
    d.applyScale(d.plot->xAxis, false);
    d.applyScale(d.plot->yAxis, false);
}

Plot::~Plot() = default;

void Plot::setTitles(const QString& title, const QString& xAxis, const QString& yAxis)
{
    State& d = *m_state;
    d.title->setText(title);
    d.title->setVisible(!title.isEmpty());
    d.title->setMaximumSize(QWIDGETSIZE_MAX, title.isEmpty() ? 0 : QWIDGETSIZE_MAX);
    d.plot->xAxis->setLabel(xAxis);
    d.plot->yAxis->setLabel(yAxis);
    setAccessibleName(title.isEmpty() ? tr("Chart of %1 against %2").arg(yAxis, xAxis) : title);
    d.later(false);
}

void Plot::setXTitle(const QString& xAxis)
{
    if (m_state->plot->xAxis->label() == xAxis)
        return;
    m_state->plot->xAxis->setLabel(xAxis);
    m_state->later(false);
}

void Plot::setWholeX(bool whole)
{
    m_state->wholeX = whole;
    m_state->applyScale(m_state->plot->xAxis, m_state->logX);
}

void Plot::setLogX(bool log)
{
    if (m_state->logX == log)
        return;
    m_state->logX = log;
    m_state->applyScale(m_state->plot->xAxis, log);
}

void Plot::setLogY(bool log)
{
    if (m_state->logY == log)
        return;
    m_state->logY = log;
    m_state->applyScale(m_state->plot->yAxis, log);
}

bool Plot::logX() const
{
    return m_state->logX;
}

bool Plot::logY() const
{
    return m_state->logY;
}

void Plot::setSeries(const QString& name, const std::vector<double>& x, const std::vector<double>& y,
                     Style style, double smoothing)
{
    State& d = *m_state;
    State::Series* s = d.find(name);
    if (s && (s->style == Style::Bars) != (style == Style::Bars))
        d.removeItems(*s);
    if (!s) {
        d.series.push_back({});
        s = &d.series.back();
        s->name = name;
    }
    const std::size_t n = std::min(x.size(), y.size());
    s->x.assign(x.begin(), x.begin() + std::ptrdiff_t(n));
    s->y.assign(y.begin(), y.begin() + std::ptrdiff_t(n));
    s->style = style;
    s->smoothing = smoothing;
    d.fill(*s);
    d.later(false);
}

void Plot::setLook(const QString& name, const Look& look)
{
    m_state->looks[name] = look;
    m_state->later(false);
}

void Plot::removeSeries(const QString& name)
{
    State& d = *m_state;
    const auto gone = [&](State::Series& s) {
        if (s.name != name)
            return false;
        d.removeItems(s);
        return true;
    };
    d.series.erase(std::remove_if(d.series.begin(), d.series.end(), gone), d.series.end());
    d.later(false);
}

void Plot::clear()
{
    for (State::Series& s : m_state->series)
        m_state->removeItems(s);
    m_state->series.clear();
    m_state->later(true);
}

void Plot::setDiagonal(bool on)
{
    m_state->diagonal->setVisible(on);
    m_state->later(false);
}

void Plot::setPlaceholder(const QString& sentence)
{
    m_state->placeholder->setText(sentence);
}

void Plot::fitAll()
{
    m_state->later(true);
}

int Plot::pointCount() const
{
    std::size_t n = 0;
    for (const State::Series& s : m_state->series)
        n += std::size_t(std::count_if(s.y.begin(), s.y.end(), [](double v) { return std::isfinite(v); }));
    return int(n);
}

QStringList Plot::seriesNames() const
{
    QStringList names;
    for (const State::Series& s : m_state->series)
        names << s.name;
    return names;
}

std::vector<QPointF> Plot::seriesPoints(const QString& name) const
{
    std::vector<QPointF> points;
    State::Series* s = m_state->find(name);
    if (!s)
        return points;
    const auto add = [&points](double x, double y) {
        if (std::isfinite(y))
            points.emplace_back(x, y);
    };
    if (s->bars)
        for (const auto& bar : *s->bars->data())
            add(bar.key, bar.value);
    if (s->main)
        for (const auto& point : *s->main->data())
            add(point.key, point.value);
    return points;
}

QRectF Plot::visibleRange() const
{
    if (m_state->autoFit)
        m_state->fit();
    const QCPRange x = m_state->plot->xAxis->range(), y = m_state->plot->yAxis->range();
    return QRectF(QPointF(x.lower, y.lower), QPointF(x.upper, y.upper));
}

bool Plot::exportTo(const QString& file)
{
    State& d = *m_state;
    const QString kind = file.section(QLatin1Char('.'), -1).toLower();
    if (kind == QLatin1String("csv"))
        return d.writeCsv(file);
    const QSize size = this->size().expandedTo(QSize(480, 320));
    d.draw(detail::paperPalette());
    bool written = false;
    if (kind == QLatin1String("png")) {
        written = d.plot->savePng(file, size.width(), size.height(), 2.0);
    } else if (kind == QLatin1String("pdf")) {
        written = d.plot->savePdf(file, size.width(), size.height());
    } else if (kind == QLatin1String("svg")) {
        QSvgGenerator svg;
        svg.setFileName(file);
        svg.setSize(size);
        svg.setViewBox(QRect(QPoint(0, 0), size));
        QCPPainter painter;
        if (painter.begin(&svg)) {
            painter.setMode(QCPPainter::pmVectorized);
            d.plot->toPainter(&painter, size.width(), size.height());
            written = painter.end();
        }
    }
    d.later(false);
    return written;
}

void Plot::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        m_state->later(false);
}

void Plot::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_state->later(false);
}

void Plot::keyPressEvent(QKeyEvent* event)
{
    State& d = *m_state;
    const auto zoom = [&](double factor) {
        d.plot->xAxis->scaleRange(factor);
        d.plot->yAxis->scaleRange(factor);
    };
    const auto move = [&](QCPAxis* axis, double share) {
        if (axis->scaleType() == QCPAxis::stLogarithmic)
            axis->setRange(axis->range().lower * std::pow(10, share),
                           axis->range().upper * std::pow(10, share));
        else
            axis->moveRange(share * axis->range().size());
    };
    switch (event->key()) {
    case Qt::Key_Home:
        fitAll();
        return;
    case Qt::Key_Plus:
        zoom(0.8);
        break;
    case Qt::Key_Minus:
        zoom(1.25);
        break;
    case Qt::Key_Left:
        move(d.plot->xAxis, -0.1);
        break;
    case Qt::Key_Right:
        move(d.plot->xAxis, 0.1);
        break;
    case Qt::Key_Up:
        move(d.plot->yAxis, 0.1);
        break;
    case Qt::Key_Down:
        move(d.plot->yAxis, -0.1);
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    d.autoFit = false;
    d.plot->replot(QCustomPlot::rpQueuedReplot);
}

void Plot::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    menu.addAction(tr("&Fit all"), this, &Plot::fitAll);
    QAction* x = menu.addAction(tr("Logarithmic &x axis"), this, [this](bool on) { setLogX(on); });
    QAction* y = menu.addAction(tr("Logarithmic &y axis"), this, [this](bool on) { setLogY(on); });
    x->setCheckable(true);
    x->setChecked(m_state->logX);
    y->setCheckable(true);
    y->setChecked(m_state->logY);
    menu.addSeparator();
    menu.addAction(tr("&Copy numbers"), this,
                   [this] { QGuiApplication::clipboard()->setText(m_state->csv()); });
    menu.addAction(tr("&Save as…"), this, &Plot::saveAs);
    menu.exec(event->globalPos());
}

void Plot::saveAs()
{
    const QString file = QFileDialog::getSaveFileName(
        this, tr("Save the chart"), QString(), tr("PNG (*.png);;SVG (*.svg);;PDF (*.pdf);;CSV (*.csv)"));
    if (!file.isEmpty() && !exportTo(file))
        QToolTip::showText(mapToGlobal(rect().center()), tr("%1 could not be written.").arg(file), this);
}

bool Plot::eventFilter(QObject* watched, QEvent* event)
{
    State& d = *m_state;
    if (event->type() == QEvent::MouseMove || event->type() == QEvent::MouseButtonRelease) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (mouse->buttons() != Qt::NoButton)
            d.autoFit = false; // the range is being dragged
        const State::Hit hit = d.nearest(mouse->position(), 12);
        if (hit.series && event->type() == QEvent::MouseMove && mouse->buttons() == Qt::NoButton) {
            QToolTip::showText(
                mouse->globalPosition().toPoint(),
                asPlainText(QStringLiteral("%1\n%2: %3\n%4: %5")
                                .arg(hit.series->name, d.plot->xAxis->label(), QString::number(hit.x, 'g', 6),
                                     d.plot->yAxis->label(), QString::number(hit.y, 'g', 6))),
                d.plot);
        } else if (!hit.series) {
            QToolTip::hideText();
        } else if (event->type() == QEvent::MouseButtonRelease && hit.series->style == Style::Points) {
            Q_EMIT pointClicked(hit.series->name, hit.index);
        }
    } else if (event->type() == QEvent::MouseButtonPress) {
        setFocus(Qt::MouseFocusReason);
    } else if (event->type() == QEvent::Resize) {
        d.later(false);
    }
    return QWidget::eventFilter(watched, event);
}

QSize Plot::sizeHint() const
{
    return {360, 240};
}

QSize Plot::minimumSizeHint() const
{
    return {180, 120};
}

} // namespace lodestone::gui
