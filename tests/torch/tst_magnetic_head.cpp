#include "base/error.h"
#include "finetune/magnetic_head.h"
#include "models/model.h"
#include "support/tiny_nequix.h"
#include "weights/model_numbers.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <cmath>
#include <torch/torch.h>

using namespace lodestone;

namespace {

HeadParameters exampleHead(std::int64_t inputs)
{
    HeadStart start;
    start.inputMean.assign(static_cast<std::size_t>(inputs), 0.1);
    start.inputScale.assign(static_cast<std::size_t>(inputs), 2.0);
    start.inputScale[0] = 0; // a feature that never varies
    start.elementMoment = {0.05, 3.7, std::nan("")};
    return initialMagnitudeHead(start, 4, torch::kCPU, torch::kFloat64);
}

/// A head that has learnt something: its output depends on the invariants.
HeadParameters learntHead(std::int64_t inputs)
{
    auto head = exampleHead(inputs);
    torch::manual_seed(8);
    head["output_weight"] = torch::randn({64}, torch::dtype(torch::kFloat64)) * 0.3;
    return head;
}

} // namespace

class TestMagneticHead : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void startsAtTheMeanOfTheElement();
    void neverNegativeAndDifferentiable();
    void refusesAnotherModel();
    void invariantUnderSymmetries();
};

void TestMagneticHead::startsAtTheMeanOfTheElement()
{
    const auto head = exampleHead(8);
    const auto m = momentMagnitudes(head, torch::randn({3, 8}, torch::dtype(torch::kFloat64)),
                                    torch::tensor({0, 1, 2}, torch::kInt64));
    QVERIFY(std::abs(m[0].item<double>() - 0.05) < 1e-12);
    QVERIFY(std::abs(m[1].item<double>() - 3.7) < 1e-12);
    QVERIFY(m[2].item<double>() < 0.01); // no label: small, but able to learn
    QVERIFY(torch::isfinite(head.at("input_scale")).all().item<bool>());
    QCOMPARE(trainedHeadCount({"magnitude", head}), 8 * 64 + 64 + 64 * 64 + 64 + 64 + 3 + 3);
}

void TestMagneticHead::neverNegativeAndDifferentiable()
{
    auto head = learntHead(8);
    const auto x = (torch::randn({200, 8}, torch::dtype(torch::kFloat64)) * 20).requires_grad_(true);
    const auto species = torch::randint(0, 3, {200}, torch::kInt64);
    const auto m = momentMagnitudes(head, x, species);
    QVERIFY((m >= 0).all().item<bool>());
    QVERIFY(m.std().item<double>() > 0.1);
    const auto gradient = torch::autograd::grad({m.sum()}, {x})[0];
    QVERIFY(torch::isfinite(gradient).all().item<bool>());
    // Against central differences.
    const double h = 1e-6;
    for (const std::int64_t i : {0, 57, 199}) {
        auto up = x.detach().clone();
        auto down = x.detach().clone();
        up[i][2] += h;
        down[i][2] -= h;
        const double difference =
            ((momentMagnitudes(head, up, species) - momentMagnitudes(head, down, species)).sum() / (2 * h))
                .item<double>();
        QVERIFY(std::abs(difference - gradient[i][2].item<double>()) < 1e-6);
    }
}

void TestMagneticHead::refusesAnotherModel()
{
    const auto species = torch::zeros({2}, torch::kInt64);
    const auto x = torch::zeros({2, 9}, torch::dtype(torch::kFloat64));
    QVERIFY_EXCEPTION_THROWN(momentMagnitudes(exampleHead(8), x, species), Error);
    auto broken = exampleHead(9);
    broken.erase("output_weight");
    QVERIFY_EXCEPTION_THROWN(momentMagnitudes(broken, x, species), Error);
}

void TestMagneticHead::invariantUnderSymmetries()
{
    QTemporaryDir folder;
    const LoadedModel model = openModel(writeTinyNequix(folder.path().toStdString()));
    const auto parameters = model.parameters.to(torch::kCPU, torch::kFloat64);
    std::mt19937_64 random(3);
    const Structure structure = tinyStructure(random);
    const auto evaluate = [&](const Structure& s) {
        const auto batch =
            makeGraphBatch({&s}, model.description().elements, model.description().cutoff, torch::kFloat64);
        const Prediction p = predict(*model.model, parameters, batch, {.forces = false, .stress = false});
        return momentMagnitudes(learntHead(p.invariants.size(1)), p.invariants, batch.species);
    };
    const auto reference = evaluate(structure);
    QVERIFY(reference.std().item<double>() > 1e-3);
    const auto largest = [&](const torch::Tensor& m) { return (m - reference).abs().max().item<double>(); };

    // A rotation about (1, 2, 3), combined with inversion and a translation.
    const double angle = 0.7;
    const Vec3 n = (1 / std::sqrt(14.0)) * Vec3{1, 2, 3};
    const auto turned = [&](const Vec3& v, double sign) {
        const Vec3 r =
            std::cos(angle) * v + std::sin(angle) * cross(n, v) + ((1 - std::cos(angle)) * dot(n, v)) * n;
        return sign * r;
    };
    for (const double sign : {1.0, -1.0}) {
        Structure image = structure;
        for (auto& row : image.cell)
            row = turned(row, sign);
        for (auto& r : image.positions)
            r = turned(r, sign) + Vec3{0.3, -1.7, 5.2};
        QVERIFY(largest(evaluate(image)) < 1e-10);
    }
    // Permutation: the first two atoms change places.
    Structure swapped = structure;
    std::swap(swapped.species[0], swapped.species[1]);
    std::swap(swapped.positions[0], swapped.positions[1]);
    auto m = evaluate(swapped);
    const auto first = m[0].clone();
    m[0] = m[1];
    m[1] = first;
    QVERIFY(largest(m) < 1e-10);
}

QTEST_GUILESS_MAIN(TestMagneticHead)
#include "tst_magnetic_head.moc"
