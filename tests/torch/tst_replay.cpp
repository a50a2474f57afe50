#include "base/files.h"
#include "finetune/base_frames.h"
#include "finetune/run_data.h"
#include "finetune/trainer.h"
#include "support/tiny_nequix.h"
#include "weights/model_numbers.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <set>
#include <torch/torch.h>

using namespace lodestone;

// What the base model adds to a run (replay, forgetting), weights of frames, schedules of the learning rate.

namespace {

struct Folder {
    QTemporaryDir folder;
    std::filesystem::path path() const { return folder.path().toStdString(); }
    RunConfig config()
    {
        RunConfig config;
        config.model = writeTinyNequix(path()).string();
        const auto data = path() / "data.extxyz";
        writeTinyData(data, 16, 7);
        config.data.train = {data.string()};
        config.data.validationFraction = 0.25;
        config.method.kind = "dense";
        config.optimiser.learningRate = 0.02;
        config.optimiser.warmupSteps = 2;
        config.maxFrames = 6;
        config.epochs = 15;
        config.earlyStopping = 0;
        config.device = "cpu";
        return config;
    }
    Json run(const RunConfig& config, const std::string& name)
    {
        const RunPaths paths{path() / name};
        runFinetune(config, paths, false);
        return readJsonFile(paths.metrics());
    }
    std::vector<Json> events(const std::string& name) const
    {
        return EventReader(RunPaths{path() / name}.events()).poll(std::size_t{64} << 20).events;
    }
};

double mae(const Json& metrics, const char* quantity)
{
    return metrics.at("forgetting").at(quantity).at("mae").get<double>();
}

} // namespace

class TestReplay : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void crystalsAreTheBaseModels()
    {
        Folder folder;
        const LoadedModel model = openModel(folder.config().model);
        const Computation how{.dtype = torch::kFloat64};
        const ParameterTable base = preparedTable(model, how);
        EdgeBudget budget(20000, [](const std::string&) {});
        const Evaluator evaluator{model.model.get(), how.device, how.dtype, &budget, 0, {}};
        const auto make = [&](std::uint64_t seed) {
            return baseCrystals(evaluator, base, {.energy = true, .stress = true},
                                {.elements = {8, 26}, .avoid = {}, .count = 9, .seed = seed});
        };
        const std::vector<Frame> frames = make(3);
        QCOMPARE(frames.size(), std::size_t(9));
        QCOMPARE(make(3)[4].structure.positions, frames[4].structure.positions);
        QVERIFY(make(4)[4].structure.positions != frames[4].structure.positions);
        for (const Frame& frame : frames) {
            const GraphBatch batch = makeGraphBatch({&frame.structure}, model.description().elements,
                                                    model.description().cutoff, torch::kFloat64);
            const Prediction p = predict(*model.model, base, batch);
            QVERIFY(std::abs(p.energy[0].item<double>() - *frame.energy) < 1e-10);
            for (std::int64_t a = 0; a < batch.atoms; ++a)
                for (std::int64_t k = 0; k < 3; ++k)
                    QVERIFY(std::abs(p.forces[a][k].item<double>() -
                                     frame.forces[std::size_t(a)][std::size_t(k)]) < 1e-10);
            QVERIFY(std::abs(p.stress[0][0][1].item<double>() - (*frame.stress)[0][1]) < 1e-12);
        }
    }

    void replayForgetsLess()
    {
        Folder folder;
        RunConfig config = folder.config();
        const Json plain = folder.run(config, "plain");
        QCOMPARE(plain.at("forgetting").at("frames").get<int>(), 32);
        QVERIFY(mae(plain, "energy") > 0 && mae(plain, "forces") > 0);
        config.replay = ReplayConfig{.frames = 24, .weight = 10, .elements = {}, .files = {}};
        const Json replayed = folder.run(config, "replayed");
        QVERIFY2(mae(replayed, "energy") < 0.7 * mae(plain, "energy"),
                 qPrintable(QString("%1, %2").arg(mae(replayed, "energy")).arg(mae(plain, "energy"))));
        QVERIFY2(mae(replayed, "forces") < 0.9 * mae(plain, "forces"),
                 qPrintable(QString("%1, %2").arg(mae(replayed, "forces")).arg(mae(plain, "forces"))));
        const Json started = folder.events("replayed").front();
        QCOMPARE(started.at("frames").at("train").get<int>(), 12);
        QCOMPARE(started.at("frames").at("replay").get<int>(), 24);
        QCOMPARE(started.at("steps_per_epoch").get<int>(), 6);
        // Their own frames do not count as training data in what is shown.
        config.forgettingFrames = 0;
        config.epochs = 1;
        QVERIFY(folder.run(config, "unmeasured").at("forgetting").is_null());
    }

    void replayOfFilesAndUnknownElements()
    {
        Folder folder;
        RunConfig config = folder.config();
        config.epochs = 1;
        const auto own = folder.path() / "own.extxyz";
        writeTinyData(own, 5, 11);
        config.replay = ReplayConfig{.elements = {}, .files = {own.string()}};
        folder.run(config, "files");
        QCOMPARE(folder.events("files").front().at("frames").at("replay").get<int>(), 5);
        config.replay = ReplayConfig{.elements = {"Cu"}, .files = {}};
        try {
            folder.run(config, "copper");
            QFAIL("copper is unknown");
        } catch (const Error& e) {
            QVERIFY2(std::string(e.what()).find("names Cu, which the model does not know") !=
                         std::string::npos,
                     e.what());
        }
    }

    void aResumedRunReplaysTheSame()
    {
        Folder folder;
        RunConfig config = folder.config();
        config.epochs = 4;
        config.replay = ReplayConfig{.frames = 6, .elements = {}, .files = {}};
        const Json whole = folder.run(config, "whole");
        const RunPaths paths{folder.path() / "parts"};
        std::stop_source gentle;
        const auto stopLater = [&](const RunProgress& progress) {
            if (progress.step >= 5)
                gentle.request_stop();
        };
        QCOMPARE(runFinetune(config, paths, false, {gentle.get_token(), {}}, stopLater), RunOutcome::Stopped);
        QCOMPARE(runFinetune(config, paths, true), RunOutcome::Finished);
        const Json parts = readJsonFile(paths.metrics());
        QCOMPARE(parts.at("splits"), whole.at("splits"));
        QCOMPARE(parts.at("forgetting"), whole.at("forgetting"));
    }

    void weightsOfFramesAndGroups()
    {
        Folder folder;
        const auto file = folder.path() / "weights.extxyz";
        std::ofstream(file)
            << "2\nProperties=species:S:1:pos:R:3 energy=-1 config_type=slab config_weight=3\n"
               "Fe 0 0 0\nO 0 0 1.8\n"
               "2\nProperties=species:S:1:pos:R:3 energy=-2 config_type=bulk\n"
               "Fe 0 0 0\nO 0 0 1.9\n";
        RunConfig config = folder.config();
        config.data.train = {file.string()};
        config.data.validationFraction = 0;
        config.targets = {1, 0, 0, 0};
        config.data.groupWeights = {{"config_type=slab", 0.5}, {"config_type=wire", 2}};
        const LoadedModel model = openModel(config.model);
        const RunData data = loadRunData(config, model.description(), torch::kFloat32, {});
        QCOMPARE(data.sets.front()->frames[0].weight, 1.5);
        QCOMPARE(data.sets.front()->frames[1].weight, 1.0);
        QVERIFY(std::any_of(data.messages.begin(), data.messages.end(), [](const RunMessage& message) {
            return message.text.find("config_type=wire") != std::string::npos;
        }));
        config.data.weightKey = "config_type";
        QVERIFY_EXCEPTION_THROWN(loadRunData(config, model.description(), torch::kFloat32, {}), Error);
    }

    void testFramesAreSplitOffFirst()
    {
        Folder folder;
        RunConfig config = folder.config();
        const LoadedModel model = openModel(config.model);
        const auto load = [&] { return loadRunData(config, model.description(), torch::kFloat32, {}); };
        const auto before = load().validation.index;
        config.data.testFraction = 0.25;
        const RunData data = load();
        QCOMPARE(data.test.size(), std::size_t(4));
        QCOMPARE(data.validation.size(), std::size_t(3));
        QCOMPARE(data.training.size(), std::size_t(9));
        std::set<std::int64_t> all;
        for (const RunSplit* split : {&data.training, &data.validation, &data.test})
            all.insert(split->index.begin(), split->index.end());
        QCOMPARE(all.size(), std::size_t(16)); // no frame twice
        config.data.maxTest = 2;
        QCOMPARE(load().test.size(), std::size_t(2));
        config.data.testFraction = 0;
        QCOMPARE(load().validation.index, before);
    }

    void schedules()
    {
        Folder folder;
        RunConfig config = folder.config();
        config.optimiser.kind = "adamw";
        config.optimiser.schedule = "cosine";
        config.optimiser.finalRate = 0.1;
        config.optimiser.warmupSteps = 0;
        config.epochs = 10;
        folder.run(config, "cosine");
        double last = 1;
        for (const Json& e : folder.events("cosine"))
            if (e.at("kind") == "step") {
                QVERIFY(e.at("learning_rate").get<double>() <= last);
                last = e.at("learning_rate").get<double>();
            }
        QVERIFY(std::abs(last - 0.1 * config.optimiser.learningRate) < 1e-12);

        config.optimiser.schedule = "plateau";
        config.optimiser.learningRate = 1; // so high that the validation error rises
        config.optimiser.plateauEpochs = 2;
        folder.run(config, "plateau");
        const auto events = folder.events("plateau");
        const bool said = std::any_of(events.begin(), events.end(), [](const Json& e) {
            return e.at("kind") == "message" &&
                   e.at("text").get<std::string>().find("the learning rate goes down to 0.5") !=
                       std::string::npos;
        });
        QVERIFY(said);
    }
};

QTEST_GUILESS_MAIN(TestReplay)
#include "tst_replay.moc"
