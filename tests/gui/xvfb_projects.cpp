#include "base/error.h"
#include "project/project_file.h"
#include "shell/main_window.h"
#include "shell/open_files.h"
#include "shell/page_stack.h"
#include "shell/settings.h"
#include "shell/window_holder.h"
#include "structure/viewport.h"
#include "support/fake_engine.h"
#include "support/file_dialog.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QSettings>
#include <QtTest/QtTest>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QSpinBox>

using namespace lodestone;
using namespace lodestone::gui;

/// Project files in the real window, with a stand-in for the engine.
class TestProjects : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void savedByMenuAndFoundInAnotherFolder();
    void newProjectIsEmpty();
    void changesAreMarkedAndAskedAbout();
    void missingFilesAreNamed();
    void filesThatAreNoProjectChangeNothing();
    void settingsAndFileAgree();

private:
    MainWindow& window() { return m_holder->window(); }
    Session& session() { return window().session(); }
    QString path(const char* name) const { return m_folder->filePath(QLatin1String(name)); }
    bool active()
    {
        window().activateWindow(); // there is no window manager to do it
        return QTest::qWaitForWindowActive(&window());
    }
    void openEverything();
    bool save(const QString& file);
    /// Does `act`, which puts another window in place of this one.
    void replaced(const std::function<void()>& act);
    /// Presses `button` in the message box that comes next.
    void press(QMessageBox::StandardButton button);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<WindowHolder> m_holder;
};

void TestProjects::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_settings = std::make_unique<QSettings>(path("settings.ini"), QSettings::IniFormat);
    m_settings->setValue(keys::runsFolder, path("runs"));
    QVERIFY(QDir(m_folder->path()).mkpath("work/data"));
    QVERIFY(QFile(path("work/a.nqx")).open(QIODevice::WriteOnly));
    QFile out(path("work/data/a.extxyz"));
    QVERIFY(out.open(QIODevice::WriteOnly));
    for (int i = 0; i < 3; ++i)
        out.write("2\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3:forces:R:3:magmoms:R:1 "
                  "energy=-1 pbc=\"T T T\"\nNi 0 0 0 0 0 0.1 1.5\nO 2 2 2 0 0 -0.1 0\n");
    m_holder = std::make_unique<WindowHolder>(*m_settings);
    window().setAsksOnClose(false);
    window().show();
    QVERIFY(active());
}

void TestProjects::cleanup()
{
    m_holder.reset();
    m_settings.reset();
    m_folder.reset();
}

void TestProjects::openEverything()
{
    window().openPaths({path("work/a.nqx"), path("work/data/a.extxyz")});
    QTRY_VERIFY(session().model() && session().data());
    std::vector<bool> selected(session().selected().size(), false);
    selected[1] = true;
    session().setSelected(selected);
    session().setExcluded(1, true);
    session().setFrame(2);
    window().findChild<QSpinBox*>("epochs")->setValue(17);
    window().showPage("blocks");
}

bool TestProjects::save(const QString& file)
{
    const test::FileDialogAnswer answer(file);
    QTest::keyClick(&window(), Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
    return answer.answered() && active(); // the dialog had the keyboard
}

void TestProjects::replaced(const std::function<void()>& act)
{
    QSignalSpy spy(m_holder.get(), &WindowHolder::replaced);
    act();
    QTRY_COMPARE(spy.count(), 1);
    QVERIFY(active());
}

void TestProjects::press(QMessageBox::StandardButton button)
{
    auto* timer = new QTimer(this);
    timer->setInterval(50);
    connect(timer, &QTimer::timeout, this, [timer, button] {
        if (auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget())) {
            timer->deleteLater();
            QTest::mouseClick(box->button(button), Qt::LeftButton);
        }
    });
    timer->start();
}

void TestProjects::savedByMenuAndFoundInAnotherFolder()
{
    openEverything();
    QVERIFY(save(path("work/nickel"))); // the ending is added
    QVERIFY(QFile::exists(path("work/nickel.lodestone")));
    QVERIFY(window().windowTitle().startsWith("nickel"));
    QVERIFY(!window().isWindowModified());
    // Files below the project's folder are found when the whole folder has moved.
    QVERIFY(QDir(m_folder->path()).rename("work", "elsewhere"));
    replaced([this] { window().openPaths({path("elsewhere/nickel.lodestone")}); });
    QTRY_VERIFY(session().model() && session().data());
    QCOMPARE(session().model()->file, path("elsewhere/a.nqx").toStdString());
    QCOMPARE(session().dataFiles(), QStringList{path("elsewhere/data/a.extxyz")});
    std::vector<bool> selected(session().selected().size(), false);
    selected[1] = true;
    QCOMPARE(session().selected(), selected);
    QTRY_COMPARE(session().excluded(), (std::vector<bool>{false, true, false}));
    QTRY_COMPARE(session().frame(), 2);
    QCOMPARE(window().findChild<QSpinBox*>("epochs")->value(), 17);
    QCOMPARE(window().pages().currentKey(), QString("blocks"));
    QVERIFY(window().windowTitle().startsWith("nickel"));
    QTest::qWait(1300); // it was saved meanwhile, with nothing changed
    QVERIFY2(!window().isWindowModified(), qPrintable(window().windowTitle()));
    QCOMPARE(m_settings->value(keys::recentProjects).toStringList().front(),
             path("elsewhere/nickel.lodestone"));
}

void TestProjects::newProjectIsEmpty()
{
    openEverything();
    QVERIFY(save(path("work/one.lodestone")));
    replaced([this] { QTest::keyClick(&window(), Qt::Key_N, Qt::ControlModifier); });
    QTest::qWait(300);
    QVERIFY(!session().model() && !session().data() && session().dataFiles().isEmpty());
    QCOMPARE(window().pages().currentKey(), QString("welcome"));
    QCOMPARE(window().windowTitle(), QString("Lodestone"));
    // What is in no project is asked about: closing would bring it back, another project does not.
    openEverything();
    window().setAsksOnClose(true);
    press(QMessageBox::Cancel);
    QTest::keyClick(&window(), Qt::Key_N, Qt::ControlModifier);
    QTest::qWait(200);
    QVERIFY(session().model() && active());
    press(QMessageBox::Discard);
    replaced([this] { QTest::keyClick(&window(), Qt::Key_N, Qt::ControlModifier); });
    QVERIFY(!session().model());
}

void TestProjects::changesAreMarkedAndAskedAbout()
{
    openEverything();
    QVERIFY(save(path("work/one.lodestone")));
    const auto written = [this] { return readProject(path("work/one.lodestone")); };
    const QJsonObject before = written();
    session().setFrame(0); // a look is no change
    QTest::qWait(1300);
    QVERIFY(!window().isWindowModified());
    window().findChild<QSpinBox*>("epochs")->setValue(19);
    QTRY_VERIFY(window().isWindowModified());
    QCOMPARE(written(), before);

    window().setAsksOnClose(true);
    press(QMessageBox::Cancel);
    QTest::keyClick(&window(), Qt::Key_N, Qt::ControlModifier);
    QTest::qWait(200);
    QVERIFY(session().model() && active());
    QCOMPARE(window().findChild<QSpinBox*>("epochs")->value(), 19);
    // What is discarded is not there at the next start either.
    press(QMessageBox::Discard);
    QVERIFY(window().close());
    m_holder = std::make_unique<WindowHolder>(*m_settings);
    window().show();
    window().restore();
    QTRY_VERIFY(session().model() && session().data());
    QCOMPARE(window().findChild<QSpinBox*>("epochs")->value(), 17);
    window().findChild<QSpinBox*>("epochs")->setValue(23);
    press(QMessageBox::Save);
    QVERIFY(window().close());
    QVERIFY(written() != before);
    QVERIFY(QJsonDocument(written()).toJson().contains("\\\"epochs\\\":23"));
}

void TestProjects::missingFilesAreNamed()
{
    openEverything();
    QVERIFY(save(path("work/one.lodestone")));
    QVERIFY(QFile::remove(path("work/a.nqx")));
    replaced([this] { window().openPaths({path("work/one.lodestone")}); });
    QTRY_VERIFY(session().data());
    const QString problem = window().pages().problem(window().pages().currentKey());
    QVERIFY2(problem.contains("a.nqx") && !problem.contains("a.extxyz"), qPrintable(problem));
    // The file still names the model, until the user saves.
    QCOMPARE(readProject(path("work/one.lodestone"))["session"].toObject()["model"].toString(),
             QString("a.nqx"));
}

void TestProjects::filesThatAreNoProjectChangeNothing()
{
    openEverything();
    const auto refused = [this](const QByteArray& text, const char* word) {
        QFile file(path("bad.lodestone"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
        file.close();
        QSignalSpy spy(m_holder.get(), &WindowHolder::replaced);
        window().openPaths({path("bad.lodestone")});
        QTest::qWait(100);
        QCOMPARE(spy.count(), 0);
        const QString problem = window().pages().problem(window().pages().currentKey());
        QVERIFY2(problem.contains("bad.lodestone") && problem.contains(word), qPrintable(problem));
        QVERIFY(session().model() && session().data());
    };
    refused("", "no project file");
    refused("{\"session\": {}}", "no project file");
    refused("[1, 2", "no project file");
    refused("{\"lodestone_project\": 99, \"session\": {}}", "newer version");
    window().openPaths({path("gone.lodestone")});
    QVERIFY(window().pages().problem(window().pages().currentKey()).contains("cannot be read"));
    // Values of the wrong kind are as good as none.
    QFile odd(path("bad.lodestone"));
    QVERIFY(odd.open(QIODevice::WriteOnly));
    odd.write("{\"lodestone_project\": 1, \"session\": {\"model\": [1, {}], \"data\": 7, \"keys\": \"x\", "
              "\"pages/training\": 3, \"pages/structure\": [[]], \"excluded\": {}}}");
    odd.close();
    replaced([this] { window().openPaths({path("bad.lodestone")}); });
    QTest::qWait(200);
    QVERIFY(!session().model() && !session().data());
}

void TestProjects::settingsAndFileAgree()
{
    openEverything();
    QVERIFY(save(path("work/one.lodestone")));
    const QJsonObject project = readProject(path("work/one.lodestone"));
    QSettings copy(path("copy.ini"), QSettings::IniFormat);
    QCOMPARE(projectToSettings(project, path("work"), copy), QStringList());
    copy.sync();
    const QSettings again(path("copy.ini"), QSettings::IniFormat); // from the file, not from memory
    QCOMPARE(projectWork(projectFromSettings(again, path("work"))), projectWork(project));
    // Where a project lies says which names are relative.
    const QJsonObject session = project["session"].toObject();
    QCOMPARE(session["model"].toString(), QString("a.nqx"));
    QCOMPARE(session["data"].toArray().at(0).toString(), QString("data/a.extxyz"));
    QCOMPARE(projectFromSettings(copy, path("work/data"))["session"].toObject()["model"].toString(),
             path("work/a.nqx"));
}

int main(int argc, char** argv)
{
    if (const auto code = lodestone::test::fakeEngine(argc, argv))
        return *code;
    qputenv("LODESTONE_ENGINE", QFileInfo(QString::fromLocal8Bit(argv[0])).absoluteFilePath().toLocal8Bit());
    qputenv("QT_XCB_GL_INTEGRATION", "xcb_glx");
    setDefaultSurfaceFormat();
    QStandardPaths::setTestModeEnabled(true);
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs); // the test types into Qt's own
    QApplication application(argc, argv);
    QApplication::setQuitOnLastWindowClosed(false);
    QLocale::setDefault(QLocale(QLocale::English));
    TestProjects test;
    return QTest::qExec(&test, argc, argv);
}
#include "xvfb_projects.moc"
