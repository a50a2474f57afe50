#pragma once
#include "run/config.h"

#include <QtWidgets/QWidget>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QSpinBox;

namespace lodestone::gui {

class RealEdit;

/// Which labels the open data have; a target without labels cannot be chosen.
struct AvailableLabels {
    std::size_t frames = 0, energy = 0, forces = 0, stress = 0, moments = 0, magneticForces = 0;
};

/// All settings of a run except its files and blocks, in groups. Every field explains itself (tooltip and
/// "What's this?").
class ConfigForm : public QWidget {
    Q_OBJECT
public:
    explicit ConfigForm(QWidget* parent = nullptr);
    void setConfig(const RunConfig& config);
    /// The settings on the form on top of those it does not show (files, blocks, isolated energies), which
    /// are as in setConfig.
    RunConfig config() const;
    void setLabels(const AvailableLabels& labels);
    /// Sentences on fields whose text is no valid value.
    QStringList problems() const;

Q_SIGNALS:
    void changed();

private:
    QFormLayout* group(const QString& title);
    template<class Field>
    Field* add(QFormLayout* form, const QString& name, const QString& label, Field* field,
               const QString& explanation);
    RealEdit* addReal(QFormLayout* form, const QString& name, const QString& label, double least, double most,
                      const QString& explanation);
    QSpinBox* addInteger(QFormLayout* form, const QString& name, const QString& label, int least, int most,
                         const QString& explanation);
    QComboBox* addChoice(QFormLayout* form, const QString& name, const QString& label,
                         const QList<QPair<QString, QString>>& choices, const QString& explanation);
    void buildMethod();
    void buildTargets();
    void buildOptimiser();
    void buildData();
    void buildReplay();
    void buildAdvanced();
    void connectHead();  ///< head and weights of moments belong together
    void followMethod(); ///< the optimiser that goes with the method
    void followPreset(); ///< the start of deltas that goes with a target
    void follow();       ///< enables fields by what other fields say
    void edited();

    RunConfig m_base;
    AvailableLabels m_labels;
    bool m_filling = false;
    std::vector<std::pair<QString, RealEdit*>> m_reals;
    QComboBox *m_kind, *m_preset, *m_loss, *m_reference, *m_head, *m_optimiser, *m_device, *m_dtype,
        *m_schedule;
    bool m_sigmaOfTarget = false; ///< what the start of deltas was last made for
    std::string m_optimiserOf;    ///< the method whose usual optimiser the fields began with
    RealEdit *m_targetFraction, *m_sigma, *m_threshold, *m_thresholdDecay, *m_thresholdRate, *m_deltaDecay,
        *m_lambda, *m_alpha, *m_replayWeight, *m_magneticForces;
    RealEdit *m_energy, *m_forces, *m_stress, *m_moments, *m_lossDelta;
    RealEdit *m_learningRate, *m_clip, *m_weightDecay, *m_ema, *m_validation, *m_checkpoint;
    QSpinBox *m_epochs, *m_warmup, *m_maxEdges, *m_maxFrames, *m_splitSeed, *m_maxTrain, *m_maxValidation,
        *m_patience, *m_seed, *m_rank, *m_replayFrames, *m_forgetting;
    QCheckBox *m_perPath, *m_perAtom, *m_replay, *m_perpendicular;
    QLabel* m_labelSentence;
};

} // namespace lodestone::gui
