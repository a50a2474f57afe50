// Derivatives of MACE: parameter gradients of force and stress losses against upstream.
#include "models/model.h"
#include "support/mace_models.h"
#include "support/reference_tensors.h"

#include <map>

using namespace lodestone;

namespace {

GraphBatch batchOf(const LoadedModel& loaded, const std::vector<const Structure*>& structures)
{
    return makeGraphBatch(structures, loaded.description().elements, loaded.description().cutoff,
                          torch::kFloat64);
}

/// Gradients under upstream's names of the parameters.
std::map<std::string, torch::Tensor> gradientsOf(const LoadedModel& loaded, const Structure& structure,
                                                 const Json& expected, double& loss)
{
    ParameterTable parameters;
    std::vector<torch::Tensor> leaves;
    std::vector<std::string> names;
    for (const ParameterInfo& info : loaded.description().tensors) {
        torch::Tensor value = loaded.parameters.at(info.name).to(torch::kFloat64);
        if (info.kind != "reference") {
            leaves.push_back(value.clone().requires_grad_());
            names.push_back(info.stored);
            value = leaves.back();
        }
        parameters.add(info.name, value);
    }
    const GraphBatch batch = batchOf(loaded, {&structure});
    const Prediction found = predict(*loaded.model, parameters, batch, {true, true, true});
    const torch::Tensor references = referenceRow(loaded.description(), parameters.at("reference_energies"))
                                         .index_select(0, batch.species);
    const torch::Tensor energy = (found.nodeEnergy - references).sum() / static_cast<double>(batch.atoms);
    torch::Tensor sum = (found.forces - tensorOf(expected.at("f0"))).square().mean() + energy.square();
    if (expected.contains("s0"))
        sum = sum + 1000 * (found.stress[0] - tensorOf(expected.at("s0"))).square().mean();
    loss = sum.item<double>();
    const std::vector<torch::Tensor> slopes = torch::autograd::grad({sum}, leaves, {}, false, false, true);
    std::map<std::string, torch::Tensor> gradients;
    for (std::size_t i = 0; i < names.size(); ++i)
        gradients[names[i]] = slopes[i].defined() ? slopes[i] : torch::zeros_like(leaves[i]);
    return gradients;
}

} // namespace

class TestMaceGradients : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        torch::set_num_threads(1);
    } // small tensors: threads would only wait for each other
    void upstreamParameterGradients_data() { maceRows(); }
    void upstreamParameterGradients();
};

void TestMaceGradients::upstreamParameterGradients()
{
    SKIP_WITHOUT_SHARED("fixtures/mace");
    QFETCH(QString, name);
    const LoadedModel loaded = maceModel(name.toStdString()).loaded;
    const Json reference = maceReference("grads_", name.toStdString());
    double worst = 0;
    std::size_t compared = 0;
    for (const auto& [key, expected] : reference.at("structures").items()) {
        double loss = 0;
        const auto gradients =
            gradientsOf(loaded, fixtureStructure(key.substr(0, key.find('+'))), expected, loss);
        QVERIFY(std::abs(loss / expected.at("loss").get<double>() - 1) < 1e-9);
        // Every parameter of upstream is one of ours, and the other way round.
        QCOMPARE(expected.at("gradients").size(), gradients.size());
        for (const auto& [upstream, stored] : expected.at("gradients").items()) {
            const auto found = gradients.find(upstream);
            QVERIFY2(found != gradients.end(), upstream.c_str());
            QCOMPARE(found->second.sizes().vec(), stored.at("shape").get<std::vector<std::int64_t>>());
            const torch::Tensor ours = found->second.flatten();
            const double norm = stored.at("norm").get<double>();
            QVERIFY2(std::abs(ours.norm().item<double>() - norm) <= 1e-8 * norm, upstream.c_str());
            const torch::Tensor values = tensorOf(stored.at(stored.contains("all") ? "all" : "first"));
            const double error = (ours.slice(0, 0, values.size(0)) - values).norm().item<double>();
            QVERIFY2(error <= 1e-8 * norm, upstream.c_str());
            const double sumError = std::abs(ours.sum().item<double>() - stored.at("sum").get<double>());
            QVERIFY2(sumError <= 1e-8 * norm * std::sqrt(static_cast<double>(ours.numel())),
                     upstream.c_str());
            worst = std::max(worst, norm > 0 ? error / norm : 0);
            ++compared;
        }
    }
    QVERIFY(compared >= loaded.description().tensors.size() - 1);
    qInfo("%d gradients, largest relative difference %.1e", static_cast<int>(compared), worst);
}

QTEST_GUILESS_MAIN(TestMaceGradients)
#include "tst_mace_gradients.moc"
