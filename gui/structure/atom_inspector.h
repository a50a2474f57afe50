#pragma once
#include "shell/session.h"

#include <QtWidgets/QWidget>
#include <vector>

class QLabel;
class QStackedWidget;

namespace lodestone::gui {

/// One line of the read-out of an atom.
struct AtomFact {
    QString name;
    QString value;
};
/// What is known of one atom of a frame, with units. `moments` as the session gives them.
std::vector<AtomFact> atomFacts(const Frame& frame, const MomentSources& moments, int atom);

/// The read-out for the inspector dock: follows the session's atom and frame.
class AtomInspector : public QWidget {
    Q_OBJECT
public:
    explicit AtomInspector(QWidget* parent = nullptr);
    /// frame may be null; atom -1: none is chosen.
    void show(const Frame* frame, const MomentSources& moments, int atom);
    QString text() const; ///< what is shown, a line a fact

private:
    QStackedWidget* m_stack;
    QLabel* m_title;
    QWidget* m_facts;
};

} // namespace lodestone::gui
