#include "finetune/divergence.h"
#include "finetune/trainer.h"
#include "finetune/training_state.h"
#include "support/run_events.h"
#include "support/tiny_nequix.h"
#include "weights/delta_file.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <cmath>
#include <torch/torch.h>

using namespace lodestone;
using test::eventsOf;

namespace {

RunConfig configIn(const std::filesystem::path& folder, double rate)
{
    RunConfig config;
    config.model = writeTinyNequix(folder).string();
    const auto data = folder / "data.extxyz";
    writeTinyData(data, 16, 9, true);
    config.data.train = {data.string()};
    config.data.validationFraction = 0.25;
    config.optimiser.learningRate = rate;
    config.method.kind = "full";
    config.optimiser.kind = "adamw";
    config.optimiser.clip = 0;
    config.optimiser.warmupSteps = 0;
    config.maxFrames = 1;
    config.epochs = 4;
    config.device = "cpu";
    config.checkpointEverySeconds = 0.03;
    return config;
}

bool sameTensors(const LearnerState& a, const LearnerState& b)
{
    if (a.tensors.size() != b.tensors.size() || a.scalars != b.scalars)
        return false;
    for (const auto& [name, tensor] : a.tensors)
        if (!torch::equal(tensor, b.tensors.at(name)))
            return false;
    return true;
}

} // namespace

class TestDivergence : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void explosionsAreToldFromNoise();
    void aRunRecoversWithASmallerStep_data() { rates(); }
    void aRunRecoversWithASmallerStep();
    void resumedAcrossARollBackItEndsTheSame_data() { rates(); }
    void resumedAcrossARollBackItEndsTheSame();
    void itGivesUpWithASentence();

private:
    void rates();
};

/// Learning rates that are too high, and where it is noticed.
void TestDivergence::rates()
{
    QTest::addColumn<double>("rate");
    QTest::addColumn<QString>("reason");
    QTest::newRow("after an epoch") << 10.0 << "The validation loss exploded in epoch 2";
    QTest::newRow("within an epoch") << 30.0 << "The loss exploded at step 4";
}

void TestDivergence::explosionsAreToldFromNoise()
{
    const TargetWeights weights{1, 1, 0, 0, 0};
    const double smallest = smallestExplosion(weights);
    QCOMPARE(smallest, 0.02);
    LossHistory history;
    for (int i = 0; i < 20; ++i)
        QVERIFY(!explodes(history, 1 + 0.1 * i, smallest));
    QCOMPARE(history.startCount, 10);
    // One bad batch, or two, are no explosion; three in a row are.
    QVERIFY(!explodes(history, 1000, smallest));
    QVERIFY(!explodes(history, 1000, smallest));
    QVERIFY(!explodes(history, 1, smallest));
    QVERIFY(!explodes(history, 1000, smallest));
    QVERIFY(!explodes(history, 1000, smallest));
    QVERIFY(explodes(history, 1000, smallest));
    QVERIFY(explodes(history, std::nan(""), smallest));
    QVERIFY(explodes(history, std::numeric_limits<double>::infinity(), smallest));
    // A model that fits perfectly at first: what stays small is no explosion, however many times the start it
    // is.
    LossHistory perfect;
    for (int i = 0; i < 20; ++i)
        QVERIFY(!explodes(perfect, i < 5 ? 1e-12 : 1e-3, smallest));
    QVERIFY(!explodes(perfect, 0.06, smallest));
    QVERIFY(!explodes(perfect, 0.06, smallest));
    QVERIFY(explodes(perfect, 0.06, smallest));
    // It explodes before ten steps are done: those beyond the limit do not raise it.
    LossHistory early;
    QVERIFY(!explodes(early, 1, smallest));
    QVERIFY(!explodes(early, 500, smallest));
    QVERIFY(!explodes(early, 5e4, smallest));
    QVERIFY(explodes(early, 5e6, smallest));
    QCOMPARE(early.startSum, 1.0);

    history.startValidation = 0.5;
    QVERIFY(!explodesOnValidation(history, 49, smallest));
    QVERIFY(explodesOnValidation(history, 51, smallest));
    QVERIFY(explodesOnValidation(history, std::nan(""), smallest));
    history.startValidation.reset();
    QVERIFY(!explodesOnValidation(history, 1e9, smallest));
}

void TestDivergence::aRunRecoversWithASmallerStep()
{
    QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    const RunPaths paths{path / "run"};
    QFETCH(double, rate);
    QFETCH(QString, reason);
    QCOMPARE(runFinetune(configIn(path, rate), paths, false), RunOutcome::Finished);
    const auto backs = eventsOf(paths, "rolled_back");
    QVERIFY(!backs.empty());
    QVERIFY(QString::fromStdString(backs[0].at("reason").get<std::string>()).startsWith(reason));
    for (std::size_t i = 0; i < backs.size(); ++i) {
        QCOMPARE(backs[i].at("count").get<std::size_t>(), i + 1);
        QCOMPARE(backs[i].at("learning_rate").get<double>(), rate / std::pow(2, i + 1));
        QVERIFY(backs[i].at("from").get<int>() >= backs[i].at("step").get<int>());
    }
    // The steps after the last one are taken with the lower rate, and the run has all its epochs.
    const auto steps = eventsOf(paths, "step");
    QCOMPARE(steps.back().at("learning_rate").get<double>(), rate / std::pow(2, backs.size()));
    QCOMPARE(steps.back().at("step").get<int>(), 4 * 12);
    for (const Json& evaluation : eventsOf(paths, "evaluation"))
        QVERIFY(!evaluation.at("loss").is_null() && std::isfinite(evaluation.at("loss").get<double>()));
    const DeltaFile delta = readDelta(paths.delta());
    for (const DeltaFile::Tensor& tensor : delta.tensors)
        for (const double value : tensor.values)
            QVERIFY(std::isfinite(value));
    const auto messages = eventsOf(paths, "message");
    QVERIFY(std::any_of(messages.begin(), messages.end(), [](const Json& m) {
        return m.at("level") == "warning" &&
               m.at("text").get<std::string>().find("half the learning rate") != std::string::npos;
    }));
}

void TestDivergence::resumedAcrossARollBackItEndsTheSame()
{
    QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    QFETCH(double, rate);
    const RunConfig config = configIn(path, rate);
    const RunPaths whole{path / "whole"};
    QCOMPARE(runFinetune(config, whole, false), RunOutcome::Finished);
    QVERIFY(!eventsOf(whole, "rolled_back").empty());
    // Ended at many places, within epochs, before and after roll-backs.
    const RunPaths parts{path / "parts"};
    int starts = 0;
    for (RunOutcome outcome = RunOutcome::Stopped; outcome != RunOutcome::Finished; ++starts) {
        QVERIFY(starts < 40);
        std::stop_source stop;
        const bool hard = starts % 2 == 0;
        const auto interrupt = [&](const RunProgress& p) {
            if (p.note.empty())
                stop.request_stop();
        };
        const RunStop how = hard ? RunStop{{}, stop.get_token()} : RunStop{stop.get_token(), {}};
        outcome = runFinetune(config, parts, starts > 0, how,
                              starts < 12 ? std::function<void(const RunProgress&)>(interrupt) : nullptr);
    }
    QVERIFY(starts > 3);
    const TrainingState a = readTrainingState(whole.lastCheckpoint()),
                        b = readTrainingState(parts.lastCheckpoint());
    QCOMPARE(b.now.position.step, a.now.position.step);
    QCOMPARE(b.now.position.rollBacks, a.now.position.rollBacks);
    QVERIFY(sameTensors(a.now, b.now));
    QVERIFY(sameTensors(readTrainingState(whole.bestCheckpoint()).now,
                        readTrainingState(parts.bestCheckpoint()).now));
    const auto one = eventsOf(whole, "rolled_back"), two = eventsOf(parts, "rolled_back");
    QCOMPARE(two.size(), one.size());
    for (std::size_t i = 0; i < one.size(); ++i)
        QCOMPARE(two[i].at("reason"), one[i].at("reason"));
}

void TestDivergence::itGivesUpWithASentence()
{
    QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    RunConfig config = configIn(path, 1e6);
    config.method.kind = "sparse";
    config.optimiser.rollBacks = 2;
    const RunPaths paths{path / "run"};
    QString text;
    try {
        runFinetune(config, paths, false);
    } catch (const Error& e) {
        text = e.what();
    }
    QVERIFY2(text.contains("going back 2 times") &&
                 text.contains("lower optimiser.learning_rate (now 1000000)"),
             qPrintable(text));
    QCOMPARE(eventsOf(paths, "rolled_back").size(), std::size_t(2));
    QCOMPARE(eventsOf(paths, "failed").size(), std::size_t(1));
    // What stands is the last good state, not the ruins.
    for (const auto& [name, tensor] : readTrainingState(paths.lastCheckpoint()).now.tensors)
        QVERIFY2(torch::isfinite(tensor).all().item<bool>(), name.c_str());
}

QTEST_GUILESS_MAIN(TestDivergence)
#include "tst_divergence.moc"
