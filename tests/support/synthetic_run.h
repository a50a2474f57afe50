#pragma once
#include "base/files.h"
#include "blocks/sparsity.h"
#include "run/run_directory.h"
#include "storage/hdf5_writer.h"

#include <QtCore/QFile>
#include <QtCore/QString>
#include <cmath>
#include <cstring>
#include <optional>

// A small invented model and run directories with invented numbers, and a script in place of the engine that
// gives prepared answers, so that pages are tested on known content without LibTorch.

namespace synthetic {

using namespace lodestone;

inline ParameterInfo tensor(const std::string& block, const std::string& leaf, const std::string& kind,
                            int layer, int l, std::vector<std::int64_t> shape, int elementAxis = -1)
{
    ParameterInfo info;
    info.block = block;
    info.name = block + "/" + leaf;
    info.module = block.substr(block.find('/') + 1);
    info.kind = kind;
    info.layer = layer;
    info.shape = shape;
    info.count = 1;
    for (const auto n : shape)
        info.count *= n;
    if (l >= 0)
        info.paths = {{l, l, 1, 1, shape[0], shape.back(), 0, info.count}};
    info.elementAxis = elementAxis;
    return info;
}

/// 79 parameters in five blocks; elements Fe, O, Li.
inline ModelDescription model(const std::string& file)
{
    ModelDescription model;
    model.file = file;
    model.family = "nequix";
    model.architecture = "invented";
    model.dtype = "float32";
    model.cutoff = 5;
    model.elements = {26, 8, 3};
    model.layers = 2;
    model.lMax = 1;
    model.tensors = {tensor("layer_0/linear_1", "0e", "linear", 0, 0, {4, 8}),
                     tensor("layer_0/linear_1", "1o", "linear", 0, 1, {2, 3}),
                     tensor("layer_0/skip", "0e", "tensor-product", 0, 0, {3, 4}, 0),
                     tensor("layer_0/radial", "w0", "radial", 0, -1, {5}),
                     tensor("layer_1/linear_1", "0e", "linear", 1, 0, {4, 4}),
                     tensor("readout/linear", "0e", "readout", -1, 0, {8, 1})};
    for (const auto& t : model.tensors)
        model.parameters += t.count;
    model.storedNumbers = model.parameters;
    return model;
}

/// Two blocks: layer_0/linear_1 (l = 0: `changed` of 32, l = 1: 3 of 6) and layer_1/linear_1 (l = 0: none of
/// 16).
inline SparsityRecord record(std::int64_t changed)
{
    SparsityRecord record;
    record.tensors = {{"layer_0/linear_1/0e", 32, changed, 0.01, 0.3, 1.0, {changed}},
                      {"layer_0/linear_1/1o", 6, 3, 0.02, 0.5, 2.0, {3}},
                      {"layer_1/linear_1/0e", 16, 0, 0.04, 0.0, 4.0, {0}}};
    record.eligible = 54;
    record.changed = changed + 3;
    record.parameters = 79;
    return record;
}

inline Json metric(double mae)
{
    return {{"mae", mae}, {"rmse", 1.5 * mae}, {"largest", 4 * mae}, {"count", 300}};
}

inline Json splits(double factor)
{
    return {{"validation",
             {{"base",
               {{"energy", metric(0.08)},
                {"forces", metric(0.4)},
                {"moments", metric(0.5)},
                {"moments:Fe", metric(0.9)}}},
              {"tuned",
               {{"energy", metric(0.08 * factor)},
                {"forces", metric(0.4 * factor)},
                {"moments", metric(0.5 * factor)},
                {"moments:Fe", metric(0.9 * factor)}}}}}};
}

/// A run of 100 steps with evaluations at 0, 50 and 100 (errors falling to a quarter of the base's) and two
/// sparsity records (20, then 8 entries of the first tensor changed). `end`: "finished", or empty for a run
/// in work.
inline RunPaths writeRun(const std::filesystem::path& folder, const std::string& modelFile,
                         const std::string& end)
{
    const RunPaths paths{folder};
    makeFolder(folder);
    RunConfig config;
    config.model = modelFile;
    config.data.train = {"train.extxyz"};
    config.method.targetFraction = 0.15;
    config.epochs = 10;
    const Json resolved = toJson(config);
    writeFileAtomically(paths.configuration(), Json{{"config", resolved}}.dump(2));
    EventWriter events(paths);
    events.write("started", {{"config", resolved},
                             {"eligible", 54},
                             {"parameters", 79},
                             {"steps_per_epoch", 10},
                             {"steps", 100},
                             {"step", 0},
                             {"resumed", false}});
    const auto evaluate = [&](int step, double factor) {
        events.write("evaluation", {{"step", step},
                                    {"epoch", step / 10},
                                    {"seconds", step * 1.2},
                                    {"best", true},
                                    {"splits", splits(factor)}});
    };
    const auto sparsity = [&](int step, std::int64_t changed) {
        events.write(
            "sparsity",
            {{"step", step},
             {"epoch", step / 10},
             {"record", toJson(record(changed))},
             {"layers", Json::array({{{"layer", 0}, {"l", 0}, {"eligible", 32}, {"changed", changed}},
                                     {{"layer", 0}, {"l", 1}, {"eligible", 6}, {"changed", 3}},
                                     {{"layer", 1}, {"l", 0}, {"eligible", 16}, {"changed", 0}}})}});
    };
    evaluate(0, 1.1);
    for (int step = 1; step <= 100; ++step) {
        const double decay = std::exp(-step / 40.0);
        const double noise = 0.2 * decay * std::sin(12.9898 * step);
        events.write("step", {{"step", step},
                              {"epoch", (step - 1) / 10},
                              {"loss",
                               {{"total", 3 * decay + noise},
                                {"energy", decay},
                                {"forces", 1.5 * decay + noise},
                                {"moments", 0.5 * decay}}},
                              {"learning_rate", step < 10 ? 1e-4 * step : 1e-3},
                              {"gradient_norm", 1.0},
                              {"threshold", 1e-3 * (1 + step / 20.0)},
                              {"changed_of_model", 0.3 - 0.0015 * step},
                              {"changed_of_eligible", 0.45 - 0.002 * step},
                              {"atoms_per_second", 1234.0},
                              {"edges_per_second", 5.0e4},
                              {"seconds", step * 1.2},
                              {"eta", (100 - step) * 1.2}});
        if (step == 50) {
            evaluate(50, 0.5);
            sparsity(50, 20);
        }
    }
    evaluate(100, 0.25);
    sparsity(100, 8);
    events.write("message", {{"level", "warning"}, {"text", "Two frames share one structure."}});
    if (!end.empty())
        events.write(end, {{"reason", "all epochs done"}, {"step", 100}, {"seconds", 120.0}});
    return paths;
}

/// Result files of such a run: energies and forces of 3 validation frames of 2 atoms, moments of Fe.
inline void writeResult(const RunPaths& paths)
{
    makeFolder(paths.result());
    writeFileAtomically(paths.metrics(), Json{{"splits", splits(0.25)},
                                              {"step", 100},
                                              {"epoch", 10},
                                              {"seconds", 120.0},
                                              {"eligible", 54},
                                              {"changed", 11},
                                              {"parameters", 79},
                                              {"changed_of_eligible", 11.0 / 54},
                                              {"changed_of_model", 11.0 / 79},
                                              {"method", "sparse"}}
                                             .dump(2));
    writeFileAtomically(paths.delta(), "an invented delta");
    Hdf5Writer file = Hdf5Writer::create(paths.predictions());
    const auto write = [&](const std::string& name, const std::vector<double>& values,
                           const std::vector<std::int64_t>& shape) {
        file.write("/validation/" + name, std::span<const double>(values), shape);
    };
    write("energy_label", {-1.0, -2.0, std::nan("")}, {3});
    write("energy_base", {-1.2, -1.7, -3}, {3});
    write("energy_tuned", {-1.05, -1.95, -3}, {3});
    std::vector<double> label, base, tuned;
    for (int i = 0; i < 18; ++i) {
        label.push_back(std::sin(i));
        base.push_back(0.7 * std::sin(i) + 0.1);
        tuned.push_back(0.97 * std::sin(i));
    }
    write("forces_label", label, {6, 3});
    write("forces_base", base, {6, 3});
    write("forces_tuned", tuned, {6, 3});
    write("moments_label", {2.2, std::nan(""), 2.4, 0, 2.0, 0}, {6});
    write("moments_base", {2.2, 0, 2.2, 0, 2.2, 0}, {6});
    write("moments_tuned", {2.21, 0.1, 2.38, 0.02, 2.03, 0}, {6});
    file.close();
}

inline void writeFloats(const std::string& file, const std::vector<float>& values)
{
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    writeFileAtomically(file, bytes);
}

/// A shell script that answers `serve` requests with the text of FOLDER/VERB.json (or, where
/// FOLDER/VERB.error exists, its sentence), notes all requests in FOLDER/requests, and on `finetune` only
/// notes its arguments in FOLDER/finetune.
inline QString fakeEngine(const QString& folder)
{
    const QString path = folder + "/engine.sh";
    QFile script(path);
    if (!script.open(QIODevice::WriteOnly))
        return {};
    script.write("#!/bin/sh\n"
                 "cd \"$(dirname \"$0\")\"\n"
                 "if [ \"$1\" = finetune ]; then echo \"$@\" > finetune; sleep 1; exit 0; fi\n"
                 "while IFS= read -r line; do\n"
                 "  case \"$line\" in *'\"do\":\"version\"'*) echo '{\"id\":0,\"ok\":{\"protocol\":1}}'; "
                 "continue;; esac\n"
                 "  printf '%s\\n' \"$line\" >> requests\n"
                 "  id=$(printf '%s' \"$line\" | sed -n 's/.*\"id\": *\\([0-9]*\\).*/\\1/p')\n"
                 "  verb=$(printf '%s' \"$line\" | sed -n 's/.*\"do\": *\"\\([a-z]*\\)\".*/\\1/p')\n"
                 "  if [ -f \"$verb.error\" ]; then printf '{\"id\":%s,\"error\":{\"text\":\"%s\"}}\\n' "
                 "\"$id\" \"$(cat $verb.error)\"\n"
                 "  else printf '{\"id\":%s,\"ok\":%s}\\n' \"$id\" \"$(cat $verb.json)\"; fi\n"
                 "done\n");
    script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return path;
}

inline void answer(const QString& folder, const char* verb, const Json& ok)
{
    writeFileAtomically((folder + "/" + verb + ".json").toStdString(), ok.dump());
}

} // namespace synthetic
