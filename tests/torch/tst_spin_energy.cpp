// The head spin-energy: derivatives of its energy against differences, for every family of models;
// symmetries; exchange; relaxation of moments.
#include "architectures/nequip/sevennet.h"
#include "base/error.h"
#include "base/files.h"
#include "finetune/head_prediction.h"
#include "finetune/spin_relaxation.h"
#include "models/nequip/convolution_model.h"
#include "support/nequip_models.h"
#include "support/tiny_mace.h"
#include "support/tiny_nequix.h"
#include "support/turned_structures.h"
#include "weights/model_numbers.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;

namespace {

const auto real = torch::dtype(torch::kFloat64);

LoadedModel randomSevenNet()
{
    SevenNetConfig config;
    config.cutoff = config.envelope.cutoff = 3.4;
    config.elements = {8, 26, 28};
    config.layers = 3;
    config.lMax = 2;
    config.channels = 4;
    config.basisFunctions = 5;
    config.radialHidden = {8};
    config.elementSelfConnection = {true, false, true};
    config.shiftShape = config.scaleShape = {1};
    validate(config, "test");
    ConvolutionNetwork network = sevenNetNetwork(config);
    LoadedModel loaded;
    torch::manual_seed(11);
    for (const ParameterInfo& info : network.tensors) {
        torch::Tensor value = torch::randn(info.shape, torch::kFloat64);
        if (info.module == "radial_basis")
            value = torch::arange(1, info.count + 1, torch::kFloat64) * (3.1 / config.cutoff);
        else if (info.kind == "scale")
            value = value * 0.2 + 3;
        loaded.parameters.add(info.name, value);
    }
    ModelDescription description = describe(network);
    loaded.model = std::make_shared<ConvolutionModel>(std::move(network), std::move(description));
    return loaded;
}

LoadedModel modelOf(const QString& family)
{
    if (family == "SevenNet")
        return randomSevenNet();
    if (family == "NequIP")
        return nequipModel(test::nequipDescription("package_parity")).loaded;
    QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    if (family == "Nequix")
        return openModel(writeTinyNequix(path));
    writeFileAtomically(path / "tiny.model", test::writeTinyMace());
    return openModel(path / "tiny.model");
}

struct Case {
    LoadedModel model;
    ParameterTable parameters;
    MagneticHead head;
    Structure structure;
    torch::Tensor moments; ///< [atoms, 3]

    explicit Case(const QString& family, const std::string& kind = "spin-energy")
        : model(modelOf(family)),
          parameters(model.parameters.to(torch::kCPU, torch::kFloat64)),
          structure(smallCell())
    {
        const auto& elements = model.description().elements;
        for (std::size_t i = 0; i < structure.species.size(); ++i)
            structure.species[i] = elements[i % elements.size()];
        moments = torch::tensor({1.2, 0.4, -0.7, 0.3, -0.9, 0.5, -0.6, 0.2, 1.6}, real).view({3, 3});
        const Prediction plain = predict(*model.model, parameters, batch(structure, moments));
        HeadStart start;
        const auto n = static_cast<std::size_t>(plain.invariants.size(1));
        const double deviation = plain.invariants.std().item<double>();
        start.inputMean.assign(n, 0.1 * deviation);
        start.inputScale.assign(n, deviation);
        start.elementMoment.assign(elements.size(), 1.3);
        head = initialHead(kind, start, model.description().cutoff, 3, torch::kCPU, torch::kFloat64);
        torch::manual_seed(5);
        for (const char* name :
             {"site_output_weight", "bond_output_weight", "site_hidden_bias", "bond_hidden_bias"})
            head.numbers[name] = torch::randn_like(head.numbers.at(name)) * 0.4;
    }
    GraphBatch batch(const Structure& s, const torch::Tensor& m) const
    {
        GraphBatch graphs =
            makeGraphBatch({&s}, model.description().elements, model.description().cutoff, torch::kFloat64);
        graphs.moments = m;
        return graphs;
    }
    HeadPrediction answer(const Structure& s, const torch::Tensor& m) const
    {
        return predictWithHead(*model.model, parameters, batch(s, m), {}, &head);
    }
    double energy(const Structure& s, const torch::Tensor& m) const
    {
        return answer(s, m).model.energy.item<double>();
    }
};

double biggest(const torch::Tensor& difference)
{
    return difference.abs().max().item<double>();
}

#define VERIFY_BELOW(value, limit)                                                                           \
    QVERIFY2((value) < (limit), qPrintable(QString("%1, limit %2").arg(value).arg(limit)))

} // namespace

class TestSpinEnergy : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void startsAsAWell();
    void derivatives_data();
    void derivatives();
    void gradientsInParameters_data() { derivatives_data(); }
    void gradientsInParameters();
    void symmetries_data() { derivatives_data(); }
    void symmetries();
    void atomsWithoutMomentsTakeNoPart();
    void exchangeIsSymmetricAndSmooth();
    void plainNumbersAgree();
    void relaxesToAntiferromagnet();
    void relaxationIsBounded();
    void refusesWhatDoesNotFit();
    void vectorIsOddAndTurns_data() { derivatives_data(); }
    void vectorIsOddAndTurns();
};

/// A new head has no exchange and no longitudinal field at the mean moment, and gradients to start from.
void TestSpinEnergy::startsAsAWell()
{
    HeadStart start{std::vector<double>(6, 0.0), std::vector<double>(6, 1.0), {1.5, std::nan("")}};
    MagneticHead head = initialHead("spin-energy", start, 4, 1, torch::kCPU, torch::kFloat64);
    Case c("Nequix");
    GraphBatch batch = c.batch(c.structure, c.moments);
    batch.moments = c.moments / c.moments.square().sum(1, true).sqrt() * 1.5;
    batch.species.zero_();
    for (const std::string& name : trainedHeadNames("spin-energy"))
        head.numbers.at(name).requires_grad_(true);
    const auto vectors = torch::randn({batch.edges, 3}, real);
    const SpinTerms terms = spinTerms(head.numbers, torch::randn({3, 6}, real), vectors, batch);
    QCOMPARE(biggest(terms.exchange), 0.0);
    VERIFY_BELOW(biggest(magneticForces(terms)), 1e-6);
    VERIFY_BELOW(std::abs(spinEnergy(terms).sum().item<double>() + 3e-5), 1e-6);
    const auto loss = (magneticForces(terms) - 1).square().sum();
    for (const char* name : {"site_output_weight", "site_element_bias", "bond_output_weight"}) {
        const auto gradient = torch::autograd::grad({loss}, {head.numbers.at(name)}, {}, true)[0];
        QVERIFY2(biggest(gradient) > 1e-6, name);
    }
}

void TestSpinEnergy::derivatives_data()
{
    QTest::addColumn<QString>("family");
    for (const char* family : {"Nequix", "MACE", "SevenNet", "NequIP"})
        QTest::newRow(family) << family;
}

/// Fields, forces and stress against central differences of the energy.
void TestSpinEnergy::derivatives()
{
    QFETCH(QString, family);
    const Case c(family);
    const HeadPrediction p = c.answer(c.structure, c.moments);
    const Prediction bare = predict(*c.model.model, c.parameters, c.batch(c.structure, c.moments));
    QVERIFY(biggest(p.model.forces - bare.forces) > 1e-3); // the head acts on the forces
    QVERIFY(biggest(p.terms.exchange) > 1e-4);
    VERIFY_BELOW(std::abs((p.model.nodeEnergy.sum() - p.model.energy.sum()).item<double>()), 1e-10);
    double fields = 0, forces = 0, stress = 0;
    for (std::int64_t atom = 0; atom < 3; ++atom)
        for (std::int64_t k = 0; k < 3; ++k) {
            const double h = 1e-5;
            const auto momentsAt = [&](double shift) {
                torch::Tensor m = c.moments.clone();
                m[atom][k] += shift;
                return c.energy(c.structure, m);
            };
            fields = std::max(fields, std::abs((momentsAt(h) - momentsAt(-h)) / (2 * h) +
                                               p.head.magneticForces[atom][k].item<double>()));
            const auto positionsAt = [&](double shift) {
                Structure s = c.structure;
                s.positions[std::size_t(atom)][std::size_t(k)] += shift;
                return c.energy(s, c.moments);
            };
            forces = std::max(forces, std::abs((positionsAt(h) - positionsAt(-h)) / (2 * h) +
                                               p.model.forces[atom][k].item<double>()));
            const auto strainedBy = [&](double strain) {
                Mat3 m = identity3;
                m[std::size_t(atom)][std::size_t(k)] += strain / 2;
                m[std::size_t(k)][std::size_t(atom)] += strain / 2;
                return c.energy(transformed(c.structure, m), c.moments);
            };
            stress = std::max(stress, std::abs((strainedBy(h) - strainedBy(-h)) / (2 * h) -
                                               p.model.virial[0][atom][k].item<double>()));
        }
    const double scale = std::max(1.0, biggest(p.model.forces));
    VERIFY_BELOW(fields, 1e-8);
    VERIFY_BELOW(forces, 1e-6 * scale);
    VERIFY_BELOW(stress, 1e-5 * scale);
}

/// What training differentiates: a loss of energy, forces and fields, in the head's and the model's numbers.
void TestSpinEnergy::gradientsInParameters()
{
    QFETCH(QString, family);
    Case c(family);
    const GraphBatch batch = c.batch(c.structure, c.moments);
    const auto loss = [&](bool differentiable) {
        const HeadPrediction p =
            predictWithHead(*c.model.model, c.parameters, batch,
                            {.forces = true, .stress = true, .differentiable = differentiable}, &c.head);
        return p.model.energy.sum() * 0.1 + p.model.forces.square().sum() +
               p.model.virial.square().sum() * 0.1 + p.head.magneticForces.square().sum();
    };
    std::vector<torch::Tensor> leaves;
    for (const std::string& name : trainedHeadNames("spin-energy"))
        leaves.push_back(c.head.numbers.at(name).requires_grad_(true));
    for (const ParameterInfo& info : c.model.description().tensors)
        if (info.trainable && info.kind == "linear") {
            c.parameters.set(info.name, c.parameters.at(info.name).detach().clone());
            leaves.push_back(c.parameters.at(info.name).requires_grad_(true));
        }
    QVERIFY(leaves.size() > 10);
    const auto gradients = torch::autograd::grad({loss(true)}, leaves, {}, false, false, true);
    torch::manual_seed(9);
    double worst = 0, size = 0;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        if (!gradients[i].defined())
            continue;
        const torch::Tensor along = torch::randn_like(leaves[i]);
        const double slope = (gradients[i] * along).sum().item<double>();
        const double h = 1e-5;
        const auto at = [&](double shift) {
            const torch::Tensor kept = leaves[i].detach().clone();
            {
                const torch::NoGradGuard guard;
                leaves[i].add_(along, shift);
            }
            const double value = loss(false).item<double>();
            const torch::NoGradGuard guard;
            leaves[i].copy_(kept);
            return value;
        };
        worst = std::max(worst, std::abs((at(h) - at(-h)) / (2 * h) - slope));
        size = std::max(size, std::abs(slope));
    }
    VERIFY_BELOW(worst, 1e-6 * size);
}

void TestSpinEnergy::symmetries()
{
    QFETCH(QString, family);
    const Case c(family);
    const HeadPrediction p = c.answer(c.structure, c.moments);
    const double scale = std::max(1.0, biggest(p.model.forces));
    const auto unchanged = [&](const HeadPrediction& image) {
        VERIFY_BELOW(biggest(image.model.energy - p.model.energy), 1e-9 * scale);
        VERIFY_BELOW(biggest(image.model.forces - p.model.forces), 1e-9 * scale);
        VERIFY_BELOW(biggest(image.model.stress - p.model.stress), 1e-9 * scale);
    };
    const HeadPrediction flipped = c.answer(c.structure, -c.moments);
    unchanged(flipped);
    VERIFY_BELOW(biggest(flipped.head.magneticForces + p.head.magneticForces), 1e-12);
    const torch::Tensor turn = matrix(rotation());
    const HeadPrediction spun = c.answer(c.structure, c.moments.matmul(turn));
    unchanged(spun);
    VERIFY_BELOW(biggest(spun.head.magneticForces - p.head.magneticForces.matmul(turn)), 1e-11);
    const HeadPrediction whole =
        c.answer(transformed(c.structure, rotation(), {0.3, -1.7, 5.2}), c.moments.matmul(turn));
    VERIFY_BELOW(biggest(whole.model.energy - p.model.energy), 1e-9 * scale);
    VERIFY_BELOW(biggest(whole.model.forces - p.model.forces.matmul(turn)), 1e-9 * scale);
    VERIFY_BELOW(biggest(whole.head.magneticForces - p.head.magneticForces.matmul(turn)), 1e-10);
}

void TestSpinEnergy::atomsWithoutMomentsTakeNoPart()
{
    const Case c("Nequix");
    const HeadPrediction none = c.answer(c.structure, torch::zeros({3, 3}, real));
    const Prediction bare = predict(*c.model.model, c.parameters, c.batch(c.structure, c.moments));
    QCOMPARE(biggest(none.model.energy - bare.energy), 0.0);
    VERIFY_BELOW(biggest(none.model.forces - bare.forces), 1e-14);
    QCOMPARE(biggest(none.head.magneticForces), 0.0);
    QCOMPARE(none.terms.exchange.numel(), std::int64_t(0));
    torch::Tensor two = c.moments.clone();
    two[1].zero_();
    const HeadPrediction p = c.answer(c.structure, two);
    QCOMPARE(biggest(p.head.magneticForces[1]), 0.0);
    QVERIFY(((p.terms.bonds.centre != 1) & (p.terms.bonds.neighbour != 1)).all().item<bool>());
}

void TestSpinEnergy::exchangeIsSymmetricAndSmooth()
{
    const Case c("MACE");
    const HeadPrediction p = c.answer(c.structure, c.moments);
    const GraphBatch batch = c.batch(c.structure, c.moments);
    const auto number = [](const torch::Tensor& t, std::int64_t i) { return t[i].item<std::int64_t>(); };
    int pairs = 0;
    for (std::int64_t e = 0; e < batch.edges; ++e)
        for (std::int64_t f = 0; f < batch.edges; ++f)
            if (number(batch.centre, e) == number(batch.neighbour, f) &&
                number(batch.neighbour, e) == number(batch.centre, f) &&
                (batch.shift[e] + batch.shift[f]).abs().sum().item<double>() == 0) {
                ++pairs;
                VERIFY_BELOW(std::abs((p.terms.exchange[e] - p.terms.exchange[f]).item<double>()), 1e-13);
            }
    QCOMPARE(std::int64_t(pairs), batch.edges);

    // J, its slope and its curvature towards the cutoff, features held.
    const double cutoff = c.model.description().cutoff;
    const torch::Tensor x = torch::randn({2, c.head.numbers.at("input_mean").numel()}, real);
    GraphBatch two = batch;
    two.atoms = 2;
    two.edges = 1;
    two.species = batch.species.slice(0, 0, 2);
    two.centre = torch::zeros({1}, torch::kInt64);
    two.neighbour = torch::ones({1}, torch::kInt64);
    two.moments = c.moments.slice(0, 0, 2);
    const auto derivatives = [&](double distance) {
        const auto r = torch::full({1}, distance, real).requires_grad_(true);
        const auto vectors = torch::stack({r, torch::zeros({1}, real), torch::zeros({1}, real)}, 1);
        const auto exchange = spinTerms(c.head.numbers, x, vectors, two).exchange;
        const auto slope = torch::autograd::grad({exchange}, {r}, {}, true, true)[0];
        const auto curvature = torch::autograd::grad({slope}, {r}, {}, true)[0];
        return std::array{exchange.item<double>(), slope.item<double>(), curvature.item<double>()};
    };
    const auto middle = derivatives(0.5 * cutoff), near = derivatives(cutoff - 1e-3);
    QVERIFY(std::abs(middle[0]) > 1e-3);
    // Three zeros of the envelope: J falls as the cube of the distance to the cutoff, and so on.
    VERIFY_BELOW(std::abs(near[0]), 1e-7 * std::abs(middle[0]) + 1e-9);
    VERIFY_BELOW(std::abs(near[1]), 1e-4);
    VERIFY_BELOW(std::abs(near[2]), 0.1);
    VERIFY_BELOW(std::abs(derivatives(cutoff - 1e-6)[2]), 1e-4);
    QCOMPARE(derivatives(cutoff + 1e-9)[0], 0.0);
}

/// The energy of tensors and that of plain numbers, which the relaxation uses.
void TestSpinEnergy::plainNumbersAgree()
{
    const Case c("SevenNet");
    const HeadPrediction p = c.answer(c.structure, c.moments);
    SpinSystem system;
    std::vector<Vec3> moments;
    for (std::int64_t i = 0; i < 3; ++i) {
        system.square.push_back(p.terms.square[i].item<double>());
        system.fourth.push_back(p.terms.fourth[i].item<double>());
        moments.push_back(
            {c.moments[i][0].item<double>(), c.moments[i][1].item<double>(), c.moments[i][2].item<double>()});
    }
    for (std::int64_t b = 0; b < p.terms.exchange.numel(); ++b)
        system.bonds.push_back({std::size_t(p.terms.bonds.centre[b].item<std::int64_t>()),
                                std::size_t(p.terms.bonds.neighbour[b].item<std::int64_t>()),
                                p.terms.exchange[b].item<double>()});
    std::vector<Vec3> fields;
    VERIFY_BELOW(
        std::abs(spinSystemEnergy(system, moments, &fields) - spinEnergy(p.terms).sum().item<double>()),
        1e-12);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t k = 0; k < 3; ++k)
            VERIFY_BELOW(std::abs(fields[i][k] -
                                  p.head.magneticForces[std::int64_t(i)][std::int64_t(k)].item<double>()),
                         1e-12);
}

/// A simple cubic lattice of 4 x 4 x 4 spins with J < 0 between neighbours, its pattern disturbed.
void TestSpinEnergy::relaxesToAntiferromagnet()
{
    constexpr int n = 4;
    constexpr double exchange = -0.02, square = -0.08, fourth = 0.02;
    SpinSystem system;
    std::vector<Vec3> start;
    std::mt19937_64 random(4);
    std::normal_distribution<double> normal(0, 0.25);
    const auto index = [](int x, int y, int z) {
        return std::size_t(((x + n) % n * n + (y + n) % n) * n + (z + n) % n);
    };
    for (int x = 0; x < n; ++x)
        for (int y = 0; y < n; ++y)
            for (int z = 0; z < n; ++z) {
                system.square.push_back(square);
                system.fourth.push_back(fourth);
                const double sign = (x + y + z) % 2 ? -1 : 1;
                start.push_back({normal(random), normal(random), 1.3 * sign + normal(random)});
                for (const auto& [dx, dy, dz] :
                     {std::array{1, 0, 0}, std::array{-1, 0, 0}, std::array{0, 1, 0}, std::array{0, -1, 0},
                      std::array{0, 0, 1}, std::array{0, 0, -1}})
                    system.bonds.push_back({index(x, y, z), index(x + dx, y + dy, z + dz), exchange});
            }
    for (const bool keepLengths : {false, true}) {
        SpinRelaxation how;
        how.keepLengths = keepLengths;
        const RelaxedSpins relaxed = relaxSpins(system, start, how);
        QVERIFY(relaxed.converged);
        QVERIFY(relaxed.energy < spinSystemEnergy(system, start));
        // |m|^2 = -(square + 3 exchange) / (2 fourth) with six antiparallel neighbours.
        const double length = std::sqrt((-square - 3 * exchange) / (2 * fourth));
        for (std::size_t i = 0; i < start.size(); ++i) {
            const double sign = (i / 16 + i / 4 % 4 + i % 4) % 2 ? -1 : 1;
            const double cosine = sign * dot(relaxed.moments[i], relaxed.moments[0]) /
                                  (norm(relaxed.moments[i]) * norm(relaxed.moments[0]));
            VERIFY_BELOW(1 - cosine, 1e-6);
            VERIFY_BELOW(std::abs(norm(relaxed.moments[i]) - (keepLengths ? norm(start[i]) : length)), 1e-4);
        }
    }
}

/// However small b is, the energy has a minimum; atoms without a moment stay without.
void TestSpinEnergy::relaxationIsBounded()
{
    SpinSystem system{
        {-0.05, -0.05, -0.05}, {1e-5, 1e-5, 1e-5}, {{0, 1, 0.04}, {1, 0, 0.04}, {1, 2, 9}, {2, 1, 9}}};
    const std::vector<Vec3> start = {{1, 0, 0.1}, {0.5, -0.3, 1}, {0, 0, 0}};
    const RelaxedSpins ended = relaxSpins(system, start);
    QVERIFY(!ended.converged && norm(ended.moments[0]) > 19 && norm(ended.moments[0]) < 21);
    SpinRelaxation how;
    how.longest = 1000;
    const RelaxedSpins relaxed = relaxSpins(system, start, how);
    QVERIFY(relaxed.converged);
    QCOMPARE(norm(relaxed.moments[2]), 0.0);
    // 2 a + 4 b m^2 = J for two parallel moments.
    const double length = std::sqrt((0.04 + 0.1) / 4e-5);
    VERIFY_BELOW(std::abs(norm(relaxed.moments[0]) - length), 0.05);
    VERIFY_BELOW(1 - dot(relaxed.moments[0], relaxed.moments[1]) / (length * length), 1e-2);
    // A saddle that no field drives away from is where it stays.
    SpinSystem pair{{-0.1, -0.1}, {0.05, 0.05}, {{0, 1, -0.01}, {1, 0, -0.01}}};
    const double saddle = std::sqrt((0.2 - 0.01) / 0.2);
    const RelaxedSpins stuck = relaxSpins(pair, {{0, 0, saddle}, {0, 0, saddle}});
    QVERIFY(stuck.converged);
    QCOMPARE(stuck.steps, 0);
}

void TestSpinEnergy::refusesWhatDoesNotFit()
{
    Case c("Nequix");
    GraphBatch without = c.batch(c.structure, {});
    QVERIFY_EXCEPTION_THROWN(predictWithHead(*c.model.model, c.parameters, without, {}, &c.head),
                             InternalError);
    QVERIFY_EXCEPTION_THROWN(trainedHeadNames("spin"), Error);
    MagneticHead broken = c.head;
    broken.numbers.erase("bond_output_weight");
    QVERIFY_EXCEPTION_THROWN(trainedHeadCount(broken), Error);
    broken = c.head;
    broken.numbers["input_mean"] = torch::zeros({3}, real);
    QVERIFY_EXCEPTION_THROWN(
        predictWithHead(*c.model.model, c.parameters, c.batch(c.structure, c.moments), {}, &broken), Error);
}

/// Head vector: reversing the pattern reverses the moments exactly; structure and pattern turn them; its
/// energy is even, and forces are its derivatives.
void TestSpinEnergy::vectorIsOddAndTurns()
{
    QFETCH(QString, family);
    const Case c(family, "vector");
    const HeadPrediction p = c.answer(c.structure, c.moments);
    QVERIFY(biggest(p.head.moments - c.moments) > 1e-2);
    const HeadPrediction flipped = c.answer(c.structure, -c.moments);
    QCOMPARE(biggest(flipped.head.moments + p.head.moments), 0.0);
    QCOMPARE(biggest(flipped.model.energy - p.model.energy), 0.0);
    const HeadPrediction longer = c.answer(c.structure, 2 * c.moments); // only directions count
    VERIFY_BELOW(biggest(longer.head.moments - p.head.moments), 1e-13);
    for (const double sign : {1.0, -1.0}) { // moments are axial: inversion leaves them
        Mat3 turn = rotation();
        for (Vec3& row : turn)
            row = sign * row;
        const HeadPrediction whole =
            c.answer(transformed(c.structure, turn, {0.3, -1.7, 5.2}), c.moments.matmul(matrix(rotation())));
        VERIFY_BELOW(biggest(whole.head.moments - p.head.moments.matmul(matrix(rotation()))), 1e-10);
    }
    // An atom without a direction gets its moment from its neighbours.
    torch::Tensor two = c.moments.clone();
    two[1].zero_();
    QVERIFY(biggest(c.answer(c.structure, two).head.moments[1]) > 1e-3);
    const double h = 1e-5;
    Structure up = c.structure, down = c.structure;
    up.positions[1][2] += h;
    down.positions[1][2] -= h;
    const double slope = (c.energy(up, c.moments) - c.energy(down, c.moments)) / (2 * h);
    VERIFY_BELOW(std::abs(slope + p.model.forces[1][2].item<double>()),
                 1e-6 * std::max(1.0, biggest(p.model.forces)));
}

QTEST_GUILESS_MAIN(TestSpinEnergy)
#include "tst_spin_energy.moc"
