#pragma once
#include <QtWidgets/QProxyStyle>

namespace lodestone::gui {

/// Fusion, but check boxes and the frames of text and number fields in colours that stay visible on dark
/// ground (Fusion makes its outlines darker than the window).
class Style : public QProxyStyle {
    Q_OBJECT
public:
    Style();
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                            const QWidget* widget) const override;
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
};

} // namespace lodestone::gui
