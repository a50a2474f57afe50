// The bodies of the CUDA kernels, run lane by lane on the processor, against plain loops.
#include "base/error.h"
#include "equivariant/kernels/cuda/launches.h"
#include "equivariant/kernels/cuda/plan_tables.h"
#include "support/edge_problem.h"
#include "support/warp_runners.h"

#include <QtTest/QtTest>

using namespace lodestone;
using lodestone::test::deviation;
using lodestone::test::EdgeProblem;
using lodestone::test::OnHost;
using lodestone::test::OnThreads;
using lodestone::test::OnWatchedHost;
using lodestone::test::planOfSizes;

namespace {

/// What DevicePlan uploads, on the host.
struct HostPlan {
    cuda::PlanTables tables;
    cuda::PlanView view;

    HostPlan(const EdgePlan& plan, bool back)
        : tables(cuda::planTables(plan, back)),
          view(cuda::viewOf(plan, tables))
    {
    }
};

cuda::GroupView viewOf(const EdgeGroups& groups)
{
    return {groups.atom.data(), groups.start.data(), groups.order.empty() ? nullptr : groups.order.data(),
            static_cast<std::int64_t>(groups.atom.size()), groups.start.back()};
}

enum class Terms { One, WithoutRows, All };

template<class T>
std::vector<double> widened(const std::vector<T>& values)
{
    return {values.begin(), values.end()};
}

template<class T>
constexpr double tolerance = sizeof(T) == 8 ? 1e-13 : 1e-5;

template<class T>
struct SumCheck {
    EdgeProblem<T>& problem;
    Terms terms;
    bool back, sorted;
    std::vector<T> start;

    SumCheck(EdgeProblem<T>& theProblem, Terms theTerms, bool isBack, bool isSorted)
        : problem(theProblem),
          terms(theTerms),
          back(isBack),
          sorted(isSorted),
          start(problem.drawn(problem.atoms * (isBack ? problem.plan.in : problem.plan.out)))
    {
    }
    template<class Runner = OnHost>
    std::vector<T> found(bool lastFirst) const
    {
        using Policy = typename Runner::Policy;
        const HostPlan plan(problem.plan, back);
        const EdgeGroups groups = problem.groups(back ? problem.neighbour : problem.centre, sorted);
        std::vector<T> out = start;
        cuda::SumTask<T> task;
        task.plan = plan.view;
        task.groups = viewOf(groups);
        task.other = (back ? problem.centre : problem.neighbour).data();
        task.weights = problem.weightSource();
        task.operands.coupling = problem.source(0);
        task.operands.rows = (back ? problem.slope : problem.features).data();
        if (terms != Terms::One) {
            task.operands.tangent = true;
            task.operands.tangentCoupling = problem.source(1);
            task.operands.tangentWeights = problem.table ? nullptr : problem.tangentWeights.data();
            task.operands.tangentDistance = problem.table ? problem.tangentDistance.data() : nullptr;
            if (terms == Terms::All)
                task.operands.tangentRows = (back ? problem.tangentSlope : problem.tangentFeatures).data();
        }
        task.out = out.data();
        task.back = back;
        const std::int64_t warps = task.plan.itemCount * task.groups.groups;
        if (task.operands.tangent)
            Runner::template run<cuda::SumStage<T, true>>(
                warps, lastFirst,
                [&](std::int64_t warp, auto& stage) { cuda::sumOfWarp<Policy, T, true>(task, warp, stage); });
        else
            Runner::template run<cuda::SumStage<T, false>>(
                warps, lastFirst, [&](std::int64_t warp, auto& stage) {
                    cuda::sumOfWarp<Policy, T, false>(task, warp, stage);
                });
        return out;
    }
    std::vector<double> expected() const
    {
        std::vector<double> out = widened(start);
        const auto& rows = back ? problem.slope : problem.features;
        const auto& tangentRows = back ? problem.tangentSlope : problem.tangentFeatures;
        problem.each([&](std::int64_t e, std::size_t number, const EdgePath& path, int k, int m,
                         std::int64_t u) {
            const std::int64_t in = problem.inPlace(e, path, m, u), sums = problem.outPlace(e, path, k, u);
            const double x = problem.at(rows, back ? sums : in), z = problem.z(0, e, path, k, m),
                         w = problem.w(e, number, u);
            double term = z * w * x;
            if (terms != Terms::One)
                term = problem.z(1, e, path, k, m) * w * x + z * problem.hw(e, number, u) * x;
            if (terms == Terms::All)
                term += z * w * problem.at(tangentRows, back ? sums : in);
            out[static_cast<std::size_t>(back ? in : sums)] += term;
        });
        return out;
    }
};

} // namespace

class TestCudaKernels : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sums_data() { addProblems(); }
    void sums();
    void slopesOnEdges_data() { addProblems(); }
    void slopesOnEdges();
    void firstDerivatives_data() { addProblems(); }
    void firstDerivatives();
    void lanesAtTheSameTime();
    void noWarpAddsToAnothers();
    void largestIrreps();
    void sumsOverLanes();
    void everyNumberHasOneOwner();
    void unusablePlans();

private:
    static void addProblems();
    /// Of the current row.
    template<class T>
    static EdgeProblem<T> problem()
    {
        QFETCH(int, channels);
        QFETCH(bool, table);
        QFETCH(bool, harmonics);
        return {planOfSizes({1, 3, 5, 7, 9}, channels), table, harmonics};
    }
    template<class T>
    void checkSums(EdgeProblem<T>& given);
    template<class Runner, class T>
    void checkSlopes(EdgeProblem<T>& given);
    template<class Runner, class T>
    void checkBackward(EdgeProblem<T>& given, bool directions);
};

void TestCudaKernels::sums()
{
    auto inDouble = problem<double>();
    checkSums(inDouble);
    auto inFloat = problem<float>();
    checkSums(inFloat);
}

void TestCudaKernels::slopesOnEdges()
{
    auto inDouble = problem<double>();
    checkSlopes<OnHost>(inDouble);
    auto inFloat = problem<float>();
    checkSlopes<OnHost>(inFloat);
}

void TestCudaKernels::firstDerivatives()
{
    auto inDouble = problem<double>();
    auto inFloat = problem<float>();
    for (const bool directions : {true, false}) {
        checkBackward<OnHost>(inDouble, directions);
        checkBackward<OnHost>(inFloat, directions);
    }
}

/// What lanes hand to each other they wait for. A race may pass here by luck; the thread sanitizer finds it.
void TestCudaKernels::lanesAtTheSameTime()
{
    EdgeProblem<double> given(planOfSizes({1, 3}, 33), true, true);
    for (const bool back : {false, true}) {
        const SumCheck<double> check(given, Terms::All, back, false);
        QVERIFY(deviation(check.found<OnThreads>(false), check.expected()) < tolerance<double>);
    }
    checkSlopes<OnThreads>(given);
    checkBackward<OnThreads>(given, true);
}

/// 33 channels: what lanes beyond them would add to is the next component's.
void TestCudaKernels::noWarpAddsToAnothers()
{
    for (const bool table : {false, true}) {
        EdgeProblem<float> given(planOfSizes({1, 3}, 33), table, true);
        test::WatchedWarp::disputes = 0;
        for (const bool back : {false, true}) {
            const SumCheck<float> check(given, Terms::One, back, false);
            QVERIFY(check.found<OnWatchedHost>(false) == check.found(false));
        }
        checkSlopes<OnWatchedHost>(given);
        checkBackward<OnWatchedHost>(given, true);
        QVERIFY(!test::WatchedWarp::owners.empty());
        QCOMPARE(test::WatchedWarp::disputes, std::int64_t{0});
    }
}

void TestCudaKernels::addProblems()
{
    QTest::addColumn<int>("channels");
    QTest::addColumn<bool>("table");
    QTest::addColumn<bool>("harmonics");
    for (const int channels : {1, 5, 16, 32, 33, 128})
        for (const bool table : {false, true})
            for (const bool harmonics : {false, true})
                QTest::addRow("%d channels, %s, %s", channels, table ? "table" : "weights",
                              harmonics ? "harmonics" : "couplings")
                    << channels << table << harmonics;
}

template<class T>
void TestCudaKernels::checkSums(EdgeProblem<T>& given)
{
    for (const bool back : {false, true})
        for (const Terms terms : {Terms::One, Terms::WithoutRows, Terms::All}) {
            const SumCheck<T> check(given, terms, back, false);
            const std::vector<T> found = check.found(false);
            QVERIFY2(deviation(found, check.expected()) < tolerance<T>,
                     qPrintable(QString("back %1, terms %2").arg(back).arg(static_cast<int>(terms))));
            QVERIFY(check.found(true) == found); // whichever warp comes first
        }
    // The edges of a centre come one after another, so that they need no order.
    const SumCheck<T> sorted(given, Terms::All, false, true);
    QVERIFY(deviation(sorted.found(false), sorted.expected()) < tolerance<T>);
}

template<class Runner, class T>
void TestCudaKernels::checkSlopes(EdgeProblem<T>& given)
{
    const HostPlan plan(given.plan, false);
    // Not all of the edges, so that an offset would show.
    const std::int64_t first = 2, last = given.count() - 3;
    std::vector<T> toCoupling = given.drawn((last - first) * given.plan.couplings),
                   toWeights = given.drawn(given.count() * given.plan.weights),
                   toDistance = given.drawn(given.count());
    std::vector<double> couplings = widened(toCoupling), weights = widened(toWeights),
                        distances = widened(toDistance);
    given.each([&](std::int64_t e, std::size_t number, const EdgePath& path, int k, int m, std::int64_t u) {
        if (e < first || e >= last)
            return;
        const double product = given.at(given.slope, given.outPlace(e, path, k, u)) *
                               given.at(given.features, given.inPlace(e, path, m, u));
        couplings[static_cast<std::size_t>((e - first) * given.plan.couplings + path.coupling +
                                           k * path.sizeIn + m)] += given.w(e, number, u) * product;
        const double message = given.z(0, e, path, k, m) * product;
        weights[static_cast<std::size_t>(e * given.plan.weights + path.weight + u)] += message;
        distances[static_cast<std::size_t>(e)] += given.wSlope(e, number, u) * message;
    });

    cuda::SlopeTask<T> task;
    task.plan = plan.view;
    task.centre = given.centre.data();
    task.neighbour = given.neighbour.data();
    task.weights = given.weightSource();
    task.coupling = given.source(0);
    task.features = given.features.data();
    task.slope = given.slope.data();
    task.first = first;
    task.last = last;
    const auto run = [&] {
        Runner::template run<cuda::SlopeStage<T>>(last - first, false, [&](std::int64_t warp, auto& stage) {
            cuda::slopesOfWarp<typename Runner::Policy, T>(task, warp, stage);
        });
    };
    // Each alone: what is not asked for does not help what is.
    task.to.toCoupling = toCoupling.data();
    run();
    task.to = {};
    (given.table ? task.to.toDistance : task.to.toWeights) = (given.table ? toDistance : toWeights).data();
    run();
    QVERIFY(deviation(toCoupling, couplings) < tolerance<T>);
    if (given.table)
        QVERIFY(deviation(toDistance, distances) < tolerance<T>);
    else
        QVERIFY(deviation(toWeights, weights) < tolerance<T>);
}

template<class Runner, class T>
void TestCudaKernels::checkBackward(EdgeProblem<T>& given, bool directions)
{
    const HostPlan plan(given.plan, true);
    std::vector<T> features = given.drawn(given.atoms * given.plan.in),
                   weights = given.drawn(given.count() * given.plan.weights),
                   distance = given.drawn(given.count()), direction = given.drawn(3 * given.count());
    const std::vector<T> start = direction;
    std::vector<double> toFeatures = widened(features), toWeights = widened(weights),
                        toDistance = widened(distance), toDirection = widened(direction);
    given.each([&](std::int64_t e, std::size_t number, const EdgePath& path, int k, int m, std::int64_t u) {
        const std::int64_t in = given.inPlace(e, path, m, u);
        const double g = given.at(given.slope, given.outPlace(e, path, k, u)),
                     x = given.at(given.features, in), w = given.w(e, number, u),
                     n = g * given.z(0, e, path, k, m);
        toFeatures[static_cast<std::size_t>(in)] += w * n;
        toWeights[static_cast<std::size_t>(e * given.plan.weights + path.weight + u)] += n * x;
        toDistance[static_cast<std::size_t>(e)] += given.wSlope(e, number, u) * n * x;
        for (std::size_t a = 1; a <= 2; ++a)
            toDirection[3 * static_cast<std::size_t>(e) + a - 1] += w * g * given.z(a, e, path, k, m) * x;
        const int degree = path.harmonics > 0 ? (path.harmonics - 1) / 2 : 0;
        toDirection[3 * static_cast<std::size_t>(e) + 2] += degree * w * n * x;
    });

    const EdgeGroups groups = given.groups(given.neighbour, false);
    std::vector<T> parts(
        static_cast<std::size_t>(plan.view.itemCount * cuda::backwardOutputs * given.count()),
        std::numeric_limits<T>::quiet_NaN());
    cuda::BackwardTask<T> task;
    task.plan = plan.view;
    task.groups = viewOf(groups);
    task.other = given.centre.data();
    task.weights = given.weightSource();
    task.operands.coupling[0] = given.source(0);
    task.operands.features = given.features.data();
    task.operands.slope = given.slope.data();
    task.to.features = features.data();
    (given.table ? task.to.distance : task.to.weights) = (given.table ? distance : weights).data();
    if (directions || given.table)
        task.to.parts = parts.data();
    const std::int64_t warps = task.plan.itemCount * task.groups.groups;
    if (directions) {
        task.operands.coupling[1] = given.source(1);
        task.operands.coupling[2] = given.source(2);
        task.to.direction = direction.data();
        Runner::template run<cuda::BackwardStage<T, true>>(warps, true, [&](std::int64_t warp, auto& stage) {
            cuda::backwardOfWarp<typename Runner::Policy, T, true>(task, warp, stage);
        });
    } else {
        Runner::template run<cuda::BackwardStage<T, false>>(warps, true, [&](std::int64_t warp, auto& stage) {
            cuda::backwardOfWarp<typename Runner::Policy, T, false>(task, warp, stage);
        });
    }
    if (task.to.parts)
        for (std::int64_t first = 0; first < task.groups.edges; first += cuda::warpLanes)
            cuda::addParts<cuda::WarpOnHost, T>(task, first);
    QVERIFY(deviation(features, toFeatures) < tolerance<T>);
    if (given.table)
        QVERIFY(deviation(distance, toDistance) < tolerance<T>);
    else
        QVERIFY(deviation(weights, toWeights) < tolerance<T>);
    if (directions)
        QVERIFY(deviation(direction, toDirection) < tolerance<T>);
}

/// l = 6, of which the stages hold few edges at a time, and sizes in between.
void TestCudaKernels::largestIrreps()
{
    EdgeProblem<double> given(planOfSizes({13, 1, 11}, 3), true, true);
    for (const bool back : {false, true}) {
        const SumCheck<double> check(given, Terms::All, back, false);
        QVERIFY(deviation(check.found(false), check.expected()) < tolerance<double>);
    }
    checkBackward<OnHost>(given, true);
}

/// Every lane counts once, and the sum of numbers whose sum depends on the order is that of the butterfly.
void TestCudaKernels::sumsOverLanes()
{
    cuda::HostLanes<float> lanes{};
    float level[cuda::warpLanes];
    for (int lane = 0; lane < cuda::warpLanes; ++lane)
        level[lane] = lanes.of[lane] = 1.f / static_cast<float>(3 * lane + 1);
    for (int width = cuda::warpLanes / 2; width > 0; width /= 2)
        for (int lane = 0; lane < width; ++lane)
            level[lane] += level[lane + width];
    QCOMPARE(cuda::WarpOnHost::sum(lanes), level[0]);
    for (int lane = 0; lane < cuda::warpLanes; ++lane) {
        cuda::HostLanes<double> one{};
        one.of[lane] = lane + 1;
        QCOMPARE(cuda::WarpOnHost::sum(one), double(lane + 1));
    }
}

void TestCudaKernels::everyNumberHasOneOwner()
{
    const EdgePlan plan = planOfSizes({1, 3, 5, 9}, 70);
    for (const bool back : {false, true}) {
        const cuda::PlanTables tables = cuda::planTables(plan, back);
        QCOMPARE(tables.paths.size(), plan.paths.size());
        QCOMPARE(tables.items.size(), std::size_t(back ? 4 * 3 : 16 * 3)); // 70 channels: three warps
        std::vector<int> owners(static_cast<std::size_t>(back ? plan.in : plan.out));
        for (const cuda::WorkItem& item : tables.items) {
            QCOMPARE(item.paths, back ? 4 : 1);
            const cuda::PathEntry& path = tables.paths[static_cast<std::size_t>(item.first)];
            for (int k = 0; k < item.size; ++k)
                for (int u = item.channel; u < std::min(item.channel + cuda::warpLanes, path.channels); ++u)
                    ++owners[static_cast<std::size_t>(back ? path.in + k * path.channels + u
                                                           : path.out + k * path.outStride + u)];
        }
        for (const int owner : owners)
            QCOMPARE(owner, 1);
    }
}

void TestCudaKernels::unusablePlans()
{
    EdgePlan plan = planOfSizes({1, 3}, 4);
    plan.paths[1].column -= 1;
    QVERIFY_EXCEPTION_THROWN(cuda::planTables(plan, false), InternalError);
    cuda::planTables(plan, true); // the features are no worse for it
    plan = planOfSizes({1, 3}, 4);
    plan.paths[3].in -= 1;
    QVERIFY_EXCEPTION_THROWN(cuda::planTables(plan, true), InternalError);
    QVERIFY_EXCEPTION_THROWN(cuda::planTables(planOfSizes({15}, 1), false), InternalError);

    plan = planOfSizes({1}, 1);
    QVERIFY(!namesDegrees(plan)); // all harmonics
    plan.paths[0].harmonic = 1;
    plan.paths[0].harmonics = 3;
    QVERIFY(namesDegrees(plan));
    plan.paths[0].harmonics = 5;
    QVERIFY(!namesDegrees(plan));
}

QTEST_GUILESS_MAIN(TestCudaKernels)
#include "tst_cuda_kernels.moc"
