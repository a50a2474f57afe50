#include "report/report_figures.h"

#include "report/html.h"
#include "report/plots.h"

#include <algorithm>
#include <cmath>

namespace lodestone {
namespace {

constexpr std::size_t mostBars = 14, mostTensors = 9, mostElements = 6;
constexpr std::size_t mostCells = 400; // of layers and l: no model has a quarter of them
constexpr const char* baseColour = "#e08214";
constexpr const char* tunedColour = "#2166ac";

/// A cell of a map from the explanation; nothing where the number is not defined.
std::optional<MapCell> cellOf(const Json& explanation, const std::string& section, const std::string& pointer)
{
    const auto value = numberIn(explanation, pointer);
    if (!value)
        return std::nullopt;
    return MapCell{*value, fmt::format("{:.3g}", *value), {section, pointer, 1}};
}

std::size_t sizeOf(const Json& json, const char* pointer)
{
    const Json::json_pointer path(pointer);
    return json.is_object() && json.contains(path) && json.at(path).is_array() ? json.at(path).size() : 0;
}

std::string layerName(double layer)
{
    return layer < 0 ? "no layer" : fmt::format("layer {:g}", layer);
}

/// One figure layer x l of a member of every cell of /layers.
std::string layerMap(const Json& explanation, const std::string& title, const char* member)
{
    HeatMap map;
    map.title = title;
    const std::size_t count = std::min(sizeOf(explanation, "/layers"), mostCells);
    std::vector<double> layers, ls;
    const auto place = [](std::vector<double>& known, double value) {
        const auto at = std::find(known.begin(), known.end(), value);
        if (at == known.end())
            known.push_back(value);
        return std::size_t(std::find(known.begin(), known.end(), value) - known.begin());
    };
    for (std::size_t i = 0; i < count; ++i)
        place(ls, numberIn(explanation, fmt::format("/layers/{}/l", i)).value_or(0));
    std::sort(ls.begin(), ls.end());
    for (std::size_t i = 0; i < count; ++i) {
        const std::string cell = fmt::format("/layers/{}", i);
        const std::size_t row = place(layers, numberIn(explanation, cell + "/layer").value_or(-1));
        const std::size_t column = place(ls, numberIn(explanation, cell + "/l").value_or(0));
        map.cells.resize(layers.size(), std::vector<std::optional<MapCell>>(ls.size()));
        if (std::string_view(member) != "changed") {
            map.cells[row][column] = cellOf(explanation, "maps", cell + "/" + member);
            continue;
        }
        // The share tells more than the count, but the count is what the command prints.
        const auto changed = numberIn(explanation, cell + "/changed"),
                   eligible = numberIn(explanation, cell + "/eligible");
        if (changed && eligible && *eligible > 0)
            map.cells[row][column] =
                MapCell{*changed / *eligible, shownCount(*changed), {"maps", cell + "/changed", 1}};
    }
    for (const double layer : layers)
        map.rows.push_back(layerName(layer));
    for (const double l : ls)
        map.columns.push_back(fmt::format("l = {:g}", l));
    return heatMapFigure(map);
}

/// Relative change by tensor and element, with one column for all elements that were not trained.
std::string elementMap(const Json& explanation)
{
    HeatMap map;
    map.title = "Relative change by element";
    std::vector<std::size_t> elements; // of /elements/rows
    const std::size_t rows = sizeOf(explanation, "/elements/rows");
    for (std::size_t e = 0; e < rows && elements.size() < mostElements; ++e)
        if (const Json& row = explanation["elements"]["rows"][e];
            row.is_object() && row.contains("trained") && row["trained"] == true) {
            elements.push_back(e);
            map.columns.push_back(textIn(row, "/element"));
        }
    map.columns.emplace_back("absent");
    const auto addRow = [&](const std::string& name, const std::string& list, const std::string& control) {
        std::vector<std::optional<MapCell>> cells;
        for (const std::size_t e : elements)
            cells.push_back(cellOf(explanation, "maps", fmt::format("{}/{}/relative_change", list, e)));
        cells.push_back(cellOf(explanation, "maps", control + "/relative_change"));
        map.rows.push_back(name);
        map.cells.push_back(std::move(cells));
    };
    const std::size_t tensors = sizeOf(explanation, "/elements/tensors");
    for (std::size_t t = 0; t < std::min(tensors, mostTensors); ++t) {
        const std::string tensor = fmt::format("/elements/tensors/{}", t);
        addRow(textIn(explanation, tensor + "/tensor"), tensor + "/rows", tensor + "/control");
    }
    if (tensors > 0)
        addRow("all of them", "/elements/rows", "/elements/control");
    return heatMapFigure(map);
}

std::string sensitivityChart(const Json& explanation)
{
    const auto tuned = numberIn(explanation, "/sensitivity/loss_tuned");
    std::vector<Bar> bars;
    for (std::size_t b = 0; b < sizeOf(explanation, "/sensitivity/blocks"); ++b) {
        const std::string block = fmt::format("/sensitivity/blocks/{}", b);
        const auto loss = numberIn(explanation, block + "/loss");
        if (tuned && loss)
            bars.push_back({textIn(explanation, block + "/block"),
                            *loss - *tuned,
                            shownReal(*loss),
                            {"sensitivity", block + "/loss", 1}});
    }
    std::stable_sort(bars.begin(), bars.end(),
                     [](const Bar& a, const Bar& b) { return std::abs(a.value) > std::abs(b.value); });
    bars.resize(std::min(bars.size(), mostBars));
    return barChart("Loss without a block's changes", bars);
}

std::string controlSentence(const Json& explanation)
{
    const std::string control = "/elements/control";
    const std::size_t absent = sizeOf(explanation, "/elements/control/elements");
    if (sizeOf(explanation, "/elements/tensors") == 0)
        return "No eligible weight belongs to a single element, so there is no map by element.";
    if (absent == 0)
        return "Every element of the model was trained, so there is no control.";
    return fmt::format(
        "Control, the {} elements that the training frames lack: {} of {} weights changed, relative "
        "change {}, signature {} (all should be 0).",
        absent, countSpan(explanation, {"maps", control + "/changed", 1}),
        countSpan(explanation, {"maps", control + "/eligible", 1}),
        realSpan(explanation, {"maps", control + "/relative_change", 1}),
        realSpan(explanation, {"maps", control + "/signature", 1}));
}

/// The pair whose tuned force falls farthest below the base's at short distances.
std::size_t worstPair(const Json& pairs)
{
    std::size_t worst = 0;
    double least = 0;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
        const auto lost = numberIn(pairs[p], "/lost_repulsion/1").value_or(0) -
                          numberIn(pairs[p], "/lost_repulsion/0").value_or(0);
        if (lost > least) {
            least = lost;
            worst = p;
        }
    }
    return worst;
}

/// A list of numbers; what is no number becomes NaN.
std::vector<double> listIn(const Json& json, const char* key)
{
    std::vector<double> values;
    if (json.is_object() && json.contains(key) && json[key].is_array())
        for (const Json& value : json[key])
            values.push_back(value.is_number() ? value.get<double>() : std::nan(""));
    return values;
}

/// Energies beyond this would flatten the well.
std::vector<double> cappedAt(std::vector<double> values, double most)
{
    for (double& value : values)
        if (value > most)
            value = std::nan("");
    return values;
}

struct ShownQuantity {
    const char* dataset; ///< in predictions.h5
    const char* metric;  ///< in metrics.json and events
    const char* title;
    const char* unit;
    const char* words;
};
constexpr ShownQuantity shownQuantities[] = {
    {"energy", "energy", "Energy", "eV/atom", "energy"},
    {"forces", "forces", "Forces", "eV/\u00c5", "forces"},
    {"moments", "moments", "Moments", "\u03bcB", "moments"},
    {"magnetic_forces", "magnetic_forces", "Magnetic forces", "eV/\u03bcB", "magnetic forces"},
    {"magnetic_forces_perpendicular", "magnetic_forces:perpendicular", "Magnetic forces, across m",
     "eV/\u03bcB", "magnetic forces across the moments"}};

struct Figures {
    std::vector<std::string> figures;
    std::string note;
};

/// Training loss, then the errors of the quantities that have parity plots (or of those that were measured).
Figures curveFigures(const RunMaterial& material)
{
    Figures result;
    if (!material.step.empty())
        result.figures.push_back(linePlot({"Training loss", "step", "loss", true},
                                          {{"", tunedColour, material.step, material.loss}}));
    for (const ShownQuantity& quantity : shownQuantities) {
        const auto found = material.errors.find(quantity.metric);
        if (found == material.errors.end() ||
            (!material.parity.empty() && !material.parity.count(quantity.dataset)))
            continue;
        const ErrorCurve& c = found->second;
        result.figures.push_back(linePlot(
            {fmt::format("{}, validation", quantity.title), "epoch", fmt::format("MAE ({})", quantity.unit),
             true},
            {{"base", baseColour, c.epoch, c.base, true}, {"tuned", tunedColour, c.epoch, c.tuned}}));
    }
    return result;
}

/// How many labels a parity plot stands for, marked where the errors' command counts the same.
std::string labelledCount(const RunMaterial& material, const ShownQuantity& quantity, std::size_t total)
{
    const NumberSource source{"errors",
                              fmt::format("/splits/{}/tuned/{}/count", pointerToken(material.paritySplit),
                                          pointerToken(quantity.metric)),
                              1};
    const bool same = numberIn(material.metrics, source.pointer) == double(total);
    return same ? countSpan(material.metrics, source) : shownCount(double(total));
}

Figures parityFigures(const RunMaterial& material)
{
    Figures result;
    for (const ShownQuantity& quantity : shownQuantities) {
        const auto found = material.parity.find(quantity.dataset);
        if (found == material.parity.end())
            continue;
        const ParityData& data = found->second;
        result.figures.push_back(
            parityPlot({fmt::format("{} ({})", quantity.title, quantity.unit), "label", "predicted"},
                       data.label, data.base, data.tuned));
        result.note += result.note.empty() ? "" : ", ";
        result.note += labelledCount(material, quantity, data.total) + " " + quantity.words;
        if (data.stride > 1)
            result.note += fmt::format(" (one of {} drawn)", data.stride);
    }
    return result;
}

/// Checks against quantities, of which those are shown that some check measured.
std::string deviationTable(const Json& audit)
{
    constexpr const char* checks[] = {"rotation",    "spin_rotation", "inversion",         "translation",
                                      "permutation", "time_reversal", "finite_differences"};
    constexpr std::pair<const char*, const char*> quantities[] = {
        {"energy", "energy, eV/atom"},          {"forces", "forces, eV/\u00c5"},
        {"stress", "stress, eV/\u00c5\u00b3"},  {"moments", "moments, \u03bcB"},
        {"moment_vectors", "moments, \u03bcB"}, {"magnetic_forces", "magnetic forces, eV/\u03bcB"}};
    const auto pointer = [](const char* check, const char* quantity) {
        return fmt::format("/{}/{}", check, quantity);
    };
    std::vector<std::vector<std::string>> rows = {{"Largest deviation"}};
    for (const char* check : checks)
        if (audit.contains(check)) {
            rows.push_back({check});
            std::replace(rows.back()[0].begin(), rows.back()[0].end(), '_', ' ');
        }
    for (const auto& [quantity, title] : quantities) {
        if (std::none_of(std::begin(checks), std::end(checks), [&, q = quantity](const char* check) {
                return numberIn(audit, pointer(check, q)).has_value();
            }))
            continue;
        rows[0].emplace_back(title);
        std::size_t row = 0;
        for (const char* check : checks)
            if (audit.contains(check))
                rows[++row].push_back(realSpan(audit, {"audit", pointer(check, quantity), 1}));
    }
    return htmlTable(rows);
}

} // namespace

std::string alongPart(const RunMaterial& material, const ReportCommands& commands)
{
    const Figures curves = curveFigures(material), parity = parityFigures(material);
    std::vector<std::string> figures = curves.figures;
    figures.insert(figures.end(), parity.figures.begin(), parity.figures.end());
    if (figures.empty())
        return {};
    std::string html = "<h2>Along the run";
    if (!parity.figures.empty())
        html += fmt::format(", and predicted against labelled ({} frames; {})",
                            escapedText(material.paritySplit), parity.note);
    html += "</h2>\n" + figureRows(figures);
    if (!curves.figures.empty())
        html += againLine("again", commands.again, "(curves: the same numbers on the same kind of device)");
    if (parity.figures.empty())
        return html;
    if (commands.predict.empty())
        return html + againLine("errors", commands.explain, "(<code>splits</code>)");
    std::vector<std::string> errors;
    for (const ShownQuantity& quantity : shownQuantities) {
        const std::string pointer = fmt::format("/splits/{}/tuned/{}/mae", pointerToken(material.paritySplit),
                                                pointerToken(quantity.metric));
        if (const auto value = numberIn(material.metrics, pointer))
            errors.push_back(fmt::format(
                "{} <span{}>{}</span>", quantity.words,
                NumberSource{"predict", fmt::format("/metrics/{}/mae", pointerToken(quantity.metric))}
                    .attributes(),
                shownReal(*value)));
    }
    return html +
           againLine("predict", commands.predict, fmt::format("(MAE tuned: {})", fmt::join(errors, ", ")));
}

std::string changePart(const RunMaterial& material, const ReportCommands& commands)
{
    const Json& explanation = material.explanation;
    if (!explanation.is_object())
        return {};
    std::string html = "<h2>What has changed</h2>\n";
    std::vector<std::string> figures = {layerMap(explanation, "Changed weights", "changed"),
                                        layerMap(explanation, "Relative change", "relative_change"),
                                        layerMap(explanation, "Signature 1 - R\u00b2", "signature")};
    if (sizeOf(explanation, "/elements/tensors") > 0)
        figures.push_back(elementMap(explanation));
    if (sizeOf(explanation, "/sensitivity/blocks") > 0)
        figures.push_back(sensitivityChart(explanation));
    html += figureRows(figures);
    html += fmt::format(
        "<p>Shade of the first map: changed / eligible. Relative change: ||\u0394|| / ||W0||. Signature: R "
        "is Pearson's "
        "correlation of old and new weights (arXiv 2606.18691); it is a signature, not a proof. {}</p>\n",
        controlSentence(explanation));
    html += againLine("maps", commands.explain, "(<code>layers</code>, <code>elements</code>)");
    if (const std::size_t blocks = sizeOf(explanation, "/sensitivity/blocks"); blocks > 0)
        html += fmt::format(
                    "<p>Sensitivity, {} {} frames: loss of the base {}, tuned {}; the bars end at the loss "
                    "without the changes of that block{}.</p>\n",
                    countSpan(explanation, {"sensitivity", "/sensitivity/frames", 1}),
                    escapedText(textIn(explanation, "/sensitivity/split")),
                    realSpan(explanation, {"sensitivity", "/sensitivity/loss_base", 1}),
                    realSpan(explanation, {"sensitivity", "/sensitivity/loss_tuned", 1}),
                    blocks > mostBars ? fmt::format(" (the {} largest of {})", mostBars, blocks) : "") +
                againLine("sensitivity", commands.explain, "(<code>sensitivity</code>)");
    return html;
}

std::string auditPart(const RunMaterial& material, const ReportCommands& commands)
{
    const Json& audit = material.audit;
    if (!audit.is_object())
        return {};
    std::string html = "<h2>Audit (float64)</h2>\n";
    std::string verdicts;
    for (std::size_t v = 0; v < sizeOf(audit, "/verdicts"); ++v) {
        const Json& verdict = audit["verdicts"][v];
        const bool passed = verdict.is_object() && verdict.contains("passed") && verdict["passed"] == true;
        verdicts += fmt::format("<p><b>{}</b> {}</p>\n", passed ? "ok" : "NOT OK",
                                escapedText(textIn(verdict, "/text")));
    }
    const std::string table = deviationTable(audit);
    const Json::json_pointer pairsAt("/short_distance/pairs");
    if (sizeOf(audit, "/short_distance/pairs") > 0) {
        const Json& pairs = audit.at(pairsAt);
        const Json& pair = pairs[worstPair(pairs)];
        const std::vector<double> distance = listIn(pair, "distance");
        constexpr double most = 10; // eV
        const std::string figure =
            linePlot({fmt::format("Dimer {}", textIn(pair, "/pair")), "distance (\u00c5)", "energy (eV)"},
                     {{"base", baseColour, distance, cappedAt(listIn(pair, "energy_base"), most), true},
                      {"tuned", tunedColour, distance, cappedAt(listIn(pair, "energy_tuned"), most)}});
        html += fmt::format(R"(<table class="figures" width="100%" cellspacing="0" cellpadding="2"><tr>)"
                            R"(<td valign="top" width="236">{}</td><td valign="top">{}</td></tr></table>)"
                            "\n",
                            figure, table + verdicts);
    } else {
        html += table + verdicts;
    }
    return html + againLine("audit", commands.audit);
}

} // namespace lodestone
