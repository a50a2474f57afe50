#pragma once
#include "algebra/irreps.h"
#include "algebra/wigner.h"
#include "support/torch_archive_writer.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <random>

namespace lodestone::test {

/// Generalised couplings of `order` components to an irrep: [2l + 1][components] .. [components][paths], and
/// the number of paths. harmonics: one irrep of each degree from 0.
inline std::pair<std::vector<double>, std::int64_t> generalisedCouplings(const Irreps& harmonics,
                                                                         const Irrep& out, int order)
{
    struct State {
        Irrep irrep;
        std::vector<double> values; ///< [2l + 1][components^order]
    };
    const std::size_t components = harmonics.size() * harmonics.size();
    std::vector<State> states = {{{0, 1}, {1}}};
    std::size_t width = 1;
    for (int step = 0; step < order; ++step, width *= components) {
        std::vector<State> next;
        for (const State& state : states)
            for (int l = 0; l < static_cast<int>(harmonics.size()); ++l)
                for (int sum = std::abs(state.irrep.l - l); sum <= state.irrep.l + l; ++sum) {
                    State longer{
                        {sum, state.irrep.parity * harmonics[static_cast<std::size_t>(l)].irrep.parity}, {}};
                    if (step + 1 == order && !(longer.irrep == out))
                        continue;
                    const std::vector<double> c = wigner3j(sum, state.irrep.l, l);
                    longer.values.resize(static_cast<std::size_t>(2 * sum + 1) * width * components);
                    for (std::size_t m = 0; m < static_cast<std::size_t>(2 * sum + 1); ++m)
                        for (std::size_t j = 0; j < static_cast<std::size_t>(state.irrep.size()); ++j)
                            for (std::size_t k = 0; k < static_cast<std::size_t>(2 * l + 1); ++k)
                                for (std::size_t i = 0; i < width; ++i)
                                    longer.values[(m * width + i) * components +
                                                  static_cast<std::size_t>(l * l) + k] +=
                                        std::sqrt(2.0 * sum + 1) * state.values[j * width + i] *
                                        c[(m * static_cast<std::size_t>(state.irrep.size()) + j) *
                                              static_cast<std::size_t>(2 * l + 1) +
                                          k];
                    next.push_back(std::move(longer));
                }
        states = std::move(next);
    }
    const std::size_t paths = states.size(), entries = static_cast<std::size_t>(out.size()) * width;
    std::vector<double> u(entries * paths);
    for (std::size_t p = 0; p < paths; ++p)
        for (std::size_t i = 0; i < entries; ++i)
            u[i * paths + p] = states[p].values[i];
    return {u, static_cast<std::int64_t>(paths)};
}

/// Writes modules of e3nn with random numbers as entries (name and module) of a dictionary.
class E3nnWriter {
public:
    explicit E3nnWriter(std::uint64_t seed) : m_random(seed) {}

protected:
    double normal() { return m_normal(m_random); }
    std::vector<double> normals(std::int64_t count, double scale = 1)
    {
        std::vector<double> values(static_cast<std::size_t>(count));
        std::generate(values.begin(), values.end(), [&] { return scale * normal(); });
        return values;
    }
    void irreps(std::string_view name, const Irreps& irreps)
    {
        w.text(name).object("e3nn.o3._irreps", "Irreps", [&] {
            w.tuple([&] {
                for (const IrrepBlock& block : irreps)
                    w.object("e3nn.o3._irreps", "_MulIr", [&] {
                        w.tuple([&] {
                            w.integer(block.multiplicity).object("e3nn.o3._irreps", "Irrep", [&] {
                                w.tuple([&] { w.integer(block.irrep.l).integer(block.irrep.parity); });
                            });
                        });
                    });
            });
        });
    }
    template<class T>
    void tensor(std::string_view name, const std::vector<T>& values, const std::vector<std::int64_t>& shape,
                bool parameter = false)
    {
        w.text(name);
        w.values(values, shape, parameter);
    }
    void number(std::string_view name, double value) { tensor(name, std::vector<double>{value}, {}); }

    /// e3nn.o3.Linear; biases on all scalar outputs if wanted.
    void linear(std::string_view name, const Irreps& in, const Irreps& out, bool biases = false)
    {
        std::int64_t weights = 0;
        for (const IrrepBlock& a : in)
            for (const IrrepBlock& b : out)
                weights += a.irrep == b.irrep ? a.multiplicity * b.multiplicity : 0;
        w.text(name).module(
            "e3nn.o3._linear", "Linear",
            [&] {
                tensor("weight", normals(weights), {weights}, true);
                if (biases)
                    tensor("bias", normals(out.front().multiplicity), {out.front().multiplicity}, true);
            },
            [&] {
                if (!biases)
                    tensor("bias", std::vector<double>{}, {0});
            },
            {},
            [&] {
                irreps("irreps_in", in);
                irreps("irreps_out", out);
                w.text("instructions").list([&] {
                    for (std::size_t i = 0; i < in.size(); ++i)
                        for (std::size_t j = 0; j < out.size(); ++j)
                            if (in[i].irrep == out[j].irrep)
                                w.object("e3nn.o3._linear", "Instruction", [&] {
                                    w.integer(static_cast<std::int64_t>(i))
                                        .integer(static_cast<std::int64_t>(j));
                                    w.tuple(
                                        [&] { w.integer(in[i].multiplicity).integer(out[j].multiplicity); });
                                    w.real(1 / std::sqrt(double(multiplicityOf(in, in[i].irrep))));
                                });
                    if (biases)
                        w.object("e3nn.o3._linear", "Instruction", [&] {
                            w.integer(-1)
                                .integer(0)
                                .tuple([&] { w.integer(out.front().multiplicity); })
                                .real(1);
                        });
                });
            });
    }
    /// e3nn.o3.FullyConnectedTensorProduct with one-hot elements.
    void elementLinear(std::string_view name, const Irreps& in, const Irreps& out, std::int64_t elements)
    {
        std::int64_t weights = 0;
        for (const IrrepBlock& a : in)
            weights += a.multiplicity * elements * multiplicityOf(out, a.irrep);
        w.text(name).module(
            "e3nn.o3._tensor_product._sub", "FullyConnectedTensorProduct",
            [&] { tensor("weight", normals(weights), {weights}, true); }, {}, {},
            [&] {
                irreps("irreps_in1", in);
                irreps("irreps_in2", {{elements, {0, 1}}});
                irreps("irreps_out", out);
                w.text("instructions").list([&] {
                    for (std::size_t i = 0; i < in.size(); ++i)
                        for (std::size_t j = 0; j < out.size(); ++j)
                            if (in[i].irrep == out[j].irrep)
                                instruction(
                                    i, 0, j, "uvw", {in[i].multiplicity, elements, out[j].multiplicity},
                                    std::sqrt(in[i].irrep.size() / double(in[i].multiplicity * elements)));
                });
            });
    }
    void instruction(std::size_t in1, std::size_t in2, std::size_t out, const char* mode,
                     const std::vector<std::int64_t>& shape, double factor)
    {
        w.object("e3nn.o3._tensor_product._instruction", "Instruction", [&] {
            for (const std::size_t i : {in1, in2, out})
                w.integer(static_cast<std::int64_t>(i));
            w.text(mode).boolean(true).real(factor).tuple([&] {
                for (const std::int64_t extent : shape)
                    w.integer(extent);
            });
        });
    }

    /// e3nn.math.normalize2mom.
    void activation(std::string_view name, const std::string& function)
    {
        w.text(name).module("e3nn.math._normalize_activation", "normalize2mom", {}, {}, {}, [&] {
            w.text("f").global(function == "tanh" || function == "abs" ? "torch" : "torch.nn.functional",
                               function);
            w.text("_is_id").boolean(false).text("cst").real(1.679);
        });
    }
    /// e3nn.nn.FullyConnectedNet with silu; its first matrix is large, so that small inputs leave the linear
    /// part of silu.
    void fullyConnected(std::string_view name, const std::vector<std::int64_t>& sizes)
    {
        w.text(name).module("e3nn.nn._fc", "FullyConnectedNet", {}, {}, [&] {
            for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
                const bool last = i + 2 == sizes.size();
                const std::int64_t in = sizes[i], out = sizes[i + 1];
                w.text(fmt::format("layer{}", i))
                    .module(
                        "e3nn.nn._fc", "_Layer",
                        [&] {
                            tensor("weight", normals(in * out, i == 0 ? 5 : 1), {in, out}, true);
                        },
                        {},
                        [&] {
                            if (!last)
                                activation("act", "silu");
                        },
                        [&] {
                            w.text("h_in").integer(in).text("h_out").integer(out);
                            w.text("var_in").integer(1).text("var_out").integer(1);
                            if (last)
                                w.text("act").none();
                        });
            }
        });
    }
    /// RadialMLP of MACE.
    void radialMlp(std::string_view name, const std::vector<std::int64_t>& sizes)
    {
        w.text(name).module("mace.modules.radial", "RadialMLP", {}, {}, [&] {
            w.text("net").module("torch.nn.modules.container", "Sequential", {}, {}, [&] {
                for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
                    const std::int64_t in = sizes[i], out = sizes[i + 1];
                    w.text(std::to_string(3 * i)).module("torch.nn.modules.linear", "Linear", [&] {
                        tensor("weight", normals(in * out, 0.4), {out, in}, true);
                        tensor("bias", normals(out), {out}, true);
                    });
                    if (i + 2 == sizes.size())
                        break;
                    w.text(std::to_string(3 * i + 1))
                        .module(
                            "torch.nn.modules.normalization", "LayerNorm",
                            [&] {
                                tensor("weight", normals(out), {out}, true);
                                tensor("bias", normals(out), {out}, true);
                            },
                            {}, {}, [&] { w.text("eps").real(1e-5); });
                    w.text(std::to_string(3 * i + 2)).module("torch.nn.modules.activation", "SiLU");
                }
            });
        });
    }
    /// e3nn.nn.Activation, one function a block.
    void acts(std::string_view name, const Irreps& irrepsIn, const std::string& function)
    {
        w.text(name).module("e3nn.nn._activation", "Activation", {}, {}, [&] {
            w.text("acts").module("torch.nn.modules.container", "ModuleList", {}, {}, [&] {
                for (std::size_t i = 0; i < irrepsIn.size(); ++i)
                    activation(std::to_string(i), function);
            });
        });
    }
    /// e3nn.nn.Gate.
    void gate(std::int64_t scalars, const Irreps& gated)
    {
        Irreps gates;
        for (const IrrepBlock& block : gated)
            gates.push_back({block.multiplicity, {0, 1}});
        w.text("equivariant_nonlin")
            .module(
                "e3nn.nn._gate", "Gate", {}, {},
                [&] {
                    acts("act_scalars", {{scalars, {0, 1}}}, "silu");
                    acts("act_gates", gates, "sigmoid");
                },
                [&] {
                    irreps("irreps_scalars", {{scalars, {0, 1}}});
                    irreps("irreps_gates", gates);
                    irreps("irreps_gated", gated);
                });
    }

    PickleWriter w;

private:
    std::mt19937_64 m_random;
    std::normal_distribution<double> m_normal;
};

} // namespace lodestone::test
