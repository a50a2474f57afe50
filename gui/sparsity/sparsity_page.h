#pragma once
#include "shell/page.h"
#include "sparsity/sparsity_table.h"

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
    std::set<int> elementsInData() const; ///< atomic numbers; empty until the open data have been checked

    std::optional<ModelDescription> m_described;
    std::string m_asked; ///< model file that the engine was asked about
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
