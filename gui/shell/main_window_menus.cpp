#include "catalogue/catalogue_dialog.h"
#include "project/project_tree.h"
#include "shell/help_dialogs.h"
#include "shell/help_window.h"
#include "shell/language.h"
#include "shell/main_window.h"
#include "shell/page.h"
#include "shell/page_stack.h"
#include "shell/settings.h"
#include "shell/settings_dialog.h"
#include "shell/theme.h"

#include <QtCore/QSettings>
#include <QtGui/QActionGroup>
#include <QtWidgets/QApplication>
#include <QtWidgets/QDockWidget>
#include <QtWidgets/QMenu>
#include <QtWidgets/QMenuBar>

namespace lodestone::gui {

void MainWindow::makeMenus()
{
    auto* file = menuBar()->addMenu(tr("&File"));
    file->addAction(icon(QStringLiteral("demo")), tr("Open the &demo"), QKeySequence(tr("Ctrl+D")), this,
                    &MainWindow::openDemo);
    file->addAction(icon(QStringLiteral("model")), tr("Open a &model…"), QKeySequence(tr("Ctrl+M")), this,
                    &MainWindow::chooseModel);
    file->addAction(icon(QStringLiteral("download")), tr("Model cata&logue…"),
                    QKeySequence(tr("Ctrl+Shift+M")), this, &MainWindow::showCatalogue);
    file->addAction(icon(QStringLiteral("data")), tr("&Open data…"), QKeySequence::Open, this,
                    [this] { chooseData(false); });
    file->addAction(tr("&Add data…"), QKeySequence(tr("Ctrl+Shift+O")), this, [this] { chooseData(true); });
    file->addAction(icon(QStringLiteral("run")), tr("Open a &run…"), QKeySequence(tr("Ctrl+R")), this,
                    &MainWindow::chooseRun);
    file->addSeparator();
    makeProjectMenu(file);
    m_recent.attach(file->addMenu(icon(QStringLiteral("folder")), tr("Re&cent")));
    file->addSeparator();
    file->addAction(tr("&Quit"), QKeySequence(tr("Ctrl+Q")), this, &QWidget::close);

    auto* edit = menuBar()->addMenu(tr("&Edit"));
    auto* undo = m_session.undoStack().createUndoAction(this, tr("&Undo"));
    undo->setShortcut(QKeySequence::Undo);
    undo->setIcon(icon(QStringLiteral("undo")));
    auto* redo = m_session.undoStack().createRedoAction(this, tr("&Redo"));
    redo->setShortcut(QKeySequence::Redo);
    redo->setIcon(icon(QStringLiteral("redo")));
    edit->addActions({undo, redo});
    edit->addSeparator();
    edit->addAction(tr("&Settings…"), QKeySequence(tr("Ctrl+,")), this, &MainWindow::editSettings);

    auto* view = menuBar()->addMenu(tr("&View"));
    for (int i = 0; i < m_pages->count(); ++i) {
        const QString key = m_pages->key(i);
        const QString title = i == 0 ? tr("Start") : static_cast<Page*>(m_pages->page(key))->title();
        view->addAction(icon(i == 0 ? QStringLiteral("home") : key), title,
                        QKeySequence(tr("Ctrl+%1").arg(i)), this, [this, key] { m_pages->show(key); });
    }
    view->addSeparator();
    const std::pair<QDockWidget*, QString> docks[] = {{m_projectDock, tr("Ctrl+Shift+P")},
                                                      {m_inspectorDock, tr("Ctrl+Shift+I")},
                                                      {m_logDock, tr("Ctrl+Shift+L")},
                                                      {m_atomsDock, tr("Ctrl+Shift+A")}};
    for (const auto& [dock, keys] : docks) {
        QAction* action = dock->toggleViewAction();
        action->setShortcut(QKeySequence(keys));
        view->addAction(action);
    }
    view->addSeparator();
    auto* themes = view->addMenu(tr("&Colours"));
    m_themes = new QActionGroup(this);
    const Theme now = themeFromName(m_settings.value(keys::theme).toString()).value_or(Theme::System);
    const std::pair<Theme, QString> choices[] = {
        {Theme::System, tr("As the desktop")}, {Theme::Light, tr("Light")}, {Theme::Dark, tr("Dark")}};
    for (const auto& [theme, title] : choices) {
        auto* action = themes->addAction(title, this, [this, theme = theme] {
            m_settings.setValue(keys::theme, themeName(theme));
            applyTheme(*qApp, theme);
        });
        action->setCheckable(true);
        action->setChecked(theme == now);
        action->setData(int(theme));
        m_themes->addAction(action);
    }
    view->addAction(tr("F&ull screen"), QKeySequence(Qt::Key_F11), this,
                    [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });

    auto* run = menuBar()->addMenu(tr("&Run"));
    auto* pause = run->addAction(icon(QStringLiteral("pause")), tr("&Pause"), QKeySequence(tr("Ctrl+Alt+P")),
                                 this, [this] { m_session.run()->pause(); });
    auto* resume = run->addAction(icon(QStringLiteral("play")), tr("&Resume"), QKeySequence(tr("Ctrl+Alt+G")),
                                  this, [this] {
                                      if (m_session.run()->active())
                                          m_session.run()->resume();
                                      else
                                          m_session.resumeRun();
                                  });
    auto* stop = run->addAction(icon(QStringLiteral("stop")), tr("&Stop"), QKeySequence(tr("Ctrl+Alt+S")),
                                this, [this] { m_session.run()->stop(); });
    run->addSeparator();
    auto* close = run->addAction(tr("&Close the run"), this, [this] { m_session.closeRun(); });
    const auto enable = [this, pause, resume, stop, close] {
        const RunWatcher* watcher = m_session.run();
        const std::string state = watcher ? watcher->history().state : std::string();
        pause->setEnabled(state == "running");
        resume->setEnabled(state == "paused" || state == "interrupted" || state == "stopped");
        stop->setEnabled(state == "running" || state == "paused");
        close->setEnabled(watcher != nullptr);
    };
    enable();
    connect(&m_session, &Session::runChanged, this, enable);
    connect(&m_session, &Session::runUpdated, this, enable);

    auto* help = menuBar()->addMenu(tr("&Help"));
    help->addAction(icon(QStringLiteral("info")), tr("&Help on this page"), QKeySequence(Qt::Key_F1), this,
                    [this] { showHelp(m_pages->currentKey()); });
    help->addAction(tr("&Twelve tasks"), this, [this] { showHelp(QStringLiteral("tasks")); });
    help->addAction(icon(QStringLiteral("keyboard")), tr("&Shortcuts"), QKeySequence(tr("Ctrl+F1")), this,
                    [this] { showShortcuts(this); });
    help->addSeparator();
    help->addAction(tr("&About Lodestone"), this, [this] { showAbout(this); });
}

void MainWindow::showCatalogue()
{
    if (!m_catalogue) {
        m_catalogue = new CatalogueDialog(builtInCatalogue(), modelsFolder(), this);
        connect(m_catalogue, &CatalogueDialog::modelRequested, this, &MainWindow::openModel);
        connect(m_catalogue, &CatalogueDialog::notice, &m_session, &Session::notice);
    }
    m_catalogue->show();
    m_catalogue->raise();
    m_catalogue->activateWindow();
}

void MainWindow::editSettings()
{
    const Preferences before{themeFromName(m_settings.value(keys::theme).toString()).value_or(Theme::System),
                             m_settings.value(keys::language).toString(), m_session.runsFolder(),
                             m_settings.value(keys::restoresSession, true).toBool()};
    SettingsDialog dialog(before, this);
    if (dialog.exec() != QDialog::Accepted)
        return;
    const Preferences after = dialog.preferences();
    m_settings.setValue(keys::theme, themeName(after.theme));
    m_settings.setValue(keys::language, after.language);
    m_settings.setValue(keys::restoresSession, after.restoresSession);
    if (after.theme != before.theme) {
        applyTheme(*qApp, after.theme);
        for (QAction* action : m_themes->actions())
            action->setChecked(action->data().toInt() == int(after.theme));
    }
    if (after.runsFolder != before.runsFolder) {
        m_session.setRunsFolder(after.runsFolder);
        m_settings.setValue(keys::runsFolder, after.runsFolder);
        m_tree->refresh();
    }
    if (after.language != before.language) {
        save();
        applyLanguage(*qApp, after.language);
        restart(); // a new window has all its texts in the new language
    }
}

void MainWindow::showHelp(const QString& page)
{
    if (!m_help)
        m_help = new HelpWindow(this);
    m_help->showPage(page);
    m_help->show();
    m_help->raise();
    m_help->activateWindow();
}

} // namespace lodestone::gui
