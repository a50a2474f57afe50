#include "shell/recent_files.h"
#include "shell/settings.h"
#include "shell/theme.h"
#include "widgets/plain_text.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QSettings>
#include <QtWidgets/QMenu>

namespace lodestone::gui {

namespace {

QString settingsKey(FileKind kind)
{
    return kind == FileKind::Project ? keys::recentProjects
           : kind == FileKind::Model ? keys::recentModels
           : kind == FileKind::Data  ? keys::recentData
                                     : keys::recentRuns;
}

} // namespace

RecentFiles::RecentFiles(QSettings& settings, QObject* parent) : QObject(parent), m_settings(settings) {}

QStringList RecentFiles::list(FileKind kind) const
{
    return m_settings.value(settingsKey(kind)).toStringList();
}

void RecentFiles::add(FileKind kind, const QString& path)
{
    QStringList paths = list(kind);
    if (!paths.isEmpty() && paths.front() == path)
        return;
    paths.removeAll(path);
    paths.prepend(path);
    while (paths.size() > keys::recentCount)
        paths.removeLast();
    m_settings.setValue(settingsKey(kind), paths);
    Q_EMIT changed();
}

void RecentFiles::remove(FileKind kind, const QString& path)
{
    QStringList paths = list(kind);
    if (paths.removeAll(path) == 0)
        return;
    m_settings.setValue(settingsKey(kind), paths);
    Q_EMIT changed();
}

void RecentFiles::clear()
{
    for (const FileKind kind : {FileKind::Project, FileKind::Model, FileKind::Data, FileKind::Run})
        m_settings.remove(settingsKey(kind));
    Q_EMIT changed();
}

void RecentFiles::attach(QMenu* menu)
{
    connect(menu, &QMenu::aboutToShow, this, [this, menu] {
        menu->clear();
        const std::pair<FileKind, const char*> kinds[] = {{FileKind::Project, "folder"},
                                                          {FileKind::Model, "model"},
                                                          {FileKind::Data, "data"},
                                                          {FileKind::Run, "run"}};
        for (const auto& [kind, iconName] : kinds) {
            for (const QString& path : list(kind)) {
                const QFileInfo info(path);
                // An ampersand in a name is no shortcut.
                auto* action =
                    menu->addAction(icon(QLatin1String(iconName)),
                                    info.fileName().replace(QLatin1Char('&'), QLatin1String("&&")));
                action->setToolTip(asPlainText(QDir::toNativeSeparators(path)));
                action->setEnabled(info.exists());
                connect(action, &QAction::triggered, this, [this, path] { Q_EMIT chosen(path); });
            }
            if (!list(kind).isEmpty())
                menu->addSeparator();
        }
        const bool any = !menu->isEmpty();
        auto* clearAction = menu->addAction(tr("Clear the list"), this, &RecentFiles::clear);
        clearAction->setEnabled(any);
        menu->setToolTipsVisible(true);
    });
}

} // namespace lodestone::gui
