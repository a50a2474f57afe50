#include "base/schema.h"
#include "formats/formats.h"
#include "run/predictions.h"
#include "shell/session.h"
#include "shell/session_jobs.h"

#include <cmath>

// Moments, effective fields and exchange couplings of the frame in view, as the run's tuned model gives them.

namespace lodestone::gui {

namespace {

/// The geometry alone (labels of the same names must not be taken for predictions) and, for heads that act on
/// moments, these; atoms without one get 0.
Structure questionOf(const Frame& frame, bool withMoments)
{
    Structure bare;
    bare.cell = frame.structure.cell;
    bare.pbc = frame.structure.pbc;
    bare.species = frame.structure.species;
    bare.positions = frame.structure.positions;
    if (withMoments && frame.moments) {
        AtomArray moments;
        moments.width = 3;
        for (const Vec3& m : frame.moments->vectors)
            for (const double component : m)
                moments.numbers.push_back(std::isfinite(component) ? component : 0);
        bare.arrays["magmoms"] = std::move(moments);
    }
    return bare;
}

/// Mean |m| of each element as the run's result gives it ("moments_base"); empty without such a result.
std::map<int, double> elementMeans(const RunPaths& paths)
{
    std::map<int, double> means;
    const auto file = openPredictions(paths);
    if (!file)
        return means;
    for (const std::string split : {"/train", "/validation", "/test"}) {
        if (!file->has(split + "/moments_base") || !file->has(split + "/species"))
            continue;
        const auto species = file->readIntegers(split + "/species");
        const auto values = file->readReals(split + "/moments_base");
        for (std::size_t i = 0; i < std::min(species.size(), values.size()); ++i)
            if (std::isfinite(values[i]))
                means.emplace(int(species[i]), values[i]);
    }
    return means;
}

/// |m| along the label's direction, along z where there is none.
Vec3 oriented(double magnitude, const Vec3* label)
{
    const double length = label ? norm(*label) : 0;
    return std::isfinite(length) && length > 1e-6 ? (magnitude / length) * *label : Vec3{0, 0, magnitude};
}

std::string headOf(const Json& run)
{
    const Json& config = run.contains("config") ? run["config"] : run;
    return config.contains("magnetism") ? config["magnetism"].value("head", std::string("none"))
                                        : std::string("none");
}

} // namespace

void Session::refreshMoments()
{
    m_jobs->noticeIfNoResult = true;
    m_jobs->momentsDelay.start();
}

void Session::predictMoments()
{
    const bool tell = std::exchange(m_jobs->noticeIfNoResult, false);
    stopAsking();
    if (!m_run || m_frame < 0)
        return;
    const RunPaths paths = m_run->paths();
    const std::string input = m_engine.scratchFolder().toStdString() + "/frame.extxyz";
    m_jobs->writeFrame.start(
        this,
        [paths, input, data = m_data, frame = std::size_t(m_frame)](const Watch&) {
            TunedQuestion question;
            question.means = elementMeans(paths);
            if (!std::filesystem::exists(paths.delta()))
                return question;
            const Json run = schema::readFile(paths.configuration(), schema::configuration);
            question.head = headOf(run);
            if (question.head == "none")
                return question;
            const Frame& shown = data->frames[frame];
            if (question.actsOnMoments() && !shown.moments) {
                question.refusal =
                    tr("This frame has no moments, which the run's magnetic head starts from.");
                return question;
            }
            writeStructures(input, {questionOf(shown, question.actsOnMoments())});
            const Json& config = run.contains("config") ? run["config"] : run;
            question.arguments = {{"model", config.value("model", std::string())},
                                  {"delta", paths.delta().string()},
                                  {"data", Json::array({input})}};
            return question;
        },
        [this, tell](const TunedQuestion& question) {
            m_jobs->elementMeans = question.means;
            updateMoments();
            if (question.arguments.is_object())
                askTuned(question, false);
            else if (tell || !question.refusal.isEmpty())
                Q_EMIT notice(question.refusal.isEmpty()
                                  ? tr("The run has no tuned moments yet: they come with its result.")
                                  : question.refusal);
        },
        [this](const QString& sentence) { Q_EMIT problem(QStringLiteral("structure"), sentence); });
}

void Session::stopAsking()
{
    if (m_jobs->predict >= 0)
        m_engine.cancel(m_jobs->predict);
    m_jobs->predict = -1;
    m_jobs->writeFrame.cancel();
    m_jobs->readMoments.cancel();
}

void Session::askTuned(const TunedQuestion& question, bool relaxed)
{
    const std::string folder = m_engine.scratchFolder().toStdString();
    const std::string out = folder + "/moments.extxyz",
                      bonds = question.actsOnMoments() && !relaxed ? folder + "/bonds.csv" : std::string();
    Json arguments = question.arguments;
    arguments["out"] = out;
    arguments["relax_moments"] = relaxed;
    arguments["keep_lengths"] = relaxed;
    if (!bonds.empty())
        arguments["bonds"] = bonds;
    const auto id = std::make_shared<int>(-1);
    *id = m_jobs->predict = m_engine.request(
        QStringLiteral("predict"), arguments, this,
        [this, id, out, bonds, question, relaxed](const EngineClient::Reply& reply) {
            if (*id != m_jobs->predict)
                return;
            m_jobs->predict = -1;
            if (!reply.error.isEmpty())
                Q_EMIT problem(QStringLiteral("structure"), reply.error);
            if (!reply.error.isEmpty() || reply.stopped)
                return;
            struct Answer {
                Dataset predicted;
                ExchangeTable exchange;
            };
            m_jobs->readMoments.start(
                this,
                [out, bonds](const Watch& watch) {
                    return Answer{readDataset({out}, {}, watch),
                                  bonds.empty() ? ExchangeTable{} : readExchangeTable(bonds)};
                },
                [this, question, relaxed](const Answer& answer) {
                    if (answer.predicted.frames.size() == 1)
                        m_jobs->takeTuned(question.head, relaxed, answer.predicted.frames[0],
                                          answer.exchange);
                    updateMoments();
                    // What an energy of moments says about them is where they turn to.
                    if (question.head == "spin-energy" && !relaxed)
                        askTuned(question, true);
                },
                [this](const QString& sentence) { Q_EMIT problem(QStringLiteral("structure"), sentence); });
        });
}

void Session::Jobs::takeTuned(const std::string& head, bool relaxed, const Frame& predicted,
                              const ExchangeTable& exchange)
{
    const bool given = head == "spin-energy" && !relaxed; // its moments are those that it was given
    if (!relaxed) {
        tuned = {};
        tuned.field = predicted.magneticForces;
        tuned.exchange = exchange;
    }
    if (given || !predicted.moments)
        return;
    if (predicted.moments->kind == Moments::Kind::Vector)
        tuned.vectors = predicted.moments->vectors;
    else
        for (const Vec3& m : predicted.moments->vectors)
            tuned.lengths.push_back(m[2]);
}

void Session::updateMoments()
{
    m_moments = {};
    if (m_frame >= 0) {
        const Frame& frame = m_data->frames[std::size_t(m_frame)];
        if (frame.moments)
            m_moments.label = frame.moments->vectors;
        const auto label = [this](std::size_t atom) {
            return atom < m_moments.label.size() ? &m_moments.label[atom] : nullptr;
        };
        const std::size_t atoms = frame.structure.size();
        if (!m_jobs->elementMeans.empty())
            for (std::size_t i = 0; i < atoms; ++i) {
                const auto mean = m_jobs->elementMeans.find(frame.structure.species[i]);
                m_moments.base.push_back(
                    oriented(mean == m_jobs->elementMeans.end() ? 0 : mean->second, label(i)));
            }
        const Jobs::Tuned& tuned = m_jobs->tuned;
        if (tuned.vectors.size() == atoms)
            m_moments.tuned = tuned.vectors;
        else if (tuned.lengths.size() == atoms)
            for (std::size_t i = 0; i < atoms; ++i)
                m_moments.tuned.push_back(oriented(tuned.lengths[i], label(i)));
        m_moments.labelField = frame.magneticForces;
        if (tuned.field.size() == atoms)
            m_moments.tunedField = tuned.field;
        if (tuned.exchange.frames.size() == 1 &&
            std::all_of(tuned.exchange.frames[0].begin(), tuned.exchange.frames[0].end(),
                        [atoms](const ExchangeBond& b) { return b.one < atoms && b.other < atoms; })) {
            m_moments.bonds = tuned.exchange.frames[0];
            m_moments.exchangeUnit = tuned.exchange.unit;
        }
    }
    Q_EMIT momentsChanged();
}

} // namespace lodestone::gui
