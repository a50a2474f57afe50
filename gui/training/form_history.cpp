#include "training/form_history.h"
#include "training/config_form.h"

#include <QtCore/QDateTime>
#include <QtGui/QUndoStack>
#include <set>

namespace lodestone::gui {

namespace {

constexpr qint64 oneEdit = 2000; // ms between two changes of a field that are undone together

/// The settings in which two configurations differ, as JSON pointers.
std::set<std::string> differences(const Json& before, const Json& after)
{
    std::set<std::string> keys;
    for (const Json& step : Json::diff(before, after))
        keys.insert(step.at("path").get<std::string>());
    return keys;
}

/// A configuration with files or without: a form has none, and the reader wants some.
Json readable(const RunConfig& form)
{
    RunConfig config = form;
    if (config.model.empty())
        config.model = std::string(1, '-');
    if (config.data.train.empty())
        config.data.train = {"-"};
    return toJson(config);
}

} // namespace

class FormStep : public QUndoCommand {
public:
    FormStep(FormHistory& history, Json before, Json after)
        : QUndoCommand(FormHistory::tr("Change settings")),
          m_history(history),
          m_before(std::move(before)),
          m_after(std::move(after)),
          m_when(QDateTime::currentMSecsSinceEpoch())
    {
    }
    int id() const override { return 1; }
    void undo() override { m_history.show(m_before); }
    void redo() override
    {
        if (m_done) // the form shows it already when the step is made
            m_history.show(m_after);
        m_done = true;
    }
    bool mergeWith(const QUndoCommand* command) override
    {
        const auto* next = static_cast<const FormStep*>(command);
        if (next->m_when - m_when > oneEdit ||
            differences(m_before, m_after) != differences(next->m_before, next->m_after))
            return false;
        m_after = next->m_after;
        m_when = next->m_when;
        return true;
    }

private:
    FormHistory& m_history;
    Json m_before, m_after;
    qint64 m_when;
    bool m_done = false;
};

FormHistory::FormHistory(ConfigForm& form, QUndoStack& stack, QObject* parent)
    : QObject(parent),
      m_form(form),
      m_stack(stack)
{
    accept();
    connect(&form, &ConfigForm::changed, this, &FormHistory::record);
}

void FormHistory::accept()
{
    m_last = readable(m_form.config());
}

void FormHistory::record()
{
    Json now = readable(m_form.config());
    if (m_quiet || now == m_last)
        return;
    m_stack.push(new FormStep(*this, m_last, now));
    m_last = std::move(now);
}

void FormHistory::show(const Json& config)
{
    withoutStep([&] { m_form.setConfig(runConfigFromJson(config)); });
}

} // namespace lodestone::gui
