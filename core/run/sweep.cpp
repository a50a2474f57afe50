#include "run/sweep.h"
#include "base/error.h"
#include "base/files.h"
#include "base/schema.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace lodestone {
namespace {

constexpr std::size_t longestName = 120; // of a folder; file systems allow 255 bytes
constexpr std::size_t mostSettings = 10000;

/// Commas at the top level separate; brackets, braces and quotation marks protect.
std::vector<std::string> splitValues(const std::string& text)
{
    std::vector<std::string> values(1);
    int depth = 0;
    bool quoted = false;
    for (const char c : text) {
        if (c == '"')
            quoted = !quoted;
        if (!quoted)
            depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        if (c == ',' && depth == 0 && !quoted)
            values.emplace_back();
        else
            values.back() += c;
    }
    return values;
}

struct Axis {
    std::string key;
    std::vector<std::string> values;
};

Axis axisOf(const std::string& text)
{
    const auto at = text.find('=');
    Axis axis;
    if (at != std::string::npos && at > 0)
        axis = {text.substr(0, at), splitValues(text.substr(at + 1))};
    if (axis.values.empty() || std::find(axis.values.begin(), axis.values.end(), "") != axis.values.end())
        fail<UsageError>("\"{}\" does not say what to vary: write KEY=VALUE,VALUE,..., such as "
                         "method.target_fraction=0.01,0.03,0.1.",
                         text);
    return axis;
}

/// The folder's name must be one on every file system.
std::string asFileName(std::string text)
{
    for (char& c : text)
        if (!std::isalnum(static_cast<unsigned char>(c)) &&
            std::string_view("=.,-+_").find(c) == std::string::npos)
            c = '_';
    return text;
}

std::optional<double> meanAbsolute(const Json& statistics)
{
    if (!statistics.is_object() || !statistics.contains("mae") || !statistics["mae"].is_number())
        return std::nullopt;
    return statistics["mae"].get<double>();
}

/// What is averaged of one run, in the order of the table.
std::vector<std::pair<std::string, double>> valuesOf(const Json& metrics)
{
    std::vector<std::pair<std::string, double>> values;
    for (const char* key :
         {"validation_loss", "eligible", "changed_of_eligible", "changed_of_model", "seconds"})
        if (metrics.contains(key) && metrics[key].is_number())
            values.emplace_back(key, metrics[key].get<double>());
    const auto addErrors = [&values](const std::string& where, const Json& quantities) {
        if (quantities.is_object())
            for (const auto& [quantity, statistics] : quantities.items())
                if (const auto mae = meanAbsolute(statistics))
                    values.emplace_back(where + " " + quantity, *mae);
    };
    if (metrics.contains("splits") && metrics["splits"].is_object())
        for (const auto& [split, sides] : metrics["splits"].items())
            if (sides.contains("tuned"))
                addErrors(split, sides["tuned"]);
    if (metrics.contains("forgetting"))
        addErrors("forgetting", metrics["forgetting"]);
    return values;
}

Json statisticsOf(const std::vector<double>& values)
{
    const auto n = static_cast<double>(values.size());
    double mean = 0;
    for (const double value : values)
        mean += value / n;
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    return {{"mean", mean},
            {"spread", values.size() > 1 ? Json(std::sqrt(squares / (n - 1))) : Json()},
            {"count", values.size()}};
}

std::optional<double> meanOf(const Json& values, const char* value)
{
    return values.contains(value) ? std::optional(values[value]["mean"].get<double>()) : std::nullopt;
}

/// Seeds that all settings with a finished run have; all seeds where there is none such.
std::set<std::uint64_t> sharedSeeds(std::size_t settings, const std::vector<SweepRun>& runs)
{
    std::set<std::uint64_t> all, shared;
    std::vector<std::set<std::uint64_t>> own(settings);
    for (const SweepRun& run : runs)
        if (!run.metrics.is_null()) {
            own.at(run.setting).insert(run.seed);
            all.insert(run.seed);
        }
    for (const std::uint64_t seed : all)
        if (std::all_of(own.begin(), own.end(),
                        [seed](const auto& seeds) { return seeds.empty() || seeds.contains(seed); }))
            shared.insert(seed);
    return shared.empty() ? all : shared;
}

/// Settings are compared on the seeds that they share: the best one may have got further seeds later, and it
/// would not be fair to hold its bad ones against the only one of another.
void markPareto(Json& settings, const std::vector<SweepRun>& runs)
{
    struct Point {
        double loss, changed;
    };
    const std::set<std::uint64_t> seeds = sharedSeeds(settings.size(), runs);
    std::vector<std::optional<Point>> points;
    for (std::size_t i = 0; i < settings.size(); ++i) {
        std::vector<Json> metrics;
        for (const SweepRun& run : runs)
            if (run.setting == i && !run.metrics.is_null() && seeds.contains(run.seed))
                metrics.push_back(run.metrics);
        const Json values = sweepValues(metrics);
        const auto loss = meanOf(values, "validation_loss");
        const auto changed = meanOf(values, "changed_of_model");
        points.push_back(loss && changed ? std::optional(Point{*loss, *changed}) : std::nullopt);
    }
    const auto beats = [](const std::optional<Point>& a, const Point& b) {
        return a && a->loss <= b.loss && a->changed <= b.changed &&
               (a->loss < b.loss || a->changed < b.changed);
    };
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const auto& own = points[i];
        settings[i]["pareto"] = own && std::none_of(points.begin(), points.end(),
                                                    [&](const auto& other) { return beats(other, *own); });
        settings[i]["best"] = false;
        if (own && (!best || own->loss < points[*best]->loss))
            best = i;
    }
    if (best)
        settings[*best]["best"] = true;
}

} // namespace

std::vector<SweepSetting> sweepSettings(const std::vector<std::string>& vary)
{
    std::vector<SweepSetting> settings(1);
    std::set<std::string> keys;
    for (const std::string& text : vary) {
        const Axis axis = axisOf(text);
        if (!keys.insert(axis.key).second)
            fail<UsageError>("\"{}\" is varied twice: give all its values at once.", axis.key);
        if (settings.size() * axis.values.size() > mostSettings)
            fail<UsageError>("These values have more than {} combinations: vary fewer at once.",
                             mostSettings);
        std::vector<SweepSetting> more;
        const std::string leaf = axis.key.substr(axis.key.rfind('.') + 1);
        for (const SweepSetting& setting : settings)
            for (const std::string& value : axis.values) {
                SweepSetting next = setting;
                next.name += (next.name.empty() ? "" : ",") + leaf + "=" + value;
                next.overrides.push_back(axis.key + "=" + value);
                more.push_back(std::move(next));
            }
        settings = std::move(more);
    }
    return settings;
}

std::vector<std::uint64_t> parseSeeds(const std::string& text)
{
    const auto refuse = [&text] {
        fail<UsageError>("\"{}\" is no list of seeds: write 1,2,3 or 1-3.", text);
    };
    std::vector<std::uint64_t> seeds;
    const auto add = [&seeds](long long seed) {
        const auto value = static_cast<std::uint64_t>(seed);
        if (std::find(seeds.begin(), seeds.end(), value) == seeds.end())
            seeds.push_back(value);
    };
    for (const std::string& part : splitValues(text)) {
        const auto dash = part.find('-', 1);
        const auto first = parseInteger(part.substr(0, dash));
        const auto last = dash == std::string::npos ? first : parseInteger(part.substr(dash + 1));
        if (!first || !last || *first < 0 || *last < *first || *last - *first >= 1000)
            refuse();
        for (long long seed = *first; seed <= *last; ++seed)
            add(seed);
    }
    return seeds;
}

std::string runFolderName(const SweepSetting& setting, std::uint64_t seed)
{
    std::string name = asFileName(setting.name);
    if (name.size() > longestName || name != setting.name) {
        std::string all;
        for (const std::string& text : setting.overrides)
            all += text + "\n";
        name = name.substr(0, longestName) + "_" + sha256(all).substr(0, 8);
    }
    return fmt::format("{}{}seed_{}", name, name.empty() ? "" : "_", seed);
}

Json sweepValues(const std::vector<Json>& metrics)
{
    std::vector<std::string> order;
    std::map<std::string, std::vector<double>> values;
    for (const Json& run : metrics)
        for (const auto& [name, value] : valuesOf(run)) {
            if (!values.contains(name))
                order.push_back(name);
            values[name].push_back(value);
        }
    Json statistics = Json::object();
    for (const std::string& name : order)
        statistics[name] = statisticsOf(values[name]);
    return statistics;
}

Json summariseSweep(const std::vector<SweepSetting>& settings, const std::vector<SweepRun>& runs)
{
    Json summary = {{"schema", schema::sweep}, {"settings", Json::array()}, {"runs", Json::array()}};
    for (std::size_t i = 0; i < settings.size(); ++i) {
        std::vector<Json> metrics;
        std::vector<std::uint64_t> seeds;
        for (const SweepRun& run : runs)
            if (run.setting == i && !run.metrics.is_null()) {
                seeds.push_back(run.seed);
                metrics.push_back(run.metrics);
            }
        summary["settings"].push_back({{"name", settings[i].name},
                                       {"overrides", settings[i].overrides},
                                       {"seeds", seeds},
                                       {"values", sweepValues(metrics)}});
    }
    markPareto(summary["settings"], runs);
    for (const SweepRun& run : runs)
        summary["runs"].push_back({{"setting", settings.at(run.setting).name},
                                   {"seed", run.seed},
                                   {"folder", run.folder},
                                   {"finished", !run.metrics.is_null()},
                                   {"error", run.error.empty() ? Json() : Json(run.error)}});
    return summary;
}

std::string sweepTable(const Json& summary)
{
    std::string text;
    for (const Json& setting : summary.at("settings")) {
        const auto name = setting.at("name").get<std::string>();
        text += fmt::format("{}  ({} seed{}){}{}\n", name.empty() ? "the configuration" : name,
                            setting.at("seeds").size(), setting.at("seeds").size() == 1 ? "" : "s",
                            setting.at("best").get<bool>() ? "  lowest validation loss" : "",
                            setting.at("pareto").get<bool>() ? "  on the Pareto front" : "");
        for (const auto& [value, statistics] : setting.at("values").items()) {
            const bool spread = statistics.at("spread").is_number();
            text += fmt::format("    {:<32} {:>12.6g}{}\n", value, statistics.at("mean").get<double>(),
                                spread ? fmt::format(" +- {:.3g}", statistics.at("spread").get<double>())
                                       : std::string());
        }
    }
    for (const Json& run : summary.at("runs"))
        if (run.at("error").is_string())
            text += fmt::format("{} failed: {}\n", run.at("folder").get<std::string>(),
                                run.at("error").get<std::string>());
    return text;
}

} // namespace lodestone
