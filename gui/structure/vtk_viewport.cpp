#include "structure/vtk_viewport.h"

#include "structure/gl_canvas.h"
#include "structure/overlay.h"
#include "structure/scene_actors.h"

#include <QtCore/QEvent>
#include <QtGui/QOpenGLContext>
#include <cmath>
#include <utility>
#include <vtkCamera.h>
#include <vtkImageData.h>
#include <vtkLightKit.h>
#include <vtkMatrix4x4.h>
#include <vtkRenderWindow.h>
#include <vtkRenderer.h>
#include <vtkWindowToImageFilter.h>

namespace lodestone::gui {

namespace {

constexpr int largestPicture = 16384; // pixels; the texture limit of common graphics drivers
constexpr double viewAngle = 25;      // degrees; gentle perspective

void addLights(vtkRenderer* renderer)
{
    vtkNew<vtkLightKit> lights;
    lights->SetKeyLightIntensity(0.85);
    lights->SetKeyToFillRatio(2.2);
    lights->SetKeyToHeadRatio(3);
    lights->SetKeyLightWarmth(0.5); // neutral: element colours must not shift
    lights->SetFillLightWarmth(0.5);
    lights->SetHeadLightWarmth(0.5);
    lights->SetBackLightWarmth(0.5);
    lights->AddLightsToRenderer(renderer);
}

QColor rimColour(const QPalette& palette)
{
    // Highlight colours are often blue like the arrows; amber reads on both grounds.
    return palette.color(QPalette::Base).lightness() < 128 ? QColor(255, 196, 0) : QColor(240, 150, 0);
}

/// Rows of `axes` in view coordinates.
Mat3 inView(const Mat3& axes, vtkCamera* camera)
{
    const vtkMatrix4x4* view = camera->GetViewTransformMatrix();
    Mat3 result = zero3;
    for (int axis = 0; axis < 3; ++axis)
        for (int row = 0; row < 3; ++row)
            for (int k = 0; k < 3; ++k)
                result[axis][row] += view->GetElement(row, k) * axes[axis][k];
    return result;
}

/// What the camera has to hold: every sphere, cell edge, exchange bond and arrow (with its half-width), along
/// the camera's right, up and backward axes (rows of `frame`), seen from the scene's centre.
template<class Visit>
void forEachReach(const SceneArrays& scene, const Mat3& frame, const Visit& visit)
{
    const auto at = [&](const float* p, double margin) {
        const Vec3 d = Vec3{p[0], p[1], p[2]} - scene.centre;
        visit(Vec3{dot(frame[0], d), dot(frame[1], d), dot(frame[2], d)}, margin);
    };
    for (std::size_t i = 0; i < scene.sphereCount(); ++i)
        at(&scene.atomPositions[3 * i], scene.atomRadii[i]);
    for (const Glyphs* glyphs : {&scene.cellEdges, &scene.exchange, &scene.shafts, &scene.heads})
        for (std::size_t i = 0; i < glyphs->size(); ++i)
            for (const float end : {-0.5f, 0.5f}) {
                std::array<float, 3> p;
                for (std::size_t k = 0; k < 3; ++k)
                    p[k] = glyphs->positions[3 * i + k] +
                           end * glyphs->scales[3 * i] * glyphs->directions[3 * i + k];
                at(p.data(), glyphs->scales[3 * i + 1]);
            }
}

/// Puts the camera so that the scene just fills the view, seen along `direction`, but for a share of the
/// width at the right that the legend takes. A ball around the scene would leave long cells small; the four
/// side planes of the view are moved up to the scene instead, so that its picture stands in the middle also
/// where the near end is large and the far end small.
void fit(vtkRenderer* renderer, const SceneArrays& scene, const Vec3& direction, const Vec3& up, double taken)
{
    constexpr double air = 1.06;
    const Vec3 back = (-1 / norm(direction)) * direction;
    Vec3 right = cross(up, back);
    right = (1 / norm(right)) * right;
    const Mat3 frame = {right, cross(back, right), back};
    double aspect = renderer->GetTiledAspectRatio();
    aspect = (aspect > 0 ? aspect : 1) * (1 - taken);
    vtkCamera* camera = renderer->GetActiveCamera();
    const bool parallel = camera->GetParallelProjection();
    const double tangent = std::tan(viewAngle / 2 * std::acos(-1.0) / 180);
    const std::array<double, 2> slopes = {tangent * aspect / air, tangent / air};

    // The planes x = eye_x +- slope (eye_z - z), touching: how far they stand out at z = 0. Parallel ones do
    // not slope.
    std::array<double, 2> low = {0, 0}, high = {0, 0};
    bool any = false;
    forEachReach(scene, frame, [&](const Vec3& p, double margin) {
        for (std::size_t k = 0; k < 2; ++k) {
            const double widened = parallel ? 0 : slopes[k] * p[2];
            const double reach = margin * (parallel ? 1 : std::hypot(1, slopes[k]));
            low[k] = any ? std::min(low[k], p[k] - widened - reach) : p[k] - widened - reach;
            high[k] = any ? std::max(high[k], p[k] + widened + reach) : p[k] + widened + reach;
        }
        any = true;
    });
    const double distance =
        std::max({1.0, (high[0] - low[0]) / (2 * slopes[0]), (high[1] - low[1]) / (2 * slopes[1])});
    const Vec3 centre = scene.centre + Vec3{(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, 0} * frame;
    const Vec3 eye = centre + distance * back;
    camera->SetViewAngle(viewAngle);
    camera->SetWindowCenter(taken, 0);
    camera->SetFocalPoint(centre.data());
    camera->SetPosition(eye.data());
    camera->SetViewUp(up.data());
    camera->OrthogonalizeViewUp();
    camera->SetParallelScale(distance * tangent);
    renderer->ResetCameraClippingRange();
}

bool same(const CameraState& a, const CameraState& b)
{
    return a.eye == b.eye && a.centre == b.centre && a.up == b.up && a.parallelScale == b.parallelScale;
}

} // namespace

VtkViewport::VtkViewport(QWidget* parent)
    : Viewport(parent),
      m_canvas(new GlCanvas(this)),
      m_overlay(new Overlay(this)),
      m_actors(std::make_unique<SceneActors>(m_canvas->renderer()))
{
    m_canvas->setAccessibleName(tr("3D view of the structure"));
    setFocusProxy(m_canvas);
    addLights(m_canvas->renderer());
    m_canvas->renderer()->GetActiveCamera()->SetViewAngle(viewAngle);
    m_overlay->raise();
    connect(m_canvas, &GlCanvas::clicked, this, &VtkViewport::pick);
    connect(m_canvas, &GlCanvas::rendered, this, &VtkViewport::onRendered);
    connect(m_canvas, &GlCanvas::moving, this, [this](bool on) {
        m_moving = on;
        m_mayRefine = true;
        chooseDetail();
    });
    connect(m_canvas, &GlCanvas::resized, this, &VtkViewport::fitAgain);
    applyPalette();
}

VtkViewport::~VtkViewport() = default;

void VtkViewport::resizeEvent(QResizeEvent*)
{
    m_canvas->setGeometry(rect());
    m_overlay->setGeometry(rect());
}

void VtkViewport::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange)
        applyPalette();
    Viewport::changeEvent(event);
}

void VtkViewport::applyPalette()
{
    const QColor ground = palette().color(QPalette::Base);
    m_canvas->renderer()->SetBackground(ground.redF(), ground.greenF(), ground.blueF());
    setHighlight(m_highlight);
}

void VtkViewport::showScene(std::shared_ptr<const SceneArrays> scene, bool resetCamera)
{
    // Frames of another size are fitted anew; the small changes from frame to frame of a trajectory are not
    // followed.
    const bool otherSize = m_scene && (std::abs(scene->radius / m_scene->radius - 1) > 0.01 ||
                                       norm(scene->centre - m_scene->centre) > 0.02 * m_scene->radius);
    m_scene = std::move(scene);
    m_actors->show(*m_scene);
    m_mayRefine = true;
    chooseDetail();
    setHighlight(m_highlight);
    if (resetCamera || (otherSize && cameraIsUntouched()))
        resetZoom();
    else
        m_canvas->renderer()->ResetCameraClippingRange();
    m_canvas->refresh();
}

void VtkViewport::setHighlight(int atom)
{
    m_highlight = atom;
    if (m_scene)
        m_actors->highlight(*m_scene, atom, rimColour(palette()));
    m_canvas->refresh();
}

void VtkViewport::lookAlong(const Vec3& direction, const Vec3& up)
{
    if (!m_scene)
        return;
    fit(m_canvas->renderer(), *m_scene, direction, up, legendShare());
    m_fitted = cameraNow();
    m_canvas->refresh();
}

/// Coarser while the view is being moved, as fine as can be waited for when it rests.
void VtkViewport::chooseDetail()
{
    const DetailChooser::Choice choice = m_detail.choose(
        m_actors->polygons(), m_moving ? DetailChooser::movingBudget : DetailChooser::restingBudget);
    m_canvas->setSmooth(choice.smooth);
    if (m_actors->detail() == choice.level)
        return;
    m_actors->setDetail(choice.level);
    m_canvas->refresh();
}

void VtkViewport::onRendered()
{
    if (m_scene) {
        m_detail.took(m_canvas->renderTime(), m_actors->polygons()[m_actors->detail()], m_canvas->smooth());
        // The first picture of a large scene shows what a finer one would cost. Finer once only: where times
        // waver the view would not come to rest.
        if (!m_moving && std::exchange(m_mayRefine, false))
            chooseDetail();
    }
    updateOverlay();
}

double VtkViewport::legendShare() const
{
    constexpr double most = 0.35; // a very narrow view is better overlaid than empty
    return m_scene && width() > 0
               ? std::min(most, legendReach({m_scene->legend, m_scene->exchangeLegend}, font()) / width())
               : 0;
}

CameraState VtkViewport::cameraNow() const
{
    CameraState state;
    vtkCamera* camera = m_canvas->renderer()->GetActiveCamera();
    camera->GetPosition(state.eye.data());
    camera->GetFocalPoint(state.centre.data());
    camera->GetViewUp(state.up.data());
    state.parallelScale = camera->GetParallelScale();
    return state;
}

CameraState VtkViewport::camera() const
{
    CameraState state = cameraNow();
    state.fitted = cameraIsUntouched();
    return state;
}

void VtkViewport::setCamera(const CameraState& state)
{
    const Vec3 direction = state.centre - state.eye;
    if (!(norm(direction) > 0) || !(norm(cross(direction, state.up)) > 0))
        return; // no view at all
    if (state.fitted) {
        lookAlong(direction, state.up);
        return;
    }
    vtkCamera* camera = m_canvas->renderer()->GetActiveCamera();
    camera->SetFocalPoint(state.centre.data());
    camera->SetPosition(state.eye.data());
    camera->SetViewUp(state.up.data());
    camera->OrthogonalizeViewUp();
    camera->SetParallelScale(std::max(state.parallelScale, 1e-3));
    camera->SetWindowCenter(legendShare(), 0);
    m_canvas->renderer()->ResetCameraClippingRange();
    m_canvas->refresh();
}

void VtkViewport::fitAgain()
{
    // The page may get its size after its first scene.
    if (m_scene && cameraIsUntouched())
        resetZoom();
}

bool VtkViewport::cameraIsUntouched() const
{
    return same(cameraNow(), m_fitted);
}

void VtkViewport::resetZoom()
{
    vtkCamera* camera = m_canvas->renderer()->GetActiveCamera();
    Vec3 direction, up;
    camera->GetDirectionOfProjection(direction.data());
    camera->GetViewUp(up.data());
    lookAlong(direction, up);
}

void VtkViewport::setParallelProjection(bool parallel)
{
    vtkCamera* camera = m_canvas->renderer()->GetActiveCamera();
    if (parallel == bool(camera->GetParallelProjection()))
        return;
    if (m_scene && cameraIsUntouched()) {
        camera->SetParallelProjection(parallel);
        resetZoom();
        return;
    }
    // The same size in the plane of the focal point before and after.
    const double tangent = std::tan(camera->GetViewAngle() / 2 * std::acos(-1.0) / 180);
    if (parallel)
        camera->SetParallelScale(camera->GetDistance() * tangent);
    else
        camera->Dolly(camera->GetDistance() * tangent / camera->GetParallelScale());
    camera->SetParallelProjection(parallel);
    m_canvas->renderer()->ResetCameraClippingRange();
    m_canvas->refresh();
}

void VtkViewport::updateOverlay()
{
    if (!m_scene)
        return;
    OverlayContent content;
    content.axes = inView(m_scene->axes, m_canvas->renderer()->GetActiveCamera());
    content.legends = {m_scene->legend, m_scene->exchangeLegend};
    for (const Vec3& point : m_measured)
        content.line << inWidget(point);
    content.lineText = m_measuredText;
    m_overlay->setContent(content);
    if (const CameraState now = cameraNow(); !same(now, m_told)) {
        m_told = now;
        Q_EMIT cameraMoved();
    }
}

void VtkViewport::pick(const QPointF& position)
{
    if (!m_scene)
        return;
    const QPointF display = m_canvas->toDisplay(position);
    vtkRenderer* renderer = m_canvas->renderer();
    const auto world = [&](double depth) -> Vec3 {
        renderer->SetDisplayPoint(display.x(), display.y(), depth);
        renderer->DisplayToWorld();
        const double* p = renderer->GetWorldPoint();
        return {p[0] / p[3], p[1] / p[3], p[2] / p[3]};
    };
    const Vec3 near = world(0), far = world(1);
    const int sphere = pickSphere(*m_scene, near, far - near);
    const auto n = std::size_t(sphere);
    Q_EMIT atomClicked(sphere < 0 ? -1 : m_scene->atomIndex[n]);
    if (sphere >= 0) {
        const float* p = &m_scene->atomPositions[3 * n];
        Q_EMIT sphereClicked(m_scene->atomIndex[n], {p[0], p[1], p[2]});
    }
}

QPointF VtkViewport::positionOf(int atom) const
{
    if (!m_scene)
        return {};
    for (std::size_t n = 0; n < m_scene->sphereCount(); ++n) {
        if (m_scene->atomIndex[n] != atom)
            continue;
        const float* p = &m_scene->atomPositions[3 * n];
        return inWidget({p[0], p[1], p[2]});
    }
    return {};
}

QPointF VtkViewport::inWidget(const Vec3& point) const
{
    vtkRenderer* renderer = m_canvas->renderer();
    renderer->SetWorldPoint(point[0], point[1], point[2], 1);
    renderer->WorldToDisplay();
    const double* display = renderer->GetDisplayPoint();
    return m_canvas->fromDisplay({display[0], display[1]});
}

void VtkViewport::setMeasurement(const std::vector<Vec3>& points, const QString& text)
{
    m_measured = points;
    m_measuredText = text;
    updateOverlay();
}

QImage VtkViewport::renderImage(int factor, bool transparent)
{
    if (!m_scene || width() <= 0 || height() <= 0)
        return {};
    // A window of its own, off the screen; Qt's context must not stay current behind Qt's back.
    if (QOpenGLContext* context = QOpenGLContext::currentContext())
        context->doneCurrent();
    const double scale = factor * devicePixelRatioF();
    const QSize size(int(std::lround(width() * scale)), int(std::lround(height() * scale)));
    if (std::max(size.width(), size.height()) > largestPicture)
        return {};
    vtkNew<vtkRenderer> renderer;
    vtkNew<vtkRenderWindow> window;
    window->SetOffScreenRendering(true);
    window->SetShowWindow(false);
    window->SetMultiSamples(8);
    window->SetAlphaBitPlanes(1);
    window->SetSize(size.width(), size.height());
    window->AddRenderer(renderer);
    const QColor ground = palette().color(QPalette::Base);
    // On transparent ground black turns the smoothed edges into premultiplied alpha.
    if (transparent)
        renderer->SetBackground(0, 0, 0);
    else
        renderer->SetBackground(ground.redF(), ground.greenF(), ground.blueF());
    renderer->SetBackgroundAlpha(transparent ? 0 : 1);
    addLights(renderer);
    renderer->GetActiveCamera()->DeepCopy(m_canvas->renderer()->GetActiveCamera());
    QImage image;
    {
        SceneActors actors(renderer);
        actors.show(*m_scene);
        renderer->ResetCameraClippingRange();
        window->Render();
        vtkNew<vtkWindowToImageFilter> grabber;
        grabber->SetInput(window);
        grabber->SetInputBufferTypeToRGBA();
        grabber->ReadFrontBufferOff();
        grabber->ShouldRerenderOff();
        grabber->Update();
        vtkImageData* pixels = grabber->GetOutput();
        const int* extent = pixels->GetDimensions();
        if (extent[0] != size.width() || extent[1] != size.height() ||
            pixels->GetNumberOfScalarComponents() != 4)
            return {};
        const QImage view(static_cast<const uchar*>(pixels->GetScalarPointer()), size.width(), size.height(),
                          4 * size.width(), QImage::Format_RGBA8888_Premultiplied);
        image = view.mirrored().convertToFormat(transparent ? QImage::Format_ARGB32_Premultiplied
                                                            : QImage::Format_RGB32);
        window->Finalize();
    }
    image.setDevicePixelRatio(scale);
    QPainter painter(&image);
    paintOverlay(painter, QRectF(QPointF(0, 0), QSizeF(width(), height())), m_overlay->content(),
                 palette().color(QPalette::Text), transparent ? QColor() : ground, font());
    painter.end();
    image.setDevicePixelRatio(1);
    return image;
}

} // namespace lodestone::gui
