#include "structure/viewport.h"

#include "structure/vtk_viewport.h"

#include <QtGui/QGuiApplication>
#include <QtGui/QOffscreenSurface>
#include <QtGui/QOpenGLContext>
#include <QtGui/QSurfaceFormat>
#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>

namespace lodestone::gui {

namespace {

/// Says why there is no picture; everything else of the page works.
class PlaceholderViewport : public Viewport {
public:
    explicit PlaceholderViewport(QWidget* parent) : Viewport(parent)
    {
        auto* label =
            new QLabel(Viewport::tr("The 3D view needs an X11 display with OpenGL 3.2. Frames, tables and "
                                    "moments can be read without it."),
                       this);
        label->setWordWrap(true);
        label->setAlignment(Qt::AlignCenter);
        auto* layout = new QVBoxLayout(this);
        layout->addWidget(label);
    }
    void showScene(std::shared_ptr<const SceneArrays>, bool) override {}
    void setHighlight(int) override {}
    void lookAlong(const Vec3&, const Vec3&) override {}
    void resetZoom() override {}
    void setParallelProjection(bool) override {}
    CameraState camera() const override { return m_camera; }
    void setCamera(const CameraState& state) override { m_camera = state; }
    QImage renderImage(int, bool) override { return {}; }
    QPointF positionOf(int) const override { return {}; }
    void setMeasurement(const std::vector<Vec3>&, const QString&) override {}
    bool isPlaceholder() const override { return true; }

private:
    CameraState m_camera; ///< kept for a session with a display
};

} // namespace

QSurfaceFormat surfaceFormat()
{
    QSurfaceFormat format;
    format.setRenderableType(QSurfaceFormat::OpenGL);
    format.setVersion(3, 2);
    format.setProfile(QSurfaceFormat::CoreProfile);
    format.setDepthBufferSize(24);
    format.setAlphaBufferSize(8);
    format.setSamples(0); // VTK smooths in its own framebuffer
    return format;
}

void setDefaultSurfaceFormat()
{
    QSurfaceFormat::setDefaultFormat(surfaceFormat());
}

bool canShowViewport()
{
    // Debian's VTK speaks GLX only: EGL platforms (wayland, offscreen, minimal, eglfs) cannot host it.
    if (QGuiApplication::platformName() != QLatin1String("xcb"))
        return false;
    if (qgetenv("QT_XCB_GL_INTEGRATION") == "xcb_egl")
        return false;
    QOpenGLContext context;
    context.setFormat(surfaceFormat());
    if (!context.create() || context.format().version() < qMakePair(3, 2))
        return false;
    QOffscreenSurface surface;
    surface.setFormat(context.format());
    surface.create();
    if (!context.makeCurrent(&surface))
        return false;
    context.doneCurrent();
    return true;
}

Viewport* makeViewport(QWidget* parent)
{
    if (canShowViewport())
        return new VtkViewport(parent);
    return new PlaceholderViewport(parent);
}

} // namespace lodestone::gui
