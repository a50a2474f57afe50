// Runs with the heads spin-energy and vector: they learn, their delta gives the same model, resuming is
// exact.
#include "base/files.h"
#include "finetune/run_data.h"
#include "finetune/trainer.h"
#include "storage/hdf5_reader.h"
#include "support/spin_data.h"
#include "support/tiny_nequix.h"
#include "weights/delta_file.h"
#include "weights/model_numbers.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <torch/torch.h>

using namespace lodestone;

namespace {

struct Folder {
    QTemporaryDir folder;
    std::filesystem::path path() const { return folder.path().toStdString(); }
    RunPaths run(const std::string& name = "run") const { return {path() / name}; }
    RunConfig config(const std::string& head) const
    {
        RunConfig config;
        config.model = writeTinyNequix(path()).string();
        const auto data = path() / "data.extxyz";
        writeSpinData(data, 24, 7);
        config.data.train = {data.string()};
        config.data.validationFraction = 0.25;
        config.method.kind = "dense";
        config.magneticHead = head;
        if (head == "vector")
            config.targets.moments = 1;
        else
            config.targets.magneticForces = 10;
        config.optimiser.learningRate = 0.02;
        config.optimiser.warmupSteps = 2;
        config.maxFrames = 6;
        config.epochs = 4;
        config.earlyStopping = 0;
        config.device = "cpu";
        return config;
    }
};

/// Judged on the training frames themselves: twenty frames say little about others.
void learnLong(RunConfig& config)
{
    config.data.validationFiles = config.data.train;
    config.epochs = 150;
    config.method.kind = "full";
    config.optimiser.learningRate = 5e-3;
    config.headLearningRate = config.magneticHead == "vector" ? 0.001 : 0.02;
    config.loss.kind = "mse";
    config.targets.forces = 1;
}

Json metricsOf(const RunPaths& paths)
{
    return readJsonFile(paths.metrics()).at("splits").at("validation");
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

std::vector<double> numbersOf(const RunPaths& paths, const std::string& name)
{
    return Hdf5Reader::open(paths.predictions()).readReals("/validation/" + name);
}

} // namespace

class TestSpinTraining : public QObject {
    Q_OBJECT
private:
    static void fallsBelow(const RunPaths& paths, const std::map<std::string, double>& shares);
private Q_SLOTS:
    void spinEnergyLearns();
    void vectorLearns();
    void deltaGivesTheTrainedModel_data();
    void deltaGivesTheTrainedModel();
    void resumesExactly_data() { deltaGivesTheTrainedModel_data(); }
    void resumesExactly();
    void labelsAreScaledAndProjected();
    void badInputIsASentence();
};

/// Parts of the training loss fall to less than these shares of what they were in the first epoch.
void TestSpinTraining::fallsBelow(const RunPaths& paths, const std::map<std::string, double>& shares)
{
    std::map<std::string, double> first, last;
    std::map<std::string, int> firstCount, lastCount;
    const auto events = EventReader(paths.events()).poll(std::size_t{64} << 20).events;
    for (const Json& event : events)
        if (event.at("kind") == "step")
            for (const auto& [part, share] : shares) {
                const int epoch = event.at("epoch").get<int>();
                const double loss = event.at("loss").at(part).get<double>();
                if (epoch < 2)
                    first[part] += loss, ++firstCount[part];
                if (epoch >= 140)
                    last[part] += loss, ++lastCount[part];
            }
    for (const auto& [part, share] : shares) {
        const double before = first[part] / firstCount[part], after = last[part] / lastCount[part];
        qInfo("training loss, %s: %g from %g", part.c_str(), after, before);
        QVERIFY2(after < share * before, part.c_str());
    }
}

void TestSpinTraining::spinEnergyLearns()
{
    const Folder folder;
    RunConfig config = folder.config("spin-energy");
    learnLong(config);
    const RunPaths paths = folder.run();
    QCOMPARE(runFinetune(config, paths, false), RunOutcome::Finished);
    fallsBelow(paths, {{"total", 0.7}, {"forces", 0.8}, {"magnetic_forces", 0.5}});
    const Json metrics = metricsOf(paths);
    for (const char* quantity : {"energy", "forces", "magnetic_forces", "magnetic_forces:perpendicular"}) {
        const double base = metrics.at("base").at(quantity).at("mae").get<double>();
        const double tuned = metrics.at("tuned").at(quantity).at("mae").get<double>();
        qInfo("%s: MAE %g from %g", quantity, tuned, base);
        QVERIFY2(tuned < (std::string(quantity) == "energy" ? 0.85 : 0.7) * base, quantity);
    }
    const Json fields = metrics.at("tuned").at("magnetic_forces");
    const double ratio = fields.at("rmse").get<double>() / fields.at("spread").get<double>();
    qInfo("R^2 of magnetic forces: %g", 1 - ratio * ratio);
    QVERIFY(1 - ratio * ratio > 0.3);
    QCOMPARE(readDelta(paths.delta()).head, std::string("spin-energy"));
}

void TestSpinTraining::vectorLearns()
{
    const Folder folder;
    RunConfig config = folder.config("vector");
    learnLong(config);
    const RunPaths paths = folder.run();
    QCOMPARE(runFinetune(config, paths, false), RunOutcome::Finished);
    fallsBelow(paths, {{"total", 0.8}, {"forces", 0.8}});
    const Json metrics = metricsOf(paths);
    for (const char* quantity : {"energy", "forces"}) {
        const double base = metrics.at("base").at(quantity).at("mae").get<double>();
        const double tuned = metrics.at("tuned").at(quantity).at("mae").get<double>();
        qInfo("%s: MAE %g from %g", quantity, tuned, base);
        QVERIFY2(tuned < (std::string(quantity) == "energy" ? 0.85 : 0.7) * base, quantity);
    }
    // Lengths are random: the element's mean is as good as it gets.
    for (const char* quantity : {"moments", "moments:vector", "moments:magnetic"})
        QVERIFY2(metrics.at("tuned").at(quantity).at("mae").get<double>() <
                     2 * metrics.at("base").at(quantity).at("mae").get<double>(),
                 quantity);
    QCOMPARE(readDelta(paths.delta()).head, std::string("vector"));
}

void TestSpinTraining::deltaGivesTheTrainedModel_data()
{
    QTest::addColumn<QString>("head");
    QTest::newRow("spin-energy") << "spin-energy";
    QTest::newRow("vector") << "vector";
}

/// Predicting with the delta file gives what the run said of its own model.
void TestSpinTraining::deltaGivesTheTrainedModel()
{
    QFETCH(QString, head);
    const Folder folder;
    RunConfig config = folder.config(head.toStdString());
    config.dtype = "float64";
    const RunPaths paths = folder.run();
    runFinetune(config, paths, false);
    const DeltaFile delta = readDelta(paths.delta());
    const LoadedModel tuned = applyDelta(openModel(config.model), delta);
    const ParameterTable parameters = tuned.parameters.to(torch::kCPU, torch::kFloat64);
    const MagneticHead trained{delta.head, delta.headParameters};
    const Dataset data = readDataset({config.data.train.front()});
    const auto energies = numbersOf(paths, "energy_tuned"), forces = numbersOf(paths, "forces_tuned");
    const bool fields = head == "spin-energy";
    const auto vectors = numbersOf(paths, fields ? "magnetic_forces_tuned" : "moment_vectors_tuned");
    std::size_t atom = 0;
    double worst = 0;
    std::size_t f = 0;
    for (const std::int64_t i :
         Hdf5Reader::open(paths.predictions()).readIntegers("/validation/frame_index")) {
        const Frame& frame = data.frames[static_cast<std::size_t>(i)];
        GraphBatch batch = makeGraphBatch({&frame.structure}, tuned.description().elements,
                                          tuned.description().cutoff, torch::kFloat64);
        batch.moments = givenMoments(frame, torch::kFloat64);
        const HeadPrediction p = predictWithHead(*tuned.model, parameters, batch, {}, &trained);
        const double count = static_cast<double>(frame.structure.size());
        worst = std::max(worst, std::abs(p.model.energy.item<double>() / count - energies[f++]));
        const torch::Tensor own = fields ? p.head.magneticForces : p.head.moments;
        for (std::int64_t a = 0; a < batch.atoms; ++a, ++atom)
            for (std::size_t k = 0; k < 3; ++k) {
                const auto column = static_cast<std::int64_t>(k);
                worst = std::max(worst, std::abs(own[a][column].item<double>() - vectors[3 * atom + k]));
                worst = std::max(worst,
                                 std::abs(p.model.forces[a][column].item<double>() - forces[3 * atom + k]));
            }
    }
    QCOMPARE(3 * atom, vectors.size());
    QVERIFY2(worst < 1e-10, qPrintable(QString::number(worst)));
}

void TestSpinTraining::resumesExactly()
{
    QFETCH(QString, head);
    const Folder folder;
    RunConfig config = folder.config(head.toStdString());
    config.checkpointEverySeconds = 0.03;
    const RunPaths whole = folder.run("whole"), parts = folder.run("parts");
    QCOMPARE(runFinetune(config, whole, false), RunOutcome::Finished);
    std::stop_source gentle;
    QCOMPARE(runFinetune(config, parts, false, {gentle.get_token(), {}},
                         [&](const RunProgress& p) {
                             if (p.step >= 7)
                                 gentle.request_stop();
                         }),
             RunOutcome::Stopped);
    QCOMPARE(runFinetune(config, parts, true), RunOutcome::Finished);
    QCOMPARE(metricsOf(parts), metricsOf(whole));
    const DeltaFile one = readDelta(whole.delta()), two = readDelta(parts.delta());
    QCOMPARE(one.headParameters.size(), two.headParameters.size());
    for (const auto& [name, tensor] : one.headParameters)
        QVERIFY2(tensor.equal(two.headParameters.at(name)), name.c_str());
    for (std::size_t i = 0; i < one.tensors.size(); ++i)
        QVERIFY(one.tensors[i].values == two.tensors[i].values);
}

void TestSpinTraining::labelsAreScaledAndProjected()
{
    const Folder folder;
    RunConfig config = folder.config("spin-energy");
    config.data.magneticForceFactor = -2;
    config.targets.perpendicular = true;
    const LoadedModel model = openModel(config.model);
    const RunData data = loadRunData(config, model.description(), torch::kFloat64, {});
    const Dataset plain = readDataset({config.data.train.front()});
    const auto first = static_cast<std::size_t>(data.training.index.front());
    const Frame& frame = data.training.graphs->frame(0);
    QVERIFY(std::abs(frame.magneticForces[0][1] + 2 * plain.frames[first].magneticForces[0][1]) < 1e-15);
    const BatchLabels labels = data.training.graphs->labels({0}, quantitiesOf(config.targets), {});
    QVERIFY(labels.axes.defined());
    QCOMPARE(labels.magneticForceWeight.sum().item<double>(), 4.0); // the iron atoms
    // What lies along the moments does not count.
    Prediction prediction;
    HeadOutput head;
    head.magneticForces = labels.magneticForces + 3 * labels.axes;
    config.targets.energy = config.targets.forces = 0;
    const LossValue loss =
        batchLoss(config.loss, config.targets, prediction, head, {}, labels, labelSums(labels));
    QVERIFY(loss.total.item<double>() < 1e-20);
    config.targets.perpendicular = false;
    const BatchLabels full = data.training.graphs->labels({0}, quantitiesOf(config.targets), {});
    QVERIFY(batchLoss(config.loss, config.targets, prediction, head, {}, full, labelSums(full))
                .total.item<double>() > 1e-3);
}

void TestSpinTraining::badInputIsASentence()
{
    const Folder folder;
    int n = 0;
    const auto check = [&](const RunConfig& config, const QStringList& words) {
        const std::string message = messageOf(config, folder.run("bad" + std::to_string(++n)));
        for (const QString& word : words)
            QVERIFY2(QString::fromStdString(message).contains(word), message.c_str());
    };
    RunConfig config = folder.config("spin-energy");
    writeSpinData(config.data.train.front(), 6, 3, 4);
    check(config, {"data.extxyz", "no moments", "spin-energy", "data.keys.moments"});
    config = folder.config("spin-energy");
    config.targets.energy = config.targets.magneticForces = 0;
    check(config, {"spin-energy", "targets.magnetic_forces"});
    config = folder.config("spin-energy");
    config.magneticHead = "magnitude";
    check(config, {"spin-energy", "targets.magnetic_forces"});
    config = folder.config("spin-energy");
    config.targets.moments = 1;
    check(config, {"targets.moments"});
    config = folder.config("vector");
    config.targets.moments = 0;
    check(config, {"targets.moments"});
    config = folder.config("spin-energy");
    writeTinyData(config.data.train.front(), 6, 3);
    check(config, {"magnetic_forces"}); // no such label
}

QTEST_GUILESS_MAIN(TestSpinTraining)
#include "tst_spin_training.moc"
