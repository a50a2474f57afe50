#pragma once
#include "shell/session.h"

#include <QtCore/QTimer>

namespace lodestone::gui {

/// What the engine's check says of a run's cost and of the data's energies.
struct TrainingCost {
    double secondsPerEpoch = 0;   ///< all frames, on this machine; NaN if it could not be measured
    double memory = 0;            ///< bytes, for batches of the default size; NaN likewise
    std::size_t frames = 0;       ///< that were read
    double referenceRms = 0;      ///< eV/atom between labels and model before the fit; NaN without energies
    double referenceRmsAfter = 0; ///< eV/atom after it
};
TrainingCost trainingCostFromJson(const Json& report);

/// "Expected: about 12 s an epoch, 10 min 00 s for 50 epochs; 0.6 GiB of memory." and, where it matters, a
/// sentence on reference energies. `kept`: frames that are not left out.
QString costSentence(const TrainingCost& cost, const RunConfig& config, std::size_t kept);

/// Asks the engine for the cost of training on the open data with the open model, when wanted: it takes the
/// engine some seconds, so it is asked while somebody looks and nothing else is going on.
class CostEstimate : public QObject {
    Q_OBJECT
public:
    CostEstimate(Session& session, QObject* parent);
    /// Whether somebody looks. Looking away cancels a question in flight.
    void setWanted(bool wanted);
    /// Nothing while it is unknown; see note().
    const std::optional<TrainingCost>& cost() const { return m_cost; }
    QString note() const; ///< why there is no number (yet); empty if there is nothing to say

Q_SIGNALS:
    void changed();

private:
    void reconsider(); ///< something that the answer depends on may have changed
    void ask();
    Json question() const; ///< null if it cannot be asked

    Session& m_session;
    QTimer m_delay;
    Json m_asked; ///< what m_cost, m_problem or the question in flight belong to
    std::optional<TrainingCost> m_cost;
    QString m_problem;
    double m_progress = 0;
    int m_request = -1;
    bool m_wanted = false;
};

} // namespace lodestone::gui
