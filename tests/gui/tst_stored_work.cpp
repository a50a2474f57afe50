#include "base/schema.h"
#include "catalogue/part_file.h"
#include "data/data_page.h"
#include "project/project_file.h"
#include "project/project_tree.h"
#include "runs/results_page.h"
#include "shell/recent_files.h"
#include "shell/session.h"
#include "shell/session_state.h"
#include "shell/settings.h"
#include "support/fake_engine.h"
#include "support/schema_files.h"
#include "support/sentence.h"
#include "support/synthetic_run.h"
#include "training/training_page.h"
#include "widgets/plain_text.h"

#include <QtCore/QJsonObject>
#include <QtTest/QtTest>
#include <QtWidgets/QAbstractItemView>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMenu>
#include <QtWidgets/QTableWidget>

using namespace lodestone;
using namespace lodestone::gui;

namespace {

const QString markup = QStringLiteral("<s>x");

/// Tool tips of a model's items, and of those below.
QStringList toolTipsOf(const QAbstractItemModel& model, const QModelIndex& parent = {})
{
    QStringList tips;
    for (int r = 0; r < model.rowCount(parent); ++r)
        for (int c = 0; c < model.columnCount(parent); ++c) {
            const QModelIndex index = model.index(r, c, parent);
            tips << index.data(Qt::ToolTipRole).toString();
            if (c == 0)
                tips << toolTipsOf(model, index);
        }
    return tips;
}

/// What of the widget would be taken for HTML though it holds the text of a file.
QStringList formattedBy(const QWidget& widget)
{
    QStringList found;
    for (const QLabel* label : widget.findChildren<QLabel*>())
        if (label->text().contains(markup) && label->textFormat() != Qt::PlainText)
            found << QStringLiteral("label %1: %2").arg(label->objectName(), label->text());
    QStringList tips = {widget.toolTip()};
    for (const QWidget* child : widget.findChildren<QWidget*>())
        tips << child->toolTip();
    for (const QAbstractItemView* view : widget.findChildren<QAbstractItemView*>())
        if (view->model())
            tips << toolTipsOf(*view->model());
    for (const QString& tip : tips)
        if (tip.contains(markup))
            found << QStringLiteral("tool tip: %1").arg(tip);
    return found;
}

/// How often the file's text is shown: a page without it would prove nothing.
int shownBy(const QWidget& widget)
{
    int count = 0;
    for (const QLabel* label : widget.findChildren<QLabel*>())
        count += label->text().contains(markup);
    for (const QAbstractItemView* view : widget.findChildren<QAbstractItemView*>())
        if (view->model())
            for (const QString& tip : toolTipsOf(*view->model()))
                count += tip.contains(markup.toHtmlEscaped());
    return count;
}

} // namespace

/// Projects and settings of earlier versions (tests/data/schema-N); files and folders from strangers.
class TestStoredWork : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    QString path(const QString& name) const { return m_folder->filePath(name); }
    std::filesystem::path file(const QString& name) const { return path(name).toStdString(); }
    QString text(const QString& name) const { return QString::fromStdString(readFile(file(name))); }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        unpackSchema(1, m_folder->path().toStdString());
    }

    void keptProjectsAreOpened()
    {
        const QJsonObject project = readProject(path("work.lodestone"));
        QSettings settings(path("session.ini"), QSettings::IniFormat);
        QCOMPARE(projectToSettings(project, m_folder->path(), settings), QStringList()); // no file is missing
        Session session;
        QVERIFY(restoreSession(session, settings));
        QTRY_VERIFY(session.model() && session.data());
        QCOMPARE(session.dataFiles(), QStringList{path("train.extxyz")});
        QCOMPARE(session.data()->frames.size(), std::size_t(6));
        QCOMPARE(session.data()->keys.moments, std::string("magmoms"));
        QVERIFY(session.run());
        QTRY_COMPARE(session.run()->history().state, std::string("finished"));
        QCOMPARE(settings.value(keys::sessionSelection).toStringList().size(), 8);
        QCOMPARE(settings.value(keys::page).toString(), QString("sparsity"));
    }

    void newerProjectsAreRefused()
    {
        writeFileAtomically(file("new.lodestone"), R"({"lodestone_project": 2, "session": {}})");
        QCOMPARE(schema::project, 1);
        VERIFY_ERROR(readProject(path("new.lodestone")), "new.lodestone", "newer version",
                     "Update Lodestone");
        writeFileAtomically(file("new.lodestone"), R"({"lodestone_project": 1e300, "session": {}})");
        VERIFY_ERROR(readProject(path("new.lodestone")), "newer version");
    }

    void keptSettingsAreRead()
    {
        QString kept = text("settings.conf");
        QVERIFY(!kept.contains("\nschema=")); // they had none
        writeFileAtomically(file("settings.conf"),
                            kept.replace("/tmp/lodestone-schema-1", m_folder->path()).toStdString());
        {
            QSettings settings(path("settings.conf"), QSettings::IniFormat);
            QVERIFY(adoptSettings(settings));
            QCOMPARE(settings.value(keys::recentRuns).toStringList(), QStringList{path("finished")});
            Session session;
            QVERIFY(restoreSession(session, settings));
            QTRY_VERIFY(session.model() && session.data());
            QCOMPARE(session.dataFiles(), QStringList{path("train.extxyz")});
            QTRY_VERIFY(session.frame() >= 0);
            QCOMPARE(settings.value(keys::sessionSelection).toStringList().size(), 8);
        }
        QVERIFY(text("settings.conf").contains("schema=1"));
    }

    void newerSettingsAreLeftAlone()
    {
        writeFileAtomically(file("new.conf"), "[General]\nschema=2\n\n[session]\nmodel=a.nqx\n");
        const QString before = text("new.conf");
        QCOMPARE(schema::settings, 1);
        {
            QSettings settings(path("new.conf"), QSettings::IniFormat);
            QVERIFY(!adoptSettings(settings));
        }
        QCOMPARE(text("new.conf"), before);
    }

    void settingsAreForTheirOwner()
    {
        const QFile::Permissions others =
            QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        {
            QSettings settings(path("fresh/own.conf"), QSettings::IniFormat);
            QVERIFY(adoptSettings(settings));
            QCOMPARE(QFile::permissions(path("fresh/own.conf")) & others, QFile::Permissions());
            settings.setValue(keys::sessionModel, "secret.nqx");
        }
        QVERIFY(text("fresh/own.conf").contains("secret.nqx"));
        QCOMPARE(QFile::permissions(path("fresh/own.conf")) & others,
                 QFile::Permissions()); // Qt wrote it anew
        Session session;
        const QString scratch = session.engine().scratchFolder();
        QVERIFY(QFileInfo(scratch).isDir());
        QCOMPARE(QFile::permissions(scratch) & others, QFile::Permissions());
    }

    void keptResultsAreShown()
    {
        const RunReport report = readRunReport(file("finished"), true);
        QCOMPARE(report.changed, std::int64_t(24));
        QCOMPARE(report.audit.size(), std::size_t(4));
        QVERIFY(report.error("test", "forces") > 0);
        QCOMPARE(report.evaluations.size(), std::size_t(8));
        const Parity parity = readParity(RunPaths{file("finished")});
        QCOMPARE(parity.at("test").at("forces").label.size(), std::size_t(48));
        QCOMPARE(parity.at("validation").at("moment_vectors").label.size(), std::size_t(48));
    }

    void newerResultsAreRefused()
    {
        const RunPaths run{file("finished")};
        for (const auto& part : {run.metrics(), run.audit(), run.configuration()}) {
            const std::string before = readFile(part);
            Json json = parseJson(before, "");
            json["schema"] = 2;
            writeFileAtomically(part, json.dump());
            VERIFY_ERROR(readRunReport(run.root, false), "newer version", "Update Lodestone");
            writeFileAtomically(part, before);
        }
        writeFileAtomically(run.events(), R"({"schema":2,"seq":0,"kind":"started"})"
                                          "\n");
        Session session;
        QSignalSpy problems(&session, &Session::problem);
        session.openRun(path("finished"));
        QTRY_VERIFY(!problems.isEmpty());
        QVERIFY2(problems[0][1].toString().contains("newer version"), qPrintable(problems[0][1].toString()));
        QVERIFY(stateText(summariseRun(run.root).state).contains("newer"));
    }

    /// A folder of runs that several people use: one that is broken hides none of the others.
    void brokenRunsHideNoOthers()
    {
        writeFileAtomically(file("sweep/target_fraction=0.2_seed_1/result/metrics.json"),
                            R"({"changed": "many"})");
        makeFolder(file("interrupted/result"));
        writeFileAtomically(file("interrupted/result/metrics.json"), "[]");
        Session session;
        session.setRunsFolder(m_folder->path());
        ResultsPage page(session);
        auto* list = page.findChild<QTableWidget*>("runs");
        QTRY_COMPARE(list->rowCount(), 5);
    }

    void engineIsNotStartedThroughLinks()
    {
        writeFileAtomically(file("mine.txt"), "mine");
        for (const char* name : {"stdout.log", "stderr.log"}) {
            const std::filesystem::path link = file(QStringLiteral("interrupted/") + name);
            std::filesystem::create_symlink(file("mine.txt"), link);
            Session session;
            session.openRun(path("interrupted"));
            std::filesystem::remove(file("interrupted/lock"));
            QTRY_COMPARE(session.run()->history().state, std::string("interrupted"));
            QSignalSpy problems(&session, &Session::problem);
            session.resumeRun();
            QCOMPARE(text("mine.txt"), QString("mine"));
            QVERIFY(!problems.isEmpty());
            QVERIFY2(problems.last()[1].toString().contains("symbolic link"),
                     qPrintable(problems.last()[1].toString()));
            QVERIFY(!session.runIsStarting());
            std::filesystem::remove(link);
        }
    }

    void downloadsAreNotWrittenThroughLinks()
    {
        writeFileAtomically(file("mine.txt"), "mine");
        std::filesystem::create_symlink(file("mine.txt"), file("model.nqx.part"));
        PartFile part(path("model.nqx"), QUrl("https://models.example/model.nqx"), 1000);
        VERIFY_ERROR(part.begin({"\"tag\"", {}}), "model.nqx.part", "symbolic link");
        QCOMPARE(text("mine.txt"), QString("mine"));
    }

    void namesAreNoMarkup()
    {
        QCOMPARE(asPlainText("a < b & c"), QString("a < b & c"));
        QCOMPARE(asPlainText(markup), QString("<p style=\"white-space:pre-wrap\">&lt;s&gt;x</p>"));

        // A run, its verdicts and its splits, a file of data and the keys in it.
        const QString run = path("runs/") + markup;
        QVERIFY(QDir().mkpath(path("runs")));
        std::filesystem::copy(file("finished"), run.toStdString(), std::filesystem::copy_options::recursive);
        const RunPaths paths{run.toStdString()};
        Json audit = readJsonFile(paths.audit());
        for (Json& verdict : audit["verdicts"])
            verdict = {{"check", "symmetries"}, {"passed", false}, {"text", markup.toStdString()}};
        writeFileAtomically(paths.audit(), audit.dump());
        writeFileAtomically(file(markup + ".extxyz"),
                            "1\nProperties=species:S:1:pos:R:3:forces:R:3 energy=1 pbc=\"F F F\"\n"
                            "Fe 0 0 0 0 0 0\n");
        Session session;
        session.setRunsFolder(path("runs"));
        ResultsPage results(session);
        session.openRun(run);
        auto* verdict = results.findChild<QLabel*>("audit");
        QTRY_VERIFY(verdict->text().contains(markup));
        QVERIFY(shownBy(results) > 0);
        QCOMPARE(formattedBy(results), QStringList());

        TrainingPage training(session);
        DataPage data(session);
        data.show();
        session.openData({path(markup + ".extxyz")});
        QTRY_VERIFY(shownBy(data) > 0);
        QTRY_COMPARE(session.run()->history().state, std::string("finished"));
        QCOMPARE(formattedBy(training), QStringList());
        QCOMPARE(formattedBy(data), QStringList());

        QSettings settings(path("recent.ini"), QSettings::IniFormat);
        RecentFiles recent(settings);
        QMenu menu;
        recent.attach(&menu);
        recent.add(FileKind::Data, path("a") + markup + "b");
        Q_EMIT menu.aboutToShow();
        QVERIFY(menu.actions().size() > 1);
        QVERIFY(menu.actions()[0]->toolTip().contains(markup.toHtmlEscaped()));
        QVERIFY(!menu.actions()[0]->toolTip().contains(markup));
    }

    void spreadsheetsAreNotProgrammed()
    {
        QCOMPARE(csvField("forces"), QString("forces"));
        QCOMPARE(csvField("=HYPERLINK(\"x\")"), QString("\"'=HYPERLINK(\"\"x\"\")\""));
        for (const char* formula : {"=1+1", "+cmd", "-cmd", "@sum", "\tx"})
            QVERIFY(csvField(formula).startsWith('\''));
        QCOMPARE(csvField("-1.5"), QString("-1.5"));
        QCOMPARE(csvField("a\nb"), QString("\"a\nb\""));
        QCOMPARE(csvField("a,b"), QString("\"a,b\""));
    }
};

int main(int argc, char** argv)
{
    if (const auto code = lodestone::test::fakeEngine(argc, argv))
        return *code;
    qputenv("LODESTONE_ENGINE", QFileInfo(QString::fromLocal8Bit(argv[0])).absoluteFilePath().toLocal8Bit());
    QStandardPaths::setTestModeEnabled(true);
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English));
    TestStoredWork test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_stored_work.moc"
