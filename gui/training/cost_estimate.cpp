#include "training/cost_estimate.h"
#include "dataset/reference_energies.h"
#include "shell/status_panel.h"

#include <QtCore/QLocale>
#include <cmath>

namespace lodestone::gui {

namespace {

constexpr int settleTime = 400; // ms without a change before the engine is asked

double number(const Json& object, const char* key)
{
    if (!object.is_object())
        return std::nan("");
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>() : std::nan("");
}

} // namespace

TrainingCost trainingCostFromJson(const Json& report)
{
    TrainingCost cost;
    cost.secondsPerEpoch = number(report, "seconds_per_epoch");
    cost.memory = number(report, "expected_memory");
    const double frames = number(report, "frames");
    cost.frames = frames > 0 ? std::size_t(frames) : 0;
    const Json fit = report.is_object() ? report.value("reference_energies", Json()) : Json();
    cost.referenceRms = number(fit, "rms_before");
    cost.referenceRmsAfter = number(fit, "rms_after");
    return cost;
}

QString costSentence(const TrainingCost& cost, const RunConfig& config, std::size_t kept)
{
    const auto tr = [](const char* text) { return CostEstimate::tr(text); };
    QStringList sentences;
    if (std::isfinite(cost.secondsPerEpoch) && cost.frames > 0) {
        double training = double(kept);
        if (config.data.validationFiles.empty())
            training *= 1 - config.data.validationFraction;
        if (config.data.maxTrain > 0)
            training = std::min(training, double(config.data.maxTrain));
        const double epoch = cost.secondsPerEpoch * training / double(cost.frames);
        QString sentence =
            tr("Expected: about %1 an epoch, %2 for %3 epochs")
                .arg(epoch < 1 ? tr("%1 s").arg(QLocale().toString(epoch, 'g', 2)) : durationText(epoch),
                     durationText(epoch * config.epochs), QLocale().toString(config.epochs));
        if (std::isfinite(cost.memory))
            sentence +=
                tr("; %1 GiB of memory").arg(QLocale().toString(cost.memory / double(1 << 30), 'f', 1));
        if (std::isfinite(cost.memory) && config.maxEdges != RunConfig{}.maxEdges)
            sentence +=
                tr(" with %1 edges a batch").arg(QLocale().toString(qulonglong(RunConfig{}.maxEdges)));
        sentences << sentence + QLatin1Char('.');
    }
    if (std::isfinite(cost.referenceRms) && cost.referenceRms > largestMismatch) {
        const QString off = QLocale().toString(cost.referenceRms, 'g', 3);
        sentences
            << (config.referenceEnergies == "keep"
                    ? tr("The data's energies are %1 eV/atom off the model's: estimate the reference "
                         "energies from the data.")
                          .arg(off)
                    : tr("The data's energies are %1 eV/atom off the model's; fitted reference energies "
                         "leave %2.")
                          .arg(off, QLocale().toString(cost.referenceRmsAfter, 'g', 3)));
    }
    return sentences.join(QLatin1Char(' '));
}

CostEstimate::CostEstimate(Session& session, QObject* parent) : QObject(parent), m_session(session)
{
    m_delay.setSingleShot(true);
    m_delay.setInterval(settleTime);
    connect(&m_delay, &QTimer::timeout, this, &CostEstimate::ask);
    connect(&session, &Session::modelChanged, this, &CostEstimate::reconsider);
    connect(&session, &Session::dataChanged, this, &CostEstimate::reconsider);
    connect(&session, &Session::preflightChanged, this, &CostEstimate::reconsider);
    connect(&session, &Session::runChanged, this, &CostEstimate::reconsider);
    connect(&session, &Session::runUpdated, this, [this] {
        // Only the end of a run matters, and only while there is something to ask.
        if (m_wanted && m_request < 0 && !m_delay.isActive() && !m_session.run()->active())
            reconsider();
    });
}

void CostEstimate::setWanted(bool wanted)
{
    m_wanted = wanted;
    if (wanted) {
        reconsider();
        return;
    }
    m_delay.stop();
    if (m_request >= 0) {
        m_session.engine().cancel(m_request);
        m_request = -1;
        m_asked = Json(); // asked again when somebody looks again
    }
}

Json CostEstimate::question() const
{
    const auto busy = m_session.run() && (m_session.run()->active() || m_session.runIsStarting());
    if (!m_session.model() || !m_session.data() || m_session.readingData() || m_session.openingModel() ||
        busy)
        return {};
    if (!m_session.model()->limitation.empty())
        return {};
    Json files = Json::array();
    for (const QString& file : m_session.dataFiles())
        files.push_back(file.toStdString());
    Json arguments = m_session.modelArguments();
    arguments["data"] = std::move(files);
    arguments["keys"] = toJson(m_session.data()->keys);
    return arguments;
}

void CostEstimate::reconsider()
{
    const Json next = question();
    if (!next.is_null() && next == m_asked)
        return;
    if (m_request >= 0) {
        m_session.engine().cancel(m_request);
        m_request = -1;
        m_asked = Json();
    }
    if (!next.is_null()) {
        m_cost.reset();
        m_asked = Json();
        m_problem.clear();
        if (m_wanted)
            m_delay.start();
    }
    Q_EMIT changed();
}

void CostEstimate::ask()
{
    const Json now = question();
    if (now.is_null() || !m_wanted)
        return;
    if (m_session.engine().busy()) { // what the user waits for goes first
        m_delay.start();
        return;
    }
    m_asked = now;
    m_progress = 0;
    const auto id = std::make_shared<int>(-1);
    *id = m_request = m_session.engine().request(
        QStringLiteral("check"), now, this,
        [this, id](const EngineClient::Reply& reply) {
            if (*id != m_request)
                return;
            m_request = -1;
            if (reply.stopped)
                return;
            if (reply.error.isEmpty())
                m_cost = trainingCostFromJson(reply.ok);
            else
                m_problem = reply.error;
            Q_EMIT changed();
        },
        [this, id](double progress) {
            if (*id != m_request)
                return;
            m_progress = progress;
            Q_EMIT changed();
        });
    Q_EMIT changed();
}

QString CostEstimate::note() const
{
    if (m_cost)
        return std::isfinite(m_cost->secondsPerEpoch)
                   ? QString()
                   : tr("Memory and time could not be measured: the model computes none of the frames.");
    if (!m_problem.isEmpty())
        return tr("Memory and time could not be measured: %1").arg(m_problem);
    if (m_request >= 0)
        return tr("Measuring memory and time: %1 %").arg(int(100 * m_progress));
    if (m_session.run() && m_session.run()->active() && m_session.model() && m_session.data())
        return tr("Memory and time are measured when no run is going on.");
    return {};
}

} // namespace lodestone::gui
