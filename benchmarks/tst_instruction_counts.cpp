// Instructions of the hot operations, counted by callgrind, against instruction_counts.json. Noise does not
// touch them: a count that grows is a change of the code or of a library.
// With LODESTONE_UPDATE_COUNTS=1 in the environment the file is written instead.
#include "base/files.h"
#include "base/json.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtCore/QRegularExpression>
#include <QtCore/QStandardPaths>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;

namespace {

constexpr double tolerance = 0.05;
const char* const countsFile = LODESTONE_SOURCE "/benchmarks/instruction_counts.json";
const char* const update =
    "To accept the counts: cmake --build build/release --target update-instruction-counts";

QString program()
{
    return QStringLiteral(LODESTONE_BIN "/lodestone-hot-operations");
}

/// Standard output; an empty text and a message if the program fails.
QString outputOf(const QString& command, const QStringList& arguments)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    // Threads of the matrix library would be counted while they wait.
    environment.insert(QStringLiteral("OPENBLAS_NUM_THREADS"), QStringLiteral("1"));
    environment.insert(QStringLiteral("OMP_NUM_THREADS"), QStringLiteral("1"));
    process.setProcessEnvironment(environment);
    process.start(command, arguments);
    if (!process.waitForFinished(540000) || process.exitCode() != 0 ||
        process.exitStatus() != QProcess::NormalExit) {
        const QByteArray error = process.readAllStandardError();
        qWarning("%s failed: %s", qPrintable(command), error.constData());
        process.kill();
        process.waitForFinished();
        return {};
    }
    return QString::fromUtf8(process.readAllStandardOutput());
}

/// Name and instructions of one callgrind dump; no name for the last one, which is empty.
std::pair<QString, qint64> readDump(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QString text = QString::fromUtf8(file.readAll());
    static const QRegularExpression name(QStringLiteral("^desc: Trigger: Client Request: (.*)$"),
                                         QRegularExpression::MultilineOption),
        count(QStringLiteral("^(?:summary|totals): (\\d+)$"), QRegularExpression::MultilineOption);
    return {name.match(text).captured(1).trimmed(), count.match(text).captured(1).toLongLong()};
}

/// "12" of "GNU 12.2.0", "1.13" of "1.13.1" with two parts.
QString versionOf(const Json& facts, const char* key, int parts)
{
    const QString text =
        QString::fromStdString(jsonMember<std::string>(facts, key, "the facts of a build")).section(' ', -1);
    return text.section('.', 0, parts - 1);
}

} // namespace

class TestInstructionCounts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void operations_data();
    void operations();
    void cleanupTestCase();

private:
    QString reasonToSkip() const;
    QStringList m_names;
    std::map<QString, qint64> m_measured;
    Json m_facts, m_committed;
    bool m_update = qEnvironmentVariableIsSet("LODESTONE_UPDATE_COUNTS");
};

/// Counts depend on what is compared here; where it differs they say nothing about our code.
QString TestInstructionCounts::reasonToSkip() const
{
    const auto differs = [&](const char* key, const QString& here, const QString& there) {
        return QStringLiteral("the counts were taken with %1 %2, here it is %3")
            .arg(QLatin1String(key), there, here);
    };
    for (const auto& [key, parts] : {std::pair("compiler", 1), std::pair("libtorch", 2)}) {
        const QString here = versionOf(m_facts, key, parts), there = versionOf(m_committed, key, parts);
        if (here != there)
            return differs(key, here, there);
    }
    for (const char* key : {"build", "instruction_set"}) {
        const auto here =
            QString::fromStdString(jsonMember<std::string>(m_facts, key, "the facts of a build"));
        const auto there = QString::fromStdString(jsonMember<std::string>(m_committed, key, countsFile));
        if (here != there)
            return differs(key, here, there);
    }
    return {};
}

/// One run for all: LibTorch takes valgrind seconds to load.
void TestInstructionCounts::initTestCase()
{
    const QString valgrind = QStandardPaths::findExecutable(QStringLiteral("valgrind"));
    if (valgrind.isEmpty())
        QSKIP("valgrind is not installed: no instructions are counted");
    QTemporaryDir folder;
    QVERIFY(folder.isValid());
    const QStringList lines = outputOf(program(), {QStringLiteral("--list")}).split('\n', Qt::SkipEmptyParts);
    QVERIFY(!lines.isEmpty());
    // Sanitizers cannot run under valgrind, so that what can be known without it is asked first.
    m_facts = parseJson(outputOf(program(), {QStringLiteral("--describe")}).toStdString(), "--describe");
    if (!m_update)
        m_committed = readJsonFile(countsFile);
    const std::string native = jsonMember<std::string>(m_facts, "instruction_set", "--describe");
    if (!m_update) {
        m_facts["instruction_set"] = m_committed.at("instruction_set");
        if (const QString reason = reasonToSkip(); !reason.isEmpty())
            QSKIP(qPrintable(reason));
    }
    const QStringList arguments = {QStringLiteral("--quiet"),
                                   QStringLiteral("--tool=callgrind"),
                                   QStringLiteral("--instr-atstart=no"),
                                   QStringLiteral("--callgrind-out-file=") +
                                       folder.filePath(QStringLiteral("counts")),
                                   program(),
                                   QStringLiteral("--describe")};
    const QString output = outputOf(valgrind, arguments + lines);
    QVERIFY(!output.isEmpty());
    m_facts = parseJson(output.section('\n', 0, 0).toStdString(), "--describe");
    qInfo("instruction set: %s (without valgrind %s)",
          m_facts.at("instruction_set").get<std::string>().c_str(), native.c_str());
    if (!m_update)
        if (const QString reason = reasonToSkip(); !reason.isEmpty())
            QSKIP(qPrintable(reason));
    for (const QFileInfo& file : QDir(folder.path()).entryInfoList({QStringLiteral("counts*")}))
        if (const auto [name, count] = readDump(file.filePath()); !name.isEmpty())
            m_measured[name] = count;
    m_names = lines;
    if (m_update) {
        const QString version = outputOf(valgrind, {QStringLiteral("--version")}).trimmed();
        m_facts["valgrind"] = version.section('-', 1).toStdString();
    }
}

void TestInstructionCounts::operations_data()
{
    QTest::addColumn<QString>("name");
    for (const QString& name : m_names)
        QTest::newRow(qPrintable(name)) << name;
    // An operation that is gone must not stay in the file.
    if (!m_update && m_committed.contains("instructions"))
        for (const auto& [key, value] : m_committed.at("instructions").items())
            if (const QString name = QString::fromStdString(key); !m_names.contains(name))
                QTest::newRow(qPrintable(name)) << name;
}

void TestInstructionCounts::operations()
{
    QFETCH(QString, name);
    QVERIFY2(m_measured.contains(name), "committed, but there is no such operation");
    const auto measured = m_measured[name];
    QVERIFY(measured > 1000);
    if (m_update) {
        qInfo("%s: %lld", qPrintable(name), measured);
        return;
    }
    const Json& counts = m_committed.at("instructions");
    QVERIFY2(counts.contains(name.toStdString()), update);
    const auto committed = counts.at(name.toStdString()).get<qint64>();
    const double ratio = double(measured) / double(committed);
    const QString text = QStringLiteral("%1: measured %2, committed %3, ratio %4")
                             .arg(name)
                             .arg(measured)
                             .arg(committed)
                             .arg(ratio, 0, 'f', 4);
    QVERIFY2(ratio <= 1 + tolerance, qPrintable(text + QStringLiteral(". ") + QLatin1String(update)));
    if (ratio < 1 - tolerance)
        qWarning("%s. Fewer than committed: please keep the new count. %s", qPrintable(text), update);
    else
        qInfo("%s", qPrintable(text));
}

void TestInstructionCounts::cleanupTestCase()
{
    if (!m_update || m_measured.empty() || QTest::currentTestFailed())
        return;
    Json written = m_facts;
    for (const QString& name : m_names)
        written["instructions"][name.toStdString()] = m_measured[name];
    writeFileAtomically(countsFile, jsonText(written));
    qInfo("written: %s", countsFile);
}

QTEST_GUILESS_MAIN(TestInstructionCounts)
#include "tst_instruction_counts.moc"
