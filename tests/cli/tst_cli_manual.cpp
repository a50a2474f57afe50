#include "engine_process.h"

#include "support/manual_checks.h"

using namespace lodestone::test;

/// The engine's manual page and completions against its own --help.
class TestCliManual : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    QString m_bash;

    static QString help(const std::vector<std::string>& command)
    {
        std::vector<std::string> arguments = command;
        arguments.push_back("--help");
        return QString::fromStdString(callEngine(arguments).out);
    }
    /// First words of the indented lines between `title` and the next empty line.
    static QStringList listed(const QString& help, const QString& title)
    {
        QStringList words;
        bool inside = false;
        for (const QString& line : help.split('\n')) {
            if (line.startsWith(title))
                inside = true;
            else if (line.isEmpty())
                inside = false;
            else if (inside && line.startsWith("  ") && !line.startsWith("   "))
                words << line.simplified().section(' ', 0, 0).section('{', 0, 0);
        }
        return words;
    }

private Q_SLOTS:
    void initTestCase() { m_bash = QString::fromStdString(callEngine({"--completion", "bash"}).out); }

    void manualHoldsWhatHelpHolds()
    {
        const EngineCall call = callEngine({"--man"});
        VERIFY_CODE(call, 0);
        const QString file = m_folder.filePath("lodestone-engine.1");
        QCOMPARE(manualFaults(QString::fromStdString(call.out), file), QString());
        const QString shown = shownManual(file);
        const QStringList commands = listed(help({}), "Subcommands:");
        QVERIFY2(commands.size() >= 13, qPrintable(commands.join(' ')));
        const qsizetype common = shown.indexOf("OPTIONS OF EVERY COMMAND");
        QVERIFY(common > 0);
        for (qsizetype i = 0; i < commands.size(); ++i) {
            const QString text = help({commands[i].toStdString()});
            // "finetune [options] --run ..." begins the part of the page that is about it.
            const qsizetype begin = shown.indexOf(" " + commands[i] + " [options]");
            QVERIFY2(begin > 0, qPrintable(commands[i]));
            const qsizetype end =
                i + 1 < commands.size() ? shown.indexOf(" " + commands[i + 1] + " [options]") : common;
            const QString part = shown.mid(begin, end - begin) + shown.mid(common);
            for (const QString& name : listed(text, "Positionals:"))
                QVERIFY2(part.contains(name), qPrintable(commands[i] + ": " + name));
            const QStringList options = listed(text, "Options:");
            QVERIFY(options.size() >= 7);
            for (const QString& names : options)
                for (const QString& name : names.split(','))
                    QVERIFY2(QRegularExpression("(^|[ (\\[])" + name + "([ ,.:]|$)").match(part).hasMatch(),
                             qPrintable(commands[i] + ": " + name));
        }
    }

    void bashCompletesAllThatHelpHolds()
    {
        const QStringList commands = listed(help({}), "Subcommands:");
        QCOMPARE(bashOffers(m_bash, {"lodestone-engine", ""}), commands);
        QCOMPARE(bashOffers(m_bash, {"lodestone-engine", "fine"}), QStringList{"finetune"});
        for (const QString& command : commands) {
            QStringList options;
            for (const QString& names : listed(help({command.toStdString()}), "Options:"))
                options << names.split(',');
            options.sort();
            QStringList offered = bashOffers(m_bash, {"lodestone-engine", command, "-"});
            offered.sort();
            QCOMPARE(offered, options);
        }
        QCOMPARE(bashOffers(m_bash, {"lodestone-engine", "finetune", "--dtype", "float6"}),
                 QStringList{"float64"});
    }

    void fishCompletes()
    {
        const QString script = QString::fromStdString(callEngine({"--completion", "fish"}).out);
        QCOMPARE(fishOffers(script, "lodestone-engine fine"), QStringList{"finetune"});
        QCOMPARE(fishOffers(script, "lodestone-engine finetune --resu"), QStringList{"--resume"});
    }

    void otherShellsAreRefused()
    {
        const EngineCall call = callEngine({"--completion", "dash"});
        VERIFY_CODE(call, 2);
        QVERIFY2(call.error.find("dash") != std::string::npos, call.error.c_str());
    }
};

QTEST_GUILESS_MAIN(TestCliManual)
#include "tst_cli_manual.moc"
