#include "base/files.h"
#include "data/frame_table_model.h"
#include "runs/comparison_view.h"
#include "shell/main_window.h"
#include "shell/page.h"
#include "shell/page_stack.h"
#include "shell/resource_folder.h"
#include "shell/settings.h"
#include "shell/theme.h"
#include "structure/atom_table.h"
#include "structure/viewport.h"
#include "support/file_dialog.h"
#include "support/user.h"
#include "widgets/heat_map.h"
#include "widgets/plot.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QSettings>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QTableWidget>

using namespace lodestone;
using namespace lodestone::gui;

/// The twelve tasks of the help, done as it says, through mouse and keyboard events alone, with the real
/// engine; each with at most the clicks that the help states.
class TestTasks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void init() { m_user.beginTask(); }
    void cleanup();
    void task1OpenByDragAndDrop();
    void task2MapAKey();
    void task3LeaveOutFaultyFrames();
    void task4SelectBlocks();
    void task5StartARun();
    void task6PauseAndGoOn();
    void task7StopAndResume();
    void task8FindTheLargestMomentError();
    void task9SeeSingleWeights();
    void task10CompareTwoRuns();
    void task11ExportAPicture();
    void task12ExportDeltaModelAndReport();

private:
    Session& session() { return m_window->session(); }
    Page* page(const char* key) { return qobject_cast<Page*>(m_window->pages().page(QLatin1String(key))); }
    bool goTo(const QString& title) { return m_user.clickTab(m_window->pages().tabs(), title); }
    /// A visible widget by its accessible or object name.
    template<class Widget>
    Widget* named(const char* name)
    {
        for (Widget* widget : m_window->findChildren<Widget*>())
            if (widget->isVisible() && (widget->accessibleName() == QLatin1String(name) ||
                                        widget->objectName() == QLatin1String(name)))
                return widget;
        return nullptr;
    }
    QPushButton* button(const QString& text);
    bool state(const char* wanted) { return session().run() && session().run()->history().state == wanted; }
    void startRun(const QString& name, int epochs);
    bool save(QWidget* pressed, const QString& file);
    QString path(const char* name) const { return m_folder.filePath(QLatin1String(name)); }

    test::User m_user;
    std::map<int, int> m_allowed; ///< clicks by task, as the help states them
    QTemporaryDir m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<MainWindow> m_window;
};

void TestTasks::initTestCase()
{
    const QString engine = QStringLiteral(LODESTONE_BIN "/lodestone-engine");
    if (!QFileInfo::exists(engine))
        QSKIP("lodestone-engine was not built (LODESTONE_ENGINE=OFF)");
    qputenv("LODESTONE_ENGINE", engine.toLocal8Bit());
    // The demo's frames under a column name that nobody guesses, and one frame of an element that the model
    // lacks.
    const DemoFiles demo = demoFiles();
    QVERIFY2(demo.complete(), "resources/demo is incomplete");
    QString text = QString::fromStdString(readFile(demo.training.toStdString()));
    text.replace(":forces:R:3", ":first_try:R:3");
    text +=
        "1\nLattice=\"9 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3:first_try:R:3:magmoms:R:3 energy=-1 "
        "pbc=\"T T T\"\nXe 0 0 0 0 0 0 0 0 0\n";
    writeFileAtomically(path("frames.extxyz").toStdString(), text.toStdString());
    QVERIFY(QFile::copy(demo.model, path("model.nqx")));

    QFile help(QStringLiteral(":/help/tasks.md"));
    QVERIFY(help.open(QIODevice::ReadOnly));
    static const QRegularExpression heading(QStringLiteral("^## (\\d+)\\. .*\\((\\d+) clicks\\)$"),
                                            QRegularExpression::MultilineOption);
    for (auto found = heading.globalMatch(QString::fromUtf8(help.readAll())); found.hasNext();) {
        const auto match = found.next();
        m_allowed[match.captured(1).toInt()] = match.captured(2).toInt();
    }
    QCOMPARE(m_allowed.size(), std::size_t{12});

    m_settings = std::make_unique<QSettings>(path("settings.ini"), QSettings::IniFormat);
    m_settings->setValue(keys::runsFolder, path("runs"));
    m_window = std::make_unique<MainWindow>(*m_settings);
    m_window->setAsksOnClose(false);
    m_window->resize(1600, 1000);
    m_window->show();
    m_window->activateWindow(); // there is no window manager to do it
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
}

void TestTasks::cleanupTestCase()
{
    if (m_window && session().run() && session().run()->active())
        session().run()->stop();
    m_window.reset();
}

void TestTasks::cleanup()
{
    static const QRegularExpression number(QStringLiteral("\\d+"));
    const int task = number.match(QString::fromLatin1(QTest::currentTestFunction())).captured().toInt();
    if (!m_allowed.count(task)) // not a task, or everything was skipped
        return;
    qInfo("task %d: %d clicks, %d allowed", task, m_user.clicks(), m_allowed[task]);
    QVERIFY(m_user.clicks() <= m_allowed[task]);
}

QPushButton* TestTasks::button(const QString& text)
{
    for (auto* found : m_window->findChildren<QPushButton*>())
        if (found->isVisible() && found->text().remove(QLatin1Char('&')) == text)
            return found;
    return nullptr;
}

/// Presses a button that asks for a file, and answers.
bool TestTasks::save(QWidget* pressed, const QString& file)
{
    const test::FileDialogAnswer answer(file);
    const bool clicked = m_user.click(pressed);
    m_user.countClick();
    return clicked && answer.answered();
}

void TestTasks::task1OpenByDragAndDrop()
{
    QVERIFY(m_user.drop(m_window.get(), {path("model.nqx"), path("frames.extxyz")}));
    QTRY_VERIFY_WITH_TIMEOUT(session().model() && session().data() && session().preflight(), 60000);
    QVERIFY(session().data()->frames.size() > 50);
    QVERIFY(session().data()->keys.forces.empty());
    QCOMPARE(m_window->pages().currentKey(), QString("structure"));
}

void TestTasks::task2MapAKey()
{
    QVERIFY(goTo("Data"));
    QTRY_VERIFY_WITH_TIMEOUT(named<QComboBox>("Forces") && named<QComboBox>("Forces")->count() > 1, 20000);
    QVERIFY(m_user.choose(named<QComboBox>("Forces"), "first_try"));
    QTRY_COMPARE_WITH_TIMEOUT(QString::fromStdString(session().data()->keys.forces), QString("first_try"),
                              20000);
    QVERIFY(session().data()->frames.front().forces.size() ==
            session().data()->frames.front().structure.size());
}

void TestTasks::task3LeaveOutFaultyFrames()
{
    QVERIFY(goTo("Data"));
    QTRY_VERIFY_WITH_TIMEOUT(session().preflight(), 20000);
    QVERIFY(m_user.click(button("Leave out faulty")));
    const std::vector<bool>& excluded = session().excluded();
    QCOMPARE(std::count(excluded.begin(), excluded.end(), true), 1);
    QVERIFY(excluded.back()); // the frame with xenon
}

void TestTasks::task4SelectBlocks()
{
    QVERIFY(goTo("Blocks"));
    QVERIFY(m_user.click(button("Untick all shown")));
    QVERIFY(m_user.type(named<QLineEdit>("Filter"), "layer_2 l=2"));
    QVERIFY(m_user.click(button("Tick all shown")));
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < session().selected().size(); ++i)
        if (session().selected()[i])
            chosen.push_back(session().model()->tensors[i].name);
    QCOMPARE(chosen, std::vector<std::string>{"layer_2/linear_1/2e"});
}

void TestTasks::startRun(const QString& name, int epochs)
{
    QVERIFY(m_user.type(named<QLineEdit>("Name of the run"), name));
    auto* field = page("training")->findChild<QSpinBox*>("epochs");
    QVERIFY(m_user.type(field, QString::number(epochs)));
    QTest::keyClick(field, Qt::Key_Tab);
    QTRY_VERIFY(button("Start") && button("Start")->isEnabled());
    QVERIFY(m_user.click(button("Start")));
    QTRY_VERIFY_WITH_TIMEOUT(
        session().run() && session().run()->paths().root.filename() == name.toStdString(), 20000);
}

void TestTasks::task5StartARun()
{
    QVERIFY(goTo("Training"));
    QVERIFY(m_user.choose(page("training")->findChild<QComboBox*>("head"), "Magnitude |m|"));
    startRun("first", 500);
    QTRY_VERIFY_WITH_TIMEOUT(state("running") && !session().run()->history().steps.empty(), 120000);
}

void TestTasks::task6PauseAndGoOn()
{
    QVERIFY(m_user.click(button("Pause")));
    QTRY_VERIFY_WITH_TIMEOUT(state("paused"), 60000);
    const std::size_t steps = session().run()->history().steps.size();
    QTest::qWait(1500);
    QCOMPARE(session().run()->history().steps.size(), steps);
    QTRY_VERIFY(button("Resume")->isEnabled());
    QVERIFY(m_user.click(button("Resume")));
    QTRY_VERIFY_WITH_TIMEOUT(state("running") && session().run()->history().steps.size() > steps, 60000);
}

void TestTasks::task7StopAndResume()
{
    QTRY_VERIFY_WITH_TIMEOUT(session().run()->history().evaluations.size() > 1, 240000);
    QVERIFY(m_user.click(button("Stop")));
    QTRY_VERIFY_WITH_TIMEOUT(state("stopped"), 120000);
    const std::size_t steps = session().run()->history().steps.size();
    QTRY_VERIFY(button("Resume")->isEnabled());
    QVERIFY(m_user.click(button("Resume")));
    QTRY_VERIFY_WITH_TIMEOUT(state("running") && session().run()->history().steps.size() > steps, 120000);
    // Not part of the task: the others need a run that has ended.
    QTest::mouseClick(button("Stop"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(state("stopped"), 120000);
}

void TestTasks::task8FindTheLargestMomentError()
{
    session().setFrame(0); // before the task: whichever frame was looked at
    QTRY_VERIFY_WITH_TIMEOUT(!session().moments().tuned.empty(), 60000);
    QTabBar* docks = nullptr;
    for (auto* bar : m_window->findChildren<QTabBar*>())
        for (int i = 0; i < bar->count(); ++i)
            if (bar->tabText(i) == "Atoms")
                docks = bar;
    QVERIFY(m_user.clickTab(docks, "Atoms"));
    auto* table = named<QTableView>("Atoms of the frame in view");
    QVERIFY(table);
    QVERIFY(m_user.clickHeader(table, AtomTableModel::MomentError));
    QTest::qWait(QApplication::doubleClickInterval() + 50);
    QVERIFY(m_user.clickHeader(table, AtomTableModel::MomentError));
    QVERIFY(m_user.clickRow(table, table->model()->index(0, 0)));
    const MomentSources& moments = session().moments();
    double largest = -1;
    int worst = -1;
    for (std::size_t i = 0; i < moments.label.size(); ++i)
        if (const double error = norm(moments.tuned[i] - moments.label[i]); error > largest) {
            largest = error;
            worst = int(i);
        }
    QVERIFY(largest > 0);
    QCOMPARE(session().atom(), worst);
}

void TestTasks::task9SeeSingleWeights()
{
    QVERIFY(goTo("Sparsity"));
    auto* map = named<HeatMap>("map");
    QTRY_VERIFY_WITH_TIMEOUT(map && map->data().rowCount > 0, 20000);
    QRect cell;
    for (int row = 0; row < map->data().rowCount && cell.isNull(); ++row)
        for (int column = 0; column < map->data().columnCount; ++column)
            if (map->data().values[std::size_t(row * map->data().columnCount + column)] > 0)
                cell = map->cellRect(row, column);
    QVERIFY(!cell.isNull());
    QVERIFY(m_user.clickAt(map, cell.center()));
    QTRY_VERIFY_WITH_TIMEOUT(named<HeatMap>("matrix") && named<HeatMap>("matrix")->data().rowCount > 0,
                             60000);
    auto* matrix = named<HeatMap>("matrix");
    QVERIFY(m_user.clickAt(matrix, matrix->cellRect(1, 1).center()));
    const QString said = named<QLabel>("weight")->text();
    QVERIFY2(said.contains("layer_2/linear_1/2e") && said.contains("base") && said.contains("tuned"),
             qPrintable(said));
}

void TestTasks::task10CompareTwoRuns()
{
    // Before the task: a second run, of two epochs.
    QVERIFY(goTo("Training"));
    startRun("second", 2);
    QTRY_VERIFY_WITH_TIMEOUT(state("finished"), 240000);
    QTRY_VERIFY_WITH_TIMEOUT(!session().engine().busy(), 240000);

    m_user.beginTask();
    QVERIFY(goTo("Results"));
    auto* runs = named<QTableWidget>("runs");
    QTRY_COMPARE_WITH_TIMEOUT(runs->rowCount(), 2, 20000);
    for (int row = 0; row < 2; ++row)
        QVERIFY(m_user.tick(runs, runs->model()->index(row, 0)));
    auto* tabs = page("results")->findChild<QTabWidget*>();
    QVERIFY(m_user.clickTab(tabs->tabBar(), "Comparison"));
    const auto* comparison = page("results")->findChild<ComparisonView*>();
    QVERIFY(comparison);
    const auto filled = [comparison] {
        int count = 0;
        for (const Plot* plot : comparison->findChildren<Plot*>())
            count += plot->isVisible() && plot->pointCount() > 0;
        return count;
    };
    QTRY_VERIFY_WITH_TIMEOUT(filled() > 0, 20000);
    QString texts;
    for (const auto* table : comparison->findChildren<QTableView*>())
        for (int row = 0; row < table->model()->rowCount(); ++row)
            for (int column = 0; column < table->model()->columnCount(); ++column)
                texts += table->model()->index(row, column).data().toString() + "|";
    QVERIFY2(texts.contains("first") && texts.contains("second"), qPrintable(texts));
}

void TestTasks::task11ExportAPicture()
{
    QVERIFY(goTo("Structure"));
    QTest::qWait(300);
    auto* viewport = page("structure")->findChild<Viewport*>();
    {
        const test::FileDialogAnswer answer(path("picture.png"));
        QVERIFY(m_user.chooseFromMenu(button("Export picture"), "PNG at 2\u00d7 the size\u2026"));
        m_user.countClick();
        QVERIFY(answer.answered());
    }
    if (viewport->isPlaceholder())
        QSKIP("No OpenGL here: the picture cannot be drawn.");
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path("picture.png")), 60000);
    QCOMPARE(QImage(path("picture.png")).size(), 2 * viewport->size() * viewport->devicePixelRatio());
}

void TestTasks::task12ExportDeltaModelAndReport()
{
    QVERIFY(goTo("Results"));
    const auto written = [this](const char* name) {
        return QFileInfo(path(name)).size() > 0 && !session().engine().busy();
    };
    QVERIFY(save(named<QPushButton>("exportDelta"), path("tuned.delta.h5")));
    QTRY_VERIFY_WITH_TIMEOUT(written("tuned.delta.h5"), 60000);
    QVERIFY(save(named<QPushButton>("exportModel"), path("tuned.nqx")));
    QTRY_VERIFY_WITH_TIMEOUT(written("tuned.nqx"), 60000);
    QVERIFY(save(named<QPushButton>("saveReport"), path("report.pdf")));
    QTRY_VERIFY_WITH_TIMEOUT(written("report.pdf"), 240000);
    QVERIFY(readFile(path("report.pdf").toStdString()).starts_with("%PDF"));
    QCOMPARE(m_window->pages().problem("results"), QString());
}

int main(int argc, char** argv)
{
    qputenv("QT_XCB_GL_INTEGRATION", "xcb_glx");
    qputenv("QTEST_FUNCTION_TIMEOUT", "1200000"); // runs take minutes on a busy machine
    setDefaultSurfaceFormat();
    QStandardPaths::setTestModeEnabled(true);
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs); // the test types into Qt's own
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English));
    applyTheme(application, Theme::Light);
    TestTasks test;
    return QTest::qExec(&test, argc, argv);
}
#include "xvfb_tasks.moc"
