// Models of every family through the command line: inspection in bounded time and memory, byte-exact export,
// and sparse fine-tuning from each with one configuration.
#include "engine_process.h"

#include "base/files.h"
#include "formats/formats.h"
#include "run/run_directory.h"
#include "support/sanitizers.h"
#include "support/shared_data.h"

#include <algorithm>
#include <chrono>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

using namespace lodestone;

namespace {

struct Usage {
    int code = -1;
    double seconds = 0;
    std::int64_t peakBytes = 0;
};

/// Runs the engine with its output thrown away and asks the system what it used. mostPrivate: bytes of
/// private memory that it may have (ulimit -d: what it can write and no file stands behind); 0: no limit.
Usage measured(const std::vector<std::string>& arguments, std::int64_t mostPrivate = 0)
{
    std::vector<std::string> words;
    if (mostPrivate > 0)
        words = {"/usr/bin/prlimit", "--data=" + std::to_string(mostPrivate), "--"};
    words.push_back(enginePath().toStdString());
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int stream : {1, 2})
        posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", 1 /* O_WRONLY */, 0);
    const auto start = std::chrono::steady_clock::now();
    pid_t pid = 0;
    Usage usage;
    if (posix_spawn(&pid, pointers[0], &actions, nullptr, pointers.data(), environ) == 0) {
        int status = 0;
        struct rusage used = {};
        wait4(pid, &status, 0, &used);
        usage.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        usage.peakBytes = std::int64_t{used.ru_maxrss} * 1024;
        usage.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    posix_spawn_file_actions_destroy(&actions);
    return usage;
}

/// The least private memory, in bytes up to 32 KiB, with which the engine does what is asked.
std::int64_t leastPrivate(const std::vector<std::string>& arguments)
{
    std::int64_t tooLittle = 0, enough = std::int64_t{1} << 30;
    while (enough - tooLittle > std::int64_t{32} << 10) {
        const std::int64_t middle = (tooLittle + enough) / 2;
        (measured(arguments, middle).code == 0 ? enough : tooLittle) = middle;
    }
    return enough;
}

/// Real and small models of all families, below the shared folder.
const std::vector<std::pair<const char*, const char*>> families = {
    {"nequix", "models/nequix/nequix-mp-1.nqx"},
    {"mace", "fixtures/mace/mp0a_small.model"},
    {"mace, density and repulsion", "fixtures/mace/mp0b3_small.model"},
    {"mace, non-linear", "fixtures/mace/mh1_small.model"},
    {"mace, full width", "fixtures/mace/mp0b3_full3.model"},
    {"mace, released", "models/mace-ani500k-small-cc/ani500k_small_CC.model"},
    {"sevennet", "fixtures/sevennet/7net0_small.pth"},
    {"sevennet, multi-fidelity", "fixtures/sevennet/mf_small.pth"},
    {"sevennet, deployed", "models/sevennet-0/7net-0_11July2024_deployed_serial.pt"},
};

void addFamilies()
{
    QTest::addColumn<QString>("file");
    for (const auto& [name, file] : families)
        QTest::newRow(name) << QString::fromUtf8(file);
}

} // namespace

class TestCliFamilies : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void inspect_data() { addFamilies(); }
    void inspect();
    void inspectionIsCheap_data();
    void inspectionIsCheap();
    void headsAreChosen();
    void exportWithoutChange_data() { addFamilies(); }
    void exportWithoutChange();
    void oneConfigurationForAll_data();
    void oneConfigurationForAll();
    void strangersOpenForInspection();

private:
    std::string path(const std::string& name) const { return m_folder.filePath(name.c_str()).toStdString(); }
    QTemporaryDir m_folder;
};

/// Every tensor in a block, counts that add up.
void TestCliFamilies::inspect()
{
    SKIP_WITHOUT_SHARED("models/nequix");
    QFETCH(QString, file);
    const std::string model = sharedPath(file.toStdString()).string();
    const EngineCall call = callEngine({"inspect", model, "--json"});
    VERIFY_CODE(call, 0);
    const Json about = call.json();
    QVERIFY2(about["limitation"].get<std::string>().empty(), call.out.c_str());
    QCOMPARE(about["sha256"].get<std::string>(), sha256OfFile(model));
    std::int64_t numbers = 0, elementResolved = 0;
    for (const Json& tensor : about["tensors"]) {
        numbers += tensor["count"].get<std::int64_t>();
        QVERIFY(!tensor["block"].get<std::string>().empty());
        if (tensor["kind"] == "linear")
            QVERIFY2(!tensor["paths"].empty() && !tensor["irreps_in"].get<std::string>().empty(),
                     tensor.dump().c_str());
        bool resolved = tensor["element_axis"].get<int>() >= 0 && tensor["trainable"].get<bool>();
        std::int64_t covered = 0;
        for (const Json& each : tensor["paths"]) {
            covered += each["count"].get<std::int64_t>();
            resolved |= each["element_stride"].get<std::int64_t>() > 0;
        }
        QVERIFY2(tensor["paths"].empty() || covered == tensor["count"].get<std::int64_t>(),
                 tensor.dump().c_str());
        elementResolved += resolved;
    }
    QCOMPARE(numbers, about["stored_numbers"].get<std::int64_t>());
    QVERIFY(elementResolved > 0);
}

void TestCliFamilies::inspectionIsCheap_data()
{
    QTest::addColumn<QString>("file");
    for (const char* folder : {"models", "fixtures/mace", "fixtures/sevennet"}) {
        const std::filesystem::path all = sharedPath(folder);
        if (!std::filesystem::exists(all))
            continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(all)) {
            const std::string ending = entry.path().extension().string();
            if (ending == ".nqx" || ending == ".model" || ending == ".pth" || ending == ".pt")
                QTest::newRow(entry.path().filename().c_str())
                    << QString::fromStdString(entry.path().string());
        }
    }
}

/// The memory that a file costs, beyond what the program has before it opens one, stays below four times the
/// file; and so does all that is resident, code and libraries (5 MB) included, where the file is not smaller
/// than these.
void TestCliFamilies::inspectionIsCheap()
{
    SKIP_WITHOUT_SHARED("models/nequix");
    if (test::addressSanitizer)
        QSKIP("AddressSanitizer maps terabytes: limits of memory mean nothing to it.");
    static const std::int64_t idle = leastPrivate({"inspect", "--help"});
    QVERIFY2(idle < std::int64_t{64} << 20, qPrintable(QString::number(idle)));
    QFETCH(QString, file);
    const std::string model = file.toStdString();
    const std::vector<std::string> question = {"inspect", model, "--json"};
    const Usage used = measured(question);
    QCOMPARE(used.code, 0);
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(model));
    const std::int64_t own = leastPrivate(question) - idle;
    qInfo("%.2f s, %.1f MB in all, %.2f MB for the file of %.2f MB: %.2f times", used.seconds,
          double(used.peakBytes) / 1e6, double(own) / 1e6, double(size) / 1e6, double(own) / double(size));
    QVERIFY2(own < 4 * size, qPrintable(QString::number(own)));
    // A process has at least the peak of the one that started it, which is this test.
    const std::int64_t least = measured({"inspect", "--help"}).peakBytes;
    QVERIFY2(used.peakBytes <= std::max(4 * size, least), qPrintable(QString::number(used.peakBytes)));
}

void TestCliFamilies::headsAreChosen()
{
    SKIP_WITHOUT_SHARED("fixtures/sevennet");
    const std::string model = sharedPath("fixtures/sevennet/mf_small.pth").string();
    const Json about = callEngine({"inspect", model, "--json"}).json();
    QCOMPARE(about["heads"].size(), std::size_t{2});
    const Json other =
        callEngine({"inspect", model, "--head", about["heads"][1].get<std::string>(), "--json"}).json();
    QCOMPARE(other["head_index"].get<int>(), 1);
    const EngineCall wrong = callEngine({"inspect", model, "--head", "PBF"});
    VERIFY_CODE(wrong, 2);
    QVERIFY2(wrong.error.find(about["heads"][0].get<std::string>()) != std::string::npos,
             wrong.error.c_str());
    const EngineCall none = callEngine({"inspect", demoFile("demo.nqx"), "--head", "PBE"});
    VERIFY_CODE(none, 2);
}

void TestCliFamilies::exportWithoutChange()
{
    SKIP_WITHOUT_SHARED("models/nequix");
    QFETCH(QString, file);
    const std::string model = sharedPath(file.toStdString()).string(), out = path("copy");
    VERIFY_CODE(callEngine({"export", model, "-o", out}), 0);
    QVERIFY(readFile(model) == readFile(out));
}

void TestCliFamilies::oneConfigurationForAll_data()
{
    QTest::addColumn<QString>("file");
    for (const auto& [name, file] : families)
        if (std::string(file).find("full3") == std::string::npos &&
            std::string(file).find("ani500k") == std::string::npos)
            QTest::newRow(name) << QString::fromUtf8(
                file); // the two others know neither nickel nor oxygen together
}

/// A short sparse run on nickel oxide; only "model" differs. Its delta is what the events say, and the
/// exported file predicts what base + delta does.
void TestCliFamilies::oneConfigurationForAll()
{
    SKIP_WITHOUT_SHARED("models/nequix");
    QFETCH(QString, file);
    const std::string model = sharedPath(file.toStdString()).string();
    const std::string data = sharedPath("data/nio-noncollinear/nio_deepspin.extxyz").string();
    const Json configuration = {{"model", model},
                                {"data", {{"train", data}, {"max_train", 2}, {"max_validation", 1}}},
                                {"targets", {{"energy", 1}, {"forces", 10}}},
                                {"blocks", {{"preset", "all-paths"}}},
                                {"method", {{"kind", "sparse"}, {"target_fraction", 0.05}}},
                                {"epochs", 3},
                                {"batch", {{"max_frames", 1}}},
                                {"device", "cpu"}};
    const std::string name = QFileInfo(file).completeBaseName().toStdString();
    const std::string config = path(name + ".json"), run = path(name + "_run");
    writeFileAtomically(config, configuration.dump());
    const EngineCall call =
        callEngine({"finetune", config, "--run", run, "--json", "--threads", "2"}, 600000);
    VERIFY_CODE(call, 0);
    const Json metrics = call.json()["metrics"];
    const double share = metrics["changed_of_model"].get<double>();
    QVERIFY2(std::abs(share - 0.05) < 0.005, metrics.dump().c_str());

    const std::string delta = path(name + ".delta.h5"), tuned = path(name + "_tuned");
    VERIFY_CODE(callEngine({"export", run, "-o", delta}), 0);
    VERIFY_CODE(callEngine({"export", run, "-o", tuned}), 0);
    QVERIFY(readFile(tuned) != readFile(model));
    const std::string first = path("frame.extxyz"), a = path("a.extxyz"), b = path("b.extxyz");
    writeStructures(first, {readStructures(data).at(0)});
    VERIFY_CODE(callEngine({"predict", model, first, "--delta", delta, "-o", a, "--dtype", "float64"}), 0);
    VERIFY_CODE(callEngine({"predict", tuned, first, "-o", b, "--dtype", "float64"}), 0);
    const Structure withDelta = readStructures(a).at(0), merged = readStructures(b).at(0);
    const double difference =
        std::get<double>(withDelta.info.at("energy")) - std::get<double>(merged.info.at("energy"));
    // Reference energies are stored in float32 in most files.
    QVERIFY2(std::abs(difference) < 2e-5 * double(merged.size()), qPrintable(QString::number(difference)));
    for (std::size_t k = 0; k < 3 * merged.size(); ++k)
        QVERIFY(std::abs(withDelta.arrays.at("forces").numbers[k] - merged.arrays.at("forces").numbers[k]) <
                1e-6);
}

/// An archive of PyTorch that is no model, and bytes that are nothing at all.
void TestCliFamilies::strangersOpenForInspection()
{
    SKIP_WITHOUT_SHARED("fixtures/mace");
    const std::string stranger = sharedPath("fixtures/mace/mp0a_small.state_dict.pt").string();
    const EngineCall call = callEngine({"inspect", stranger, "--json"});
    VERIFY_CODE(call, 0);
    const Json about = call.json();
    QVERIFY(!about["limitation"].get<std::string>().empty());
    QVERIFY(about["tensors"].size() > 10);
    const EngineCall predicted =
        callEngine({"predict", stranger, demoFile("demo_test.extxyz"), "-o", path("x.extxyz")});
    VERIFY_CODE(predicted, 1);
    QVERIFY2(predicted.error.find("inspection") != std::string::npos, predicted.error.c_str());
    writeFileAtomically(path("noise"), "no model at all");
    const EngineCall noise = callEngine({"inspect", path("noise")});
    VERIFY_CODE(noise, 1);
    QVERIFY2(noise.error.find("SevenNet") != std::string::npos, noise.error.c_str());
}

QTEST_GUILESS_MAIN(TestCliFamilies)
#include "tst_cli_families.moc"
