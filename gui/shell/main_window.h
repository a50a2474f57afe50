#pragma once
#include "shell/recent_files.h"
#include "shell/session.h"

#include <QtCore/QJsonObject>
#include <QtWidgets/QMainWindow>

class QActionGroup;
class QDockWidget;
class QMenu;
class QSettings;
class QStackedWidget;

namespace lodestone::gui {

class CatalogueDialog;
class HelpWindow;
class LogView;
class Page;
class PageStack;
class ProjectTree;
class StatusPanel;

/// The one window: project tree, pages, inspector, log, atom table, status bar, menus. It wires; the pages do
/// the work.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    /// `settings` outlives the window.
    explicit MainWindow(QSettings& settings, QWidget* parent = nullptr);
    ~MainWindow() override;

    Session& session() { return m_session; }
    PageStack& pages() { return *m_pages; }
    LogView& log() { return *m_log; }

    /// Models, data and runs in any order; what is none of them is named in a message on the welcome page.
    void openPaths(const QStringList& paths);
    /// False (after a message) if the demo's files are missing.
    bool openDemo();
    /// Opens a run and, where nothing else is open, the model and data that it used.
    void openRun(const QString& folder);
    bool showPage(const QString& key);
    /// What the last window had open.
    void restore();
    /// Tells that the settings in `file`, the user's own, are of a newer version and were not used.
    void leaveSettingsAlone(const QString& file);
    /// Opens a project in place of what is open, in a new window (see restartRequested); what was not saved
    /// is asked about.
    void openProject(const QString& file);
    /// Asks before closing while a run goes on. Off for pictures and tests.
    void setAsksOnClose(bool on) { m_asksOnClose = on; }
    bool asksOnClose() const { return m_asksOnClose; }

Q_SIGNALS:
    /// The settings hold another session: a new window on them, restored, is to take this one's place.
    void restartRequested();

protected:
    bool event(QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void moveEvent(QMoveEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void makePages();
    void makeDocks();
    void makeMenus();
    void showHelp(const QString& page);
    void connectSession();
    void connectRun();
    void connectSaving();
    void save();
    void fitProjectDock();
    void pageChanged(const QString& key);
    void showInspector(QWidget* inspector); ///< null: the dock hides
    void chooseModel();
    void showCatalogue();
    void chooseData(bool add);
    void chooseRun();
    void editSettings();
    void makeProjectMenu(QMenu* file);
    void newProject();
    void chooseProject();
    bool saveProject(bool underNewName); ///< false if that failed or the user thought better of it
    void takeProject();                  ///< the project that the settings name
    void refreshTitle();
    /// Whether the window may go, or what is open give way to another project; saves first if the user wants
    /// that.
    bool mayReplace(bool byAnother);
    void restart();
    void openModel(const QString& path);
    void openData(const QStringList& paths, bool add);
    QString dialogFolder(FileKind kind) const;
    bool mayClose();

    QSettings& m_settings;
    QString m_project;         ///< file; empty: none
    QJsonObject m_projectWork; ///< as it stands in the file
    bool m_saves = true;       ///< off once the settings belong to the next window
    Session m_session;
    RecentFiles m_recent;
    PageStack* m_pages;
    QStackedWidget* m_inspector = nullptr;
    LogView* m_log = nullptr;
    ProjectTree* m_tree = nullptr;
    StatusPanel* m_status = nullptr;
    CatalogueDialog* m_catalogue = nullptr; ///< made when it is first asked for
    QActionGroup* m_themes = nullptr;
    HelpWindow* m_help = nullptr; ///< made when it is first asked for
    QDockWidget *m_projectDock = nullptr, *m_inspectorDock = nullptr, *m_logDock = nullptr,
                *m_atomsDock = nullptr;
    std::size_t m_messagesShown = 0;
    QTimer m_saveDelay;     ///< changes are written a second after the first of them, so a crash loses little
    QTimer m_fitDelay;      ///< once for everything that changes in the tree in one turn
    int m_pressedWidth = 0; ///< of the project dock when a mouse button went down
    bool m_projectWidthChosen = false; ///< the user has drawn it; before, it is as wide as its names
    bool m_asksOnClose = true;
    bool m_inspectorWanted = true,
         m_inspectorFilled = true; ///< the dock hides by itself on pages without an inspector
};

} // namespace lodestone::gui
