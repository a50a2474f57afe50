#include "engine_process.h"

#include "formats/formats.h"

#include <algorithm>

using namespace lodestone;

/// `explain`: the errors that the run recorded come out again, maps add up, the control stays apart.
class TestCliExplain : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void recordedErrorsComeOutAgain();
    void mapsAddUp();
    void blocksAreSwitchedOff();
    void absentElementsAreTheControl();
    void otherFramesLeaveTheRunAlone();
    void wrongArgumentsAreRefused();

private:
    std::string file(const char* name) const
    {
        return m_folder.filePath(QString::fromUtf8(name)).toStdString();
    }
    static std::vector<std::string> run(const std::string& folder, const std::vector<std::string>& settings)
    {
        std::vector<std::string> arguments = {"finetune",   demoFile("demo.json"), "--run", folder,
                                              "--no-audit", "--threads",           "1",     "--set",
                                              "epochs=4"};
        for (const std::string& setting : settings) {
            arguments.emplace_back("--set");
            arguments.push_back(setting);
        }
        return arguments;
    }
    QTemporaryDir m_folder;
    Json m_explanation;
};

void TestCliExplain::initTestCase()
{
    VERIFY_CODE(callEngine(run(file("run"), {"data.max_train=32", "data.max_validation=8"})), 0);
    const EngineCall call = callEngine({"explain", file("run"), "--json"});
    VERIFY_CODE(call, 0);
    m_explanation = call.json();
    Json kept = readJsonFile(file("run") + "/result/explanation.json");
    QCOMPARE(kept.at("schema").get<int>(), 1); // of the file; what is printed has none
    kept.erase("schema");
    QCOMPARE(kept.dump(), m_explanation.dump());
}

void TestCliExplain::recordedErrorsComeOutAgain()
{
    const Json metrics = readJsonFile(file("run") + "/result/metrics.json");
    int compared = 0;
    for (const auto& [split, sides] : metrics["splits"].items())
        for (const auto& [side, quantities] : sides.items())
            for (const auto& [quantity, errors] : quantities.items())
                for (const char* number : {"mae", "rmse", "largest"}) {
                    const double recorded = errors[number].get<double>();
                    const double again = m_explanation["splits"][split][side][quantity][number].get<double>();
                    QVERIFY2(std::abs(again - recorded) <= 1e-5 * std::abs(recorded) + 1e-7,
                             (split + " " + side + " " + quantity).c_str());
                    ++compared;
                }
    QVERIFY(compared > 40);
    for (const char* count : {"eligible", "changed", "parameters"})
        QCOMPARE(m_explanation[count], metrics[count]);
}

void TestCliExplain::mapsAddUp()
{
    for (const char* map : {"layers", "tensors"}) {
        std::int64_t eligible = 0, changed = 0;
        for (const Json& cell : m_explanation[map]) {
            eligible += cell["eligible"].get<std::int64_t>();
            changed += cell["changed"].get<std::int64_t>();
            if (cell["changed"] == 0) {
                QCOMPARE(cell["relative_change"].get<double>(), 0.0);
            } else if (cell["signature"].is_number()) {
                QVERIFY(cell["signature"].get<double>() >= 0 && cell["signature"].get<double>() <= 1);
            }
        }
        QCOMPARE(eligible, m_explanation["eligible"].get<std::int64_t>());
        QCOMPARE(changed, m_explanation["changed"].get<std::int64_t>());
    }
    for (const Json& tensor : m_explanation["elements"]["tensors"])
        for (const Json& row : tensor["rows"]) {
            std::int64_t changed = 0;
            if (row.contains("channels"))
                for (const Json& channel : row["channels"]["changed"])
                    changed += channel.get<std::int64_t>();
            QCOMPARE(changed, row["changed"].get<std::int64_t>());
        }
}

void TestCliExplain::blocksAreSwitchedOff()
{
    const Json& sensitivity = m_explanation["sensitivity"];
    QCOMPARE(sensitivity["split"].get<std::string>(), std::string("validation"));
    QCOMPARE(sensitivity["frames"].get<int>(), 8);
    std::int64_t changed = 0;
    double largest = 0;
    for (const Json& block : sensitivity["blocks"]) {
        changed += block["changed"].get<std::int64_t>();
        const double moved = block["loss"].get<double>() - sensitivity["loss_tuned"].get<double>();
        if (block["changed"] == 0)
            QCOMPARE(moved, 0.0);
        largest = std::max(largest, std::abs(moved));
        QVERIFY(block["metrics"]["forces"]["mae"].get<double>() > 0);
    }
    QCOMPARE(changed, m_explanation["changed"].get<std::int64_t>());
    QVERIFY(largest > 0);
}

/// A run on frames of nickel and oxygen alone leaves iron's weights alone.
void TestCliExplain::absentElementsAreTheControl()
{
    std::vector<Structure> some;
    for (const Structure& structure : readStructures(demoFile("demo_train.extxyz")))
        if (std::find(structure.species.begin(), structure.species.end(), 26) == structure.species.end())
            some.push_back(structure);
    QVERIFY(some.size() > 10);
    writeStructures(file("without_iron.extxyz"), some);
    VERIFY_CODE(callEngine(run(file("control"),
                               {"data.train=[\"" + file("without_iron.extxyz") + "\"]", "data.test=[]"})),
                0);
    const EngineCall call = callEngine({"explain", file("control"), "--no-sensitivity", "--json"});
    VERIFY_CODE(call, 0);
    const Json elements = call.json()["elements"];
    const Json& control = elements["control"];
    QCOMPARE(control["elements"].dump(), std::string("[\"Fe\"]"));
    QCOMPARE(control["eligible"].get<int>(), 139);
    QCOMPARE(control["changed"].get<int>(), 0);
    for (const Json& row : elements["rows"]) {
        QCOMPARE(row["trained"].get<bool>(), row["element"] != "Fe");
        if (row["element"] == "Fe") {
            QCOMPARE(row["changed"], control["changed"]);
            QCOMPARE(row["signature"], control["signature"]);
        } else {
            QVERIFY(row["relative_change"].get<double>() > control["relative_change"].get<double>());
        }
    }
    const EngineCall text = callEngine({"explain", file("control"), "--no-sensitivity"});
    VERIFY_CODE(text, 0);
    QVERIFY(text.out.find("1 not trained") != std::string::npos);
    QVERIFY(!std::filesystem::exists(file("control") + "/result/explanation.json"));
    // Replayed crystals teach iron as well: then it is no control.
    VERIFY_CODE(callEngine(run(file("replayed"), {"data.train=[\"" + file("without_iron.extxyz") + "\"]",
                                                  "data.test=[]", "replay={\"frames\":12}"})),
                0);
    const EngineCall replayed = callEngine({"explain", file("replayed"), "--no-sensitivity", "--json"});
    VERIFY_CODE(replayed, 0);
    const Json taught = replayed.json()["elements"];
    QCOMPARE(taught["control"]["eligible"].get<int>(), 0);
    for (const Json& row : taught["rows"])
        QVERIFY(row["changed"].get<int>() > 0);
}

void TestCliExplain::otherFramesLeaveTheRunAlone()
{
    const std::string before = readFile(file("run") + "/result/explanation.json");
    const EngineCall call = callEngine({"explain", file("run"), demoFile("demo_test.extxyz"), "--json"});
    VERIFY_CODE(call, 0);
    QCOMPARE(readFile(file("run") + "/result/explanation.json"), before);
    // As validation frames the test frames have the errors of the test split.
    const double asData = call.json()["splits"]["validation"]["tuned"]["forces"]["mae"].get<double>();
    const double asTest = m_explanation["splits"]["test"]["tuned"]["forces"]["mae"].get<double>();
    QVERIFY(std::abs(asData / asTest - 1) < 1e-5);
    QVERIFY(!call.json()["splits"].contains("test"));
}

void TestCliExplain::wrongArgumentsAreRefused()
{
    VERIFY_CODE(callEngine({"explain"}), 2);
    const EngineCall call = callEngine({"explain", m_folder.path().toStdString()});
    VERIFY_CODE(call, 1);
    QVERIFY(call.error.find("run.json") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestCliExplain)
#include "tst_cli_explain.moc"
