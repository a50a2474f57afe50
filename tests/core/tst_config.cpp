#include "base/files.h"
#include "run/config.h"
#include "support/sentence.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;

static Json smallest()
{
    return {{"model", "m.nqx"}, {"data", {{"train", {"a.extxyz"}}}}};
}

/// smallest() with one value put at a path of keys.
static Json with(std::vector<std::string> path, Json value)
{
    Json json = smallest();
    Json* place = &json;
    for (const std::string& key : path)
        place = &(*place)[key];
    *place = std::move(value);
    return json;
}

class TestConfig : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

private Q_SLOTS:
    void defaultsAreThoseOfTheSpecification()
    {
        const RunConfig config = runConfigFromJson(smallest());
        QCOMPARE(config.data.train, std::vector<std::string>{"a.extxyz"});
        QCOMPARE(config.data.validationFraction, 0.1);
        QCOMPARE(config.targets.forces, 10.0);
        QCOMPARE(config.blocks.preset, std::string("linear"));
        QCOMPARE(config.method.kind, std::string("sparse"));
        QCOMPARE(thresholdDecay(config.method), 0.01);
        QCOMPARE(thresholdLearningRate(config), 1e-2);
        QCOMPARE(config.checkpointEverySeconds, 300.0);
        QCOMPARE(config.maxEdges, std::size_t{20000});
    }

    void theExampleOfTheSpecificationReads()
    {
        const Json json = parseJson(R"({
            "model": "nequix-mp-1.nqx",
            "data": { "train": ["a.extxyz"], "validation": 0.1, "test": ["t.extxyz"], "split_seed": 0,
                      "keys": { "energy": "REF_energy", "forces": "REF_forces", "stress": "REF_stress",
                                "moments": "magmoms" } },
            "targets": { "energy": 1, "forces": 10, "stress": 0, "moments": 0 },
            "loss": { "kind": "huber", "delta": 0.01, "energy_per_atom": true },
            "reference_energies": "estimate",
            "blocks": { "select": ["*/linear_1", "*/linear_2", "readout"], "exclude": [] },
            "method": { "kind": "sparse", "preset": "L", "target_fraction": null, "per_path_threshold": false },
            "magnetism": { "head": "none" },
            "optimiser": { "kind": "schedule-free-adamw", "learning_rate": 1e-3, "ema": 0 },
            "replay": null,
            "epochs": 50, "batch": { "max_edges": 20000 }, "early_stopping": 10,
            "seed": 1, "device": "auto", "dtype": "float32", "checkpoint_every": "5 min"
        })",
                                    "example");
        const RunConfig config = runConfigFromJson(json, "/data/run");
        QCOMPARE(config.model, std::string("/data/run/nequix-mp-1.nqx"));
        QCOMPARE(config.data.test.front(), std::string("/data/run/t.extxyz"));
        QCOMPARE(config.data.keys.moments, std::string("magmoms"));
        QVERIFY(config.blocks.preset.empty());
        QCOMPARE(config.blocks.select.size(), std::size_t{3});
    }

    void everyValueSurvivesTheRoundTrip()
    {
        RunConfig config;
        config.model = "/m.nqx";
        config.head = "PBE";
        config.data.train = {"/a.extxyz", "/b.extxyz"};
        config.data.test = {"/t.extxyz"};
        config.data.validationFiles = {"/v.extxyz"};
        config.data.splitSeed = 18446744073709551615ull;
        config.data.keys = {"E", "F", "S", "V", "M", "H"};
        config.data.maxTrain = 12;
        config.data.maxValidation = 6;
        config.data.maxTest = 5;
        config.data.weightKey = "w";
        config.data.groupWeights = {{"config_type=slab", 2.5}};
        config.data.magneticForceFactor = -1.25;
        config.targets = {0.1, 1.0 / 3.0, 2, 3, 0, true};
        config.loss = {"mse", 0.3, false};
        config.referenceEnergies = "isolated";
        config.isolatedEnergies = {{"Fe", -3.2}, {"O", -1.0 / 7.0}};
        config.blocks = {"l=1", {"readout"}, {"layer_0"}};
        config.method = {"dense", "H", 0.05, true, 0.003, 2e-3, 0.07, 5e-2, 1e-7, 0.3, 4, 8};
        config.magneticHead = "magnitude";
        config.headLearningRate = 2e-2;
        config.optimiser = {"adamw", 5e-3, 0.999, 3, 0, 1e-4, "plateau", 0.1, 3, 2};
        config.replay = ReplayConfig{7, 0.5, {"Fe"}, {"/r.extxyz"}, 5};
        config.forgettingFrames = 3;
        config.epochs = 7;
        config.maxEdges = 123;
        config.maxFrames = 4;
        config.earlyStopping = 0;
        config.seed = 99;
        config.device = "cuda:1";
        config.dtype = "float64";
        config.radialTables = false;
        config.checkpointEverySeconds = 12.5;
        const Json json = toJson(config);
        const RunConfig again = runConfigFromJson(Json::parse(json.dump()));
        QCOMPARE(QString::fromStdString(toJson(again).dump()), QString::fromStdString(json.dump()));
        QCOMPARE(again.data.splitSeed, config.data.splitSeed);
        QCOMPARE(again.targets.forces, config.targets.forces);
        QCOMPARE(again.isolatedEnergies.at("O"), -1.0 / 7.0);
        QCOMPARE(again.method.targetFraction, config.method.targetFraction);
        QCOMPARE(again.checkpointEverySeconds, 12.5);
        QCOMPARE(again.replay->files, config.replay->files);
        // Nothing is at its default, so a forgotten key would show: every leaf differs from the default's.
        const Json plain = toJson(runConfigFromJson(smallest())).flatten();
        const Json full = json.flatten();
        for (const auto& [key, value] : full.items())
            QVERIFY2(key == "/schema" || key == "/targets/magnetic_forces" || !plain.contains(key) ||
                         plain[key] != value,
                     key.c_str());
        // Magnetic forces exclude moments as a target.
        config.magneticHead = "spin-energy";
        config.targets = {1, 10, 0, 0, 2.5, true};
        QCOMPARE(runConfigFromJson(toJson(config)).targets.magneticForces, 2.5);
        QVERIFY(runConfigFromJson(toJson(config)).targets.perpendicular);
    }

    void defaultsAreFilledIn()
    {
        Json json = toJson(runConfigFromJson(with({"method", "preset"}, "H")));
        QCOMPARE(json["method"]["threshold_decay"].get<double>(), 0.3);
        QCOMPARE(json["method"]["threshold_learning_rate"].get<double>(), 1e-2);
        QCOMPARE(json["checkpoint_every"].get<std::string>(), std::string("5 min"));
        const Json l1 = toJson(runConfigFromJson(with({"method", "kind"}, "l1")));
        QCOMPARE(l1["optimiser"]["kind"].get<std::string>(), std::string("adamw"));
        const RunConfig lowRank = runConfigFromJson(with({"method", "kind"}, "low-rank"));
        QCOMPARE(lowRank.optimiser.learningRate, 1e-3);
        QCOMPARE(lowRank.optimiser.ema, 0.99);
        const RunConfig full = runConfigFromJson(with({"method", "kind"}, "full"));
        QCOMPARE(full.optimiser.kind, std::string("adamw"));
        QCOMPARE(full.optimiser.learningRate, 5e-4);
        for (const auto& [kind, rate] :
             {std::pair{"sparse", 1e-2}, {"l1", 3e-3}, {"dense", 3e-3}, {"readout", 1e-3}})
            QCOMPARE(runConfigFromJson(with({"method", "kind"}, kind)).optimiser.learningRate, rate);
        QCOMPARE(full.optimiser.ema, 0.999);
        Json free = with({"method", "kind"}, "full"); // the average belongs to adamw
        free["optimiser"] = {{"kind", "schedule-free-adamw"}};
        QCOMPARE(runConfigFromJson(free).optimiser.ema, 0.0);
        Json held = with({"data", "test"}, 0.2);
        QCOMPARE(runConfigFromJson(held).data.testFraction, 0.2);
        QCOMPARE(toJson(runConfigFromJson(held))["data"]["test"].get<double>(), 0.2);
        const RunConfig replay = runConfigFromJson(with({"replay"}, Json::object()));
        QCOMPARE(replay.replay->frames, std::size_t{64});
        QVERIFY(!runConfigFromJson(smallest()).replay);
        json["provenance"] = {{"host", "h"}, {"seed", 1}}; // what an engine adds to run.json
        QCOMPARE(runConfigFromJson(json).method.thresholdDecay.value_or(0), 0.3);
    }

    void unknownKeysNameTheNearest_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const Json& json, const char* expected) {
            QTest::newRow(name) << QString::fromStdString(json.dump()) << expected;
        };
        row("top", with({"epoch"}, 3), "'epoch' is not known; the nearest known key is 'epochs'");
        row("nested", with({"optimiser", "leaning_rate"}, 1e-3),
            "'optimiser.leaning_rate' is not known; the nearest known key is 'optimiser.learning_rate'");
        row("keys", with({"data", "keys", "force"}, "F"), "nearest known key is 'data.keys.forces'");
        row("spelling", with({"optimizer"}, Json::object()), "nearest known key is 'optimiser'");
        row("nothing near", with({"batch", "quite_another_thing"}, 1),
            "known here are max_edges, max_frames");
    }
    void unknownKeysNameTheNearest()
    {
        QFETCH(QString, json);
        QFETCH(QString, expected);
        const auto read = [&] { runConfigFromJson(parseJson(json.toStdString(), "test")); };
        QVERIFY2(sentence(read).contains(expected), qPrintable(sentence(read)));
        QCOMPARE(exitCodeOf(read), 1);
    }

    void badValuesGetASentence_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const Json& json, const char* expected) {
            QTest::newRow(name) << QString::fromStdString(json.dump()) << expected;
        };
        row("epochs 0", with({"epochs"}, 0), "epochs is 0, but it must be a whole number of at least 1");
        row("epochs half", with({"epochs"}, 2.5), "epochs is 2.5");
        row("epochs negative", with({"epochs"}, -3), "epochs is -3");
        row("epochs huge", with({"epochs"}, 3000000000LL), "epochs is 3000000000");
        row("epochs text", with({"epochs"}, "many"), "epochs is \"many\"");
        row("seed", with({"seed"}, -1), "seed is -1");
        row("rate", with({"optimiser", "learning_rate"}, 0), "optimiser.learning_rate is 0");
        row("rate text", with({"optimiser", "learning_rate"}, "1e-3"), "must be a number above 0");
        row("fraction", with({"method", "target_fraction"}, 1.5), "method.target_fraction is 1.5");
        row("validation", with({"data", "validation"}, 0.95), "data.validation is 0.95");
        row("test", with({"data", "test"}, -0.1), "data.test is -0.1");
        row("method", with({"method", "kind"}, "sparsee"),
            "one of sparse, l1, low-rank, dense, full, readout");
        row("rank", with({"method", "rank"}, 0), "method.rank is 0");
        row("schedule", with({"optimiser", "schedule"}, "cosine"),
            "optimiser.schedule needs optimiser.kind adamw");
        row("group", with({"data", "group_weights"}, {{"slab", 2}}), "\"config_type=slab\"");
        row("group weight", with({"data", "group_weights"}, {{"a=b", -2}}), "numbers of at least 0");
        Json averaged = with({"method", "kind"}, "l1");
        averaged["optimiser"] = {{"kind", "schedule-free-adamw"}};
        row("l1 with averages", averaged, "an average of sparse deltas is not sparse");
        averaged["optimiser"] = {{"ema", 0.99}};
        row("l1 with a moving average", averaged, "optimiser.ema 0");
        row("replay", with({"replay"}, 7), "replay must be an object");
        row("replayed element", with({"replay", "elements"}, "Qq"), "'Qq', which is no element");
        Json noPart = with({"replay"}, Json::object());
        noPart["targets"] = {{"energy", 0}, {"forces", 0}, {"moments", 1}};
        noPart["magnetism"] = {{"head", "magnitude"}};
        row("replay of nothing", noPart, "replay repeats");
        row("head", with({"magnetism", "head"}, "vectors"), "one of none, magnitude, vector, spin-energy");
        row("vector", with({"magnetism", "head"}, "vector"), "targets.moments is 0");
        row("magnetic forces", with({"targets", "magnetic_forces"}, 1), "only the head spin-energy gives");
        row("part", with({"targets", "magnetic_forces_part"}, "across"), "one of full, perpendicular");
        row("factor", with({"data", "magnetic_force_factor"}, 0), "no label would be left");
        Json spins = with({"magnetism", "head"}, "spin-energy");
        spins["targets"] = {{"energy", 0}, {"forces", 1}};
        row("spin-energy", spins, "targets.energy and targets.magnetic_forces are 0");
        spins["targets"] = {{"energy", 1}, {"moments", 1}};
        row("given moments", spins, "the moments are given");
        row("device", with({"device"}, "gpu"), "cuda:N");
        row("device number", with({"device"}, "cuda:x"), "cuda:N");
        row("duration", with({"checkpoint_every"}, "5 minutes"), "\"5 min\"");
        row("duration 0", with({"checkpoint_every"}, 0), "checkpoint_every is 0");
        row("section", with({"batch"}, 7), "batch must be an object");
        row("flag", with({"loss", "energy_per_atom"}, 1), "true or false");
        row("ema", with({"optimiser", "ema"}, 0.99), "optimiser.ema needs optimiser.kind adamw");
        row("targets", with({"targets"}, {{"energy", 0}, {"forces", 0}}), "nothing to train on");
        row("moments", with({"targets", "moments"}, 1), "set the head to magnitude");
        row("isolated", with({"reference_energies"}, "isolated"), "isolated_energies must give");
        row("element", with({"isolated_energies"}, {{"Qq", 1}}), "'Qq', which is no element");
        row("train", with({"data", "train"}, Json::array()), "data.train is missing");
        row("train list", with({"data", "train"}, {1, 2}), "a text or a list of texts");
        row("model", {{"data", {{"train", "a"}}}}, "model is missing");
        row("preset", with({"blocks", "preset"}, "linaer"), "one of linear");
    }
    void badValuesGetASentence()
    {
        QFETCH(QString, json);
        QFETCH(QString, expected);
        const auto read = [&] { runConfigFromJson(parseJson(json.toStdString(), "test")); };
        QVERIFY2(sentence(read).contains(expected), qPrintable(sentence(read)));
        QCOMPARE(exitCodeOf(read), 1);
    }

    void durations_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<double>("seconds");
        QTest::newRow("minutes") << "\"5 min\"" << 300.0;
        QTest::newRow("seconds") << "\"30 s\"" << 30.0;
        QTest::newRow("hours") << "\"1.5 h\"" << 5400.0;
        QTest::newRow("number") << "90" << 90.0;
    }
    void durations()
    {
        QFETCH(QString, json);
        QFETCH(double, seconds);
        QCOMPARE(runConfigFromJson(with({"checkpoint_every"}, Json::parse(json.toStdString())))
                     .checkpointEverySeconds,
                 seconds);
    }

    void overrides()
    {
        const std::filesystem::path path = m_folder.filePath("c.json").toStdString();
        writeFileAtomically(path, smallest().dump());
        const RunConfig config = readRunConfig(
            path, {"optimiser.learning_rate=5e-3", "device=cpu", "blocks={\"select\":[\"readout\"]}",
                   "data.max_train=12", "method.target_fraction=0.05", "reference_energies=keep"});
        QCOMPARE(config.optimiser.learningRate, 5e-3);
        QCOMPARE(config.device, std::string("cpu"));
        QCOMPARE(config.blocks.select, std::vector<std::string>{"readout"});
        QCOMPARE(config.data.maxTrain, std::size_t{12});
        QCOMPARE(config.method.targetFraction.value_or(0), 0.05);
        QCOMPARE(config.model, m_folder.filePath("m.nqx").toStdString());
        const QString misspelt = sentence([&] { readRunConfig(path, {"optimiser.leaning_rate=1"}); });
        QVERIFY2(misspelt.startsWith(QString::fromStdString(path.string())), qPrintable(misspelt));
        QVERIFY(misspelt.contains("optimiser.learning_rate"));
        QCOMPARE(exitCodeOf([&] { readRunConfig(path, {"epochs"}); }), 2);
        QCOMPARE(exitCodeOf([&] { readRunConfig(path, {"model.x=1"}); }), 2);
        QCOMPARE(exitCodeOf([&] { readRunConfig(path, {"a..b=1"}); }), 2);
        writeFileAtomically(path, "[1]");
        QVERIFY(sentence([&] { readRunConfig(path); }).contains("one JSON object"));
    }
};

QTEST_APPLESS_MAIN(TestConfig)
#include "tst_config.moc"
