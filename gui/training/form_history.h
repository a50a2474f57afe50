#pragma once
#include "base/json.h"

#include <QtCore/QObject>

class QUndoStack;

namespace lodestone::gui {

class ConfigForm;

/// Puts what the user changes on a form onto an undo stack, one step a field: edits of the same field within
/// two seconds are one.
class FormHistory : public QObject {
    Q_OBJECT
public:
    /// All three live as long as the page.
    FormHistory(ConfigForm& form, QUndoStack& stack, QObject* parent);
    /// Fills the form by `fill`, which is no edit of the user's.
    template<class Fill>
    void withoutStep(Fill fill)
    {
        m_quiet = true;
        fill();
        m_quiet = false;
        accept();
    }

private:
    friend class FormStep;
    void record();
    void accept(); ///< what the form shows now is where the next step begins
    void show(const Json& config);

    ConfigForm& m_form;
    QUndoStack& m_stack;
    Json m_last;
    bool m_quiet = false;
};

} // namespace lodestone::gui
