#pragma once
#include "blocks/model_description.h"
#include "crystal/exchange.h"
#include "formats/formats.h"
#include "protocol/messages.h"
#include "run/run_directory.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <thread>

// A stand-in for lodestone-engine that the desktop's tests start in its place (the test program itself, with
// LODESTONE_ENGINE naming it). It keeps to docs/events-and-protocol.md and computes nothing: what is tested
// is the desktop's side of the pipe.

namespace lodestone::test {

/// Six tensors: two layers of a linear and a radial one, a readout, and reference energies that never change.
inline ModelDescription smallModel()
{
    ModelDescription model;
    model.sha256 = std::string(64, 'a');
    model.family = "nequix";
    model.architecture = "a small model";
    model.dtype = "float32";
    model.cutoff = 4;
    model.elements = {8, 28};
    model.layers = 2;
    model.lMax = 1;
    model.irrepsHidden = "4x0e + 2x1o";
    const auto add = [&model](const std::string& block, const std::string& leaf, const std::string& kind,
                              int layer, std::vector<std::int64_t> shape, std::vector<ParameterPath> paths) {
        ParameterInfo tensor;
        tensor.name = block + "/" + leaf;
        tensor.block = block;
        tensor.module = block.substr(block.find('/') == std::string::npos ? 0 : block.find('/') + 1);
        tensor.kind = kind;
        tensor.layer = layer;
        tensor.count = 1;
        for (const auto length : shape)
            tensor.count *= length;
        tensor.shape = std::move(shape);
        tensor.paths = std::move(paths);
        tensor.norm = 2;
        tensor.trainable = kind != "reference";
        model.tensors.push_back(tensor);
        model.storedNumbers += tensor.count;
        (tensor.trainable ? model.parameters : model.referenceEnergies) += tensor.count;
    };
    for (int layer = 0; layer < 2; ++layer) {
        const std::string prefix = "layer_" + std::to_string(layer) + "/";
        add(prefix + "linear_1", "0e", "linear", layer, {4, 4}, {{0, 0, 1, 1, 4, 4, 0, 16}});
        add(prefix + "radial", "w0", "radial", layer, {8, 4}, {});
    }
    add("readout", "weight", "readout", -1, {4}, {{0, 0, 1, 1, 4, 1, 0, 4}});
    add("reference", "energies", "reference", -1, {2}, {});
    return model;
}

/// The small model under other names: "heads" has two heads, "limited" cannot be computed, "flat" keeps its
/// weights as e3nn does, all paths of a module in one list, and has a product over elements.
inline ModelDescription modelOf(const std::string& file, const std::string& head)
{
    ModelDescription model = smallModel();
    if (file.find("broken") != std::string::npos)
        fail("The model is cut off after 12 bytes.");
    if (file.find("heads") != std::string::npos) {
        model.heads = {"mp_pbe", "omat_pbe"};
        const auto found = std::find(model.heads.begin(), model.heads.end(), head);
        if (!head.empty() && found == model.heads.end())
            fail("The model has no head '{}'.", head);
        model.headIndex = head.empty() ? 0 : int(found - model.heads.begin());
    }
    if (file.find("limited") != std::string::npos)
        model.limitation = "Lodestone does not compute models with dispersion terms yet.";
    if (file.find("flat") != std::string::npos) {
        ParameterInfo& linear = model.tensors[0];
        linear.shape = {22};
        linear.paths = {{0, 0, 1, 1, 3, 4, 0, 12}, {1, 1, -1, -1, 2, 5, 12, 10}};
        linear.stored = "interactions.0.linear_up.weight";
        ParameterInfo& product = model.tensors[2];
        product.kind = "tensor-product";
        product.shape = {12};
        product.paths = {{0, 0, 1, 1, 2, 3, 0, 12, 3}}; // 2 channels in, 2 elements, 3 channels out
        linear.count = 22;
        product.count = 12;
    }
    return model;
}

inline Json answerTo(const Request& request)
{
    const Json& arguments = request.arguments;
    if (request.verb == "version")
        return {{"version", "0"},
                {"libtorch", "none"},
                {"devices", Json::array()},
                {"protocol", std::getenv("LODESTONE_FAKE_PROTOCOL") ? 99 : protocolVersion}};
    if (request.verb == "describe")
        return toJson(modelOf(arguments.at("model").get<std::string>(), arguments.value("head", "")));
    if (request.verb == "weights") { // value i of a tensor is i modulo 5
        const std::string file = arguments.at("scratch").get<std::string>() + "/weights.f32";
        const ModelDescription model =
            modelOf(arguments.at("model").get<std::string>(), arguments.value("head", ""));
        for (const ParameterInfo& tensor : model.tensors) {
            if (tensor.name != arguments.at("tensor").get<std::string>())
                continue;
            std::ofstream out(file, std::ios::binary);
            for (std::int64_t i = 0; i < tensor.count; ++i) {
                const float value = float(i % 5);
                out.write(reinterpret_cast<const char*>(&value), sizeof value);
            }
            return {{"shape", tensor.shape}, {"base", file}, {"min", 0}, {"max", 4}, {"norm", 1}};
        }
        fail("The model has no tensor '{}'.", arguments.at("tensor").get<std::string>());
    }
    if (request.verb == "check") // a head makes it slower, so that a test sees which one was measured
        return {{"frames", 4},
                {"seconds_per_epoch", arguments.contains("head") ? 90.0 : 10.0},
                {"expected_memory", 1.5 * (1 << 30)},
                {"findings",
                 {{{"level", "warning"},
                   {"code", "undetermined-references"},
                   {"text", "The compositions do not determine the reference energies."},
                   {"frames", Json::array()}}}},
                {"reference_energies",
                 {{"frames", 4},
                  {"elements", 2},
                  {"rank", 1},
                  {"shift", {{"Ni", -0.4}, {"O", 0.25}}},
                  {"rms_before", 0.75},
                  {"rms_after", 0.0125}}}};
    if (request.verb == "predict") {
        auto structures = readStructures(arguments.at("data").at(0).get<std::string>());
        for (Structure& structure : structures) {
            // Given moments have a tenth of themselves as field, and are "relaxed" to their opposites.
            if (const auto given = structure.arrays.find("magmoms"); given != structure.arrays.end()) {
                const bool relax = arguments.value("relax_moments", false);
                AtomArray field = given->second;
                for (double& component : field.numbers)
                    component *= 0.1;
                for (double& component : given->second.numbers)
                    component = relax ? -component : component;
                structure.arrays["magnetic_forces"] = std::move(field);
                continue;
            }
            AtomArray moments;
            for (std::size_t i = 0; i < structure.size(); ++i)
                moments.numbers.push_back(1.25);
            structure.arrays["magmoms"] = moments;
        }
        writeStructures(arguments.at("out").get<std::string>(), structures);
        if (arguments.contains("bonds"))
            writeExchangeTable(arguments["bonds"].get<std::string>(),
                               {ExchangeUnit::PerSquaredMoment, {{{0, 1, {0, 0, 0}, 2.5, -0.005}}}});
        return {{"out", arguments.at("out")}, {"metrics", Json::object()}};
    }
    fail("There is no request '{}'.", request.verb);
}

inline int serve()
{
    std::cerr << "fake engine: ready" << std::endl;
    std::string line;
    std::int64_t waiting = -1;
    while (std::getline(std::cin, line)) {
        const Request request = parseRequest(line);
        if (request.verb == "crash")
            std::abort();
        if (request.verb == "wait") { // answers only when cancelled
            waiting = request.id;
            std::cout << makeProgress(request.id, 0.5) << std::flush;
            continue;
        }
        if (request.verb == "cancel") {
            if (request.arguments.at("request").get<std::int64_t>() == waiting)
                std::cout << makeStopped(waiting);
            std::cout << makeAnswer(request.id, Json::object()) << std::flush;
            continue;
        }
        try {
            std::cout << makeAnswer(request.id, answerTo(request));
        } catch (const std::exception& error) {
            std::cout << makeError(request.id, error.what());
        }
        std::cout << std::flush;
    }
    return 0;
}

/// A run of three steps. A model whose name contains "broken" ends before the first event, with a sentence on
/// stderr; one with "stopping" stops after two steps and goes on when resumed.
inline int finetune(const std::string& config, const std::string& run, bool resume)
{
    const RunConfig resolved = readRunConfig(config);
    if (resolved.model.find("broken") != std::string::npos) {
        std::cerr << "The model cannot be read." << std::endl;
        return 1;
    }
    const bool stopping = !resume && resolved.model.find("stopping") != std::string::npos;
    const RunPaths paths{run};
    std::ofstream(paths.configuration()) << toJson(resolved).dump() << '\n';
    const RunLock lock(paths);
    EventWriter events(paths);
    const int first = resume ? 2 : 0;
    events.write("started", {{"config", toJson(resolved)},
                             {"eligible", 32},
                             {"parameters", 100},
                             {"steps", 3},
                             {"step", first},
                             {"resumed", resume}});
    const int last = stopping ? 2 : 3;
    for (int step = first + 1; step <= last; ++step)
        events.write("step",
                     {{"step", step}, {"epoch", 1}, {"loss", {{"total", 1.0 / step}}}, {"eta", 3 - step}});
    events.write(stopping ? "stopped" : "finished", {{"reason", "as asked"}, {"step", last}, {"seconds", 1}});
    return 0;
}

/// To be called first in main(): the exit code if this process is the stand-in, nothing if it is the test.
inline std::optional<int> fakeEngine(int argc, char** argv)
{
    const std::string command = argc > 1 ? argv[1] : "";
    if (command == "serve")
        return serve();
    if (command == "finetune" && argc >= 5)
        return finetune(argv[2], argv[4], argc > 5 && std::string(argv[5]) == "--resume");
    return std::nullopt;
}

} // namespace lodestone::test

/// main() of a test that is its own engine.
#define LODESTONE_TEST_WITH_FAKE_ENGINE(TestClass)                                                           \
    int main(int argc, char** argv)                                                                          \
    {                                                                                                        \
        if (const auto code = lodestone::test::fakeEngine(argc, argv))                                       \
            return *code;                                                                                    \
        qputenv("LODESTONE_ENGINE",                                                                          \
                QFileInfo(QString::fromLocal8Bit(argv[0])).absoluteFilePath().toLocal8Bit());                \
        QStandardPaths::setTestModeEnabled(true);                                                            \
        QApplication application(argc, argv);                                                                \
        TestClass test;                                                                                      \
        return QTest::qExec(&test, argc, argv);                                                              \
    }
