#include "engine_process.h"
#include "support/run_events.h"

#include "storage/hdf5_reader.h"

#include <QtCore/QStandardPaths>
#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>

using namespace lodestone;

namespace {

/// The arguments of mpirun for an engine in `processes` processes, which may share processors.
QStringList mpirun(int processes, const std::vector<std::string>& engineArguments)
{
    QStringList list = {"--allow-run-as-root",      "--oversubscribe", "--bind-to", "none", "-n",
                        QString::number(processes), enginePath()};
    return list + qtArguments(engineArguments);
}

void prepare(QProcess& process)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    // Containers forbid the system call for it; Open MPI would say so for every process.
    environment.insert("OMPI_MCA_btl_vader_single_copy_mechanism", "none");
    environment.insert("OMPI_MCA_btl_base_warn_component_unused", "0");
    process.setProcessEnvironment(environment);
}

/// exchange: LODESTONE_EXCHANGE, how numbers travel; empty: as the engine chooses.
EngineCall callRanks(int processes, const std::vector<std::string>& arguments, const char* exchange = "")
{
    if (processes == 1)
        return callEngine(arguments);
    QProcess process;
    prepare(process);
    if (*exchange) {
        QProcessEnvironment environment = process.processEnvironment();
        environment.insert("LODESTONE_EXCHANGE", exchange);
        process.setProcessEnvironment(environment);
    }
    process.start("mpirun", mpirun(processes, arguments));
    EngineCall call;
    if (!process.waitForFinished(240000)) {
        process.terminate();
        process.waitForFinished(5000);
        call.error = "mpirun did not end in time";
        return call;
    }
    call.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    call.out = process.readAllStandardOutput().toStdString();
    call.error = process.readAllStandardError().toStdString();
    return call;
}

/// Names of the arrays of real numbers below a group of an HDF5 file.
std::vector<std::string> arraysIn(const Hdf5Reader& file, const std::string& group)
{
    std::vector<std::string> names;
    for (const std::string& child : file.children(group))
        names.push_back(group + "/" + child);
    return names;
}

struct Deviation {
    double largest = 0;
    std::size_t numbers = 0;
};

/// Of all trained numbers and the optimiser's of two checkpoints.
Deviation deviation(const RunPaths& a, const RunPaths& b)
{
    const Hdf5Reader first = Hdf5Reader::open(a.lastCheckpoint()),
                     second = Hdf5Reader::open(b.lastCheckpoint());
    Deviation result;
    for (const char* group : {"tensors/live", "tensors/optimiser"})
        for (const std::string& name : arraysIn(first, group)) {
            const auto x = first.readReals(name), y = second.readReals(name);
            if (x.size() != y.size())
                return {INFINITY, 0};
            for (std::size_t i = 0; i < x.size(); ++i)
                result.largest = std::max(result.largest, std::abs(x[i] - y[i]));
            result.numbers += x.size();
        }
    return result;
}

/// Largest relative difference of the numbers in two JSON values of the same shape; times are passed over.
double difference(const Json& a, const Json& b)
{
    if (a.is_number() && b.is_number()) {
        const double x = a.get<double>(), y = b.get<double>();
        return std::abs(x - y) / std::max(1e-3, std::max(std::abs(x), std::abs(y)));
    }
    if (a.is_object() && b.is_object() && a.size() == b.size()) {
        double worst = 0;
        for (const auto& [key, value] : a.items())
            if (key != "seconds")
                worst = std::max(worst, b.contains(key) ? difference(value, b[key]) : INFINITY);
        return worst;
    }
    return a == b ? 0 : INFINITY;
}

} // namespace

/// One run in several processes: the numbers of one process, and what happens if one of them is lost.
class TestCliRanks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void sameNumbers_data();
    void sameNumbers();
    void goesOnWithAnotherNumber_data();
    void goesOnWithAnotherNumber();
    void obeysCommands();
    void littleMemoryDividesShares();
    void fromMemoryToMemory();
    void betweenGpus_data();
    void betweenGpus();
    void aMistakeIsOneSentence();
    void otherFilesAreNoticed();
    void numericalTroubleGoesBack();

private:
    std::string folder(const std::string& name) const { return m_folder->path().toStdString() + "/" + name; }
    RunPaths paths(const std::string& name) const { return {folder(name)}; }
    std::vector<std::string> arguments(const std::string& name, const QStringList& settings = {}) const
    {
        std::vector<std::string> list = {
            "finetune", demoFile("demo.json"), "--run", folder(name), "--threads", "1", "--dtype",
            "float64",  "--no-audit"};
        for (const QString& setting : QStringList{"epochs=3", "data.max_train=20", "data.max_validation=5",
                                                  "data.max_test=5", "forgetting_frames=4"} +
                                          settings)
            list.insert(list.end(), {"--set", setting.toStdString()});
        return list;
    }
    bool waitForSteps(QProcess& process, const std::string& name, int steps) const;
    /// Numbers of the processes of the run that listen to `name`'s folder, the leader first.
    std::vector<int> processesOf(const std::string& name) const;

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestCliRanks::initTestCase()
{
    if (QStandardPaths::findExecutable("mpirun").isEmpty())
        QSKIP("there is no mpirun here");
}

bool TestCliRanks::waitForSteps(QProcess& process, const std::string& name, int steps) const
{
    if (!process.waitForStarted())
        return false;
    for (int tries = 0; tries < 2400 && process.state() == QProcess::Running; ++tries) {
        if (std::filesystem::exists(paths(name).events())) {
            const auto events = test::eventsOf(paths(name), "step");
            if (!events.empty() && events.back()["step"].get<int>() >= steps)
                return true;
        }
        process.waitForFinished(50);
    }
    return false;
}

std::vector<int> TestCliRanks::processesOf(const std::string& name) const
{
    std::vector<std::pair<int, int>> found; // rank, process
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string number = entry.path().filename().string();
        if (number.find_first_not_of("0123456789") != number.npos)
            continue;
        const auto read = [&entry](const char* file) {
            std::ifstream stream(entry.path() / file, std::ios::binary);
            return std::string(std::istreambuf_iterator<char>(stream), {});
        };
        const std::string command = read("cmdline"), environment = read("environ");
        const std::string key = "OMPI_COMM_WORLD_RANK=";
        const auto at = environment.find(key);
        if (command.find(folder(name)) != command.npos && command.find("mpirun") == command.npos &&
            at != environment.npos)
            found.emplace_back(std::stoi(environment.substr(at + key.size())), std::stoi(number));
    }
    std::sort(found.begin(), found.end());
    std::vector<int> processes;
    for (const auto& [rank, process] : found)
        processes.push_back(process);
    return processes;
}

void TestCliRanks::sameNumbers_data()
{
    QTest::addColumn<int>("processes");
    QTest::addColumn<QStringList>("settings");
    const QStringList learnt = {"method.target_fraction=null", "targets.stress=2"};
    QTest::newRow("target, 2") << 2 << QStringList{};
    QTest::newRow("target, 3") << 3 << QStringList{};
    QTest::newRow("learnt thresholds, 2") << 2 << learnt;
    QTest::newRow("low-rank, adamw, replay, 2")
        << 2 << QStringList{"method.kind=low-rank", "method.target_fraction=null",
                            "optimiser.kind=adamw", "optimiser.ema=0.9",
                            "replay.frames=6",      "batch.max_frames=3"};
    // More processes than frames in a batch: some have nothing to do.
    QTest::newRow("single frames, 3") << 3 << QStringList{"batch.max_frames=1", "data.max_train=5"};
    QTest::newRow("frozen layers, 2") << 2
                                      << QStringList{"targets.energy=0", "targets.forces=0",
                                                     "method.kind=readout", "method.target_fraction=null"};
}

void TestCliRanks::sameNumbers()
{
    QFETCH(const int, processes);
    QFETCH(const QStringList, settings);
    VERIFY_CODE(callRanks(1, arguments("one", settings)), 0);
    VERIFY_CODE(callRanks(processes, arguments("many", settings)), 0);
    const auto deviation = ::deviation(paths("one"), paths("many"));
    qInfo("%d processes: %zu numbers differ by at most %.2e", processes, deviation.numbers,
          deviation.largest);
    QVERIFY(deviation.numbers > 100);
    QVERIFY2(deviation.largest < 1e-10, qPrintable(QString::number(deviation.largest)));
    // A sum in another order cannot be the same to the last bit everywhere: the work was divided.
    QVERIFY(deviation.largest > 0 || settings.contains("batch.max_frames=1"));
    const Json one = readJsonFile(paths("one").metrics()), many = readJsonFile(paths("many").metrics());
    QVERIFY2(difference(one, many) < 1e-9, qPrintable(QString::number(difference(one, many))));
    const auto steps = [this](const char* name) { return test::eventsOf(paths(name), "evaluation"); };
    QCOMPARE(steps("one").size(), steps("many").size());
    for (std::size_t i = 0; i < steps("one").size(); ++i)
        QVERIFY(difference(steps("one")[i]["splits"], steps("many")[i]["splits"]) < 1e-9);
    QCOMPARE(test::eventsOf(paths("many"), "started").front()["processes"], Json(processes));
}

void TestCliRanks::goesOnWithAnotherNumber_data()
{
    QTest::addColumn<int>("lost"); // the process that is killed
    QTest::addColumn<int>("then"); // how many go on
    QTest::newRow("worker lost, one goes on") << 1 << 1;
    QTest::newRow("worker lost, three go on") << 1 << 3;
    QTest::newRow("leader lost, two go on") << 0 << 2;
}

void TestCliRanks::goesOnWithAnotherNumber()
{
    QFETCH(const int, lost);
    QFETCH(const int, then);
    const QStringList settings = {"epochs=30", "checkpoint_every=0.5 s"};
    VERIFY_CODE(callRanks(1, arguments("whole", settings)), 0);
    QProcess process;
    prepare(process);
    process.start("mpirun", mpirun(2, arguments("parts", settings)));
    QVERIFY2(waitForSteps(process, "parts", 20), process.readAllStandardError().constData());
    const std::vector<int> running = processesOf("parts");
    QCOMPARE(running.size(), std::size_t(2));
    QCOMPARE(::kill(running[std::size_t(lost)], SIGKILL), 0);
    QVERIFY(process.waitForFinished(60000));
    QVERIFY(process.exitCode() != 0);
    for (int tries = 0; tries < 200 && !processesOf("parts").empty(); ++tries)
        QTest::qWait(50);
    QVERIFY2(processesOf("parts").empty(), "a process of the run lives on");
    const auto failed = test::eventsOf(paths("parts"), "failed");
    if (lost == 1) { // the leader lives long enough to tell
        QCOMPARE(failed.size(), std::size_t(1));
        const auto reason = failed.front()["reason"].get<std::string>();
        QVERIFY2(reason.find("Process 1 of 2 of the run") != std::string::npos, reason.c_str());
        QVERIFY2(reason.find("The last checkpoint stands.") != std::string::npos, reason.c_str());
    }
    QVERIFY(std::filesystem::exists(paths("parts").lastCheckpoint()));
    std::vector<std::string> resume = arguments("parts", settings);
    resume.push_back("--resume");
    VERIFY_CODE(callRanks(then, resume), 0);
    const auto deviation = ::deviation(paths("whole"), paths("parts"));
    qInfo("went on with %d: %zu numbers differ by at most %.2e", then, deviation.numbers, deviation.largest);
    QVERIFY2(deviation.largest < 1e-10, qPrintable(QString::number(deviation.largest)));
}

void TestCliRanks::obeysCommands()
{
    QProcess process;
    prepare(process);
    const QStringList settings = {"epochs=400"};
    process.start("mpirun", mpirun(2, arguments("run", settings)));
    QVERIFY(waitForSteps(process, "run", 5));
    sendControl(paths("run"), "pause");
    const auto wait = [&](const char* kind) {
        for (int tries = 0; tries < 600 && test::eventsOf(paths("run"), kind).empty(); ++tries)
            QTest::qWait(50);
        return !test::eventsOf(paths("run"), kind).empty();
    };
    QVERIFY(wait("paused"));
    sendControl(paths("run"), "resume");
    QVERIFY(wait("resumed"));
    sendControl(paths("run"), "stop");
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitCode(), 3);
    const auto stopped = test::eventsOf(paths("run"), "stopped");
    QCOMPARE(stopped.size(), std::size_t(1));
    QCOMPARE(stopped.front()["reason"], Json("stopped by the user"));
    QCOMPARE(test::eventsOf(paths("run"), "checkpoint").back()["step"], stopped.front()["step"]);
}

void TestCliRanks::littleMemoryDividesShares()
{
    const QStringList settings = {"epochs=1", "batch.max_frames=0", "batch.max_edges=40000",
                                  "radial_tables=false"};
    VERIFY_CODE(callRanks(1, arguments("one", settings)), 0);
    std::vector<std::string> little = arguments("many", settings);
    little.insert(little.end(), {"--memory", "0.03"});
    VERIFY_CODE(callRanks(2, little), 0);
    QVERIFY2(!test::eventsOf(paths("many"), "message").empty(), "no message");
    bool told = false;
    for (const Json& message : test::eventsOf(paths("many"), "message"))
        told = told || message["text"].get<std::string>().find("Memory ran out") != std::string::npos;
    QVERIFY(told);
    QVERIFY(deviation(paths("one"), paths("many")).largest < 1e-10);
}

void TestCliRanks::fromMemoryToMemory()
{
    // The way of an MPI that takes the memory of GPUs, here on the processor: the same operations on the
    // tensors' own memory.
    const QStringList settings = {"replay.frames=3"};
    VERIFY_CODE(callRanks(1, arguments("one", settings)), 0);
    VERIFY_CODE(callRanks(2, arguments("many", settings), "mpi"), 0);
    VERIFY_CODE(callRanks(2, arguments("host", settings), "host"), 0);
    const auto deviation = ::deviation(paths("one"), paths("many"));
    qInfo("%zu numbers differ by at most %.2e", deviation.numbers, deviation.largest);
    QVERIFY(deviation.numbers > 100 && deviation.largest > 0);
    QVERIFY2(deviation.largest < 1e-10, qPrintable(QString::number(deviation.largest)));
    QVERIFY(::deviation(paths("host"), paths("many")).largest < 1e-10);

    const EngineCall nccl = callRanks(2, arguments("nccl", settings), "nccl");
    QCOMPARE(nccl.code, 1);
    QVERIFY2(nccl.error.find("a GPU of its own for every process") != std::string::npos, nccl.error.c_str());
}

void TestCliRanks::betweenGpus_data()
{
    QTest::addColumn<QByteArray>("exchange");
    for (const char* way : {"host", "mpi", "nccl"})
        QTest::newRow(way) << QByteArray(way);
}

void TestCliRanks::betweenGpus()
{
    QFETCH(const QByteArray, exchange);
    int gpus = 0;
    for (const Json& device : callEngine({"--version", "--json"}).json()["devices"])
        gpus += device["type"] == "cuda";
    if (gpus < 2)
        QSKIP("there are no two GPUs here");
    VERIFY_CODE(callRanks(1, arguments("one", {"device=cuda"})), 0);
    const EngineCall call = callRanks(2, arguments("many", {"device=cuda"}), exchange.constData());
    if (call.error.find("does not take the memory of GPUs") != std::string::npos)
        QSKIP("this MPI does not take the memory of GPUs");
    VERIFY_CODE(call, 0);
    const auto deviation = ::deviation(paths("one"), paths("many"));
    QVERIFY(deviation.numbers > 100 && deviation.largest > 0);
    QVERIFY2(deviation.largest < 1e-10, qPrintable(QString::number(deviation.largest)));
}

void TestCliRanks::aMistakeIsOneSentence()
{
    const EngineCall noTarget =
        callRanks(2, arguments("none", {"targets.stress=1", "targets.magnetic_forces=1"}));
    QVERIFY(noTarget.code != 0);
    const std::string sentence = "lodestone-engine: ";
    QVERIFY2(noTarget.error.find(sentence) != std::string::npos, noTarget.error.c_str());
    QCOMPARE(noTarget.error.find(sentence), noTarget.error.rfind(sentence)); // once, not by every process

    const EngineCall unknown = callRanks(2, {"finetune", "--nonsense"});
    QCOMPARE(unknown.code, 2);
    QCOMPARE(unknown.error.find(sentence), unknown.error.rfind(sentence));

    const EngineCall other = callRanks(
        2, {"predict", demoFile("demo.nqx"), demoFile("demo_test.extxyz"), "-o", folder("a.extxyz")});
    QVERIFY2(other.error.find("Only finetune divides its work") != std::string::npos, other.error.c_str());
}

void TestCliRanks::otherFilesAreNoticed()
{
    // Two folders with different data under the same names, as on machines that do not share their disks.
    for (const char* rank : {"0", "1"}) {
        std::filesystem::create_directories(folder(rank));
        std::filesystem::copy_file(demoFile(*rank == '0' ? "demo_train.extxyz" : "demo_test.extxyz"),
                                   folder(rank) + "/demo_train.extxyz");
    }
    const std::vector<std::string> call =
        arguments("run", {R"(data.train=["/proc/self/cwd/demo_train.extxyz"])"}); // of each process its own
    QStringList all = mpirun(2, call);
    all.insert(all.indexOf(enginePath()), QStringLiteral("sh"));
    all.insert(all.indexOf(enginePath()), QStringLiteral("-c"));
    all.insert(all.indexOf(enginePath()), QStringLiteral("cd \"$0/$OMPI_COMM_WORLD_RANK\" && exec \"$@\""));
    all.insert(all.indexOf(enginePath()), QString::fromStdString(folder("")));
    QProcess process;
    prepare(process);
    process.start("mpirun", all);
    QVERIFY(process.waitForFinished(120000));
    const QByteArray error = process.readAllStandardError();
    QVERIFY(process.exitCode() != 0);
    QVERIFY2(error.contains("has read another model or other data than process 0"), error.constData());
}

void TestCliRanks::numericalTroubleGoesBack()
{
    // So large a rate that weights explode: all processes go back to the beginning of the epoch.
    const QStringList settings = {"optimiser.learning_rate=30", "optimiser.clip=0",
                                  "optimiser.warmup_steps=0", "optimiser.roll_backs=2"};
    const EngineCall one = callRanks(1, arguments("one", settings)),
                     many = callRanks(2, arguments("many", settings));
    QCOMPARE(many.code, one.code);
    const auto rolledBack = [this](const char* name) {
        return test::eventsOf(paths(name), "rolled_back").size();
    };
    QVERIFY(rolledBack("one") > 0);
    QCOMPARE(rolledBack("many"), rolledBack("one"));
}

QTEST_GUILESS_MAIN(TestCliRanks)
#include "tst_cli_ranks.moc"
