#include "engine_process.h"

#include <QtCore/QXmlStreamReader>
#include <map>

using namespace lodestone;

/// Every number in a report comes out again when the command printed under it is called.
class TestCliReport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void printedCommandsGiveThePrintedNumbers();
    void missingPartsAreMadeOnce();
    void hashesAreThoseOfTheFiles();
    void hostileNamesWorkAndInjectNothing();
    void serveWritesIt();
    void wrongArgumentsAreRefused();

private:
    struct ShownNumber {
        QString section, pointer, text;
        double factor = 1;
        QString over = {};
    };
    struct Page {
        std::vector<ShownNumber> numbers;
        std::map<QString, QStringList> commands; ///< by section
    };
    static Page read(const QString& file);
    /// A printed command in the folder of the report, with the engine in PATH.
    EngineCall shell(const QString& command) const;
    QString path(const char* name) const { return m_folder.filePath(QString::fromUtf8(name)); }
    QTemporaryDir m_folder;
};

TestCliReport::Page TestCliReport::read(const QString& file)
{
    Page page;
    QFile html(file);
    if (!html.open(QIODevice::ReadOnly))
        return page;
    QXmlStreamReader reader(&html); // the page is well-formed XML but for its doctype
    while (!reader.atEnd()) {
        if (reader.readNext() != QXmlStreamReader::StartElement)
            continue;
        const QXmlStreamAttributes attributes = reader.attributes();
        if (attributes.hasAttribute("data-section")) {
            const QString section = attributes.value("data-section").toString();
            page.commands[section] << reader.readElementText();
        } else if (attributes.hasAttribute("data-number")) {
            const QString source = attributes.value("data-number").toString();
            const qsizetype colon = source.indexOf(':');
            const double factor =
                attributes.hasAttribute("data-factor") ? attributes.value("data-factor").toDouble() : 1;
            page.numbers.push_back({source.left(colon), source.mid(colon + 1), reader.readElementText(),
                                    factor, attributes.value("data-over").toString()});
        }
    }
    if (reader.hasError())
        qWarning() << reader.errorString();
    return page;
}

EngineCall TestCliReport::shell(const QString& command) const
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("PATH"),
                       QStringLiteral(LODESTONE_BIN ":") + environment.value(QStringLiteral("PATH")));
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(m_folder.path());
    process.start(QStringLiteral("sh"), {QStringLiteral("-c"), command});
    process.waitForFinished(240000);
    EngineCall call;
    call.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    call.out = process.readAllStandardOutput().toStdString();
    call.error = process.readAllStandardError().toStdString();
    return call;
}

void TestCliReport::initTestCase()
{
    VERIFY_CODE(callEngine({"finetune", demoFile("demo.json"), "--run", path("a run").toStdString(), "--set",
                            "epochs=4", "--set", "data.max_train=32", "--threads", "1"}),
                0);
    const EngineCall call = shell("lodestone-engine report 'a run' -o report.html");
    VERIFY_CODE(call, 0);
}

void TestCliReport::printedCommandsGiveThePrintedNumbers()
{
    const Page page = read(path("report.html"));
    QVERIFY(page.numbers.size() > 100);
    std::map<QString, Json> answers; // by command: several sections print the same
    std::map<QString, int> checked;
    for (const ShownNumber& number : page.numbers) {
        QVERIFY2(page.commands.count(number.section), qPrintable(number.section));
        const QString command = page.commands.at(number.section).first();
        if (!answers.count(command)) {
            const EngineCall call = shell(command);
            VERIFY_CODE(call, 0);
            answers[command] = call.json();
        }
        const Json::json_pointer pointer(number.pointer.toStdString());
        const QByteArray what =
            (number.section + ": " + number.pointer + " shown as " + number.text).toUtf8();
        QVERIFY2(answers[command].contains(pointer), what.constData());
        double again = answers[command].at(pointer).get<double>() * number.factor;
        if (!number.over.isEmpty())
            again /= answers[command].at(Json::json_pointer(number.over.toStdString())).get<double>();
        bool isNumber = false;
        const double shown = QString(number.text).remove(',').toDouble(&isNumber);
        QVERIFY2(isNumber, what.constData());
        // Three digits are shown at least; float32 with tables makes little of the rest. Deviations of the
        // audit and moments that vanish are rounding alone.
        const double room = number.section == "audit" ? 1e-7 : 1e-6;
        QVERIFY2(std::abs(again - shown) <= 0.006 * std::abs(shown) + room, what.constData());
        ++checked[number.section];
    }
    for (const char* section : {"errors", "changed", "maps", "sensitivity", "predict", "audit"})
        QVERIFY2(checked[QString::fromUtf8(section)] > 0, section);
    QCOMPARE(checked["changed"], 5);
    QCOMPARE(checked["recorded"], 8); // three counts of frames, two of epochs, seconds, two seeds
    QVERIFY(std::any_of(page.numbers.begin(), page.numbers.end(),
                        [](const ShownNumber& number) { return !number.over.isEmpty(); }));
}

void TestCliReport::missingPartsAreMadeOnce()
{
    const QString explanation = path("a run/result/explanation.json");
    QVERIFY(QFile::exists(explanation));
    const QDateTime before = QFileInfo(explanation).lastModified();
    VERIFY_CODE(callEngine({"report", path("a run").toStdString()}), 0);
    QCOMPARE(QFileInfo(explanation).lastModified(), before);
    QVERIFY(QFile::exists(path("a run/result/report.html")));
    // As it is: without what is missing.
    QVERIFY(QFile::remove(explanation));
    const EngineCall call = callEngine(
        {"report", path("a run").toStdString(), "--as-is", "-o", path("bare.html").toStdString(), "--json"});
    VERIFY_CODE(call, 0);
    QCOMPARE(call.json()["out"].get<std::string>(), path("bare.html").toStdString());
    QVERIFY(!QFile::exists(explanation));
    const Page page = read(path("bare.html"));
    QVERIFY(!page.commands.count("maps") && page.commands.count("errors"));
}

void TestCliReport::hashesAreThoseOfTheFiles()
{
    const Page page = read(path("report.html"));
    const EngineCall call = shell(page.commands.at("hashes").first());
    VERIFY_CODE(call, 0);
    const std::string text = readFile(path("report.html").toStdString());
    int hashes = 0;
    for (const QString& line : QString::fromStdString(call.out).split('\n', Qt::SkipEmptyParts)) {
        QVERIFY2(text.find(line.left(64).toStdString()) != std::string::npos, qPrintable(line));
        ++hashes;
    }
    QCOMPARE(hashes, 3); // model, training, test
    VERIFY_CODE(shell(page.commands.at("recorded").first()), 0);
}

void TestCliReport::hostileNamesWorkAndInjectNothing()
{
    const QString name = QStringLiteral("<img src=x onerror=alert(1)> & it's $(touch pwned)");
    QVERIFY(QDir(m_folder.path()).rename("a run", name));
    QFile::remove(path("hostile.html"));
    VERIFY_CODE(callEngine({"report", m_folder.filePath(name).toStdString(), "-o",
                            path("hostile.html").toStdString()}),
                0);
    const std::string text = readFile(path("hostile.html").toStdString());
    QVERIFY(text.find("<img") == std::string::npos);
    const Page page = read(path("hostile.html"));
    const EngineCall call = shell(page.commands.at("recorded").first());
    VERIFY_CODE(call, 0);
    QCOMPARE(call.json()["runs"][0]["run"].get<std::string>(), name.toStdString());
    QVERIFY(!QFile::exists(path("pwned")));
    QVERIFY(QDir(m_folder.path()).rename(name, "a run"));
}

void TestCliReport::serveWritesIt()
{
    QProcess serve;
    serve.start(enginePath(), {QStringLiteral("serve")});
    const Json request = {{"id", 1},
                          {"do", "report"},
                          {"run", path("a run").toStdString()},
                          {"out", path("served.html").toStdString()}};
    serve.write((request.dump() + "\n").c_str());
    Json answer;
    while (!answer.contains("ok") && !answer.contains("error") &&
           (serve.canReadLine() || serve.waitForReadyRead(120000)))
        if (serve.canReadLine())
            answer = Json::parse(serve.readLine().toStdString());
    serve.closeWriteChannel();
    QVERIFY(serve.waitForFinished());
    QVERIFY2(answer.contains("ok"), answer.dump().c_str());
    QCOMPARE(answer["ok"]["out"].get<std::string>(), path("served.html").toStdString());
    QVERIFY(read(path("served.html")).numbers.size() > 100);
}

void TestCliReport::wrongArgumentsAreRefused()
{
    VERIFY_CODE(callEngine({"report"}), 2);
    VERIFY_CODE(callEngine({"report", m_folder.path().toStdString()}), 1);
}

QTEST_APPLESS_MAIN(TestCliReport)
#include "tst_cli_report.moc"
