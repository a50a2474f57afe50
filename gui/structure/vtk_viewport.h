#pragma once
#include "structure/detail.h"
#include "structure/viewport.h"

#include <memory>

namespace lodestone::gui {

class GlCanvas;
class Overlay;
class SceneActors;

/// The viewport drawn by VTK; made by makeViewport().
class VtkViewport : public Viewport {
    Q_OBJECT
public:
    explicit VtkViewport(QWidget* parent);
    ~VtkViewport() override;
    void showScene(std::shared_ptr<const SceneArrays> scene, bool resetCamera) override;
    void setHighlight(int atom) override;
    void lookAlong(const Vec3& direction, const Vec3& up) override;
    void resetZoom() override;
    void setParallelProjection(bool parallel) override;
    CameraState camera() const override;
    void setCamera(const CameraState& state) override;
    QImage renderImage(int factor, bool transparent) override;
    QPointF positionOf(int atom) const override;
    void setMeasurement(const std::vector<Vec3>& points, const QString& text) override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void applyPalette();
    void pick(const QPointF& position);
    void updateOverlay();
    void fitAgain();
    void chooseDetail();
    void onRendered();
    QPointF inWidget(const Vec3& point) const;
    double legendShare() const;     ///< of the width, at the right edge
    bool cameraIsUntouched() const; ///< since the last fit
    CameraState cameraNow() const;  ///< without `fitted`

    GlCanvas* m_canvas;
    Overlay* m_overlay;
    std::unique_ptr<SceneActors> m_actors;
    std::shared_ptr<const SceneArrays> m_scene;
    DetailChooser m_detail;
    bool m_moving = false, m_mayRefine = false;
    int m_highlight = -1;
    std::vector<Vec3> m_measured;
    QString m_measuredText;
    CameraState m_fitted; ///< where the camera stood after the last fit
    CameraState m_told;   ///< what cameraMoved was last emitted for
};

} // namespace lodestone::gui
