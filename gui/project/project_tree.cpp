#include "project/project_tree.h"
#include "shell/recent_files.h"
#include "shell/theme.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QUrl>
#include <QtGui/QClipboard>
#include <QtGui/QDesktopServices>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QMenu>

namespace lodestone::gui {

namespace {

constexpr int pathRole = Qt::UserRole;
constexpr int kindRole = Qt::UserRole + 1;

QTreeWidgetItem* makeFile(QTreeWidgetItem* parent, FileKind kind, const QString& path, const char* iconName,
                          bool open)
{
    auto* item = new QTreeWidgetItem(parent, {QFileInfo(path).fileName()});
    item->setIcon(0, icon(QLatin1String(iconName)));
    item->setToolTip(0, QDir::toNativeSeparators(path));
    item->setData(0, pathRole, path);
    item->setData(0, kindRole, int(kind));
    QFont font = item->font(0);
    font.setBold(open);
    item->setFont(0, font);
    return item;
}

QTreeWidgetItem* makeHint(QTreeWidgetItem* parent, const QString& text)
{
    auto* item = new QTreeWidgetItem(parent, {text});
    item->setFlags(Qt::NoItemFlags);
    return item;
}

void clearChildren(QTreeWidgetItem* item)
{
    qDeleteAll(item->takeChildren());
}

} // namespace

QString describeState(const RunSummary& run)
{
    const auto epoch =
        run.epochs > 0 ? ProjectTree::tr("epoch %1 of %2").arg(std::min(run.epoch + 1, run.epochs)).arg(run.epochs) : QString();
    if (run.state == "running")
        return epoch.isEmpty() ? ProjectTree::tr("running") : ProjectTree::tr("running, %1").arg(epoch);
    if (run.state == "paused")
        return epoch.isEmpty() ? ProjectTree::tr("paused") : ProjectTree::tr("paused, %1").arg(epoch);
    if (run.state == "finished")
        return ProjectTree::tr("finished");
    if (run.state == "stopped")
        return ProjectTree::tr("stopped");
    if (run.state == "failed")
        return ProjectTree::tr("failed");
    if (run.state == "interrupted")
        return ProjectTree::tr("interrupted");
    return ProjectTree::tr("not started");
}

QString stateIcon(const std::string& state)
{
    if (state == "running")
        return QStringLiteral("play");
    if (state == "paused")
        return QStringLiteral("pause");
    if (state == "finished")
        return QStringLiteral("check");
    if (state == "stopped")
        return QStringLiteral("stop");
    if (state == "failed")
        return QStringLiteral("error");
    return state == "interrupted" ? QStringLiteral("warning") : QStringLiteral("run");
}

ProjectTree::ProjectTree(Session& session, RecentFiles& recent, QWidget* parent)
    : QTreeWidget(parent),
      m_session(session),
      m_recent(recent)
{
    setColumnCount(2);
    setHeaderHidden(true);
    setFrameShape(QFrame::NoFrame);
    setIconSize(QSize(18, 18));
    setIndentation(14);
    setUniformRowHeights(true);
    setAccessibleName(tr("Project"));
    header()->setStretchLastSection(false);
    header()->setSectionResizeMode(0, QHeaderView::Stretch);
    header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    setContextMenuPolicy(Qt::CustomContextMenu);
    const auto group = [this](const QString& title) {
        auto* item = new QTreeWidgetItem(this, {title});
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
        item->setForeground(0, palette().color(QPalette::PlaceholderText));
        QFont font = item->font(0);
        font.setWeight(QFont::DemiBold);
        item->setFont(0, font);
        item->setExpanded(true);
        return item;
    };
    m_models = group(tr("Models"));
    m_data = group(tr("Data sets"));
    m_runs = group(tr("Runs"));
    makeHint(m_runs, tr("none yet"));
    fillFiles();

    connect(this, &QTreeWidget::itemActivated, this, &ProjectTree::openItem);
    connect(this, &QTreeWidget::customContextMenuRequested, this, &ProjectTree::showMenu);
    connect(&m_recent, &RecentFiles::changed, this, &ProjectTree::fillFiles);
    connect(&m_session, &Session::modelChanged, this, &ProjectTree::fillFiles);
    connect(&m_session, &Session::dataChanged, this, &ProjectTree::fillFiles);
    connect(&m_session, &Session::runChanged, this, &ProjectTree::readRuns);
    m_timer.setInterval(2000);
    connect(&m_timer, &QTimer::timeout, this, &ProjectTree::readRuns);
}

void ProjectTree::refresh()
{
    fillFiles();
    readRuns();
}

QStringList ProjectTree::runs() const
{
    QStringList folders;
    for (int i = 0; i < m_runs->childCount(); ++i)
        if (const QString path = m_runs->child(i)->data(0, pathRole).toString(); !path.isEmpty())
            folders << path;
    return folders;
}

void ProjectTree::fillFiles()
{
    clearChildren(m_models);
    clearChildren(m_data);
    const QString model = m_session.model() ? QString::fromStdString(m_session.model()->file) : QString();
    if (!model.isEmpty())
        makeFile(m_models, FileKind::Model, model, "model", true);
    for (const QString& path : m_recent.list(FileKind::Model))
        if (path != model)
            makeFile(m_models, FileKind::Model, path, "model", false);
    if (m_models->childCount() == 0)
        makeHint(m_models, tr("none yet"));

    const QStringList open = m_session.dataFiles();
    const auto frames = m_session.data() ? m_session.data()->frames.size() : 0;
    for (const QString& path : open)
        makeFile(m_data, FileKind::Data, path, "data", true)
            ->setText(1, open.size() > 1 ? QString()
                         : frames == 1   ? tr("1 frame")
                                         : tr("%1 frames").arg(frames));
    for (const QString& path : m_recent.list(FileKind::Data))
        if (!open.contains(path))
            makeFile(m_data, FileKind::Data, path, "data", false);
    if (m_data->childCount() == 0)
        makeHint(m_data, tr("none yet"));
}

void ProjectTree::readRuns()
{
    if (m_job.running())
        return;
    m_job.start(
        this,
        [folder = std::filesystem::path(m_session.runsFolder().toStdString())](const Watch&) {
            return std::filesystem::is_directory(folder) ? findRuns(folder) : std::vector<RunSummary>();
        },
        [this](std::vector<RunSummary> found) { fillRuns(found); },
        // An unreadable folder has no runs to show; starting a run there says why.
        [](const QString&) {});
}

void ProjectTree::fillRuns(const std::vector<RunSummary>& found)
{
    const QString open =
        m_session.run() ? QString::fromStdString(m_session.run()->paths().root.string()) : QString();
    struct Row {
        QString path, text, icon;
    };
    std::vector<Row> rows;
    bool seen = open.isEmpty();
    for (const RunSummary& run : found) {
        const QString path = QString::fromStdString(run.paths.root.string());
        seen = seen || path == open;
        rows.push_back({path, describeState(run), stateIcon(run.state)});
    }
    if (!seen) // opened from another folder
        rows.insert(rows.begin(), {open, tr("other folder"), stateIcon(m_session.run()->history().state)});

    // Rows are updated in place: the selection and the scroll position stay.
    while (m_runs->childCount() > int(rows.size()) || (m_runs->childCount() && !m_runs->child(0)->flags()))
        delete m_runs->takeChild(m_runs->childCount() - 1);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto* item = int(i) < m_runs->childCount() ? m_runs->child(int(i)) : new QTreeWidgetItem(m_runs);
        if (item->data(0, pathRole).toString() != rows[i].path || item->text(1) != rows[i].text) {
            item->setText(0, QFileInfo(rows[i].path).fileName());
            item->setToolTip(0, QDir::toNativeSeparators(rows[i].path));
            item->setData(0, pathRole, rows[i].path);
            item->setData(0, kindRole, int(FileKind::Run));
            item->setText(1, rows[i].text);
            item->setForeground(1, palette().color(QPalette::PlaceholderText));
            const bool coloured = rows[i].icon == QLatin1String("check") ||
                                  rows[i].icon == QLatin1String("error") ||
                                  rows[i].icon == QLatin1String("warning");
            item->setIcon(0, coloured ? severityIcon(rows[i].icon) : icon(rows[i].icon));
        }
        QFont font = item->font(0);
        font.setBold(rows[i].path == open);
        item->setFont(0, font);
    }
    if (rows.empty() && m_runs->childCount() == 0)
        makeHint(m_runs, tr("none yet"));
}

void ProjectTree::openItem(QTreeWidgetItem* item)
{
    const QString path = item->data(0, pathRole).toString();
    if (path.isEmpty())
        return;
    switch (FileKind(item->data(0, kindRole).toInt())) {
    case FileKind::Model:
        Q_EMIT modelRequested(path);
        break;
    case FileKind::Data:
        Q_EMIT dataRequested({path});
        break;
    case FileKind::Run:
        Q_EMIT runRequested(path);
        break;
    case FileKind::Unknown:
        break;
    }
}

void ProjectTree::showMenu(const QPoint& position)
{
    QTreeWidgetItem* item = itemAt(position);
    const QString path = item ? item->data(0, pathRole).toString() : QString();
    if (path.isEmpty())
        return;
    const auto kind = FileKind(item->data(0, kindRole).toInt());
    QMenu menu(this);
    menu.addAction(icon(QStringLiteral("open")), tr("Open"), this, [this, item] { openItem(item); });
    menu.addAction(icon(QStringLiteral("folder")), tr("Show the folder"), this, [path] {
        const QFileInfo info(path);
        QDesktopServices::openUrl(QUrl::fromLocalFile(info.isDir() ? path : info.absolutePath()));
    });
    menu.addAction(tr("Copy the path"), this, [path] { QGuiApplication::clipboard()->setText(path); });
    if (m_recent.list(kind).contains(path)) {
        menu.addSeparator();
        menu.addAction(tr("Remove from the recent files"), this,
                       [this, kind, path] { m_recent.remove(kind, path); });
    }
    menu.exec(viewport()->mapToGlobal(position));
}

void ProjectTree::showEvent(QShowEvent* event)
{
    QTreeWidget::showEvent(event);
    readRuns();
    m_timer.start();
}

void ProjectTree::hideEvent(QHideEvent* event)
{
    QTreeWidget::hideEvent(event);
    m_timer.stop();
}

} // namespace lodestone::gui
