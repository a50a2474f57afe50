// NequIP models against upstream's numbers (tests/data/nequip/README.md); symmetries and derivatives.
#include "blocks/selection.h"
#include "support/nequip_models.h"

#include <QtTest/QtTest>

using namespace lodestone;
using namespace lodestone::test;

namespace {

const std::vector<std::string> models = {"script_parity", "script_plain",   "script_repulsion",
                                         "script_old",    "package_parity", "package_repulsion"};

void addModels()
{
    QTest::addColumn<QString>("name");
    for (const std::string& name : models)
        QTest::newRow(name.c_str()) << QString::fromStdString(name);
}

/// A rotation by 1.1 about (1, 2, 3), times -1.
Mat3 improperRotation()
{
    const double c = std::cos(1.1), s = std::sin(1.1), n = std::sqrt(14.0);
    const Vec3 u = {1 / n, 2 / n, 3 / n};
    const Mat3 cross = {{{0, -u[2], u[1]}, {u[2], 0, -u[0]}, {-u[1], u[0], 0}}};
    Mat3 r;
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
            r[i][j] = -((i == j ? c : 0) + (1 - c) * u[i] * u[j] + s * cross[i][j]);
    return r;
}

Structure transformed(const Structure& structure, const Mat3& r)
{
    const auto applied = [&r](const Vec3& x) {
        Vec3 y{};
        for (std::size_t i = 0; i < 3; ++i)
            for (std::size_t j = 0; j < 3; ++j)
                y[i] += r[i][j] * x[j];
        return y;
    };
    Structure moved = structure;
    for (Vec3& position : moved.positions)
        position = applied(position);
    for (Vec3& vector : moved.cell)
        vector = applied(vector);
    return moved;
}

} // namespace

class TestNequip : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { torch::set_num_threads(1); }
    void upstream_data() { addModels(); }
    void upstream();
    void singlePrecision_data() { addModels(); }
    void singlePrecision();
    void symmetry_data() { addModels(); }
    void symmetry();
    void forcesAreDerivatives_data() { addModels(); }
    void forcesAreDerivatives();
    void stressIsTheDerivative();
    void parameterGradients_data() { addModels(); }
    void parameterGradients();
    void couplingSignsMatter();
    void pairCutoffs();
};

void TestNequip::upstream()
{
    QFETCH(QString, name);
    const Json description = nequipDescription(name.toStdString());
    const LoadedModel loaded = nequipModel(description).loaded;
    QCOMPARE(loaded.description().limitation, std::string());
    QVERIFY(description["structures"].size() >= 4);
    double worstEnergy = 0, worstForce = 0, worstStress = 0;
    for (const auto& [key, expected] : description["structures"].items()) {
        const Structure structure = describedStructure(description, key);
        const GraphBatch batch = nequipBatch(loaded, structure);
        QCOMPARE(batch.edges, expected["edges"].get<std::int64_t>());
        const Prediction found = nequipPrediction(loaded, structure);
        const torch::Tensor forces = tensorOf(expected["forces"]);
        const double energy = std::abs(found.energy.item<double>() - expected["energy"].get<double>());
        const double force = largest(found.forces - forces) / std::max(1.0, largest(forces));
        QVERIFY2(energy <= 1e-8, qPrintable(QString("%1: energy %2").arg(key.c_str()).arg(energy)));
        QVERIFY2(force <= 1e-8, qPrintable(QString("%1: forces %2").arg(key.c_str()).arg(force)));
        // Of this model upstream adds a constant to the structure's energy alone, Lodestone shares it out.
        torch::Tensor nodeEnergy = tensorOf(expected["node_energy"]);
        if (name == "script_plain")
            nodeEnergy = nodeEnergy - 2.5 / static_cast<double>(structure.size());
        QVERIFY2(largest(found.nodeEnergy - nodeEnergy) <= 1e-8, key.c_str());
        if (expected.contains("stress")) {
            worstStress = std::max(worstStress, largest(found.stress[0] - tensorOf(expected["stress"])));
            QVERIFY2(worstStress <= 1e-9,
                     qPrintable(QString("%1: stress %2").arg(key.c_str()).arg(worstStress)));
        }
        worstEnergy = std::max(worstEnergy, energy);
        worstForce = std::max(worstForce, force);
    }
    qInfo("largest differences: energy %.1e eV, forces %.1e, stress %.1e eV/A^3", worstEnergy, worstForce,
          worstStress);
}

void TestNequip::singlePrecision()
{
    QFETCH(QString, name);
    const Json description = nequipDescription(name.toStdString());
    const LoadedModel loaded = nequipModel(description).loaded;
    for (const auto& [key, expected] : description["structures"].items()) {
        const Prediction found =
            nequipPrediction(loaded, describedStructure(description, key), torch::kFloat32);
        const torch::Tensor forces = tensorOf(expected["forces"]);
        const double energy = expected["energy"].get<double>();
        QVERIFY2(std::abs(found.energy.item<double>() - energy) <= 2e-5 * std::max(1.0, std::abs(energy)),
                 key.c_str());
        QVERIFY2(largest(found.forces - forces) <= 5e-5 * std::max(1.0, largest(forces)), key.c_str());
    }
}

/// Energies do not change under rotation with inversion and under renumbering, forces turn along.
void TestNequip::symmetry()
{
    QFETCH(QString, name);
    const Json description = nequipDescription(name.toStdString());
    const LoadedModel loaded = nequipModel(description).loaded;
    const Mat3 r = improperRotation();
    const torch::Tensor matrix = tensorOf(Json(r));
    for (const auto& [key, expected] : description["structures"].items()) {
        const Structure structure = describedStructure(description, key);
        const Prediction before = nequipPrediction(loaded, structure);
        const Prediction after = nequipPrediction(loaded, transformed(structure, r));
        const double size = std::max(1.0, largest(before.forces));
        QVERIFY2(std::abs((after.energy - before.energy).item<double>()) <= 1e-10, key.c_str());
        QVERIFY2(largest(after.forces - before.forces.matmul(matrix.t())) <= 1e-10 * size, key.c_str());

        Structure reversed = structure;
        std::reverse(reversed.species.begin(), reversed.species.end());
        std::reverse(reversed.positions.begin(), reversed.positions.end());
        const Prediction renumbered = nequipPrediction(loaded, reversed);
        QVERIFY2(largest(renumbered.forces.flip(0) - before.forces) <= 1e-10 * size, key.c_str());
        QVERIFY2(largest(before.forces.sum(0)) <= 1e-10 * size, key.c_str());
    }
}

void TestNequip::forcesAreDerivatives()
{
    QFETCH(QString, name);
    const Json description = nequipDescription(name.toStdString());
    const LoadedModel loaded = nequipModel(description).loaded;
    const Structure structure = describedStructure(description, "nio_afm2");
    const torch::Tensor forces = nequipPrediction(loaded, structure).forces;
    const double step = 1e-5;
    for (std::size_t atom = 0; atom < 2; ++atom)
        for (std::size_t k = 0; k < 3; ++k) {
            const auto energyAt = [&](double shift) {
                Structure moved = structure;
                moved.positions[atom][k] += shift;
                return nequipPrediction(loaded, moved).energy.item<double>();
            };
            const double slope = (energyAt(step) - energyAt(-step)) / (2 * step);
            const double force =
                forces[static_cast<std::int64_t>(atom)][static_cast<std::int64_t>(k)].item<double>();
            QVERIFY2(std::abs(force + slope) <= 1e-6 * std::max(1.0, largest(forces)),
                     qPrintable(QString("%1 against %2").arg(force).arg(-slope)));
        }
}

void TestNequip::stressIsTheDerivative()
{
    const Json description = nequipDescription("package_parity");
    const LoadedModel loaded = nequipModel(description).loaded;
    const Structure structure = describedStructure(description, "nio_afm2");
    const torch::Tensor virial = nequipPrediction(loaded, structure).virial[0];
    const double step = 1e-5;
    const auto energyAt = [&](double strain) {
        Mat3 r = {{{1, strain / 2, 0}, {strain / 2, 1, 0}, {0, 0, 1}}};
        return nequipPrediction(loaded, transformed(structure, r)).energy.item<double>();
    };
    const double slope = (energyAt(step) - energyAt(-step)) / (2 * step);
    QVERIFY(std::abs(slope - virial[0][1].item<double>()) <= 1e-6 * std::max(1.0, largest(virial)));
}

/// Gradients of a loss with energy and forces (double backward) in every stored tensor, against differences
/// along a direction.
void TestNequip::parameterGradients()
{
    QFETCH(QString, name);
    const Json description = nequipDescription(name.toStdString());
    const LoadedModel loaded = nequipModel(description).loaded;
    const GraphBatch batch = nequipBatch(loaded, describedStructure(description, "nio_afm2"));
    torch::manual_seed(7);
    const torch::Tensor direction = torch::randn({batch.atoms, 3}, torch::kFloat64);
    const auto lossOf = [&](const ParameterTable& parameters, bool differentiable) {
        const Prediction found = predict(*loaded.model, parameters, batch, {true, false, differentiable});
        return 0.1 * found.energy.sum() + (found.forces * direction).sum();
    };
    const ParameterTable base = loaded.parameters.to(torch::kCPU, torch::kFloat64);
    ParameterTable trained = base;
    std::vector<torch::Tensor> leaves;
    for (const std::string& tensor : base.names()) {
        leaves.push_back(base.at(tensor).detach().clone().requires_grad_());
        trained.set(tensor, leaves.back());
    }
    const auto gradients = torch::autograd::grad({lossOf(trained, true)}, leaves, {}, {}, false, true);
    std::size_t compared = 0;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const std::string& tensor = base.names()[i];
        const torch::Tensor along =
            torch::randn_like(leaves[i]) * (1 / std::sqrt(static_cast<double>(leaves[i].numel())));
        const double step = 1e-5;
        const auto lossAt = [&](double shift) {
            ParameterTable moved = base;
            moved.set(tensor, base.at(tensor) + shift * along);
            return lossOf(moved, false).item<double>();
        };
        const double slope = (lossAt(step) - lossAt(-step)) / (2 * step);
        const double found = gradients[i].defined() ? (gradients[i] * along).sum().item<double>() : 0;
        QVERIFY2(std::abs(found - slope) <= 1e-5 * std::max(1.0, std::abs(slope)),
                 qPrintable(QString("%1: %2 against %3").arg(tensor.c_str()).arg(found).arg(slope)));
        compared += std::abs(slope) > 1e-3;
    }
    QVERIFY2(compared >= leaves.size() / 2, "most tensors must matter to the loss, or nothing was tested");
}

/// The signs of the 3j tensors are those of the file.
void TestNequip::couplingSignsMatter()
{
    Json description = nequipDescription("script_parity");
    const Structure structure = describedStructure(description, "ethanol");
    const double old = nequipPrediction(nequipModel(description).loaded, structure).energy.item<double>();
    description["old_signs"] = false;
    const double changed = nequipPrediction(nequipModel(description).loaded, structure).energy.item<double>();
    QVERIFY(std::abs(old - changed) > 1e-3);
}

/// Beyond the cutoff of their own pair, atoms do not see each other, whatever the model's cutoff.
void TestNequip::pairCutoffs()
{
    const LoadedModel loaded = nequipModel(nequipDescription("package_parity")).loaded;
    Structure pair;
    pair.species = {1, 1}; // cutoff 2.5 Angstrom in both directions
    pair.positions = {{0, 0, 0}, {0, 0, 2.6}};
    QCOMPARE(largest(nequipPrediction(loaded, pair).forces), 0.0);
    pair.positions[1][2] = 2.4;
    QVERIFY(largest(nequipPrediction(loaded, pair).forces) > 1e-9);
    // Carbon as centre sees hydrogen up to 3.0, hydrogen as centre sees carbon up to 2.5.
    pair.species = {6, 1};
    pair.positions[1][2] = 2.8;
    const torch::Tensor near = nequipPrediction(loaded, pair).nodeEnergy;
    pair.positions[1][2] = 2.9;
    const torch::Tensor far = nequipPrediction(loaded, pair).nodeEnergy;
    QVERIFY(std::abs((near[0] - far[0]).item<double>()) > 1e-9);
    QCOMPARE((near[1] - far[1]).item<double>(), 0.0);
}

QTEST_GUILESS_MAIN(TestNequip)
#include "tst_nequip.moc"
