#include "finetune/optimisers.h"

#include <QtTest/QtTest>
#include <cmath>
#include <torch/torch.h>

using namespace lodestone;

namespace {

const auto real = torch::dtype(torch::kFloat64);

/// Gradient of 0.5 sum a (p - b)^2 at the live point.
void setGradient(TrainedParameter& p, const torch::Tensor& a, const torch::Tensor& b)
{
    p.value.mutable_grad() = a * (p.value.detach() - b);
}

double largest(const torch::Tensor& t)
{
    return t.abs().max().item<double>();
}

} // namespace

class TestOptimisers : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void scheduleFreeAgainstTheFormulae();
    void scheduleFreeFindsTheMinimum();
    void adamAgainstTheFormulae();
    void shrinkageGivesExactZeros();
    void decayOnlyWhereTheMaskAllows();
    void thresholdDecaysGeometrically();
    void groupsHaveTheirOwnRates();
    void scheduleScalesTheRate();
    void clipping();
    void restoredStateGoesOnBitForBit_data();
    void restoredStateGoesOnBitForBit();
    void unknownKindIsAnError();
};

void TestOptimisers::scheduleFreeAgainstTheFormulae()
{
    // One number, written out with plain doubles after docs/method.md.
    OptimiserConfig config;
    config.warmupSteps = 5;
    const double rate = 0.05;
    const double decay = 0.02;
    const double a = 3;
    const double b = 1.5;
    std::vector<TrainedParameter> parameters = {
        {"p", torch::full({1}, 0.3, real).requires_grad_(true), rate, decay, {}}};
    const auto optimiser = makeOptimiser(config, parameters);
    double y = 0.3;
    double z = 0.3;
    double v = 0;
    double sum = 0;
    double largestRate = 0;
    for (int k = 0; k < 40; ++k) {
        const double g = a * (y - b);
        setGradient(parameters[0], torch::full({1}, a, real), torch::full({1}, b, real));
        optimiser->step(parameters);
        const double lr = rate * std::min(1.0, (k + 1) / 5.0);
        v = 0.999 * v + 0.001 * g * g;
        const double d = g / (std::sqrt(v / (1 - std::pow(0.999, k + 1))) + 1e-8) + decay * y;
        largestRate = std::max(largestRate, lr);
        sum += largestRate * largestRate;
        const double c = largestRate * largestRate / sum;
        y = y + c * (z - y) + lr * (0.9 * (1 - c) - 1) * d;
        z = z - lr * d;
        const double x = y + (1 - 1 / 0.9) * (z - y);
        QVERIFY(std::abs(parameters[0].value.item<double>() - y) < 1e-12);
        QVERIFY(std::abs(optimiser->evaluationPoint(parameters)[0].item<double>() - x) < 1e-12);
    }
}

void TestOptimisers::scheduleFreeFindsTheMinimum()
{
    OptimiserConfig config;
    const auto a = torch::tensor({0.5, 1.0, 4.0}, real);
    const auto b = torch::tensor({1.0, -2.0, 0.5}, real);
    std::vector<TrainedParameter> parameters = {
        {"p", torch::zeros({3}, real).requires_grad_(true), 0.05, 0, {}}};
    const auto optimiser = makeOptimiser(config, parameters);
    for (int k = 0; k < 2000; ++k) {
        setGradient(parameters[0], a, b);
        optimiser->step(parameters);
    }
    QVERIFY(largest(optimiser->evaluationPoint(parameters)[0] - b) < 0.01);
}

void TestOptimisers::adamAgainstTheFormulae()
{
    OptimiserConfig config;
    config.kind = "adamw";
    config.ema = 0.9;
    config.warmupSteps = 0;
    const double rate = 0.02;
    const double decay = 0.1;
    std::vector<TrainedParameter> parameters = {
        {"p", torch::full({1}, 0.3, real).requires_grad_(true), rate, decay, {}}};
    const auto optimiser = makeOptimiser(config, parameters);
    double p = 0.3;
    double m = 0;
    double v = 0;
    double average = 0.3;
    for (int k = 1; k <= 30; ++k) {
        const double g = 2 * (p - 1);
        setGradient(parameters[0], torch::full({1}, 2.0, real), torch::ones({1}, real));
        optimiser->step(parameters);
        p -= rate * decay * p;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        p -= rate * (m / (1 - std::pow(0.9, k))) / (std::sqrt(v / (1 - std::pow(0.999, k))) + 1e-8);
        const double memory = std::min(0.9, (1.0 + k) / (10.0 + k));
        average = memory * average + (1 - memory) * p;
        QVERIFY(std::abs(parameters[0].value.item<double>() - p) < 1e-12);
        QVERIFY(std::abs(optimiser->evaluationPoint(parameters)[0].item<double>() - average) < 1e-12);
    }
}

/// Against the formula S(p - step, rate x shrinkage), for a number that stays and one that nothing holds.
void TestOptimisers::shrinkageGivesExactZeros()
{
    OptimiserConfig config;
    config.kind = "adamw";
    config.warmupSteps = 4;
    const double rate = 0.02, shrinkage = 0.25;
    const torch::Tensor start = torch::tensor({0.3, -0.05}, real), slope = torch::tensor({2.0, 0.0}, real);
    std::vector<TrainedParameter> parameters = {
        {"p", start.clone().requires_grad_(true), rate, 0, {}, shrinkage}};
    const auto optimiser = makeOptimiser(config, parameters);
    double p = 0.3, q = -0.05, m = 0, v = 0;
    for (int k = 1; k <= 40; ++k) {
        const double now = rate * std::min(1.0, k / 4.0), g = 2 * (p - 1);
        setGradient(parameters[0], slope, torch::ones({2}, real));
        optimiser->step(parameters);
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        p -= now * (m / (1 - std::pow(0.9, k))) / (std::sqrt(v / (1 - std::pow(0.999, k))) + 1e-8);
        p = std::copysign(std::max(std::abs(p) - now * shrinkage, 0.0), p);
        q = std::min(q + now * shrinkage, 0.0);
        const torch::Tensor found = optimiser->evaluationPoint(parameters)[0];
        QVERIFY(std::abs(found[0].item<double>() - p) < 1e-12);
        QVERIFY(std::abs(found[1].item<double>() - q) < 1e-12);
    }
    QCOMPARE(parameters[0].value[1].item<double>(), 0.0);
    QVERIFY(p > 0.3);
    QVERIFY_EXCEPTION_THROWN(makeOptimiser(OptimiserConfig(), parameters), InternalError);
    config.ema = 0.9;
    QVERIFY_EXCEPTION_THROWN(makeOptimiser(config, parameters), InternalError);
}

void TestOptimisers::decayOnlyWhereTheMaskAllows()
{
    for (const char* kind : {"schedule-free-adamw", "adamw"}) {
        OptimiserConfig config;
        config.kind = kind;
        std::vector<TrainedParameter> parameters = {{"p", torch::ones({4}, real).requires_grad_(true), 0.1,
                                                     0.5, torch::tensor({1.0, 0.0, 1.0, 0.0}, real)}};
        const auto optimiser = makeOptimiser(config, parameters);
        for (int k = 0; k < 20; ++k) {
            parameters[0].value.mutable_grad() = torch::zeros({4}, real);
            optimiser->step(parameters);
        }
        const auto p = parameters[0].value.detach();
        QVERIFY(p[0].item<double>() < 0.9);
        QCOMPARE(p[1].item<double>(), 1.0);
        QCOMPARE(p[3].item<double>(), 1.0);
    }
}

void TestOptimisers::thresholdDecaysGeometrically()
{
    // Without loss pressure s_n = s0 (1 - lr * decay)^n where decay acts on the point itself (AdamW). The
    // schedule-free points lag behind, towards the same end.
    for (const char* kind : {"adamw", "schedule-free-adamw"}) {
        OptimiserConfig config;
        config.kind = kind;
        config.warmupSteps = 0;
        const double s0 = std::log(1e-3 / (1 - 1e-3));
        std::vector<TrainedParameter> parameters = {
            {"threshold", torch::full({1}, s0, real).requires_grad_(true), 1e-2, 0.3, {}}};
        const auto optimiser = makeOptimiser(config, parameters);
        double previous = s0;
        for (int k = 0; k < 500; ++k) {
            parameters[0].value.mutable_grad() = torch::zeros({1}, real);
            optimiser->step(parameters);
            const double s = optimiser->evaluationPoint(parameters)[0].item<double>();
            QVERIFY(s >= previous && s < 0);
            previous = s;
        }
        const double expected = s0 * std::pow(1 - 1e-2 * 0.3, 500);
        if (config.kind == "adamw")
            QVERIFY(std::abs(previous / expected - 1) < 1e-10);
        else
            QVERIFY(previous > 0.75 * s0 && previous < expected);
    }
}

void TestOptimisers::groupsHaveTheirOwnRates()
{
    OptimiserConfig config;
    std::vector<TrainedParameter> parameters = {
        {"a", torch::zeros({1}, real).requires_grad_(true), 1e-3, 0, {}},
        {"b", torch::zeros({1}, real).requires_grad_(true), 1e-2, 0, {}},
        {"c", torch::zeros({1}, real).requires_grad_(true), 1e-2, 0, {}}};
    const auto optimiser = makeOptimiser(config, parameters);
    for (int k = 0; k < 10; ++k) {
        parameters[0].value.mutable_grad() = torch::ones({1}, real);
        parameters[1].value.mutable_grad() = torch::ones({1}, real);
        optimiser->step(parameters); // c never has a gradient
    }
    const double a = parameters[0].value.item<double>();
    const double b = parameters[1].value.item<double>();
    QVERIFY(a < 0);
    QVERIFY(std::abs(b / a - 10) < 1e-6);
    QCOMPARE(parameters[2].value.item<double>(), 0.0);
}

void TestOptimisers::scheduleScalesTheRate()
{
    OptimiserConfig config;
    config.kind = "adamw";
    config.warmupSteps = 0;
    auto value = torch::zeros({3}, torch::kFloat64).requires_grad_(true);
    const std::vector<TrainedParameter> parameters = {{"w", value, 0.1, 0, {}}};
    const auto optimiser = makeOptimiser(config, parameters);
    // Adam's first step is the learning rate, whatever the gradient.
    value.mutable_grad() = torch::ones({3}, torch::kFloat64);
    optimiser->setSchedule(0.25);
    QCOMPARE(optimiser->rateFactor(), 0.25);
    optimiser->step(parameters);
    QVERIFY((value + 0.025).abs().max().item<double>() < 1e-8);

    QCOMPARE(cosineFactor(0, 0.01), 1.0);
    QVERIFY(std::abs(cosineFactor(0.5, 0.01) - 0.505) < 1e-15);
    QVERIFY(std::abs(cosineFactor(1, 0.01) - 0.01) < 1e-15);
    QVERIFY(std::abs(cosineFactor(2, 0.01) - 0.01) < 1e-15);
}

void TestOptimisers::clipping()
{
    std::vector<TrainedParameter> parameters = {
        {"a", torch::zeros({1}, real).requires_grad_(true), 1e-3, 0, {}},
        {"b", torch::zeros({1}, real).requires_grad_(true), 1e-3, 0, {}}};
    const auto set = [&] {
        parameters[0].value.mutable_grad() = torch::full({1}, 3.0, real);
        parameters[1].value.mutable_grad() = torch::full({1}, 4.0, real);
    };
    set();
    QCOMPARE(clipGradients(parameters, 0), 5.0);
    QCOMPARE(parameters[1].value.grad().item<double>(), 4.0);
    QCOMPARE(clipGradients(parameters, 10), 5.0);
    QCOMPARE(parameters[1].value.grad().item<double>(), 4.0);
    QCOMPARE(clipGradients(parameters, 1), 5.0);
    QVERIFY(std::abs(parameters[0].value.grad().item<double>() - 0.6) < 1e-15);
    QVERIFY(std::abs(parameters[1].value.grad().item<double>() - 0.8) < 1e-15);
}

void TestOptimisers::restoredStateGoesOnBitForBit_data()
{
    QTest::addColumn<QString>("kind");
    QTest::newRow("schedule-free-adamw") << "schedule-free-adamw";
    QTest::newRow("adamw") << "adamw";
}

void TestOptimisers::restoredStateGoesOnBitForBit()
{
    QFETCH(QString, kind);
    OptimiserConfig config;
    config.kind = kind.toStdString();
    config.ema = kind == "adamw" ? 0.99 : 0;
    torch::manual_seed(2);
    const auto a = torch::rand({50}) + 0.1;
    const auto b = torch::randn({50});
    std::vector<TrainedParameter> first = {{"p", torch::zeros({50}).requires_grad_(true), 0.01, 1e-3, {}}};
    auto one = makeOptimiser(config, first);
    for (int k = 0; k < 7; ++k) {
        setGradient(first[0], a, b);
        one->step(first);
    }
    std::map<std::string, torch::Tensor> saved;
    for (const auto& [name, tensor] : one->tensors())
        saved[name] = tensor.clone();
    const Json scalars = Json::parse(one->scalars().dump());
    std::vector<TrainedParameter> second = {
        {"p", first[0].value.detach().clone().requires_grad_(true), 0.01, 1e-3, {}}};
    auto two = makeOptimiser(config, second);
    two->restore(saved, scalars);
    for (int k = 0; k < 7; ++k) {
        setGradient(first[0], a, b);
        one->step(first);
        setGradient(second[0], a, b);
        two->step(second);
    }
    QVERIFY(first[0].value.detach().equal(second[0].value.detach()));
    QVERIFY(one->evaluationPoint(first)[0].equal(two->evaluationPoint(second)[0]));
    saved.erase(saved.begin());
    QVERIFY_EXCEPTION_THROWN(two->restore(saved, scalars), Error);
}

void TestOptimisers::unknownKindIsAnError()
{
    OptimiserConfig config;
    config.kind = "sgd";
    QVERIFY_EXCEPTION_THROWN(makeOptimiser(config, {}), Error);
}

QTEST_GUILESS_MAIN(TestOptimisers)
#include "tst_optimisers.moc"
