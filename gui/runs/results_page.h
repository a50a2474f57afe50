#pragma once
#include "runs/run_results.h"
#include "shell/background_job.h"
#include "shell/page.h"

#include <QtCore/QDir>

class QLabel;
class QPushButton;
class QTableWidget;
class QTabWidget;

namespace lodestone::gui {

class ComparisonView;
class FillColumn;
class ParityView;
class TextTable;

/// What runs have come to: parity plots, error tables, comparison, export.
class ResultsPage : public Page {
    Q_OBJECT
public:
    explicit ResultsPage(Session& session, QWidget* parent = nullptr);
    QString key() const override { return QStringLiteral("results"); }
    QString title() const override { return tr("Results"); }

    /// Writes the tuned model, or the delta if the name ends in .delta.h5, through the engine; `exported` or
    /// Session::problem tells how it went.
    void exportModel(const QString& path);
    /// Writes the report of the run in view, as PDF if the name ends in .pdf, else as HTML; the engine makes
    /// it, and first whatever it lacks. `reported` or Session::problem tells how it went.
    void saveReport(const QString& path);
    /// Reads the folder of runs again.
    void refreshList();

Q_SIGNALS:
    void exported(const QString& path);
    void reported(const QString& path);

private:
    QWidget* makeList();
    void runChanged();
    void runUpdated();
    void readResult();
    void awaitAudit();
    void showList(const std::vector<RunReport>& reports);
    void showReport();
    void showParity();
    void compare();
    void askAndExport(bool delta);
    void askAndReport();
    void reportWritten(const QString& path);

    BackgroundJob m_listing, m_reading, m_comparing, m_printing;
    RunReport m_report;
    Parity m_parity;
    std::string m_state; ///< of the run in view when it was read
    std::size_t m_evaluations = 0;
    int m_auditLooks = 0; ///< for the audit of the run in view
    bool m_filling = false;
    QString m_exportFolder = QDir::homePath(); ///< of the last export
    TextTable* m_list;
    QTabWidget* m_tabs;
    QLabel *m_name, *m_sentence, *m_audit, *m_exportState, *m_listState;
    QPushButton *m_exportModel, *m_exportDelta, *m_saveReport;
    TextTable* m_errors;
    ParityView* m_parityView;
    ComparisonView* m_comparison;
};

} // namespace lodestone::gui
