#pragma once
#include "shell/background_job.h"
#include "shell/page.h"
#include "sparsity/explanation_table.h"

class QComboBox;
class QLabel;
class QSlider;
class QStackedWidget;

namespace lodestone::gui {

class TensorView;

/// Which parameters changed, live or at an earlier moment of the run, down to single weights.
class SparsityPage : public Page {
    Q_OBJECT
public:
    explicit SparsityPage(Session& session, QWidget* parent = nullptr);
    QString key() const override { return QStringLiteral("sparsity"); }
    QString title() const override { return tr("Sparsity"); }

private:
    void refresh();
    void openCell(int row, int column);
    /// The description of the run's model: the session's if it is the same, else asked from the engine once.
    const ModelDescription* runModel();
    /// The map of the explanation that was read, or why there is none.
    void showExplanation(ExplanationQuantity quantity);
    /// Reads result/explanation.json of the run in view; where it is missing and `ask`, the engine makes it.
    void readExplanation(bool ask);
    std::set<int> elementsInData() const; ///< atomic numbers; empty until the open data have been checked

    std::optional<ModelDescription> m_described;
    std::string m_asked; ///< model file that the engine was asked about
    BackgroundJob m_reading;
    Json m_explanation;       ///< null: none read
    bool m_explained = false; ///< asked for or read for the run in view
    SparsityTable m_table;
    QStackedWidget* m_stack;
    TensorView* m_tensor;
    HeatMap* m_map;
    QComboBox *m_rows, *m_quantity;
    QSlider* m_time;
    QLabel *m_caption, *m_when;
    bool m_live = true;
};

} // namespace lodestone::gui
