#pragma once
#include "shell/page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QTabWidget;

namespace lodestone::gui {

class ConfigForm;
class FormHistory;
class TrainingCurves;

/// Settings of a run on the left, the run in view with its curves on the right.
class TrainingPage : public Page {
    Q_OBJECT
public:
    explicit TrainingPage(Session& session, QWidget* parent = nullptr);
    QString key() const override { return QStringLiteral("training"); }
    QString title() const override { return tr("Training"); }
    QVariantMap viewState() const override; ///< the form
    void restoreViewState(const QVariantMap& state) override;

    /// What Start would launch: the form, the open model and data, the ticked blocks.
    RunConfig resolvedConfig() const;
    /// Why it cannot be launched; empty when it can.
    QStringList problems() const;
    /// Fills the form from a configuration file; its model and data are opened if none are open yet. Error on
    /// bad files.
    void openConfig(const QString& file);
    void saveConfig(const QString& file) const;
    void takeConfig(const RunConfig& config);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QWidget* makeSettings();
    QWidget* makeRunView();
    QWidget* makePlace();
    void refreshPlace();
    void applyPendingBlocks();
    void refreshForm();
    void refreshRun();
    void refreshMessages();
    void refreshCost();
    void start();
    QString eligibleSentence() const;

    ConfigForm* m_form;
    FormHistory* m_history;
    TrainingCurves* m_curves;
    QLabel *m_problems, *m_eligible, *m_expected, *m_state, *m_numbers;
    QPlainTextEdit *m_resolved, *m_messages;
    QLineEdit* m_name;
    QComboBox* m_place;
    QPushButton *m_start, *m_pause, *m_resume, *m_stop, *m_cancelJob, *m_slurm;
    QProgressBar* m_progress;
    std::optional<BlockSelection> m_pendingBlocks; ///< of a configuration that came before its model
    double m_lastMessage = 0;
    std::size_t m_messageCount = 0;
};

/// The shortest selection that gives these flags: a preset, or whole blocks and single tensors by name.
BlockSelection selectionFromFlags(const ModelDescription& model, const std::vector<bool>& selected);

} // namespace lodestone::gui
