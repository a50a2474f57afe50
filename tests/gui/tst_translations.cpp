#include "shell/language.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QXmlStreamReader>
#include <QtTest/QtTest>
#include <QtWidgets/QApplication>

using namespace lodestone::gui;

/// Every text that the program shows is there in every language.
class TestTranslations : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyTextIsTranslated_data();
    void everyTextIsTranslated();
    void placeholdersSurvive_data() { everyTextIsTranslated_data(); }
    void placeholdersSurvive();
    void languageIsApplied();

private:
    struct Message {
        QString context, source;
        QStringList translations; ///< several where the text counts something
        bool finished = false;
    };
    static QList<Message> read(const QString& file);
    static QString sourceFile(const QString& code)
    {
        return QStringLiteral(LODESTONE_SOURCE "/resources/translations/lodestone_%1.ts").arg(code);
    }
};

QList<TestTranslations::Message> TestTranslations::read(const QString& file)
{
    QList<Message> messages;
    QFile ts(file);
    if (!ts.open(QIODevice::ReadOnly))
        return messages;
    QXmlStreamReader reader(&ts);
    QString context;
    while (!reader.atEnd()) {
        if (reader.readNext() != QXmlStreamReader::StartElement)
            continue;
        if (reader.name() == QLatin1String("name")) {
            context = reader.readElementText();
        } else if (reader.name() == QLatin1String("source")) {
            messages.push_back({context, reader.readElementText(), {}, false});
        } else if (reader.name() == QLatin1String("translation")) {
            Message& message = messages.back();
            message.finished = !reader.attributes().hasAttribute(QLatin1String("type"));
            const QString text = reader.readElementText(QXmlStreamReader::IncludeChildElements);
            message.translations << text.trimmed();
        }
    }
    return messages;
}

void TestTranslations::everyTextIsTranslated_data()
{
    QTest::addColumn<QString>("code");
    for (const Language& language : languages())
        if (language.code != "en")
            QTest::newRow(qPrintable(language.code)) << language.code;
}

void TestTranslations::everyTextIsTranslated()
{
    QFETCH(QString, code);
    // What lupdate finds in the program as it is now, on top of the file in the project.
    QTemporaryDir folder;
    const QString file = folder.filePath("now.ts");
    QVERIFY(QFile::copy(sourceFile(code), file));
    QProcess lupdate;
    lupdate.start(LODESTONE_LUPDATE, {"-silent", "-locations", "none", "-no-obsolete",
                                      LODESTONE_SOURCE "/gui", LODESTONE_SOURCE "/app", "-ts", file});
    QVERIFY(lupdate.waitForFinished(120000));
    QCOMPARE(lupdate.exitCode(), 0);
    const QByteArray complaints = lupdate.readAllStandardError(); // texts that would be looked up elsewhere
    QVERIFY2(complaints.isEmpty(), complaints.constData());
    const QList<Message> messages = read(file);
    QVERIFY(messages.size() > 500);
    QStringList missing;
    for (const Message& message : messages)
        if (!message.finished || message.translations.join(QString()).isEmpty())
            missing << message.context + ": " + message.source;
    QVERIFY2(missing.isEmpty(),
             qPrintable(QString("%1 texts, first: %2").arg(missing.size()).arg(missing.value(0))));
}

/// %1, %L2, %n and so on stand in the translation as in the source.
void TestTranslations::placeholdersSurvive()
{
    QFETCH(QString, code);
    static const QRegularExpression placeholder(QStringLiteral("%L?(\\d+|n)"));
    const auto places = [](const QString& text) {
        QStringList found;
        for (auto match = placeholder.globalMatch(text); match.hasNext();)
            found << match.next().captured();
        found.sort();
        found.removeDuplicates();
        return found;
    };
    for (const Message& message : read(sourceFile(code)))
        for (const QString& translation : message.translations)
            QVERIFY2(places(translation) == places(message.source),
                     qPrintable(message.source + " -> " + translation));
}

void TestTranslations::languageIsApplied()
{
    const auto data = [] { return QCoreApplication::translate("lodestone::gui::DataPage", "Data"); };
    applyLanguage(*qApp, "de");
    QCOMPARE(data(), QString("Daten"));
    applyLanguage(*qApp, "en");
    QCOMPARE(data(), QString("Data"));
    applyLanguage(*qApp, "de");
    applyLanguage(*qApp, "xx"); // unknown: the desktop's, which is English here
    QCOMPARE(data(), QString("Data"));
}

QTEST_MAIN(TestTranslations)
#include "tst_translations.moc"
