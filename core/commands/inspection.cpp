#include "commands/inspection.h"

#include "base/log.h"
#include "checkpoints/model_file.h"
#include "commands/boundary.h"
#include "crystal/elements.h"

#include <map>
#include <memory>
#include <new>

namespace lodestone {
namespace {

std::string shapeText(const std::vector<std::int64_t>& shape)
{
    std::string text;
    for (const std::int64_t n : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(n);
    return text.empty() ? "1" : text;
}

std::string tree(const ModelDescription& model)
{
    std::string elements;
    for (const int z : model.elements)
        elements += fmt::format("{}{}", elements.empty() ? "" : " ", elementSymbol(z));
    std::string text = fmt::format("{}: {}, {}\n", model.file, model.family, model.architecture);
    if (!model.limitation.empty())
        text += fmt::format("  opened for inspection only: {}\n", model.limitation);
    for (std::size_t i = 0; i < model.heads.size(); ++i)
        text += fmt::format("  head {}{}\n", model.heads[i],
                            static_cast<int>(i) == model.headIndex ? " (shown here)" : "");
    text += fmt::format("  units eV and Angstrom; stored as {}; SHA-256 {}\n", model.dtype, model.sha256);
    text += fmt::format("  cut-off {} Angstrom, {} layers, l up to {}, hidden {}\n", model.cutoff,
                        model.layers, model.lMax, model.irrepsHidden);
    text += fmt::format("  {} elements: {}\n", model.elements.size(), elements);
    text += fmt::format("  {} stored numbers: {} parameters and {} reference energies\n\n",
                        model.storedNumbers, model.parameters, model.referenceEnergies);
    std::string block;
    for (const ParameterInfo& tensor : model.tensors) {
        if (tensor.block != block)
            text += fmt::format("{}  ({})\n", tensor.block, tensor.kind);
        block = tensor.block;
        const std::string irreps = tensor.irrepsIn.empty() && tensor.irrepsOut.empty()
                                       ? ""
                                       : tensor.irrepsIn + " -> " + tensor.irrepsOut;
        text += fmt::format("    {:<34} {:>14} {:>9}  {}\n", tensor.name, shapeText(tensor.shape),
                            tensor.count, irreps);
    }
    return text;
}

} // namespace

void addInspect(CommandLine& line)
{
    struct Options {
        std::string model, head;
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        line.add("inspect", "what a model file holds: architecture, elements, blocks and irreps");
    command->add_option("MODEL", options->model, "model file")->required();
    addHeadOption(command, options->head);
    command->add_flag("--json", options->json, "print one JSON object");
    line.run(command, [options] {
        // The description alone: the file makes room for its text.
        const ModelDescription about = ModelFile::open(options->model, {options->head}).description();
        if (options->json)
            printJson(toJson(about));
        else
            printText(tree(about));
        return 0;
    });
}

int runInspection(const std::vector<std::string>& arguments)
{
    CommandLine line;
    line.app.require_subcommand(1, 1);
    addInspect(line);
    if (const std::optional<int> code = line.parse(arguments))
        return *code;
    return guarded(
        [&line] {
            setUpLogging(line.common.logLevel);
            return line.work();
        },
        [](const std::exception& e) {
            const bool noMemory = dynamic_cast<const std::bad_alloc*>(&e) != nullptr;
            return noMemory ? std::string("There is not enough memory for this file.") : std::string();
        });
}

} // namespace lodestone
