#include "shell/command_line.h"
#include "support/manual_checks.h"

using namespace lodestone::gui;
using namespace lodestone::test;

/// The desktop's manual page and completions against its own --help.
class TestCommandLine : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    static QString text(const QStringList& options)
    {
        return parseCommandLine(QStringList{"lodestone"} + options).text;
    }
    static QStringList options()
    {
        QStringList names;
        QRegularExpressionMatchIterator lines =
            QRegularExpression("^  (-.*?)(?: <|  |$)", QRegularExpression::MultilineOption)
                .globalMatch(text({"--help"}));
        while (lines.hasNext())
            names << lines.next().captured(1).split(", ");
        return names;
    }

private Q_SLOTS:
    void manualHoldsWhatHelpHolds()
    {
        const QString file = m_folder.filePath("lodestone.1");
        QCOMPARE(manualFaults(text({"--man"}), file), QString());
        const QString shown = shownManual(file);
        QVERIFY(options().size() > 12);
        for (const QString& name : options())
            QVERIFY2(QRegularExpression("[ (]" + name + "[ ,.]").match(shown).hasMatch(), qPrintable(name));
        for (const char* variable : {"LODESTONE_ENGINE", "LODESTONE_RESOURCES", LODESTONE_VERSION})
            QVERIFY2(shown.contains(variable), variable);
    }
    void shellsComplete()
    {
        const QString bash = text({"--completion", "bash"});
        QStringList offered = bashOffers(bash, {"lodestone", "-"}), wanted = options();
        offered.sort();
        wanted.sort();
        QCOMPARE(offered, wanted);
        QCOMPARE(bashOffers(bash, {"lodestone", "--page", "s"}), (QStringList{"structure", "sparsity"}));
        QCOMPARE(bashOffers(bash, {"lodestone", "--theme", ""}), (QStringList{"light", "dark", "system"}));
        QCOMPARE(fishOffers(text({"--completion", "fish"}), "lodestone --no-"), QStringList{"--no-settings"});
        QVERIFY(parseCommandLine({"lodestone", "--completion", "dash"}).error.contains("dash"));
    }
};

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
