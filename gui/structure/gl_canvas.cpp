#include "structure/gl_canvas.h"

#include "structure/viewport.h"

#include <QtCore/QElapsedTimer>
#include <QtGui/QMouseEvent>
#include <QtGui/QOpenGLContext>
#include <QtGui/QOpenGLFunctions>
#include <QtGui/QWheelEvent>
#include <QtWidgets/QApplication>
#include <cmath>
#include <vtkCallbackCommand.h>
#include <vtkCamera.h>
#include <vtkGenericOpenGLRenderWindow.h>
#include <vtkGenericRenderWindowInteractor.h>
#include <vtkInteractorStyleTrackballCamera.h>
#include <vtkOpenGLState.h>
#include <vtkRenderer.h>

namespace lodestone::gui {

namespace {

constexpr int samples = 4;      // a pixel: smooth edges
constexpr int stillAfter = 250; // ms after the last turn of the wheel or the last key

} // namespace

GlCanvas::GlCanvas(QWidget* parent) : QOpenGLWidget(parent)
{
    // Keeps the last picture when Qt repaints without anything having changed.
    setFormat(surfaceFormat());
    setUpdateBehavior(QOpenGLWidget::PartialUpdate);
    setFocusPolicy(Qt::StrongFocus);
    m_window->SetReadyForRendering(false);
    m_window->SetFrameBlitModeToBlitToCurrent();
    m_window->SetMultiSamples(samples);
    m_window->AddRenderer(m_renderer);

    m_observer->SetClientData(this);
    m_observer->SetCallback(&GlCanvas::onWindowEvent);
    m_window->AddObserver(vtkCommand::WindowMakeCurrentEvent, m_observer);
    m_window->AddObserver(vtkCommand::WindowIsCurrentEvent, m_observer);

    vtkNew<vtkInteractorStyleTrackballCamera> style;
    m_interactor->SetInteractorStyle(style);
    m_interactor->SetRenderWindow(m_window);
    m_interactor->EnableRenderOff(); // it asks by event; paintGL draws
    m_interactor->AddObserver(vtkCommand::RenderEvent, m_observer);
    m_interactor->Initialize();
    m_still.setSingleShot(true);
    m_still.setInterval(stillAfter);
    connect(&m_still, &QTimer::timeout, this, [this] { setMoving(false); });
}

GlCanvas::~GlCanvas()
{
    // The base class destroys the context after our members are gone.
    if (context())
        disconnect(context(), &QOpenGLContext::aboutToBeDestroyed, this, &GlCanvas::release);
    release();
    m_interactor->SetRenderWindow(nullptr);
    m_window->RemoveObserver(m_observer);
    m_interactor->RemoveObserver(m_observer);
}

void GlCanvas::release()
{
    if (!m_window->GetReadyForRendering() || !context())
        return;
    makeCurrent();
    m_window->Finalize();
    m_window->SetReadyForRendering(false);
    doneCurrent();
}

void GlCanvas::refresh()
{
    m_dirty = true;
    update();
}

void GlCanvas::onWindowEvent(vtkObject*, unsigned long event, void* self, void* data)
{
    auto* canvas = static_cast<GlCanvas*>(self);
    QOpenGLContext* context = canvas->context();
    switch (event) {
    case vtkCommand::WindowMakeCurrentEvent:
        // Not QOpenGLWidget::makeCurrent(): it binds Qt's framebuffer behind the back of VTK's state cache.
        if (context && QOpenGLContext::currentContext() != context)
            context->makeCurrent(context->surface());
        break;
    case vtkCommand::WindowIsCurrentEvent:
        *static_cast<bool*>(data) = context && QOpenGLContext::currentContext() == context;
        break;
    default: // RenderEvent of the interactor
        canvas->refresh();
    }
}

void GlCanvas::initializeGL()
{
    // A new context comes when the widget moves to another window (docks): let go of the old one in time.
    connect(context(), &QOpenGLContext::aboutToBeDestroyed, this, &GlCanvas::release, Qt::UniqueConnection);
    m_window->SetOwnContext(0);
    m_window->SetReadyForRendering(true);
    m_window->OpenGLInitContext();
    applySize();
    m_dirty = true;
    Q_EMIT resized();
}

void GlCanvas::applySize()
{
    const double ratio = devicePixelRatioF();
    const int width = int(std::lround(this->width() * ratio)),
              height = int(std::lround(this->height() * ratio));
    m_window->SetSize(width, height);
    m_window->SetDPI(int(std::lround(96 * ratio)));
    m_interactor->SetSize(width, height);
}

void GlCanvas::resizeGL(int, int)
{
    applySize();
    m_dirty = true;
    Q_EMIT resized();
}

void GlCanvas::paintGL()
{
    if (!m_dirty)
        return;
    m_dirty = false;
    vtkOpenGLState* state = m_window->GetState();
    state->Reset();
    state->vtkglDepthFunc(GL_LEQUAL);
    QElapsedTimer clock;
    clock.start();
    m_window->Render();
    context()->functions()->glFinish(); // else a graphics card's time would not be seen
    m_renderTime = double(clock.nsecsElapsed()) * 1e-6;
    // VTK leaves the ground transparent: without this the window behind would shine through.
    state->vtkglColorMask(GL_FALSE, GL_FALSE, GL_FALSE, GL_TRUE);
    state->vtkglClearColor(0, 0, 0, 1);
    state->vtkglClear(GL_COLOR_BUFFER_BIT);
    state->vtkglColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
    Q_EMIT rendered();
}

void GlCanvas::setSmooth(bool smooth)
{
    const int wanted = smooth ? samples : 0;
    if (m_window->GetMultiSamples() == wanted)
        return;
    m_window->SetMultiSamples(wanted);
    refresh();
}

bool GlCanvas::smooth() const
{
    return m_window->GetMultiSamples() > 0;
}

QPointF GlCanvas::toDisplay(const QPointF& point) const
{
    const double ratio = devicePixelRatioF();
    return {point.x() * ratio, (height() - 1 - point.y()) * ratio};
}

QPointF GlCanvas::fromDisplay(const QPointF& display) const
{
    const double ratio = devicePixelRatioF();
    return {display.x() / ratio, height() - 1 - display.y() / ratio};
}

void GlCanvas::setPointer(const QPointF& position, Qt::KeyboardModifiers modifiers)
{
    const QPointF display = toDisplay(position);
    m_interactor->SetEventInformation(int(display.x()), int(display.y()),
                                      modifiers.testFlag(Qt::ControlModifier),
                                      modifiers.testFlag(Qt::ShiftModifier));
}

void GlCanvas::mousePressEvent(QMouseEvent* event)
{
    m_pressedAt = event->position();
    m_dragged = false;
    setPointer(event->position(), event->modifiers());
    const Qt::MouseButton button = event->button();
    m_interactor->InvokeEvent(button == Qt::LeftButton     ? vtkCommand::LeftButtonPressEvent
                              : button == Qt::MiddleButton ? vtkCommand::MiddleButtonPressEvent
                                                           : vtkCommand::RightButtonPressEvent);
}

void GlCanvas::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_dragged &&
        (event->position() - m_pressedAt).manhattanLength() < QApplication::startDragDistance() / 2.0)
        return; // a click with an unsteady hand
    m_dragged = true;
    if (event->buttons())
        setMoving(true);
    setPointer(event->position(), event->modifiers());
    m_interactor->InvokeEvent(vtkCommand::MouseMoveEvent);
}

void GlCanvas::mouseReleaseEvent(QMouseEvent* event)
{
    setPointer(event->position(), event->modifiers());
    const Qt::MouseButton button = event->button();
    m_interactor->InvokeEvent(button == Qt::LeftButton     ? vtkCommand::LeftButtonReleaseEvent
                              : button == Qt::MiddleButton ? vtkCommand::MiddleButtonReleaseEvent
                                                           : vtkCommand::RightButtonReleaseEvent);
    setMoving(false);
    if (button == Qt::LeftButton && !m_dragged)
        Q_EMIT clicked(event->position());
}

void GlCanvas::setMoving(bool on)
{
    m_still.stop();
    if (on == m_moving)
        return;
    m_moving = on;
    Q_EMIT moving(on);
}

void GlCanvas::moveForAWhile()
{
    setMoving(true);
    m_still.start();
}

void GlCanvas::wheelEvent(QWheelEvent* event)
{
    moveForAWhile();
    zoom(std::pow(1.1, event->angleDelta().y() / 120.0));
    event->accept();
}

void GlCanvas::zoom(double factor)
{
    vtkCamera* camera = m_renderer->GetActiveCamera();
    if (camera->GetParallelProjection())
        camera->Zoom(factor);
    else
        camera->Dolly(factor);
    m_renderer->ResetCameraClippingRange();
    refresh();
}

void GlCanvas::keyPressEvent(QKeyEvent* event)
{
    vtkCamera* camera = m_renderer->GetActiveCamera();
    switch (event->key()) {
    case Qt::Key_Left:
        camera->Azimuth(10);
        break;
    case Qt::Key_Right:
        camera->Azimuth(-10);
        break;
    case Qt::Key_Up:
        camera->Elevation(-10);
        break;
    case Qt::Key_Down:
        camera->Elevation(10);
        break;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoom(1.1);
        break;
    case Qt::Key_Minus:
        zoom(1 / 1.1);
        break;
    default:
        QOpenGLWidget::keyPressEvent(event);
        return;
    }
    moveForAWhile();
    camera->OrthogonalizeViewUp();
    m_renderer->ResetCameraClippingRange();
    refresh();
}

} // namespace lodestone::gui
