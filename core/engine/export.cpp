#include "engine/all_commands.h"
#include "engine/operations.h"

#include "base/files.h"
#include "run/config.h"
#include "run/run_directory.h"
#include "weights/model_numbers.h"

#include <fstream>
#include <memory>
#include <numeric>

namespace lodestone {
namespace {

bool isDeltaName(const std::filesystem::path& path)
{
    return path.string().ends_with(".delta.h5");
}

std::int64_t changedCount(const DeltaFile& delta)
{
    return std::accumulate(
        delta.tensors.begin(), delta.tensors.end(), std::int64_t{0},
        [](std::int64_t sum, const auto& tensor) { return sum + std::int64_t(tensor.indices.size()); });
}

void writeRaw(const std::filesystem::path& path, const torch::Tensor& tensor)
{
    const torch::Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
    writeFileAtomically(path, {static_cast<const char*>(values.data_ptr()), std::size_t(values.nbytes())});
}

} // namespace

Json exportModel(const std::filesystem::path& base, const DeltaFile& delta, const std::filesystem::path& out)
{
    if (isDeltaName(out)) {
        writeDelta(out, delta);
    } else {
        if (std::filesystem::exists(out) && std::filesystem::equivalent(base, out))
            fail("{} is the base model itself; write to another file.", out.string());
        writeModel(base, applyDelta(openModel(base, {delta.modelHead}), delta).parameters, out);
    }
    return {{"out", out.string()}, {"changed", changedCount(delta)}};
}

Json exportRun(const std::filesystem::path& run, const std::filesystem::path& out)
{
    const DeltaFile delta = deltaOfRun(run);
    const Json configuration = readJsonFile(RunPaths{run}.configuration());
    return exportModel(runConfigFromJson(configuration.value("config", configuration), run).model, delta,
                       out);
}

Json writeWeights(const LoadedModel& base, const std::optional<DeltaFile>& delta, const std::string& tensor,
                  const std::filesystem::path& scratch)
{
    if (!base.parameters.has(tensor))
        fail("The model has no tensor '{}'.", tensor);
    makeFolder(scratch);
    const torch::Tensor before = base.parameters.at(tensor);
    // Every answer has files of its own: the reader may still look at an older one.
    static std::atomic<unsigned> number = 0;
    const std::string stem = fmt::format("weights-{}", number++);
    const auto write = [&](const std::string& name, const torch::Tensor& values) {
        const auto path = scratch / fmt::format("{}-{}.f32", stem, name);
        writeRaw(path, values);
        return path.string();
    };
    Json answer = {{"shape", before.sizes().vec()}, {"base", write("base", before)}};
    torch::Tensor shown = before;
    if (delta) {
        shown = applyDelta(base, *delta).parameters.at(tensor);
        answer["tuned"] = write("tuned", shown);
    }
    answer["min"] = shown.numel() ? shown.min().item<double>() : 0;
    answer["max"] = shown.numel() ? shown.max().item<double>() : 0;
    answer["norm"] = shown.norm().item<double>();
    return answer;
}

void addExport(CommandLine& line)
{
    struct Options {
        std::string source, delta, out;
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = line.add("export", "the base model file with the fine-tuned weights, or the delta");
    command->add_option("SOURCE", options->source, "run directory, or model file with --delta")->required();
    command->add_option("--delta", options->delta, "delta file to apply to the model file");
    command->add_option("-o,--out", options->out, "file to write; a name ending in .delta.h5 gives the delta")
        ->required();
    command->add_flag("--json", options->json, "print one JSON object");
    line.run(command, [options] {
        Json answer;
        if (std::filesystem::is_directory(options->source)) {
            if (!options->delta.empty())
                fail<UsageError>("A run has its own delta; leave out --delta or name the model file.");
            answer = exportRun(options->source, options->out);
        } else if (!options->delta.empty()) {
            answer = exportModel(options->source, readDelta(options->delta), options->out);
        } else if (isDeltaName(options->out)) {
            fail<UsageError>("A model file alone has no delta to write; name a run or give --delta.");
        } else {
            const LoadedModel model = openModel(options->source);
            writeModel(options->source, model.parameters, options->out);
            answer = {{"out", options->out}, {"changed", 0}};
        }
        if (options->json)
            printJson(answer);
        else
            printText(fmt::format("{} written, {} changed parameters\n", answer["out"].get<std::string>(),
                                  answer["changed"].get<std::int64_t>()));
        return 0;
    });
}

} // namespace lodestone
