#include "base/files.h"
#include "finetune/trainer.h"
#include "finetune/training_state.h"
#include "storage/hdf5_reader.h"
#include "storage/hdf5_writer.h"
#include "support/tiny_nequix.h"
#include "weights/delta_file.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <torch/torch.h>

using namespace lodestone;

namespace {

RunConfig configIn(const std::filesystem::path& folder, const QString& variant)
{
    RunConfig config;
    config.model = writeTinyNequix(folder).string();
    const auto data = folder / "data.extxyz";
    writeTinyData(data, 16, 9, true);
    config.data.train = {data.string()};
    config.data.validationFraction = 0.25;
    config.magneticHead = "magnitude";
    config.targets.moments = 1;
    config.optimiser.learningRate = 5e-3;
    config.maxFrames = 1;
    config.epochs = 6;
    config.checkpointEverySeconds =
        0.03; // so that hard stops fall between checkpoints, and both within epochs
    config.device = "cpu";
    if (variant == "target") {
        config.method.targetFraction = 0.1;
    } else if (variant == "adamw") {
        config.method.kind = "full";
        config.optimiser.kind = "adamw";
        config.optimiser.ema = 0.99;
    }
    return config;
}

/// Every number of two HDF5 groups is the same, bit for bit (NaN equals NaN).
bool sameArrays(const std::filesystem::path& a, const std::filesystem::path& b, const std::string& group)
{
    const auto one = Hdf5Reader::open(a);
    const auto two = Hdf5Reader::open(b);
    if (one.children(group) != two.children(group) || one.children(group).empty())
        return false;
    for (const auto& name : one.children(group)) {
        if (name == "atoms" || name == "species" || name == "frame_index") {
            if (one.readIntegers(group + "/" + name) != two.readIntegers(group + "/" + name))
                return false;
            continue;
        }
        const auto x = one.readReals(group + "/" + name);
        const auto y = two.readReals(group + "/" + name);
        if (x.size() != y.size() || std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) != 0)
            return false;
    }
    return true;
}

std::string messageOf(const RunConfig& config, const RunPaths& paths)
{
    try {
        runFinetune(config, paths, true);
    } catch (const Error& e) {
        return e.what();
    }
    return {};
}

} // namespace

class TestResume : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void endsLikeAnUninterruptedRun_data();
    void endsLikeAnUninterruptedRun();
    void refusesWhatHasChanged();
    void refusesHostileCheckpoints();
};

void TestResume::endsLikeAnUninterruptedRun_data()
{
    QTest::addColumn<QString>("variant");
    for (const char* variant : {"learnt", "target", "adamw"})
        QTest::newRow(variant) << variant;
}

void TestResume::endsLikeAnUninterruptedRun()
{
    QFETCH(QString, variant);
    QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    const RunConfig config = configIn(path, variant);
    const RunPaths whole{path / "whole"};
    QCOMPARE(runFinetune(config, whole, false), RunOutcome::Finished);

    // Ended hard, then gently, then to the end.
    const RunPaths parts{path / "parts"};
    std::stop_source now;
    const auto interrupt = [&](const RunProgress& p) {
        if (p.step >= 25)
            now.request_stop();
    };
    QCOMPARE(runFinetune(config, parts, false, {{}, now.get_token()}, interrupt), RunOutcome::Stopped);
    std::stop_source gentle;
    const auto pauseLater = [&](const RunProgress& p) {
        if (p.step >= 45)
            gentle.request_stop();
    };
    QCOMPARE(runFinetune(config, parts, true, {gentle.get_token(), {}}, pauseLater), RunOutcome::Stopped);
    QCOMPARE(runFinetune(config, parts, true), RunOutcome::Finished);

    const Json a = readJsonFile(whole.metrics());
    const Json b = readJsonFile(parts.metrics());
    QCOMPARE(b.at("splits"), a.at("splits"));
    QCOMPARE(b.at("changed"), a.at("changed"));
    QCOMPARE(b.at("step"), a.at("step"));
    QVERIFY(sameArrays(whole.predictions(), parts.predictions(), "/validation"));
    QVERIFY(sameArrays(whole.lastCheckpoint(), parts.lastCheckpoint(), "/tensors/live"));
    QVERIFY(sameArrays(whole.lastCheckpoint(), parts.lastCheckpoint(), "/tensors/optimiser"));
    const DeltaFile one = readDelta(whole.delta());
    const DeltaFile two = readDelta(parts.delta());
    QCOMPARE(one.tensors.size(), two.tensors.size());
    for (std::size_t i = 0; i < one.tensors.size(); ++i) {
        QVERIFY(one.tensors[i].indices == two.tensors[i].indices);
        QVERIFY(one.tensors[i].values == two.tensors[i].values);
    }
    // The stream of events reads like one run: sequence without gap, each step's evaluation once.
    const auto events = EventReader(parts.events()).poll(std::size_t{64} << 20).events;
    std::vector<int> epochs;
    for (std::size_t i = 0; i < events.size(); ++i) {
        QCOMPARE(events[i].at("seq").get<std::size_t>(), i + events[0].at("seq").get<std::size_t>());
        if (events[i].at("kind") == "evaluation")
            epochs.push_back(events[i].at("epoch").get<int>());
    }
    epochs.pop_back(); // the result's
    QVERIFY(epochs == std::vector<int>({0, 1, 2, 3, 4, 5, 6}));
    // Resuming a finished run changes nothing.
    QCOMPARE(runFinetune(config, parts, true), RunOutcome::Finished);
    QCOMPARE(readJsonFile(parts.metrics()).at("splits"), a.at("splits"));
}

void TestResume::refusesWhatHasChanged()
{
    QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    const RunConfig config = configIn(path, "learnt");
    QVERIFY(QString::fromStdString(messageOf(config, {path / "nothing"})).contains("checkpoint"));
    const RunPaths paths{path / "run"};
    std::stop_source gentle;
    runFinetune(config, paths, false, {gentle.get_token(), {}}, [&](const RunProgress& p) {
        if (p.step >= 2)
            gentle.request_stop();
    });

    RunConfig other = config;
    other.optimiser.learningRate = 1e-4;
    QVERIFY(QString::fromStdString(messageOf(other, paths)).contains("learning_rate"));
    other = config;
    other.model = writeTinyNequix(path, 99).string();
    QVERIFY(QString::fromStdString(messageOf(other, paths)).contains("model file"));
    const std::string data = readFile(config.data.train.front());
    writeTinyData(config.data.train.front(), 16, 10, true);
    QVERIFY(QString::fromStdString(messageOf(config, paths)).contains("data.extxyz"));
    writeFileAtomically(config.data.train.front(), data);
    // A damaged checkpoint is refused in a sentence.
    const std::string checkpoint = readFile(paths.lastCheckpoint());
    writeFileAtomically(paths.lastCheckpoint(), checkpoint.substr(0, checkpoint.size() / 2));
    QVERIFY(QString::fromStdString(messageOf(config, paths)).contains("last.h5"));
    writeFileAtomically(paths.lastCheckpoint(), checkpoint);
    // After all these refusals the run still goes on.
    QCOMPARE(runFinetune(config, paths, true), RunOutcome::Finished);
}

void TestResume::refusesHostileCheckpoints()
{
    QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath(QStringLiteral("last.h5")).toStdString();
    const auto write = [&path](const Json& state) {
        auto file = Hdf5Writer::create(path);
        file.writeText("/format", R"({"name":"lodestone-checkpoint","schema":1})");
        file.writeText("/state", state.dump());
        file.write("/tensors/live/delta", std::vector<float>{1, 2}, {2});
        file.write("/tensors/optimiser/z", std::vector<double>{1, 2}, {1, 2});
        file.close();
    };
    const Json losses = {
        {"start_sum", 1.0}, {"start_count", 1}, {"high_in_row", 0}, {"start_validation", nullptr}};
    const Json position = {{"step", 3},
                           {"epoch", 1},
                           {"step_in_epoch", 1},
                           {"seconds", 2.5},
                           {"best_loss", nullptr},
                           {"best_epoch", 0},
                           {"best_step", 0},
                           {"epochs_since_best", 0},
                           {"plateau_factor", 1.0},
                           {"edges_at_once", 100},
                           {"next_sequence", 5},
                           {"shift", Json::array({Json::array({26, 0.5})})},
                           {"losses", losses}};
    const Json sound = {{"configuration", Json::object()},
                        {"model_sha256", "0"},
                        {"data_sha256", {{"a.extxyz", "1"}}},
                        {"position", position},
                        {"learner", Json::object()}};
    write(sound);
    const TrainingState state = readTrainingState(path);
    QCOMPARE(state.now.position.shift.at(26), 0.5);
    QVERIFY(!state.now.position.bestLoss && state.now.position.edgesAtOnce == std::size_t{100});
    QCOMPARE(state.now.tensors.at("optimiser/z").sizes().vec(), (std::vector<std::int64_t>{1, 2}));
    const std::vector<std::pair<const char*, Json>> wrong = {{"/position", 7},
                                                             {"/position/step", 1e300},
                                                             {"/position/epoch", 1LL << 40},
                                                             {"/position/best_epoch", 2.5},
                                                             {"/position/seconds", "long"},
                                                             {"/position/edges_at_once", -1},
                                                             {"/position/next_sequence", -1},
                                                             {"/position/shift", Json::array({26, 0.5})},
                                                             {"/position/shift/0/1", nullptr},
                                                             {"/position/shift/0/0", 1e300},
                                                             {"/position/losses/start_count", 1e300},
                                                             {"/data_sha256/a.extxyz", 1},
                                                             {"/model_sha256", nullptr},
                                                             {"/epoch_start", Json::array()}};
    for (const auto& [place, value] : wrong) {
        Json changed = sound;
        changed[Json::json_pointer(place)] = value;
        write(changed);
        bool refused = false;
        try {
            readTrainingState(path);
        } catch (const Error&) {
            refused = true;
        }
        QVERIFY2(refused, place);
    }
}

QTEST_GUILESS_MAIN(TestResume)
#include "tst_resume.moc"
