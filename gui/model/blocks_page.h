#pragma once
#include "model/block_tree_model.h"
#include "shell/page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QTreeView;

namespace lodestone::gui {

class Banner;
class TensorInspector;

/// Which parameters may change: the model's tree with ticks, presets, a filter, and the sum in one sentence.
class BlocksPage : public Page {
    Q_OBJECT
public:
    explicit BlocksPage(Session& session, QWidget* parent = nullptr);
    QString key() const override { return QStringLiteral("blocks"); }
    QString title() const override { return tr("Blocks"); }
    QWidget* inspector() override;

private:
    void makeLayout();
    void showModel();
    void showSelection();
    void takePreset(int index);
    void tickShown(bool on);
    void showHeads();

    BlockTreeModel m_tree;
    BlockFilter m_filter;
    std::vector<std::vector<bool>> m_presets; ///< resolved for the model; empty where it selects nothing
    QStackedWidget* m_stack;
    Banner* m_limitation; ///< why the model can only be looked at
    QLabel *m_architecture, *m_sentence, *m_headLabel;
    QProgressBar* m_share;
    QComboBox *m_preset, *m_head;
    QLineEdit* m_pattern;
    QPushButton *m_tick, *m_untick;
    QTreeView* m_view;
    TensorInspector* m_inspector;
};

/// "38,112 of 707,569 parameters may change (5.4 %)".
QString selectionSentence(std::int64_t selected, std::int64_t parameters);

} // namespace lodestone::gui
