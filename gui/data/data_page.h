#pragma once
#include "data/frame_table_model.h"
#include "shell/background_job.h"
#include "shell/page.h"

#include <QtCore/QSortFilterProxyModel>

class QLabel;
class QListWidget;
class QStackedWidget;
class QTableView;

namespace lodestone::gui {

class FillColumn;
class KeyEditor;
class Plot;
class ReferencePanel;
class TextTable;

/// The frames as a table, the label mapping, what the check before a run found, and the data's distributions.
class DataPage : public Page {
    Q_OBJECT
public:
    explicit DataPage(Session& session, QWidget* parent = nullptr);
    QString key() const override { return QStringLiteral("data"); }
    QString title() const override { return tr("Data"); }

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QWidget* makeTable();
    QWidget* makeFindings();
    QWidget* makePlots();
    void showData();
    void showSummary();
    void showPreflight();
    void showFindings();
    void showImports();
    void showPlots(const PreflightReport& report);
    void showFrame(int frame);
    void excludeSelected(bool excluded);
    void excludeFaulty();
    void selectFrames(const std::vector<std::size_t>& frames);
    std::vector<std::size_t> selectedFrames() const;
    void copySelected() const;

    FrameTableModel m_frames;
    QSortFilterProxyModel m_sorted;
    BackgroundJob m_job;
    std::vector<std::vector<std::size_t>> m_findingFrames;
    bool m_following = false; ///< the table is being moved to the session's frame
    QStackedWidget* m_stack;
    QLabel* m_summary;
    KeyEditor* m_keys;
    QTableView* m_table;
    FillColumn* m_fill;
    QListWidget* m_findings;
    TextTable* m_imports;
    ReferencePanel* m_references;
    Plot *m_energies, *m_forces, *m_moments, *m_neighbours;
};

} // namespace lodestone::gui
