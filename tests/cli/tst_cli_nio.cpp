// The magnetic heads on real data: NiO with non-collinear moments and magnetic forces from constrained DFT
// (151 frames of Ni16O16), tuned as experiments/nio-spin-energy.json says.
#include "engine_process.h"

#include "crystal/exchange.h"
#include "formats/formats.h"
#include "run/run_directory.h"
#include "support/shared_data.h"

#include <cmath>
#include <random>

using namespace lodestone;

namespace {

constexpr const char* dataFile = "data/nio-noncollinear/nio_deepspin.extxyz";
constexpr int antiferromagnetic = 112; // a frame whose moments are collinear to 1e-12: the DFT ground pattern

std::vector<double>& momentsOf(Structure& structure)
{
    return structure.arrays.at("magmoms").numbers;
}

Vec3 vectorOf(const Structure& structure, const char* array, std::size_t atom)
{
    const double* v = structure.arrays.at(array).numbers.data() + 3 * atom;
    return {v[0], v[1], v[2]};
}

void setMoment(Structure& structure, std::size_t atom, const Vec3& m)
{
    std::copy(m.begin(), m.end(), momentsOf(structure).begin() + std::ptrdiff_t(3 * atom));
}

double energyOf(const Structure& structure)
{
    return std::get<double>(structure.info.at("energy"));
}

/// Geometry and moments without labels.
Structure bare(const Structure& structure)
{
    Structure result;
    result.cell = structure.cell;
    result.pbc = structure.pbc;
    result.species = structure.species;
    result.positions = structure.positions;
    result.arrays["magmoms"] = structure.arrays.at("magmoms");
    return result;
}

/// Turns v about the unit vector n.
Vec3 turned(const Vec3& v, const Vec3& n, double angle)
{
    return std::cos(angle) * v + std::sin(angle) * cross(n, v) + (1 - std::cos(angle)) * dot(n, v) * n;
}

const Vec3 someAxis = (1 / std::sqrt(14.0)) * Vec3{1, 2, 3};

} // namespace

class TestCliNio : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void heldOutFramesAreLearnt();
    void flippedAndTurnedSpinsChangeNothing();
    void fieldsAreDerivatives();
    void perturbedMomentsReturnToOrder_data();
    void perturbedMomentsReturnToOrder();
    void exchangeIsSuperexchange();
    void vectorFollowsItsPattern();

private:
    std::string file(const std::string& name) const
    {
        return m_folder.filePath(QString::fromStdString(name)).toStdString();
    }
    /// A run with the experiment's configuration and these changes; returns its delta.
    std::string tune(const std::string& name, const Json& changes)
    {
        Json config = readJsonFile(LODESTONE_SOURCE "/experiments/nio-spin-energy.json");
        config["model"] = sharedPath("models/nequix/nequix-mp-1.nqx").string();
        config["data"]["train"] = {sharedPath(dataFile).string()};
        config.merge_patch(changes);
        writeFileAtomically(file(name + ".json"), config.dump());
        const EngineCall call =
            callEngine({"finetune", file(name + ".json"), "--run", file(name), "--no-audit"}, 800000);
        if (call.code != 0)
            qWarning("%s", call.error.c_str());
        return RunPaths{file(name)}.delta().string();
    }
    /// In float64, with the moments of the structures.
    std::vector<Structure> predicted(const std::vector<Structure>& structures, const std::string& delta,
                                     const std::vector<std::string>& more = {})
    {
        writeStructures(file("asked.extxyz"), structures);
        std::vector<std::string> arguments = {"predict",
                                              sharedPath("models/nequix/nequix-mp-1.nqx").string(),
                                              file("asked.extxyz"),
                                              "--delta",
                                              delta,
                                              "--dtype",
                                              "float64",
                                              "-o",
                                              file("answer.extxyz")};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const EngineCall call = callEngine(arguments);
        if (call.code != 0)
            qWarning("%s", call.error.c_str());
        return call.code == 0 ? readStructures(file("answer.extxyz")) : std::vector<Structure>();
    }

    QTemporaryDir m_folder;
    std::string m_delta;
    std::vector<Structure> m_frames;
};

void TestCliNio::initTestCase()
{
    SKIP_WITHOUT_SHARED(dataFile);
    m_frames = readStructures(sharedPath(dataFile));
    QCOMPARE(m_frames.size(), std::size_t(151));
    m_delta = tune("spin-energy", Json::object());
    QVERIFY(std::filesystem::exists(m_delta));
}

void TestCliNio::heldOutFramesAreLearnt()
{
    const Json metrics = readJsonFile(RunPaths{file("spin-energy")}.metrics());
    const auto explained = [&metrics](const char* quantity) {
        const Json& errors = metrics.at("splits").at("validation").at("tuned").at(quantity);
        const double share = errors.at("rmse").get<double>() / errors.at("spread").get<double>();
        return 1 - share * share;
    };
    const double energy = explained("energy"), field = explained("magnetic_forces:perpendicular");
    qInfo("R2 on %d held-out frames: energies %.4f, magnetic forces across the moments %.4f",
          metrics["splits"]["validation"]["tuned"]["energy"]["count"].get<int>(), energy, field);
    QVERIFY(energy > 0.97);
    QVERIFY(field > 0.99);
    QVERIFY(metrics.at("changed_of_model").get<double>() < 0.0501);
}

void TestCliNio::flippedAndTurnedSpinsChangeNothing()
{
    const Structure given = bare(m_frames[3]);
    Structure flipped = given, spun = given;
    for (double& component : momentsOf(flipped))
        component = -component;
    for (std::size_t atom = 0; atom < spun.size(); ++atom)
        setMoment(spun, atom, turned(vectorOf(given, "magmoms", atom), someAxis, 1.1));
    const auto answers = predicted({given, flipped, spun}, m_delta);
    QCOMPARE(answers.size(), std::size_t(3));
    for (std::size_t k = 1; k < 3; ++k) {
        QVERIFY(std::abs(energyOf(answers[k]) - energyOf(answers[0])) < 1e-6);
        for (std::size_t atom = 0; atom < given.size(); ++atom) {
            QVERIFY(norm(vectorOf(answers[k], "forces", atom) - vectorOf(answers[0], "forces", atom)) < 1e-6);
            const Vec3 field = vectorOf(answers[0], "magnetic_forces", atom);
            const Vec3 expected = k == 1 ? -1.0 * field : turned(field, someAxis, 1.1);
            QVERIFY(norm(vectorOf(answers[k], "magnetic_forces", atom) - expected) < 1e-6);
        }
    }
}

void TestCliNio::fieldsAreDerivatives()
{
    constexpr double step = 1e-3; // Bohr magneton
    const Structure given = bare(m_frames[60]);
    std::vector<Structure> asked = {given};
    for (const std::size_t atom : {std::size_t(0), std::size_t(9)})
        for (std::size_t c = 0; c < 3; ++c)
            for (const double sign : {1.0, -1.0}) {
                Structure moved = given;
                momentsOf(moved)[3 * atom + c] += sign * step;
                asked.push_back(std::move(moved));
            }
    const auto answers = predicted(asked, m_delta);
    QCOMPARE(answers.size(), asked.size());
    double largest = 0;
    for (std::size_t k = 0; k < 6; ++k) {
        const double slope = -(energyOf(answers[1 + 2 * k]) - energyOf(answers[2 + 2 * k])) / (2 * step);
        const Vec3 field = vectorOf(answers[0], "magnetic_forces", k < 3 ? 0 : 9);
        QVERIFY2(std::abs(slope - field[k % 3]) < 1e-5,
                 qPrintable(QStringLiteral("%1 %2").arg(slope).arg(field[k % 3])));
        largest = std::max(largest, std::abs(slope));
    }
    QVERIFY(largest > 1e-3); // else nothing was tested
}

void TestCliNio::perturbedMomentsReturnToOrder_data()
{
    QTest::addColumn<double>("degrees");
    QTest::newRow("tilted by up to 30 degrees") << 30.0;
    QTest::newRow("tilted by up to 90 degrees") << 90.0;
}

void TestCliNio::perturbedMomentsReturnToOrder()
{
    QFETCH(double, degrees);
    Structure start = bare(m_frames[antiferromagnetic]);
    std::mt19937_64 random(11);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> share(0.2, 1);
    double worst = 1; // cosine between a moment and its place in the pattern
    for (std::size_t atom = 0; atom < start.size(); ++atom) {
        const Vec3 m = vectorOf(start, "magmoms", atom);
        if (norm(m) == 0)
            continue;
        Vec3 axis = cross(m, {normal(random), normal(random), normal(random)});
        axis = (1 / norm(axis)) * axis;
        const Vec3 tilted = turned(m, axis, share(random) * degrees * std::acos(-1.0) / 180);
        worst = std::min(worst, dot(tilted, m) / dot(m, m));
        setMoment(start, atom, tilted);
    }
    QVERIFY(worst < 0.95); // it was perturbed
    const auto answers = predicted({start}, m_delta, {"--relax-moments", "--keep-lengths"});
    QCOMPARE(answers.size(), std::size_t(1));
    QVERIFY(std::get<bool>(answers[0].info.at("moments_relaxed")));
    // The order that DFT has: all along one axis, each on its side, no net moment. The axis itself is free.
    const Structure& order = m_frames[antiferromagnetic];
    const Vec3 first = vectorOf(answers[0], "magmoms", 0), firstOrder = vectorOf(order, "magmoms", 0);
    Vec3 net{};
    std::size_t moments = 0;
    for (std::size_t atom = 0; atom < order.size(); ++atom) {
        const Vec3 m = vectorOf(answers[0], "magmoms", atom), label = vectorOf(order, "magmoms", atom);
        if (norm(label) == 0)
            continue;
        ++moments;
        net = net + m;
        const double side = dot(label, firstOrder) > 0 ? 1 : -1;
        QVERIFY(side * dot(m, first) / (norm(m) * norm(first)) > 0.9999);
    }
    QCOMPARE(moments, std::size_t(16));
    QVERIFY(norm(net) < 1e-2);
}

void TestCliNio::exchangeIsSuperexchange()
{
    // In NiO the coupling over a straight Ni-O-Ni bridge (second neighbours, a = 4.18 Angstrom apart) is
    // antiferromagnetic and by far the strongest (Hutchings and Samuelsen, Phys. Rev. B 6, 3447 (1972)).
    predicted({bare(m_frames[antiferromagnetic])}, m_delta, {"--bonds", file("bonds.csv")});
    const ExchangeTable table = readExchangeTable(file("bonds.csv"));
    QCOMPARE(table.frames.size(), std::size_t(1));
    std::map<int, std::pair<double, int>> shells; // by distance in tenths of an Angstrom: sum of J, bonds
    for (const ExchangeBond& bond : table.frames[0]) {
        auto& [sum, count] = shells[int(std::lround(10 * bond.distance))];
        sum += bond.exchange;
        ++count;
    }
    const auto mean = [&shells](int shell) { return shells.at(shell).first / shells.at(shell).second; };
    const double second = mean(42);
    qInfo("J of NiO: first neighbours %.2f, second %.2f meV/muB^2", 1000 * mean(30), 1000 * second);
    QVERIFY(second < 0);
    for (const auto& [shell, sum] : shells)
        if (shell < 41 || shell > 43)
            QVERIFY(std::abs(sum.first / sum.second) < std::abs(second));
}

void TestCliNio::vectorFollowsItsPattern()
{
    const std::string delta = tune(
        "vector", {{"targets",
                    {{"energy", 1},
                     {"forces", 10},
                     {"moments", 1},
                     {"magnetic_forces", nullptr},
                     {"magnetic_forces_part", nullptr}}},
                   {"data", {{"max_train", 16}, {"max_validation", 8}, {"magnetic_force_factor", nullptr}}},
                   {"magnetism", {{"head", "vector"}}},
                   {"epochs", 4}});
    QVERIFY(std::filesystem::exists(delta));
    const Json errors =
        readJsonFile(RunPaths{file("vector")}.metrics()).at("splits").at("validation").at("tuned");
    qInfo("vector head on NiO: moments differ by %.4f muB on 8 held-out frames",
          errors.at("moments:vector").at("mae").get<double>());
    const Structure given = bare(m_frames[3]);
    Structure flipped = given, rotated = given;
    for (double& component : momentsOf(flipped))
        component = -component;
    for (std::size_t atom = 0; atom < rotated.size(); ++atom) {
        rotated.positions[atom] = turned(given.positions[atom], someAxis, 1.1);
        setMoment(rotated, atom, turned(vectorOf(given, "magmoms", atom), someAxis, 1.1));
    }
    for (Vec3& vector : rotated.cell)
        vector = turned(vector, someAxis, 1.1);
    const auto answers = predicted({given, flipped, rotated}, delta);
    QCOMPARE(answers.size(), std::size_t(3));
    QVERIFY(std::abs(energyOf(answers[2]) - energyOf(answers[0])) < 1e-6);
    double largest = 0, fromFlipped = 0;
    for (std::size_t atom = 0; atom < given.size(); ++atom) {
        const Vec3 m = vectorOf(answers[0], "magmoms", atom);
        largest = std::max(largest, norm(m));
        fromFlipped = std::max(fromFlipped, norm(vectorOf(answers[1], "magmoms", atom) + m));
        QVERIFY(norm(vectorOf(answers[2], "magmoms", atom) - turned(m, someAxis, 1.1)) < 1e-6);
    }
    QVERIFY(largest > 0.5);
    // To the last bit where every row of a matrix product is summed alike. OpenBLAS's kernels for AVX-512 sum
    // the last rows of a batch, which the flipped frame stands in, in another order.
    QVERIFY2(fromFlipped < 1e-12, qPrintable(QString::number(fromFlipped)));
}

QTEST_GUILESS_MAIN(TestCliNio)
#include "tst_cli_nio.moc"
