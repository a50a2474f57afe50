// Signature 1 - R^2, relative change and their maps, against numbers made by hand.
#include "blocks/signature.h"

#include <QtTest/QtTest>
#include <cmath>

using namespace lodestone;

namespace {

WeightChange changeOf(const std::vector<double>& w, const std::vector<double>& d)
{
    WeightChange change;
    for (std::size_t i = 0; i < w.size(); ++i)
        change.add(w[i], d[i]);
    return change;
}

/// Two elements, three output channels, one input channel: "embedding".
ParameterInfo embedding()
{
    ParameterInfo info;
    info.name = "embedding/0e";
    info.shape = {2, 3};
    info.count = 6;
    info.elementAxis = 0;
    return info;
}

} // namespace

class TestSignature : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void isZeroWithoutChange();
    void isOneMinusTheSquaredCorrelation();
    void ignoresACommonFactorAndShift();
    void isNothingWhereItHasNoMeaning();
    void keepsItsDigitsForTinyChanges();
    void byLayerAndL();
    void byElementAndChannel();
};

void TestSignature::isZeroWithoutChange()
{
    const WeightChange change = changeOf({1, 2, 4, -3}, {0, 0, 0, 0});
    QCOMPARE(change.signature(), std::optional<double>(0.0)); // exactly
    QCOMPARE(change.relativeChange(), std::optional<double>(0.0));
    QCOMPARE(change.changed(), std::int64_t(0));
    QCOMPARE(change.eligible(), std::int64_t(4));
}

void TestSignature::isOneMinusTheSquaredCorrelation()
{
    const std::vector<double> w = {0.3, -1.2, 0.8, 2.0, -0.1}, d = {0.5, 0, -0.25, 0, 1.0};
    double mw = 0, mn = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
        mw += w[i] / 5;
        mn += (w[i] + d[i]) / 5;
    }
    double sw = 0, sn = 0, swn = 0, ww = 0, dd = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
        const double n = w[i] + d[i];
        sw += (w[i] - mw) * (w[i] - mw);
        sn += (n - mn) * (n - mn);
        swn += (w[i] - mw) * (n - mn);
        ww += w[i] * w[i];
        dd += d[i] * d[i];
    }
    const WeightChange change = changeOf(w, d);
    QVERIFY(std::abs(*change.signature() - (1 - swn * swn / (sw * sn))) < 1e-14);
    QVERIFY(std::abs(*change.relativeChange() - std::sqrt(dd / ww)) < 1e-14);
    QCOMPARE(change.changed(), std::int64_t(3));
}

void TestSignature::ignoresACommonFactorAndShift()
{
    // new = 3 w + 1: a straight line through the old weights explains everything.
    const std::vector<double> w = {0.3, -1.2, 0.8, 2.0};
    std::vector<double> d;
    for (const double x : w)
        d.push_back(2 * x + 1);
    QVERIFY(*changeOf(w, d).signature() < 1e-14);
    QVERIFY(*changeOf(w, d).relativeChange() > 1);
}

void TestSignature::isNothingWhereItHasNoMeaning()
{
    QVERIFY(!changeOf({1, 2}, {0.5, 0}).signature());       // a line passes through two points
    QVERIFY(!changeOf({1, 1, 1}, {0.5, 0, 0}).signature()); // old weights all alike
    QVERIFY(!changeOf({1, 2, 3}, {1, 0, -1}).signature());  // new weights all alike
    QVERIFY(!changeOf({0, 0, 0}, {1, 0, -1}).relativeChange());
    QVERIFY(!WeightChange().signature());
    QVERIFY(toJson(WeightChange())["signature"].is_null());
}

void TestSignature::keepsItsDigitsForTinyChanges()
{
    // 1 - R^2 of order 1e-16 would be lost in the difference of two numbers near 1.
    const std::vector<double> w = {1, -1, 2, -2}, d = {1e-8, 1e-8, -1e-8, 1e-8};
    const double expected = *changeOf(w, {1e-4, 1e-4, -1e-4, 1e-4}).signature() * 1e-8;
    QVERIFY(std::abs(*changeOf(w, d).signature() / expected - 1) < 1e-3);
}

void TestSignature::byLayerAndL()
{
    ParameterInfo inLayer;
    inLayer.layer = 1;
    inLayer.count = 5;
    inLayer.paths = {{.lIn = 0, .lOut = 0, .offset = 0, .count = 3},
                     {.lIn = 1, .lOut = 1, .offset = 3, .count = 2}};
    ParameterInfo readout;
    readout.count = 2;
    const std::vector<TensorWeights> tensors = {{&readout, {1, 2}, {0, 0}},
                                                {&inLayer, {1, 2, 3, 4, 5}, {1, 0, 0, 0, 2}}};
    const std::vector<LayerLChange> cells = changeByLayerAndL(tensors);
    QCOMPARE(cells.size(), std::size_t(3));
    QCOMPARE(cells[0].layer, 1);
    QCOMPARE(cells[0].l, 0);
    QCOMPARE(cells[0].change.eligible(), std::int64_t(3));
    QCOMPARE(cells[1].l, 1);
    QCOMPARE(cells[1].change.deltaNorm(), 2.0);
    QCOMPARE(cells[2].layer, -1); // what belongs to no layer comes last
}

void TestSignature::byElementAndChannel()
{
    const ParameterInfo first = embedding();
    ParameterInfo other; // no value belongs to an element
    other.name = "layer_0/linear";
    other.count = 2;
    // Per input channel two elements, per element two output channels: as MACE's skip connection.
    ParameterInfo skip;
    skip.name = "layer_0/skip";
    skip.count = 8;
    skip.shape = {8};
    skip.paths = {{.multiplicityIn = 2, .multiplicityOut = 2, .offset = 0, .count = 8, .elementStride = 2}};
    const std::vector<TensorWeights> tensors = {{&first, {1, 2, 4, 1, 2, 4}, {0, 0, 0, 0.5, 0, 0}},
                                                {&other, {1, 2}, {0, 0}},
                                                {&skip, {1, 2, 3, 4, 5, 6, 7, 8}, {0, 9, 0, 0, 0, 0, 0, 0}}};
    const std::vector<ElementChange> maps = changeByElement(tensors, 2);
    QCOMPARE(maps.size(), std::size_t(2));
    QCOMPARE(maps[0].channels, std::int64_t(3));
    QCOMPARE(maps[0].rows[0].changed(), std::int64_t(0));
    QCOMPARE(maps[0].rows[0].signature(), std::optional<double>(0.0));
    QCOMPARE(maps[0].rows[1].changed(), std::int64_t(1));
    QVERIFY(*maps[0].rows[1].signature() > 0);
    QCOMPARE(maps[0].channel[1][0].relativeChange(), std::optional<double>(0.5));
    QCOMPARE(maps[0].channel[1][2].relativeChange(), std::optional<double>(0.0));
    QCOMPARE(maps[1].channels, std::int64_t(2));
    QCOMPARE(maps[1].channel[0][1].changed(), std::int64_t(1)); // value 1: element 0, channel 1
    QCOMPARE(maps[1].channel[0][1].eligible(), std::int64_t(2));
    QCOMPARE(maps[1].rows[1].changed(), std::int64_t(0));
}

QTEST_APPLESS_MAIN(TestSignature)
#include "tst_signature.moc"
