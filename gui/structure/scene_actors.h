#pragma once
#include "structure/scene.h"

#include <QtGui/QColor>
#include <vtkNew.h>

class vtkActor;
class vtkGlyph3DMapper;
class vtkPolyData;
class vtkRenderer;

namespace lodestone::gui {

/// Actors of one scene in one renderer: one instanced actor per kind of shape. GUI thread only.
class SceneActors {
public:
    /// Adds its actors to the renderer, which must outlive this object.
    explicit SceneActors(vtkRenderer* renderer);
    ~SceneActors();
    SceneActors(const SceneActors&) = delete;
    SceneActors& operator=(const SceneActors&) = delete;

    void show(const SceneArrays& scene);
    /// Draws a rim around all images of this atom; -1: none.
    void highlight(const SceneArrays& scene, int atom, const QColor& colour);

private:
    struct Kind {
        vtkNew<vtkPolyData> points;
        vtkNew<vtkGlyph3DMapper> mapper;
        vtkNew<vtkActor> actor;
    };
    void addKind(Kind& kind, vtkPolyData* shape, bool oriented);

    vtkRenderer* m_renderer;
    Kind m_atoms, m_bonds, m_exchange, m_cell, m_shafts, m_heads, m_rim;
    int m_sphereSides = 0;
};

} // namespace lodestone::gui
