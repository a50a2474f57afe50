#include "shell/data_check.h"
#include "shell/session.h"

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

DataFacts dataFactsFromJson(const Json& report)
{
    DataFacts facts;
    facts.secondsPerEpoch = number(report, "seconds_per_epoch");
    facts.memory = number(report, "expected_memory");
    const double frames = number(report, "frames");
    facts.frames = frames > 0 ? std::size_t(frames) : 0;
    const Json fit = report.is_object() ? report.value("reference_energies", Json()) : Json();
    facts.referenceRms = number(fit, "rms_before");
    facts.referenceRmsAfter = number(fit, "rms_after");
    const double fitted = number(fit, "frames"), rank = number(fit, "rank");
    facts.fittedFrames = fitted > 0 ? std::size_t(fitted) : 0;
    facts.rank = rank > 0 ? int(rank) : 0;
    if (const Json shifts = fit.is_object() ? fit.value("shift", Json()) : Json(); shifts.is_object())
        for (const auto& [symbol, value] : shifts.items())
            if (value.is_number())
                facts.shifts.emplace_back(QString::fromStdString(symbol), value.get<double>());
    const Json findings = report.is_object() ? report.value("findings", Json()) : Json();
    for (const Json& finding : findings)
        if (finding.is_object() && finding.contains("text") && finding["text"].is_string())
            for (const char* code : {"undetermined-references", "energy-mismatch"})
                if (finding.contains("code") && finding["code"] == code)
                    facts.warnings << QString::fromStdString(finding["text"].get<std::string>());
    return facts;
}

DataCheck::DataCheck(Session& session) : m_session(session)
{
    m_delay.setSingleShot(true);
    m_delay.setInterval(settleTime);
    connect(&m_delay, &QTimer::timeout, this, &DataCheck::ask);
    connect(&session, &Session::modelChanged, this, &DataCheck::reconsider);
    connect(&session, &Session::dataChanged, this, &DataCheck::reconsider);
    connect(&session, &Session::preflightChanged, this, &DataCheck::reconsider);
    connect(&session, &Session::runChanged, this, &DataCheck::reconsider);
    connect(&session, &Session::runUpdated, this, [this] {
        // Only the end of a run matters, and only while there is something to ask.
        if (!m_wanted.empty() && m_request < 0 && !m_delay.isActive() && !m_session.run()->active())
            reconsider();
    });
}

void DataCheck::setWanted(const QObject* who, bool wanted)
{
    if (wanted) {
        m_wanted.insert(who);
        reconsider();
        return;
    }
    m_wanted.erase(who);
    if (!m_wanted.empty())
        return;
    m_delay.stop();
    if (m_request >= 0) {
        m_session.engine().cancel(m_request);
        m_request = -1;
        m_asked = Json(); // asked again when somebody looks again
    }
}

Json DataCheck::question() const
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

void DataCheck::reconsider()
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
        m_facts.reset();
        m_asked = Json();
        m_problem.clear();
        if (!m_wanted.empty())
            m_delay.start();
    }
    Q_EMIT changed();
}

void DataCheck::ask()
{
    const Json now = question();
    if (now.is_null() || m_wanted.empty())
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
                m_facts = dataFactsFromJson(reply.ok);
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

std::optional<double> DataCheck::progress() const
{
    return m_request >= 0 ? std::optional(m_progress) : std::nullopt;
}

} // namespace lodestone::gui
