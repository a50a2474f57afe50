#pragma once
#include "base/json.h"

#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <optional>
#include <set>
#include <vector>

namespace lodestone::gui {

class Session;

/// What the engine's check says of the open data with the open model: a run's cost, and how far the energies
/// are from the model's.
struct DataFacts {
    double secondsPerEpoch = 0;   ///< all frames, on this machine; NaN if it could not be measured
    double memory = 0;            ///< bytes, for batches of the default size; NaN likewise
    std::size_t frames = 0;       ///< that were read
    double referenceRms = 0;      ///< eV/atom between labels and model before the fit; NaN without energies
    double referenceRmsAfter = 0; ///< eV/atom after it
    std::size_t fittedFrames = 0; ///< that the fit was made on; 0 without one
    int rank = 0;                 ///< of the fit; < shifts.size(): compositions do not determine every shift
    std::vector<std::pair<QString, double>> shifts = {}; ///< symbol, eV/atom to add to the model's energy
    QStringList warnings = {};                           ///< what the fit says against a run, in sentences
};
DataFacts dataFactsFromJson(const Json& report);

/// Asks the engine what it says of the open data with the open model, when wanted: it takes the engine some
/// seconds, so it is asked while somebody looks and nothing else is going on.
class DataCheck : public QObject {
    Q_OBJECT
public:
    explicit DataCheck(Session& session);
    /// Whether `who` looks. When nobody does, a question in flight is cancelled.
    void setWanted(const QObject* who, bool wanted);
    /// Nothing while it is unknown; see problem() and progress().
    const std::optional<DataFacts>& facts() const { return m_facts; }
    QString problem() const { return m_problem; } ///< why it could not be found out
    std::optional<double> progress() const;       ///< 0..1 while the engine works on it

Q_SIGNALS:
    void changed();

private:
    void reconsider(); ///< something that the answer depends on may have changed
    void ask();
    Json question() const; ///< null if it cannot be asked

    Session& m_session;
    QTimer m_delay;
    Json m_asked; ///< what m_facts, m_problem or the question in flight belong to
    std::optional<DataFacts> m_facts;
    QString m_problem;
    double m_progress = 0;
    int m_request = -1;
    std::set<const QObject*> m_wanted;
};

} // namespace lodestone::gui
