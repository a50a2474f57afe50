#pragma once
#include "checkpoints/torch/script_program.h"

#include <functional>
#include <map>

namespace lodestone {

/// What the arithmetic of a node gives for one edge: a few numbers (1 for a scalar, 3 for a vector, ...),
/// from those of some nodes that are given. Knows sums, products, powers, sine, comparisons, norms and the
/// like; ScriptError with the line otherwise. Used to compare functions of the text with those that an
/// architecture expects.
class ScriptFunction {
public:
    using Values = std::vector<double>;
    ScriptFunction(const ScriptProgram& program,
                   std::function<Values(std::int64_t constant)> valuesOfConstant);
    /// given: values of some nodes. Every node is computed once.
    Values operator()(int node, const std::map<int, Values>& given) const;

private:
    Values value(int node, std::map<int, Values>& known, int depth) const;
    const ScriptProgram& m_program;
    std::function<Values(std::int64_t)> m_valuesOfConstant;
};

/// All nodes that a node is made of, itself included, in no order.
std::vector<int> ancestors(const ScriptProgram& program, int node);

} // namespace lodestone
