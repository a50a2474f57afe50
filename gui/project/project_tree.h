#pragma once
#include "run/run_directory.h"
#include "shell/background_job.h"
#include "shell/session.h"

#include <QtCore/QTimer>
#include <QtWidgets/QTreeWidget>

namespace lodestone::gui {

class RecentFiles;

/// Models, data sets and runs: what is open (bold), what was open lately, and every run in the runs folder
/// with its state. The folder is looked through in the background, so runs started elsewhere or before a
/// restart appear by themselves.
class ProjectTree : public QTreeWidget {
    Q_OBJECT
public:
    ProjectTree(Session& session, RecentFiles& recent, QWidget* parent = nullptr);
    void refresh();           ///< models and data at once, runs when the folder has been read
    QStringList runs() const; ///< folders of the runs shown
    /// Pixels at which no name and no state is shortened.
    int widthWithoutShortening() const;

Q_SIGNALS:
    void contentsChanged(); ///< another name or state is shown: the width that they need may be another
    void modelRequested(const QString& path);
    void dataRequested(const QStringList& paths);
    void runRequested(const QString& folder);

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void fillFiles();
    void readRuns();
    void fillRuns(const std::vector<RunSummary>& found);
    void openItem(QTreeWidgetItem* item);
    void showMenu(const QPoint& position);

    Session& m_session;
    RecentFiles& m_recent;
    QTreeWidgetItem *m_models = nullptr, *m_data = nullptr, *m_runs = nullptr;
    QTimer m_timer;
    BackgroundJob m_job;
};

/// "running", "finished" and so on, translated.
QString stateText(const std::string& state);
/// "running, epoch 3 of 50" and the like, translated.
QString describeState(const RunSummary& run);
/// The same where the icon says that it runs or waits: "epoch 3 of 50".
QString shortState(const RunSummary& run);
/// Name of the icon for a run's state.
QString stateIcon(const std::string& state);

} // namespace lodestone::gui
