// The fused normalisation and gates of Nequix against LibTorch's operations, with all derivatives.
#include "equivariant/gated_norm.h"
#include "support/sentence.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <torch/torch.h>

using namespace lodestone;

namespace {

using Tensors = std::vector<torch::Tensor>;

/// What is compared: everything that one function gives.
struct Results {
    Tensors values, first, second, third;
};

struct Example {
    std::shared_ptr<const GateShape> shape;
    Tensors features, weights;

    Tensors inputs() const
    {
        Tensors all = features;
        all.insert(all.end(), weights.begin(), weights.end());
        return all;
    }
};

Example example(bool normalises, torch::Dtype dtype, std::int64_t atoms = 37)
{
    torch::manual_seed(3);
    Example made;
    // Widths that no vector register divides; the gates follow the scalars.
    made.shape = std::make_shared<const GateShape>(
        GateShape{{{1, 19 + 7 + 16 + 3}, {3, 7}, {5, 16}, {7, 3}}, 19, 1.6, normalises});
    for (const GateShape::Block& block : made.shape->blocks) {
        made.features.push_back(
            torch::randn({atoms, block.size, block.channels}, torch::kFloat64).to(dtype).requires_grad_());
        if (normalises)
            made.weights.push_back(
                torch::randn({block.channels}, torch::kFloat64).to(dtype).requires_grad_());
    }
    return made;
}

/// A number that depends on all of them, and not linearly.
torch::Tensor mixed(const Tensors& tensors)
{
    torch::Tensor sum;
    double factor = 1;
    for (const torch::Tensor& tensor : tensors) {
        const torch::Tensor part = (tensor * factor).sin().sum() + tensor.square().sum() * 0.1;
        sum = sum.defined() ? sum + part : part;
        factor += 0.3;
    }
    return sum;
}

Results resultsOf(const Example& example, bool fused, bool third)
{
    Results results;
    results.values = fused ? gatedNorm(example.shape, example.features, example.weights)
                           : gatedNormByTensors(*example.shape, example.features, example.weights);
    const Tensors inputs = example.inputs();
    results.first = torch::autograd::grad({mixed(results.values)}, inputs, {}, true, true);
    results.second = torch::autograd::grad({mixed(results.first)}, inputs, {}, true, third);
    if (third)
        results.third = torch::autograd::grad({mixed(results.second)}, inputs);
    return results;
}

/// The largest deviation, in units of the largest number of its tensor.
double deviation(const Tensors& found, const Tensors& wanted)
{
    double most = found.size() == wanted.size() ? 0 : std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < std::min(found.size(), wanted.size()); ++i) {
        if (found[i].sizes() != wanted[i].sizes())
            return std::numeric_limits<double>::infinity();
        const double off = ((found[i] - wanted[i]).abs().max() / wanted[i].abs().max()).item<double>();
        if (std::isnan(off))
            return std::numeric_limits<double>::infinity();
        most = std::max(most, off);
    }
    return most;
}

} // namespace

class TestGatedNorm : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void agreesWithTensors_data();
    void agreesWithTensors();
    void withoutThirdDerivatives();
    void outputsNobodyWants();
    void extremes();
    void threads();
    void nothing();
    void otherOperands();
};

void TestGatedNorm::agreesWithTensors_data()
{
    QTest::addColumn<bool>("normalises");
    QTest::addColumn<bool>("single");
    QTest::addColumn<double>("allowed");
    QTest::newRow("norm, float64") << true << false << 1e-12;
    QTest::newRow("gates alone, float64") << false << false << 1e-12;
    QTest::newRow("norm, float32") << true << true << 2e-5;
    QTest::newRow("gates alone, float32") << false << true << 2e-5;
}

void TestGatedNorm::agreesWithTensors()
{
    QFETCH(bool, normalises);
    QFETCH(bool, single);
    QFETCH(double, allowed);
    const Example made = example(normalises, single ? torch::kFloat32 : torch::kFloat64);
    const Results found = resultsOf(made, true, true), wanted = resultsOf(made, false, true);
    QVERIFY(deviation(found.values, wanted.values) < allowed);
    QVERIFY(deviation(found.first, wanted.first) < allowed);
    QVERIFY(deviation(found.second, wanted.second) < allowed);
    QVERIFY(deviation(found.third, wanted.third) < allowed);
}

/// Second derivatives come from another function where none of theirs are asked for.
void TestGatedNorm::withoutThirdDerivatives()
{
    for (const bool normalises : {true, false}) {
        const Example made = example(normalises, torch::kFloat64);
        const Results found = resultsOf(made, true, false), wanted = resultsOf(made, false, false);
        QVERIFY(deviation(found.second, wanted.second) < 1e-12);
    }
    // Weights that are not trained: only the features' derivatives.
    const Example made = example(true, torch::kFloat64);
    Tensors frozen;
    for (const torch::Tensor& weight : made.weights)
        frozen.push_back(weight.detach());
    const auto second = [&](const Tensors& values) {
        const Tensors first = torch::autograd::grad({mixed(values)}, made.features, {}, true, true);
        return torch::autograd::grad({mixed(first)}, made.features);
    };
    QVERIFY(deviation(second(gatedNorm(made.shape, made.features, frozen)),
                      second(gatedNormByTensors(*made.shape, made.features, frozen))) < 1e-12);
}

void TestGatedNorm::outputsNobodyWants()
{
    const Example made = example(true, torch::kFloat64);
    for (std::size_t wanted = 0; wanted < made.features.size(); ++wanted) {
        const auto second = [&](const Tensors& values) {
            const Tensors first =
                torch::autograd::grad({values[wanted].sin().sum()}, made.inputs(), {}, true, true, true);
            torch::Tensor sum;
            for (const torch::Tensor& slope : first)
                if (slope.defined()) {
                    const torch::Tensor part = slope.square().sum();
                    sum = sum.defined() ? sum + part : part;
                }
            return torch::autograd::grad({sum}, made.features);
        };
        QVERIFY(deviation(second(gatedNorm(made.shape, made.features, made.weights)),
                          second(gatedNormByTensors(*made.shape, made.features, made.weights))) < 1e-12);
    }
}

void TestGatedNorm::extremes()
{
    Example made = example(false, torch::kFloat32, 1);
    made.features[0] = torch::linspace(-300, 300, 45, torch::kFloat32).view({1, 1, 45}).requires_grad_();
    const Results found = resultsOf(made, true, false), wanted = resultsOf(made, false, false);
    for (const Tensors& tensors : {found.values, found.first, found.second})
        for (const torch::Tensor& tensor : tensors)
            QVERIFY(torch::isfinite(tensor).all().item<bool>());
    QVERIFY(deviation(found.values, wanted.values) < 2e-5);
    QVERIFY(deviation(found.first, wanted.first) < 2e-5);
    for (const double bad :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        const Example norm = example(true, torch::kFloat32, 2);
        norm.features[0].detach()[1][0][4] = bad;
        const Tensors values = gatedNorm(norm.shape, norm.features, norm.weights);
        QVERIFY(torch::isfinite(values[0][0]).all().item<bool>());
        QVERIFY(torch::isnan(values[0][1]).any().item<bool>());
    }
}

/// Sums over atoms do not depend on the number of threads.
void TestGatedNorm::threads()
{
    const Example made = example(true, torch::kFloat32, 75);
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    const Results one = resultsOf(made, true, false);
    at::set_num_threads(2);
    const Results two = resultsOf(made, true, false);
    at::set_num_threads(before);
    QCOMPARE(deviation(two.values, one.values), 0.0);
    QCOMPARE(deviation(two.first, one.first), 0.0);
    QCOMPARE(deviation(two.second, one.second), 0.0);
}

void TestGatedNorm::nothing()
{
    const Example made = example(true, torch::kFloat32, 0);
    const Results found = resultsOf(made, true, false);
    QCOMPARE(found.values[2].size(0), 0);
    QCOMPARE(found.first[made.features.size()].sizes(), made.weights[0].sizes());
}

/// Weights of another type, features that are views, weights of which some are trained, shapes that do not
/// fit.
void TestGatedNorm::otherOperands()
{
    Example made = example(true, torch::kFloat64);
    const Tensors expected = gatedNormByTensors(*made.shape, made.features, made.weights);
    Tensors views, partly;
    for (std::size_t i = 0; i < made.features.size(); ++i) {
        views.push_back(made.features[i].transpose(1, 2).contiguous().transpose(1, 2));
        partly.push_back(i % 2 == 0 ? made.weights[i] : made.weights[i].detach());
    }
    QVERIFY(deviation(gatedNorm(made.shape, views, made.weights), expected) < 1e-12);
    const auto second = [&](const Tensors& values) {
        const Tensors first =
            torch::autograd::grad({mixed(values)}, {made.features[1], partly[0], partly[2]}, {}, true, true);
        return torch::autograd::grad({mixed(first)}, {made.features[0], partly[0], partly[2]});
    };
    QVERIFY(deviation(second(gatedNorm(made.shape, made.features, partly)),
                      second(gatedNormByTensors(*made.shape, made.features, partly))) < 1e-12);
    made.weights[1] = made.weights[1].to(torch::kFloat32);
    QVERIFY(deviation(gatedNorm(made.shape, made.features, made.weights), expected) < 1e-6);
    made.weights.pop_back();
    VERIFY_ERROR(gatedNorm(made.shape, made.features, made.weights), "do not fit");
}

QTEST_GUILESS_MAIN(TestGatedNorm)
#include "tst_gated_norm.moc"
