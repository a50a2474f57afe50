// What processes of one run tell each other: how numbers travel, and frames as bytes. The operations
// themselves are in tst_cli_ranks, under a real mpirun.
#include "finetune/rank_packing.h"
#include "finetune/rank_tensors.h"

#include "base/error.h"
#include "support/sentence.h"

#include <QtTest/QtTest>

using namespace lodestone;

namespace {

const TensorEnd processor{"", 0, false};
const TensorEnd first{"a 0000:3b:00", 22203, false}, second{"a 0000:5e:00", 22203, false};
const TensorEnd aware{"a 0000:3b:00", 0, true}; // no NCCL, an MPI that takes its memory

} // namespace

class TestRankTensors : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theWantedWay();
    void framesAreExact();
    void otherBytesAreRefused();
};

void TestRankTensors::theWantedWay()
{
    const auto way = chooseTensorWay;
    QCOMPARE(way({first, second}, ""), TensorWay::Host); // the usual one, whatever there is
    QCOMPARE(way({first, second}, "host"), TensorWay::Host);

    QCOMPARE(way({processor, processor}, "mpi"), TensorWay::Mpi);
    QCOMPARE(way({aware, processor}, "mpi"), TensorWay::Mpi);
    VERIFY_ERROR(way({aware, first}, "mpi"), "does not take the memory of GPUs");

    QCOMPARE(way({first, second}, "nccl"), TensorWay::Nccl);
    QCOMPARE(way({first, {"b 0000:3b:00", 22203, false}}, "nccl"), TensorWay::Nccl); // another machine's
    const std::vector<TensorEnd> others[] = {
        {first, first},                          // two processes on one GPU
        {first, processor},                      //
        {first, {"a 0000:5e:00", 21805, false}}, // another version
        {first, {"a 0000:5e:00", 0, false}},
    };
    for (const auto& ends : others)
        VERIFY_ERROR(way(ends, "nccl"), "a GPU of its own");

    VERIFY_ERROR(way({processor}, "gloo"), "\"gloo\"", "host, mpi or nccl");
}

void TestRankTensors::framesAreExact()
{
    Frame all;
    all.structure.cell = {Vec3{3.1, 0, 0}, Vec3{0.1, 1.0 / 3.0, 0}, Vec3{-0.2, 1e-9, 4}};
    all.structure.pbc = {true, false, true};
    all.structure.species = {28, 8};
    all.structure.positions = {Vec3{0.1, -0.2, 1e300}, Vec3{2.0 / 3.0, 5, -0.0}};
    all.energy = -17.123456789012345;
    all.forces = {Vec3{1e-17, 2, 3}, Vec3{-4, 5, 0.6}};
    all.stress = Mat3{Vec3{0.1, 0.2, 0.3}, Vec3{0.2, 0.4, 0.5}, Vec3{0.3, 0.5, 0.7}};
    all.weight = 0.1;
    Frame none;
    none.structure.species = {1};
    none.structure.positions = {Vec3{1, 2, 3}};

    const std::vector<Frame> read = framesFrom(packedFrames({all, none}));
    QCOMPARE(read.size(), std::size_t(2));
    const Frame& a = read[0];
    QVERIFY(a.structure.cell == all.structure.cell && a.structure.pbc == all.structure.pbc);
    QVERIFY(a.structure.species == all.structure.species && a.structure.positions == all.structure.positions);
    QVERIFY(a.energy == all.energy && a.forces == all.forces && a.stress == all.stress);
    QVERIFY(a.weight == all.weight);
    const Frame& b = read[1];
    QVERIFY(!b.energy && b.forces.empty() && !b.stress && b.weight == 1);
    QVERIFY(b.structure.positions == none.structure.positions);
    QVERIFY(framesFrom(packedFrames({})).empty());
}

void TestRankTensors::otherBytesAreRefused()
{
    Frame frame;
    frame.structure.species = {1};
    frame.structure.positions = {Vec3{1, 2, 3}};
    const std::string bytes = packedFrames({frame});
    for (std::size_t length = 0; length < bytes.size(); ++length)
        QVERIFY_THROWS_EXCEPTION(InternalError, framesFrom(bytes.substr(0, length)));
}

QTEST_GUILESS_MAIN(TestRankTensors)
#include "tst_rank_tensors.moc"
