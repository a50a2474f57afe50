#include "catalogue/catalogue_dialog.h"
#include "project/project_tree.h"
#include "shell/banner.h"
#include "shell/command_line.h"
#include "shell/log_view.h"
#include "shell/main_window.h"
#include "shell/open_files.h"
#include "shell/page_stack.h"
#include "shell/settings.h"
#include "structure/viewport.h"
#include "support/fake_engine.h"
#include "support/npy_files.h"

#include <QtTest/QtTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDockWidget>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMenu>
#include <QtWidgets/QMenuBar>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSlider>
#include <QtWidgets/QTabBar>

using namespace lodestone;
using namespace lodestone::gui;

/// The real window with a stand-in for the engine: what the shell does whatever the engine computes.
class TestWindow : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void pagesByShortcut();
    void actionsHaveNoDoubleShortcuts();
    void catalogueOpensModels();
    void droppedFilesAreSorted();
    void droppedFolderOfDeepmdIsData();
    void problemsStandOnTheirPage();
    void recentFilesAreKept();
    void sessionIsRestored();
    void sessionIsWrittenWhileUsed();
    void awaitedModelIsNotForgotten();
    void displayAndCameraAreRestored();
    void projectNamesAreNotShortened();
    void filesAreSortedByName();
    void runsAreFoundAgain();
    void closingWithAnActiveRunAsks();
    void closingLeavesNoProcess();
    void logIsBounded();
    void commandLine();

private:
    QString dataFile(const QString& name);
    MainWindow& reopen();
    void drop(const QStringList& paths);
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<MainWindow> m_window;
};

void TestWindow::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_settings = std::make_unique<QSettings>(m_folder->filePath("settings.ini"), QSettings::IniFormat);
    m_settings->setValue(keys::runsFolder, m_folder->filePath("runs"));
    reopen();
}

void TestWindow::cleanup()
{
    m_window.reset();
    m_settings.reset();
    m_folder.reset();
}

MainWindow& TestWindow::reopen()
{
    if (m_window)
        m_window->close();
    m_window.reset();
    m_window = std::make_unique<MainWindow>(*m_settings);
    m_window->setAsksOnClose(false);
    m_window->show();
    m_window->activateWindow();
    if (!QTest::qWaitForWindowActive(m_window.get()))
        qWarning("the window did not become active: shortcuts will not work");
    return *m_window;
}

QString TestWindow::dataFile(const QString& name)
{
    const QString path = m_folder->filePath(name);
    QFile out(path);
    if (!out.open(QIODevice::WriteOnly))
        qFatal("cannot write the test's data");
    for (int i = 0; i < 3; ++i)
        out.write("2\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3:forces:R:3:magmoms:R:1 "
                  "energy=-1 "
                  "pbc=\"T T T\"\nNi 0 0 0 0 0 0.1 1.5\nO 2 2 2 0 0 -0.1 0\n");
    return path;
}

void TestWindow::drop(const QStringList& paths)
{
    QMimeData mime;
    QList<QUrl> urls;
    for (const QString& path : paths)
        urls << QUrl::fromLocalFile(path);
    mime.setUrls(urls);
    QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_window.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(QPointF(300, 300), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(m_window.get(), &event);
    QVERIFY(event.isAccepted());
}

void TestWindow::pagesByShortcut()
{
    const QStringList expected = {"welcome",  "structure", "data",   "blocks",
                                  "training", "sparsity",  "results"};
    QCOMPARE(m_window->pages().count(), int(expected.size()));
    auto* tabs = m_window->findChild<QTabBar*>("pages");
    for (int i = int(expected.size()) - 1; i >= 0; --i) {
        QTest::keyClick(m_window.get(), Qt::Key(Qt::Key_0 + i), Qt::ControlModifier);
        QCOMPARE(m_window->pages().currentKey(), expected[i]);
        QVERIFY(!tabs->tabText(i).isEmpty());
        QVERIFY(m_window->pages().page(expected[i])->isVisible());
    }
}

void TestWindow::actionsHaveNoDoubleShortcuts()
{
    QMap<QString, QString> seen;
    int count = 0;
    for (const QAction* action : m_window->findChildren<QAction*>())
        for (const QKeySequence& keys : action->shortcuts()) {
            if (action->shortcutContext() != Qt::WindowShortcut)
                continue;
            QVERIFY2(!seen.contains(keys.toString()), qPrintable(keys.toString() + " " + action->text()));
            seen[keys.toString()] = action->text();
            ++count;
        }
    QVERIFY(count >= 15);
    QVERIFY(seen.contains("Ctrl+O") && seen.contains("Ctrl+M") && seen.contains("F1"));
}

void TestWindow::catalogueOpensModels()
{
    m_window->showPage("welcome");
    for (auto* button : m_window->pages().page("welcome")->findChildren<QPushButton*>())
        if (button->text().contains("catalogue"))
            QTest::mouseClick(button, Qt::LeftButton);
    auto* dialog = m_window->findChild<CatalogueDialog*>();
    QVERIFY(dialog && dialog->isVisible() && !dialog->isModal() && dialog->close());
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    QTest::keyClick(m_window.get(), Qt::Key_M, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(dialog->isVisible());
    QFile(m_folder->filePath("a.nqx")).open(QIODevice::WriteOnly);
    Q_EMIT dialog->modelRequested(m_folder->filePath("a.nqx"));
    QTRY_VERIFY(m_window->session().model());
    QCOMPARE(m_window->pages().currentKey(), QString("blocks"));
}

void TestWindow::droppedFilesAreSorted()
{
    QFile(m_folder->filePath("a.nqx")).open(QIODevice::WriteOnly);
    drop({dataFile("a.extxyz"), m_folder->filePath("a.nqx"), m_folder->filePath("notes.txt")});
    Session& session = m_window->session();
    QTRY_VERIFY(session.model() && session.data());
    QCOMPARE(session.data()->frames.size(), std::size_t(3));
    QVERIFY(m_window->pages().problem("welcome").contains("notes.txt"));
    QCOMPARE(m_window->pages().currentKey(), QString("structure"));
}

/// A system of DeePMD-kit is a folder: it is one entry among the files, and read as one.
void TestWindow::droppedFolderOfDeepmdIsData()
{
    const std::filesystem::path system = m_folder->filePath("system").toStdString(), set = system / "set.000";
    makeFolder(set);
    writeFileAtomically(system / "type.raw", "1\n0\n");
    writeFileAtomically(system / "type_map.raw", "O\nNi\n");
    writeFileAtomically(set / "box.npy",
                        npyBytes("(2, 9)", {4, 0, 0, 0, 5, 0, 0, 0, 6, 4, 0, 0, 0, 5, 0, 0, 0, 6}));
    writeFileAtomically(set / "coord.npy", npyBytes("(2, 6)", {0, 0, 0, 2, 2, 2, 0, 0, 0, 2, 2, 2.5}));
    writeFileAtomically(set / "energy.npy", npyBytes("(2,)", {-1, -2}));
    drop({m_folder->filePath("system")});
    Session& session = m_window->session();
    QTRY_VERIFY(session.data());
    QCOMPARE(session.data()->frames.size(), std::size_t(2));
    QCOMPARE(session.dataFiles(), QStringList{m_folder->filePath("system")});
    QCOMPARE(session.data()->frames[1].energy.value_or(0), -2.0);
    QCOMPARE(session.data()->frames[0].structure.species, (std::vector<int>{28, 8}));
    QCOMPARE(m_window->pages().currentKey(), QString("structure"));
}

void TestWindow::problemsStandOnTheirPage()
{
    m_window->showPage("structure");
    m_window->session().openData({m_folder->filePath("missing.extxyz")});
    QTRY_VERIFY(m_window->pages().problem("data").contains("missing.extxyz"));
    m_window->showPage("data");
    auto visible = [this] {
        int count = 0;
        for (const Banner* banner : m_window->findChildren<Banner*>())
            count += banner->isVisible();
        return count;
    };
    QCOMPARE(visible(), 1);
    m_window->session().openData({dataFile("a.extxyz")});
    QTRY_VERIFY(m_window->session().data());
    QCOMPARE(m_window->pages().problem("data"), QString()); // gone with the next attempt
    QCOMPARE(visible(), 0);
}

void TestWindow::recentFilesAreKept()
{
    const QString path = dataFile("a.extxyz");
    m_window->openPaths({path});
    QTRY_VERIFY(m_window->session().data());
    reopen();
    QMenu* recent = nullptr;
    for (QMenu* menu : m_window->menuBar()->findChildren<QMenu*>())
        if (menu->title() == "Re&cent")
            recent = menu;
    QVERIFY(recent);
    Q_EMIT recent->aboutToShow();
    QCOMPARE(recent->actions().front()->text(), QString("a.extxyz"));
    recent->actions().front()->trigger();
    QTRY_VERIFY(m_window->session().data());
}

void TestWindow::sessionIsRestored()
{
    QFile(m_folder->filePath("a.nqx")).open(QIODevice::WriteOnly);
    m_window->openPaths({dataFile("a.extxyz"), m_folder->filePath("a.nqx")});
    Session& session = m_window->session();
    QTRY_VERIFY(session.model() && session.data());
    std::vector<bool> selected(session.selected().size(), false);
    selected[1] = true;
    session.setSelected(selected);
    session.setExcluded(1, true);
    session.setFrame(2);
    const auto inspector = [this] { return m_window->findChild<QDockWidget*>("dock-inspector"); };
    m_window->showPage("blocks");
    QVERIFY(inspector()->isVisible());
    inspector()->hide();
    m_window->showPage("data");

    Session& again = reopen().session();
    QVERIFY(!again.model());
    m_window->restore();
    QTRY_VERIFY(again.model() && again.data());
    QTRY_COMPARE(again.frame(), 2);
    QCOMPARE(again.selected(), selected);
    QCOMPARE(again.excluded(), (std::vector<bool>{false, true, false}));
    QCOMPARE(m_window->pages().currentKey(), QString("data"));
    m_window->showPage("blocks");
    QVERIFY(!inspector()->isVisible());
}

/// A crash is a window that is never closed: what it had is in the settings all the same.
void TestWindow::sessionIsWrittenWhileUsed()
{
    QFile(m_folder->filePath("heads.model")).open(QIODevice::WriteOnly);
    m_window->openPaths({dataFile("a.extxyz"), m_folder->filePath("heads.model")});
    Session& session = m_window->session();
    QTRY_VERIFY(session.model() && session.data());
    session.openModel(m_folder->filePath("heads.model"), "omat_pbe");
    QTRY_COMPARE(session.head(), QString("omat_pbe"));
    std::vector<bool> selected(session.selected().size(), false);
    selected[1] = true;
    session.setSelected(selected);
    session.setExcluded(1, true);
    session.setFrame(2);
    QDir().mkpath(m_folder->filePath("elsewhere/run"));
    session.openRun(m_folder->filePath("elsewhere/run"));
    m_window->showPage("data");
    m_window->resize(1111, 777);
    QTest::qWait(1500);
    m_settings->sync();

    QSettings copy(m_folder->filePath("settings.ini"), QSettings::IniFormat);
    MainWindow second(copy);
    second.setAsksOnClose(false);
    second.restore();
    Session& again = second.session();
    QTRY_VERIFY(again.model() && again.data());
    QTRY_COMPARE(again.frame(), 2);
    QCOMPARE(again.head(), QString("omat_pbe"));
    QCOMPARE(again.selected(), selected);
    QCOMPARE(again.excluded(), (std::vector<bool>{false, true, false}));
    QVERIFY(again.run());
    QCOMPARE(again.otherRuns(), QStringList{m_folder->filePath("elsewhere/run")});
    QCOMPARE(second.pages().currentKey(), QString("data"));
    QCOMPARE(second.size(), QSize(1111, 777));
}

/// Closed before a restored model and its data have arrived: the next start opens them again, with the ticks.
void TestWindow::awaitedModelIsNotForgotten()
{
    QFile(m_folder->filePath("a.nqx")).open(QIODevice::WriteOnly);
    m_window->openPaths({dataFile("a.extxyz"), m_folder->filePath("a.nqx")});
    QTRY_VERIFY(m_window->session().model() && m_window->session().data());
    std::vector<bool> selected(m_window->session().selected().size(), false);
    selected[3] = true;
    m_window->session().setSelected(selected);
    m_window->session().setExcluded(0, true);
    reopen();
    m_window->restore();
    QVERIFY(!m_window->session().model());
    reopen(); // at once
    m_window->restore();
    Session& session = m_window->session();
    QTRY_VERIFY(session.model() && session.data());
    QCOMPARE(session.selected(), selected);
    QTRY_COMPARE(session.excluded(), (std::vector<bool>{true, false, false}));
}

void TestWindow::displayAndCameraAreRestored()
{
    m_window->openPaths({dataFile("a.extxyz")});
    m_window->showPage("structure");
    QTRY_VERIFY(m_window->session().data());
    const auto page = [this] { return m_window->pages().page("structure"); };
    const auto viewport = [&page] { return page()->findChild<Viewport*>(); };
    const auto control = [&page](const char* name) {
        for (QWidget* widget : page()->findChildren<QWidget*>())
            if (widget->accessibleName() == QLatin1String(name))
                return widget;
        return static_cast<QWidget*>(nullptr);
    };
    QTRY_VERIFY(viewport()->isPlaceholder() || viewport()->positionOf(0) != QPointF());
    QTest::qWait(200);
    qobject_cast<QComboBox*>(control("Colours"))->setCurrentIndex(2);
    qobject_cast<QSlider*>(control("Length"))->setValue(80);
    for (auto* action : page()->findChildren<QAction*>())
        if (action->text() == "Parallel")
            action->trigger();
    CameraState camera = viewport()->camera();
    camera.eye = camera.eye + Vec3{3, 2, 1};
    camera.parallelScale = 4.5;
    camera.fitted = false;
    viewport()->setCamera(camera);
    camera = viewport()->camera();
    QTest::qWait(100);

    reopen();
    QCOMPARE(qobject_cast<QComboBox*>(control("Colours"))->currentIndex(), 2);
    m_window->showPage("structure");
    m_window->restore();
    QTRY_VERIFY(m_window->session().data());
    QTRY_COMPARE(viewport()->camera().parallelScale, 4.5);
    const CameraState again = viewport()->camera();
    QVERIFY(norm(again.eye - camera.eye) < 1e-9 && norm(again.centre - camera.centre) < 1e-9);
    QVERIFY(!again.fitted);
    QCOMPARE(qobject_cast<QSlider*>(control("Length"))->value(), 80);
    bool parallel = false;
    for (auto* action : page()->findChildren<QAction*>())
        parallel = parallel || (action->text() == "Parallel" && action->isChecked());
    QVERIFY(parallel);
    // Other data are seen as a whole, from the usual side.
    m_window->openPaths({dataFile("b.extxyz")});
    QTRY_COMPARE(m_window->session().dataFiles(), QStringList{m_folder->filePath("b.extxyz")});
    QTRY_VERIFY(viewport()->isPlaceholder() || viewport()->camera().fitted);
}

void TestWindow::projectNamesAreNotShortened()
{
    m_window->resize(1280, 800);
    auto* tree = m_window->findChild<ProjectTree*>();
    auto* dock = m_window->findChild<QDockWidget*>("dock-project");
    const int before = dock->width();
    m_window->openPaths({dataFile("a_data_set_with_a_long_name.extxyz")});
    QTRY_VERIFY(m_window->session().data());
    QTRY_VERIFY(dock->width() > before);
    QTRY_VERIFY(tree->width() >= tree->widthWithoutShortening());
    const auto found =
        tree->findItems("a_data_set_with_a_long_name.extxyz", Qt::MatchExactly | Qt::MatchRecursive);
    QCOMPARE(found.size(), 1);
    QCOMPARE(found[0]->toolTip(0), m_folder->filePath("a_data_set_with_a_long_name.extxyz"));
    QCOMPARE(tree->textElideMode(), Qt::ElideMiddle);

    // Drawn narrower by hand, it stays so, whatever comes.
    const QPoint grip =
        m_window->mapFromGlobal(dock->mapToGlobal(QPoint(dock->width() + 2, dock->height() / 2)));
    QTest::mouseMove(m_window.get(), grip);
    QTest::mousePress(m_window.get(), Qt::LeftButton, {}, grip);
    QTest::mouseMove(m_window.get(), grip - QPoint(60, 0));
    QTest::qWait(50);
    QTest::mouseRelease(m_window.get(), Qt::LeftButton, {}, grip - QPoint(60, 0));
    QTRY_VERIFY(tree->width() < tree->widthWithoutShortening());
    const int narrow = dock->width();
    m_window->openPaths({dataFile("another_data_set_with_an_even_longer_name.extxyz")});
    QTRY_VERIFY(m_window->session().dataFiles()[0].contains("another"));
    QTest::qWait(200);
    QCOMPARE(dock->width(), narrow);
}

void TestWindow::filesAreSortedByName()
{
    for (const char* model :
         {"a.nqx", "mace-mp-0b3-medium.model", "sevennet_0.pth", "a.pt", "compiled.nequip.pt2",
          "nequip-oam-l-0.1.nequip.zip", "last.ckpt", "/models/MACE.MODEL"})
        QCOMPARE(int(fileKind(model)), int(FileKind::Model));
    for (const char* data :
         {"a.extxyz", "POSCAR", "CONTCAR_2.gz", "a.cif.gz", "b.vasp", "c.xyz.zst", "OUTCAR",
          "OUTCAR.vasp.6.2.0.gz", "vasprun.xml.gz", "run1.outcar", "SPICE.hdf5", "train.h5"})
        QCOMPARE(int(fileKind(data)), int(FileKind::Data));
    for (const char* other : {"frames.zip", "notes.txt", "model", "a.pth.txt", "tuned.delta.h5"})
        QCOMPARE(int(fileKind(other)), int(FileKind::Unknown));
    QCOMPARE(modelEnding("/m/nequip-oam-l.nequip.zip"), QString(".nequip.zip"));
    QCOMPARE(modelEnding("a.b.Model"), QString(".Model"));
    QCOMPARE(modelEnding("strange"), QString(".nqx"));
    for (const char* pattern : {"*.nqx", "*.model", "*.pth", "*.pt", "*.pt2", "*.nequip.zip"})
        QVERIFY(modelPatterns().split(' ').contains(pattern));
}

void TestWindow::runsAreFoundAgain()
{
    RunConfig config;
    config.model = "model.nqx";
    config.data.train = {dataFile("a.extxyz").toStdString()};
    const QString folder = m_window->session().startRun(config, "first");
    QTRY_COMPARE(m_window->session().run()->history().state, std::string("finished"));
    QTRY_COMPARE(m_window->findChild<ProjectTree*>()->runs(), QStringList{folder});

    reopen();
    auto* tree = m_window->findChild<ProjectTree*>();
    QTRY_COMPARE(tree->runs(), QStringList{folder}); // without having been opened
    QVERIFY(!m_window->session().run());
    Q_EMIT tree->runRequested(folder);
    QTRY_COMPARE(m_window->session().run()->history().state, std::string("finished"));
    QCOMPARE(m_window->session().run()->history().steps.size(), std::size_t(3));
    QTRY_VERIFY(m_window->session().data()); // what the run used is opened with it
    const auto rows = tree->findItems("first", Qt::MatchExactly | Qt::MatchRecursive);
    QCOMPARE(rows.size(), 1);
    QTRY_COMPARE(rows[0]->text(1), QString("finished"));
    QTRY_VERIFY(rows[0]->font(0).bold()); // the open one stands out
    m_window->session().closeRun();
    QTRY_VERIFY(!rows[0]->font(0).bold());
}

namespace {

/// Processes that this one has started and that live, by /proc.
QStringList childProcesses()
{
    QStringList found;
    for (const QString& entry : QDir("/proc").entryList(QDir::Dirs)) {
        QFile stat("/proc/" + entry + "/stat");
        if (!entry.toInt() || !stat.open(QIODevice::ReadOnly))
            continue;
        const QByteArray text = stat.readAll(); // pid (name) state parent ...
        const QList<QByteArray> fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
        if (fields.value(1).toLongLong() == QCoreApplication::applicationPid() && fields.value(0) != "Z")
            found << entry;
    }
    return found;
}

} // namespace

void TestWindow::closingLeavesNoProcess()
{
    QFile(m_folder->filePath("a.nqx")).open(QIODevice::WriteOnly);
    m_window->openPaths({m_folder->filePath("a.nqx"), dataFile("a.extxyz")});
    QTRY_VERIFY(m_window->session().model() && m_window->session().data());
    QVERIFY(!childProcesses().isEmpty()); // the engine that answers questions
    QVERIFY(m_window->close());
    m_window.reset();
    QTRY_VERIFY2(childProcesses().isEmpty(), qPrintable(childProcesses().join(' ')));
}

void TestWindow::closingWithAnActiveRunAsks()
{
    const RunPaths paths{m_folder->filePath("active").toStdString()};
    QDir(m_folder->path()).mkdir("active");
    ControlReader control(paths);
    const RunLock lock(paths);
    EventWriter events(paths);
    events.write("started", {{"steps", 10}, {"step", 0}});
    m_window->session().openRun(m_folder->filePath("active"));
    QTRY_VERIFY(m_window->session().run()->active());
    m_window->setAsksOnClose(true);
    QString text;
    const auto answer = [&](int which) {
        QTimer::singleShot(0, this, [&text, which] {
            auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            QVERIFY(box);
            text = box->text();
            QCOMPARE(box->buttons().size(), 3);
            for (auto* button : box->buttons())
                if ((which == 0 && box->buttonRole(button) == QMessageBox::RejectRole) ||
                    (which == 1 && box->buttonRole(button) == QMessageBox::DestructiveRole)) {
                    button->click();
                    return;
                }
        });
        m_window->close();
    };
    answer(0);
    QVERIFY(text.contains("active"));
    QVERIFY(m_window->isVisible());
    QVERIFY(control.poll().empty());
    answer(1);
    QVERIFY(!m_window->isVisible());
    QCOMPARE(control.poll(), std::vector<std::string>{"stop"});
}

void TestWindow::logIsBounded()
{
    LogView& log = m_window->log();
    for (int i = 0; i < 3 * LogView::maxLines; ++i)
        log.append(QString("line %1").arg(i));
    log.flush();
    QCOMPARE(log.blockCount(), LogView::maxLines);
    QVERIFY(log.toPlainText().endsWith(QString("line %1").arg(3 * LogView::maxLines - 1)));
}

void TestWindow::commandLine()
{
    const CommandLine line = parseCommandLine(
        {"lodestone", "a.nqx", "--demo", "--no-settings", "--page", "data", "--theme", "dark", "b.extxyz"});
    QCOMPARE(line.paths, (QStringList{"a.nqx", "b.extxyz"}));
    QVERIFY(line.demo && !line.settings && line.error.isEmpty());
    QCOMPARE(line.page, QString("data"));
    QVERIFY(line.theme == Theme::Dark);
    QVERIFY(parseCommandLine({"lodestone", "--page", "date"}).error.contains("date"));
    QVERIFY(!parseCommandLine({"lodestone", "--theme", "blue"}).error.isEmpty());
    QVERIFY(!parseCommandLine({"lodestone", "--nonsense"}).error.isEmpty());
    QVERIFY(!parseCommandLine({"lodestone", "--report", "run"}).error.isEmpty());
    QCOMPARE(parseCommandLine({"lodestone", "--report", "run", "--output", "a.pdf"}).output,
             QString("a.pdf"));
    QVERIFY(parseCommandLine({"lodestone", "--help"}).text.contains("--screenshot"));
    QVERIFY(parseCommandLine({"lodestone", "--version"}).text.contains(LODESTONE_VERSION));
}

int main(int argc, char** argv)
{
    if (const auto code = lodestone::test::fakeEngine(argc, argv))
        return *code;
    qputenv("LODESTONE_ENGINE", QFileInfo(QString::fromLocal8Bit(argv[0])).absoluteFilePath().toLocal8Bit());
    qputenv("QT_XCB_GL_INTEGRATION", "xcb_glx");
    setDefaultSurfaceFormat();
    QStandardPaths::setTestModeEnabled(true);
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English));
    applyTheme(application, Theme::Light);
    TestWindow test;
    return QTest::qExec(&test, argc, argv);
}
#include "xvfb_window.moc"
