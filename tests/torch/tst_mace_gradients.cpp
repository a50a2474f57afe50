// Derivatives of MACE: parameter gradients of force and stress losses against upstream, forces and stress
// against differences, behaviour under symmetry operations, batches; for small models of every kind of block.
#include "models/model.h"
#include "support/mace_models.h"
#include "support/reference_tensors.h"
#include "support/tiny_mace.h"
#include "support/turned_structures.h"

#include <map>

using namespace lodestone;

namespace {

GraphBatch batchOf(const LoadedModel& loaded, const std::vector<const Structure*>& structures)
{
    return makeGraphBatch(structures, loaded.description().elements, loaded.description().cutoff,
                          torch::kFloat64);
}

using test::TinyMace;

/// Models that differ in their blocks; together they have all that are computed.
std::map<std::string, TinyMace> tinyModels()
{
    std::map<std::string, TinyMace> models;
    models["residual"].first = models["residual"].later = "RealAgnosticResidualInteractionBlock";
    models["oldest"] = {.attributes = true, .numpyScalars = true};
    models["plain MACE"] = {.name = "MACE", .layers = 3, .correlation = {2, 1, 3}};
    models["density"] = {.first = "RealAgnosticDensityInteractionBlock",
                         .later = "RealAgnosticDensityResidualInteractionBlock",
                         .transform = "AgnesiTransform",
                         .repulsion = true,
                         .heads = {"default"}};
    models["non-linear"] = {.first = "RealAgnosticResidualNonLinearInteractionBlock",
                            .later = "RealAgnosticResidualNonLinearInteractionBlock",
                            .transform = "SoftTransform",
                            .repulsion = true,
                            .applyCutoff = false,
                            .agnostic = true,
                            .heads = {"pbe", "r2scan"},
                            .readout = "NonLinearBiasReadoutBlock"};
    models["attention"] = {.first = "RealAgnosticAttResidualInteractionBlock",
                           .later = "RealAgnosticAttResidualInteractionBlock",
                           .basis = "GaussianBasis",
                           .transform = "SoftTransform",
                           .oldSoftTransform = true,
                           .activation = "tanh"};
    models["density, late cutoff"] = {.first = "RealAgnosticDensityResidualInteractionBlock",
                                      .later = "RealAgnosticDensityResidualInteractionBlock",
                                      .basis = "ChebychevBasis",
                                      .transform = "AgnesiTransform",
                                      .applyCutoff = false,
                                      .lastReadoutOnly = true};
    models["proper rotations"] = {.lHidden = 2, .correlation = {2, 2}, .so3 = true};
    models["order four"] = {.lMax = 1, .channels = 3, .correlation = {4, 2}};
    return models;
}

void tinyRows()
{
    QTest::addColumn<QString>("name");
    for (const auto& [name, options] : tinyModels())
        QTest::newRow(name.c_str()) << QString::fromStdString(name);
}

LoadedModel tinyModel(const TinyMace& options)
{
    LoadedModel loaded = openMace(TorchArchive::parse(test::writeTinyMace(options), "tiny.model")).loaded;
    if (!loaded.description().limitation.empty())
        qFatal("%s", loaded.description().limitation.c_str());
    return loaded;
}

Prediction predictionOf(const LoadedModel& loaded, const Structure& structure)
{
    return predict(*loaded.model, loaded.parameters, batchOf(loaded, {&structure}));
}

double energyOf(const LoadedModel& loaded, const Structure& structure)
{
    return predictionOf(loaded, structure).energy.item<double>();
}

/// The derivative of a loss of energy, forces and stress in one parameter along a direction, and the
/// difference quotient.
std::pair<double, double> slopesAlong(const LoadedModel& loaded, const GraphBatch& batch,
                                      const std::string& name, const torch::Tensor& direction, double h)
{
    const auto lossOf = [&](const ParameterTable& parameters) {
        const Prediction found = predict(*loaded.model, parameters, batch, {true, true, true});
        return found.forces.square().sum() + found.stress.square().sum() * 100 +
               found.energy.square().sum() * 1e-3;
    };
    ParameterTable parameters = loaded.parameters;
    const torch::Tensor centre = loaded.parameters.at(name);
    const torch::Tensor leaf = centre.clone().requires_grad_();
    parameters.set(name, leaf);
    const torch::Tensor gradient =
        torch::autograd::grad({lossOf(parameters)}, {leaf}, {}, {}, false, true)[0];
    parameters.set(name, centre + h * direction);
    const double above = lossOf(parameters).item<double>();
    parameters.set(name, centre - h * direction);
    const double slope = (above - lossOf(parameters).item<double>()) / (2 * h);
    return {gradient.defined() ? (gradient * direction).sum().item<double>() : 0, slope};
}

/// Gradients under upstream's names of the parameters.
std::map<std::string, torch::Tensor> gradientsOf(const LoadedModel& loaded, const Structure& structure,
                                                 const Json& expected, double& loss)
{
    ParameterTable parameters;
    std::vector<torch::Tensor> leaves;
    std::vector<std::string> names;
    for (const ParameterInfo& info : loaded.description().tensors) {
        torch::Tensor value = loaded.parameters.at(info.name).to(torch::kFloat64);
        if (info.kind != "reference") {
            leaves.push_back(value.clone().requires_grad_());
            names.push_back(info.stored);
            value = leaves.back();
        }
        parameters.add(info.name, value);
    }
    const GraphBatch batch = batchOf(loaded, {&structure});
    const Prediction found = predict(*loaded.model, parameters, batch, {true, true, true});
    const torch::Tensor references = referenceRow(loaded.description(), parameters.at("reference_energies"))
                                         .index_select(0, batch.species);
    const torch::Tensor energy = (found.nodeEnergy - references).sum() / static_cast<double>(batch.atoms);
    torch::Tensor sum = (found.forces - tensorOf(expected.at("f0"))).square().mean() + energy.square();
    if (expected.contains("s0"))
        sum = sum + 1000 * (found.stress[0] - tensorOf(expected.at("s0"))).square().mean();
    loss = sum.item<double>();
    const std::vector<torch::Tensor> slopes = torch::autograd::grad({sum}, leaves, {}, false, false, true);
    std::map<std::string, torch::Tensor> gradients;
    for (std::size_t i = 0; i < names.size(); ++i)
        gradients[names[i]] = slopes[i].defined() ? slopes[i] : torch::zeros_like(leaves[i]);
    return gradients;
}

} // namespace

class TestMaceGradients : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        torch::set_num_threads(1);
    } // small tensors: threads would only wait for each other
    void upstreamParameterGradients_data() { maceRows(); }
    void upstreamParameterGradients();
    void releasedModelAgainstDifferences();
    void forcesAndStressAgainstDifferences_data() { tinyRows(); }
    void forcesAndStressAgainstDifferences();
    void parameterGradientsAgainstDifferences_data() { tinyRows(); }
    void parameterGradientsAgainstDifferences();
    void symmetryOperations_data() { tinyRows(); }
    void symmetryOperations();
    void signsOfCouplings();
    void batchEqualsOneByOne_data() { tinyRows(); }
    void batchEqualsOneByOne();
    void noEdges();
};

void TestMaceGradients::upstreamParameterGradients()
{
    SKIP_WITHOUT_SHARED("fixtures/mace");
    QFETCH(QString, name);
    const LoadedModel loaded = maceModel(name.toStdString()).loaded;
    const Json reference = maceReference("grads_", name.toStdString());
    // Upstream's gradients of a model whose parameters are frozen, as the released file's are, are all zero:
    // see below.
    const bool frozen = name.startsWith("real_");
    double worst = 0;
    std::size_t compared = 0;
    for (const auto& [key, expected] : reference.at("structures").items()) {
        double loss = 0;
        const auto gradients =
            gradientsOf(loaded, fixtureStructure(key.substr(0, key.find('+'))), expected, loss);
        QVERIFY(std::abs(loss / expected.at("loss").get<double>() - 1) < 1e-9);
        // Every parameter of upstream is one of ours, and the other way round.
        QCOMPARE(expected.at("gradients").size(), gradients.size());
        for (const auto& [upstream, stored] : expected.at("gradients").items()) {
            const auto found = gradients.find(upstream);
            QVERIFY2(found != gradients.end(), upstream.c_str());
            QCOMPARE(found->second.sizes().vec(), stored.at("shape").get<std::vector<std::int64_t>>());
            ++compared;
            if (frozen)
                continue;
            const torch::Tensor ours = found->second.flatten();
            const double norm = stored.at("norm").get<double>();
            QVERIFY2(std::abs(ours.norm().item<double>() - norm) <= 1e-8 * norm, upstream.c_str());
            const torch::Tensor values = tensorOf(stored.at(stored.contains("all") ? "all" : "first"));
            const double error = (ours.slice(0, 0, values.size(0)) - values).norm().item<double>();
            QVERIFY2(error <= 1e-8 * norm, upstream.c_str());
            const double sumError = std::abs(ours.sum().item<double>() - stored.at("sum").get<double>());
            QVERIFY2(sumError <= 1e-8 * norm * std::sqrt(static_cast<double>(ours.numel())),
                     upstream.c_str());
            worst = std::max(worst, norm > 0 ? error / norm : 0);
        }
    }
    QVERIFY(compared >= loaded.description().tensors.size() - 1);
    qInfo("%d gradients, largest relative difference %.1e", static_cast<int>(compared), worst);
}

void TestMaceGradients::releasedModelAgainstDifferences()
{
    SKIP_WITHOUT_SHARED("models/mace-ani500k-small-cc");
    const LoadedModel loaded = maceModel("real_ani500k_small_CC").loaded;
    const Structure structure = fixtureStructure("ethanol_box");
    const GraphBatch batch = batchOf(loaded, {&structure});
    torch::manual_seed(3);
    for (const ParameterInfo& info : loaded.description().tensors) {
        if (info.kind == "reference")
            continue;
        const torch::Tensor& value = loaded.parameters.at(info.name);
        const torch::Tensor direction = torch::randn(info.shape, torch::kFloat64) * value.abs().mean();
        const auto [found, slope] = slopesAlong(loaded, batch, info.name, direction, 1e-5);
        QVERIFY2(std::abs(found - slope) <= 1e-5 * std::abs(slope) + 1e-8,
                 qPrintable(QString("%1: %2 %3").arg(info.name.c_str()).arg(found).arg(slope)));
    }
}

void TestMaceGradients::forcesAndStressAgainstDifferences()
{
    QFETCH(QString, name);
    const LoadedModel loaded = tinyModel(tinyModels().at(name.toStdString()));
    const Structure structure = smallCell();
    const Prediction found = predictionOf(loaded, structure);
    QVERIFY(largest(found.forces) > 1e-3);
    QVERIFY(largest(found.forces.sum(0)) < 1e-11 * largest(found.forces));
    const double h = 1e-4;
    for (std::size_t i = 0; i < structure.size(); ++i)
        for (std::size_t k = 0; k < 3; ++k) {
            Structure above = structure, below = structure;
            above.positions[i][k] += h;
            below.positions[i][k] -= h;
            const double slope = (energyOf(loaded, above) - energyOf(loaded, below)) / (2 * h);
            const double force =
                found.forces[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(k)].item<double>();
            QVERIFY2(std::abs(slope + force) < 2e-6 * largest(found.forces),
                     qPrintable(QString("%1 %2").arg(slope).arg(force)));
        }
    QVERIFY(torch::equal(found.stress[0], found.stress[0].t()));
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
            const double stress =
                found.stress[0][static_cast<std::int64_t>(a)][static_cast<std::int64_t>(b)].item<double>();
            QVERIFY2(std::abs(stress - slope) < 2e-6 * largest(found.stress),
                     qPrintable(QString("%1 %2").arg(stress).arg(slope)));
        }
}

/// The gradient of an energy, force and stress loss in every parameter tensor along one random direction.
void TestMaceGradients::parameterGradientsAgainstDifferences()
{
    QFETCH(QString, name);
    const LoadedModel loaded = tinyModel(tinyModels().at(name.toStdString()));
    const Structure structure = smallCell();
    const GraphBatch batch = batchOf(loaded, {&structure});
    torch::manual_seed(4);
    std::size_t seen = 0; // tensors that matter
    for (const ParameterInfo& info : loaded.description().tensors) {
        const torch::Tensor direction = torch::randn(info.shape, torch::kFloat64);
        const auto [found, slope] = slopesAlong(loaded, batch, info.name, direction, 1e-5);
        QVERIFY2(std::abs(found - slope) <= 2e-5 * std::abs(slope) + 1e-9,
                 qPrintable(QString("%1: %2 %3").arg(info.name.c_str()).arg(found).arg(slope)));
        seen += std::abs(slope) > 1e-6;
    }
    QVERIFY(2 * seen > loaded.description().tensors.size());
}

void TestMaceGradients::symmetryOperations()
{
    QFETCH(QString, name);
    const TinyMace options = tinyModels().at(name.toStdString());
    const LoadedModel loaded = tinyModel(options);
    const Structure structure = smallCell();
    const Prediction before = predictionOf(loaded, structure);
    const double scale = std::max(1.0, largest(before.forces));
    Mat3 improper = rotation();
    for (Vec3& row : improper)
        row = -1.0 * row;
    for (const Mat3& m : {rotation(), improper}) {
        const Prediction after = predictionOf(loaded, transformed(structure, m));
        // Without parity a mirror image is another structure.
        if (options.so3 && m == improper) {
            const double change = largest(after.nodeEnergy - before.nodeEnergy);
            QVERIFY2(change > 1e-6, qPrintable(QString::number(change)));
            continue;
        }
        QVERIFY(largest(after.nodeEnergy - before.nodeEnergy) < 1e-11 * scale);
        QVERIFY(largest(after.forces - before.forces.matmul(matrix(m))) < 1e-11 * scale);
        QVERIFY(largest(after.stress[0] - matrix(m).t().matmul(before.stress[0]).matmul(matrix(m))) <
                1e-11 * scale);
    }
    const Prediction moved = predictionOf(loaded, transformed(structure, identity3, {0.7, -11.3, 2.9}));
    QVERIFY(largest(moved.nodeEnergy - before.nodeEnergy) < 1e-11 * scale);
    QVERIFY(largest(moved.forces - before.forces) < 1e-11 * scale);

    Structure permuted = structure;
    const std::vector<std::int64_t> order = {2, 0, 1};
    for (std::size_t i = 0; i < 3; ++i) {
        permuted.species[i] = structure.species[static_cast<std::size_t>(order[i])];
        permuted.positions[i] = structure.positions[static_cast<std::size_t>(order[i])];
    }
    const Prediction after = predictionOf(loaded, permuted);
    const torch::Tensor index = torch::tensor(order);
    QVERIFY(largest(after.nodeEnergy - before.nodeEnergy.index_select(0, index)) < 1e-11 * scale);
    QVERIFY(largest(after.forces - before.forces.index_select(0, index)) < 1e-11 * scale);
}

/// A file that holds 3j tensors of the other sign (old versions of e3nn) is computed with them: the same as
/// the opposite weights on their paths.
void TestMaceGradients::signsOfCouplings()
{
    TinyMace options = tinyModels().at("proper rotations");
    LoadedModel usual = tinyModel(options);
    options.flippedCouplings = true;
    const LoadedModel flipped = tinyModel(options);
    const Structure structure = smallCell();
    const double difference = energyOf(flipped, structure) - energyOf(usual, structure);
    QVERIFY(std::abs(difference) > 1e-6);
    // The columns of the last matrix follow the paths: by degree of the output, then of input and harmonic.
    torch::Tensor columns = usual.parameters.at("layer_1/conv_tp_weights/layer2").clone();
    std::int64_t column = 0;
    int negated = 0;
    for (int out = 0; out <= options.lMax; ++out)
        for (int in = 0; in <= options.lHidden; ++in)
            for (int l = std::abs(in - out); l <= std::min(options.lMax, in + out); ++l) {
                if ((in + l + out) % 2 == 1 && in > 0 && l > 0 && out > 0) {
                    columns.slice(1, column, column + options.channels).neg_();
                    ++negated;
                }
                column += options.channels;
            }
    QCOMPARE(column, columns.size(1));
    QCOMPARE(negated, 4);
    usual.parameters.set("layer_1/conv_tp_weights/layer2", columns);
    QVERIFY(std::abs(energyOf(flipped, structure) - energyOf(usual, structure)) < 1e-11);
}

void TestMaceGradients::batchEqualsOneByOne()
{
    QFETCH(QString, name);
    const LoadedModel loaded = tinyModel(tinyModels().at(name.toStdString()));
    const Structure crystal = smallCell();
    Structure molecule = crystal;
    molecule.pbc = {false, false, false};
    Structure lone;
    lone.species = {26};
    lone.positions = {{0, 0, 0}};
    Structure oneElement = transformed(crystal, {{{1.02, 0, 0}, {0, 0.99, 0.01}, {0, 0.01, 1}}});
    oneElement.species = {8, 8, 8};
    const std::vector<const Structure*> all = {&crystal, &molecule, &lone, &oneElement};
    std::vector<GraphBatch> parts;
    for (const Structure* structure : all)
        parts.push_back(batchOf(loaded, {structure}));
    for (const GraphBatch& batch : {batchOf(loaded, all), concatenate(parts)}) {
        const Prediction together = predict(*loaded.model, loaded.parameters, batch);
        const double scale = 1e-12 * std::max(1.0, largest(together.virial));
        std::int64_t atom = 0;
        for (std::size_t g = 0; g < all.size(); ++g) {
            const Prediction alone = predictionOf(loaded, *all[g]);
            const auto at = static_cast<std::int64_t>(g);
            const std::int64_t next = atom + alone.forces.size(0);
            QVERIFY(largest(together.energy[at] - alone.energy[0]) < scale);
            QVERIFY(largest(together.forces.slice(0, atom, next) - alone.forces) < scale);
            QVERIFY(largest(together.virial[at] - alone.virial[0]) < scale);
            QVERIFY(largest(together.stress[at] - alone.stress[0]) < scale);
            atom = next;
        }
        QCOMPARE(largest(together.stress[1]), 0.0);
        QVERIFY(largest(together.virial[1]) > 0);
    }
}

void TestMaceGradients::noEdges()
{
    const LoadedModel loaded = tinyModel(tinyModels().at("non-linear"));
    Structure lone;
    lone.species = {26};
    lone.positions = {{1, 2, 3}};
    const GraphBatch batch = batchOf(loaded, {&lone});
    QCOMPARE(batch.edges, std::int64_t{0});
    ParameterTable parameters = loaded.parameters;
    const torch::Tensor readout = parameters.at("readout_1/linear_2/weight").clone().requires_grad_();
    parameters.set("readout_1/linear_2/weight", readout);
    const Prediction found = predict(*loaded.model, parameters, batch, {true, true, true});
    QVERIFY(torch::isfinite(found.energy).all().item<bool>());
    QCOMPARE(largest(found.forces), 0.0);
    QCOMPARE(largest(found.stress), 0.0);
    const torch::Tensor gradient =
        torch::autograd::grad({found.energy.square().sum() + found.forces.square().sum()}, {readout})[0];
    QVERIFY(largest(gradient) > 0);
}

QTEST_GUILESS_MAIN(TestMaceGradients)
#include "tst_mace_gradients.moc"
