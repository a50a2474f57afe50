#pragma once
#include "structure/scene.h"

#include <QtGui/QImage>
#include <QtGui/QSurfaceFormat>
#include <QtWidgets/QWidget>
#include <memory>

namespace lodestone::gui {

/// Where the view is looked at from. Cartesian, Angstrom.
struct CameraState {
    Vec3 eye = {0, 0, 1}, centre = {0, 0, 0}, up = {0, 1, 0};
    double parallelScale = 1; ///< half the height of the view in parallel projection
    bool fitted = true;       ///< as the last fit left it: another size of the view is to be fitted anew
};

/// The 3D view of one scene: rotate (left drag or arrow keys), move (middle or shift + left), zoom (wheel, +
/// and -), pick (click). Follows the palette. No VTK name here: on platforms without a usable OpenGL the
/// factory gives a placeholder with the same functions.
class Viewport : public QWidget {
    Q_OBJECT
public:
    using QWidget::QWidget;
    /// Colours and sizes may change from frame to frame; the camera stays unless `resetCamera`.
    virtual void showScene(std::shared_ptr<const SceneArrays> scene, bool resetCamera) = 0;
    virtual void setHighlight(int atom) = 0; ///< -1: none
    /// Looks along `direction` with `up` upwards (both Cartesian), the whole scene in view.
    virtual void lookAlong(const Vec3& direction, const Vec3& up) = 0;
    virtual void resetZoom() = 0;
    virtual void setParallelProjection(bool parallel) = 0;
    virtual CameraState camera() const = 0;
    /// A fitted state gives its direction only, and fits.
    virtual void setCamera(const CameraState& state) = 0;
    /// The view at `factor` times its size in device pixels, with triad and legend. Null if it cannot be
    /// drawn.
    virtual QImage renderImage(int factor, bool transparent) = 0;
    /// Where the sphere of this atom (its first image) is, in widget coordinates; null point if not drawn.
    virtual QPointF positionOf(int atom) const = 0;
    /// A line through these points (Cartesian, Angstrom) with a text at its end, over everything else; no
    /// points: none.
    virtual void setMeasurement(const std::vector<Vec3>& points, const QString& text) = 0;
    virtual bool isPlaceholder() const { return false; }

Q_SIGNALS:
    void atomClicked(int atom);                                    ///< -1: the ground was clicked
    void sphereClicked(int atom, const lodestone::Vec3& position); ///< the image of the atom that was clicked
    void cameraMoved();
};

/// What VTK needs: OpenGL 3.2 core, alpha, no multisampling by Qt.
QSurfaceFormat surfaceFormat();
/// Makes that the default format; call it before QApplication.
void setDefaultSurfaceFormat();
/// True if this machine and Qt platform can show a 3D view.
bool canShowViewport();
Viewport* makeViewport(QWidget* parent);

} // namespace lodestone::gui
