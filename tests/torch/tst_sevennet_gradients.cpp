// SevenNet: parameter gradients against upstream, derivatives against differences, symmetries, batches.
#include "architectures/nequip/sevennet.h"
#include "crystal/structure.h"
#include "models/nequip/convolution_model.h"
#include "support/sevennet_models.h"
#include "support/turned_structures.h"

#include <torch/torch.h>

using namespace lodestone;

namespace {

/// A model made of settings and random numbers, in double. Scalar scale and shift.
LoadedModel randomModel(SevenNetConfig config)
{
    config.shiftShape = config.scaleShape = {1};
    config.envelope.cutoff = config.cutoff;
    validate(config, "test");
    ConvolutionNetwork network = sevenNetNetwork(config);
    LoadedModel loaded;
    torch::manual_seed(11);
    for (const ParameterInfo& info : network.tensors) {
        torch::Tensor value = torch::randn(info.shape, torch::kFloat64);
        if (info.module == "radial_basis")
            value = torch::arange(1, info.count + 1, torch::kFloat64) * (3.1 / config.cutoff);
        else if (info.kind == "radial")
            value = value * 2;
        else if (info.kind == "scale")
            value = value * 0.2 + 3;
        loaded.parameters.add(info.name, value);
    }
    ModelDescription description = describe(network);
    loaded.model = std::make_shared<ConvolutionModel>(std::move(network), std::move(description));
    return loaded;
}

SevenNetConfig smallConfig()
{
    SevenNetConfig config;
    config.cutoff = 3.4;
    config.elements = {8, 26, 28};
    config.layers = 3;
    config.lMax = 2;
    config.channels = 4;
    config.basisFunctions = 5;
    config.radialHidden = {8};
    config.elementSelfConnection = {true, false, true};
    return config;
}

/// With parity: pseudoscalars and both parities of every degree occur.
LoadedModel parityModel()
{
    SevenNetConfig config = smallConfig();
    config.irreps = {parseIrreps("4x0e"), parseIrreps("4x0e+3x1o+2x2e"),
                     parseIrreps("3x0o+4x0e+2x1o+3x1e+2x2o+1x2e"), parseIrreps("4x0e")};
    config.biases = true;
    config.trainDenominators = true;
    return randomModel(config);
}

/// All irreps even, harmonics that carry r^l, modalities, old order of columns, flipped couplings.
LoadedModel evenModel()
{
    SevenNetConfig config = smallConfig();
    config.parity = false;
    config.unitHarmonics = false;
    config.columns = ColumnOrder::Loop;
    config.envelope.kind = RadialEnvelope::Kind::Xplor;
    config.envelope.onset = 2.9;
    config.modalities = {"a", "b"};
    config.modality = 1;
    config.modalEmbedding = config.modalFirst = config.modalSecond = config.modalReadout = true;
    config.couplingFactors = {{{1, 1, 2, 2}, -1}, {{1, 2, 1, 2}, -1}};
    return randomModel(config);
}

LoadedModel modelNamed(const QString& name)
{
    return name == "parity" ? parityModel() : evenModel();
}

double energyOf(const LoadedModel& loaded, const Structure& structure)
{
    return predictionOf(loaded, structure).energy.item<double>();
}

/// cp_0 stores the columns of its last radial matrices in loop order, upstream's gradients have them sorted.
torch::Tensor inSortedColumns(const torch::Tensor& gradient, const std::string& features, bool lastLayer)
{
    const Irreps input = parseIrreps(features);
    const Irreps wanted = productIrreps(input, 2, -1, lastLayer ? 0 : 2, lastLayer);
    const ConvolutionLayout loop = convolutionLayout(input, 2, -1, wanted, ColumnOrder::Loop);
    const ConvolutionLayout sorted = convolutionLayout(input, 2, -1, wanted, ColumnOrder::Sorted);
    torch::Tensor result = torch::zeros_like(gradient);
    for (std::size_t i = 0; i < loop.paths.size(); ++i) {
        const std::int64_t width = input[static_cast<std::size_t>(loop.paths[i].input)].multiplicity;
        result.narrow(1, sorted.paths[i].column, width)
            .copy_(gradient.narrow(1, loop.paths[i].column, width));
    }
    return result;
}

torch::Tensor asUpstream(const std::string& model, const std::string& stored, const torch::Tensor& gradient)
{
    if (model != "cp_0" || stored.find("weight_nn.layer2") == std::string::npos)
        return gradient;
    const std::vector<std::string> features = {"4x0e", "4x0e+4x1o+4x2e", "4x0e+4x1o+4x1e+4x2o+4x2e"};
    return inSortedColumns(gradient, features[static_cast<std::size_t>(stored[0] - '0')], stored[0] == '2');
}

} // namespace

class TestSevenNetGradients : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { torch::set_num_threads(1); }
    void upstreamParameterGradients_data();
    void upstreamParameterGradients();
    void forcesAgainstDifferences_data();
    void forcesAgainstDifferences();
    void stressAgainstDifferences_data();
    void stressAgainstDifferences();
    void parameterGradientsAgainstDifferences_data();
    void parameterGradientsAgainstDifferences();
    void rotationAndInversion_data();
    void rotationAndInversion();
    void translationAndPermutation();
    void batchEqualsOneByOne();
    void noEdges();

private:
    void bothModels();
};

void TestSevenNetGradients::bothModels()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("parity") << "parity";
    QTest::newRow("even") << "even";
}

void TestSevenNetGradients::upstreamParameterGradients_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"cp_0", "7net0_small", "l3i5_small", "mf_small"})
        QTest::newRow(name) << name;
}

void TestSevenNetGradients::upstreamParameterGradients()
{
    SKIP_WITHOUT_SHARED("fixtures/sevennet");
    QFETCH(QString, name);
    const LoadedModel loaded = sevenNet("fixtures/sevennet/" + name.toStdString() + ".pth").loaded;
    ParameterTable parameters;
    std::vector<torch::Tensor> leaves;
    std::vector<std::string> stored;
    for (const ParameterInfo& info : loaded.description().tensors) {
        torch::Tensor value = loaded.parameters.at(info.name).to(torch::kFloat64);
        leaves.push_back(value.requires_grad_());
        stored.push_back(info.stored);
        parameters.add(info.name, value);
    }
    const Json reference =
        readJsonFile(sharedPath("fixtures/sevennet/grads_" + name.toStdString() + ".json"));
    double worst = 0;
    int compared = 0;
    for (const auto& [key, expected] : reference.at("structures").items()) {
        const Structure structure = fixtureStructure(key.substr(0, key.find('+')));
        const Prediction found =
            predict(*loaded.model, parameters, batchOf(loaded, {&structure}), {true, true, true});
        torch::Tensor loss = (found.forces - tensorOf(expected.at("f0"))).square().mean() +
                             (found.energy[0] / static_cast<double>(structure.size())).square();
        if (expected.contains("s0"))
            loss = loss + 1000 * (found.stress[0] - tensorOf(expected.at("s0"))).square().mean();
        QVERIFY(std::abs(loss.item<double>() / expected.at("loss").get<double>() - 1) < 1e-9);
        const std::vector<torch::Tensor> slopes =
            torch::autograd::grad({loss}, leaves, {}, false, false, true);
        for (const auto& [upstream, part] : expected.at("gradients").items()) {
            const auto at = std::find(stored.begin(), stored.end(), upstream);
            QVERIFY2(at != stored.end(), upstream.c_str());
            const torch::Tensor& slope = slopes[static_cast<std::size_t>(at - stored.begin())];
            QVERIFY2(slope.defined(), upstream.c_str());
            const torch::Tensor ours = asUpstream(name.toStdString(), upstream, slope).flatten();
            const double norm = part.at("norm").get<double>();
            QVERIFY2(std::abs(ours.norm().item<double>() - norm) <= 1e-8 * norm, upstream.c_str());
            const torch::Tensor values = tensorOf(part.at(part.contains("all") ? "all" : "first")).flatten();
            const double error = (ours.slice(0, 0, values.size(0)) - values).norm().item<double>() / norm;
            QVERIFY2(error <= 1e-8, upstream.c_str());
            const double sumError = std::abs(ours.sum().item<double>() - part.at("sum").get<double>());
            QVERIFY2(sumError <= 1e-8 * norm * std::sqrt(static_cast<double>(ours.numel())),
                     upstream.c_str());
            worst = std::max(worst, error);
            ++compared;
        }
    }
    QVERIFY(compared >= 3 * 22);
    qInfo("%d gradients, largest relative difference %.1e", compared, worst);
}

void TestSevenNetGradients::forcesAgainstDifferences_data()
{
    bothModels();
}

void TestSevenNetGradients::forcesAgainstDifferences()
{
    QFETCH(QString, name);
    const LoadedModel loaded = modelNamed(name);
    const Structure structure = smallCell();
    const torch::Tensor forces = predictionOf(loaded, structure).forces;
    QVERIFY(largest(forces) > 1e-3);
    QVERIFY(largest(forces.sum(0)) < 1e-11 * std::max(1.0, largest(forces)));
    const double h = 1e-4;
    for (std::size_t i = 0; i < structure.size(); ++i)
        for (std::size_t k = 0; k < 3; ++k) {
            Structure above = structure, below = structure;
            above.positions[i][k] += h;
            below.positions[i][k] -= h;
            const double slope = (energyOf(loaded, above) - energyOf(loaded, below)) / (2 * h);
            const double force =
                forces[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(k)].item<double>();
            QVERIFY2(std::abs(slope + force) < 3e-6 * largest(forces),
                     qPrintable(QString("%1 %2").arg(slope).arg(force)));
        }
}

void TestSevenNetGradients::stressAgainstDifferences_data()
{
    bothModels();
}

void TestSevenNetGradients::stressAgainstDifferences()
{
    QFETCH(QString, name);
    const LoadedModel loaded = modelNamed(name);
    const Structure structure = smallCell();
    const torch::Tensor stress = predictionOf(loaded, structure).stress[0];
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
            QVERIFY2(std::abs(found - slope) < 3e-6 * largest(stress),
                     qPrintable(QString("%1 %2").arg(found).arg(slope)));
        }
}

void TestSevenNetGradients::parameterGradientsAgainstDifferences_data()
{
    bothModels();
}

/// The gradient of an energy, force and stress loss in every parameter tensor along one random direction.
void TestSevenNetGradients::parameterGradientsAgainstDifferences()
{
    QFETCH(QString, name);
    const LoadedModel loaded = modelNamed(name);
    const Structure structure = smallCell();
    const GraphBatch batch = batchOf(loaded, {&structure});
    const auto lossOf = [&](const ParameterTable& parameters) {
        const Prediction found = predict(*loaded.model, parameters, batch, {true, true, true});
        return found.forces.square().mean() + found.stress.square().mean() * 100 +
               found.energy.square().mean();
    };
    torch::manual_seed(4);
    for (const ParameterInfo& info : loaded.description().tensors) {
        ParameterTable parameters = loaded.parameters;
        const torch::Tensor centre = loaded.parameters.at(info.name);
        const torch::Tensor direction = torch::randn(info.shape, torch::kFloat64);
        const torch::Tensor leaf = centre.clone().requires_grad_();
        parameters.set(info.name, leaf);
        const torch::Tensor loss = lossOf(parameters);
        const torch::Tensor gradient = torch::autograd::grad({loss}, {leaf})[0];
        const double h = 1e-5;
        parameters.set(info.name, centre + h * direction);
        const double above = lossOf(parameters).item<double>();
        parameters.set(info.name, centre - h * direction);
        const double slope = (above - lossOf(parameters).item<double>()) / (2 * h);
        const double found = (gradient * direction).sum().item<double>();
        QVERIFY2(std::abs(found - slope) <= 2e-5 * std::abs(slope) + 1e-8 * loss.item<double>(),
                 qPrintable(QString("%1: %2 %3").arg(info.name.c_str()).arg(found).arg(slope)));
    }
}

void TestSevenNetGradients::rotationAndInversion_data()
{
    bothModels();
}

/// Rotations are a symmetry of both. With parity, inversion is one as well; where every irrep counts as even
/// it is not: products such as 1 x 1 -> 1 tell a structure from its mirror image.
void TestSevenNetGradients::rotationAndInversion()
{
    QFETCH(QString, name);
    const LoadedModel loaded = modelNamed(name);
    const Structure structure = smallCell();
    const Prediction before = predictionOf(loaded, structure);
    const double scale = std::max(1.0, largest(before.forces));
    const auto deviation = [&](const Mat3& m) {
        const Prediction after = predictionOf(loaded, transformed(structure, m));
        return std::max(
                   {largest(after.nodeEnergy - before.nodeEnergy),
                    largest(after.forces - before.forces.matmul(matrix(m))),
                    largest(after.stress[0] - matrix(m).t().matmul(before.stress[0]).matmul(matrix(m)))}) /
               scale;
    };
    QVERIFY2(deviation(rotation()) < 1e-11, qPrintable(QString::number(deviation(rotation()))));
    Mat3 improper = rotation();
    for (Vec3& row : improper)
        row = -1.0 * row;
    if (name == "parity")
        QVERIFY2(deviation(improper) < 1e-11, qPrintable(QString::number(deviation(improper))));
    else
        QVERIFY2(deviation(improper) > 1e-6, qPrintable(QString::number(deviation(improper))));
}

void TestSevenNetGradients::translationAndPermutation()
{
    const LoadedModel loaded = parityModel();
    const Structure structure = smallCell();
    const Prediction before = predictionOf(loaded, structure);
    const double tolerance = 1e-11 * std::max(1.0, largest(before.forces));
    const Prediction moved = predictionOf(loaded, transformed(structure, identity3, {0.7, -11.3, 2.9}));
    QVERIFY(largest(moved.nodeEnergy - before.nodeEnergy) < tolerance);
    QVERIFY(largest(moved.forces - before.forces) < tolerance);

    Structure permuted = structure;
    const std::vector<std::int64_t> order = {2, 0, 1};
    for (std::size_t i = 0; i < 3; ++i) {
        permuted.species[i] = structure.species[static_cast<std::size_t>(order[i])];
        permuted.positions[i] = structure.positions[static_cast<std::size_t>(order[i])];
    }
    const Prediction after = predictionOf(loaded, permuted);
    const torch::Tensor index = torch::tensor(order);
    QVERIFY(largest(after.nodeEnergy - before.nodeEnergy.index_select(0, index)) < tolerance);
    QVERIFY(largest(after.forces - before.forces.index_select(0, index)) < tolerance);
}

void TestSevenNetGradients::batchEqualsOneByOne()
{
    const LoadedModel loaded = parityModel();
    const Structure crystal = smallCell();
    Structure molecule = crystal;
    molecule.pbc = {false, false, false};
    Structure lone;
    lone.species = {26};
    lone.positions = {{0, 0, 0}};
    const Structure strained = transformed(crystal, {{{1.02, 0, 0}, {0, 0.99, 0.01}, {0, 0.01, 1}}});
    const std::vector<const Structure*> all = {&crystal, &molecule, &lone, &strained};
    const Prediction together = predict(*loaded.model, loaded.parameters, batchOf(loaded, all));
    const double tolerance = 1e-12 * std::max(1.0, largest(together.forces));
    std::int64_t atom = 0;
    for (std::size_t g = 0; g < all.size(); ++g) {
        const Prediction alone = predictionOf(loaded, *all[g]);
        const auto at = static_cast<std::int64_t>(g);
        const std::int64_t next = atom + alone.forces.size(0);
        QVERIFY(largest(together.energy[at] - alone.energy[0]) < tolerance);
        QVERIFY(largest(together.forces.slice(0, atom, next) - alone.forces) < tolerance);
        QVERIFY(largest(together.virial[at] - alone.virial[0]) < 10 * tolerance);
        QVERIFY(largest(together.invariants.slice(0, atom, next) - alone.invariants) < tolerance);
        atom = next;
    }
    QVERIFY(largest(together.virial[1]) > 0);
}

void TestSevenNetGradients::noEdges()
{
    const LoadedModel loaded = evenModel();
    Structure lone;
    lone.species = {26};
    lone.positions = {{1, 2, 3}};
    const GraphBatch batch = batchOf(loaded, {&lone});
    QCOMPARE(batch.edges, std::int64_t{0});
    ParameterTable parameters = loaded.parameters;
    const torch::Tensor readout = parameters.at("readout/energy").clone().requires_grad_();
    parameters.set("readout/energy", readout);
    const Prediction found = predict(*loaded.model, parameters, batch, {true, true, true});
    QVERIFY(torch::isfinite(found.energy).all().item<bool>());
    QCOMPARE(largest(found.forces), 0.0);
    const torch::Tensor gradient = torch::autograd::grad({found.energy.square().sum()}, {readout})[0];
    QVERIFY(largest(gradient) > 0);
}

QTEST_GUILESS_MAIN(TestSevenNetGradients)
#include "tst_sevennet_gradients.moc"
