#pragma once
#include "blocks/sparsity.h"
#include "widgets/heat_map.h"

#include <set>

namespace lodestone::gui {

enum class SparsityQuantity { ChangedFraction, RelativeChange, Threshold };

/// A heat map and, for each cell, the tensors behind it.
struct SparsityTable {
    HeatMap::Data data;
    std::vector<QStringList> tensors; ///< [rows * columns]
};

/// Rows: blocks (model order); columns: l of the path's output, and "no l" for tensors without paths (only if
/// there are some). ChangedFraction counts entries path by path: changed / eligible. RelativeChange is
/// ||delta|| / ||W0|| over all tensors of the block that reach that l, Threshold their mean weighted by size
/// (both are known per tensor only). Cells without eligible parameters are NaN. Without a model (null, or one
/// that lacks a tensor) all values of a block fall in one column.
SparsityTable blockTable(const ModelDescription* model, const SparsityRecord& record,
                         SparsityQuantity quantity);

/// Rows: layers ("outside layers" last); columns: l; changed / eligible.
SparsityTable layerTable(const std::vector<LayerLCell>& cells);

/// "1,234 of 38,112 eligible parameters changed: 3.2 % changed / eligible, 0.17 % changed / whole model."
QString sparsityCaption(const SparsityRecord& record);

/// Rows: tensors with values that belong to single elements (model order); columns: the model's elements,
/// those of `present` (atomic numbers in the data) first, the others after them, each by atomic number;
/// changed / eligible of that element's values. Empty (no rows) if the record counts no elements.
SparsityTable elementTable(const ModelDescription* model, const SparsityRecord& record,
                           const std::set<int>& present);

/// The periodic table coloured by the share of changed entries of one tensor, by element. base and tuned: its
/// values, flat; elements: atomic numbers in index order. Empty (no rows) if no value belongs to an element
/// or sizes do not fit.
HeatMap::Data periodicTable(const ParameterInfo& tensor, const std::vector<int>& elements,
                            const std::vector<float>& base, const std::vector<float>& tuned);

/// "[2, 17]" for a flat index.
QString indexText(const std::vector<std::int64_t>& shape, std::int64_t flat);

} // namespace lodestone::gui
