#include "engine_process.h"

#include "storage/hdf5_writer.h"

using namespace lodestone;

/// What `audit` says beyond symmetries: short distances, the cutoff, the verdicts, and the audit of a run.
class TestCliAudit : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void baseAlone();
    void lostRepulsionIsFound();
    void runIsAuditedWhenItEnds();
    void wrongArgumentsAreRefused();

private:
    std::string file(const char* name) const
    {
        return m_folder.filePath(QString::fromUtf8(name)).toStdString();
    }
    QTemporaryDir m_folder;
};

namespace {

const Json& verdictOf(const Json& audit, const std::string& check)
{
    for (const Json& verdict : audit["verdicts"])
        if (verdict["check"] == check)
            return verdict;
    static const Json none;
    return none;
}

/// A delta that turns the sign of the demo's readout: every interaction energy is exactly reversed.
void writeReversal(const std::string& path)
{
    const EngineCall model = callEngine({"inspect", demoFile("demo.nqx"), "--json"});
    const std::string tensor = "readout/0e";
    const Json about = model.json();
    std::int64_t count = 0;
    Json shape;
    for (const Json& info : about["tensors"])
        if (info["name"] == tensor) {
            count = info["count"].get<std::int64_t>();
            shape = info["shape"];
        }
    // The stored values come from `serve`, as the desktop gets them.
    QProcess serve;
    serve.start(enginePath(), {QStringLiteral("serve")});
    const Json request = {{"id", 1},
                          {"do", "weights"},
                          {"model", demoFile("demo.nqx")},
                          {"tensor", tensor},
                          {"scratch", std::filesystem::path(path).parent_path().string()}};
    serve.write((request.dump() + "\n").c_str());
    while (!serve.canReadLine() && serve.waitForReadyRead(60000)) {
    }
    const Json answer = Json::parse(serve.readLine().toStdString());
    serve.closeWriteChannel();
    serve.waitForFinished();
    const std::string raw = readFile(answer["ok"]["base"].get<std::string>());
    std::vector<double> values;
    std::vector<std::int64_t> indices;
    for (std::int64_t i = 0; i < count; ++i) {
        float value = 0;
        std::memcpy(&value, raw.data() + 4 * i, 4);
        values.push_back(-2.0 * double(value));
        indices.push_back(i);
    }
    auto out = Hdf5Writer::create(path);
    out.writeText("/format", R"({"name": "lodestone-delta", "schema": 1})");
    out.writeText("/base_sha256", about["sha256"].get<std::string>());
    out.writeText("/provenance", "{}");
    out.writeText("/head", "");
    out.writeText(
        "/tensors",
        Json{{{"name", tensor}, {"shape", shape}, {"count", count}, {"threshold", 0.0}, {"eligible", count}}}
            .dump());
    out.write("/indices", std::span<const std::int64_t>(indices), {count});
    out.write("/values", std::span<const double>(values), {count});
    out.write("/reference_energies/atomic_numbers", std::span<const std::int64_t>(), {0});
    out.write("/reference_energies/shifts", std::span<const double>(), {0});
    out.close();
}

} // namespace

void TestCliAudit::baseAlone()
{
    const EngineCall call =
        callEngine({"audit", demoFile("demo.nqx"), demoFile("demo_test.extxyz"), "--json"});
    VERIFY_CODE(call, 0);
    const Json audit = call.json();
    QCOMPARE(audit["short_distance"]["pairs"].size(), std::size_t(6)); // O, Fe, Ni
    const Json pair = audit["short_distance"]["pairs"][0];
    QCOMPARE(pair["pair"].get<std::string>(), std::string("O-O"));
    QVERIFY(!pair.contains("force_tuned"));
    const auto distance = pair["distance"].get<std::vector<double>>();
    const auto energy = pair["energy_base"].get<std::vector<double>>();
    const auto force = pair["force_base"].get<std::vector<double>>();
    QCOMPARE(distance.back(), 4.5);
    QCOMPARE(distance.size(), energy.size());
    QVERIFY(std::abs(energy.back()) < 1e-9); // nothing is left at the cutoff
    // The force is the slope of the energy: trapezoids between the scan's points come near it.
    double sum = 0;
    for (std::size_t i = distance.size() / 2; i + 1 < distance.size(); ++i)
        sum += (force[i] + force[i + 1]) / 2 * (distance[i + 1] - distance[i]);
    QVERIFY(std::abs(sum - energy[distance.size() / 2]) < 0.02);
    QVERIFY(audit["cutoff"]["passed"].get<bool>());
    QVERIFY(audit["cutoff"]["base"]["energy"].get<double>() < 1e-9);
    QVERIFY(verdictOf(audit, "symmetries")["passed"].get<bool>());
    QVERIFY(verdictOf(audit, "derivatives")["passed"].get<bool>());
}

void TestCliAudit::lostRepulsionIsFound()
{
    const std::string delta = file("reversal.delta.h5");
    writeReversal(delta);
    const EngineCall call =
        callEngine({"audit", demoFile("demo.nqx"), demoFile("demo_test.extxyz"), "--delta", delta, "--json"});
    VERIFY_CODE(call, 0); // a finding is no error
    const Json audit = call.json();
    const Json verdict = verdictOf(audit, "short_distance");
    QVERIFY(!verdict["passed"].get<bool>());
    QVERIFY(verdict["text"].get<std::string>().find("has lost the base's repulsion") != std::string::npos);
    int lost = 0;
    for (const Json& pair : audit["short_distance"]["pairs"]) {
        const auto before = pair["force_base"].get<std::vector<double>>();
        const auto after = pair["force_tuned"].get<std::vector<double>>();
        for (std::size_t i = 0; i < before.size(); ++i)
            QVERIFY(std::abs(before[i] + after[i]) < 1e-9);
        if (pair["lost_repulsion"].is_null())
            continue;
        ++lost;
        const double from = pair["lost_repulsion"][0].get<double>(), to = pair["lost_repulsion"][1];
        QVERIFY(from <= to && to <= pair["short_limit"].get<double>());
    }
    QVERIFY(lost > 0);
    // Reversed, but as symmetric and smooth as before.
    QVERIFY(verdictOf(audit, "symmetries")["passed"].get<bool>());
    QVERIFY(verdictOf(audit, "cutoff")["passed"].get<bool>());
    const EngineCall text =
        callEngine({"audit", demoFile("demo.nqx"), demoFile("demo_test.extxyz"), "--delta", delta});
    VERIFY_CODE(text, 0);
    QVERIFY(text.out.find("NOT OK: The tuned model has lost") != std::string::npos);
}

void TestCliAudit::runIsAuditedWhenItEnds()
{
    const std::vector<std::string> shortRun = {"finetune", demoFile("demo.json"),  "--set",     "epochs=2",
                                               "--set",    "data.max_train=24",    "--threads", "1",
                                               "--set",    "data.max_validation=6"};
    const auto with = [&shortRun](std::vector<std::string> more) {
        more.insert(more.begin(), shortRun.begin(), shortRun.end());
        return more;
    };
    const std::string run = file("run");
    VERIFY_CODE(callEngine(with({"--run", run, "--no-audit"})), 0);
    QVERIFY(!std::filesystem::exists(run + "/result/audit.json"));
    const EngineCall later = callEngine({"audit", run, "--json"});
    VERIFY_CODE(later, 0);
    Json kept = readJsonFile(run + "/result/audit.json");
    QCOMPARE(kept.at("schema").get<int>(), 1); // of the file; what is printed has none
    kept.erase("schema");
    QCOMPARE(kept.dump(), later.json().dump());
    QCOMPARE(later.json()["data"].dump(), Json{demoFile("demo_test.extxyz")}.dump());

    const std::string other = file("audited");
    VERIFY_CODE(callEngine(with({"--run", other})), 0);
    const Json audit = readJsonFile(other + "/result/audit.json");
    QVERIFY(verdictOf(audit, "symmetries")["passed"].get<bool>());
    QVERIFY(audit["short_distance"]["pairs"][0].contains("force_tuned"));
}

void TestCliAudit::wrongArgumentsAreRefused()
{
    VERIFY_CODE(callEngine({"audit", demoFile("demo.nqx")}), 2);
    VERIFY_CODE(callEngine({"audit", file("run"), demoFile("demo_test.extxyz")}), 2);
    VERIFY_CODE(callEngine({"audit", m_folder.path().toStdString()}), 1); // a folder, but no run
}

QTEST_APPLESS_MAIN(TestCliAudit)
#include "tst_cli_audit.moc"
