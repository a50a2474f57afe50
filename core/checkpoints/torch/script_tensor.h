#pragma once
#include "checkpoints/torch/script_program.h"

#include <functional>
#include <map>
#include <optional>

namespace lodestone {

/// A row of features or a stored tensor as it takes part in a product: numbers from `offset` on, its axes as
/// labels, row-major.
struct ScriptFactor {
    enum class Kind { Row, Constant };
    Kind kind = Kind::Row;
    std::int64_t source = 0; ///< number given to addRow(), or N of CONSTANTS.cN
    std::int64_t offset = 0;
    std::vector<int> labels; ///< without the batch
};

/// A scalar times a product of factors in which equal labels are contracted or kept (a tensor network). Each
/// axis of the result is a list of labels merged row-major; an axis of length 1 is an empty list, the batch
/// is {batchLabel}.
struct ScriptProduct {
    double scalar = 1;
    std::vector<ScriptFactor> factors;
    std::vector<std::vector<int>> axes;
};

/// A sum of products. No products: zero.
struct ScriptTensor {
    std::vector<ScriptProduct> products;
    std::int64_t width = 0; ///< of a zero made by new_zeros: its last axis
};

/// Reads nodes of a ScriptProgram that are multilinear in rows and constants: reshape, narrow, permute,
/// einsum, tensordot, matmul, products with numbers, sums. However upstream ordered the contractions of a
/// tensor product, the same network comes out. Nothing is computed but scalars.
class ScriptTensorReader {
public:
    static constexpr int batchLabel = 0;
    using ShapeOf = std::function<std::vector<std::int64_t>(std::int64_t constant)>;

    ScriptTensorReader(const ScriptProgram& program, ShapeOf shapeOfConstant);
    /// Declares that a node is a row source: a tensor [batch, width].
    void addRow(int node, std::int64_t source, std::int64_t width);
    /// ScriptError with the line where a node is nothing of the above.
    const ScriptTensor& read(int node);
    /// A number made of numbers ("torch.pow(8., 0.5)").
    std::optional<double> scalar(int node) const;
    /// The same where it must be an integer; clamped to +-1e15 ("to the end").
    std::int64_t integer(int node) const;
    std::int64_t size(int label) const { return m_sizes[static_cast<std::size_t>(label)]; }
    /// Columns start .. start + count of a row node, as a range of a declared source, through narrow, slice
    /// and Paste.
    struct Columns {
        std::int64_t source = 0, first = 0, count = 0;
    };
    Columns columns(int node, std::int64_t first, std::int64_t count) const;
    /// Last number of a shape such as torch.add(torch.slice(torch.size(x), 0, -1), [96]).
    std::int64_t lastOfShape(int node) const;

private:
    using Axis = std::vector<int>;
    using Shape = std::vector<std::optional<std::int64_t>>;

    [[noreturn]] void failAt(int node, const std::string& what) const;
    int newLabel(std::int64_t size);
    std::int64_t extent(const Axis& axis) const;
    Shape shape(int node) const;
    std::vector<std::int64_t> integers(int node) const;
    std::size_t axisIndex(int node, std::int64_t axis, std::size_t count) const;

    ScriptTensor make(int node);
    ScriptTensor call(int node);
    ScriptTensor each(int node, const std::function<void(ScriptProduct&)>& change);
    ScriptTensor scaled(int node, int value, int scalarNode, bool divide);
    ScriptTensor elementwise(int node, int left, int right);
    ScriptTensor sum(int node);
    ScriptTensor einsum(int node);
    ScriptTensor tensordot(int node, int left, int right, const std::vector<std::int64_t>& leftAxes,
                           const std::vector<std::int64_t>& rightAxes);
    void reshape(int node, ScriptProduct& product, const Shape& shape);
    void narrow(int node, ScriptProduct& product, std::size_t axis, std::int64_t first, std::int64_t count);
    /// Both products in one, the labels of the second renewed; the axes of the first, then those of the
    /// second.
    ScriptProduct joined(const ScriptProduct& first, const ScriptProduct& second);
    void split(ScriptProduct& product, int label, std::int64_t outer, std::int64_t inner);
    /// Makes two axes (by index) of a product run together.
    void identify(int node, ScriptProduct& product, std::size_t first, std::size_t second);
    static void rename(ScriptProduct& product, int from, int to);

    const ScriptProgram& m_program;
    ShapeOf m_shapeOfConstant;
    std::vector<std::int64_t> m_sizes;                           ///< of labels; the batch has -1
    std::map<int, std::pair<std::int64_t, std::int64_t>> m_rows; ///< node -> source, width
    std::map<int, ScriptTensor> m_known;
    mutable std::map<int, std::optional<double>> m_scalars;
    int m_depth = 0;
    mutable int m_scalarDepth = 0;
};

} // namespace lodestone
