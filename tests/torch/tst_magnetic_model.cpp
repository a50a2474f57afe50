#include "base/error.h"
#include "demo/demo_frames.h"
#include "demo/magnetic_model.h"

#include <QtTest/QtTest>
#include <algorithm>

using namespace lodestone;

namespace {

std::vector<Structure> someStructures()
{
    std::vector<Structure> all = demoStructures('A', 6, 11);
    for (Structure& structure : demoStructures('B', 6, 12))
        all.push_back(std::move(structure));
    return all;
}

/// Positions and cell under r -> r (1 + strain).
Structure strained(Structure structure, const Mat3& matrix)
{
    structure.cell = structure.cell * matrix;
    for (Vec3& position : structure.positions)
        position = position * matrix;
    return structure;
}

} // namespace

/// The physics behind the demo: labels are exact consequences of one energy.
class TestMagneticModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void forcesAreDifferencesOfTheEnergy();
    void stressIsADifferenceOfTheEnergy();
    void groundStateIsStationaryAndLow();
    void rotationAndTimeReversalChangeNoEnergy();
    void signOfExchangeDecidesTheOrder();
    void framesAreReproducibleAndLabelled();
    void unknownElementsAreRefused();
};

void TestMagneticModel::forcesAreDifferencesOfTheEnergy()
{
    constexpr double step = 1e-4;
    for (const char set : {'A', 'B'}) {
        const MagneticModel model = demoModel(set);
        double moments = 0;
        for (const Structure& structure : someStructures()) {
            const MagneticState state = magneticGroundState(model, structure, 5);
            for (std::size_t atom = 0; atom < structure.size(); atom += 3) {
                moments = std::max(moments, norm(state.moments[atom]));
                for (int axis = 0; axis < 3; ++axis) {
                    Structure moved = structure;
                    moved.positions[atom][axis] += step;
                    const double above = magneticStateNear(model, moved, state.moments).energy;
                    moved.positions[atom][axis] -= 2 * step;
                    const double below = magneticStateNear(model, moved, state.moments).energy;
                    const double difference = -(above - below) / (2 * step);
                    QVERIFY2(std::abs(difference - state.forces[atom][axis]) < 2e-5,
                             qPrintable(
                                 QStringLiteral("%1 and %2").arg(difference).arg(state.forces[atom][axis])));
                }
            }
        }
        QVERIFY(moments > 1); // otherwise only the pair potential was tested
    }
}

void TestMagneticModel::stressIsADifferenceOfTheEnergy()
{
    constexpr double step = 1e-5;
    const MagneticModel model = demoModel('B');
    for (const Structure& structure : someStructures()) {
        const MagneticState state = magneticGroundState(model, structure, 5);
        for (int a = 0; a < 3; ++a)
            for (int b = 0; b <= a; ++b) {
                const auto energy = [&](double strain) {
                    Mat3 matrix = identity3;
                    matrix[a][b] += strain / 2;
                    matrix[b][a] += strain / 2;
                    return magneticStateNear(model, strained(structure, matrix), state.moments).energy;
                };
                const double difference = (energy(step) - energy(-step)) / (2 * step);
                QVERIFY(std::abs(difference - state.virial[a][b]) <
                        1e-5 * std::max(1.0, std::abs(difference)));
                QVERIFY(std::abs(state.virial[a][b] - state.virial[b][a]) < 1e-9);
            }
    }
}

void TestMagneticModel::groundStateIsStationaryAndLow()
{
    const MagneticModel model = demoModel('B');
    for (const Structure& structure : demoStructures('B', 10, 3)) {
        const MagneticState ground = magneticGroundState(model, structure, 5);
        QVERIFY(ground.residual < 1e-8);
        const MagneticState fewer = magneticGroundState(model, structure, 9, 1);
        QVERIFY(ground.energy <= fewer.energy + 1e-8);
        const std::vector<Vec3> nothing(structure.size());
        QVERIFY(ground.energy <= magneticStateNear(model, structure, nothing).energy + 1e-9);
        for (std::size_t i = 0; i < structure.size(); ++i)
            if (structure.species[i] == 8)
                QCOMPARE(norm(ground.moments[i]), 0.0);
    }
}

void TestMagneticModel::rotationAndTimeReversalChangeNoEnergy()
{
    const MagneticModel model = demoModel('B');
    const Structure structure = demoStructures('B', 1, 8).front();
    const MagneticState ground = magneticGroundState(model, structure, 5);
    std::vector<Vec3> reversed, turned;
    for (const Vec3& m : ground.moments) {
        reversed.push_back(-1 * m);
        turned.push_back({m[2], m[0], m[1]});
    }
    QVERIFY(std::abs(magneticStateNear(model, structure, reversed).energy - ground.energy) < 1e-9);
    QVERIFY(std::abs(magneticStateNear(model, structure, turned).energy - ground.energy) < 1e-9);
}

void TestMagneticModel::signOfExchangeDecidesTheOrder()
{
    // Two iron atoms alone: the pair follows the sign of J at its distance (2.75 Angstrom in set B).
    const MagneticModel model = demoModel('B');
    for (const double distance : {2.5, 3.0}) {
        Structure pair;
        pair.species = {26, 26};
        pair.positions = {{0, 0, 0}, {0, 0, distance}};
        const MagneticState state = magneticGroundState(model, pair, 1);
        const double cosine =
            dot(state.moments[0], state.moments[1]) / (norm(state.moments[0]) * norm(state.moments[1]));
        QVERIFY(std::abs(cosine - (distance > 2.75 ? 1 : -1)) < 1e-6);
    }
}

void TestMagneticModel::framesAreReproducibleAndLabelled()
{
    const std::vector<Structure> frames = demoFrames('B', 30, 4), again = demoFrames('B', 30, 4);
    QCOMPARE(frames.size(), std::size_t(30));
    bool across = false, collinear = false;
    for (std::size_t f = 0; f < frames.size(); ++f) {
        QCOMPARE(frames[f].positions, again[f].positions);
        QCOMPARE(frames[f].arrays.at("magmoms").numbers, again[f].arrays.at("magmoms").numbers);
        QVERIFY(frames[f].size() >= 8 && frames[f].size() <= 16);
        QCOMPARE(frames[f].arrays.at("forces").numbers.size(), 3 * frames[f].size());
        QCOMPARE(std::get<std::vector<double>>(frames[f].info.at("stress")).size(), std::size_t(9));
        const std::vector<double>& m = frames[f].arrays.at("magmoms").numbers;
        bool tilted = false;
        for (std::size_t i = 0; i < m.size(); i += 3)
            tilted = tilted || std::hypot(m[i], m[i + 1]) > 1e-3;
        (tilted ? across : collinear) = true;
        // The labels belong to the structure: aligning and turning the moments has not left the minimum.
        std::vector<Vec3> moments;
        for (std::size_t i = 0; i < m.size(); i += 3)
            moments.push_back({m[i], m[i + 1], m[i + 2]});
        const MagneticState state = magneticStateNear(demoModel('B'), frames[f], moments);
        QVERIFY(std::abs(state.energy - std::get<double>(frames[f].info.at("energy"))) < 1e-8);
    }
    QVERIFY(across && collinear);
}

void TestMagneticModel::unknownElementsAreRefused()
{
    Structure gold;
    gold.species = {79};
    gold.positions = {{0, 0, 0}};
    QVERIFY_EXCEPTION_THROWN(magneticGroundState(demoModel('A'), gold, 1), Error);
}

QTEST_APPLESS_MAIN(TestMagneticModel)
#include "tst_magnetic_model.moc"
