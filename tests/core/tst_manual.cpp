#include "base/error.h"
#include "manual/completion.h"
#include "manual/manual_page.h"
#include "support/manual_checks.h"

using namespace lodestone;
using namespace lodestone::test;

/// Manual pages and completion from a made-up description with everything that is awkward in one.
class TestManual : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    static CommandDescription program()
    {
        const ArgumentDescription help{{"-h", "--help"}, "", {}, "Show this text.", false, false};
        const ArgumentDescription log{{"--log-level"}, "TEXT", {}, "how much is said", false, false};
        const ArgumentDescription type{{"--dtype"},   "TEXT", {"float32", "float64"},
                                       "number type", false,  false};
        const ArgumentDescription out{
            {"-o", "--out"}, "FILE", {}, "file to write, as C:\\new.x", true, false};
        const ArgumentDescription all{{"--all"}, "", {}, "it's all, with --keep-going", false, false};
        const ArgumentDescription data{{"DATA"}, "TEXT", {}, ".xyz files, 'quoted' or not", true, true};
        return {"stone-tool",
                "shows what a non-trivial page needs",
                {},
                {help},
                {{"first", "the first", {data}, {help, log, type, out}, {}},
                 {"second", "the second", {}, {help, log, all}, {}}}};
    }

private Q_SLOTS:
    void pageHasNoFaults()
    {
        const QString file = m_folder.filePath("stone-tool.1");
        const std::string page = manualPage(
            program(), {"1.2.3", "2026-11-23", {{"FILES", {{"", "'Tis a file."}, {".dot", "Hidden."}}}}});
        QCOMPARE(manualFaults(QString::fromStdString(page), file), QString());
        const QString shown = shownManual(file);
        for (const char* wanted :
             {"stone-tool - shows what a non-trivial page needs",
              "-o, --out FILE File to write, as C:\\new.x. Required.", "It's all, with --keep-going.",
              "DATA .xyz files, 'quoted' or not. Required. May be given several times.",
              "One of float32, float64.", "'Tis a file.", ".dot Hidden.", "1.2.3", "2026-11-23"})
            QVERIFY2(shown.contains(wanted), qPrintable(wanted + (" is not in: " + shown)));
        QCOMPARE(shown.count("--log-level"), 1); // under the options of every command
        QVERIFY(shown.indexOf("OPTIONS OF EVERY COMMAND") < shown.indexOf("--log-level"));
    }
    /// The checker would see a fault if there were one.
    void faultsAreSeen()
    {
        QVERIFY(
            !manualFaults(".TH A 1 2026-11-23 a b\n.SH NAME\na \\- b\n.NOTHING\n", m_folder.filePath("bad.1"))
                 .isEmpty());
    }

    void bashCompletes_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QStringList>("offers");
        const auto row = [](const QStringList& words, const QStringList& offers) {
            QTest::newRow(qPrintable(words.join(' '))) << (QStringList{"stone-tool"} + words) << offers;
        };
        row({""}, {"first", "second"});
        row({"f"}, {"first"});
        row({"-"}, {"-h", "--help"});
        row({"first", "--l"}, {"--log-level"});
        row({"second", "--a"}, {"--all"});
        row({"first", "--a"}, {});
        row({"first", "--dtype", ""}, {"float32", "float64"});
        row({"first", "--dtype", "=", "float6"}, {"float64"});
        row({"first", "--dtype", "="}, {"float32", "float64"});
        row({"first", "--out", "f"}, {}); // a file
        row({"first", "f"}, {});
        row({"second", "--out", "--a"}, {"--all"}); // not an option of this command
    }
    void bashCompletes()
    {
        QFETCH(QStringList, words);
        QFETCH(QStringList, offers);
        QCOMPARE(bashOffers(QString::fromStdString(completionScript(program(), "bash")), words), offers);
    }
    void fishCompletes()
    {
        const QString script = QString::fromStdString(completionScript(program(), "fish"));
        QCOMPARE(fishOffers(script, "stone-tool "), (QStringList{"first", "second"}));
        QCOMPARE(fishOffers(script, "stone-tool first --l"), (QStringList{"--log-level"}));
        QCOMPARE(fishOffers(script, "stone-tool second --a"), (QStringList{"--all"}));
        QCOMPARE(fishOffers(script, "stone-tool first --dtype "), (QStringList{"float32", "float64"}));
    }
    void otherShellsAreRefused()
    {
        QVERIFY_EXCEPTION_THROWN(completionScript(program(), "dash"), UsageError);
    }
};

QTEST_GUILESS_MAIN(TestManual)
#include "tst_manual.moc"
