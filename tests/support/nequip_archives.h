#pragma once
#include "algebra/irreps.h"
#include "algebra/wigner.h"
#include "base/files.h"
#include "base/json.h"
#include "checkpoints/nequip/nequip_file.h"
#include "support/torch_archive_writer.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

// Files as NequIP writes them, made from the descriptions in tests/data/nequip (README.md there): the tree of
// modules with its settings, and weights from a formula.
namespace lodestone::test {

inline Json nequipDescription(const std::string& name)
{
    return readJsonFile(std::filesystem::path(LODESTONE_SOURCE) / "tests/data/nequip" / (name + ".json"));
}

/// The formula of the weights: tensor `number` of upstream's state dictionary.
inline std::vector<double> nequipWeights(double number, double amplitude, std::int64_t count)
{
    std::vector<double> values;
    for (std::int64_t k = 0; k < count; ++k) {
        const auto i = static_cast<double>(k);
        values.push_back(amplitude * std::sqrt(2.0) * std::sin(1 + 0.37 * number + 1.618 * i + 0.01 * i * i));
    }
    return values;
}

/// Writes described values as pickled ones.
class NequipPickler {
public:
    NequipPickler(PickleWriter& out, bool package, double couplingSign)
        : m_out(out),
          m_package(package),
          m_couplingSign(couplingSign)
    {
    }

    void value(const Json& json)
    {
        if (json.is_null())
            m_out.none();
        else if (json.is_boolean())
            m_out.boolean(json.get<bool>());
        else if (json.is_number_integer())
            m_out.integer(json.get<std::int64_t>());
        else if (json.is_number())
            m_out.real(json.get<double>());
        else if (json.is_string())
            m_out.text(json.get<std::string>());
        else if (json.is_array())
            m_out.tuple([&] { values(json); });
        else
            described(json);
    }

private:
    void values(const Json& all)
    {
        for (const Json& one : all)
            value(one);
    }

    void described(const Json& json)
    {
        if (json.contains("tensor"))
            tensor(json);
        else if (json.contains("irreps"))
            irreps(parsed(json["irreps"].get<std::string>()));
        else if (json.contains("list"))
            list(json);
        else if (json.contains("ints"))
            m_out.call("torch.jit._pickle", "build_intlist",
                       [&] { m_out.list([&] { values(json["ints"]); }); });
        else if (json.contains("dict"))
            m_out.dictionary([&] {
                for (const Json& entry : json["dict"])
                    values(entry);
            });
        else if (json.contains("global"))
            named(json["global"],
                  [&](const std::string& module, const std::string& name) { m_out.global(module, name); });
        else if (json.contains("object"))
            named(json["object"], [&](const std::string& module, const std::string& name) {
                m_out.object(module, name, [&] { values(json["args"]); });
            });
        else
            module(json);
    }

    template<class F>
    static void named(const Json& path, F&& use)
    {
        const auto text = path.get<std::string>();
        const std::size_t dot = text.rfind('.');
        use(text.substr(0, dot), text.substr(dot + 1));
    }

    void list(const Json& json)
    {
        const auto items = [&] { m_out.list([&] { values(json["list"]); }); };
        if (json.contains("tag"))
            m_out.call("torch.jit._pickle", "restore_type_tag", [&] {
                items();
                m_out.text(json["tag"].get<std::string>());
            });
        else
            items();
    }

    static Irreps parsed(const std::string& text) { return text.empty() ? Irreps() : parseIrreps(text); }

    /// Packages pickle e3nn's classes, TorchScript has plain tuples.
    void irreps(const Irreps& irreps)
    {
        const auto wrapped = [&](const char* type, const PickleWriter::Inside& items) {
            const auto tuple = [&] { m_out.tuple(items); };
            if (m_package)
                m_out.object("e3nn.o3._irreps", type, tuple);
            else
                tuple();
        };
        wrapped("Irreps", [&] {
            for (const IrrepBlock& block : irreps)
                wrapped("_MulIr", [&] {
                    m_out.integer(block.multiplicity);
                    wrapped("Irrep", [&] { m_out.integer(block.irrep.l).integer(block.irrep.parity); });
                });
        });
    }

    void entries(const Json& json, const char* part, bool skipTraining = false)
    {
        if (!json.contains(part))
            return;
        for (const auto& [name, item] : json[part].items()) {
            if (skipTraining && name == "training")
                continue;
            m_out.text(name);
            value(item);
        }
    }

    void module(const Json& json)
    {
        named(json["module"], [&](const std::string& module, const std::string& type) {
            if (m_package)
                m_out.module(
                    module, type, [&] { entries(json, "parameters"); }, [&] { entries(json, "buffers"); },
                    [&] { entries(json, "modules"); }, [&] { entries(json, "attributes", true); });
            else
                m_out.objectWith(module, type, [&] { entries(json, "attributes"); });
        });
    }

    std::vector<double> numbersOf(const Json& json, std::int64_t count) const
    {
        if (json.contains("formula"))
            return nequipWeights(json["formula"][0].get<double>(), json["formula"][1].get<double>(), count);
        if (!json.contains("coupling"))
            return json["values"].get<std::vector<double>>();
        const auto l = json["coupling"].get<std::vector<int>>();
        std::vector<double> values = wigner3j(l[0], l[1], l[2]);
        std::vector<int> sorted = l;
        std::sort(sorted.begin(), sorted.end());
        for (double& x : values)
            x *= sorted == std::vector<int>{1, 2, 2} ? m_couplingSign : 1;
        return values;
    }

    void tensor(const Json& json)
    {
        const auto shape = json["tensor"].get<std::vector<std::int64_t>>();
        std::int64_t count = 1;
        for (const std::int64_t extent : shape)
            count *= extent;
        const std::vector<double> values = numbersOf(json, count);
        const StorageReference storage = json["type"] == "float64"
                                             ? m_out.store(values)
                                             : m_out.store(std::vector<float>(values.begin(), values.end()));
        const bool parameter = json.value("parameter", false);
        const auto rebuilt = [&] {
            m_out.call("torch._utils", "_rebuild_tensor_v2", [&] {
                m_out.tuple([&] {
                    m_out.text("storage").global("torch", PickleWriter::storageClass(storage.scalar));
                    if (m_package)
                        m_out.integer(std::stoll(storage.key));
                    else
                        m_out.text(storage.key);
                    m_out.text("cpu").integer(storage.count);
                });
                m_out.raw("Q").integer(0);
                m_out.tuple([&] {
                    for (const std::int64_t extent : shape)
                        m_out.integer(extent);
                });
                m_out.tuple([&] {
                    std::int64_t stride = count;
                    for (const std::int64_t extent : shape) {
                        stride /= std::max<std::int64_t>(extent, 1);
                        m_out.integer(stride);
                    }
                });
                m_out.boolean(parameter && !m_package).orderedDictionary();
            });
        };
        if (parameter && m_package)
            m_out.call("torch._utils", "_rebuild_parameter", [&] {
                rebuilt();
                m_out.boolean(true).orderedDictionary();
            });
        else
            rebuilt();
    }

    PickleWriter& m_out;
    bool m_package;
    double m_couplingSign; ///< of the 3j tensors (1, 2, 2) in any order: -1 as e3nn before 0.5
};

/// Code of an activation as far as its reader looks at it.
inline std::string activationCode(const Json& activation)
{
    const auto name = activation[0].get<std::string>();
    const std::string call = name == "ShiftedSoftPlus" ? "_0(x, )" : "torch." + name + "(x)";
    const std::string head =
        name == "ShiftedSoftPlus" ? "  _0 = __torch__.nequip.nn.nonlinearities." + name + "\n" : "";
    if (activation[1].is_null())
        return head + "  return " + call + "\n";
    return head + fmt::format("  return torch.mul({}, CONSTANTS.c{})\n", call, activation[1].get<int>());
}

/// The whole file, TorchScript or package, as described.
inline std::string nequipFile(const Json& description)
{
    const double sign = description.value("old_signs", false) ? -1 : 1;
    if (description["layout"] == "script") {
        TorchFileWriter writer;
        writer.folder = "model.deployed";
        NequipPickler(writer.data, false, sign).value(description["model"]);
        writer.constants.tuple([&] {
            for (const Json& constant : description["constants"])
                if (constant.is_null())
                    writer.constants.none();
                else
                    writer.constants.values(std::vector<double>{constant.get<double>()}, {});
        });
        for (const auto& [name, text] : description["extra"].items())
            writer.records.emplace_back("extra/" + name, text.get<std::string>());
        for (const auto& [file, activation] : description["activations"].items())
            writer.records.emplace_back("code/" + file, activationCode(activation));
        return writer.script();
    }
    ZipWriter zip;
    const ZipStyle style{.descriptor = true, .align = 64};
    const std::string folder = "model.nequip/";
    PickleWriter eager;
    std::vector<std::string> names = {"model/eager_model.pkl"};
    for (const Json& name : description["copies"])
        names.push_back(name.get<std::string>());
    std::size_t written = 0;
    for (const std::string& name : names) {
        PickleWriter pickle(3);
        pickle.storages = eager.storages; // keys go on
        pickle.module("torch.nn.modules.container", "ModuleDict", {}, {}, [&] {
            pickle.text("sole_model");
            NequipPickler(pickle, true, sign).value(description["model"]);
        });
        for (; written < pickle.storages.size(); ++written) {
            ZipStyle own = style;
            own.descriptor = !pickle.storages[written].bytes.empty();
            zip.add(folder + fmt::format(".data/{}.storage", written), pickle.storages[written].bytes, own);
        }
        zip.add(folder + name, pickle.finish(), style);
        eager.storages = pickle.storages;
    }
    for (const auto& [name, text] : description["records"].items())
        zip.add(folder + name, text.get<std::string>(), style);
    zip.add(folder + "nequip/nn/graph_model.py", "# not needed\n", style);
    zip.add(folder + ".data/extern_modules", "torch\n", style);
    zip.add(folder + ".data/version", "6\n", style);
    return zip.finish(true);
}

inline TorchArchive nequipArchive(const Json& description)
{
    return TorchArchive::parse(nequipFile(description), "model.nequip");
}

} // namespace lodestone::test
