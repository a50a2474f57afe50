#pragma once
#include "structure/scene.h"

#include <QtGui/QPainter>
#include <QtWidgets/QWidget>

namespace lodestone::gui {

/// What lies flat on the picture: the triad of crystal axes, the legends, a measurement.
struct OverlayContent {
    Mat3 axes =
        zero3; ///< rows: a, b, c in view coordinates (x right, y up, z towards the viewer); zero3: no triad
    std::vector<Legend> legends; ///< below each other at the right; those without a title are left out
    QPolygonF line;              ///< of a measurement, logical pixels
    QString lineText;            ///< at its end
};

/// Paints into `area` (logical pixels); an invalid `ground` means a transparent one, where nothing is laid
/// under texts. Used by the view and by the image export alike.
void paintOverlay(QPainter& painter, const QRectF& area, const OverlayContent& content, const QColor& ink,
                  const QColor& ground, const QFont& font);

/// Width in logical pixels that the legends take at the right edge, with their margins; 0 without a legend.
double legendReach(const std::vector<Legend>& legends, const QFont& font);

/// Transparent child of the viewport; lets all events through.
class Overlay : public QWidget {
    Q_OBJECT
public:
    explicit Overlay(QWidget* parent);
    void setContent(const OverlayContent& content);
    const OverlayContent& content() const { return m_content; }

protected:
    void paintEvent(QPaintEvent*) override;

private:
    OverlayContent m_content;
};

} // namespace lodestone::gui
