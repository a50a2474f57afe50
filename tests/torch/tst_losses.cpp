#include "base/error.h"
#include "finetune/losses.h"

#include <QtTest/QtTest>
#include <torch/torch.h>

using namespace lodestone;

namespace {

const auto real = torch::dtype(torch::kFloat64);

/// Two frames of 2 and 3 atoms.
struct Case {
    Prediction prediction;
    torch::Tensor magnitudes = torch::tensor({1.0, 2.0, 3.0, 0.5, 0.1}, real);
    torch::Tensor atomCount = torch::tensor({2.0, 3.0}, real);
    BatchLabels labels;
    Case()
    {
        prediction.energy = torch::tensor({1.0, 2.0}, real);
        prediction.forces = torch::arange(15, real).view({5, 3}) * 0.1;
        prediction.stress = torch::ones({2, 3, 3}, real);
        labels.energy = torch::tensor({1.4, 5.0}, real);
        labels.energyWeight = torch::ones({2}, real);
        labels.forces = torch::zeros({5, 3}, real);
        labels.forceWeight = torch::ones({5}, real);
        labels.stress = torch::zeros({2, 3, 3}, real);
        labels.stressWeight = torch::ones({2}, real);
        labels.moments = torch::zeros({5}, real);
        labels.momentWeight = torch::ones({5}, real);
    }
    LossValue loss(const LossConfig& config, const TargetWeights& targets) const
    {
        return batchLoss(config, targets, prediction, {magnitudes}, atomCount, labels, labelSums(labels));
    }
};

void compare(const torch::Tensor& tensor, double expected)
{
    QVERIFY(tensor.defined());
    QVERIFY2(std::abs(tensor.item<double>() - expected) < 1e-12,
             qPrintable(QString("%1, expected %2").arg(tensor.item<double>()).arg(expected)));
}

} // namespace

class TestLosses : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void pointLosses();
    void valuesByHand();
    void missingLabelsDoNotCount();
    void missingLabelsGiveNoGradient();
    void frameWeights();
    void nothingLabelledIsUndefined();
    void partsAddUp();
};

void TestLosses::pointLosses()
{
    const auto x = torch::tensor({-0.5, -0.005, 0.0, 0.01, 2.0}, real);
    for (const char* kind : {"huber", "mae", "mse"}) {
        LossConfig config;
        config.kind = kind;
        const auto values = pointLoss(config, x);
        for (std::int64_t i = 0; i < x.numel(); ++i)
            compare(values[i], pointLoss(config, x[i].item<double>()));
    }
    LossConfig huber; // delta 0.01
    QVERIFY(std::abs(pointLoss(huber, 0.005) - 0.5 * 0.005 * 0.005) < 1e-18);
    QVERIFY(std::abs(pointLoss(huber, -1.0) - 0.01 * (1 - 0.005)) < 1e-15);
    huber.kind = "hubert";
    QVERIFY_EXCEPTION_THROWN(pointLoss(huber, x), Error);
}

void TestLosses::valuesByHand()
{
    const Case c;
    LossConfig config;
    config.kind = "mae";
    const LossValue loss = c.loss(config, {2, 10, 3, 5});
    compare(loss.energy, 2 * (0.4 / 2 + 3.0 / 3) / 2);
    compare(loss.forces, 10 * 0.7); // mean of 0..1.4
    compare(loss.stress, 3.0);
    compare(loss.moments, 5 * 6.6 / 5);
    compare(loss.total, 1.2 + 7 + 3 + 6.6);
    config.energyPerAtom = false;
    compare(c.loss(config, {1, 0, 0, 0}).energy, (0.4 + 3.0) / 2);
    const Json json = c.loss(config, {1, 0, 0, 0}).toJson();
    QVERIFY(json.contains("total") && json.contains("energy") && !json.contains("forces"));
}

void TestLosses::missingLabelsDoNotCount()
{
    Case c;
    LossConfig config;
    config.kind = "mae";
    c.labels.energyWeight[0] = 0;
    c.labels.forceWeight.index_put_({torch::indexing::Slice(2, 5)}, 0);
    c.labels.momentWeight[4] = 0;
    c.labels.stressWeight[1] = 0;
    const LossValue before = c.loss(config, {1, 1, 1, 1});
    compare(before.energy, 1.0);
    compare(before.forces, 0.25);
    compare(before.moments, 6.5 / 4);
    // Whatever stands in the masked places does not matter.
    c.labels.energy[0] = 1e6;
    c.labels.forces.index_put_({torch::indexing::Slice(2, 5)}, -1e6);
    c.labels.moments[4] = 1e6;
    c.labels.stress[1].fill_(1e6);
    compare(c.loss(config, {1, 1, 1, 1}).total, before.total.item<double>());
}

void TestLosses::missingLabelsGiveNoGradient()
{
    Case c;
    c.prediction.forces.requires_grad_(true);
    c.magnitudes.requires_grad_(true);
    c.labels.forceWeight[1] = 0;
    c.labels.momentWeight[3] = 0;
    const auto gradients =
        torch::autograd::grad({c.loss({}, {0, 1, 0, 1}).total}, {c.prediction.forces, c.magnitudes});
    QCOMPARE(gradients[0][1].abs().max().item<double>(), 0.0);
    QVERIFY(gradients[0][2].abs().max().item<double>() > 0);
    QCOMPARE(gradients[1][3].item<double>(), 0.0);
    QVERIFY(gradients[1][0].item<double>() > 0);
}

void TestLosses::frameWeights()
{
    Case c;
    LossConfig config;
    config.kind = "mae";
    c.labels.energyWeight = torch::tensor({3.0, 1.0}, real);
    compare(c.loss(config, {1, 0, 0, 0}).energy, (3 * 0.2 + 1.0) / 4);
}

void TestLosses::nothingLabelledIsUndefined()
{
    Case c;
    c.labels.energyWeight.zero_();
    QVERIFY(!c.loss({}, {1, 0, 0, 0}).total.defined());
    c.labels.forces = torch::Tensor();
    QVERIFY(!c.loss({}, {1, 1, 0, 0}).total.defined());
    QVERIFY(c.loss({}, {1, 1, 1, 0}).total.defined());
}

/// The losses of parts, each over the sums of the whole batch, add up to the batch's.
void TestLosses::partsAddUp()
{
    Case whole;
    whole.labels.energyWeight = torch::tensor({0.5, 2.0}, real);
    whole.labels.momentWeight = torch::tensor({1.0, 0.0, 0.0, 0.0, 0.0}, real); // none in the second part
    const LossConfig config;
    const TargetWeights targets{1, 10, 0.5, 2};
    const LossValue expected = whole.loss(config, targets);
    const LabelSums sums = labelSums(whole.labels);
    LossValue sum;
    for (const auto& [frame, first, last] : {std::tuple(0, 0, 2), std::tuple(1, 2, 5)}) {
        Case part = whole;
        part.prediction.energy = whole.prediction.energy.slice(0, frame, frame + 1);
        part.prediction.stress = whole.prediction.stress.slice(0, frame, frame + 1);
        part.prediction.forces = whole.prediction.forces.slice(0, first, last);
        BatchLabels& labels = part.labels;
        for (torch::Tensor* tensor :
             {&labels.energy, &labels.energyWeight, &labels.stress, &labels.stressWeight})
            *tensor = tensor->slice(0, frame, frame + 1);
        for (torch::Tensor* tensor :
             {&labels.forces, &labels.forceWeight, &labels.moments, &labels.momentWeight})
            *tensor = tensor->slice(0, first, last);
        sum += batchLoss(config, targets, part.prediction, {whole.magnitudes.slice(0, first, last)},
                         whole.atomCount.slice(0, frame, frame + 1), labels, sums);
    }
    compare(sum.total, expected.total.item<double>());
    compare(sum.energy, expected.energy.item<double>());
    compare(sum.forces, expected.forces.item<double>());
    compare(sum.stress, expected.stress.item<double>());
    compare(sum.moments, expected.moments.item<double>());
}

QTEST_GUILESS_MAIN(TestLosses)
#include "tst_losses.moc"
