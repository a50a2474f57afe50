#pragma once
#include "base/json.h"
#include <map>

namespace lodestone {

/// Errors of one quantity. Units of the quantity; energies per atom.
struct ErrorStatistics {
    double mae = 0;
    double rmse = 0;
    double largest = 0;
    std::size_t count = 0;       ///< numbers compared (forces: components)
    void add(double difference); ///< accumulates sums; call finish() once
    void finish();
};

/// energy (eV/atom), forces (eV/Angstrom), stress (eV/Angstrom^3), moments (|m|, Bohr magneton),
/// "moments:magnetic" (label |m| > 0.1), "moments:Fe" per element, "moments:baseline" (mean |m| per element
/// of the training set).
using Metrics = std::map<std::string, ErrorStatistics>;

Json toJson(const Metrics& metrics);
Metrics metricsFromJson(const Json& json);

} // namespace lodestone
