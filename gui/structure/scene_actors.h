#pragma once
#include "structure/scene.h"

#include <QtGui/QColor>
#include <vector>
#include <vtkNew.h>
#include <vtkSmartPointer.h>

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

    /// As fine as its number of atoms allows; see setDetail().
    void show(const SceneArrays& scene);
    /// Polygons of the scene shown for each level of detail, the finest first.
    std::vector<double> polygons() const;
    void setDetail(std::size_t level); ///< an index into polygons()
    std::size_t detail() const { return m_level - m_finest; }
    /// Draws a rim around all images of this atom; -1: none.
    void highlight(const SceneArrays& scene, int atom, const QColor& colour);

private:
    struct Kind {
        vtkNew<vtkPolyData> points;
        vtkNew<vtkGlyph3DMapper> mapper;
        vtkNew<vtkActor> actor;
        std::vector<vtkSmartPointer<vtkPolyData>> shapes = {}; ///< by level
    };
    void addKind(Kind& kind, std::vector<vtkSmartPointer<vtkPolyData>> shapes, bool oriented);
    void applyLevel();

    vtkRenderer* m_renderer;
    Kind m_atoms, m_bonds, m_exchange, m_cell, m_shafts, m_heads, m_rim;
    std::size_t m_finest = 0, m_level = 0; ///< of all levels: that of the scene's number of atoms, and in use
};

} // namespace lodestone::gui
