#include "structure/measure_tool.h"

#include "structure/viewport.h"

#include <QtGui/QAction>

namespace lodestone::gui {

MeasureTool::MeasureTool(Viewport& viewport, QObject* parent)
    : QObject(parent),
      m_viewport(viewport),
      m_action(new QAction(tr("Measure"), this))
{
    m_action->setCheckable(true);
    m_action->setToolTip(
        tr("Click two atoms for their distance, a third for the angle at the second, a fourth for "
           "the dihedral angle. Clicking the last one again takes it away"));
    connect(m_action, &QAction::toggled, this, [this](bool on) {
        if (!on)
            clear();
    });
    connect(&viewport, &Viewport::sphereClicked, this, &MeasureTool::take);
}

void MeasureTool::setStructure(const Structure* structure)
{
    m_structure = structure;
    show();
}

void MeasureTool::clear()
{
    m_measurement.clear();
    show();
}

QString MeasureTool::text() const
{
    return m_structure ? m_measurement.text(*m_structure) : QString();
}

void MeasureTool::take(int atom, const Vec3& position)
{
    if (!m_action->isChecked() || !m_structure || atom < 0 || std::size_t(atom) >= m_structure->size())
        return;
    m_measurement.add(measuredAtom(*m_structure, atom, position));
    show();
}

void MeasureTool::show()
{
    m_viewport.setMeasurement(m_structure ? m_measurement.points(*m_structure) : std::vector<Vec3>(), text());
    Q_EMIT changed();
}

} // namespace lodestone::gui
