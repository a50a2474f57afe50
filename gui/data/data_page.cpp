#include "data/data_page.h"
#include "data/key_editor.h"
#include "data/reference_panel.h"
#include "shell/data_check.h"
#include "shell/theme.h"
#include "widgets/fill_column.h"
#include "widgets/plot.h"
#include "widgets/text_table.h"

#include <QtCore/QFileInfo>
#include <QtCore/QLocale>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QMenu>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QTableView>

namespace lodestone::gui {

namespace {

QLabel* caption(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    QFont font = label->font();
    font.setWeight(QFont::DemiBold);
    label->setFont(font);
    return label;
}

constexpr int importColumns = 9; ///< of the table of files

QString count(std::size_t value)
{
    return QLocale().toString(qulonglong(value));
}

} // namespace

DataPage::DataPage(Session& session, QWidget* parent) : Page(session, parent)
{
    m_sorted.setSourceModel(&m_frames);
    m_sorted.setSortRole(FrameTableModel::sortRole);

    auto* empty = new QLabel(tr("No data is open.\nOpen some with Ctrl+O, or drop files here."), this);
    empty->setAlignment(Qt::AlignCenter);
    empty->setForegroundRole(QPalette::PlaceholderText);

    auto* body = new QWidget(this);
    m_summary = new QLabel(body);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_keys = new KeyEditor(body);
    connect(m_keys, &KeyEditor::edited, &m_session, &Session::setKeys);

    auto* left = new QSplitter(Qt::Vertical, body);
    left->addWidget(makeTable());
    left->addWidget(makeFindings());
    left->setStretchFactor(0, 3);
    left->setStretchFactor(1, 1);
    left->setChildrenCollapsible(false);
    auto* halves = new QSplitter(Qt::Horizontal, body);
    halves->addWidget(left);
    halves->addWidget(makePlots());
    halves->setStretchFactor(0, 5);
    halves->setStretchFactor(1, 4);
    halves->setChildrenCollapsible(false);
    halves->setHandleWidth(12);

    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(16, 14, 16, 12);
    column->setSpacing(10);
    column->addWidget(m_summary);
    column->addWidget(caption(tr("Labels are read from"), body));
    column->addWidget(m_keys);
    column->addWidget(halves, 1);

    m_stack = new QStackedWidget(this);
    m_stack->addWidget(empty);
    m_stack->addWidget(body);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);

    connect(&m_frames, &FrameTableModel::exclusionRequested, this,
            [this](std::size_t frame, bool excluded) { m_session.setExcluded(frame, excluded); });
    connect(&m_session, &Session::dataChanged, this, &DataPage::showData);
    connect(&m_session, &Session::preflightChanged, this, &DataPage::showPreflight);
    connect(&m_session, &Session::excludedChanged, this, [this] {
        m_frames.setExcluded(m_session.excluded());
        showSummary();
    });
    connect(&m_session, &Session::frameChanged, this, &DataPage::showFrame);
    connect(&m_session.dataCheck(), &DataCheck::changed, this, [this] {
        m_references->show(m_session.dataCheck());
        if (m_session.dataCheck().facts() || !m_session.dataCheck().progress())
            showFindings();
    });
    if (m_session.data())
        showData();
}

QWidget* DataPage::makeTable()
{
    auto* holder = new QWidget(this);
    m_table = new QTableView(holder);
    m_table->setModel(&m_sorted);
    m_fill = new FillColumn(m_table, FrameTableModel::Source);
    m_table->setObjectName(QStringLiteral("frames"));
    m_table->setAccessibleName(tr("Frames"));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(FrameTableModel::Index, Qt::AscendingOrder);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    const auto action = [this](const QString& text, const QKeySequence& keys, auto slot) {
        auto* made = new QAction(text, m_table);
        made->setShortcut(keys);
        made->setShortcutContext(Qt::WidgetShortcut);
        connect(made, &QAction::triggered, this, slot);
        m_table->addAction(made);
    };
    action(tr("Leave out"), QKeySequence::Delete, [this] { excludeSelected(true); });
    action(tr("Take in"), QKeySequence(Qt::Key_Insert), [this] { excludeSelected(false); });
    action(tr("Copy as text"), QKeySequence::Copy, [this] { copySelected(); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& index) {
                if (!m_following && index.isValid())
                    m_session.setFrame(m_sorted.mapToSource(index).row());
            });

    auto* out = new QPushButton(tr("Leave out selected"), holder);
    connect(out, &QPushButton::clicked, this, [this] { excludeSelected(true); });
    out->setToolTip(tr("A run gets none of the frames that are chosen in the table"));
    auto* in = new QPushButton(tr("Take in selected"), holder);
    connect(in, &QPushButton::clicked, this, [this] { excludeSelected(false); });
    in->setToolTip(tr("A run gets the frames that are chosen in the table again"));
    auto* faulty = new QPushButton(tr("Leave out faulty"), holder);
    faulty->setToolTip(tr("Leaves out every frame in which the check found an error"));
    connect(faulty, &QPushButton::clicked, this, &DataPage::excludeFaulty);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(caption(tr("Frames"), holder));
    buttons->addStretch(1);
    for (QPushButton* button : {out, in, faulty})
        buttons->addWidget(button);
    auto* column = new QVBoxLayout(holder);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addLayout(buttons);
    column->addWidget(m_table, 1);
    return holder;
}

QWidget* DataPage::makeFindings()
{
    auto* holder = new QWidget(this);
    m_findings = new QListWidget(holder);
    m_findings->setAccessibleName(tr("Findings"));
    m_findings->setWordWrap(true);
    m_findings->setIconSize(QSize(18, 18));
    m_findings->setToolTip(tr("Choose a finding to select its frames in the table"));
    const auto chosen = [this](int row) {
        if (row >= 0 && row < int(m_findingFrames.size()))
            selectFrames(m_findingFrames[std::size_t(row)]);
    };
    connect(m_findings, &QListWidget::itemClicked, this,
            [this, chosen](QListWidgetItem* item) { chosen(m_findings->row(item)); });
    connect(m_findings, &QListWidget::itemActivated, this,
            [this, chosen](QListWidgetItem* item) { chosen(m_findings->row(item)); });
    m_imports = new TextTable(holder);
    m_imports->setObjectName(QStringLiteral("imports"));
    m_imports->setAccessibleName(tr("Files read"));
    m_imports->setFillColumn(importColumns - 1);
    auto* tabs = new QTabWidget(holder);
    tabs->setDocumentMode(true);
    tabs->addTab(m_findings, tr("Check before a run"));
    tabs->addTab(m_imports, tr("Files read"));
    m_references = new ReferencePanel(tabs);
    tabs->addTab(m_references, tr("Reference energies"));
    tabs->setTabToolTip(2, tr("How far the labelled energies are from the open model's, element by element"));
    tabs->setTabToolTip(1, tr("What was read of every file, and what was not"));
    auto* column = new QVBoxLayout(holder);
    column->setContentsMargins(0, 6, 0, 0);
    column->addWidget(tabs);
    return holder;
}

void DataPage::showData()
{
    const auto data = m_session.data();
    m_stack->setCurrentIndex(data ? 1 : 0);
    if (!data)
        return;
    m_frames.setRows({});
    showSummary();
    showFindings();
    showImports();
    for (Plot* plot : {m_energies, m_forces, m_moments, m_neighbours}) {
        plot->clear();
        plot->setPlaceholder(tr("Being counted…"));
    }
    m_job.start(
        this, [data](const Watch& watch) { return tabulate(*data, watch); },
        [this](FrameTable table) {
            m_keys->show(m_session.data()->keys, table.choices);
            m_frames.setRows(std::move(table.rows));
            m_frames.setExcluded(m_session.excluded());
            if (m_session.preflight())
                m_frames.setFindings(m_session.preflight()->findings);
            m_fill->fit();
            showFrame(m_session.frame());
        },
        [this](const QString& sentence) { Q_EMIT m_session.problem(key(), sentence); });
}

void DataPage::showSummary()
{
    const auto data = m_session.data();
    if (!data)
        return;
    const auto& excluded = m_session.excluded();
    const auto left = std::size_t(std::count(excluded.begin(), excluded.end(), true));
    QStringList parts{tr("Files: %1").arg(m_session.dataFiles().size()),
                      tr("frames: %1").arg(count(data->frames.size()))};
    if (left)
        parts << tr("left out: %1").arg(count(left));
    if (const auto report = m_session.preflight()) {
        parts << tr("atoms: %1").arg(count(report->atoms));
        const std::pair<QString, std::size_t> labels[] = {
            {tr("energies"), report->withEnergy},
            {tr("forces"), report->withForces},
            {tr("stresses"), report->withStress},
            {tr("moments"), report->withMoments},
            {tr("magnetic forces"), report->withMagneticForces}};
        QStringList with;
        for (const auto& [name, frames] : labels)
            if (frames)
                with << (frames == report->frames ? name : tr("%1 in %2 frames").arg(name, count(frames)));
        if (!with.isEmpty())
            parts << tr("labels: %1").arg(with.join(QStringLiteral(", ")));
    }
    m_summary->setText(parts.join(QStringLiteral("  ·  ")));
}

void DataPage::showPreflight()
{
    const auto report = m_session.preflight();
    if (!report)
        return;
    m_frames.setFindings(report->findings);
    m_fill->fit();
    showSummary();
    showFindings();
    showPlots(*report);
}

void DataPage::showFindings()
{
    m_findings->clear();
    m_findingFrames.clear();
    const auto add = [this](const QString& level, const QString& text,
                            const std::vector<std::size_t>& frames) {
        auto* item = new QListWidgetItem(severityIcon(level), text, m_findings);
        if (!frames.empty())
            item->setToolTip(tr("Frames: %1").arg(frames.size()));
        m_findingFrames.push_back(frames);
    };
    for (const QString& sentence : m_session.readProblems())
        add(QStringLiteral("error"), tr("Left out on reading: %1").arg(sentence), {});
    const auto report = m_session.preflight();
    if (!report) {
        add(QStringLiteral("info"), tr("The check is under way."), {});
        return;
    }
    std::vector<const Finding*> ordered;
    for (const Finding& finding : report->findings)
        ordered.push_back(&finding);
    std::stable_sort(ordered.begin(), ordered.end(), [](const Finding* a, const Finding* b) {
        return severityRank(a->level) > severityRank(b->level);
    });
    for (const Finding* finding : ordered)
        add(QString::fromStdString(finding->level), QString::fromStdString(finding->text), finding->frames);
    if (const auto& facts = m_session.dataCheck().facts())
        for (const QString& warning : facts->warnings)
            add(QStringLiteral("warning"), warning, {});
    if (m_findings->count() == 0)
        add(QStringLiteral("check"), tr("Nothing was found that speaks against a run."), {});
}

void DataPage::showImports()
{
    QList<QStringList> rows;
    for (const FileImport& import : m_session.data()->imports) {
        QStringList remarks;
        for (const auto* sentences : {&import.problems, &import.notes})
            for (const std::string& sentence : *sentences)
                remarks << QString::fromStdString(sentence);
        rows.push_back(
            {QFileInfo(QString::fromStdString(import.file.string())).fileName(), count(import.frames)});
        for (const std::size_t number : {import.atoms, import.energies, import.forces, import.stresses,
                                         import.moments, import.magneticForces})
            rows.back() << count(number);
        rows.back() << remarks.join(QLatin1Char(' '));
    }
    m_imports->setRows({tr("File"), tr("Frames"), tr("Atoms"), tr("Energies"), tr("Forces"), tr("Stresses"),
                        tr("Moments"), tr("Magnetic forces"), tr("Remarks")},
                       rows);
}

void DataPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_session.dataCheck().setWanted(this, true);
}

void DataPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_session.dataCheck().setWanted(this, false);
}

void DataPage::showFrame(int frame)
{
    if (frame < 0 || frame >= m_frames.rowCount())
        return;
    const QModelIndex index = m_sorted.mapFromSource(m_frames.index(frame, FrameTableModel::Index));
    if (m_table->currentIndex().row() == index.row())
        return;
    m_following = true;
    m_table->setCurrentIndex(index);
    m_following = false;
}

std::vector<std::size_t> DataPage::selectedFrames() const
{
    std::vector<std::size_t> frames;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        frames.push_back(std::size_t(m_sorted.mapToSource(index).row()));
    return frames;
}

void DataPage::selectFrames(const std::vector<std::size_t>& frames)
{
    QItemSelection selection;
    for (const std::size_t frame : frames)
        if (frame < std::size_t(m_frames.rowCount())) {
            const QModelIndex index = m_sorted.mapFromSource(m_frames.index(int(frame), 0));
            selection.select(index, index);
        }
    if (selection.isEmpty())
        return;
    const QModelIndex first = selection.indexes().front();
    m_table->selectionModel()->setCurrentIndex(first, QItemSelectionModel::NoUpdate);
    m_table->selectionModel()->select(selection,
                                      QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    m_table->scrollTo(first);
}

void DataPage::excludeSelected(bool excluded)
{
    std::vector<bool> flags = m_session.excluded();
    for (const std::size_t frame : selectedFrames())
        if (frame < flags.size())
            flags[frame] = excluded;
    m_session.setExcluded(flags);
}

void DataPage::excludeFaulty()
{
    const auto report = m_session.preflight();
    if (!report)
        return;
    std::vector<bool> flags = m_session.excluded();
    for (const Finding& finding : report->findings)
        if (finding.level == "error")
            for (const std::size_t frame : finding.frames)
                if (frame < flags.size())
                    flags[frame] = true;
    m_session.setExcluded(flags);
}

void DataPage::copySelected() const
{
    QStringList lines;
    QStringList titles;
    for (int column = 0; column < FrameTableModel::columns; ++column)
        titles << m_frames.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
    lines << titles.join(QLatin1Char('\t'));
    for (const QModelIndex& row : m_table->selectionModel()->selectedRows()) {
        QStringList cells;
        for (int column = 0; column < FrameTableModel::columns; ++column)
            cells << row.siblingAtColumn(column).data().toString();
        lines << cells.join(QLatin1Char('\t'));
    }
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

Page* makeDataPage(Session& session, QWidget* parent)
{
    return new DataPage(session, parent);
}

} // namespace lodestone::gui
