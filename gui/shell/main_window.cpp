#include "shell/main_window.h"
#include "base/schema.h"
#include "cluster/slurm_settings.h"
#include "project/project_tree.h"
#include "shell/log_view.h"
#include "shell/page.h"
#include "shell/page_stack.h"
#include "shell/resource_folder.h"
#include "shell/session_state.h"
#include "shell/settings.h"
#include "shell/status_panel.h"
#include "shell/theme.h"
#include "shell/welcome_page.h"
#include "structure/atom_table.h"

#include <QtCore/QFileInfo>
#include <QtCore/QMimeData>
#include <QtCore/QSettings>
#include <QtGui/QCloseEvent>
#include <QtWidgets/QDockWidget>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QStatusBar>
#include <QtWidgets/QTabBar>
#include <QtWidgets/QToolBar>

namespace lodestone::gui {

namespace {

const QString welcomeKey = QStringLiteral("welcome");

} // namespace

MainWindow::MainWindow(QSettings& settings, QWidget* parent)
    : QMainWindow(parent),
      m_settings(settings),
      m_recent(settings),
      m_pages(new PageStack(this))
{
    setWindowTitle(tr("Lodestone"));
    setWindowIcon(QIcon(QStringLiteral(":/icons/io.github.lodestone.Lodestone.svg")));
    setAcceptDrops(true);
    setDockNestingEnabled(true);
    setCentralWidget(m_pages);
    if (const QString folder = settings.value(keys::runsFolder).toString(); !folder.isEmpty())
        m_session.setRunsFolder(folder);
    m_status = new StatusPanel(m_session, statusBar());
    makePages();
    makeDocks();
    makeMenus();
    connectSession();
    keepSlurmSettings(m_session, m_settings);
    resize(1440, 900);
    restoreGeometry(settings.value(keys::windowGeometry).toByteArray());
    restoreState(settings.value(keys::windowState).toByteArray(), keys::windowStateVersion);
    m_projectWidthChosen = settings.value(keys::projectWidthChosen).toBool();
    pageChanged(m_pages->currentKey());
    connectSaving();
    takeProject();
    QTimer::singleShot(0, m_status, &StatusPanel::askEngine);
}

MainWindow::~MainWindow()
{
    hide(); // what pages do when they are put away needs the session, which goes before them
}

void MainWindow::makePages()
{
    auto* welcome = new WelcomePage(m_recent, m_pages);
    m_pages->add(welcome, welcomeKey, tr("Start"), QStringLiteral("home"));
    connect(welcome, &WelcomePage::demoRequested, this, &MainWindow::openDemo);
    connect(welcome, &WelcomePage::openModelRequested, this, &MainWindow::chooseModel);
    connect(welcome, &WelcomePage::catalogueRequested, this, &MainWindow::showCatalogue);
    connect(welcome, &WelcomePage::openDataRequested, this, [this] { chooseData(false); });
    connect(welcome, &WelcomePage::openRunRequested, this, &MainWindow::chooseRun);
    connect(welcome, &WelcomePage::pathChosen, this, [this](const QString& path) { openPaths({path}); });
    connect(&m_recent, &RecentFiles::chosen, this, [this](const QString& path) { openPaths({path}); });
    for (auto* make : {makeStructurePage, makeDataPage, makeBlocksPage, makeTrainingPage, makeSparsityPage,
                       makeResultsPage}) {
        Page* page = make(m_session, m_pages);
        page->setObjectName(page->key());
        m_pages->add(page, page->key(), page->title(), page->key());
    }
    connect(m_pages, &PageStack::aboutToChange, this, [this](const QString& key) {
        // First makes room: a page without an inspector may need all of a small window.
        auto* page = qobject_cast<Page*>(m_pages->page(key));
        if (!page || !page->inspector())
            showInspector(nullptr);
    });
    connect(m_pages, &PageStack::currentChanged, this, &MainWindow::pageChanged);
    // Above the docks too: between them, in a small window, there would be no room for seven names.
    auto* bar = addToolBar(tr("Pages"));
    bar->setObjectName(QStringLiteral("pages-bar"));
    bar->setMovable(false);
    bar->toggleViewAction()->setVisible(false);
    bar->addWidget(m_pages->tabs());
}

void MainWindow::makeDocks()
{
    const auto dock = [this](const QString& title, const char* name, Qt::DockWidgetArea area,
                             QWidget* content) {
        auto* widget = new QDockWidget(title, this);
        widget->setObjectName(QLatin1String(name));
        widget->setWidget(content);
        addDockWidget(area, widget);
        return widget;
    };
    m_tree = new ProjectTree(m_session, m_recent, this);
    m_tree->setMinimumWidth(200);
    m_projectDock = dock(tr("Project"), "dock-project", Qt::LeftDockWidgetArea, m_tree);
    connect(m_tree, &ProjectTree::modelRequested, this, &MainWindow::openModel);
    connect(m_tree, &ProjectTree::dataRequested, this,
            [this](const QStringList& paths) { openData(paths, false); });
    connect(m_tree, &ProjectTree::runRequested, this, &MainWindow::openRun);
    m_fitDelay.setSingleShot(true);
    m_fitDelay.setInterval(0);
    connect(&m_fitDelay, &QTimer::timeout, this, &MainWindow::fitProjectDock);
    connect(m_tree, &ProjectTree::contentsChanged, &m_fitDelay, qOverload<>(&QTimer::start));
    m_fitDelay.start();

    m_inspector = new QStackedWidget(this);
    m_inspector->setMinimumWidth(260);
    auto* nothing = new QLabel(tr("Nothing is selected."), m_inspector);
    nothing->setAlignment(Qt::AlignCenter);
    nothing->setForegroundRole(QPalette::PlaceholderText);
    m_inspector->addWidget(nothing);
    m_inspectorDock = dock(tr("Inspector"), "dock-inspector", Qt::RightDockWidgetArea, m_inspector);

    m_log = new LogView(this);
    m_logDock = dock(tr("Log"), "dock-log", Qt::BottomDockWidgetArea, m_log);
    m_atomsDock = dock(tr("Atoms"), "dock-atoms", Qt::BottomDockWidgetArea, makeAtomTable(m_session, this));
    tabifyDockWidget(m_logDock, m_atomsDock);
    m_logDock->raise();
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    resizeDocks({m_projectDock, m_inspectorDock}, {230, 300}, Qt::Horizontal);
    resizeDocks({m_logDock}, {150}, Qt::Vertical);
}

void MainWindow::fitProjectDock()
{
    if (!m_projectDock->isVisible() || m_projectDock->isFloating())
        return;
    const int wanted = std::min(m_tree->widthWithoutShortening(), width() / 3);
    if (!m_projectWidthChosen && wanted > m_projectDock->width())
        resizeDocks({m_projectDock}, {wanted}, Qt::Horizontal);
}

/// A dock that the user has drawn to another width keeps it.
bool MainWindow::event(QEvent* event)
{
    if (event->type() == QEvent::MouseButtonPress)
        m_pressedWidth = m_projectDock->width();
    const bool done = QMainWindow::event(event);
    if (event->type() == QEvent::MouseButtonRelease && m_projectDock->width() != m_pressedWidth)
        m_projectWidthChosen = true;
    return done;
}

/// Everything that a restart brings back: taken up here where it needs no files, and from now on written
/// while the window is used, not only on closing.
void MainWindow::connectSaving()
{
    m_saveDelay.setSingleShot(true);
    m_saveDelay.setInterval(1000);
    connect(&m_saveDelay, &QTimer::timeout, this, &MainWindow::save);
    const auto later = [this] {
        if (!m_saveDelay.isActive())
            m_saveDelay.start();
    };
    connect(&m_session, &Session::modelChanged, &m_saveDelay, later);
    connect(&m_session, &Session::selectionChanged, &m_saveDelay, later);
    connect(&m_session, &Session::dataChanged, &m_saveDelay, later);
    connect(&m_session, &Session::excludedChanged, &m_saveDelay, later);
    connect(&m_session, &Session::frameChanged, &m_saveDelay, later);
    connect(&m_session, &Session::runChanged, &m_saveDelay, later);
    connect(&m_session, &Session::otherRunsChanged, &m_saveDelay, later);
    connect(m_pages, &PageStack::currentChanged, &m_saveDelay, later);
    for (QDockWidget* dock : {m_projectDock, m_inspectorDock, m_logDock, m_atomsDock}) {
        connect(dock, &QDockWidget::visibilityChanged, &m_saveDelay, later);
        connect(dock, &QDockWidget::dockLocationChanged, &m_saveDelay, later);
    }
    for (int i = 0; i < m_pages->count(); ++i)
        if (auto* page = qobject_cast<Page*>(m_pages->page(m_pages->key(i)))) {
            page->restoreViewState(
                m_settings.value(keys::sessionPages + QLatin1Char('/') + page->key()).toMap());
            connect(page, &Page::viewStateChanged, &m_saveDelay, later);
        }
}

void MainWindow::save()
{
    m_saveDelay.stop();
    if (!m_saves)
        return;
    m_settings.setValue(keys::windowGeometry, saveGeometry());
    m_settings.setValue(keys::windowState, saveState(keys::windowStateVersion));
    m_settings.setValue(keys::projectWidthChosen, m_projectWidthChosen);
    m_settings.setValue(keys::page, m_pages->currentKey());
    m_settings.beginGroup(keys::sessionPages);
    for (int i = 0; i < m_pages->count(); ++i)
        if (const auto* page = qobject_cast<Page*>(m_pages->page(m_pages->key(i))))
            m_settings.setValue(page->key(), page->viewState());
    m_settings.endGroup();
    saveSession(m_session, m_settings);
    refreshTitle();
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    m_fitDelay.start();
    if (isVisible() && !m_saveDelay.isActive())
        m_saveDelay.start();
}

void MainWindow::moveEvent(QMoveEvent* event)
{
    QMainWindow::moveEvent(event);
    if (isVisible() && !m_saveDelay.isActive())
        m_saveDelay.start();
}

void MainWindow::connectSession()
{
    connect(&m_session, &Session::problem, this, [this](const QString& page, const QString& sentence) {
        const bool shown = m_pages->setProblem(page, sentence);
        if (sentence.isEmpty())
            return; // a page takes its own message back
        m_log->append(sentence);
        if (!shown || page != m_pages->currentKey())
            statusBar()->showMessage(sentence, 15000);
    });
    connect(&m_session, &Session::notice, m_log, &LogView::append);
    connect(&m_session.engine(), &EngineClient::logLine, m_log, &LogView::append);
    connect(&m_session, &Session::modelChanged, this, [this] {
        m_pages->setProblem(QStringLiteral("blocks"), {});
        m_recent.add(FileKind::Model, QString::fromStdString(m_session.model()->file));
    });
    connect(&m_session, &Session::dataProgress, this, [this](double fraction) {
        if (fraction == 0)
            m_pages->setProblem(QStringLiteral("data"), {});
    });
    connect(&m_session, &Session::dataChanged, this, [this] {
        for (const QString& file : m_session.dataFiles())
            m_recent.add(FileKind::Data, file);
    });
    connect(&m_session, &Session::runChanged, this, &MainWindow::connectRun);
    connect(&m_session, &Session::runUpdated, this, [this] {
        if (!m_session.run())
            return;
        // The history keeps the last thousand; what scrolled out before it was seen is not repeated.
        const auto& messages = m_session.run()->history().messages;
        for (m_messagesShown = std::min(m_messagesShown, messages.size()); m_messagesShown < messages.size();
             ++m_messagesShown)
            m_log->append(QString::fromStdString(messages[m_messagesShown].text));
    });
}

void MainWindow::connectRun()
{
    m_messagesShown = 0;
    m_pages->setProblem(QStringLiteral("training"), {});
    if (const RunWatcher* run = m_session.run())
        m_recent.add(FileKind::Run, QString::fromStdString(run->paths().root.string()));
    refreshTitle();
}

void MainWindow::pageChanged(const QString& key)
{
    auto* page = qobject_cast<Page*>(m_pages->page(key));
    showInspector(page ? page->inspector() : nullptr);
    m_fitDelay.start(); // the page before may have left the project less room
}

void MainWindow::showInspector(QWidget* inspector)
{
    if (inspector && m_inspector->indexOf(inspector) < 0)
        m_inspector->addWidget(inspector);
    if (inspector)
        m_inspector->setCurrentWidget(inspector);
    else
        m_inspector->setCurrentIndex(0);
    if (m_inspectorFilled)
        m_inspectorWanted = !m_inspectorDock->isHidden();
    m_inspectorFilled = inspector != nullptr;
    m_inspectorDock->setVisible(m_inspectorFilled && m_inspectorWanted);
}

bool MainWindow::showPage(const QString& key)
{
    return m_pages->show(key);
}

void MainWindow::openPaths(const QStringList& paths)
{
    const SortedFiles files = sortFiles(paths);
    if (!files.projects.isEmpty()) {
        openProject(files.projects.back());
        return;
    }
    if (!files.models.isEmpty())
        openModel(files.models.back());
    if (!files.data.isEmpty())
        openData(files.data, false);
    if (!files.runs.isEmpty())
        openRun(files.runs.back());
    if (!files.unknown.isEmpty()) {
        const QString sentence =
            tr("%1 is neither a project, nor a model, data file or run folder that Lodestone can read.")
                .arg(files.unknown.join(QStringLiteral(", ")));
        m_log->append(sentence);
        statusBar()->showMessage(sentence, 15000);
        m_pages->setProblem(welcomeKey, sentence);
    }
}

bool MainWindow::openDemo()
{
    const DemoFiles demo = demoFiles();
    if (!demo.complete()) {
        const QString sentence =
            tr("The demo's files were not found: the folder resources/demo is missing or incomplete.");
        m_pages->setProblem(welcomeKey, sentence);
        m_log->append(sentence);
        return false;
    }
    try {
        m_session.suggestConfiguration(readRunConfig(demo.configuration.toStdString()));
    } catch (const std::exception& error) {
        m_pages->setProblem(welcomeKey, QString::fromUtf8(error.what()));
    }
    openModel(demo.model);
    openData({demo.training}, false);
    return true;
}

void MainWindow::openModel(const QString& path)
{
    m_pages->setProblem(welcomeKey, {});
    m_session.openModel(path);
    if (m_pages->currentKey() == welcomeKey)
        m_pages->show(QStringLiteral("blocks"));
}

void MainWindow::openData(const QStringList& paths, bool add)
{
    m_pages->setProblem(welcomeKey, {});
    if (add)
        m_session.addData(paths);
    else
        m_session.openData(paths);
    if (m_pages->currentKey() == welcomeKey || m_pages->currentKey() == QLatin1String("blocks"))
        m_pages->show(QStringLiteral("structure"));
}

void MainWindow::openRun(const QString& folder)
{
    m_session.openRun(folder);
    if (m_pages->currentKey() == welcomeKey)
        m_pages->show(QStringLiteral("training"));
    if (m_session.model() && m_session.data())
        return;
    try {
        const std::filesystem::path root = folder.toStdString();
        const Json run = schema::readFile(root / "run.json", schema::configuration);
        const Json& config = run.contains("config") ? run["config"] : run;
        const QString model = QString::fromStdString(config.value("model", std::string()));
        if (!m_session.model() && !m_session.openingModel() && QFileInfo(model).isFile())
            m_session.openModel(model, QString::fromStdString(config.value("head", std::string())));
        QStringList data;
        if (config.contains("data") && config["data"].contains("train"))
            for (const Json& file : config["data"]["train"])
                if (const QString path = QString::fromStdString(file.get<std::string>());
                    QFileInfo::exists(path)) // a folder of DeePMD-kit too
                    data << path;
        if (!m_session.data() && !m_session.readingData() && !data.isEmpty())
            m_session.openData(data);
    } catch (const std::exception& error) {
        // The curves do not need them.
        m_log->append(QString::fromUtf8(error.what()));
    }
}

QString MainWindow::dialogFolder(FileKind kind) const
{
    const QStringList recent = m_recent.list(kind);
    return recent.isEmpty() ? QString() : QFileInfo(recent.front()).absolutePath();
}

void MainWindow::chooseModel()
{
    const QString path = QFileDialog::getOpenFileName(this, tr("Open a model"), dialogFolder(FileKind::Model),
                                                      tr("Models (%1);;All files (*)").arg(modelPatterns()));
    if (!path.isEmpty())
        openModel(path);
}

void MainWindow::chooseData(bool add)
{
    const QStringList paths = QFileDialog::getOpenFileNames(
        this, add ? tr("Add data") : tr("Open data"), dialogFolder(FileKind::Data),
        tr("Structures (*.extxyz *.xyz *.cif *.mcif *.vasp *.poscar POSCAR* CONTCAR* OUTCAR* *.outcar "
           "vasprun*.xml *.h5 *.hdf5 *.json type.raw *.gz *.zst);;All files (*)"));
    if (!paths.isEmpty())
        openData(paths, add);
}

void MainWindow::chooseRun()
{
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Open a run"), m_session.runsFolder());
    if (!folder.isEmpty())
        openPaths({folder});
}

void MainWindow::restore()
{
    if (restoreSession(m_session, m_settings))
        if (const QString page = m_settings.value(keys::page).toString(); !page.isEmpty())
            m_pages->show(page);
    if (const QStringList missing = m_settings.value(keys::projectMissing).toStringList();
        !missing.isEmpty()) {
        const QString sentence = tr("The project names files that are not there; it was opened without %1.")
                                     .arg(missing.join(QStringLiteral(", ")));
        m_settings.remove(keys::projectMissing);
        m_log->append(sentence);
        m_pages->setProblem(m_pages->currentKey(), sentence);
    }
}

bool MainWindow::mayClose()
{
    if (!m_asksOnClose || !m_session.run() || !m_session.run()->active())
        return mayReplace(false);
    const QString name = QString::fromStdString(m_session.run()->paths().root.filename().string());
    QMessageBox box(QMessageBox::Question, tr("A run is going on"),
                    tr("The run “%1” goes on without this window.").arg(name), QMessageBox::NoButton, this);
    box.setTextFormat(Qt::PlainText);
    box.setInformativeText(
        tr("It is found again when Lodestone is opened the next time. It can also be stopped now; "
           "it then writes a checkpoint and can be resumed."));
    auto* leave = box.addButton(tr("Let it go on"), QMessageBox::AcceptRole);
    auto* stop = box.addButton(tr("Stop the run"), QMessageBox::DestructiveRole);
    box.addButton(QMessageBox::Cancel);
    box.setDefaultButton(leave);
    box.exec();
    if ((box.clickedButton() != leave && box.clickedButton() != stop) || !mayReplace(false))
        return false;
    if (box.clickedButton() == stop)
        m_session.run()->stop();
    return true;
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (!mayClose()) {
        event->ignore();
        return;
    }
    if (!m_inspectorFilled)
        m_inspectorDock->setVisible(
            m_inspectorWanted); // what the user chose is kept, not what this page shows
    save();
    event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile()) {
            event->acceptProposedAction();
            return;
        }
}

void MainWindow::dropEvent(QDropEvent* event)
{
    QStringList paths;
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile())
            paths << url.toLocalFile();
    event->acceptProposedAction();
    openPaths(paths);
}

} // namespace lodestone::gui
