#pragma once
#include "crystal/structure.h"

#include <limits>
#include <set>
#include <utility>

namespace lodestone {

/// The pairs of elements that occur together in some structure: an edge of these structures joins no other
/// pair.
class ElementPairs {
public:
    ElementPairs() = default;
    explicit ElementPairs(const std::vector<const Structure*>& structures);

    void add(const Structure& structure);
    /// Atomic numbers, the smaller one first.
    const std::set<std::pair<int, int>>& all() const { return m_pairs; }

private:
    std::set<std::pair<int, int>> m_pairs;
};

/// What is going to be computed with a model, as far as it is known beforehand.
struct Workload {
    ElementPairs pairs = {};
    /// Atoms of all evaluations together: to prepare for a few of them takes longer than it saves.
    double atoms = std::numeric_limits<double>::infinity();
};

} // namespace lodestone
