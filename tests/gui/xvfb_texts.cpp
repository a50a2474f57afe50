#include "base/files.h"
#include "shell/language.h"
#include "shell/main_window.h"
#include "shell/page.h"
#include "shell/page_stack.h"
#include "shell/settings.h"
#include "shell/theme.h"
#include "structure/viewport.h"
#include "support/fake_engine.h"
#include "support/synthetic_run.h"
#include "support/text_fit.h"

#include <QtCore/QSettings>
#include <QtGui/QAccessible>
#include <QtTest/QtTest>
#include <QtWidgets/QAbstractSpinBox>
#include <QtWidgets/QApplication>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QTreeWidget>

using namespace lodestone;
using namespace lodestone::gui;

namespace {

void chooseFirstTensor(QTreeView& tree)
{
    const QAbstractItemModel& model = *tree.model();
    QModelIndex index = model.index(0, 0);
    while (model.rowCount(index) > 0)
        index = model.index(0, 0, index);
    tree.setCurrentIndex(index);
}

} // namespace

/// No text of the window may be cut off or shortened: every page and every tab, in a small and in a large
/// window, with names as long as those of the public models and of data sets in papers.
class TestTexts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void checkerFindsWhatIsCut();
    void everyPage_data();
    void everyPage();
    void everyControlHasANameAndAKeyboardPath();

private:
    QString path(const char* name) const { return m_folder->filePath(name); }
    void openFiles();
    void look(const QString& where);
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<MainWindow> m_window;
    QStringList m_complaints;
};

void TestTexts::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_settings = std::make_unique<QSettings>(path("settings.ini"), QSettings::IniFormat);
    m_settings->setValue(keys::runsFolder, path("runs"));
    m_window = std::make_unique<MainWindow>(*m_settings);
    m_window->setAsksOnClose(false);
    m_complaints.clear();
}

void TestTexts::cleanup()
{
    m_window.reset();
    m_settings.reset();
    m_folder.reset();
    applyLanguage(*qApp, "en");
}

/// The checker itself: a label, a button and a header that are too narrow are found, ones that fit are not.
void TestTexts::checkerFindsWhatIsCut()
{
    QWidget window;
    window.resize(400, 300);
    auto* label = new QLabel("a sentence of some length", &window);
    auto* button = new QPushButton("Leave out selected", &window);
    auto* box = new QComboBox(&window);
    box->addItem("Schedule-free AdamW");
    auto* tree = new QTreeWidget(&window);
    tree->setHeaderLabels({"A long name of a column", "b"});
    tree->addTopLevelItem(new QTreeWidgetItem({"nequix-mp-1-with-a-long-name.nqx", "x"}));
    tree->setGeometry(0, 100, 400, 150);
    tree->header()->resizeSection(0, 300);
    const auto arrange = [&](int width) {
        label->setGeometry(0, 0, width, 30);
        button->setGeometry(0, 30, width, 30);
        box->setGeometry(0, 60, width, 30);
    };
    arrange(300);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    const test::ClippedTexts fits(window);
    QVERIFY2(fits.found().isEmpty(), qPrintable(fits.found().join('\n')));
    QVERIFY(fits.looked() >= 6);
    arrange(60);
    tree->header()->resizeSection(0, 60);
    const QString found = test::ClippedTexts(window).found().join('\n');
    for (const char* text : {"a sentence", "Leave out", "Schedule-free", "A long name", "nequix-mp-1"})
        QVERIFY2(found.contains(text), text);
    arrange(300);
    tree->header()->resizeSection(0, 300);
    label->move(250, 0); // beyond the window's edge
    QVERIFY(test::ClippedTexts(window).found().join('\n').contains("inside its surroundings"));
}

void TestTexts::everyPage_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<QString>("language");
    for (const Language& language : languages()) {
        QTest::addRow("small, %s", qPrintable(language.name)) << QSize(1280, 800) << language.code;
        QTest::addRow("large, %s", qPrintable(language.name)) << QSize(1600, 1000) << language.code;
    }
}

void TestTexts::look(const QString& where)
{
    QTest::qWait(120);
    const test::ClippedTexts texts(*m_window);
    for (const QString& text : texts.found())
        // In a small window the project gives way to the page: long names are shortened in the middle there,
        // and stand whole in their tooltips.
        if (m_window->width() >= 1600 || !text.contains("dock-project"))
            m_complaints << where + ": " + text;
    if (texts.looked() < 20)
        m_complaints << where + ": hardly a text was seen";
}

/// A model, data with findings, and a run with a result, with names of the usual lengths.
void TestTexts::openFiles()
{
    const QString model = path("MACE-matpes-r2scan-omat-ft-heads.model");
    QVERIFY(QFile(model).open(QIODevice::WriteOnly));
    QFile data(path("nio_noncollinear_rattled_600K.extxyz"));
    QVERIFY(data.open(QIODevice::WriteOnly));
    for (int i = 0; i < 30; ++i)
        QTextStream(&data) << "4\nLattice=\"" << 4 + 0.01 * i
                           << " 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3:"
                           << "forces:R:3:magmoms:R:3 energy=" << -20.5 - (i == 7 ? 9 : 0.01 * i)
                           << " run_type=" << (i % 2 ? "GGA" : "GGA+U") << " pbc=\"T T T\"\n"
                           << "Ni 0 0 0 0 0 0.1 1.5 0.2 0\nO 2 2 2 0 0 -0.1 0 0 0\n"
                           << "Ni 2 2 0 0 0 " << (i == 9 ? 40 : 0.1)
                           << " -1.5 -0.2 0\nO 0 0 2 0 0 -0.1 0 0 0\n";
    data.close();
    const QString run = path("runs/sparse-2026-11-24-1138-second-try");
    synthetic::writeResult(synthetic::writeRun(run.toStdString(), model.toStdString(), "finished"));
    synthetic::writeRun(path("runs/dense").toStdString(), model.toStdString(), "stopped");

    m_window->openPaths({model, data.fileName(), run});
    Session& session = m_window->session();
    QTRY_VERIFY(session.model() && session.preflight() && session.run());
    QTRY_COMPARE(session.run()->history().state, std::string("finished"));
    session.setAtom(0);
    QVERIFY(!session.preflight()->findings.empty());
}

void TestTexts::everyPage()
{
    QFETCH(QSize, size);
    QFETCH(QString, language);
    cleanup();
    applyLanguage(*qApp, language);
    init(); // a window with its texts in this language
    m_window->resize(size);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    openFiles();
    Session& session = m_window->session();
    for (int i = 0; i < m_window->pages().count(); ++i) {
        const QString key = m_window->pages().key(i);
        m_window->showPage(key);
        QWidget* page = m_window->pages().page(key);
        for (auto* tree : page->findChildren<QTreeView*>())
            tree->expandAll();
        if (key == QLatin1String("blocks")) // the inspector with a tensor in it
            chooseFirstTensor(*page->findChild<QTreeView*>());
        QTRY_VERIFY(!session.engine().busy());
        look(key);
        for (auto* tabs : page->findChildren<QTabWidget*>())
            for (int tab = 1; tab < tabs->count() && tabs->isVisible(); ++tab) {
                tabs->setCurrentIndex(tab);
                look(key + " tab " + tabs->tabText(tab));
            }
        QCOMPARE(m_window->size(), size); // no page needs more than the small window
    }
    for (auto* dock : m_window->findChildren<QDockWidget*>())
        if (dock->objectName() == QLatin1String("dock-atoms"))
            dock->raise();
    look("atom table");
    for (const QString& complaint : m_complaints)
        qWarning("%s", qPrintable(complaint));
    QVERIFY(m_complaints.isEmpty());
}

/// What a screen reader says of a control, and whether Tab or an arrow key comes to it.
void TestTexts::everyControlHasANameAndAKeyboardPath()
{
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    openFiles();
    QStringList complaints;
    int looked = 0;
    const auto isPart = [](const QWidget* widget) { // of another control, which has the name
        for (const QWidget* parent = widget->parentWidget(); parent; parent = parent->parentWidget())
            if (qobject_cast<const QComboBox*>(parent) || qobject_cast<const QAbstractSpinBox*>(parent) ||
                qobject_cast<const QAbstractItemView*>(parent) || qobject_cast<const QLineEdit*>(parent) ||
                parent->inherits("QDialogButtonBox") || parent->inherits("QDockWidgetTitleButton"))
                return true;
        return false;
    };
    for (int page = 0; page < m_window->pages().count(); ++page) {
        m_window->showPage(m_window->pages().key(page));
        QTest::qWait(50);
        for (QWidget* widget : m_window->findChildren<QWidget*>()) {
            const bool button = qobject_cast<QAbstractButton*>(widget);
            const bool field =
                qobject_cast<QComboBox*>(widget) || qobject_cast<QLineEdit*>(widget) ||
                qobject_cast<QAbstractSpinBox*>(widget) || qobject_cast<QAbstractSlider*>(widget) ||
                qobject_cast<QAbstractItemView*>(widget) || qobject_cast<QPlainTextEdit*>(widget);
            const QString type = QString::fromLatin1(widget->metaObject()->className());
            if (!widget->isVisible() || (!button && !field) || isPart(widget) || type == "QScrollBar" ||
                type == "QHeaderView" || type == "QDockWidgetTitleButton" || type.startsWith("QToolBarExt"))
                continue;
            ++looked;
            const QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(widget);
            const QString name = spoken ? spoken->text(QAccessible::Name) : QString();
            const QString place = m_window->pages().key(page) + ": " + type + " " + widget->objectName() +
                                  " " + widget->toolTip().left(30);
            if (name.trimmed().isEmpty())
                complaints << place + " has no name";
            if (widget->isEnabled() && widget->focusPolicy() == Qt::NoFocus &&
                !type.startsWith("QToolButton") && !type.startsWith("QTabBar") && type != "CloseButton")
                complaints << place + " " + name + " cannot be reached by keyboard";
        }
    }
    complaints.removeDuplicates();
    QVERIFY(looked > 80);
    QVERIFY2(complaints.isEmpty(), qPrintable(complaints.join('\n')));
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
    TestTexts test;
    return QTest::qExec(&test, argc, argv);
}
#include "xvfb_texts.moc"
