// Graph batches: indices, volumes, joining, errors.
#include "base/error.h"
#include "models/graph_batch.h"
#include "support/reference_tensors.h"
#include "support/shuffled_crystal.h"

#include <QtTest/QtTest>

using namespace lodestone;

namespace {

Structure chlorideCell()
{
    Structure structure;
    structure.cell = {{{0, 2.8, 2.8}, {2.8, 0, 2.8}, {2.8, 2.8, 0}}};
    structure.pbc = {true, true, true};
    structure.species = {11, 17};
    structure.positions = {{0, 0, 0}, {2.8, 0, 0}};
    return structure;
}

Structure dimer()
{
    Structure structure;
    structure.species = {17, 17};
    structure.positions = {{0, 0, 0}, {0, 0, 2}};
    structure.source = "pair.extxyz, frame 4";
    return structure;
}

} // namespace

class TestGraphBatch : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void indices();
    void edgesComeInOrderOfSpace();
    void joiningEqualsMakingTogether();
    void converts();
    void unknownElement();
};

void TestGraphBatch::indices()
{
    const Structure crystal = chlorideCell(), pair = dimer();
    const GraphBatch batch = makeGraphBatch({&pair, &crystal}, {17, 11}, 3.0, torch::kFloat64);
    QCOMPARE(batch.graphs, std::int64_t{2});
    QCOMPARE(batch.atoms, std::int64_t{4});
    QCOMPARE(batch.edges, std::int64_t{2 + 12}); // rock salt: six neighbours each
    QVERIFY(torch::equal(batch.species, torch::tensor({0, 0, 1, 0}, torch::kInt64)));
    QVERIFY(torch::equal(batch.graph, torch::tensor({0, 0, 1, 1}, torch::kInt64)));
    QVERIFY(torch::equal(batch.edgeGraph, batch.graph.index_select(0, batch.centre)));
    QVERIFY(torch::equal(batch.edgeGraph, std::get<0>(batch.edgeGraph.sort())));
    QCOMPARE(batch.volume[0].item<double>(), 0.0);
    QVERIFY(std::abs(batch.volume[1].item<double>() - crystal.volume()) < 1e-12);
    QVERIFY(torch::equal(batch.atomCount, torch::tensor({2., 2.}, torch::kFloat64)));
    const torch::Tensor vectors =
        batch.positions.index_select(0, batch.neighbour) - batch.positions.index_select(0, batch.centre) +
        batch.shift.unsqueeze(1).bmm(batch.cell.index_select(0, batch.edgeGraph)).squeeze(1);
    const torch::Tensor lengths = vectors.norm(2, {1});
    QVERIFY(largest(lengths.slice(0, 0, 2) - 2) < 1e-12);
    QVERIFY(largest(lengths.slice(0, 2, 14) - 2.8) < 1e-12);
}

/// Atoms stay in the order of the structures; their edges come atom by atom, near atoms near each other.
void TestGraphBatch::edgesComeInOrderOfSpace()
{
    const Structure crystal = rockSalt(8), pair = dimer();
    const Structure shuffled = reordered(crystal, randomOrder(crystal.size()));
    const GraphBatch batch = makeGraphBatch({&pair, &shuffled}, {8, 17, 26}, 3.0, torch::kFloat64);
    const auto atoms = static_cast<std::int64_t>(shuffled.size());
    for (std::int64_t i = 0; i < atoms; ++i) {
        const auto own = static_cast<std::size_t>(i);
        QCOMPARE(batch.species[2 + i].item<std::int64_t>(), shuffled.species[own] == 8 ? 0 : 2);
        QCOMPARE(batch.positions[2 + i][1].item<double>(), shuffled.positions[own][1]);
    }
    const torch::Tensor centres = std::get<0>(torch::unique_consecutive(batch.centre));
    QVERIFY(torch::equal(std::get<0>(centres.sort()), torch::arange(2 + atoms)));
    std::vector<std::int64_t> order(static_cast<std::size_t>(atoms));
    for (std::int64_t n = 0; n < atoms; ++n)
        order[static_cast<std::size_t>(n)] = centres[2 + n].item<std::int64_t>() - 2;
    QVERIFY(meanStep(shuffled, order) < 4);
    std::sort(order.begin(), order.end());
    QVERIFY(meanStep(shuffled, order) > 5.5);
}

void TestGraphBatch::joiningEqualsMakingTogether()
{
    const Structure crystal = chlorideCell(), pair = dimer();
    const std::vector<int> elements = {11, 17};
    const GraphBatch together = makeGraphBatch({&crystal, &pair, &crystal}, elements, 5, torch::kFloat32);
    const GraphBatch joined = concatenate({makeGraphBatch({&crystal, &pair}, elements, 5, torch::kFloat32),
                                           makeGraphBatch({&crystal}, elements, 5, torch::kFloat32)});
    QCOMPARE(joined.graphs, together.graphs);
    QCOMPARE(joined.atoms, together.atoms);
    QCOMPARE(joined.edges, together.edges);
    for (const auto member :
         {&GraphBatch::species, &GraphBatch::positions, &GraphBatch::cell, &GraphBatch::volume,
          &GraphBatch::graph, &GraphBatch::atomCount, &GraphBatch::centre, &GraphBatch::neighbour,
          &GraphBatch::shift, &GraphBatch::edgeGraph})
        QVERIFY(torch::equal(joined.*member, together.*member));
    QVERIFY_EXCEPTION_THROWN(concatenate({}), InternalError);
}

void TestGraphBatch::converts()
{
    const Structure pair = dimer();
    const GraphBatch batch =
        makeGraphBatch({&pair}, {17}, 5, torch::kFloat64).to(torch::kCPU, torch::kFloat32);
    QVERIFY(batch.positions.dtype() == torch::kFloat32);
    QVERIFY(batch.shift.dtype() == torch::kFloat32);
    QVERIFY(batch.centre.dtype() == torch::kInt64);
    QCOMPARE(batch.edges, std::int64_t{2});
}

void TestGraphBatch::unknownElement()
{
    const Structure pair = dimer();
    try {
        makeGraphBatch({&pair}, {11}, 5, torch::kFloat64);
        QFAIL("no error");
    } catch (const Error& error) {
        const QString text = error.what();
        QVERIFY2(text.contains("pair.extxyz, frame 4") && text.contains("Cl"), error.what());
    }
}

QTEST_GUILESS_MAIN(TestGraphBatch)
#include "tst_graph_batch.moc"
