#include "structure/scene_actors.h"

#include <algorithm>
#include <iterator>
#include <vtkActor.h>
#include <vtkConeSource.h>
#include <vtkCylinderSource.h>
#include <vtkFloatArray.h>
#include <vtkGlyph3DMapper.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkSphereSource.h>
#include <vtkTransform.h>
#include <vtkTransformPolyDataFilter.h>
#include <vtkUnsignedCharArray.h>

namespace lodestone::gui {

namespace {

constexpr const char *scaleName = "scale", *directionName = "direction", *colourName = "colour";

vtkSmartPointer<vtkPolyData> cylinder(int sides)
{
    vtkNew<vtkCylinderSource> source; // along y
    source->SetRadius(1);
    source->SetHeight(1);
    source->SetResolution(sides);
    vtkNew<vtkTransform> toX;
    toX->RotateZ(-90);
    vtkNew<vtkTransformPolyDataFilter> filter;
    filter->SetInputConnection(source->GetOutputPort());
    filter->SetTransform(toX);
    filter->Update();
    return filter->GetOutput();
}

vtkSmartPointer<vtkPolyData> cone(int sides)
{
    vtkNew<vtkConeSource> source; // along x, the point at +x
    source->SetRadius(1);
    source->SetHeight(1);
    source->SetResolution(sides);
    source->Update();
    return source->GetOutput();
}

vtkSmartPointer<vtkPolyData> sphere(int sides)
{
    vtkNew<vtkSphereSource> source;
    source->SetRadius(1);
    source->SetThetaResolution(sides);
    source->SetPhiResolution(sides / 2 + 1);
    source->Update();
    return source->GetOutput();
}

// Sides of the round shapes, finest first. At the last level bonds are left out.
constexpr int sphereSides[] = {36, 20, 12, 8, 6};
constexpr int bondSides[] = {12, 12, 8, 6, 4}, cellSides[] = {8, 8, 8, 6, 4};
constexpr int shaftSides[] = {20, 12, 8, 6, 4}, headSides[] = {28, 20, 12, 8, 5};
constexpr std::size_t levels = std::size(sphereSides);

/// The finest level for so many spheres: more sides would not be seen.
std::size_t finestLevel(std::size_t spheres)
{
    return spheres <= 500 ? 0 : spheres <= 5000 ? 1 : 2;
}

std::vector<vtkSmartPointer<vtkPolyData>> shapes(vtkSmartPointer<vtkPolyData> (*make)(int),
                                                 const int (&sides)[levels])
{
    std::vector<vtkSmartPointer<vtkPolyData>> made;
    for (const int n : sides)
        made.push_back(make(n));
    return made;
}

template<class Array, class T>
vtkSmartPointer<Array> copied(const std::vector<T>& values, int width, const char* name)
{
    auto array = vtkSmartPointer<Array>::New();
    array->SetName(name);
    array->SetNumberOfComponents(width);
    array->SetNumberOfTuples(vtkIdType(values.size()) / width);
    std::copy(values.begin(), values.end(), array->GetPointer(0));
    return array;
}

void fill(vtkPolyData* data, const std::vector<float>& positions, const std::vector<float>& scales,
          int scaleWidth, const std::vector<std::uint8_t>& colours)
{
    vtkNew<vtkPoints> points;
    points->SetData(copied<vtkFloatArray>(positions, 3, "position"));
    data->Initialize();
    data->SetPoints(points);
    data->GetPointData()->AddArray(copied<vtkFloatArray>(scales, scaleWidth, scaleName));
    data->GetPointData()->AddArray(copied<vtkUnsignedCharArray>(colours, 3, colourName));
}

void fill(vtkPolyData* data, const Glyphs& glyphs)
{
    fill(data, glyphs.positions, glyphs.scales, 3, glyphs.colours);
    data->GetPointData()->AddArray(copied<vtkFloatArray>(glyphs.directions, 3, directionName));
}

} // namespace

void SceneActors::addKind(Kind& kind, std::vector<vtkSmartPointer<vtkPolyData>> shapes, bool oriented)
{
    kind.shapes = std::move(shapes);
    kind.mapper->SetInputData(kind.points);
    kind.mapper->SetSourceData(kind.shapes[m_level]);
    kind.mapper->SetScaleArray(scaleName);
    kind.mapper->SetScaling(true);
    kind.mapper->SetScaleMode(oriented ? vtkGlyph3DMapper::SCALE_BY_COMPONENTS
                                       : vtkGlyph3DMapper::SCALE_BY_MAGNITUDE);
    kind.mapper->SetOrient(oriented);
    kind.mapper->SetOrientationArray(directionName);
    kind.mapper->SetOrientationMode(vtkGlyph3DMapper::DIRECTION);
    kind.mapper->SetScalarModeToUsePointFieldData();
    kind.mapper->SelectColorArray(colourName);
    kind.mapper->SetColorModeToDirectScalars();
    kind.mapper->SetStatic(false);
    kind.actor->SetMapper(kind.mapper);
    kind.actor->PickableOff();
    // Matte: a little ambient light, no highlight.
    vtkProperty* look = kind.actor->GetProperty();
    look->SetAmbient(0.22);
    look->SetDiffuse(0.82);
    look->SetSpecular(0.04);
    look->SetSpecularPower(8);
    look->BackfaceCullingOn(); // all shapes are closed: nobody sees their insides
    kind.actor->VisibilityOff();
    m_renderer->AddActor(kind.actor);
}

SceneActors::SceneActors(vtkRenderer* renderer) : m_renderer(renderer)
{
    addKind(m_atoms, shapes(sphere, sphereSides), false);
    addKind(m_bonds, shapes(cylinder, bondSides), true);
    addKind(m_exchange, shapes(cylinder, bondSides), true);
    addKind(m_cell, shapes(cylinder, cellSides), true);
    addKind(m_shafts, shapes(cylinder, shaftSides), true);
    addKind(m_heads, shapes(cone, headSides), true);
    addKind(m_rim, {sphere(sphereSides[0])}, false);
    // The rim is the inside of a larger sphere: only its edge looks out from behind the atom.
    vtkProperty* rim = m_rim.actor->GetProperty();
    rim->SetAmbient(1);
    rim->SetDiffuse(0);
    rim->SetSpecular(0);
    rim->BackfaceCullingOff();
    rim->FrontfaceCullingOn();
    m_cell.actor->GetProperty()->SetAmbient(0.6);
    m_cell.actor->GetProperty()->SetDiffuse(0.4);
}

SceneActors::~SceneActors()
{
    for (Kind* kind : {&m_atoms, &m_bonds, &m_exchange, &m_cell, &m_shafts, &m_heads, &m_rim})
        m_renderer->RemoveActor(kind->actor);
}

void SceneActors::show(const SceneArrays& scene)
{
    m_finest = m_level = finestLevel(scene.sphereCount());
    fill(m_atoms.points, scene.atomPositions, scene.atomRadii, 1, scene.atomColours);
    fill(m_bonds.points, scene.bonds);
    fill(m_exchange.points, scene.exchange);
    fill(m_cell.points, scene.cellEdges);
    fill(m_shafts.points, scene.shafts);
    fill(m_heads.points, scene.heads);
    applyLevel();
}

void SceneActors::applyLevel()
{
    for (Kind* kind : {&m_atoms, &m_bonds, &m_exchange, &m_cell, &m_shafts, &m_heads}) {
        kind->mapper->SetSourceData(kind->shapes[m_level]);
        kind->actor->SetVisibility(kind->points->GetNumberOfPoints() > 0);
    }
    if (m_level + 1 == levels)
        m_bonds.actor->VisibilityOff();
}

void SceneActors::setDetail(std::size_t level)
{
    const std::size_t wanted = std::min(m_finest + level, levels - 1);
    if (wanted == m_level)
        return;
    m_level = wanted;
    applyLevel();
}

std::vector<double> SceneActors::polygons() const
{
    std::vector<double> counts;
    for (std::size_t level = m_finest; level < levels; ++level) {
        double count = 0;
        for (const Kind* kind : {&m_atoms, &m_bonds, &m_exchange, &m_cell, &m_shafts, &m_heads})
            if (kind != &m_bonds || level + 1 < levels)
                count += double(kind->points->GetNumberOfPoints()) *
                         double(kind->shapes[level]->GetNumberOfPolys());
        counts.push_back(count);
    }
    return counts;
}

void SceneActors::highlight(const SceneArrays& scene, int atom, const QColor& colour)
{
    std::vector<float> positions, radii;
    std::vector<std::uint8_t> colours;
    for (std::size_t n = 0; n < scene.sphereCount(); ++n) {
        if (scene.atomIndex[n] != atom)
            continue;
        positions.insert(positions.end(), &scene.atomPositions[3 * n], &scene.atomPositions[3 * n] + 3);
        radii.push_back(scene.atomRadii[n] * 1.12f + 0.06f);
        for (int channel : {colour.red(), colour.green(), colour.blue()})
            colours.push_back(std::uint8_t(channel));
    }
    fill(m_rim.points, positions, radii, 1, colours);
    m_rim.actor->SetVisibility(!radii.empty());
}

} // namespace lodestone::gui
