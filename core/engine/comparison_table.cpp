#include "engine/comparison_table.h"

#include "base/error.h"
#include "base/schema.h"
#include "run/run_directory.h"
#include "run/sweep.h"

#include <algorithm>
#include <cmath>

namespace lodestone {
namespace {

struct Column {
    const char* value; ///< "SPLIT" stands for the split
    const char* title;
    double factor;
    int digits;
};

const std::vector<Column>& errorColumns()
{
    static const std::vector<Column> columns = {
        {"SPLIT energy", "energy, meV/atom", 1000, 2},
        {"SPLIT forces", "forces, meV/Å", 1000, 1},
        {"SPLIT stress", "stress, meV/Å³", 1000, 3},
        {"SPLIT magnetic_forces", "magnetic forces, meV/μB", 1000, 2},
        {"SPLIT magnetic_forces:perpendicular", "magnetic forces across m, meV/μB", 1000, 3},
        {"SPLIT moments", "moments, μB", 1, 4},
        {"SPLIT moments:magnetic", "moments of magnetic atoms, μB", 1, 4},
    };
    return columns;
}

const std::vector<Column>& otherColumns()
{
    static const std::vector<Column> columns = {
        {"eligible", "eligible", 1, 0},
        {"changed_of_eligible", "changed / eligible, %", 100, 2},
        {"changed_of_model", "changed / model, %", 100, 2},
        {"forgetting energy", "forgetting, meV/atom", 1000, 1},
        {"forgetting forces", "forgetting, meV/Å", 1000, 1},
        {"seconds", "seconds", 1, 0},
    };
    return columns;
}

std::string inSplit(const char* value, const std::string& split)
{
    std::string name = value;
    if (const auto at = name.find("SPLIT"); at != std::string::npos)
        name.replace(at, 5, split);
    return name;
}

std::string cell(const Json& values, const std::string& name, const Column& column)
{
    if (!values.contains(name))
        return "";
    const Json& value = values[name];
    std::string text = fmt::format("{:.{}f}", column.factor * value["mean"].get<double>(), column.digits);
    if (value["spread"].is_number() && value["spread"].get<double>() > 0)
        text += fmt::format(" ± {:.{}f}", column.factor * value["spread"].get<double>(), column.digits);
    return text;
}

Json metricsOf(const std::filesystem::path& run)
{
    const RunPaths paths{run};
    if (!std::filesystem::exists(paths.metrics()))
        fail("{} has no result yet (result/metrics.json is missing).", run.string());
    return schema::readFile(paths.metrics(), schema::metrics);
}

/// Errors of the unchanged model, under the names of the tuned one's.
Json baseValues(const Json& metrics)
{
    Json splits = Json::object();
    const Json stored = jsonMember<Json>(metrics, "splits", "metrics.json");
    for (const auto& [split, sides] : stored.items())
        splits[split] = {{"tuned", jsonMember<Json>(sides, "base", "metrics.json")}};
    return sweepValues({{{"splits", std::move(splits)}}});
}

} // namespace

Json comparisonRow(const std::filesystem::path& folder)
{
    std::vector<Json> metrics;
    // Runs lie in the sweep's own folder, whatever a file from elsewhere says.
    const auto inside = [&folder](const std::string& name) {
        if (name.empty() || name == "." || name == ".." || std::filesystem::path(name).filename() != name)
            fail("{}: '{}' is not the name of a run in the sweep's folder.", folder.string(), name);
        return folder / name;
    };
    Json row = {{"name", folder.filename().string()}, {"seeds", Json::array()}};
    const auto sweep = folder / "sweep.json";
    if (std::filesystem::exists(sweep)) {
        const std::string where = sweep.string();
        const Json summary = schema::readFile(sweep, schema::sweep);
        const auto runs = jsonMember<Json>(summary, "runs", where);
        for (const Json& setting : jsonMember<Json>(summary, "settings", where)) {
            if (!jsonMember<bool>(setting, "best", where))
                continue;
            const auto name = jsonMember<std::string>(setting, "name", where);
            row["setting"] = name;
            for (const Json& run : runs)
                if (jsonMember<std::string>(run, "setting", where) == name &&
                    jsonMember<bool>(run, "finished", where)) {
                    metrics.push_back(metricsOf(inside(jsonMember<std::string>(run, "folder", where))));
                    row["seeds"].push_back(jsonMember<std::uint64_t>(run, "seed", where));
                }
        }
        if (metrics.empty())
            fail("{} is a sweep without a finished run.", folder.string());
    } else {
        metrics.push_back(metricsOf(folder));
    }
    row["values"] = sweepValues(metrics);
    row["base"] = baseValues(metrics.front());
    return row;
}

std::string comparisonTable(const std::vector<Json>& rows)
{
    const auto has = [&rows](const std::string& name) {
        return std::any_of(rows.begin(), rows.end(),
                           [&name](const Json& row) { return row["values"].contains(name); });
    };
    const bool test = std::all_of(rows.begin(), rows.end(), [](const Json& row) {
        return std::any_of(row["values"].items().begin(), row["values"].items().end(),
                           [](const auto& item) { return item.key().starts_with("test "); });
    });
    const std::string split = test ? "test" : "validation";
    std::vector<Column> columns;
    for (const auto* kind : {&errorColumns(), &otherColumns()})
        for (const Column& column : *kind)
            if (has(inSplit(column.value, split)))
                columns.push_back(column);
    std::string text = fmt::format("Errors: mean absolute, on the {} frames.\n\n| |", split);
    std::string line = "| --- |";
    for (const Column& column : columns) {
        text += fmt::format(" {} |", column.title);
        line += " --- |";
    }
    text += "\n" + line + "\n";
    const auto add = [&](const std::string& name, const Json& values) {
        text += fmt::format("| {} |", name);
        for (const Column& column : columns)
            text += fmt::format(" {} |", cell(values, inSplit(column.value, split), column));
        text += "\n";
    };
    if (!rows.empty())
        add("unchanged model", rows.front()["base"]);
    for (const Json& row : rows) {
        std::string name = row["name"].get<std::string>();
        if (const auto setting = row.value("setting", std::string()); !setting.empty())
            name += fmt::format(" ({})", setting);
        add(name, row["values"]);
    }
    return text;
}

} // namespace lodestone
