#include "base/files.h"
#include "finetune/batches.h"
#include "finetune/magnetic_head.h"
#include "finetune/run_data.h"
#include "finetune/trainer.h"
#include "storage/hdf5_reader.h"
#include "support/tiny_mace.h"
#include "support/tiny_nequix.h"
#include "weights/delta_file.h"
#include "weights/model_numbers.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <thread>
#include <torch/torch.h>

using namespace lodestone;

namespace {

struct Folder {
    QTemporaryDir folder;
    std::filesystem::path path() const { return folder.path().toStdString(); }
    RunConfig config(const std::string& method = "sparse")
    {
        RunConfig config;
        config.model = writeTinyNequix(path()).string();
        const auto data = path() / "data.extxyz";
        writeTinyData(data, 24, 7);
        config.data.train = {data.string()};
        config.data.validationFraction = 0.25;
        config.method.kind = method;
        config.optimiser.learningRate = 5e-3;
        config.optimiser.warmupSteps = 2;
        config.maxFrames = 6;
        config.epochs = 4;
        config.device = "cpu";
        return config;
    }
    RunPaths run(const std::string& name = "run") const { return {path() / name}; }
};

std::vector<Json> eventsOf(const RunPaths& paths)
{
    return EventReader(paths.events()).poll(std::size_t{64} << 20).events;
}

std::vector<Json> ofKind(const std::vector<Json>& events, const std::string& kind)
{
    std::vector<Json> result;
    for (const Json& e : events)
        if (e.at("kind") == kind)
            result.push_back(e);
    return result;
}

std::string messageOf(const RunConfig& config, const RunPaths& paths)
{
    try {
        runFinetune(config, paths, false);
    } catch (const Error& e) {
        return e.what();
    }
    return {};
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class TestTrainer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void eventsAndResultsAgree();
    void targetFractionLands();
    void methodsLearn_data();
    void methodsLearn();
    void momentsAloneTrainTheHead();
    void holesInLabelsAreTolerated();
    void deltaGivesTheTrainedModel();
    void tablesForTheElementsOfTheData();
    void stopsGentlyAndAtOnce();
    void commandsAreObeyed();
    void badInputIsASentence();
    void tooHighALearningRateIsASentence();
    void batchesKeepTheBudget();
};

void TestTrainer::eventsAndResultsAgree()
{
    Folder folder;
    RunConfig config = folder.config();
    config.magneticHead = "magnitude";
    config.targets.moments = 1;
    const RunPaths paths = folder.run();
    int calls = 0;
    QCOMPARE(runFinetune(config, paths, false, {}, [&](const RunProgress&) { ++calls; }),
             RunOutcome::Finished);
    QVERIFY(calls > 0);

    const auto events = eventsOf(paths);
    QCOMPARE(events.front().at("kind"), Json("started"));
    QCOMPARE(events.back().at("kind"), Json("finished"));
    for (std::size_t i = 1; i < events.size(); ++i)
        QCOMPARE(events[i].at("seq").get<int>(), events[i - 1].at("seq").get<int>() + 1);
    const Json& started = events.front();
    QCOMPARE(started.at("frames").at("train").get<int>(), 18);
    QCOMPARE(started.at("frames").at("validation").get<int>(), 6);
    QCOMPARE(started.at("steps_per_epoch").get<int>(), 3);
    QCOMPARE(started.at("steps").get<int>(), 12);
    QVERIFY(ofKind(events, "step").size() >= 4);
    QCOMPARE(ofKind(events, "step").back().at("step").get<int>(), 12);
    for (const char* part : {"total", "energy", "forces", "moments"})
        QVERIFY(ofKind(events, "step").back().at("loss").contains(part));
    QVERIFY(!ofKind(events, "step").back().at("loss").contains("stress"));

    // Step 0, one an epoch, the result.
    const auto evaluations = ofKind(events, "evaluation");
    QCOMPARE(evaluations.size(), std::size_t(6));
    QCOMPARE(evaluations.front().at("step").get<int>(), 0);
    const Json metrics = readJsonFile(paths.metrics());
    QCOMPARE(metrics.at("splits"), evaluations.back().at("splits"));
    const Json& validation = metrics.at("splits").at("validation");
    for (const char* name : {"energy", "forces", "moments", "moments:magnetic", "moments:Fe", "moments:O"}) {
        QVERIFY2(validation.at("base").contains(name), name);
        QVERIFY2(validation.at("tuned").contains(name), name);
    }
    // The new head starts at the baseline.
    const Json& first = evaluations.front().at("splits").at("validation");
    QVERIFY(std::abs(first.at("tuned").at("moments").at("mae").get<double>() -
                     first.at("base").at("moments").at("mae").get<double>()) < 1e-3);

    // Counts recounted from the delta file.
    const DeltaFile delta = readDelta(paths.delta());
    const Json record = ofKind(events, "sparsity").back().at("record");
    std::int64_t changed = 0;
    for (std::size_t i = 0; i < delta.tensors.size(); ++i) {
        changed += static_cast<std::int64_t>(delta.tensors[i].values.size());
        QCOMPARE(record.at("tensors").at(i).at("changed").get<std::int64_t>(),
                 static_cast<std::int64_t>(delta.tensors[i].values.size()));
    }
    QVERIFY(changed > 0);
    QCOMPARE(record.at("changed").get<std::int64_t>(), changed);
    QCOMPARE(metrics.at("changed").get<std::int64_t>(), changed);
    QCOMPARE(delta.head, std::string("magnitude"));

    // predictions.h5 repeats the metrics.
    const auto file = Hdf5Reader::open(paths.predictions());
    const auto label = file.readReals("/validation/forces_label");
    const auto tuned = file.readReals("/validation/forces_tuned");
    QCOMPARE(label.size(), tuned.size());
    double sum = 0;
    for (std::size_t i = 0; i < label.size(); ++i)
        sum += std::abs(label[i] - tuned[i]);
    const double mae = validation.at("tuned").at("forces").at("mae").get<double>();
    QVERIFY(std::abs(sum / static_cast<double>(label.size()) - mae) < 1e-12);
    QCOMPARE(file.shape("/train/frame_index"), std::vector<std::int64_t>{18});
    QVERIFY(file.has("/validation/moments_base"));

    // run.json is a configuration that can be run again.
    const RunConfig again = readRunConfig(paths.configuration());
    QCOMPARE(again.epochs, config.epochs);
    QVERIFY(!messageOf(config, paths).empty()); // the folder is taken
}

void TestTrainer::targetFractionLands()
{
    Folder folder;
    RunConfig config = folder.config();
    config.method.targetFraction = 0.05;
    config.method.sigma = 0.003;
    for (const int epochs : {1, 5}) {
        config.epochs = epochs;
        const RunPaths paths = folder.run("run" + std::to_string(epochs));
        runFinetune(config, paths, false);
        const Json metrics = readJsonFile(paths.metrics());
        // The tiny model has a few hundred parameters: to the nearest whole one.
        const double parameters = metrics.at("parameters").get<double>();
        const auto wanted = std::llround(0.05 * parameters);
        QCOMPARE(metrics.at("changed").get<long long>(), wanted);
        const auto steps = ofKind(eventsOf(paths), "step");
        QCOMPARE(std::llround(steps.back().at("changed_of_model").get<double>() * parameters), wanted);
        // "best" does not count before the target is reached.
        for (const Json& e : ofKind(eventsOf(paths), "evaluation"))
            if (e.at("best").get<bool>())
                QVERIFY(2 * e.at("step").get<int>() >= steps.back().at("step").get<int>());
    }
}

void TestTrainer::methodsLearn_data()
{
    QTest::addColumn<QString>("method");
    for (const char* method : {"sparse", "l1", "low-rank", "dense", "full", "readout"})
        QTest::newRow(method) << method;
}

void TestTrainer::methodsLearn()
{
    QFETCH(QString, method);
    Folder folder;
    RunConfig config = folder.config(method.toStdString());
    config.epochs = 60;
    config.earlyStopping = 0;
    config.optimiser.learningRate = method == "full" ? 5e-3 : 0.03;
    if (method == "l1")
        config.optimiser.kind = "adamw"; // as configurations are read
    const RunPaths paths = folder.run();
    runFinetune(config, paths, false);
    const Json validation = readJsonFile(paths.metrics()).at("splits").at("validation");
    const double base = validation.at("base").at("forces").at("mae").get<double>();
    const double tuned = validation.at("tuned").at("forces").at("mae").get<double>();
    QVERIFY2(tuned < 0.95 * base, qPrintable(QString("%1 from %2").arg(tuned).arg(base)));
    if (method == "l1") { // exact zeros, and fewer of them under less pressure
        const auto changed = [](const RunPaths& of) {
            return ofKind(eventsOf(of), "sparsity").back().at("record").at("changed").get<int>();
        };
        const int eligible =
            ofKind(eventsOf(paths), "sparsity").back().at("record").at("eligible").get<int>();
        config.method.lambda = 0.01;
        Folder other;
        const RunPaths weaker = other.run();
        runFinetune(config, weaker, false);
        QVERIFY2(changed(paths) > 0 && changed(paths) < changed(weaker) && changed(weaker) <= eligible,
                 qPrintable(QString("%1, %2 of %3").arg(changed(paths)).arg(changed(weaker)).arg(eligible)));
    }
    // Only the chosen tensors are in the delta.
    const auto model = openModel(config.model);
    std::size_t trainable = 0;
    for (const auto& info : model.description().tensors)
        trainable += info.trainable;
    const std::size_t inDelta = readDelta(paths.delta()).tensors.size();
    if (method == "full")
        QCOMPARE(inDelta, trainable);
    else if (method == "readout")
        QCOMPARE(inDelta, std::size_t(1));
    else
        QVERIFY(inDelta > 1 && inDelta < trainable);
}

void TestTrainer::momentsAloneTrainTheHead()
{
    Folder folder;
    RunConfig config = folder.config();
    config.magneticHead = "magnitude";
    config.targets = {0, 0, 0, 1};
    config.epochs = 30;
    config.earlyStopping = 0;
    const RunPaths paths = folder.run();
    runFinetune(config, paths, false);
    const Json validation = readJsonFile(paths.metrics()).at("splits").at("validation");
    QVERIFY(!validation.at("tuned").contains("energy"));
    QVERIFY(!validation.at("tuned").contains("forces"));
    const double base = validation.at("base").at("moments").at("mae").get<double>();
    const double tuned = validation.at("tuned").at("moments").at("mae").get<double>();
    QVERIFY2(tuned < 0.9 * base, qPrintable(QString("%1 from %2").arg(tuned).arg(base)));
}

void TestTrainer::holesInLabelsAreTolerated()
{
    Folder folder;
    RunConfig config = folder.config();
    writeTinyData(folder.path() / "data.extxyz", 24, 7, true);
    config.magneticHead = "magnitude";
    config.targets.moments = 1;
    config.epochs = 2;
    const RunPaths paths = folder.run();
    runFinetune(config, paths, false);
    const auto file = Hdf5Reader::open(paths.predictions());
    const auto energy = file.readReals("/train/energy_label");
    const auto missing = std::count_if(energy.begin(), energy.end(), [](double e) { return std::isnan(e); });
    QVERIFY(missing > 0 && missing < static_cast<std::ptrdiff_t>(energy.size()));
}

void TestTrainer::deltaGivesTheTrainedModel()
{
    for (const char* dtype : {"float32", "float64"}) {
        Folder folder;
        RunConfig config = folder.config();
        config.dtype = dtype;
        config.magneticHead = "magnitude";
        config.targets.moments = 1;
        const RunPaths paths = folder.run();
        runFinetune(config, paths, false);
        const bool wide = config.dtype == "float64";
        const auto type = wide ? torch::kFloat64 : torch::kFloat32;

        const DeltaFile delta = readDelta(paths.delta());
        const LoadedModel base = openModel(config.model);
        const LoadedModel tuned = applyDelta(base, delta);
        const auto parameters = tuned.parameters.to(torch::kCPU, type);
        const Dataset data = readDataset({config.data.train.front()});
        const auto file = Hdf5Reader::open(paths.predictions());
        const auto forces = file.readReals("/validation/forces_tuned");
        const auto energies = file.readReals("/validation/energy_tuned");
        const auto moments = file.readReals("/validation/moments_tuned");
        const auto index = file.readIntegers("/validation/frame_index");
        std::size_t atom = 0;
        double worst = 0;
        for (std::size_t f = 0; f < index.size(); ++f) {
            const Structure& s = data.frames[static_cast<std::size_t>(index[f])].structure;
            const auto batch =
                makeGraphBatch({&s}, base.description().elements, base.description().cutoff, type);
            const Prediction p = predict(*tuned.model, parameters, batch);
            const auto m = momentMagnitudes(delta.headParameters, p.invariants, batch.species);
            const double energy = p.energy[0].item<double>() / static_cast<double>(s.size());
            worst = std::max(worst, std::abs(energy - energies[f]));
            for (std::size_t a = 0; a < s.size(); ++a, ++atom) {
                const auto row = static_cast<std::int64_t>(a);
                worst = std::max(worst, std::abs(m[row].item<double>() - moments[atom]));
                for (std::size_t k = 0; k < 3; ++k)
                    worst =
                        std::max(worst, std::abs(p.forces[row][static_cast<std::int64_t>(k)].item<double>() -
                                                 forces[3 * atom + k]));
            }
        }
        QCOMPARE(3 * atom, forces.size());
        QVERIFY2(worst < (wide ? 1e-10 : 1e-4), qPrintable(QString::number(worst)));
    }
}

/// A model of 89 elements trains on two of them with tables of radial functions, and to the same errors.
void TestTrainer::tablesForTheElementsOfTheData()
{
    Folder folder;
    RunConfig config = folder.config();
    test::TinyMace options;
    options.elements = test::manyElements();
    options.transform = "AgnesiTransform";
    config.model = (folder.path() / "many.model").string();
    writeFileAtomically(config.model, test::writeTinyMace(options));
    const LoadedModel model = openModel(config.model);
    const RunData data = loadRunData(config, model.description(), torch::kFloat32, {});
    const std::set<std::pair<int, int>> expected = {{8, 8}, {8, 26}, {26, 26}};
    QCOMPARE(elementPairs(data).all(), expected);
    QVERIFY(preparedTable(model, {torch::kCPU, torch::kFloat32, true, {elementPairs(data)}}).prepared());

    std::vector<double> errors;
    for (const bool tables : {true, false}) {
        config.radialTables = tables;
        const RunPaths paths = folder.run(tables ? "tables" : "functions");
        QCOMPARE(runFinetune(config, paths, false), RunOutcome::Finished);
        const auto evaluations = ofKind(eventsOf(paths), "evaluation");
        errors.push_back(evaluations.back()["splits"]["validation"]["tuned"]["forces"]["mae"].get<double>());
        QVERIFY(evaluations.back()["splits"]["validation"]["base"]["forces"]["mae"] > errors.back());
    }
    QVERIFY(errors[0] != errors[1]); // the tables were there
    QVERIFY2(std::abs(errors[0] - errors[1]) < 1e-3 * errors[1],
             qPrintable(QString("%1 %2").arg(errors[0]).arg(errors[1])));
}

void TestTrainer::stopsGentlyAndAtOnce()
{
    Folder folder;
    RunConfig config = folder.config();
    config.epochs = 50;
    std::stop_source gentle;
    const RunPaths paths = folder.run();
    QCOMPARE(runFinetune(config, paths, false, {gentle.get_token(), {}},
                         [&](const RunProgress& p) {
                             if (p.step >= 4)
                                 gentle.request_stop();
                         }),
             RunOutcome::Stopped);
    const auto events = eventsOf(paths);
    QCOMPARE(events.back().at("kind"), Json("stopped"));
    QCOMPARE(events.back().at("last_checkpoint"), Json("checkpoints/last.h5"));
    QCOMPARE(events[events.size() - 2].at("kind"), Json("checkpoint"));
    QCOMPARE(events[events.size() - 2].at("step"), events.back().at("step"));

    std::stop_source now;
    now.request_stop();
    const RunPaths other = folder.run("other");
    QCOMPARE(runFinetune(config, other, false, {{}, now.get_token()}), RunOutcome::Stopped);
    QCOMPARE(eventsOf(other).back().at("kind"), Json("stopped"));
}

void TestTrainer::commandsAreObeyed()
{
    Folder folder;
    RunConfig config = folder.config();
    config.epochs = 2000;
    config.earlyStopping = 0;
    const RunPaths paths = folder.run();
    // Each command is sent when the events show that the one before was obeyed.
    std::jthread person([&](const std::stop_token& end) {
        const auto await = [&](const std::string& kind, std::size_t count) {
            while (!end.stop_requested() && ofKind(eventsOf(paths), kind).size() < count)
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
        };
        await("step", 1);
        const std::size_t evaluations = ofKind(eventsOf(paths), "evaluation").size();
        sendControl(paths, "pause");
        await("paused", 1);
        sendControl(paths, "resume");
        await("resumed", 1);
        sendControl(paths, "evaluate");
        await("evaluation", evaluations + 1);
        sendControl(paths, "stop");
    });
    QCOMPARE(runFinetune(config, paths, false), RunOutcome::Stopped);
    const auto events = eventsOf(paths);
    QCOMPARE(ofKind(events, "paused").size(), std::size_t(1));
    QCOMPARE(ofKind(events, "paused")[0].at("step"), ofKind(events, "resumed")[0].at("step"));
    QCOMPARE(events.back().at("kind"), Json("stopped"));
}

void TestTrainer::badInputIsASentence()
{
    Folder folder;
    const RunConfig good = folder.config();
    int n = 0;
    const auto check = [&](const RunConfig& config, const char* word) {
        const RunPaths paths = folder.run("bad" + std::to_string(++n));
        const std::string message = messageOf(config, paths);
        QVERIFY2(contains(message, word), message.c_str());
        const auto events = eventsOf(paths);
        QCOMPARE(events.size(), std::size_t(1));
        QCOMPARE(events[0].at("kind"), Json("failed"));
        QCOMPARE(events[0].at("reason").get<std::string>(), message);
    };
    RunConfig config = good;
    config.targets.moments = 1;
    check(config, "magnetism.head");
    config = good;
    config.targets.stress = 1;
    check(config, "stress");
    config = good;
    config.model = (folder.path() / "none.nqx").string();
    check(config, "none.nqx");
    config = good;
    config.blocks = {"", {"layer_9*"}, {}};
    check(config, "layer_9");
    config = good;
    config.referenceEnergies = "isolated";
    config.isolatedEnergies = {{"Fe", -3.0}};
    check(config, "given for O");
    writeFileAtomically(
        folder.path() / "au.extxyz",
        "1\nLattice=\"5 0 0 0 5 0 0 0 5\" Properties=species:S:1:pos:R:3:forces:R:3 energy=1 pbc=\"T T "
        "T\"\nAu 0 0 0 0 0 0\n");
    config = good;
    config.data.train = {(folder.path() / "au.extxyz").string()};
    config.data.validationFraction = 0;
    check(config, "Au");
    QVERIFY(contains(messageOf(good, {folder.path() / "data.extxyz" / "run"}), "folder"));
}

void TestTrainer::tooHighALearningRateIsASentence()
{
    Folder folder;
    RunConfig config = folder.config("full");
    config.optimiser.learningRate = 1e30;
    config.optimiser.warmupSteps = 0;
    config.optimiser.clip = 0;
    const RunPaths paths = folder.run();
    const std::string message = messageOf(config, paths);
    QVERIFY2(contains(message, "learning_rate"), message.c_str());
    QCOMPARE(eventsOf(paths).back().at("kind"), Json("failed"));
    QVERIFY(std::filesystem::exists(paths.lastCheckpoint()));
}

void TestTrainer::batchesKeepTheBudget()
{
    Folder folder;
    const RunConfig config = folder.config();
    const Dataset data = readDataset({config.data.train.front()});
    std::vector<const Frame*> frames;
    for (const Frame& frame : data.frames)
        frames.push_back(&frame);
    const LoadedModel model = openModel(config.model);
    const FrameGraphs kept(frames, model.description(), torch::kFloat32, std::size_t{1} << 30);
    const FrameGraphs rebuilt(frames, model.description(), torch::kFloat32, 0);
    QVERIFY(kept.cachedBytes() > 0);
    QCOMPARE(rebuilt.cachedBytes(), std::size_t(0));
    const auto order = epochOrder(frames.size(), 1, 0);
    QVERIFY(order == epochOrder(frames.size(), 1, 0));
    QVERIFY(order != epochOrder(frames.size(), 1, 1));
    QVERIFY(order != epochOrder(frames.size(), 2, 0));
    const std::size_t budget = 3 * static_cast<std::size_t>(kept.edges(0));
    std::vector<std::size_t> seen;
    for (const auto& batch : packByEdges(order, kept.sized(), budget, 4)) {
        std::size_t edges = 0;
        for (const std::size_t i : batch)
            edges += static_cast<std::size_t>(kept.edges(i));
        QVERIFY(batch.size() == 1 || edges <= budget);
        QVERIFY(batch.size() <= 4);
        seen.insert(seen.end(), batch.begin(), batch.end());
    }
    QVERIFY(seen == order);
    QCOMPARE(packByEdges(order, kept.sized(), 1, 0).size(), frames.size()); // one frame at least
    const std::vector<std::size_t> some = {3, 1};
    QVERIFY(kept.batch(some).positions.equal(rebuilt.batch(some).positions));
    QVERIFY(kept.batch(some).neighbour.equal(rebuilt.batch(some).neighbour));
}

QTEST_GUILESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
