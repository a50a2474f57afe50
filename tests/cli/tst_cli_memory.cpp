#include "engine_process.h"
#include "support/control_group.h"
#include "support/run_events.h"
#include "support/sanitizers.h"

#include <cmath>
#include <fstream>
#include <sys/resource.h>

using namespace lodestone;

namespace {

constexpr double gibibyte = 1 << 30;

/// How a run gets too little memory.
enum class Limit { Option, AddressSpace, ControlGroup };

/// What the engine takes before it has anything to do, in bytes: VmPeak or RssAnon of /proc/PID/status.
double atStart(const std::string& key)
{
    QProcess serve;
    serve.start(enginePath(), {"serve"});
    serve.write("{\"id\": 1, \"do\": \"version\"}\n");
    double bytes = 0;
    if (serve.waitForReadyRead(60000)) {
        std::ifstream status(fmt::format("/proc/{}/status", serve.processId()));
        for (std::string line; std::getline(status, line);)
            if (line.rfind(key + ":", 0) == 0)
                bytes = 1024 * std::stod(line.substr(key.size() + 1));
    }
    serve.closeWriteChannel();
    serve.waitForFinished(60000);
    return bytes;
}

} // namespace

Q_DECLARE_METATYPE(Limit)

/// Runs with too little memory: by the engine's own option, by ulimit, by a control group.
class TestCliMemory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void littleMemoryDividesBatches_data();
    void littleMemoryDividesBatches();

private:
    std::string folder(const std::string& name) const { return m_folder->path().toStdString() + "/" + name; }
    RunPaths paths(const std::string& name) const { return {folder(name)}; }
    EngineCall run(const std::string& name, Limit limit, double atStart, double gibibytes) const;

    std::unique_ptr<QTemporaryDir> m_folder;
};

EngineCall TestCliMemory::run(const std::string& name, Limit limit, double atStart, double gibibytes) const
{
    std::vector<std::string> arguments = {"finetune", demoFile("demo.json"), "--run",     folder(name),
                                          "--json",   "--no-radial-tables",  "--threads", "1"};
    for (const char* text : {"epochs=2", "data.max_train=24", "data.max_validation=6",
                             "batch.max_edges=20000", "batch.max_frames=0"})
        arguments.insert(arguments.end(), {"--set", text});
    QProcess process;
    const auto bytes = static_cast<std::int64_t>(atStart + gibibytes * gibibyte);
    std::unique_ptr<test::ControlGroup> group;
    if (limit == Limit::Option)
        arguments.insert(arguments.end(), {"--memory", fmt::format("{:.5f}", gibibytes)});
    if (limit == Limit::AddressSpace)
        process.setChildProcessModifier([bytes] {
            const rlimit most{static_cast<rlim_t>(bytes), static_cast<rlim_t>(bytes)};
            if (::setrlimit(RLIMIT_AS, &most) != 0)
                ::_exit(126);
        });
    if (limit == Limit::ControlGroup) {
        group = std::make_unique<test::ControlGroup>(bytes);
        process.setChildProcessModifier([&group] { group->join(); });
    }
    return callEngine(process, qtArguments(arguments), 240000);
}

void TestCliMemory::littleMemoryDividesBatches_data()
{
    QTest::addColumn<Limit>("limit");
    QTest::addColumn<QString>("counted"); // what the limit counts of a process at its start
    QTest::newRow("--memory") << Limit::Option << "";
    QTest::newRow("ulimit -v") << Limit::AddressSpace << "VmPeak";
    QTest::newRow("control group") << Limit::ControlGroup << "RssAnon";
}

/// With too little memory for its batches a run goes on in parts and ends with nearly the same numbers; with
/// too little for one structure it says so.
void TestCliMemory::littleMemoryDividesBatches()
{
    QFETCH(Limit, limit);
    QFETCH(QString, counted);
    if (test::addressSanitizer && limit != Limit::Option)
        QSKIP("AddressSanitizer does not live within limits of memory.");
    if (limit == Limit::ControlGroup && !test::ControlGroup(1 << 30).isValid())
        QSKIP("This process may not make control groups that limit memory.");
    double start = counted.isEmpty() ? 0 : atStart(counted.toStdString());
    QVERIFY(counted.isEmpty() || start > 1e7);
    // OpenBLAS takes 128 MiB of it for one thread, and the same once more.
    if (limit == Limit::AddressSpace)
        start += 2.0 * (128 << 20);
    const EngineCall roomy = run("roomy", limit, start, 8);
    VERIFY_CODE(roomy, 0);
    const auto divisions = [this](const std::string& name) {
        std::size_t count = 0;
        for (const Json& event : test::eventsOf(paths(name), "message"))
            count += event["text"].get<std::string>().find("Memory ran out for") != std::string::npos;
        return count;
    };
    QCOMPARE(divisions("roomy"), std::size_t(0));
    bool divided = false, refused = false;
    // Of the process's start some is given back, or not counted, so that less may do.
    const auto lessThan = [&](double gibibytes) { return start > 0 ? gibibytes - 0.02 : 0.8 * gibibytes; };
    for (double gibibytes = start > 0 ? 0.2 : 0.4;
         start + gibibytes * gibibyte > 1e6 && !(divided && refused); gibibytes = lessThan(gibibytes)) {
        const std::string name = fmt::format("little{:.5f}", gibibytes);
        const EngineCall call = run(name, limit, start, gibibytes);
        if (call.code != 0) {
            QVERIFY2(divided, qPrintable(QStringLiteral("%1 GiB: exit code %2, %3")
                                             .arg(gibibytes)
                                             .arg(call.code)
                                             .arg(QString::fromStdString(call.error))));
            QVERIFY2(call.error.find("emory") != std::string::npos, call.error.c_str());
            // 4: not even what comes before the run had room.
            QVERIFY(limit != Limit::Option || call.code == 4 ||
                    test::eventsOf(paths(name), "failed").size() == 1);
            refused = true;
            continue;
        }
        if (divisions(name) == 0)
            continue;
        divided = true;
        const auto error = [](const EngineCall& of) {
            return of.json()["metrics"]["splits"]["test"]["tuned"]["forces"]["mae"].get<double>();
        };
        QVERIFY2(std::abs(error(call) / error(roomy) - 1) < 1e-3,
                 qPrintable(QString("%1, %2").arg(error(call)).arg(error(roomy))));
        QCOMPARE(call.json()["metrics"]["step"], roomy.json()["metrics"]["step"]);
        // With less the system ends the process: programs and heap take some of it, too.
        if (limit == Limit::ControlGroup)
            return;
    }
    QVERIFY(divided);
    QVERIFY(refused);
}

QTEST_APPLESS_MAIN(TestCliMemory)
#include "tst_cli_memory.moc"
