#include "project/project_tree.h"
#include "engine/run_list.h"
#include "shell/recent_files.h"
#include "shell/theme.h"
#include "widgets/plain_text.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QUrl>
#include <QtGui/QClipboard>
#include <QtGui/QDesktopServices>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QMenu>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QTreeWidgetItemIterator>

namespace lodestone::gui {

namespace {

constexpr int pathRole = Qt::UserRole;
constexpr int kindRole = Qt::UserRole + 1;

QTreeWidgetItem* makeFile(QTreeWidgetItem* parent, FileKind kind, const QString& path, const char* iconName,
                          bool open)
{
    auto* item = new QTreeWidgetItem(parent, {QFileInfo(path).fileName()});
    item->setIcon(0, icon(QLatin1String(iconName)));
    item->setToolTip(0, asPlainText(QDir::toNativeSeparators(path)));
    item->setData(0, pathRole, path);
    item->setData(0, kindRole, int(kind));
    QFont font = item->font(0);
    font.setBold(open);
    item->setFont(0, font);
    item->setFirstColumnSpanned(true); // nothing stands beside the name
    return item;
}

QTreeWidgetItem* makeHint(QTreeWidgetItem* parent, const QString& text)
{
    auto* item = new QTreeWidgetItem(parent, {text});
    item->setFlags(Qt::NoItemFlags);
    item->setFirstColumnSpanned(true);
    return item;
}

void clearChildren(QTreeWidgetItem* item)
{
    qDeleteAll(item->takeChildren());
}

} // namespace

namespace {

QString epochText(const RunSummary& run)
{
    return run.epochs > 0
               ? ProjectTree::tr("epoch %1 of %2").arg(std::min(run.epoch + 1, run.epochs)).arg(run.epochs)
               : QString();
}

} // namespace

QString shortState(const RunSummary& run)
{
    const QString epoch = run.state == "running" || run.state == "paused" ? epochText(run) : QString();
    return epoch.isEmpty() ? describeState(run) : epoch;
}

QString describeState(const RunSummary& run)
{
    const bool goesOn = run.state == "running" || run.state == "paused";
    const QString epoch = goesOn ? epochText(run) : QString();
    if (run.state == "queued" && run.job && !run.job->reason.empty())
        return ProjectTree::tr("waiting in the queue (%1)").arg(QString::fromStdString(run.job->reason));
    return epoch.isEmpty() ? stateText(run.state)
                           : ProjectTree::tr("%1, %2").arg(stateText(run.state), epoch);
}

QString stateText(const std::string& state)
{
    if (state == "running")
        return ProjectTree::tr("running");
    if (state == "paused")
        return ProjectTree::tr("paused");
    if (state == "finished")
        return ProjectTree::tr("finished");
    if (state == "stopped")
        return ProjectTree::tr("stopped");
    if (state == "failed")
        return ProjectTree::tr("failed");
    if (state == "interrupted")
        return ProjectTree::tr("interrupted");
    if (state == "queued")
        return ProjectTree::tr("in the queue");
    if (state == "starting")
        return ProjectTree::tr("starting");
    if (state == "newer")
        return ProjectTree::tr("of a newer version");
    return ProjectTree::tr("not started");
}

QString stateIcon(const std::string& state)
{
    if (state == "running")
        return QStringLiteral("play");
    if (state == "paused" || state == "queued")
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
    setTextElideMode(Qt::ElideMiddle); // both ends of a file's name tell: what it is and of which kind
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
        item->setFirstColumnSpanned(true);
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
    connect(&m_session, &Session::otherRunsChanged, this, &ProjectTree::readRuns);
    m_timer.setInterval(2000);
    connect(&m_timer, &QTimer::timeout, this, &ProjectTree::readRuns);
}

int ProjectTree::widthWithoutShortening() const
{
    int names = 0, states = 0, alone = 0;
    for (QTreeWidgetItemIterator it(const_cast<ProjectTree*>(this)); *it; ++it) {
        const QTreeWidgetItem* item = *it;
        const int name =
            indentation() * (item->parent() ? 2 : 1) + sizeHintForIndex(indexFromItem(item, 0)).width();
        if (item->isFirstColumnSpanned()) {
            alone = std::max(alone, name);
            continue;
        }
        names = std::max(names, name);
        states = std::max(states, sizeHintForIndex(indexFromItem(item, 1)).width());
    }
    // The header gives the states no less than its own smallest section.
    states = std::max(states, header()->minimumSectionSize());
    return std::max(names + states, alone) + 2 * frameWidth() + verticalScrollBar()->sizeHint().width();
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
    for (const QString& path : open) {
        auto* item = makeFile(m_data, FileKind::Data, path, "data", true);
        if (open.size() > 1)
            continue;
        item->setText(1, frames == 1 ? tr("1 frame") : tr("%1 frames").arg(frames));
        item->setForeground(1, palette().color(QPalette::PlaceholderText));
        item->setFirstColumnSpanned(false);
    }
    for (const QString& path : m_recent.list(FileKind::Data))
        if (!open.contains(path))
            makeFile(m_data, FileKind::Data, path, "data", false);
    if (m_data->childCount() == 0)
        makeHint(m_data, tr("none yet"));
    Q_EMIT contentsChanged();
}

void ProjectTree::readRuns()
{
    if (m_job.running())
        return;
    std::vector<std::filesystem::path> others;
    for (const QString& other : m_session.otherRuns())
        others.emplace_back(other.toStdString());
    m_job.start(
        this,
        [folder = std::filesystem::path(m_session.runsFolder().toStdString()), others](const Watch&) {
            return listRuns(folder, others);
        },
        [this](std::vector<RunSummary> found) {
            m_session.followJobs(found);
            fillRuns(found);
        },
        [](const QString&) {});
}

void ProjectTree::fillRuns(const std::vector<RunSummary>& found)
{
    const QString open =
        m_session.run() ? QString::fromStdString(m_session.run()->paths().root.string()) : QString();
    bool changed = false;
    // Rows are updated in place: the selection and the scroll position stay.
    while (m_runs->childCount() > int(found.size()) || (m_runs->childCount() && !m_runs->child(0)->flags())) {
        delete m_runs->takeChild(m_runs->childCount() - 1);
        changed = true;
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
        const QString path = QString::fromStdString(found[i].paths.root.string());
        const QString state = shortState(found[i]), iconName = stateIcon(found[i].state);
        auto* item = int(i) < m_runs->childCount() ? m_runs->child(int(i)) : new QTreeWidgetItem(m_runs);
        if (item->data(0, pathRole).toString() != path || item->text(1) != state ||
            item->toolTip(1) != asPlainText(describeState(found[i]))) {
            item->setText(0, QFileInfo(path).fileName());
            item->setToolTip(0, asPlainText(QDir::toNativeSeparators(path)));
            item->setToolTip(1, asPlainText(describeState(found[i])));
            item->setData(0, pathRole, path);
            item->setData(0, kindRole, int(FileKind::Run));
            item->setText(1, state);
            item->setForeground(1, palette().color(QPalette::PlaceholderText));
            const bool coloured = iconName == QLatin1String("check") || iconName == QLatin1String("error") ||
                                  iconName == QLatin1String("warning");
            item->setIcon(0, coloured ? severityIcon(iconName) : icon(iconName));
            changed = true;
        }
        QFont font = item->font(0);
        changed = changed || font.bold() != (path == open);
        font.setBold(path == open);
        item->setFont(0, font);
    }
    if (found.empty() && m_runs->childCount() == 0)
        makeHint(m_runs, tr("none yet"));
    if (changed)
        Q_EMIT contentsChanged();
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
    case FileKind::Project: // is not listed in itself
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
    if (m_session.otherRuns().contains(path))
        menu.addAction(tr("Remove from the list of runs"), this, [this, path] {
            QStringList others = m_session.otherRuns();
            others.removeAll(path);
            m_session.setOtherRuns(others);
        });
    menu.exec(viewport()->mapToGlobal(position));
}

void ProjectTree::changeEvent(QEvent* event)
{
    QTreeWidget::changeEvent(event);
    if (event->type() != QEvent::PaletteChange || !m_runs)
        return;
    const QColor pale = palette().color(QPalette::PlaceholderText);
    for (QTreeWidgetItem* group : {m_models, m_data, m_runs}) {
        group->setForeground(0, pale);
        for (int i = 0; i < group->childCount(); ++i)
            group->child(i)->setForeground(1, pale);
    }
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
