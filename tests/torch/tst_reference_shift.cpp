// What a run says of the reference energies that it starts with.
#include "finetune/reference_shift.h"

#include <QtTest/QtTest>
#include <algorithm>
#include <torch/torch.h>

using namespace lodestone;

namespace {

/// Two elements, and reference energies of them or none; computes nothing.
class Described : public Model {
public:
    explicit Described(bool withReferences)
    {
        m_description.file = "some.model";
        m_description.elements = {1, 8};
        m_description.cutoff = 3;
        ParameterInfo info;
        info.name = "energies";
        info.kind = withReferences ? "reference" : "scale";
        info.shape = {withReferences ? 2 : 1};
        info.count = info.shape[0];
        m_description.tensors = {info};
    }
    const ModelDescription& description() const override { return m_description; }
    NodeOutput forward(const ParameterTable&, const GraphBatch&, const torch::Tensor&, const LayerObserver&,
                       const LayerPass&) const override
    {
        throw InternalError("This model computes nothing.");
    }

private:
    ModelDescription m_description;
};

Frame molecule(const std::vector<int>& species, double energy)
{
    Frame frame;
    frame.structure.species = species;
    for (std::size_t i = 0; i < species.size(); ++i)
        frame.structure.positions.push_back({double(i), 0, 0});
    frame.energy = energy;
    return frame;
}

bool says(const ReferenceShift& shift, const char* level, const char* words)
{
    return std::any_of(shift.messages.begin(), shift.messages.end(), [&](const RunMessage& message) {
        return message.level == level && message.text.find(words) != message.text.npos;
    });
}

} // namespace

class TestReferenceShift : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void estimates();
    void correctionsThatNoFileTakesAreTold();
    void isolatedNeedsReferences();

private:
    ReferenceShift shiftOf(bool withReferences, const std::string& how) const
    {
        const LoadedModel model{std::make_shared<Described>(withReferences), {}};
        const std::vector<Frame> frames = {molecule({1, 1}, -2), molecule({8, 8}, -8),
                                           molecule({1, 8, 1}, -6)};
        const FrameGraphs graphs({&frames[0], &frames[1], &frames[2]}, model.description(), torch::kFloat64,
                                 0);
        RunConfig config;
        config.referenceEnergies = how;
        return referenceShift(config, model, graphs, {0, 0, 0});
    }
};

void TestReferenceShift::estimates()
{
    const ReferenceShift shift = shiftOf(true, "estimate");
    QVERIFY(std::abs(shift.shift.at(1) + 1) < 1e-9);
    QVERIFY(std::abs(shift.shift.at(8) + 4) < 1e-9);
    QVERIFY(says(shift, "info", "Reference energies corrected by least squares of rank 2"));
    QVERIFY(says(shift, "warning", "labels and model differ by"));
    QVERIFY(!says(shift, "warning", "cannot be exported"));
    QVERIFY(shiftOf(true, "keep").shift.empty());
}

void TestReferenceShift::correctionsThatNoFileTakesAreTold()
{
    const ReferenceShift shift = shiftOf(false, "estimate");
    QCOMPARE(shift.shift.size(), std::size_t(2));
    QVERIFY(says(shift, "warning", "some.model keeps no reference energy per element"));
    QVERIFY(says(shift, "warning", "cannot be exported. With reference_energies \"keep\" it can."));
    QVERIFY(!says(shiftOf(false, "keep"), "warning", "cannot be exported"));
}

void TestReferenceShift::isolatedNeedsReferences()
{
    std::string sentence;
    try {
        shiftOf(false, "isolated");
    } catch (const Error& e) {
        sentence = e.what();
    }
    QVERIFY2(sentence.find("reference_energies cannot be \"isolated\"") != sentence.npos, sentence.c_str());
}

QTEST_GUILESS_MAIN(TestReferenceShift)
#include "tst_reference_shift.moc"
