#include "dataset/reference_energies.h"
#include "support/sentence.h"

#include <QtTest/QtTest>
#include <random>

using namespace lodestone;
using Compositions = std::vector<std::map<int, int>>;

static double energyOf(const std::map<int, int>& composition, const std::map<int, double>& shift)
{
    double sum = 0;
    for (const auto& [element, count] : composition)
        sum += count * shift.at(element);
    return sum;
}

static bool near(double a, double b, double tolerance)
{
    return std::abs(a - b) <= tolerance;
}

class TestReferenceEnergies : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void determinedShiftsAreRecovered()
    {
        const std::map<int, double> truth = {{3, -1.25}, {8, 0.75}, {26, 3.5}};
        const Compositions compositions = {
            {{3, 2}, {8, 1}}, {{26, 2}, {8, 3}}, {{3, 1}, {26, 1}, {8, 2}}, {{26, 4}}};
        std::vector<double> differences;
        for (const auto& composition : compositions)
            differences.push_back(energyOf(composition, truth));
        const ReferenceFit fit = fitReferenceEnergies(compositions, differences);
        QCOMPARE(fit.elements, 3);
        QCOMPARE(fit.rank, 3);
        for (const auto& [element, shift] : truth)
            QVERIFY(near(fit.shift.at(element), shift, 1e-13));
        QVERIFY(fit.rmsBefore > 0.5);
        QVERIFY(fit.rmsAfter < 1e-13);
    }

    void oneCompositionGivesTheMinimumNorm()
    {
        // x + 2 y = 10 for every frame: of all solutions (2, 4) is the shortest.
        const ReferenceFit fit = fitReferenceEnergies({{{11, 1}, {17, 2}}, {{11, 2}, {17, 4}}}, {10, 20});
        QCOMPARE(fit.elements, 2);
        QCOMPARE(fit.rank, 1);
        QVERIFY(near(fit.shift.at(11), 2, 1e-13));
        QVERIFY(near(fit.shift.at(17), 4, 1e-13));
        QVERIFY(near(fit.rmsBefore, 10.0 / 3.0, 1e-13));
        QVERIFY(fit.rmsAfter < 1e-13);
    }

    void deficientCompositionsOfThree()
    {
        // A fixed ratio of 11 : 8 beside a free 26. 11 and 8 share one direction, 26 is determined.
        const Compositions compositions = {{{11, 2}, {8, 1}, {26, 1}}, {{11, 4}, {8, 2}, {26, 5}}, {{26, 3}}};
        std::vector<double> differences;
        for (const auto& composition : compositions)
            differences.push_back(energyOf(composition, {{11, 1.0}, {8, 3.0}, {26, -2.0}}));
        const ReferenceFit fit = fitReferenceEnergies(compositions, differences);
        QCOMPARE(fit.rank, 2);
        QVERIFY(near(fit.shift.at(26), -2, 1e-12));
        // 2 a + b = 5, shortest: (2, 1).
        QVERIFY(near(fit.shift.at(11), 2, 1e-12));
        QVERIFY(near(fit.shift.at(8), 1, 1e-12));
    }

    void noisyFitSatisfiesTheNormalEquations()
    {
        std::mt19937 random(3);
        Compositions compositions;
        std::vector<double> differences;
        for (int f = 0; f < 200; ++f) {
            std::map<int, int> composition;
            for (int element = 1; element <= 12; ++element)
                if (random() % 3 == 0)
                    composition[element] = static_cast<int>(random() % 40) + 1;
            composition[1] += 1;
            compositions.push_back(composition);
            differences.push_back(static_cast<double>(random() % 2001) - 1000);
        }
        const ReferenceFit fit = fitReferenceEnergies(compositions, differences);
        QCOMPARE(fit.rank, 12);
        double before = 0, after = 0;
        for (int element = 1; element <= 12; ++element) {
            double gradient = 0;
            double size = 0;
            for (std::size_t f = 0; f < compositions.size(); ++f) {
                const auto found = compositions[f].find(element);
                if (found == compositions[f].end())
                    continue;
                gradient += found->second * (differences[f] - energyOf(compositions[f], fit.shift));
                size += std::abs(found->second * differences[f]);
            }
            QVERIFY(std::abs(gradient) < 1e-11 * size);
        }
        for (std::size_t f = 0; f < compositions.size(); ++f) {
            int atoms = 0;
            for (const auto& [element, count] : compositions[f])
                atoms += count;
            before += std::pow(differences[f] / atoms, 2);
            after += std::pow((differences[f] - energyOf(compositions[f], fit.shift)) / atoms, 2);
        }
        QVERIFY(near(fit.rmsBefore, std::sqrt(before / 200), 1e-9));
        QVERIFY(near(fit.rmsAfter, std::sqrt(after / 200), 1e-9));
    }

    void aRareElementIsStillDetermined()
    {
        Compositions compositions(20000, {{26, 1000}});
        std::vector<double> differences(20000, -3000.0);
        compositions.push_back({{26, 999}, {6, 1}});
        differences.push_back(-2997.0 + 7.0);
        const ReferenceFit fit = fitReferenceEnergies(compositions, differences);
        QCOMPARE(fit.rank, 2);
        QVERIFY(near(fit.shift.at(26), -3, 1e-9));
        QVERIFY(near(fit.shift.at(6), 7, 1e-6));
    }

    void badInputGetsASentence()
    {
        QVERIFY(sentence([] { fitReferenceEnergies({}, {}); }).contains("no frame has an energy"));
        QVERIFY(sentence([] { fitReferenceEnergies({{{1, 1}}}, {std::nan("")}); }).contains("frame 1"));
        QCOMPARE(exitCodeOf([] { fitReferenceEnergies({{{1, 1}}}, {}); }), 4);
    }
};

QTEST_APPLESS_MAIN(TestReferenceEnergies)
#include "tst_reference_energies.moc"
