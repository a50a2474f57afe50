#pragma once
#include "blocks/model_description.h"
#include "widgets/heat_map.h"

namespace lodestone::gui {

/// A part of a tensor that makes sense as a matrix.
struct TensorSlice {
    QString title; ///< "0e → 1o, 128 × 64"; the shape alone where there is one slice only
    std::int64_t offset = 0, rows = 0, columns = 0;
    std::int64_t elements = 0, elementStride = 0; ///< > 0: rows are elements, columns everything else
    QStringList rowNames, columnNames;            ///< element symbols, or empty
    QString rowsAre, columnsAre;                  ///< "channel in", "element"

    /// Flat index within the tensor of a cell.
    std::int64_t flat(std::int64_t row, std::int64_t column) const
    {
        if (elementStride <= 0)
            return offset + row * columns + column;
        return offset + (column / elementStride * elements + row) * elementStride + column % elementStride;
    }
};

/// How a tensor is shown as matrices: as it is shaped (rows: all axes but the last) or, where it is stored
/// flat, path by path: multiplicity in × multiplicity out, or element × channel where the path runs over
/// elements. At least one slice; all slices together cover the tensor. `elements`: atomic numbers in index
/// order.
std::vector<TensorSlice> tensorSlices(const ParameterInfo& tensor, const std::vector<int>& elements);

/// The numbers of a slice as a heat map. quantity 0: |delta|, 1: delta, 2: base, 3: tuned. `tuned` may be
/// empty: then there is no change.
HeatMap::Data sliceMatrix(const QString& name, const TensorSlice& slice, const std::vector<float>& base,
                          const std::vector<float>& tuned, int quantity);

/// "Fe" and so on.
QStringList elementNames(const std::vector<int>& elements);

} // namespace lodestone::gui
