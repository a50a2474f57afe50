#pragma once
#include <QtCore/QTimer>
#include <QtOpenGLWidgets/QOpenGLWidget>
#include <vtkNew.h>
#include <vtkSmartPointer.h>

class QMouseEvent;
class vtkCallbackCommand;
class vtkGenericOpenGLRenderWindow;
class vtkGenericRenderWindowInteractor;
class vtkObject;
class vtkRenderer;

namespace lodestone::gui {

/// A VTK render window inside a Qt 6 widget. VTK draws into its own framebuffer and copies it to Qt's;
/// rendering happens only in paintGL and only when something changed.
class GlCanvas : public QOpenGLWidget {
    Q_OBJECT
public:
    explicit GlCanvas(QWidget* parent);
    ~GlCanvas() override;

    vtkRenderer* renderer() const { return m_renderer; }
    /// Something changed: draw again soon.
    void refresh();
    void zoom(double factor); ///< > 1: closer
    /// Smoothed edges take a processor without a graphics card three times as long.
    void setSmooth(bool smooth);
    bool smooth() const;
    double renderTime() const { return m_renderTime; } ///< of the last drawing, in milliseconds
    /// Device pixels for a point of the widget, y upwards, as VTK counts.
    QPointF toDisplay(const QPointF& point) const;
    QPointF fromDisplay(const QPointF& display) const;

Q_SIGNALS:
    void clicked(const QPointF& position); ///< left button, without a drag
    void rendered();                       ///< after every drawing: the camera may have moved
    void moving(bool on); ///< the user has begun, or has ceased, to turn, shift or zoom the view
    void resized();       ///< the view has its new size

protected:
    void initializeGL() override;
    void resizeGL(int width, int height) override;
    void paintGL() override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    static void onWindowEvent(vtkObject* caller, unsigned long event, void* self, void* data);
    void setPointer(const QPointF& position, Qt::KeyboardModifiers modifiers);
    void applySize();
    void release();
    void setMoving(bool on);
    void moveForAWhile(); ///< by a key or the wheel, which do not tell when they end

    vtkNew<vtkGenericOpenGLRenderWindow> m_window;
    vtkNew<vtkGenericRenderWindowInteractor> m_interactor;
    vtkNew<vtkRenderer> m_renderer;
    vtkNew<vtkCallbackCommand> m_observer;
    QPointF m_pressedAt;
    QTimer m_still;
    double m_renderTime = 0;
    bool m_dragged = false, m_moving = false;
    bool m_dirty = true;
};

} // namespace lodestone::gui
