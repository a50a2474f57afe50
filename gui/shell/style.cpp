#include "shell/style.h"

#include <QtGui/QPainter>
#include <QtGui/QPainterPath>
#include <QtWidgets/QStyleOption>

namespace lodestone::gui {

namespace {

void drawCheckBox(const QStyleOption* option, QPainter* painter)
{
    const QPalette& palette = option->palette;
    const bool enabled = option->state & QStyle::State_Enabled;
    const bool on = option->state & QStyle::State_On, partly = option->state & QStyle::State_NoChange;
    const bool focused = option->state & (QStyle::State_HasFocus | QStyle::State_MouseOver);
    const QColor fill = palette.color(enabled ? QPalette::Active : QPalette::Disabled, QPalette::Highlight);
    const qreal side = std::min({option->rect.width(), option->rect.height(), 16}) - 1.0;
    QRectF box(0, 0, side, side);
    box.moveCenter(QRectF(option->rect).center());
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen((on || partly) ? fill.lighter(125)
                         : focused      ? fill
                                        : palette.color(QPalette::PlaceholderText),
                         1));
    painter->setBrush(on || partly ? fill : palette.color(QPalette::Base));
    painter->drawRoundedRect(box, 3, 3);
    painter->setBrush(Qt::NoBrush);
    painter->setPen(
        QPen(palette.color(QPalette::HighlightedText), side / 7, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const auto at = [&box](qreal x, qreal y) {
        return box.topLeft() + QPointF(x * box.width(), y * box.height());
    };
    if (on) {
        QPainterPath tick(at(0.24, 0.53));
        tick.lineTo(at(0.43, 0.71));
        tick.lineTo(at(0.77, 0.31));
        painter->drawPath(tick);
    } else if (partly) {
        painter->drawLine(at(0.28, 0.5), at(0.72, 0.5));
    }
    painter->restore();
}

void drawFieldFrame(const QStyleOption* option, QPainter* painter)
{
    const bool focused = option->state & QStyle::State_HasFocus;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(option->palette.color(focused ? QPalette::Highlight : QPalette::Mid));
    painter->setBrush(Qt::NoBrush);
    painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), 2.5, 2.5);
    painter->restore();
}

} // namespace

Style::Style() : QProxyStyle(QStringLiteral("Fusion")) {}

void Style::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                               const QWidget* widget) const
{
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    if (control == CC_SpinBox)
        drawFieldFrame(option, painter);
}

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                          const QWidget* widget) const
{
    switch (element) {
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
        drawCheckBox(option, painter);
        return;
    case PE_FrameLineEdit:
        drawFieldFrame(option, painter);
        return;
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

} // namespace lodestone::gui
