#include "base/error.h"
#include "finetune/deltas.h"

#include <QtTest/QtTest>
#include <torch/torch.h>

using namespace lodestone;

namespace {

/// Two selected tensors of 600 and 400 numbers (the second of two paths) in a model of 2000.
ModelDescription toyModel()
{
    ModelDescription model;
    model.parameters = 2000;
    const auto add = [&](const std::string& name, std::int64_t count, int layer) {
        ParameterInfo info;
        info.name = name;
        info.layer = layer;
        info.shape = {count / 20, 20};
        info.count = count;
        model.tensors.push_back(info);
    };
    add("a", 600, 0);
    add("frozen", 1000, 0);
    add("b", 400, 1);
    model.tensors[0].paths = {{.lOut = 0, .offset = 0, .count = 600}};
    model.elements = {1, 8, 26, 28, 57};
    model.tensors[2].paths = {{.lOut = 0, .offset = 0, .count = 100, .elementStride = 4},
                              {.lIn = 1, .lOut = 1, .offset = 100, .count = 300}};
    return model;
}

ParameterTable toyTable(torch::Dtype dtype = torch::kFloat64)
{
    torch::manual_seed(5);
    ParameterTable table;
    for (const auto& info : toyModel().tensors)
        table.add(info.name, torch::randn(info.shape, torch::dtype(dtype)));
    return table;
}

DeltaSet toySet(DeltaOptions options, torch::Dtype dtype = torch::kFloat64, std::uint64_t seed = 1)
{
    return DeltaSet(toyModel(), {true, false, true}, toyTable(dtype), options, seed);
}

double largest(const torch::Tensor& t)
{
    return t.abs().max().item<double>();
}

} // namespace

class TestDeltas : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void gradientsOfTheSoftThreshold();
    void thresholdGradientAgainstFiniteDifferences();
    void startAndThresholdsPerPath();
    void baseIsLeftAloneAndFrozen();
    void tableIsBasePlusDelta();
    void keepsExactlyAsManyAsAsked();
    void thresholdIsTheOrderStatistic();
    void scheduleLandsWhateverTheSteps_data();
    void scheduleLandsWhateverTheSteps();
    void recordCountsEntries();
    void startDoesNotDependOnDtype();
    void absentElementsStayUnchanged();
    void nothingSelectedIsAnError();
    void lowRankHasItsRankPathByPath();
    void lowRankStartsAtTheBase();
    void matricesOfRealShapes();
};

void TestDeltas::gradientsOfTheSoftThreshold()
{
    torch::manual_seed(1);
    const std::vector<std::int64_t> sizes = {30, 50, 20};
    const auto real = torch::dtype(torch::kFloat64);
    const auto weight = torch::randn({100}, real);
    auto x = (torch::randn({100}, real) * 0.3).requires_grad_(true);
    auto s = torch::tensor({-1.0, -2.0, -3.0}, real).requires_grad_(true);
    // A function of S that is not linear, so that the incoming gradient depends on S.
    const auto loss = [&](const torch::Tensor& value) {
        return (weight * value.square() + value * value.sin()).sum();
    };
    const auto own = torch::autograd::grad({loss(softThreshold(x, s, sizes))}, {x, s});

    const auto t =
        torch::cat({s[0].sigmoid().expand({30}), s[1].sigmoid().expand({50}), s[2].sigmoid().expand({20})});
    const auto plain = torch::autograd::grad({loss(x.sign() * torch::relu(x.abs() - t))}, {x, s});
    QVERIFY(largest(plain[1]) > 1e-3);
    QVERIFY(largest(own[0] - plain[0]) < 1e-14);
    QVERIFY(largest(own[1] - plain[1]) < 1e-13);
    // Pruned entries have no gradient.
    const auto pruned = x.abs() <= t;
    QVERIFY(pruned.any().item<bool>());
    QCOMPARE(largest(own[0].masked_select(pruned)), 0.0);
}

void TestDeltas::thresholdGradientAgainstFiniteDifferences()
{
    auto set = toySet({.kind = DeltaKind::Learnt, .sigma = 0.5, .initialThreshold = 0.2});
    const auto probe = torch::randn({set.eligible()}, torch::dtype(torch::kFloat64));
    const auto loss = [&](const torch::Tensor& logits) {
        const auto d = set.delta({set.values().detach(), logits, 0});
        return (probe * d + d.square()).sum();
    };
    const auto s = set.logits().detach().clone().requires_grad_(true);
    const auto gradient = torch::autograd::grad({loss(s)}, {s})[0];
    for (std::int64_t i = 0; i < s.numel(); ++i) {
        const double h =
            1e-7; // small enough that hardly an entry crosses the threshold (the loss is continuous there)
        auto up = s.detach().clone();
        auto down = s.detach().clone();
        up[i] += h;
        down[i] -= h;
        const double difference = (loss(up) - loss(down)).item<double>() / (2 * h);
        const double analytic = gradient[i].item<double>();
        QVERIFY2(std::abs(difference - analytic) < 1e-5 * std::max(1.0, std::abs(analytic)),
                 qPrintable(QString("%1 and %2").arg(difference).arg(analytic)));
    }
}

void TestDeltas::startAndThresholdsPerPath()
{
    const auto set = toySet({.kind = DeltaKind::Learnt, .sigma = 0.01, .initialThreshold = 1e-3});
    QCOMPARE(set.logits().numel(), 2);
    const auto d = set.values().detach();
    QVERIFY(std::abs(d.std().item<double>() - 0.01) < 0.001);
    for (const double t : set.thresholds(set.live(0)))
        QVERIFY(std::abs(t - 1e-3) < 1e-15);
    // P(|N(0, 0.01)| > 0.001) = 0.92
    QVERIFY(std::abs(set.record(set.live(0)).changedOfEligible() - 0.92) < 0.03);

    const auto paths = toySet({.kind = DeltaKind::Learnt, .perPath = true});
    QCOMPARE(paths.logits().numel(), 3);
}

void TestDeltas::baseIsLeftAloneAndFrozen()
{
    const auto before = toyTable();
    auto set = toySet({.kind = DeltaKind::Learnt});
    const auto table = set.table(set.delta(set.live(0)));
    QVERIFY(table.at("a").requires_grad());
    QVERIFY(!table.at("frozen").requires_grad());
    QVERIFY(table.at("frozen").equal(before.at("frozen")));
    for (const auto& name : before.names()) {
        QVERIFY(set.base().at(name).equal(before.at(name)));
        QVERIFY(!set.base().at(name).requires_grad());
    }
}

void TestDeltas::tableIsBasePlusDelta()
{
    for (const auto kind : {DeltaKind::Dense, DeltaKind::Learnt, DeltaKind::Target}) {
        const auto set = toySet({.kind = kind, .sigma = 0.01});
        const torch::NoGradGuard guard;
        const auto delta = set.delta(set.live(120));
        const auto table = set.table(delta);
        QVERIFY(largest(table.at("a") - set.base().at("a") - delta.narrow(0, 0, 600).view({30, 20})) < 1e-15);
        QVERIFY(largest(table.at("b") - set.base().at("b") - delta.narrow(0, 600, 400).view({20, 20})) <
                1e-15);
        if (kind == DeltaKind::Dense)
            QCOMPARE(largest(delta), 0.0);
        else
            QVERIFY(largest(delta) > 0.01);
    }
}

void TestDeltas::keepsExactlyAsManyAsAsked()
{
    for (const auto dtype : {torch::kFloat32, torch::kFloat64}) {
        const auto set = toySet({.kind = DeltaKind::Target, .sigma = 0.003}, dtype);
        for (const std::int64_t keep : {1, 17, 100, 999, 1000}) {
            QCOMPARE(set.record(set.live(keep)).changed, keep);
            QCOMPARE(set.unpruned(set.live(keep)).sum().item<double>(), static_cast<double>(keep));
        }
        // The largest stay.
        const auto delta = set.delta(set.live(50)).detach();
        const auto kept = set.values().detach().abs().masked_select(delta != 0).min();
        const auto pruned = set.values().detach().abs().masked_select(delta == 0).max();
        QVERIFY(kept.item<double>() > pruned.item<double>());
    }
}

void TestDeltas::thresholdIsTheOrderStatistic()
{
    torch::manual_seed(3);
    for (const auto dtype : {torch::kFloat32, torch::kFloat64}) {
        const torch::Tensor plain = torch::randn({20020}, torch::dtype(dtype));
        const torch::Tensor ties = (plain * 3).round() / 3; // many equal magnitudes, of either sign
        for (const torch::Tensor& values : {plain, ties, plain.view({11, -1}).slice(1, 0, 1500)})
            for (const std::int64_t keep : {1, 600, 9000, 16000}) {
                const auto expected =
                    std::get<0>(values.abs().flatten().kthvalue(values.numel() - keep)).item<double>();
                QCOMPARE(thresholdKeeping(values, keep), expected);
            }
        QCOMPARE(thresholdKeeping(plain, 20020), 0.0);
        QCOMPARE(thresholdKeeping(plain, 0), plain.abs().max().item<double>());
        const torch::Tensor before = plain.clone();
        thresholdKeeping(plain, 5);
        QVERIFY(torch::equal(plain, before));
        // A weight that is no number counts as larger than all: it is kept, and what watches the run finds
        // it.
        torch::Tensor broken = plain.clone();
        broken[7] = std::nan("");
        QVERIFY(std::isnan(thresholdKeeping(broken, 0)));
        QCOMPARE(thresholdKeeping(broken, 1), std::get<0>(broken.abs().kthvalue(20019)).item<double>());
    }
}

void TestDeltas::scheduleLandsWhateverTheSteps_data()
{
    QTest::addColumn<int>("steps");
    for (const int steps : {1, 2, 3, 10, 97, 1000})
        QTest::addRow("%d steps", steps) << steps;
}

void TestDeltas::scheduleLandsWhateverTheSteps()
{
    QFETCH(int, steps);
    const std::int64_t eligible = 480000;
    const std::int64_t parameters = 707569;
    const double target = 0.05;
    std::int64_t previous = eligible;
    for (int step = 1; step <= steps; ++step) {
        const std::int64_t keep =
            scheduledKeep(eligible, parameters, target, static_cast<double>(step) / steps);
        QVERIFY(keep <= previous);
        if (2 * step >= steps)
            QVERIFY(std::abs(static_cast<double>(keep) / parameters / target - 1) < 1e-4);
        else
            QVERIFY(keep > std::llround(target * parameters));
        previous = keep;
    }
    // More than is eligible cannot be kept.
    QCOMPARE(scheduledKeep(eligible, parameters, 0.9, 1), eligible);
}

void TestDeltas::recordCountsEntries()
{
    const auto set = toySet({.kind = DeltaKind::Target, .sigma = 0.02});
    const auto point = set.live(200);
    const SparsityRecord record = set.record(point);
    const auto delta = set.delta(point).detach();
    QCOMPARE(record.parameters, 2000);
    QCOMPARE(record.eligible, 1000);
    QCOMPARE(record.tensors.size(), std::size_t(2));
    QCOMPARE(record.tensors[0].changed, delta.narrow(0, 0, 600).count_nonzero().item<std::int64_t>());
    QCOMPARE(record.tensors[1].pathChanged[1],
             delta.narrow(0, 700, 300).count_nonzero().item<std::int64_t>());
    QCOMPARE(record.tensors[0].changed + record.tensors[1].changed, 200);
    QVERIFY(std::abs(record.tensors[0].deltaNorm - delta.narrow(0, 0, 600).norm().item<double>()) < 1e-12);
    QVERIFY(std::abs(record.tensors[1].baseNorm - set.base().at("b").norm().item<double>()) < 1e-12);
    QVERIFY(record.tensors[0].threshold > 0);
    // The first path of "b" runs over 5 elements in steps of 4 values; nothing else belongs to an element.
    QVERIFY(record.tensors[0].elementChanged.empty());
    const torch::Tensor byElement =
        delta.narrow(0, 600, 100).ne(0).view({5, 5, 4}).sum(std::vector<std::int64_t>{0, 2});
    QCOMPARE(record.tensors[1].elementChanged.size(), std::size_t(5));
    for (int e = 0; e < 5; ++e)
        QCOMPARE(record.tensors[1].elementChanged[std::size_t(e)], byElement[e].item<std::int64_t>());
}

void TestDeltas::startDoesNotDependOnDtype()
{
    const auto a = toySet({.kind = DeltaKind::Learnt}, torch::kFloat64);
    const auto b = toySet({.kind = DeltaKind::Learnt}, torch::kFloat32);
    const auto other = toySet({.kind = DeltaKind::Learnt}, torch::kFloat64, 2);
    QVERIFY(a.values().detach().to(torch::kFloat32).equal(b.values().detach()));
    QVERIFY(!a.values().detach().equal(other.values().detach()));
}

void TestDeltas::nothingSelectedIsAnError()
{
    QVERIFY_EXCEPTION_THROWN(DeltaSet(toyModel(), {false, false, false}, toyTable(), {}, 1), Error);
}

void TestDeltas::absentElementsStayUnchanged()
{
    // Only "b" has values of single elements: its first path, 100 values in runs of 4 over five elements.
    DeltaOptions options{.kind = DeltaKind::Target};
    const auto all = toySet(options);
    options.absent = {true, false, false, true, false};
    const auto some = toySet(options);
    const auto record = some.record(some.live(some.eligible()));
    const auto& changed = record.tensors[1].elementChanged;
    QCOMPARE(changed, (std::vector<std::int64_t>{0, 20, 20, 0, 20}));
    QCOMPARE(record.changed, std::int64_t(1000 - 40));
    // The other values start as they would.
    const auto same = (some.values() == all.values()).sum().item<std::int64_t>();
    QCOMPARE(same, std::int64_t(960));
}

void TestDeltas::lowRankHasItsRankPathByPath()
{
    // "b" is a flat tensor of a path 10 x 10 and a path 15 x 20, "a" a matrix 30 x 20.
    auto model = toyModel();
    model.tensors[2].shape = {400};
    model.tensors[2].paths = {
        {.lOut = 0, .multiplicityIn = 10, .multiplicityOut = 10, .offset = 0, .count = 100},
        {.lIn = 1, .lOut = 1, .multiplicityIn = 15, .multiplicityOut = 20, .offset = 100, .count = 300}};
    ParameterTable base;
    for (const auto& info : model.tensors)
        base.add(info.name, torch::zeros(info.shape, torch::kFloat64));
    const DeltaSet set(model, {true, false, true}, base, {.kind = DeltaKind::LowRank, .rank = 3, .alpha = 6},
                       1);
    // (rows + columns) x rank of the three matrices
    QCOMPARE(set.values().numel(), std::int64_t((50 + 20 + 35) * 3));
    QCOMPARE(set.eligible(), std::int64_t(1000));
    torch::manual_seed(2);
    const auto factors = torch::randn_like(set.values());
    const auto delta = set.delta({factors, {}, 0});
    const auto check = [&delta](std::int64_t offset, std::int64_t rows, std::int64_t columns) {
        const auto matrix = delta.narrow(0, offset, rows * columns).view({rows, columns});
        return torch::linalg_matrix_rank(matrix, 1e-9, false).item<std::int64_t>();
    };
    QCOMPARE(check(0, 30, 20), std::int64_t(3));
    QCOMPARE(check(600, 10, 10), std::int64_t(3));
    QCOMPARE(check(700, 15, 20), std::int64_t(3));
    // The first entry, written out: alpha / rank x row of A times column of B.
    double first = 0;
    for (std::int64_t r = 0; r < 3; ++r)
        first += 2 * factors[r].item<double>() * factors[90 + 20 * r].item<double>();
    QVERIFY(std::abs(delta[0].item<double>() - first) < 1e-13);
}

void TestDeltas::lowRankStartsAtTheBase()
{
    auto model = toyModel();
    for (ParameterPath& path : model.tensors[2].paths)
        path.multiplicityOut = 10;
    const DeltaSet set(model, {true, false, true}, toyTable(), {.kind = DeltaKind::LowRank}, 1);
    const auto delta = set.delta(set.live(0));
    QCOMPARE(largest(delta), 0.0);
    // Yet it can leave from there.
    const auto gradient =
        torch::autograd::grad({(delta * delta.detach().normal_()).sum()}, {set.values()})[0];
    QVERIFY(largest(gradient) > 1e-3);
    QCOMPARE(largest(set.unpruned(set.live(0)) - 1), 0.0);
    const auto record = set.record({torch::ones_like(set.values()), {}, 0});
    QCOMPARE(record.changed, set.eligible());
}

void TestDeltas::matricesOfRealShapes()
{
    ParameterInfo info;
    info.name = "bias";
    info.shape = {12};
    info.count = 12;
    QCOMPARE(pathMatrices(info).front().rank(16), std::int64_t(1));
    info.shape = {3, 4, 5}; // skip_tp of one path: channels x elements x channels
    info.count = 60;
    info.paths = {{.multiplicityIn = 3, .multiplicityOut = 5, .offset = 0, .count = 60}};
    QCOMPARE(pathMatrices(info).front().rows, std::int64_t(12));
    QCOMPARE(pathMatrices(info).front().columns, std::int64_t(5));
    info.shape = {60};
    info.paths.front().multiplicityOut = 7;
    info.paths.push_back(info.paths.front());
    QVERIFY_EXCEPTION_THROWN(pathMatrices(info), InternalError);
}

QTEST_GUILESS_MAIN(TestDeltas)
#include "tst_deltas.moc"
