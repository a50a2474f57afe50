#include "engine_process.h"
#include "support/shared_data.h"

#include "formats/formats.h"

using namespace lodestone;

/// inspect, predict, export, audit, check and bench on real files.
class TestCliModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void versionAndHelp();
    void inspectFoundationModel();
    void predictAgreesWithReferences();
    void predictionsReadBack();
    void exportWithoutChangeIsIdentical();
    void auditOfTheDemoModel();
    void checkOfTheDemoData();
    void benchMeasuresSteps();

private:
    std::string file(const char* name) const
    {
        return m_folder.filePath(QString::fromUtf8(name)).toStdString();
    }
    QTemporaryDir m_folder;
};

void TestCliModels::versionAndHelp()
{
    const EngineCall version = callEngine({"--version", "--json"});
    VERIFY_CODE(version, 0);
    QVERIFY(version.json()["version"].is_string() && version.json()["libtorch"].is_string());
    QCOMPARE(version.json()["protocol"].get<int>(), 1);
    QCOMPARE(version.json()["devices"][0]["type"].get<std::string>(), std::string("cpu"));
    for (const char* command : {"inspect", "check", "predict", "finetune", "export", "audit", "compare",
                                "bench", "serve", "demo"}) {
        const EngineCall help = callEngine({command, "--help"});
        VERIFY_CODE(help, 0);
        QVERIFY(help.out.find("--threads") != std::string::npos);
    }
}

void TestCliModels::inspectFoundationModel()
{
    SKIP_WITHOUT_SHARED("models/nequix/nequix-mp-1.nqx");
    const EngineCall call =
        callEngine({"inspect", sharedPath("models/nequix/nequix-mp-1.nqx").string(), "--json"});
    VERIFY_CODE(call, 0);
    const Json model = call.json();
    QCOMPARE(model["stored_numbers"].get<int>(), 707658);
    QCOMPARE(model["reference_energies"].get<int>(), 89);
    QCOMPARE(model["parameters"].get<int>(), 707658 - 89);
    QCOMPARE(model["elements"].size(), std::size_t(89));
    std::int64_t sum = 0;
    for (const Json& tensor : model["tensors"]) {
        sum += tensor["count"].get<std::int64_t>();
        QVERIFY(!tensor["block"].get<std::string>().empty());
        QVERIFY(tensor["name"].get<std::string>().starts_with(tensor["block"].get<std::string>()));
        if (tensor["kind"] == "linear")
            QVERIFY(!tensor["irreps_in"].get<std::string>().empty() &&
                    !tensor["irreps_out"].get<std::string>().empty());
    }
    QCOMPARE(sum, std::int64_t(707658));
    const EngineCall text = callEngine({"inspect", sharedPath("models/nequix/nequix-mp-1.nqx").string()});
    VERIFY_CODE(text, 0);
    QVERIFY(text.out.find("layer_1/linear_2") != std::string::npos);
}

void TestCliModels::predictAgreesWithReferences()
{
    SKIP_WITHOUT_SHARED("fixtures/nequix/nequix-mp-1.json");
    const Json reference =
        readJsonFile(sharedPath("fixtures/nequix/nequix-mp-1.json"))["structures"]["bifeo3_r3c"]["float64"];
    const std::string out = file("bifeo3.extxyz");
    const EngineCall call = callEngine({"predict", sharedPath("models/nequix/nequix-mp-1.nqx").string(),
                                        sharedPath("fixtures/structures/bifeo3_r3c.extxyz").string(), "-o",
                                        out, "--dtype", "float64"});
    VERIFY_CODE(call, 0);
    const Structure structure = readStructures(out).front();
    QVERIFY(std::abs(std::get<double>(structure.info.at("energy")) - reference["energy"].get<double>()) <
            1e-8 * double(structure.size()));
    const auto& forces = structure.arrays.at("forces").numbers;
    const auto& energies = structure.arrays.at("energies").numbers;
    const auto& stress = std::get<std::vector<double>>(structure.info.at("stress"));
    for (std::size_t i = 0; i < structure.size(); ++i) {
        QVERIFY(std::abs(energies[i] - reference["node_energy"][i].get<double>()) < 1e-7);
        for (std::size_t c = 0; c < 3; ++c)
            QVERIFY(std::abs(forces[3 * i + c] - reference["forces"][i][c].get<double>()) < 1e-7);
    }
    for (std::size_t a = 0; a < 3; ++a)
        for (std::size_t b = 0; b < 3; ++b)
            QVERIFY(std::abs(stress[3 * a + b] - reference["stress"][a][b].get<double>()) < 1e-8);
}

void TestCliModels::predictionsReadBack()
{
    const std::string out = file("demo.extxyz");
    const EngineCall call =
        callEngine({"predict", demoFile("demo.nqx"), demoFile("demo_test.extxyz"), "-o", out, "--json"});
    VERIFY_CODE(call, 0);
    const Json metrics = call.json()["metrics"];
    QVERIFY(metrics["forces"]["mae"].get<double>() > 0);
    QVERIFY(!metrics.contains("moments")); // the base model has no head
    const std::vector<Structure> predicted = readStructures(out),
                                 labelled = readStructures(demoFile("demo_test.extxyz"));
    QCOMPARE(predicted.size(), labelled.size());
    // The file keeps labels and predictions apart; the MAE can be counted again from it.
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t f = 0; f < predicted.size(); ++f) {
        QCOMPARE(predicted[f].arrays.at("REF_forces").numbers, labelled[f].arrays.at("forces").numbers);
        for (std::size_t k = 0; k < 3 * predicted[f].size(); ++k, ++count)
            sum += std::abs(predicted[f].arrays.at("forces").numbers[k] -
                            predicted[f].arrays.at("REF_forces").numbers[k]);
    }
    QVERIFY(std::abs(sum / double(count) - metrics["forces"]["mae"].get<double>()) < 1e-9);
}

void TestCliModels::exportWithoutChangeIsIdentical()
{
    const std::string out = file("same.nqx");
    VERIFY_CODE(callEngine({"export", demoFile("demo.nqx"), "-o", out}), 0);
    QVERIFY(readFile(out) == readFile(demoFile("demo.nqx")));
    SKIP_WITHOUT_SHARED("models/nequix/nequix-mp-1.nqx");
    const std::string original = sharedPath("models/nequix/nequix-mp-1.nqx").string();
    VERIFY_CODE(callEngine({"export", original, "-o", out}), 0);
    QVERIFY(readFile(out) == readFile(original));
}

void TestCliModels::auditOfTheDemoModel()
{
    const EngineCall call =
        callEngine({"audit", demoFile("demo.nqx"), demoFile("demo_test.extxyz"), "--json"});
    VERIFY_CODE(call, 0);
    const Json audit = call.json();
    for (const char* operation : {"rotation", "inversion", "translation", "permutation"}) {
        QVERIFY(audit[operation]["energy"].get<double>() < 1e-10);
        QVERIFY(audit[operation]["forces"].get<double>() < 1e-9);
        QVERIFY(audit[operation]["stress"].get<double>() < 1e-10);
    }
    QVERIFY(audit["finite_differences"]["forces"].get<double>() < 1e-5);
    QVERIFY(audit["finite_differences"]["stress"].get<double>() < 1e-6);
}

void TestCliModels::checkOfTheDemoData()
{
    const EngineCall call =
        callEngine({"check", demoFile("demo.nqx"), demoFile("demo_train.extxyz"), "--json"});
    VERIFY_CODE(call, 0);
    const Json report = call.json();
    QVERIFY(report["frames"].get<int>() >= 60);
    QCOMPARE(report["keys"]["energy"].get<std::string>(), std::string("energy"));
    const Json fit = report["reference_energies"];
    // Domain B shifts iron by +0.6 and nickel by -0.3 eV; bonds differ too, so the fit finds that only
    // roughly.
    QCOMPARE(fit["elements"].get<int>(), 3);
    QVERIFY(fit["shift"]["Fe"].get<double>() > fit["shift"]["Ni"].get<double>() + 0.3);
    QVERIFY(fit["rms_after"].get<double>() < fit["rms_before"].get<double>());
    QVERIFY(report["seconds_per_epoch"].get<double>() > 0);
    QVERIFY(report["expected_memory"].get<double>() > 1e7);
}

void TestCliModels::benchMeasuresSteps()
{
    std::vector<std::string> command = {"bench",
                                        demoFile("demo.nqx"),
                                        demoFile("demo_test.extxyz"),
                                        "--train",
                                        "--batch",
                                        "2",
                                        "--steps",
                                        "3",
                                        "--blocks",
                                        "*/linear_1",
                                        "--json"};
    const EngineCall call = callEngine(command);
    VERIFY_CODE(call, 0);
    const Json answer = call.json();
    QCOMPARE(answer["frames"].get<int>(), 2);
    QCOMPARE(answer["steps"].get<int>(), 3);
    QVERIFY(answer["seconds_per_step"].get<double>() > 0 && answer["edges_per_second"].get<double>() > 0);
    QVERIFY(answer["peak_memory"].get<double>() > 1e7);
    QVERIFY(answer["share_of_matrix_product"].get<double>() > 0);
    QCOMPARE(answer["radial_tables"].get<bool>(), true);
    command.push_back("--no-radial-tables");
    const EngineCall exact = callEngine(command);
    VERIFY_CODE(exact, 0);
    const Json slow = exact.json();
    QCOMPARE(slow["radial_tables"].get<bool>(), false);
    QVERIFY(slow["operations_per_step"].get<double>() > answer["operations_per_step"].get<double>());
}

QTEST_APPLESS_MAIN(TestCliModels)
#include "tst_cli_models.moc"
