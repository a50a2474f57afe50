// Convolutions in single precision as a run has them: many edges, weights from tables, couplings made from
// harmonics by exchanging lanes or by whole products.
#include "equivariant/kernels/edge_convolution.h"
#include "equivariant/kernels/edge_reading.h"
#include "equivariant/spherical_harmonics.h"
#include "support/equivariant_plan.h"
#include "support/reference_tensors.h"

#include <QtTest/QtTest>

using namespace lodestone;

namespace {

constexpr std::int64_t atoms = 61;

/// Smooth functions of the distance, one a channel.
torch::Tensor radial(const torch::Tensor& r, std::int64_t channels)
{
    const torch::Tensor c = torch::arange(channels, r.options()) / static_cast<double>(channels);
    return (r.unsqueeze(1) * (c + 0.4)).sin() * (1 + c) + 0.2 * r.unsqueeze(1);
}

struct Batch {
    EquivariantPlan given;
    std::shared_ptr<const EdgeIndex> edges;
    torch::Tensor vectors, x, g, along; // float64; along: what first derivatives are weighted with

    Batch(int lMax, std::int64_t count) : given(lMax)
    {
        torch::manual_seed(12);
        // Atom 0 is no centre, and atom 1 has far more than the others.
        const torch::Tensor centre =
            std::get<0>((torch::randint(1, atoms, {count}) * (torch::rand({count}) > 0.2))
                            .clamp_min(1)
                            .to(torch::kInt64)
                            .sort());
        edges = makeEdgeIndex(centre, torch::randint(0, atoms, {count}).to(torch::kInt64), atoms);
        const auto real = torch::dtype(torch::kFloat64);
        const torch::Tensor directions = torch::randn({count, 3}, real);
        vectors = directions / directions.norm(2, 1, true) * (1 + 3.5 * torch::rand({count, 1}, real));
        x = torch::randn({atoms, given.plan->in}, real);
        g = torch::randn({atoms, given.plan->out}, real);
        along = torch::randn({count, 3}, real);
    }

    /// Sums, first derivatives, and the derivatives of those along `along` in what training asks for.
    std::vector<torch::Tensor> answers(torch::Dtype type,
                                       const std::shared_ptr<const RadialTable>& table) const
    {
        const EdgePlan& plan = *given.plan;
        const int lMax = static_cast<int>(std::lround(std::sqrt(given.basis.matrix.size(0)))) - 1;
        const torch::Tensor leaf = vectors.to(type).requires_grad_(), features = x.to(type).requires_grad_(),
                            slope = g.to(type).requires_grad_();
        const torch::Tensor distance = leaf.norm(2, 1);
        const EdgeCouplings couplings(torch::cat(SphericalHarmonics(lMax)(leaf / distance.unsqueeze(1)), 1),
                                      given.basis.to(type));
        const torch::Tensor out =
            table ? edgeConvolution(given.plan, edges, couplings,
                                    TabulatedWeights{table, distance, table->grid().positions(distance)},
                                    features)
                  : convolutionByTensors(plan, *edges, couplings.values(), radial(distance, plan.weights),
                                         features);
        const auto first = torch::autograd::grad({out}, {leaf, features}, {slope}, true, true);
        const auto second = torch::autograd::grad(
            {(first[0] * along.to(type)).sum() + first[1].square().sum()}, {features, slope});
        return {out.detach(), first[0].detach(), first[1].detach(), second[0], second[1]};
    }
};

/// Edges of an own order, as a kernel's task has them.
struct Edges {
    EdgePlan plan;
    std::int64_t edgeOf(std::size_t n) const { return static_cast<std::int64_t>(n * 3 % 7); }
};

/// Couplings of all seven edges by registers of Bytes, and how far they are from the plain product.
template<int Bytes, int Size>
double packedDeviation(const EquivariantPlan& given, const EdgePath& path, int rows)
{
    constexpr std::size_t edges = 7, room = 16;
    const std::int64_t numbers = given.basis.matrix.size(0), width = given.plan->couplings;
    const torch::Tensor matrix = given.basis.matrix.to(torch::kFloat32).contiguous();
    torch::manual_seed(14);
    const torch::Tensor harmonics = torch::randn({std::int64_t{edges}, rows, numbers});
    // Memory of just that size, so that a sanitizer sees what is read or written beside it.
    std::vector<float> y(harmonics.data_ptr<float>(), harmonics.data_ptr<float>() + harmonics.numel());
    std::vector<float> z(edges * static_cast<std::size_t>(rows) * Size + room);
    loops::packHarmonics<float, Bytes, Size>(Edges{*given.plan}, path,
                                             {y.data(), numbers, rows, matrix.data_ptr<float>(), width}, 0,
                                             edges, z.data());
    double most = 0;
    std::size_t at = 0;
    for (std::size_t n = 0; n < edges; ++n)
        for (int row = 0; row < rows; ++row) {
            const torch::Tensor wanted =
                harmonics[Edges{}.edgeOf(n)][row]
                    .narrow(0, path.harmonic, path.harmonics)
                    .matmul(matrix.narrow(0, path.harmonic, path.harmonics).narrow(1, path.coupling, Size));
            for (int c = 0; c < Size; ++c)
                most = std::max(most, std::abs(double(z[at++]) - wanted[c].item<double>()));
        }
    return most;
}

template<int Bytes>
double packedDeviation(const EquivariantPlan& given, const EdgePath& path, int rows)
{
    switch (path.sizeIn * path.sizeOut) {
    case 1:
        return packedDeviation<Bytes, 1>(given, path, rows);
    case 3:
        return packedDeviation<Bytes, 3>(given, path, rows);
    case 7:
        return packedDeviation<Bytes, 7>(given, path, rows);
    case 9:
        return packedDeviation<Bytes, 9>(given, path, rows);
    case 15:
        return packedDeviation<Bytes, 15>(given, path, rows);
    case 25:
        return packedDeviation<Bytes, 25>(given, path, rows);
    case 49:
        return packedDeviation<Bytes, 49>(given, path, rows);
    default:
        return 0;
    }
}

} // namespace

class TestEdgeCouplings : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tables_data();
    void tables();
    void anyMatrix();
    void exactBuffers();
};

void TestEdgeCouplings::tables_data()
{
    QTest::addColumn<int>("lMax");
    QTest::addColumn<int>("edges");
    for (const int lMax : {1, 2, 3, 4})
        for (const int edges : {5, 1999, 9001}) // up to several times what is worked on together
            QTest::addRow("l to %d, %d edges", lMax, edges) << lMax << edges;
}

void TestEdgeCouplings::tables()
{
    QFETCH(int, lMax);
    QFETCH(int, edges);
    const Batch batch(lMax, edges);
    const std::int64_t channels = batch.given.plan->weights;
    TableGrid grid;
    grid.intervals = 256;
    const auto table = std::make_shared<const RadialTable>(
        *batch.given.plan, std::vector<RadialTable::Function>{[channels](const torch::Tensor& r) {
            return radial(r, channels);
        }},
        grid, torch::kFloat32);
    const auto expected = batch.answers(torch::kFloat64, nullptr);
    const auto found = batch.answers(torch::kFloat32, table);
    for (std::size_t i = 0; i < found.size(); ++i) {
        QVERIFY(largest(expected[i]) > 0);
        const double off = relativeDistance(found[i], expected[i]);
        QVERIFY2(off < 3e-6, qPrintable(QString("%1: %2").arg(i).arg(off)));
    }
}

/// Couplings that take all harmonics of a degree, as no model has them.
void TestEdgeCouplings::anyMatrix()
{
    const EquivariantPlan given;
    const std::int64_t count = 700;
    torch::manual_seed(13);
    const auto edges = makeEdgeIndex(std::get<0>(torch::randint(0, atoms, {count}).to(torch::kInt64).sort()),
                                     torch::randint(0, atoms, {count}).to(torch::kInt64), atoms);
    const CouplingBasis mixed = {torch::randn_like(given.basis.matrix), given.basis.generators};
    const torch::Tensor harmonics = torch::randn({count, 16}, torch::kFloat64);
    // Each path reads the harmonics of its own degree.
    const torch::Tensor degrees = torch::zeros_like(mixed.matrix);
    for (const EdgePath& path : given.plan->paths)
        degrees.narrow(0, path.harmonic, path.harmonics)
            .narrow(1, path.coupling, std::int64_t{path.sizeIn} * path.sizeOut)
            .fill_(1);
    const torch::Tensor couplings = harmonics.matmul(mixed.matrix * degrees);
    const torch::Tensor w = torch::randn({count, given.plan->weights}, torch::kFloat64),
                        x = torch::randn({atoms, given.plan->in}, torch::kFloat64);
    const auto single = [](const torch::Tensor& tensor) { return tensor.to(torch::kFloat32); };
    const torch::Tensor found = edgeConvolution(
        given.plan, edges, EdgeCouplings(single(harmonics), mixed.to(torch::kFloat32)), single(w), single(x));
    QVERIFY(relativeDistance(found, convolutionByTensors(*given.plan, *edges, couplings, w, x)) < 1e-6);
}

/// Registers of all widths, whatever this processor has.
void TestEdgeCouplings::exactBuffers()
{
    for (const int lMax : {1, 2, 3, 4}) {
        const EquivariantPlan given(lMax);
        for (const EdgePath& path : given.plan->paths)
            for (const int rows : {1, 3}) {
                QVERIFY(packedDeviation<64>(given, path, rows) < 1e-6);
                QVERIFY(packedDeviation<32>(given, path, rows) < 1e-6);
                QVERIFY(packedDeviation<16>(given, path, rows) < 1e-6);
            }
    }
}

QTEST_GUILESS_MAIN(TestEdgeCouplings)
#include "tst_edge_couplings.moc"
