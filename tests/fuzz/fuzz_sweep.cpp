// Any bytes as what a sweep varies, its seeds, its own summary and the results of its runs, with lines "==="
// between them.
#include "base/text.h"
#include "engine/comparison_table.h"
#include "fuzz_support.h"
#include "run/sweep.h"

namespace {

using namespace lodestone;

constexpr std::size_t results = 3;

std::vector<std::string> linesOf(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty() && lines.size() < 4) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

void summarise(std::string_view vary, std::string_view seedText, const std::vector<std::string_view>& metrics)
{
    const std::vector<SweepSetting> settings = sweepSettings(linesOf(vary));
    const std::vector<std::uint64_t> seeds = parseSeeds(std::string(seedText));
    std::vector<SweepRun> runs;
    for (std::size_t k = 0; k < metrics.size(); ++k) {
        SweepRun run;
        run.setting = k % settings.size();
        run.seed = seeds[k % seeds.size()];
        run.folder = runFolderName(settings[run.setting], run.seed);
        fuzz::check(!run.folder.empty() && run.folder.size() < 255 &&
                    run.folder.find('/') == std::string::npos);
        if (!metrics[k].empty())
            run.metrics = parseJson(metrics[k], "metrics.json");
        runs.push_back(std::move(run));
    }
    const Json summary = summariseSweep(settings, runs);
    jsonText(summary);
    sweepTable(summary);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const fuzz::ScratchFolder folder;
    folder.makeFolder("a/result");
    folder.makeFolder("result");
    const std::vector<std::string_view> parts = fuzz::partsOf(fuzz::textOf(data, size), 3 + results);
    fuzz::answers([&] { summarise(parts[0], parts[1], {parts.begin() + 3, parts.end()}); });
    folder.put("sweep.json", parts[2]);
    folder.put("a/result/metrics.json", parts[3]);
    folder.put("result/metrics.json", parts[4]);
    fuzz::answers([&] { comparisonTable({comparisonRow(folder.path())}); });
    return 0;
}
