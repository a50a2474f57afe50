// Derivatives of Nequix: parameter gradients of force and stress losses against upstream, forces and stress
// against differences, behaviour under symmetry operations, batches.
#include "base/json.h"
#include "checkpoints/nequix/random_nequix.h"
#include "formats/formats.h"
#include "models/model.h"
#include "support/reference_tensors.h"
#include "support/shared_data.h"
#include "support/turned_structures.h"
#include "weights/model_numbers.h"

#include <QTemporaryDir>

using namespace lodestone;

namespace {

Structure fixture(const std::string& name)
{
    return readStructures(sharedPath("fixtures/structures/" + name + ".extxyz")).at(0);
}

/// A small model with random weights that needs no files from outside; odd and even irreps up to l = 2.
LoadedModel smallModel()
{
    const QTemporaryDir folder;
    const std::filesystem::path path = std::filesystem::path(folder.path().toStdString()) / "small.nqx";
    NequixSize size;
    size.cutoff = 4;
    size.elements = {8, 26, 28};
    size.hiddenIrreps = "8x0e + 4x1o + 3x1e + 2x2e";
    size.lMax = 2;
    size.layers = 3;
    size.radialMlp = {16, 16};
    size.polynomialP = 5.5;
    writeRandomNequix(size, 7, path);
    LoadedModel loaded = openModel(path);
    loaded.parameters = loaded.parameters.to(torch::kCPU, torch::kFloat64);
    return loaded;
}

GraphBatch batchOf(const LoadedModel& loaded, const std::vector<const Structure*>& structures)
{
    return makeGraphBatch(structures, loaded.description().elements, loaded.description().cutoff,
                          torch::kFloat64);
}

Prediction predictionOf(const LoadedModel& loaded, const Structure& structure)
{
    return predict(*loaded.model, loaded.parameters, batchOf(loaded, {&structure}));
}

double energyOf(const LoadedModel& loaded, const Structure& structure)
{
    return predictionOf(loaded, structure).energy.item<double>();
}

/// Upstream's names of gradients, and ours that make up each of them in order.
std::string ourPrefix(std::string name)
{
    const std::vector<std::pair<std::string, std::string>> replacements = {
        {"layers.", "layer_"},
        {".radial_mlp.layers.", "/radial/"},
        {".weights", ""},
        {".linear_1.weight", "/linear_1/"},
        {".linear_2.weight", "/linear_2/"},
        {".skip.weight", "/skip/"},
        {".layer_norm.affine_weight.", "/norm#"},
        {"readout.weight", "readout/"}};
    for (const auto& [from, to] : replacements)
        if (const std::size_t at = name.find(from); at != std::string::npos)
            name.replace(at, from.size(), to);
    return name;
}

torch::Tensor collected(const std::map<std::string, torch::Tensor>& gradients,
                        const std::vector<std::string>& names, const std::string& upstream)
{
    std::string prefix = ourPrefix(upstream);
    int wanted = -1;
    if (const std::size_t hash = prefix.find('#'); hash != std::string::npos) {
        wanted = std::stoi(prefix.substr(hash + 1));
        prefix = prefix.substr(0, hash) + "/";
    }
    std::vector<torch::Tensor> parts;
    int number = 0;
    for (const std::string& name : names)
        if (name.rfind(prefix, 0) == 0 && (wanted < 0 || number++ == wanted))
            parts.push_back(gradients.at(name).flatten());
    return parts.empty() ? torch::Tensor() : torch::cat(parts);
}

} // namespace

class TestNequixGradients : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        torch::set_num_threads(1);
    } // small tensors: threads would only wait for each other
    void upstreamParameterGradients_data();
    void upstreamParameterGradients();
    void forcesAgainstDifferences();
    void stressAgainstDifferences();
    void parameterGradientsAgainstDifferences();
    void rotationAndInversion();
    void translationAndPermutation();
    void batchEqualsOneByOne();
    void noEdges();
};

void TestNequixGradients::upstreamParameterGradients_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"nequix-mp-1", "nequix-oam-1", "nequix-mp-1-pft"})
        QTest::newRow(name) << name;
}

void TestNequixGradients::upstreamParameterGradients()
{
    SKIP_WITHOUT_SHARED("fixtures/nequix");
    QFETCH(QString, name);
    LoadedModel loaded = openModel(sharedPath("models/nequix/" + name.toStdString() + ".nqx"));
    ParameterTable parameters;
    std::vector<torch::Tensor> leaves;
    std::vector<std::string> names;
    for (const ParameterInfo& info : loaded.description().tensors) {
        torch::Tensor value = loaded.parameters.at(info.name).to(torch::kFloat64);
        if (info.trainable) {
            leaves.push_back(value.requires_grad_());
            names.push_back(info.name);
        }
        parameters.add(info.name, value);
    }
    const Json reference = readJsonFile(sharedPath("fixtures/nequix/grads_" + name.toStdString() + ".json"));
    double worst = 0;
    int compared = 0;
    for (const auto& [key, expected] : reference.at("structures").items()) {
        const Structure structure = fixture(key.substr(0, key.find('+')));
        const Prediction found =
            predict(*loaded.model, parameters, batchOf(loaded, {&structure}), {true, true, true});
        torch::Tensor loss = (found.forces - tensorOf(expected.at("f0"))).square().mean() +
                             (found.energy[0] / static_cast<double>(structure.size())).square();
        if (expected.contains("s0"))
            loss = loss + 1000 * (found.stress[0] - tensorOf(expected.at("s0"))).square().mean();
        QVERIFY(std::abs(loss.item<double>() / expected.at("loss").get<double>() - 1) < 1e-9);
        const std::vector<torch::Tensor> slopes =
            torch::autograd::grad({loss}, leaves, {}, false, false, true);
        std::map<std::string, torch::Tensor> gradients;
        for (std::size_t i = 0; i < names.size(); ++i)
            gradients[names[i]] = slopes[i].defined() ? slopes[i] : torch::zeros_like(leaves[i]);
        for (const auto& [upstream, stored] : expected.at("gradients").items()) {
            const torch::Tensor ours = collected(gradients, names, upstream);
            QVERIFY2(ours.defined(), upstream.c_str());
            const double norm = stored.at("norm").get<double>();
            QVERIFY2(std::abs(ours.norm().item<double>() - norm) <= 1e-8 * norm, upstream.c_str());
            const char* part = stored.contains("all") ? "all" : "first";
            const torch::Tensor values = tensorOf(stored.at(part));
            const double error = (ours.slice(0, 0, values.size(0)) - values).norm().item<double>() / norm;
            QVERIFY2(error <= 1e-8, upstream.c_str());
            const double sumError = std::abs(ours.sum().item<double>() - stored.at("sum").get<double>());
            QVERIFY2(sumError <= 1e-8 * norm * std::sqrt(static_cast<double>(ours.numel())),
                     upstream.c_str());
            worst = std::max(worst, error);
            ++compared;
        }
    }
    QVERIFY(compared >= 3 * 38);
    qInfo("%d gradients, largest relative difference %.1e", compared, worst);
}

void TestNequixGradients::forcesAgainstDifferences()
{
    const LoadedModel loaded = smallModel();
    const Structure structure = smallCell();
    const torch::Tensor forces = predictionOf(loaded, structure).forces;
    QVERIFY(largest(forces) > 1e-3);
    QVERIFY(largest(forces.sum(0)) < 1e-12);
    const double h = 1e-4;
    for (std::size_t i = 0; i < structure.size(); ++i)
        for (std::size_t k = 0; k < 3; ++k) {
            Structure above = structure, below = structure;
            above.positions[i][k] += h;
            below.positions[i][k] -= h;
            const double slope = (energyOf(loaded, above) - energyOf(loaded, below)) / (2 * h);
            const double force =
                forces[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(k)].item<double>();
            QVERIFY2(std::abs(slope + force) < 1e-6 * largest(forces),
                     qPrintable(QString("%1 %2").arg(slope).arg(force)));
        }
}

void TestNequixGradients::stressAgainstDifferences()
{
    const LoadedModel loaded = smallModel();
    const Structure structure = smallCell();
    const torch::Tensor stress = predictionOf(loaded, structure).stress[0];
    QVERIFY(torch::equal(stress, stress.t()));
    const double h = 1e-4;
    for (std::size_t a = 0; a < 3; ++a)
        for (std::size_t b = a; b < 3; ++b) {
            Mat3 plus = identity3, minus = identity3;
            plus[a][b] += h / 2;
            plus[b][a] += h / 2;
            minus[a][b] -= h / 2;
            minus[b][a] -= h / 2;
            const double slope = (energyOf(loaded, transformed(structure, plus)) -
                                  energyOf(loaded, transformed(structure, minus))) /
                                 (2 * h) / structure.volume();
            const double found =
                stress[static_cast<std::int64_t>(a)][static_cast<std::int64_t>(b)].item<double>();
            QVERIFY2(std::abs(found - slope) < 1e-6 * largest(stress),
                     qPrintable(QString("%1 %2").arg(found).arg(slope)));
        }
}

/// The gradient of a force and stress loss in every parameter tensor along one random direction.
void TestNequixGradients::parameterGradientsAgainstDifferences()
{
    const LoadedModel loaded = smallModel();
    const Structure structure = smallCell();
    const GraphBatch batch = batchOf(loaded, {&structure});
    const auto lossOf = [&](const ParameterTable& parameters) {
        const Prediction found = predict(*loaded.model, parameters, batch, {true, true, true});
        return found.forces.square().sum() + found.stress.square().sum() * 100 + found.energy.square().sum();
    };
    torch::manual_seed(4);
    for (const ParameterInfo& info : loaded.description().tensors) {
        ParameterTable parameters = loaded.parameters;
        const torch::Tensor centre = loaded.parameters.at(info.name);
        const torch::Tensor direction = torch::randn(info.shape, torch::kFloat64);
        const torch::Tensor leaf = centre.clone().requires_grad_();
        parameters.set(info.name, leaf);
        const torch::Tensor gradient = torch::autograd::grad({lossOf(parameters)}, {leaf})[0];
        const double h = 1e-5;
        parameters.set(info.name, centre + h * direction);
        const double above = lossOf(parameters).item<double>();
        parameters.set(info.name, centre - h * direction);
        const double slope = (above - lossOf(parameters).item<double>()) / (2 * h);
        const double found = (gradient * direction).sum().item<double>();
        QVERIFY2(std::abs(found - slope) <= 1e-5 * std::abs(slope) + 1e-7,
                 qPrintable(QString("%1: %2 %3").arg(info.name.c_str()).arg(found).arg(slope)));
    }
}

void TestNequixGradients::rotationAndInversion()
{
    const LoadedModel loaded = smallModel();
    const Structure structure = smallCell();
    const Prediction before = predictionOf(loaded, structure);
    Mat3 improper = rotation();
    for (Vec3& row : improper)
        row = -1.0 * row;
    for (const Mat3& m : {rotation(), improper}) {
        const Prediction after = predictionOf(loaded, transformed(structure, m));
        QVERIFY(largest(after.nodeEnergy - before.nodeEnergy) < 1e-11);
        QVERIFY(largest(after.forces - before.forces.matmul(matrix(m))) < 1e-11);
        QVERIFY(largest(after.stress[0] - matrix(m).t().matmul(before.stress[0]).matmul(matrix(m))) < 1e-11);
    }
}

void TestNequixGradients::translationAndPermutation()
{
    const LoadedModel loaded = smallModel();
    const Structure structure = smallCell();
    const Prediction before = predictionOf(loaded, structure);
    const Prediction moved = predictionOf(loaded, transformed(structure, identity3, {0.7, -11.3, 2.9}));
    QVERIFY(largest(moved.nodeEnergy - before.nodeEnergy) < 1e-11);
    QVERIFY(largest(moved.forces - before.forces) < 1e-11);

    Structure permuted = structure;
    const std::vector<std::int64_t> order = {2, 0, 1};
    for (std::size_t i = 0; i < 3; ++i) {
        permuted.species[i] = structure.species[static_cast<std::size_t>(order[i])];
        permuted.positions[i] = structure.positions[static_cast<std::size_t>(order[i])];
    }
    const Prediction after = predictionOf(loaded, permuted);
    const torch::Tensor index = torch::tensor(order);
    QVERIFY(largest(after.nodeEnergy - before.nodeEnergy.index_select(0, index)) < 1e-11);
    QVERIFY(largest(after.forces - before.forces.index_select(0, index)) < 1e-11);
}

void TestNequixGradients::batchEqualsOneByOne()
{
    const LoadedModel loaded = smallModel();
    const Structure crystal = smallCell();
    Structure molecule = crystal;
    molecule.pbc = {false, false, false};
    Structure lone;
    lone.species = {26};
    lone.positions = {{0, 0, 0}};
    const Structure strained = transformed(crystal, {{{1.02, 0, 0}, {0, 0.99, 0.01}, {0, 0.01, 1}}});
    const std::vector<const Structure*> all = {&crystal, &molecule, &lone, &strained};
    std::vector<GraphBatch> parts;
    for (const Structure* structure : all)
        parts.push_back(batchOf(loaded, {structure}));
    for (const GraphBatch& batch : {batchOf(loaded, all), concatenate(parts)}) {
        const Prediction together = predict(*loaded.model, loaded.parameters, batch);
        std::int64_t atom = 0;
        for (std::size_t g = 0; g < all.size(); ++g) {
            const Prediction alone = predictionOf(loaded, *all[g]);
            const auto at = static_cast<std::int64_t>(g);
            const std::int64_t next = atom + alone.forces.size(0);
            QVERIFY(largest(together.energy[at] - alone.energy[0]) < 1e-12);
            QVERIFY(largest(together.forces.slice(0, atom, next) - alone.forces) < 1e-12);
            QVERIFY(largest(together.virial[at] - alone.virial[0]) < 1e-12);
            QVERIFY(largest(together.stress[at] - alone.stress[0]) < 1e-12);
            atom = next;
        }
        QCOMPARE(largest(together.stress[1]), 0.0);
        QVERIFY(largest(together.virial[1]) > 0);
    }
}

void TestNequixGradients::noEdges()
{
    const LoadedModel loaded = smallModel();
    Structure lone;
    lone.species = {26};
    lone.positions = {{1, 2, 3}};
    const GraphBatch batch = batchOf(loaded, {&lone});
    QCOMPARE(batch.edges, std::int64_t{0});
    ParameterTable parameters = loaded.parameters;
    const torch::Tensor readout = parameters.at("readout/0e").clone().requires_grad_();
    parameters.set("readout/0e", readout);
    const Prediction found = predict(*loaded.model, parameters, batch, {true, true, true});
    QVERIFY(torch::isfinite(found.energy).all().item<bool>());
    QCOMPARE(largest(found.forces), 0.0);
    QCOMPARE(largest(found.stress), 0.0);
    const torch::Tensor gradient =
        torch::autograd::grad({found.energy.square().sum() + found.forces.square().sum()}, {readout})[0];
    QVERIFY(largest(gradient) > 0);
}

QTEST_GUILESS_MAIN(TestNequixGradients)
#include "tst_nequix_gradients.moc"
