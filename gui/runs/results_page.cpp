#include "runs/results_page.h"
#include "engine/run_list.h"
#include "project/project_tree.h"
#include "runs/comparison_view.h"
#include "runs/parity_view.h"
#include "shell/open_files.h"
#include "widgets/plain_text.h"
#include "widgets/text_table.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QLocale>
#include <QtCore/QTimer>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QTableWidget>
#include <QtWidgets/QVBoxLayout>
#include <cmath>

namespace lodestone::gui {

namespace {

constexpr int folderRole = Qt::UserRole;
constexpr int mostAuditLooks = 300; // ten minutes; large models take minutes
constexpr int auditInterval = 2000; // ms between two looks whether a run has been audited

} // namespace

ResultsPage::ResultsPage(Session& session, QWidget* parent) : Page(session, parent)
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(makeList());

    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(4, 0, 0, 0);
    column->setSpacing(6);
    auto* head = new QHBoxLayout;
    m_name = new QLabel;
    m_name->setTextFormat(Qt::PlainText);
    QFont bold = font();
    bold.setBold(true);
    m_name->setFont(bold);
    m_exportModel = new QPushButton(tr("Export tuned &model…"));
    m_exportModel->setObjectName(QStringLiteral("exportModel"));
    m_exportModel->setToolTip(tr("Writes the base file with the tuned weights, in the format it came in."));
    m_exportDelta = new QPushButton(tr("Export &delta…"));
    m_exportDelta->setObjectName(QStringLiteral("exportDelta"));
    m_exportDelta->setToolTip(tr("Writes the changes alone: a small file that goes with the base model."));
    m_saveReport = new QPushButton(tr("Save &report…"));
    m_saveReport->setObjectName(QStringLiteral("saveReport"));
    m_saveReport->setToolTip(
        tr("One page with figures, tables and the commands that give its numbers again, as "
           "PDF or HTML."));
    head->addWidget(m_name, 1);
    head->addWidget(m_saveReport);
    head->addWidget(m_exportModel);
    head->addWidget(m_exportDelta);
    column->addLayout(head);
    m_sentence = new QLabel;
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setObjectName(QStringLiteral("sentence"));
    m_sentence->setWordWrap(true);
    column->addWidget(m_sentence);
    m_audit = new QLabel;
    m_audit->setObjectName(QStringLiteral("audit"));
    m_audit->setWordWrap(true);
    m_audit->setTextFormat(Qt::PlainText);
    m_audit->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_audit->hide();
    column->addWidget(m_audit);
    m_exportState = new QLabel;
    m_exportState->setTextFormat(Qt::PlainText);
    m_exportState->setObjectName(QStringLiteral("exportState"));
    m_exportState->setWordWrap(true);
    m_exportState->hide();
    column->addWidget(m_exportState);
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_parityView = new ParityView;
    m_tabs->addTab(m_parityView, tr("Parity"));
    auto* errorTab = new QWidget;
    auto* errorColumn = new QVBoxLayout(errorTab);
    errorColumn->setContentsMargins(0, 8, 0, 0);
    m_errors = new TextTable;
    m_errors->setObjectName(QStringLiteral("errors"));
    m_errors->setFillColumn(1);
    m_errors->setAccessibleName(tr("Errors of base and tuned model"));
    auto* copy = new QPushButton(tr("Copy table as text"));
    copy->setToolTip(tr("Chosen rows, or all of them, separated by tabs"));
    errorColumn->addWidget(m_errors, 1);
    errorColumn->addWidget(copy, 0, Qt::AlignRight);
    connect(copy, &QPushButton::clicked, m_errors, &TextTable::copy);
    m_tabs->addTab(errorTab, tr("Errors"));
    m_comparison = new ComparisonView;
    m_tabs->addTab(m_comparison, tr("Comparison"));
    column->addWidget(m_tabs, 1);
    splitter->addWidget(side);
    splitter->setStretchFactor(0, 0);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({430, 900});
    layout->addWidget(splitter);

    connect(m_exportModel, &QPushButton::clicked, this, [this] { askAndExport(false); });
    connect(m_exportDelta, &QPushButton::clicked, this, [this] { askAndExport(true); });
    connect(m_saveReport, &QPushButton::clicked, this, &ResultsPage::askAndReport);
    connect(&session, &Session::runChanged, this, &ResultsPage::runChanged);
    connect(&session, &Session::runUpdated, this, &ResultsPage::runUpdated);
    connect(&session, &Session::otherRunsChanged, this, &ResultsPage::refreshList);
    runChanged();
}

QWidget* ResultsPage::makeList()
{
    auto* side = new QWidget;
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 4, 0);
    m_list = new TextTable;
    m_list->setColumnCount(5);
    m_list->setObjectName(QStringLiteral("runs"));
    m_list->setAccessibleName(tr("Runs"));
    m_list->setHorizontalHeaderLabels(
        {tr("Run"), tr("State"), tr("Changed (%)"), tr("Forces (eV/Å)"), tr("Moments (μB)")});
    m_list->horizontalHeaderItem(2)->setToolTip(tr("Changed parameters / whole model"));
    m_list->horizontalHeaderItem(3)->setToolTip(tr("Validation MAE of forces (eV/Å)"));
    m_list->horizontalHeaderItem(4)->setToolTip(tr("Validation MAE of moments |m| (μB)"));
    m_list->setAlternatingRowColors(false);
    m_list->setSelectionMode(QAbstractItemView::SingleSelection);
    m_list->setToolTip(tr("Choose a run to see its results; tick several to compare them."));
    column->addWidget(m_list, 1);
    m_listState = new QLabel;
    m_listState->setTextFormat(Qt::PlainText);
    m_listState->setWordWrap(true);
    column->addWidget(m_listState);
    auto* bar = new QHBoxLayout;
    auto* again = new QPushButton(tr("Read again"));
    again->setToolTip(tr("Looks for runs in the folder of runs again."));
    auto* other = new QPushButton(tr("Open run folder…"));
    other->setToolTip(tr("Adds a run that lies in another folder to the list and shows it."));
    bar->addWidget(again);
    bar->addWidget(other);
    column->addLayout(bar);
    connect(again, &QPushButton::clicked, this, &ResultsPage::refreshList);
    connect(other, &QPushButton::clicked, this, [this] {
        const QString folder =
            QFileDialog::getExistingDirectory(this, tr("Open a run"), m_session.runsFolder());
        if (!folder.isEmpty())
            m_session.openRun(folder);
    });
    connect(m_list, &QTableWidget::currentCellChanged, this, [this](int row) {
        if (!m_filling && row >= 0)
            m_session.openRun(m_list->item(row, 0)->data(folderRole).toString());
    });
    // A click on the row that is current already changes no cell, but may mean a run that is not in view.
    connect(m_list, &QTableWidget::cellClicked, this, [this](int row, int column) {
        const QString folder = m_list->item(row, 0)->data(folderRole).toString();
        const RunWatcher* run = m_session.run();
        if (column > 0 && !(run && QString::fromStdString(run->paths().root.string()) == folder))
            m_session.openRun(folder);
    });
    connect(m_list, &QTableWidget::itemChanged, this, [this](QTableWidgetItem* item) {
        if (!m_filling && item->column() == 0)
            compare();
    });
    side->setMinimumWidth(260);
    return side;
}

void ResultsPage::refreshList()
{
    std::vector<std::filesystem::path> others;
    for (const QString& other : m_session.otherRuns())
        others.emplace_back(other.toStdString());
    m_listing.start(
        this,
        [folder = m_session.runsFolder().toStdString(), others](const Watch& watch) {
            std::vector<RunReport> reports;
            for (const RunSummary& run : listRuns(folder, others)) {
                watch.report(0);
                try {
                    reports.push_back(readRunReport(run.paths.root, false, watch));
                } catch (const Stopped&) {
                    throw;
                } catch (const std::exception&) {
                    reports.push_back({}); // a damaged result does not hide the run
                    reports.back().summary = run;
                }
            }
            return reports;
        },
        [this](std::vector<RunReport> reports) { showList(reports); },
        [this](const QString& sentence) { m_listState->setText(sentence); });
}

void ResultsPage::showList(const std::vector<RunReport>& reports)
{
    m_filling = true;
    QStringList ticked;
    for (int row = 0; row < m_list->rowCount(); ++row)
        if (m_list->item(row, 0)->checkState() == Qt::Checked)
            ticked << m_list->item(row, 0)->data(folderRole).toString();
    m_list->setRowCount(int(reports.size()));
    const QString current =
        m_session.run() ? QString::fromStdString(m_session.run()->paths().root.string()) : QString();
    for (int row = 0; row < int(reports.size()); ++row) {
        const RunReport& report = reports[std::size_t(row)];
        const QString folder = QString::fromStdString(report.summary.paths.root.string());
        double share = std::nan("");
        if (report.parameters > 0)
            share = 100.0 * double(report.changed) / double(report.parameters);
        else if (report.summary.changedOfModel)
            share = 100 * *report.summary.changedOfModel;
        const QStringList texts = {QString::fromStdString(report.summary.name), describeState(report.summary),
                                   std::isfinite(share) ? QLocale().toString(share, 'f', 2)
                                                        : errorText(share),
                                   errorText(report.error("validation", "forces")),
                                   errorText(report.error("validation", "moments"))};
        for (int column = 0; column < texts.size(); ++column) {
            auto* item = new QTableWidgetItem(texts[column]);
            if (column > 1)
                item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_list->setItem(row, column, item);
        }
        QTableWidgetItem* first = m_list->item(row, 0);
        first->setData(folderRole, folder);
        first->setToolTip(asPlainText(folder));
        first->setFlags(first->flags() | Qt::ItemIsUserCheckable);
        first->setCheckState(ticked.contains(folder) ? Qt::Checked : Qt::Unchecked);
        if (folder == current)
            m_list->setCurrentCell(row, 0);
    }
    if (current.isEmpty()) // a highlighted row would say that its results are the ones in view
        m_list->setCurrentCell(-1, -1);
    m_list->fit();
    m_listState->setText(reports.empty() ? tr("There are no runs in %1 yet.").arg(m_session.runsFolder())
                         : reports.size() == 1 ? tr("1 run")
                                               : tr("%1 runs").arg(reports.size()));
    m_filling = false;
}

void ResultsPage::runChanged()
{
    m_report = {};
    m_parity = {};
    m_state.clear();
    m_evaluations = 0;
    m_auditLooks = 0;
    m_exportState->hide();
    showReport();
    showParity();
    refreshList();
    if (m_session.run())
        readResult();
}

void ResultsPage::runUpdated()
{
    const RunHistory& history = m_session.run()->history();
    if (history.state == m_state && history.evaluations.size() == m_evaluations)
        return;
    if (history.state != m_state)
        refreshList();
    m_state = history.state;
    m_evaluations = history.evaluations.size();
    readResult();
}

void ResultsPage::readResult()
{
    struct Result {
        RunReport report;
        Parity parity;
    };
    const RunPaths paths = m_session.run()->paths();
    m_reading.start(
        this,
        [paths](const Watch& watch) {
            return Result{readRunReport(paths.root, false, watch), readParity(paths, 20000, watch)};
        },
        [this, paths](Result result) {
            if (!m_session.run() || m_session.run()->paths().root != paths.root)
                return; // closed or changed while its files were read
            m_report = std::move(result.report);
            if (m_report.tuned.empty()) { // no result yet: what the events have told so far
                RunReport live = reportFromHistory(m_session.run()->history());
                live.summary = m_report.summary;
                live.method = m_report.method;
                live.model = m_report.model;
                m_report = std::move(live);
            }
            m_parity = std::move(result.parity);
            showReport();
            showParity();
            awaitAudit();
        },
        [this](const QString& sentence) { Q_EMIT m_session.problem(key(), sentence); });
}

/// The engine audits a run after it has said that it finished and has let go of its folder: nothing tells
/// whether it still will.
void ResultsPage::awaitAudit()
{
    const RunWatcher* run = m_session.run();
    if (!run || run->history().state != "finished" || !m_report.audit.empty() ||
        m_auditLooks > mostAuditLooks)
        return;
    ++m_auditLooks;
    QTimer::singleShot(auditInterval, this, [this, paths = run->paths()] {
        if (!m_session.run() || m_session.run()->paths().root != paths.root)
            return;
        std::error_code unreadable;
        if (std::filesystem::exists(paths.audit(), unreadable))
            readResult();
        else
            awaitAudit();
    });
}

void ResultsPage::showReport()
{
    const RunWatcher* run = m_session.run();
    m_name->setText(run ? QString::fromStdString(run->paths().root.filename().string())
                        : tr("No run in view"));
    std::error_code unreadable; // another user's folder, a vanished network drive: simply no result
    const bool result = run && std::filesystem::exists(run->paths().delta(), unreadable);
    m_exportModel->setEnabled(result);
    m_exportDelta->setEnabled(result);
    m_saveReport->setEnabled(result);
    const QLocale locale;
    if (!run)
        m_sentence->setText(tr("Choose a run in the list, or start one on the Training page."));
    else if (m_report.parameters > 0)
        m_sentence->setText(
            tr("%1: %2 of %3 eligible parameters changed (%4 % changed / eligible, %5 % changed / whole "
               "model of %6).")
                .arg(m_report.method.empty() ? tr("Run") : QString::fromStdString(m_report.method),
                     locale.toString(qlonglong(m_report.changed)),
                     locale.toString(qlonglong(m_report.eligible)),
                     locale.toString(100.0 * double(m_report.changed) /
                                         double(std::max<std::int64_t>(1, m_report.eligible)),
                                     'f', 2),
                     locale.toString(100.0 * double(m_report.changed) / double(m_report.parameters), 'f', 2),
                     locale.toString(qlonglong(m_report.parameters))));
    else
        m_sentence->setText(tr("The run has no result yet."));
    m_audit->setText(auditSentence(m_report.audit));
    m_audit->setVisible(!m_audit->text().isEmpty());
    QStringList checks;
    for (const AuditVerdict& verdict : m_report.audit)
        checks << QString::fromStdString(verdict.text);
    m_audit->setToolTip(asPlainText(checks.join(QLatin1Char('\n'))));
    QList<QStringList> rows;
    for (const ErrorRow& row : errorRows(m_report)) {
        const double nothing = std::nan("");
        const bool comparable = row.hasBase && row.base.mae > 0 && row.tuned.mae > 0;
        const double factor = comparable ? row.base.mae / row.tuned.mae : nothing;
        rows << QStringList{splitName(row.split),
                            quantityName(row.quantity),
                            quantityUnit(row.quantity),
                            errorText(row.hasBase ? row.base.mae : nothing),
                            errorText(row.tuned.mae),
                            std::isfinite(factor) ? QStringLiteral("%1 ×").arg(factor, 0, 'f', 2)
                                                  : errorText(factor),
                            errorText(row.hasBase ? row.base.rmse : nothing),
                            errorText(row.tuned.rmse),
                            errorText(row.tuned.largest),
                            QString::number(row.tuned.count)};
    }
    m_errors->setRows({tr("Frames"), tr("Quantity"), tr("Unit"), tr("MAE base"), tr("MAE tuned"),
                       tr("Improvement"), tr("RMSE base"), tr("RMSE tuned"), tr("Largest"), tr("Numbers")},
                      rows);
    const QString tips[] = {
        tr("Part of the data: training, validation or test frames"),
        {},
        {},
        tr("Mean absolute error of the unchanged model, with the run's reference energies"),
        tr("Mean absolute error of the tuned model"),
        tr("How many times smaller the tuned model's mean absolute error is"),
        tr("Root mean square error of the unchanged model"),
        tr("Root mean square error of the tuned model"),
        tr("Largest error of the tuned model"),
        tr("Labelled numbers that were compared: a force has three")};
    for (int column = 0; column < m_errors->columnCount(); ++column)
        m_errors->horizontalHeaderItem(column)->setToolTip(tips[column]);
}

void ResultsPage::showParity()
{
    m_parityView->setParity(m_parity,
                            !m_session.run() ? tr("No run is open.")
                            : m_session.run()->active()
                                ? tr("The parity plots come with the run's result.")
                                : tr("The run has left no predictions, so there is nothing to compare."));
}

void ResultsPage::compare()
{
    std::vector<std::filesystem::path> folders;
    for (int row = 0; row < m_list->rowCount(); ++row)
        if (m_list->item(row, 0)->checkState() == Qt::Checked)
            folders.push_back(m_list->item(row, 0)->data(folderRole).toString().toStdString());
    m_comparing.start(
        this,
        [folders](const Watch& watch) {
            std::vector<RunReport> reports;
            for (const auto& folder : folders)
                reports.push_back(readRunReport(folder, true, watch));
            return reports;
        },
        [this](std::vector<RunReport> reports) {
            if (reports.size() > 1)
                m_tabs->setCurrentWidget(m_comparison);
            m_comparison->setReports(std::move(reports));
        },
        [this](const QString& sentence) { Q_EMIT m_session.problem(key(), sentence); });
}

void ResultsPage::askAndExport(bool delta)
{
    // The engine tells a delta from a model by the ending, so the ending must be there. A model is written in
    // the format that its base came in.
    const QString ending =
        delta ? QStringLiteral(".delta.h5") : modelEnding(QString::fromStdString(m_report.model));
    QString file =
        QFileDialog::getSaveFileName(this, delta ? tr("Export the delta") : tr("Export the tuned model"),
                                     QDir(m_exportFolder).filePath(m_name->text() + ending),
                                     (delta ? tr("Delta (*%1)") : tr("Model (*%1)")).arg(ending));
    if (file.isEmpty())
        return;
    m_exportFolder = QFileInfo(file).absolutePath();
    if (!file.endsWith(ending)) {
        file += ending;
        if (QFileInfo::exists(file) &&
            QMessageBox::question(this, tr("Export"), asPlainText(tr("%1 exists. Replace it?").arg(file))) !=
                QMessageBox::Yes)
            return;
    }
    exportModel(file);
}

void ResultsPage::exportModel(const QString& path)
{
    if (!m_session.run()) {
        Q_EMIT m_session.problem(key(), tr("Open a run before exporting."));
        return;
    }
    Q_EMIT m_session.problem(key(), QString());
    m_exportState->setText(tr("Writing %1…").arg(path));
    m_exportState->show();
    m_session.engine().request(QStringLiteral("export"),
                               {{"run", m_session.run()->paths().root.string()},
                                {"out", QFileInfo(path).absoluteFilePath().toStdString()}},
                               this, [this, path](const EngineClient::Reply& reply) {
                                   m_exportState->hide();
                                   if (!reply.error.isEmpty()) {
                                       Q_EMIT m_session.problem(key(), reply.error);
                                   } else if (!reply.stopped) {
                                       m_exportState->setText(tr("Written: %1").arg(path));
                                       m_exportState->show();
                                       Q_EMIT m_session.notice(tr("Written: %1").arg(path));
                                       Q_EMIT exported(path);
                                   }
                               });
}

Page* makeResultsPage(Session& session, QWidget* parent)
{
    return new ResultsPage(session, parent);
}

} // namespace lodestone::gui
