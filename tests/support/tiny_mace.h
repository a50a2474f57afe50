#pragma once
#include "support/e3nn_writer.h"

#include <map>
#include <numeric>

// Writes small random MACE models, as torch.save of upstream's modules would: no foreign file is needed to
// test what is built on them. Every kind of block can be had.

namespace lodestone::test {

struct TinyMace {
    std::string name = "ScaleShiftMACE";
    std::string first = "RealAgnosticInteractionBlock"; ///< class of the first layer's interaction
    std::string later = "RealAgnosticResidualInteractionBlock";
    std::vector<int> elements = {8, 26, 28};
    int layers = 2, lMax = 2, lHidden = 1;
    std::int64_t channels = 4;
    std::int64_t radialWidth = 8;          ///< of the hidden layers of conv_tp_weights
    std::vector<int> correlation = {3, 2}; ///< of each layer
    double cutoff = 4;
    std::string basis = "BesselBasis";
    std::string transform = {};    ///< AgnesiTransform | SoftTransform
    bool oldSoftTransform = false; ///< with a and b
    bool repulsion = false, applyCutoff = true, agnostic = false;
    bool so3 = false;                    ///< all irreps even
    std::vector<std::string> heads = {}; ///< none: as old files are
    bool attributes = false;             ///< numbers as plain attributes where the oldest files have them
    bool numpyScalars = false;           ///< avg_num_neighbors as one
    std::string readout = "NonLinearReadoutBlock";
    std::string activation = "silu"; ///< of the readout
    bool lastReadoutOnly = false;
    bool flippedCouplings =
        false;           ///< holds 3j tensors of odd sums with the other sign, in the code of conv_tp
    bool zeroed = false; ///< the highest order of the first contraction has no path
    std::string extraModule = {};   ///< a further child of the model
    bool extraParameter = false;    ///< a parameter that no block has
    double factor = 1;              ///< on one weight of the first layer
    std::string from = {}, to = {}; ///< the first `from` in the pickle becomes `to`
    int mutations = 0;              ///< bytes of the pickle that become random ones
    std::uint64_t mutationSeed = 1;
    std::uint64_t seed = 5;
};

class TinyMaceWriter : private E3nnWriter {
public:
    explicit TinyMaceWriter(const TinyMace& options) : E3nnWriter(options.seed), o(options) {}

    std::string saved()
    {
        model();
        TorchFileWriter file;
        std::string pickle = w.finish();
        pickle.pop_back(); // what finish() adds
        if (!o.from.empty())
            pickle.replace(pickle.find(o.from), o.from.size(), o.to);
        std::mt19937_64 random(o.mutationSeed);
        for (int i = 0; i < o.mutations; ++i)
            pickle[random() % pickle.size()] = static_cast<char>(random());
        file.data = PickleWriter(0).raw(pickle);
        file.data.storages = std::move(w.storages);
        file.folder = "tiny";
        return file.saved();
    }

private:
    using Inside = PickleWriter::Inside;

    int parity(int l) const { return o.so3 || l % 2 == 0 ? 1 : -1; }
    Irreps irrepsTo(int l, std::int64_t channels) const
    {
        Irreps irreps;
        for (int i = 0; i <= l; ++i)
            irreps.push_back({channels, {i, parity(i)}});
        return irreps;
    }
    std::int64_t elements() const { return static_cast<std::int64_t>(o.elements.size()); }
    std::int64_t headCount() const
    {
        return std::max<std::int64_t>(1, static_cast<std::int64_t>(o.heads.size()));
    }

    /// conv_tp; returns its output irreps, sorted.
    Irreps convolution(const Irreps& in, const Irreps& harmonics, const Irreps& target)
    {
        struct Path {
            std::size_t in, harmonic;
            IrrepBlock out;
        };
        std::vector<Path> paths;
        for (std::size_t i = 0; i < in.size(); ++i)
            for (std::size_t j = 0; j < harmonics.size(); ++j)
                for (const IrrepBlock& out : target) {
                    const int a = in[i].irrep.l, b = harmonics[j].irrep.l, l = out.irrep.l;
                    if (l >= std::abs(a - b) && l <= a + b &&
                        in[i].irrep.parity * harmonics[j].irrep.parity == out.irrep.parity)
                        paths.push_back({i, j, {in[i].multiplicity, out.irrep}});
                }
        std::stable_sort(paths.begin(), paths.end(),
                         [](const Path& a, const Path& b) { return a.out.irrep < b.out.irrep; });
        Irreps out;
        for (const Path& path : paths)
            out.push_back(path.out);
        w.text("conv_tp").module(
            "e3nn.o3._tensor_product._tensor_product", "TensorProduct", {},
            [&] { tensor("weight", std::vector<double>{}, {0}); }, {},
            [&] {
                irreps("irreps_in1", in);
                irreps("irreps_in2", harmonics);
                irreps("irreps_out", out);
                w.text("instructions").list([&] {
                    for (std::size_t k = 0; k < paths.size(); ++k)
                        instruction(paths[k].in, paths[k].harmonic, k, "uvu", {paths[k].out.multiplicity, 1},
                                    std::sqrt(double(paths[k].out.irrep.size())));
                });
                if (o.flippedCouplings)
                    w.text("__codegen__").dictionary([&] {
                        w.text("_compiled_main_left_right").bytes(code());
                    });
            });
        return out;
    }
    /// Compiled code with the 3j tensors of odd sums, of the other sign.
    static std::string code()
    {
        TorchFileWriter file;
        file.data.objectWith("__torch__", "Compiled", [&] {
            for (const auto& [l1, l2, l3] : {std::array{1, 1, 1}, {1, 2, 2}, {2, 1, 2}, {2, 2, 1}}) {
                std::vector<double> values = wigner3j(l1, l2, l3);
                for (double& value : values)
                    value = -value;
                file.data.text(fmt::format("_w3j_{}_{}_{}", l1, l2, l3));
                file.data.values(values, {2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1});
            }
        });
        file.constants.tuple();
        return file.script();
    }

    void interaction(std::size_t number)
    {
        const std::string type = number == 0 ? o.first : o.later;
        const bool nonLinear = type.ends_with("NonLinearInteractionBlock"),
                   attention = type.find("Att") != std::string::npos;
        const bool residual = type.find("Residual") != std::string::npos,
                   density = type.find("Density") != std::string::npos;
        const Irreps features = irrepsTo(number == 0 ? 0 : o.lHidden, o.channels);
        const Irreps hidden = irrepsTo(isLast(number) ? 0 : o.lHidden, o.channels);
        const Irreps target = irrepsTo(o.lMax, o.channels), harmonics = irrepsTo(o.lMax, 1);
        const Irreps scalars = {{o.channels, {0, 1}}};
        w.text(std::to_string(number))
            .module(
                "mace.modules.blocks", type,
                [&] {
                    if (nonLinear) {
                        tensor("alpha", std::vector<double>{3.5}, {}, true);
                        tensor("beta", std::vector<double>{0.7}, {}, true);
                    }
                },
                {},
                [&] {
                    linear("linear_up", features, features);
                    const Irreps sums = convolution(features, harmonics, target);
                    std::int64_t weights = 0;
                    for (const IrrepBlock& block : sums)
                        weights += block.multiplicity;
                    const std::int64_t inputs = 6 + (nonLinear ? 2 * o.channels : attention ? 2 * 3 : 0);
                    Irreps gated(target.begin() + 1, target.end()), withGates = target;
                    withGates.front().multiplicity *= o.lMax + 1;
                    if (nonLinear) {
                        linear("source_embedding", {{elements(), {0, 1}}}, scalars);
                        linear("target_embedding", {{elements(), {0, 1}}}, scalars);
                        radialMlp("conv_tp_weights", {inputs, o.radialWidth, weights});
                        radialMlp("density_fn", {inputs, 8, 1});
                        linear("skip_tp", features, hidden);
                        gate(o.channels, gated);
                        linear("linear_res", features, withGates);
                        linear("linear_1", sums, withGates);
                        linear("linear_2", target, target);
                        return;
                    }
                    fullyConnected("conv_tp_weights", {inputs, o.radialWidth, o.radialWidth, weights});
                    if (density)
                        fullyConnected("density_fn", {inputs, 1});
                    linear("linear", sums, target);
                    if (attention) {
                        linear("linear_down", features, {{3, {0, 1}}});
                        linear("skip_linear", features, hidden);
                    } else {
                        elementLinear("skip_tp", residual ? features : target, residual ? hidden : target,
                                      elements());
                    }
                },
                [&] {
                    irreps("irreps_out", target);
                    w.text("avg_num_neighbors");
                    if (o.numpyScalars)
                        w.call("numpy.core.multiarray", "scalar", [&] {
                            double value = 3.5;
                            w.call("numpy", "dtype", [&] { w.text("f8").boolean(false).boolean(true); });
                            w.bytes({reinterpret_cast<const char*>(&value), sizeof value});
                        });
                    else
                        w.real(3.5);
                });
    }
    bool isLast(std::size_t number) const { return static_cast<int>(number) + 1 == o.layers; }

    void contraction(std::size_t number, std::size_t position, const Irrep& out)
    {
        const int order = o.correlation[number];
        const std::int64_t components = (o.lMax + 1) * (o.lMax + 1);
        std::map<int, std::int64_t> paths;
        const auto weights = [&](int nu) {
            std::vector<double> values =
                normals((o.agnostic ? 1 : elements()) * paths.at(nu) * o.channels, 0.5);
            if (number == 0 && nu == order)
                values[0] *= o.factor;
            w.values(values, {o.agnostic ? 1 : elements(), paths.at(nu), o.channels}, true);
        };
        for (int nu = 1; nu <= order; ++nu)
            paths[nu] = generalisedCouplings(irrepsTo(o.lMax, 1), out, nu).second;
        w.text(std::to_string(position))
            .module(
                "mace.modules.symmetric_contraction", "Contraction",
                [&] {
                    w.text("weights_max");
                    weights(order);
                },
                [&] {
                    for (int nu = 1; nu <= order; ++nu) {
                        std::vector<std::int64_t> shape(static_cast<std::size_t>(nu), components);
                        if (out.l > 0)
                            shape.insert(shape.begin(), out.size());
                        shape.push_back(paths.at(nu));
                        std::vector<double> couplings =
                            generalisedCouplings(irrepsTo(o.lMax, 1), out, nu).first;
                        if (o.zeroed && number == 0 && position == 0 && nu == order) // as upstream writes it
                            couplings.assign(couplings.size(), 0);
                        tensor(fmt::format("U_matrix_{}", nu), couplings, shape);
                    }
                    tensor("weights_max_zeroed",
                           std::vector<std::uint8_t>{o.zeroed && number == 0 && position == 0}, {});
                },
                [&] {
                    w.text("weights").module("torch.nn.modules.container", "ParameterList", [&] {
                        for (int i = 0; i + 1 < order; ++i) {
                            w.text(std::to_string(i));
                            weights(order - 1 - i);
                        }
                    });
                    w.text("graph_opt_main").call("torch.fx.graph_module", "reduce_graph_module", [&] {
                        w.dictionary([&] {
                             w.text("_code").text("def forward(self): pass");
                         }).text("import torch");
                    });
                },
                [&] { w.text("correlation").integer(order); });
    }
    void product(std::size_t number)
    {
        const Irreps hidden = irrepsTo(isLast(number) ? 0 : o.lHidden, o.channels);
        const bool residual = (number == 0 ? o.first : o.later).find("Residual") != std::string::npos;
        w.text(std::to_string(number))
            .module(
                "mace.modules.blocks", "EquivariantProductBasisBlock", {}, {},
                [&] {
                    w.text("symmetric_contractions")
                        .module(
                            "mace.modules.symmetric_contraction", "SymmetricContraction", {}, {},
                            [&] {
                                w.text("contractions")
                                    .module("torch.nn.modules.container", "ModuleList", {}, {}, [&] {
                                        for (std::size_t i = 0; i < hidden.size(); ++i)
                                            contraction(number, i, hidden[i].irrep);
                                    });
                            },
                            [&] { irreps("irreps_out", hidden); });
                    linear("linear", hidden, hidden);
                },
                [&] {
                    w.text("use_sc").boolean(residual);
                    w.text("use_agnostic_product").boolean(o.agnostic);
                });
    }
    void readout(std::size_t position, std::size_t layer)
    {
        const Irreps features = irrepsTo(isLast(layer) ? 0 : o.lHidden, o.channels);
        const Irreps out = {{headCount(), {0, 1}}}, hidden = {{3 * headCount(), {0, 1}}};
        w.text(std::to_string(position));
        if (!isLast(layer)) {
            w.module("mace.modules.blocks", "LinearReadoutBlock", {}, {},
                     [&] { linear("linear", features, out); });
            return;
        }
        const bool biases = o.readout == "NonLinearBiasReadoutBlock";
        w.module(
            "mace.modules.blocks", o.readout, {}, {},
            [&] {
                linear("linear_1", features, hidden);
                acts("non_linearity", hidden, o.activation);
                if (biases)
                    linear("linear_mid", hidden, hidden, true);
                linear("linear_2", hidden, out, biases);
            },
            [&] {
                if (!o.heads.empty())
                    w.text("num_heads").integer(headCount());
            });
    }

    static std::vector<double> radii()
    {
        std::vector<double> values(119);
        for (std::size_t z = 0; z < values.size(); ++z)
            values[z] = 0.5 + 0.008 * static_cast<double>(z);
        return values;
    }
    void radial()
    {
        const auto basis = [&] {
            constexpr int size = 6;
            std::vector<double> centres;
            for (int n = 1; n <= size; ++n)
                centres.push_back(o.basis == "BesselBasis" ? n * M_PI / o.cutoff
                                                           : o.cutoff * (n - 1) / (size - 1));
            w.text("bessel_fn")
                .module(
                    "mace.modules.radial", o.basis, {},
                    [&] {
                        if (o.basis == "BesselBasis") {
                            tensor("bessel_weights", centres, {size});
                            number("prefactor", std::sqrt(2 / std::abs(o.cutoff)));
                        } else if (o.basis == "GaussianBasis") {
                            tensor("gaussian_weights", centres, {size});
                        }
                    },
                    {}, [&] { w.text("coeff").real(-0.7).text("num_basis").integer(size); });
        };
        w.text("radial_embedding")
            .module(
                "mace.modules.blocks", "RadialEmbeddingBlock", {}, {},
                [&] {
                    basis();
                    if (!o.transform.empty())
                        w.text("distance_transform").module("mace.modules.radial", o.transform, {}, [&] {
                            if (o.transform == "AgnesiTransform") {
                                number("q", 0.9183);
                                number("p", 4.5791);
                                number("a", 1.0805);
                            } else if (o.oldSoftTransform) {
                                number("a", 0.2);
                                number("b", 3);
                            } else {
                                number("alpha", 4);
                            }
                            tensor("covalent_radii", radii(), {119});
                        });
                    w.text("cutoff_fn").module("mace.modules.radial", "PolynomialCutoff", {}, [&] {
                        if (o.attributes)
                            number("p", 5);
                        else
                            tensor("p", std::vector<std::int32_t>{5}, {});
                        number("r_max", o.cutoff);
                    });
                },
                [&] { w.text("apply_cutoff").boolean(o.applyCutoff); });
        if (o.repulsion)
            w.text("pair_repulsion_fn").module("mace.modules.radial", "ZBLBasis", {}, [&] {
                tensor("c", std::vector<double>{0.1818, 0.5099, 0.2802, 0.02817}, {4});
                number("p", 6);
                number("a_exp", 0.3);
                number("a_prefactor", 0.4543);
                // Wide enough that atoms at usual distances feel it.
                std::vector<double> wide = radii();
                for (double& radius : wide)
                    radius *= 2;
                tensor("covalent_radii", wide, {119});
            });
    }

    void model()
    {
        w.module(
            "mace.modules.models", o.name,
            [&] {
                if (o.extraParameter)
                    tensor("surprise", std::vector<double>{1, 2}, {2}, true);
            },
            [&] {
                if (o.attributes)
                    return;
                tensor("atomic_numbers", std::vector<std::int64_t>(o.elements.begin(), o.elements.end()),
                       {elements()});
                number("r_max", o.cutoff);
            },
            [&] {
                w.text("node_embedding")
                    .module("mace.modules.blocks", "LinearNodeEmbeddingBlock", {}, {}, [&] {
                        linear("linear", {{elements(), {0, 1}}}, {{o.channels, {0, 1}}});
                    });
                radial();
                w.text("spherical_harmonics")
                    .module("e3nn.o3._spherical_harmonics", "SphericalHarmonics", {}, {}, {}, [&] {
                        irreps("irreps_out", irrepsTo(o.lMax, 1));
                        w.text("normalize").boolean(true).text("normalization").text("component");
                    });
                w.text("atomic_energies_fn").module("mace.modules.blocks", "AtomicEnergiesBlock", {}, [&] {
                    std::vector<std::int64_t> shape = {elements()};
                    if (!o.heads.empty())
                        shape.insert(shape.begin(), headCount());
                    tensor("atomic_energies", normals(elements() * headCount(), 2), shape);
                });
                parts("interactions", [&](std::size_t i) { interaction(i); });
                parts("products", [&](std::size_t i) { product(i); });
                w.text("readouts").module("torch.nn.modules.container", "ModuleList", {}, {}, [&] {
                    const auto layers = static_cast<std::size_t>(o.layers);
                    for (std::size_t i = o.lastReadoutOnly ? layers - 1 : 0; i < layers; ++i)
                        readout(o.lastReadoutOnly ? 0 : i, i);
                });
                if (o.name == "ScaleShiftMACE")
                    w.text("scale_shift").module("mace.modules.blocks", "ScaleShiftBlock", {}, [&] {
                        std::vector<double> scale, shift;
                        for (std::int64_t head = 0; head < headCount(); ++head) {
                            scale.push_back(0.8 + 0.1 * static_cast<double>(head));
                            shift.push_back(0.1 - 0.2 * static_cast<double>(head));
                        }
                        const std::vector<std::int64_t> shape = o.heads.empty()
                                                                    ? std::vector<std::int64_t>{}
                                                                    : std::vector<std::int64_t>{headCount()};
                        tensor("scale", scale, shape);
                        tensor("shift", shift, shape);
                    });
                if (!o.extraModule.empty())
                    w.text(o.extraModule).module("mace.modules.embeddings", "GenericJointEmbedding");
            },
            [&] {
                if (!o.heads.empty())
                    w.text("heads").list([&] {
                        for (const std::string& head : o.heads)
                            w.text(head);
                    });
                if (!o.attributes)
                    return;
                w.text("r_max").real(o.cutoff).text("atomic_numbers").list([&] {
                    for (const int z : o.elements)
                        w.integer(z);
                });
            });
    }
    void parts(std::string_view name, const std::function<void(std::size_t)>& part)
    {
        w.text(name).module("torch.nn.modules.container", "ModuleList", {}, {}, [&] {
            for (int i = 0; i < o.layers; ++i)
                part(static_cast<std::size_t>(i));
        });
    }

    TinyMace o;
};

/// Elements 1 to 89: as many as the models of the Materials Project know.
inline std::vector<int> manyElements()
{
    std::vector<int> elements(89);
    std::iota(elements.begin(), elements.end(), 1);
    return elements;
}

inline std::string writeTinyMace(const TinyMace& options = {})
{
    return TinyMaceWriter(options).saved();
}

} // namespace lodestone::test
