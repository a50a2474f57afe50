#include "base/error.h"
#include "run/sweep.h"

#include <QtTest/QtTest>
#include <cmath>
#include <set>

using namespace lodestone;

namespace {

Json metrics(double loss, double changed, double forces)
{
    return {{"validation_loss", loss},
            {"changed_of_model", changed},
            {"seconds", 3.0},
            {"splits", {{"test", {{"base", Json::object()}, {"tuned", {{"forces", {{"mae", forces}}}}}}}}},
            {"forgetting", {{"energy", {{"mae", 2 * forces}}}, {"frames", 4}}}};
}

} // namespace

class TestSweep : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void allCombinations()
    {
        QCOMPARE(sweepSettings({}).size(), std::size_t{1});
        QVERIFY(sweepSettings({}).front().overrides.empty());
        const auto settings =
            sweepSettings({"method.lambda=0.1,1", "blocks.select=[\"a\",\"b\"],[\"c\"]", "seed=3"});
        QCOMPARE(settings.size(), std::size_t{4});
        QCOMPARE(settings[1].overrides[1], std::string("blocks.select=[\"c\"]"));
        QCOMPARE(settings[2].name, std::string("lambda=1,select=[\"a\",\"b\"],seed=3"));
        // Names of folders: harmless characters, no two alike.
        std::set<std::string> names;
        for (const SweepSetting& setting : settings) {
            const std::string name = runFolderName(setting, 3);
            QVERIFY(name.find_first_of("/\\\" []{}") == std::string::npos);
            names.insert(name);
        }
        QCOMPARE(names.size(), std::size_t{4});
        QCOMPARE(runFolderName(sweepSettings({"method.lambda=0.1"}).front(), 7),
                 std::string("lambda=0.1_seed_7"));
        QCOMPARE(runFolderName({}, 7), std::string("seed_7"));
        QVERIFY(runFolderName({std::string(1000, 'x'), {"x"}}, 1).size() < 200);
    }

    void badTextIsAUsageError_data()
    {
        QTest::addColumn<QString>("vary");
        for (const char* text : {"", "epochs", "=3", "epochs=", "epochs=1,,2"})
            QTest::newRow(text) << text;
        QTest::newRow("too many") << "epochs=1" + QString(",1").repeated(10000);
    }
    void badTextIsAUsageError()
    {
        QFETCH(QString, vary);
        QVERIFY_EXCEPTION_THROWN(sweepSettings({vary.toStdString()}), UsageError);
    }

    void damagedResultsHaveNoValues()
    {
        for (const char* text :
             {"7", "[]", R"({"splits": 3, "forgetting": [1], "seconds": "many"})",
              R"({"splits": {"test": []}})", R"({"splits": {"test": {"tuned": [{"mae": 1}]}}})",
              R"({"splits": [{"tuned": {"forces": {"mae": 1}}}]})"}) {
            const std::vector<SweepSetting> settings = sweepSettings({});
            const Json summary = summariseSweep(settings, {{0, 1, "a", parseJson(text, "metrics.json"), {}}});
            QVERIFY2(summary["settings"][0]["values"].empty(), text);
            QVERIFY(sweepTable(summary).find("1 seed") != std::string::npos);
        }
    }

    void seeds()
    {
        QCOMPARE(parseSeeds("1,5-7,6,2"), (std::vector<std::uint64_t>{1, 5, 6, 7, 2}));
        for (const char* text : {"", "a", "3-1", "-1", "1,", "1-5000"})
            QVERIFY_EXCEPTION_THROWN(parseSeeds(text), UsageError);
        QVERIFY_EXCEPTION_THROWN(sweepSettings({"epochs=1", "epochs=2"}), UsageError);
    }

    void meanSpreadAndParetoFront()
    {
        const auto settings = sweepSettings({"method.target_fraction=0.01,0.05,0.1,0.2"});
        std::vector<SweepRun> runs = {
            {0, 1, "a", metrics(3, 0.01, 0.3), {}},
            {0, 2, "b", metrics(5, 0.01, 0.5), {}},
            {1, 1, "c", metrics(2, 0.05, 0.2), {}},
            {2, 1, "d", metrics(2.5, 0.1, 0.25), {}}, // beaten by 0.05
            {2, 2, "e", nullptr, "it became NaN"},
            {3, 1, "f", nullptr, {}},
        };
        const Json summary = summariseSweep(settings, runs);
        const Json& first = summary["settings"][0];
        QCOMPARE(first["values"]["test forces"]["mean"].get<double>(), 0.4);
        QVERIFY(std::abs(first["values"]["test forces"]["spread"].get<double>() - std::sqrt(0.02)) < 1e-15);
        QCOMPARE(first["values"]["forgetting energy"]["mean"].get<double>(), 0.8);
        QVERIFY(!first["values"].contains("forgetting frames"));
        QVERIFY(summary["settings"][1]["values"]["seconds"]["spread"].is_null());
        const auto flags = [&summary](const char* key) {
            std::vector<bool> result;
            for (const Json& setting : summary["settings"])
                result.push_back(setting[key].get<bool>());
            return result;
        };
        QCOMPARE(flags("pareto"), (std::vector<bool>{true, true, false, false}));
        QCOMPARE(flags("best"), (std::vector<bool>{false, true, false, false}));
        QCOMPARE(summary["runs"][4]["error"].get<std::string>(), std::string("it became NaN"));
        QVERIFY(!summary["runs"][5]["finished"].get<bool>());
        // Further seeds of the best one do not change which it is, however bad they are.
        runs.push_back({1, 2, "g", metrics(9, 0.05, 0.9), {}});
        const Json later = summariseSweep(settings, runs);
        QVERIFY(later["settings"][1]["best"].get<bool>());
        QVERIFY(later["settings"][1]["pareto"].get<bool>());
        QCOMPARE(later["settings"][1]["values"]["validation_loss"]["mean"].get<double>(), 5.5);
        const std::string table = sweepTable(summary);
        QVERIFY(table.find("target_fraction=0.05  (1 seed)  lowest validation loss  on the Pareto front") !=
                std::string::npos);
        QVERIFY(table.find("e failed: it became NaN") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestSweep)
#include "tst_sweep.moc"
