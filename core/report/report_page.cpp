#include "report/report_page.h"

#include "report/html.h"
#include "report/report_figures.h"

#include <algorithm>

namespace lodestone {
namespace {

// Sizes and colours for paper. First what QTextDocument knows too; it gets nothing behind the comment.
constexpr const char* style = R"(
body { font-family: "DejaVu Sans", Verdana, sans-serif; font-size: 8pt; color: #222222; background-color: #ffffff; }
h1, p.head { font-size: 14pt; font-weight: bold; margin-top: 0px; margin-bottom: 2px; }
h2, p.part { font-size: 9.5pt; font-weight: bold; margin-top: 8px; margin-bottom: 2px; }
p { margin-top: 2px; margin-bottom: 2px; }
th { font-size: 7.5pt; background-color: #eeeeee; font-weight: bold; }
td { font-size: 7.5pt; }
code { font-family: "DejaVu Sans Mono", monospace; font-size: 6pt; color: #333333; }
p.again { color: #666666; font-size: 6.5pt; }
/* browsers only */
code { overflow-wrap: anywhere; }
svg { page-break-inside: avoid; }
h2 { page-break-after: avoid; }
@media screen { body { max-width: 950px; margin: 16px auto; } }
@media print { body { margin: 0; } }
@page { size: A4; margin: 12mm; }
)";

struct QuantityName {
    const char* name;
    const char* unit;
    double factor;
};

/// "moments:Fe" -> |m| of Fe, \u03bcB.
QuantityName quantityName(const std::string& key)
{
    if (key == "energy")
        return {"energy", "meV/atom", 1000};
    if (key == "forces")
        return {"forces", "meV/\u00c5", 1000};
    if (key == "stress")
        return {"stress", "meV/\u00c5\u00b3", 1000};
    if (key == "magnetic_forces")
        return {"magnetic forces", "meV/\u03bcB", 1000};
    if (key == "magnetic_forces:perpendicular")
        return {"magnetic forces across m", "meV/\u03bcB", 1000};
    return {key.starts_with("moments") ? "|m|" : nullptr, "\u03bcB", 1};
}

std::string shownQuantity(const std::string& key)
{
    const QuantityName name = quantityName(key);
    if (!name.name)
        return escapedText(key);
    const std::size_t colon = key.starts_with("moments") ? key.find(':') : std::string::npos;
    return colon == std::string::npos ? std::string(name.name)
                                      : fmt::format("{} {}", name.name, escapedText(key.substr(colon + 1)));
}

/// Energy, forces and stress first, then the rest by name.
std::vector<std::string> orderedQuantities(const Json& tuned)
{
    std::vector<std::string> keys;
    for (const char* first : {"energy", "forces", "stress"})
        if (tuned.contains(first))
            keys.emplace_back(first);
    for (const auto& [key, value] : tuned.items())
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            keys.push_back(key);
    return keys;
}

std::string errorsPart(const RunMaterial& material, const ReportCommands& commands)
{
    const Json& metrics = material.metrics;
    if (!metrics.is_object() || !metrics.contains("splits") || !metrics["splits"].is_object())
        return "<h2>Errors</h2>\n<p>The run has no result yet.</p>\n";
    std::vector<std::vector<std::string>> rows = {{"Frames, quantity", "unit", "MAE base", "MAE tuned",
                                                   "tuned / base", "RMSE base", "RMSE tuned", "largest tuned",
                                                   "numbers"}};
    for (const auto& [split, sides] : metrics["splits"].items()) {
        if (!sides.is_object() || !sides.contains("tuned") || !sides["tuned"].is_object())
            continue;
        for (const std::string& key : orderedQuantities(sides["tuned"])) {
            const QuantityName name = quantityName(key);
            const auto source = [&metric = key, &part = split](const char* side, const char* number,
                                                               double factor) {
                return NumberSource{"errors",
                                    fmt::format("/splits/{}/{}/{}/{}", pointerToken(part), side,
                                                pointerToken(metric), number),
                                    factor};
            };
            const auto real = [&](const char* side, const char* number) {
                return realSpan(metrics, source(side, number, name.factor));
            };
            NumberSource ratio = source("tuned", "mae", 1);
            ratio.over = source("base", "mae", 1).pointer;
            rows.push_back({escapedText(split) + ", " + shownQuantity(key), name.name ? name.unit : "",
                            real("base", "mae"), real("tuned", "mae"), realSpan(metrics, ratio),
                            real("base", "rmse"), real("tuned", "rmse"), real("tuned", "largest"),
                            countSpan(metrics, source("tuned", "count", 1))});
        }
    }
    return "<h2>Errors, base and tuned</h2>\n" + htmlTable(rows) +
           againLine("errors", commands.explain,
                     "(<code>splits</code>, in eV; base: with the run's reference energies; |m|: the "
                     "element's mean)");
}

std::string countsPart(const RunMaterial& material, const ReportCommands& commands)
{
    const Json& metrics = material.metrics;
    if (!metrics.is_object())
        return {};
    return fmt::format("<p><b>{} of {} eligible parameters changed</b>: {} % of the eligible, {} % of the "
                       "whole model "
                       "({}).</p>\n",
                       countSpan(metrics, {"changed", "/changed", 1}),
                       countSpan(metrics, {"changed", "/eligible", 1}),
                       realSpan(metrics, {"changed", "/changed_of_eligible", 100}),
                       realSpan(metrics, {"changed", "/changed_of_model", 100}),
                       countSpan(metrics, {"changed", "/parameters", 1})) +
           againLine("changed", commands.explain, "(counted anew from delta and model)");
}

std::string forgettingPart(const RunMaterial& material, const ReportCommands& commands)
{
    const auto frames = numberIn(material.metrics, "/forgetting/frames");
    if (!frames)
        return {};
    std::vector<std::vector<std::string>> rows = {
        {"Tuned against base model", "unit", "MAE", "RMSE", "largest", "numbers"}};
    for (const char* key : {"energy", "forces"}) {
        const QuantityName name = quantityName(key);
        const auto source = [&](const char* number, double factor) {
            return NumberSource{"forgetting", fmt::format("/forgetting/{}/{}", key, number), factor};
        };
        const auto real = [&](const char* number) {
            return realSpan(material.metrics, source(number, name.factor));
        };
        rows.push_back({shownQuantity(key), name.unit, real("mae"), real("rmse"), real("largest"),
                        countSpan(material.metrics, source("count", 1))});
    }
    return "<h2>Forgetting</h2>\n" + htmlTable(rows) +
           againLine("forgetting", commands.explain,
                     fmt::format("(<code>forgetting</code>, in eV; {} crystals of the base model)",
                                 countSpan(material.metrics, {"forgetting", "/forgetting/frames", 1})));
}

void addFile(std::vector<std::vector<std::string>>& rows, const std::string& role, const std::string& file,
             const std::string& hash)
{
    rows.push_back({escapedText(role), fmt::format("<code>{}</code>", escapedText(file)),
                    fmt::format("<code>{}</code>", hash.empty() ? "-" : escapedText(hash))});
}

std::string filesPart(const RunMaterial& material, const ReportCommands& commands)
{
    std::vector<std::vector<std::string>> rows = {{"File", "name", "SHA-256"}};
    const Json& resolved = material.resolved;
    addFile(rows, "model", material.config.model, textIn(resolved, "/provenance/model_sha256"));
    const DataConfig& data = material.config.data;
    for (const auto& [role, files] :
         {std::pair{"training", &data.train}, {"validation", &data.validationFiles}, {"test", &data.test}})
        for (const std::string& file : *files)
            addFile(rows, role, file, textIn(resolved, "/provenance/data_sha256/" + pointerToken(file)));
    return "<h2>Model and data</h2>\n" + htmlTable(rows, 3) + againLine("hashes", commands.hashes);
}

std::string factsPart(const RunMaterial& material, const ReportCommands& commands, const std::string& version)
{
    const Json& resolved = material.resolved;
    const Json recorded = {{"runs", {runRecord(material.run)}}}; // as the command prints it
    const auto count = [&recorded](const std::string& member) {
        return countSpan(recorded, {"recorded", "/runs/0/" + member, 1});
    };
    const std::string replayed = numberIn(recorded, "/runs/0/frames/replay").value_or(0) > 0
                                     ? count("frames/replay") + " replayed, "
                                     : "";
    return fmt::format(
               "<p>{} run of <b>{}</b>, begun {}, {}. Frames: {} training, {}{} validation, {} test. Best "
               "epoch {} of {}; {} "
               "s of active time on {} ({}). Seeds: run {}, split {}. Lodestone {}, LibTorch {}.</p>\n",
               escapedText(material.config.method.kind),
               escapedText(std::filesystem::path(material.config.model).filename().string()),
               escapedText(textIn(resolved, "/provenance/date")), escapedText(material.summary.state),
               count("frames/train"), replayed, count("frames/validation"), count("frames/test"),
               count("epoch"), count("epochs"), realSpan(recorded, {"recorded", "/runs/0/seconds", 1}),
               escapedText(textIn(resolved, "/provenance/device")), escapedText(material.config.dtype),
               count("seed"), count("split_seed"), escapedText(version),
               escapedText(textIn(resolved, "/provenance/libtorch"))) +
           againLine("recorded", commands.compare, "(as recorded; state and times differ from run to run)");
}

/// "optimiser.learning_rate = 0.005" for every value; lists as they are.
void addEntries(const Json& json, const std::string& path, std::vector<std::string>& entries)
{
    if (json.is_object() && !json.empty()) {
        for (const auto& [key, value] : json.items())
            addEntries(value, path.empty() ? key : path + "." + key, entries);
        return;
    }
    entries.push_back(fmt::format("<code>{} = {}</code>", escapedText(path), escapedText(jsonLine(json))));
}

/// The keys of run.json in five columns.
std::string configurationPart(const RunMaterial& material)
{
    std::vector<std::string> entries;
    addEntries(toJson(material.config), "", entries);
    constexpr std::size_t columns = 5;
    const std::size_t rows = (entries.size() + columns - 1) / columns;
    std::string html = "<h2>Configuration, every default filled in</h2>\n"
                       R"(<table class="configuration" width="100%" cellspacing="0" cellpadding="1"><tr>)";
    for (std::size_t c = 0; c < columns; ++c) {
        html += R"(<td valign="top">)";
        for (std::size_t r = c * rows; r < std::min(entries.size(), (c + 1) * rows); ++r)
            html += entries[r] + "<br/>";
        html += "</td>";
    }
    return html + "</tr></table>\n" + R"(<p class="again">From <code>)" +
           escapedText(RunPaths{material.run}.configuration().string()) + "</code></p>\n";
}

/// Two parts beside each other, the first on two thirds of the width; either may be missing.
std::string besides(const std::string& left, const std::string& right)
{
    if (left.empty() || right.empty())
        return left + right;
    return R"(<table class="figures" width="100%" cellspacing="0" cellpadding="2"><tr>)"
           R"(<td valign="top" width="66%">)" +
           left + R"(</td><td valign="top">)" + right + "</td></tr></table>\n";
}

} // namespace

std::string reportPage(const RunMaterial& material, const std::string& version)
{
    const ReportCommands commands = reportCommands(material);
    const std::string name = escapedText(material.summary.name);
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n<title>Lodestone report: " +
           name + "</title>\n<style>" + style + "</style></head>\n<body>\n<h1>" + name + "</h1>\n" +
           factsPart(material, commands, version) + countsPart(material, commands) +
           besides(errorsPart(material, commands), forgettingPart(material, commands)) +
           alongPart(material, commands) + changePart(material, commands) + auditPart(material, commands) +
           filesPart(material, commands) + configurationPart(material) +
           "<p class=\"again\">The commands are to be called in the folder where this report was made.</p>\n"
           "</body></html>\n";
}

} // namespace lodestone
