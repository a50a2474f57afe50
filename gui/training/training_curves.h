#pragma once
#include "engine/run_watcher.h"

#include <QtWidgets/QWidget>
#include <map>

class QComboBox;
class QGridLayout;
class QSlider;

namespace lodestone::gui {

class Plot;

/// The live curves of one run: loss parts, validation MAE of each target with the base model as a dashed
/// line, learning rate, threshold and changed fractions. Curves that are settings or counts (learning rate,
/// threshold, fractions) and evaluations are never smoothed.
class TrainingCurves : public QWidget {
    Q_OBJECT
public:
    explicit TrainingCurves(QWidget* parent = nullptr);
    void setHistory(const RunHistory* history); ///< null: no run. Only read during the call.
    /// "loss", "energy", "forces", "stress", "moments", "learning_rate", "threshold", "changed".
    Plot* plot(const std::string& key) const;

Q_SIGNALS:
    void settingsChanged(); ///< axis or smoothing: setHistory should be called again

private:
    void fillLoss(const RunHistory& history, const std::vector<double>& x);
    bool fillErrors(const RunHistory& history, const std::string& quantity, double lastX);
    void arrange(const std::vector<std::string>& keys);

    QComboBox *m_axis, *m_scale;
    QSlider* m_smoothing;
    QGridLayout* m_grid;
    std::map<std::string, Plot*> m_plots;
    std::vector<std::string> m_shown;
};

} // namespace lodestone::gui
