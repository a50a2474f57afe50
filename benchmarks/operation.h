#pragma once
#include <functional>
#include <string>
#include <vector>

namespace lodestone {

/// Input of the size of a usual training batch, or as little as shows what an item costs: valgrind takes some
/// hundred times as long, most of all for fused multiply-adds.
enum class Size { Full, Small };

/// A hot operation with its input, made up and the same in every run. lodestone-bench measures its time,
/// lodestone-hot-operations lets its instructions be counted.
struct Operation {
    std::function<void()> run; ///< once; may be called any number of times
    double items = 0;          ///< what one run works on
    std::string unit;          ///< of the items: "edges", "atoms"
    /// Floating-point operations of one run as the algorithm does them, a multiply-add being two; 0: not
    /// counted.
    double flop = 0;
};

struct OperationMaker {
    std::string name;                    ///< "neighbour_list/1000"
    bool counted = false;                ///< kept in instruction_counts.json
    std::function<Operation(Size)> make; ///< takes up to seconds
};

std::vector<OperationMaker> edgeOperations();        ///< convolution over edges and radial tables
std::vector<OperationMaker> contractionOperations(); ///< the symmetric contraction of MACE
std::vector<OperationMaker>
otherOperations(); ///< harmonics, norms, neighbour lists, thresholds, matrix product

/// All of the above.
std::vector<OperationMaker> allOperations();

} // namespace lodestone
