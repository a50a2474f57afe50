#include "runs/run_results.h"
#include "base/schema.h"
#include "run/predictions.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QStringList>
#include <algorithm>
#include <cmath>

namespace lodestone::gui {

namespace {

ParityValues thinned(const std::vector<double>& label, const std::vector<double>& base,
                     const std::vector<double>& tuned, std::size_t maxPoints)
{
    ParityValues values;
    const std::size_t stride = std::max<std::size_t>(1, (label.size() + maxPoints - 1) / maxPoints);
    for (std::size_t i = 0; i < label.size(); i += stride) {
        if (!std::isfinite(label[i]))
            continue;
        values.label.push_back(label[i]);
        values.base.push_back(i < base.size() ? base[i] : std::nan(""));
        values.tuned.push_back(i < tuned.size() ? tuned[i] : std::nan(""));
    }
    return values;
}

/// Every mention of splits reads {"validation": {"base": metrics, "tuned": metrics}, ...}.
void readSplits(const Json& splits, RunReport& report)
{
    for (const auto& [split, sides] : splits.items()) {
        if (sides.contains("base"))
            report.base[split] = metricsFromJson(sides.at("base"));
        if (sides.contains("tuned"))
            report.tuned[split] = metricsFromJson(sides.at("tuned"));
    }
}

std::vector<AuditVerdict> auditOf(const RunPaths& paths)
{
    std::vector<AuditVerdict> verdicts;
    if (!std::filesystem::exists(paths.audit()))
        return verdicts;
    const Json audit = schema::readFile(paths.audit(), schema::audit);
    if (audit.contains("verdicts") && audit["verdicts"].is_array())
        for (const Json& verdict : audit["verdicts"])
            if (verdict.is_object())
                verdicts.push_back({verdict.value("passed", false), verdict.value("text", std::string())});
    return verdicts;
}

std::string modelFile(const Json& config)
{
    return config.is_object() && config.contains("model") && config["model"].is_string()
               ? config["model"].get<std::string>()
               : std::string();
}

} // namespace

Parity readParity(const RunPaths& paths, std::size_t maxPoints, const Watch& watch)
{
    Parity parity;
    const auto file = openPredictions(paths);
    if (!file)
        return parity;
    for (const std::string split : {"train", "validation", "test"}) {
        if (!file->has("/" + split))
            continue;
        for (const std::string quantity : {"energy", "forces", "moments", "moment_vectors", "magnetic_forces",
                                           "magnetic_forces_perpendicular"}) {
            watch.report(0);
            const std::string name = "/" + split + "/" + quantity;
            if (!file->has(name + "_label") || !file->has(name + "_tuned"))
                continue;
            const auto base =
                file->has(name + "_base") ? file->readReals(name + "_base") : std::vector<double>();
            ParityValues values =
                thinned(file->readReals(name + "_label"), base, file->readReals(name + "_tuned"), maxPoints);
            if (!values.label.empty())
                parity[split][quantity] = std::move(values);
        }
    }
    return parity;
}

double RunReport::error(const std::string& split, const std::string& quantity) const
{
    const auto metrics = tuned.find(split);
    if (metrics == tuned.end())
        return std::nan("");
    const auto value = metrics->second.find(quantity);
    return value == metrics->second.end() ? std::nan("") : value->second.mae;
}

std::string methodName(const Json& config)
{
    if (!config.is_object() || !config.contains("method") || !config["method"].is_object())
        return {};
    const Json& method = config["method"];
    std::string name = method.value("kind", std::string());
    if (name != "sparse")
        return name;
    if (method.contains("target_fraction") && method["target_fraction"].is_number())
        return fmt::format("sparse ({:.3g} %)", 100 * method["target_fraction"].get<double>());
    return fmt::format("sparse ({})", method.value("preset", std::string("L")));
}

RunReport reportFromHistory(const RunHistory& history)
{
    RunReport report;
    if (history.started.is_object() && history.started.contains("config")) {
        report.method = methodName(history.started["config"]);
        report.model = modelFile(history.started["config"]);
    }
    report.evaluations = history.evaluations;
    if (!history.evaluations.empty()) {
        report.base = history.evaluations.back().base;
        report.tuned = history.evaluations.back().tuned;
        for (const auto& earlier : history.evaluations) // the base is measured once, at the start
            for (const auto& [split, metrics] : earlier.base)
                report.base.try_emplace(split, metrics);
    }
    if (!history.sparsity.empty()) {
        const SparsityRecord& record = history.sparsity.back().record;
        report.eligible = record.eligible;
        report.changed = record.changed;
        report.parameters = record.parameters;
    }
    if (!history.steps.empty())
        report.seconds = history.steps.back().seconds;
    return report;
}

RunReport readRunReport(const std::filesystem::path& folder, bool withCurve, const Watch& watch)
{
    RunReport report;
    const RunPaths paths{folder};
    if (withCurve) {
        RunHistory history;
        EventReader reader(paths.events());
        for (;;) {
            const EventReader::Batch batch = reader.poll();
            if (batch.events.empty())
                break;
            if (batch.restarted)
                history = {};
            for (const Json& event : batch.events)
                apply(history, event);
            watch.report(0);
        }
        report = reportFromHistory(history);
    }
    report.summary = summariseRun(folder);
    if (std::filesystem::exists(paths.configuration())) {
        const Json run = schema::readFile(paths.configuration(), schema::configuration);
        report.method = methodName(run.contains("config") ? run["config"] : run);
        report.model = modelFile(run.contains("config") ? run["config"] : run);
    }
    report.audit = auditOf(paths);
    if (std::filesystem::exists(paths.metrics())) {
        const Json metrics = schema::readFile(paths.metrics(), schema::metrics);
        if (metrics.contains("splits"))
            readSplits(metrics["splits"], report);
        report.eligible = metrics.value("eligible", report.eligible);
        report.changed = metrics.value("changed", report.changed);
        report.parameters = metrics.value("parameters", report.parameters);
        report.seconds = metrics.value("seconds", report.seconds);
        if (metrics.contains("forgetting") && metrics["forgetting"].is_object()) {
            Json errors = metrics["forgetting"];
            errors.erase("frames");
            report.tuned["forgetting"] = metricsFromJson(errors);
        }
    }
    return report;
}

QString auditSentence(const std::vector<AuditVerdict>& audit)
{
    QStringList failed;
    for (const AuditVerdict& verdict : audit)
        if (!verdict.passed)
            failed << QString::fromStdString(verdict.text);
    if (audit.empty())
        return {};
    return failed.isEmpty()
               ? QCoreApplication::translate(
                     "RunResults", "Audit passed: symmetries, derivatives, short distances, cutoff.")
               : QCoreApplication::translate("RunResults", "Audit NOT passed: %1")
                     .arg(failed.join(QLatin1Char(' ')));
}

std::vector<ErrorRow> errorRows(const RunReport& report)
{
    std::vector<std::string> splits = {"validation", "test", "train"};
    for (const auto& [split, metrics] : report.tuned)
        if (std::find(splits.begin(), splits.end(), split) == splits.end())
            splits.push_back(split);
    const std::vector<std::string> first = {"energy",          "forces",  "stress",
                                            "magnetic_forces", "moments", "moments:magnetic"};
    std::vector<ErrorRow> rows;
    for (const std::string& split : splits) {
        const auto tuned = report.tuned.find(split);
        if (tuned == report.tuned.end())
            continue;
        std::vector<std::string> quantities = first;
        for (const auto& [quantity, value] : tuned->second)
            if (std::find(first.begin(), first.end(), quantity) == first.end() &&
                quantity != "moments:baseline")
                quantities.push_back(quantity);
        const auto base = report.base.find(split);
        for (const std::string& quantity : quantities) {
            const auto value = tuned->second.find(quantity);
            if (value == tuned->second.end())
                continue;
            ErrorRow row{split, quantity, {}, value->second, false};
            if (base != report.base.end() && base->second.count(quantity)) {
                row.base = base->second.at(quantity);
                row.hasBase = true;
            }
            rows.push_back(row);
        }
    }
    return rows;
}

} // namespace lodestone::gui
