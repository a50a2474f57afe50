#pragma once
#include "base/json.h"
#include <map>
#include <optional>

namespace lodestone {

/// Errors of one quantity. Units of the quantity; energies per atom.
struct ErrorStatistics {
    double mae = 0;
    double rmse = 0;
    double largest = 0;
    std::size_t count = 0; ///< numbers compared (forces: components)
    /// Standard deviation of the labels, where they were added: R^2 = 1 - (rmse / spread)^2.
    std::optional<double> spread = {};
    void add(double difference); ///< accumulates sums; call finish() once
    void add(double difference, double label);
    void finish();

private:
    double m_mean = 0, m_squares = 0; // of the labels: Welford's sums
};

/// energy (eV/atom), forces (eV/Angstrom), stress (eV/Angstrom^3), moments (|m|, Bohr magneton),
/// "moments:magnetic" (label |m| > 0.1), "moments:Fe" per element, "moments:baseline" (mean |m| per element
/// of the training set), "moments:vector" (length of the difference of vectors), magnetic_forces (-dE/dm,
/// eV/Bohr magneton), "magnetic_forces:perpendicular" (their parts across the moment).
using Metrics = std::map<std::string, ErrorStatistics>;

Json toJson(const Metrics& metrics);
Metrics metricsFromJson(const Json& json);

} // namespace lodestone
