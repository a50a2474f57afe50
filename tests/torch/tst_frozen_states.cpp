// Layers in which nothing is trained are computed once: the same energies, invariants, gradients and steps.
#include "finetune/frozen_states.h"
#include "finetune/learner.h"
#include "finetune/trainer.h"
#include "storage/hdf5_reader.h"
#include "support/archive_models.h"
#include "support/sevennet_models.h"
#include "support/tiny_mace.h"
#include "support/tiny_nequix.h"
#include "weights/delta_file.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <torch/torch.h>

using namespace lodestone;

namespace {

struct Loaded {
    LoadedModel model;
    GraphBatch batch;
};

Loaded withStructures(LoadedModel model)
{
    model.parameters = model.parameters.to(torch::kCPU, torch::kFloat64);
    std::mt19937_64 random(4);
    std::vector<Structure> structures;
    for (int i = 0; i < 2; ++i)
        structures.push_back(tinyStructure(random));
    GraphBatch batch = makeGraphBatch({&structures[0], &structures[1]}, model.description().elements,
                                      model.description().cutoff, torch::kFloat64);
    return {std::move(model), std::move(batch)};
}

LoadedModel tinyMaceModel(const test::TinyMace& options)
{
    return openMace(TorchArchive::parse(test::writeTinyMace(options), "tiny.model"), {}).loaded;
}

Loaded loaded(const QString& name)
{
    if (name == "nequix") {
        QTemporaryDir folder;
        return withStructures(openModel(writeTinyNequix(folder.path().toStdString())));
    }
    if (name == "mace")
        return withStructures(tinyMaceModel({}));
    if (name == "mace, repulsion and linear readouts") {
        test::TinyMace options;
        options.repulsion = true;
        options.heads = {"one", "other"};
        options.layers = 3;
        options.correlation = {2, 2, 2};
        return withStructures(tinyMaceModel(options));
    }
    return withStructures(sevenNet(name.toStdString()).loaded);
}

double deviation(const torch::Tensor& found, const torch::Tensor& expected)
{
    return (found - expected).abs().max().item<double>() /
           std::max(1e-12, expected.abs().max().item<double>());
}

void verifyClose(const torch::Tensor& found, const torch::Tensor& expected, const std::string& what)
{
    const double off = deviation(found, expected);
    QVERIFY2(off < 1e-10, qPrintable(QString("%1: %2").arg(QString::fromStdString(what)).arg(off)));
}

} // namespace

class TestFrozenStates : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anyTensorAlone_data();
    void anyTensorAlone();
    void noDerivativesInPositions();
    void keptForFrames();
    void sameStep();
    void wholeRun();
};

void TestFrozenStates::anyTensorAlone_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"nequix", "mace", "mace, repulsion and linear readouts"})
        QTest::newRow(name) << name;
    for (const char* name : {"fixtures/sevennet/7net0_small.pth", "fixtures/sevennet/mf_small.pth"})
        if (std::filesystem::exists(sharedPath(name)))
            QTest::newRow(name) << name;
}

/// Whichever tensor is trained alone, kept layers change neither results nor its gradient, and as many layers
/// are kept as come before it.
void TestFrozenStates::anyTensorAlone()
{
    QFETCH(QString, name);
    const Loaded all = loaded(name);
    const ModelDescription& description = all.model.description();
    const auto results = [&](const ParameterTable& parameters, const LayerPass& pass) {
        return predict(*all.model.model, parameters, all.batch,
                       {.forces = false, .stress = false, .differentiable = true, .layers = pass});
    };
    int kept = 0;
    for (std::size_t i = 0; i < description.tensors.size(); ++i) {
        const ParameterInfo& info = description.tensors[i];
        if (!info.trainable)
            continue;
        std::vector<bool> trained(description.tensors.size(), false);
        trained[i] = true;
        const int layers = frozenLayers(description, trained);
        QCOMPARE(layers, info.layer >= 0 ? info.layer : info.kind == "readout" ? description.layers : 0);
        if (layers == 0)
            continue;
        ++kept;
        ParameterTable parameters = all.model.parameters;
        const torch::Tensor leaf = parameters.at(info.name).detach().clone().requires_grad_();
        parameters.set(info.name, leaf);
        LayerState state{layers, {}};
        const Prediction whole = results(parameters, {nullptr, &state});
        QVERIFY(!state.atoms.empty());
        for (const torch::Tensor& tensor : state.atoms) {
            QVERIFY(!tensor.requires_grad());
            QCOMPARE(tensor.size(0), all.batch.atoms);
        }
        const Prediction rest = results(parameters, {&state, nullptr});
        verifyClose(rest.nodeEnergy, whole.nodeEnergy, info.name + ": energies");
        verifyClose(rest.invariants, whole.invariants, info.name + ": invariants");
        const auto gradient = [&](const Prediction& p) {
            const torch::Tensor sum = p.nodeEnergy.square().sum() + p.invariants.square().sum();
            const torch::Tensor g = torch::autograd::grad({sum}, {leaf}, {}, false, false, true)[0];
            return g.defined() ? g : torch::zeros_like(leaf);
        };
        verifyClose(gradient(rest), gradient(whole), info.name + ": gradient");
    }
    QVERIFY(kept > 3);
}

void TestFrozenStates::noDerivativesInPositions()
{
    const Loaded all = loaded("nequix");
    LayerState state{1, {}};
    predict(*all.model.model, all.model.parameters, all.batch,
            {.forces = false, .stress = false, .layers = {nullptr, &state}});
    QVERIFY_EXCEPTION_THROWN(predict(*all.model.model, all.model.parameters, all.batch,
                                     {.forces = true, .stress = false, .layers = {&state, nullptr}}),
                             InternalError);
}

namespace {

struct Folder {
    QTemporaryDir folder;
    std::filesystem::path path() const { return folder.path().toStdString(); }
    std::filesystem::path data() const { return path() / "data.extxyz"; }
    RunConfig config() const
    {
        writeTinyData(data(), 16, 5, /*holes=*/true);
        RunConfig config;
        config.model = writeTinyNequix(path()).string();
        config.data.train = {data().string()};
        config.data.validationFraction = 0.25;
        config.method.kind = "readout";
        config.targets.forces = 0;
        config.targets.stress = 0;
        config.targets.moments = 1;
        config.magneticHead = "magnitude";
        config.optimiser.learningRate = 5e-3;
        config.maxFrames = 5;
        config.epochs = 4;
        config.device = "cpu";
        return config;
    }
};

} // namespace

void TestFrozenStates::keptForFrames()
{
    const Folder folder;
    const RunConfig config = folder.config();
    const LoadedModel model = openModel(config.model);
    const Dataset dataset = readDataset({folder.data()});
    std::vector<const Frame*> frames;
    for (const Frame& frame : dataset.frames)
        frames.push_back(&frame);
    const FrameGraphs graphs(frames, model.description(), torch::kFloat64, std::size_t{1} << 30);
    const FrozenStates::Source source = {model.model.get(), model.parameters.to(torch::kCPU, torch::kFloat64),
                                         torch::kCPU, torch::kFloat64, 1};
    const auto states = FrozenStates::make(source, graphs, std::size_t{1} << 20);
    QVERIFY(states);
    const std::vector<std::size_t> some = {7, 2, 11};
    LayerState together{1, {}};
    predict(*model.model, source.parameters, graphs.batch(some),
            {.forces = false, .stress = false, .layers = {nullptr, &together}});
    const LayerState found = states->of(some);
    QCOMPARE(found.layers, 1);
    QCOMPARE(found.atoms.size(), together.atoms.size());
    for (std::size_t i = 0; i < found.atoms.size(); ++i)
        verifyClose(found.atoms[i], together.atoms[i], "state");
    const std::size_t bytes = states->bytes();
    QVERIFY(bytes > found.bytes()); // and of the frame that told the size
    QVERIFY(states->of(some).atoms.front().equal(found.atoms.front()));
    QCOMPARE(states->bytes(), bytes);
    states->of(plainOrder(graphs.size()));
    const std::size_t whole = states->bytes();
    states->giveUp();
    QCOMPARE(states->of(some).layers, 0);
    QCOMPARE(states->bytes(), std::size_t(0));
    QVERIFY(!FrozenStates::make(source, graphs, whole - 1));
    QVERIFY(FrozenStates::make(source, graphs, whole));
    QVERIFY(!FrozenStates::make(source, FrameGraphs({}, model.description(), torch::kFloat64, 0), whole));
}

void TestFrozenStates::sameStep()
{
    const Folder folder;
    RunConfig config = folder.config();
    config.method.kind = "sparse";
    config.blocks = {"", {"layer_1/linear_2/*"}, {}};
    config.targets.moments = 0;
    config.magneticHead = "none";
    const LoadedModel model = openModel(config.model);
    const Dataset dataset = readDataset({folder.data()});
    const FrameGraphs graphs({&dataset.frames[0], &dataset.frames[1]}, model.description(), torch::kFloat64,
                             std::size_t{1} << 30);
    const std::vector<bool> selected = selectedTensors(config, model.description());
    QCOMPARE(frozenLayers(model.description(), selected), 1);
    const auto changed = [&](bool kept) {
        Learner learner(config, model, selected, {}, {torch::kCPU, torch::kFloat64});
        StepBatch batch{graphs.batch({0, 1}), graphs.labels({0, 1}, quantitiesOf(config.targets), {}), {}};
        const auto states = FrozenStates::make(
            {model.model.get(), learner.table(learner.evaluationPoint()), torch::kCPU, torch::kFloat64, 1},
            graphs, std::size_t{1} << 30);
        if (kept)
            batch.from = states->of({0, 1});
        for (int step = 1; step <= 3; ++step) {
            Learner::Step result = learner.differentiate({batch}, 0.1 * step, step);
            learner.apply(result, step);
        }
        return learner.tensors().at("live/delta").clone();
    };
    verifyClose(changed(true), changed(false), "delta");
}

/// A run says what it keeps, learns, and its result is that of the whole model.
void TestFrozenStates::wholeRun()
{
    const Folder folder;
    RunConfig config = folder.config();
    config.dtype = "float64";
    const RunPaths paths{folder.path() / "run"};
    QCOMPARE(runFinetune(config, paths, false), RunOutcome::Finished);
    const auto events = EventReader(paths.events()).poll(std::size_t{64} << 20).events;
    QVERIFY(std::any_of(events.begin(), events.end(), [](const Json& event) {
        return event["kind"] == "message" &&
               event["text"].get<std::string>().find("first 2 of 2 layers") != std::string::npos;
    }));
    // The energies that the run reports, which it has from kept layers, are those of the exported model.
    const LoadedModel base = openModel(config.model);
    const LoadedModel tuned = applyDelta(base, readDelta(paths.delta()));
    const ParameterTable parameters = tuned.parameters.to(torch::kCPU, torch::kFloat64);
    const Dataset dataset = readDataset({folder.data()});
    const auto file = Hdf5Reader::open(paths.predictions());
    const auto index = file.readIntegers("/validation/frame_index");
    const auto before = file.readReals("/validation/energy_base"),
               after = file.readReals("/validation/energy_tuned");
    QCOMPARE(index.size(), std::size_t(4));
    double moved = 0;
    for (std::size_t f = 0; f < index.size(); ++f) {
        const Structure& s = dataset.frames[static_cast<std::size_t>(index[f])].structure;
        const auto batch =
            makeGraphBatch({&s}, base.description().elements, base.description().cutoff, torch::kFloat64);
        const Prediction p = predict(*tuned.model, parameters, batch);
        QVERIFY(std::abs(p.energy[0].item<double>() / double(s.size()) - after[f]) < 1e-10);
        moved = std::max(moved, std::abs(after[f] - before[f]));
    }
    QVERIFY(moved > 1e-4);
    // Asked for forces, nothing can be kept.
    config.targets.forces = 1;
    const RunPaths other{folder.path() / "forces"};
    QCOMPARE(runFinetune(config, other, false), RunOutcome::Finished);
    for (const Json& event : EventReader(other.events()).poll(std::size_t{64} << 20).events)
        QVERIFY(event["kind"] != "message" ||
                event["text"].get<std::string>().find("is computed once") == std::string::npos);
}

QTEST_APPLESS_MAIN(TestFrozenStates)
#include "tst_frozen_states.moc"
