// Running out of memory: batches are divided, the run's numbers stay.
#include "base/error.h"
#include "finetune/edge_budget.h"
#include "finetune/learner.h"
#include "support/tiny_nequix.h"
#include "weights/model_numbers.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <atomic>
#include <new>
#include <numeric>
#include <set>
#include <torch/torch.h>

using namespace lodestone;

namespace {

using Groups = EdgeBudget::Groups;

/// Frames of 10, 20, 30, ... edges.
const SizedFrames tens = {[](std::size_t i) { return static_cast<std::int64_t>(10 * (i + 1)); },
                          [](std::size_t i) { return fmt::format("frame {}", i + 1); }};

/// What runs out of memory above so many edges in one part.
std::function<void(const Groups&)> neverAbove(std::size_t edges, Groups& done)
{
    return [edges, &done](const Groups& parts) {
        done.clear();
        for (const auto& part : parts) {
            std::size_t sum = 0;
            for (const std::size_t i : part)
                sum += static_cast<std::size_t>(tens.edges(i));
            if (sum > edges)
                throw std::bad_alloc();
            done.push_back(part);
        }
    };
}

template<class Call>
std::string messageOf(const Call& call)
{
    try {
        call();
    } catch (const Error& e) {
        return e.what();
    }
    return {};
}

} // namespace

class TestEdgeBudget : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void dividesUntilItFits();
    void aSingleFrameIsASentence();
    void sharesAreEven_data();
    void sharesAreEven();
    void sharesAreDividedTogether();
    void otherFaultsGoThrough();
    void recognisesMemory();
    void partsGiveTheSameStep_data();
    void partsGiveTheSameStep();
    void feedsInOrder();
    void feederHandsFaultsOn();
};

void TestEdgeBudget::dividesUntilItFits()
{
    std::vector<std::string> sentences;
    EdgeBudget budget(1000, [&](const std::string& text) { sentences.push_back(text); });
    const std::vector<std::size_t> batch = {3, 0, 1, 2, 4}; // 40 + 10 + 20 + 30 + 50 edges
    Groups done;
    budget.run(batch, tens, neverAbove(60, done));
    QCOMPARE(done, (Groups{{3}, {0, 1}, {2}, {4}}));
    // 150 edges, then parts of at most 75, the largest that can be divided 40 + 10 + 20.
    QCOMPARE(budget.edges(), std::size_t(35));
    QCOMPARE(sentences.size(), std::size_t(2));
    QVERIFY(sentences.front().find("150 edges") != std::string::npos);
    // What has been learnt stays: nothing runs out the next time.
    budget.run(batch, tens, neverAbove(60, done));
    QCOMPARE(sentences.size(), std::size_t(2));
    QCOMPARE(std::accumulate(done.begin(), done.end(), std::size_t(0),
                             [](std::size_t n, const auto& part) { return n + part.size(); }),
             batch.size());
}

void TestEdgeBudget::sharesAreEven_data()
{
    QTest::addColumn<int>("processes");
    QTest::addColumn<int>("frames");
    for (const int processes : {1, 2, 3, 8, 64})
        for (const int frames : {0, 1, 5, 200})
            QTest::addRow("%d frames, %d processes", frames, processes) << processes << frames;
}

void TestEdgeBudget::sharesAreEven()
{
    QFETCH(const int, processes);
    QFETCH(const int, frames);
    std::vector<std::size_t> batch; // in no order of size
    for (int i = 0; i < frames; ++i)
        batch.push_back(std::size_t(i * 77 % frames));
    if (frames == 200) // 77 and 200 have no common factor, nor have the others and 77
        QCOMPARE(std::set<std::size_t>(batch.begin(), batch.end()).size(), batch.size());
    const Groups shares = sharesByEdges(batch, tens, processes);
    QCOMPARE(shares.size(), std::size_t(processes));
    std::vector<std::int64_t> edges;
    std::int64_t all = 0, largest = 0;
    std::vector<std::size_t> joined;
    for (const auto& share : shares) {
        std::int64_t own = 0;
        for (const std::size_t i : share) {
            own += tens.edges(i);
            largest = std::max(largest, tens.edges(i));
        }
        edges.push_back(own);
        all += own;
        joined.insert(joined.end(), share.begin(), share.end());
        // The order of the batch.
        const auto place = [&](std::size_t i) { return std::find(batch.begin(), batch.end(), i); };
        QVERIFY(std::is_sorted(share.begin(), share.end(),
                               [&](std::size_t a, std::size_t b) { return place(a) < place(b); }));
    }
    std::sort(joined.begin(), joined.end());
    std::sort(batch.begin(), batch.end());
    QCOMPARE(joined, batch);
    // Largest first: nobody has more than 4/3 of the best possible (Graham 1969), nor than the mean and a
    // frame.
    const double best = std::max(double(all) / processes, double(largest));
    const double most = double(*std::max_element(edges.begin(), edges.end()));
    QVERIFY(most <= 4.0 / 3.0 * best + 1e-9);
    if (frames >= 20 * processes)
        QVERIFY2(most <= 1.02 * double(all) / processes + 10, qPrintable(QString::number(most)));
}

void TestEdgeBudget::sharesAreDividedTogether()
{
    EdgeBudget budget(1000);
    int calls = 0;
    std::vector<Groups> last;
    budget.runShares({{3, 0}, {4}, {}}, tens, [&](const std::vector<Groups>& shares) {
        ++calls;
        last = shares;
        if (calls == 1)
            throw std::bad_alloc(); // in whichever process
    });
    QCOMPARE(calls, 2);
    QCOMPARE(last, (std::vector<Groups>{{{3}, {0}}, {{4}}, {}})); // at most 25 edges at once
    QCOMPARE(budget.edges(), std::size_t(25));
}

void TestEdgeBudget::aSingleFrameIsASentence()
{
    EdgeBudget budget(1000);
    Groups done;
    const std::string text = messageOf([&] { budget.run({0, 4, 1}, tens, neverAbove(45, done)); });
    QVERIFY2(text.find("frame 5 (50 edges)") != std::string::npos, text.c_str());
    // Atoms without neighbours cannot be divided by their edges.
    const SizedFrames isolated = {[](std::size_t) { return std::int64_t(0); }, tens.name};
    const std::string other = messageOf([&] {
        budget.run({0, 1, 2}, isolated, [](const Groups&) { throw std::bad_alloc(); });
    });
    QVERIFY2(other.find("max_frames") != std::string::npos, other.c_str());
}

void TestEdgeBudget::otherFaultsGoThrough()
{
    EdgeBudget budget(1000);
    int calls = 0;
    QVERIFY_EXCEPTION_THROWN(budget.run({0, 1}, tens,
                                        [&](const Groups&) {
                                            ++calls;
                                            throw std::runtime_error("out of memory, says somebody else");
                                        }),
                             std::runtime_error);
    QCOMPARE(calls, 1);
    QCOMPARE(budget.edges(), std::size_t(1000));
}

void TestEdgeBudget::recognisesMemory()
{
    QVERIFY(saysOutOfMemory(std::bad_alloc()));
    QVERIFY(!saysOutOfMemory(std::runtime_error("out of memory")));
    QVERIFY(!saysOutOfMemory(Error("out of memory")));
    const auto thrownBy = [](const std::function<void()>& call) {
        try {
            call();
        } catch (const std::exception& e) {
            return saysOutOfMemory(e);
        }
        return false;
    };
    QVERIFY(thrownBy([] { torch::empty({std::int64_t(1) << 46}, torch::kFloat64); })); // LibTorch's own word
    QVERIFY(!thrownBy([] { torch::ones({2}).matmul(torch::ones({3})); }));
}

void TestEdgeBudget::partsGiveTheSameStep_data()
{
    QTest::addColumn<QString>("method");
    for (const char* method : {"sparse", "full"})
        QTest::newRow(method) << method;
}

/// A step in parts changes the parameters as one in one piece does, labels missing here and there included.
void TestEdgeBudget::partsGiveTheSameStep()
{
    QFETCH(QString, method);
    QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    const LoadedModel model = openModel(writeTinyNequix(path));
    const auto data = path / "data.extxyz";
    writeTinyData(data, 7, 5, /*holes=*/true);
    const Dataset dataset = readDataset({data});
    std::vector<const Frame*> frames;
    for (const Frame& frame : dataset.frames)
        frames.push_back(&frame);
    const FrameGraphs graphs(frames, model.description(), torch::kFloat64, std::size_t{1} << 30);
    RunConfig config;
    config.method.kind = method.toStdString();
    config.targets.stress = 0;
    const Quantities quantities = quantitiesOf(config.targets);
    const auto changed = [&](const Groups& parts) {
        Learner learner(config, model, selectedTensors(config, model.description()), {},
                        {torch::kCPU, torch::kFloat64});
        for (int step = 1; step <= 3; ++step) {
            std::vector<StepBatch> batch;
            for (const auto& part : parts)
                batch.push_back({graphs.batch(part), graphs.labels(part, quantities, {})});
            Learner::Step result = learner.differentiate(batch, 0.1 * step, step);
            learner.apply(result, step);
            if (!result.loss.total.defined() || result.loss.total.requires_grad())
                return torch::Tensor();
        }
        return learner.tensors().at("live/delta").clone();
    };
    const torch::Tensor whole = changed({{0, 1, 2, 3, 4, 5, 6}});
    const torch::Tensor divided = changed({{0, 1}, {2}, {3, 4, 5}, {6}}); // {2} has no energy
    QVERIFY(whole.defined() && divided.defined());
    QVERIFY(whole.abs().max().item<double>() > 0);
    const double off = (whole - divided).abs().max().item<double>() / whole.abs().max().item<double>();
    QVERIFY2(off < 1e-9, qPrintable(QString::number(off)));
    // The same batches without the last frame are another step.
    const torch::Tensor fewer = changed({{0, 1}, {2}, {3, 4, 5}});
    QVERIFY((whole - fewer).abs().max().item<double>() > 1e-6 * whole.abs().max().item<double>());
}

void TestEdgeBudget::feedsInOrder()
{
    std::atomic<int> made{0};
    {
        BatchFeeder feeder(2, 12, [&made](std::size_t i) {
            ++made;
            return FedBatch{{{i}}, {}};
        });
        for (std::size_t i = 2; i < 9; ++i) {
            QCOMPARE(feeder.take().frames, (Groups{{i}}));
            QVERIFY(made.load() <= static_cast<int>(i)); // those that were taken, and one more
        }
    } // ends with batches left
    BatchFeeder few(0, 1, [](std::size_t i) { return FedBatch{{{i}}, {}}; });
    few.take();
    QVERIFY_EXCEPTION_THROWN(few.take(), InternalError);
    const BatchFeeder none(3, 3, [](std::size_t) { return FedBatch(); });
}

void TestEdgeBudget::feederHandsFaultsOn()
{
    BatchFeeder feeder(0, 5, [](std::size_t i) {
        if (i == 1)
            throw Error("no such frame");
        return FedBatch{{{i}}, {}};
    });
    QCOMPARE(feeder.take().frames, (Groups{{0}}));
    QCOMPARE(messageOf([&] { feeder.take(); }), std::string("no such frame"));
    QCOMPARE(messageOf([&] { feeder.take(); }), std::string("no such frame"));
}

QTEST_APPLESS_MAIN(TestEdgeBudget)
#include "tst_edge_budget.moc"
