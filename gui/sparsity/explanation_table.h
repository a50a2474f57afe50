#pragma once
#include "sparsity/sparsity_table.h"

namespace lodestone::gui {

enum class ExplanationQuantity { Signature, Sensitivity };

/// Maps of result/explanation.json (docs/events-and-protocol.md). Rows: blocks. Signature: one column a leaf
/// of the tensors' names ("0e", "1o"), 1 - R^2. Sensitivity: one column, by how much the loss rises without
/// the block's changes, as a share of the tuned model's loss. NaN where nothing is defined. Error if the file
/// is not what it should be.
SparsityTable explanationTable(const Json& explanation, ExplanationQuantity quantity);

} // namespace lodestone::gui
