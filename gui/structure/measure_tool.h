#pragma once
#include "structure/measurement.h"

#include <QtCore/QObject>

class QAction;

namespace lodestone::gui {

class Viewport;

/// The mode in which clicked atoms are measured: its action for the tool bar, and what has been clicked.
/// Draws the measurement into the viewport, which must outlive it.
class MeasureTool : public QObject {
    Q_OBJECT
public:
    MeasureTool(Viewport& viewport, QObject* parent);
    QAction* action() const { return m_action; }
    /// The frame in view from now on, or null; must live until the next call. The measured atoms stay where
    /// the frame has them.
    void setStructure(const Structure* structure);
    void clear();
    QString text() const; ///< empty: nothing is measured

Q_SIGNALS:
    void changed();

private:
    void take(int atom, const Vec3& position);
    void show();

    Viewport& m_viewport;
    QAction* m_action;
    const Structure* m_structure = nullptr;
    Measurement m_measurement;
};

} // namespace lodestone::gui
