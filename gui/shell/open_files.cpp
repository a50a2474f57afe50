#include "shell/open_files.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>

namespace lodestone::gui {

namespace {

/// Longer ones first: what ends in ".nequip.zip" ends in it whole.
const QStringList& modelEndings()
{
    static const QStringList endings = {".nequip.zip", ".model", ".ckpt", ".nqx", ".pth", ".pt2", ".pt"};
    return endings;
}

QString knownEnding(const QString& path)
{
    for (const QString& ending : modelEndings())
        if (path.endsWith(ending, Qt::CaseInsensitive))
            return path.right(ending.size());
    return {};
}

} // namespace

QString modelEnding(const QString& path)
{
    const QString ending = knownEnding(path);
    return ending.isEmpty() ? QStringLiteral(".nqx") : ending;
}

QString modelPatterns()
{
    return QLatin1Char('*') + modelEndings().join(QLatin1String(" *"));
}

FileKind fileKind(const QString& path)
{
    const QFileInfo info(path);
    if (info.isDir()) {
        const QDir folder(path);
        return folder.exists(QStringLiteral("run.json")) || folder.exists(QStringLiteral("events.jsonl"))
                   ? FileKind::Run
                   : FileKind::Unknown;
    }
    QString name = info.fileName().toLower();
    if (!knownEnding(name).isEmpty())
        return FileKind::Model;
    if (name.endsWith(QLatin1String(".gz")))
        name.chop(3);
    for (const char* start : {"poscar", "contcar", "outcar", "vasprun"})
        if (name.startsWith(QLatin1String(start)))
            return FileKind::Data;
    const QString extension = QFileInfo(name).suffix();
    static const QStringList data = {"extxyz", "xyz", "cif", "mcif", "vasp", "poscar", "outcar"};
    return data.contains(extension) ? FileKind::Data : FileKind::Unknown;
}

SortedFiles sortFiles(const QStringList& paths)
{
    SortedFiles sorted;
    const auto add = [&sorted](const QString& path, bool listed) {
        switch (fileKind(path)) {
        case FileKind::Model:
            sorted.models << path;
            return;
        case FileKind::Data:
            sorted.data << path;
            return;
        case FileKind::Run:
            sorted.runs << path;
            return;
        case FileKind::Unknown:
            if (listed)
                sorted.unknown << path;
        }
    };
    for (const QString& path : paths) {
        const QFileInfo info(path);
        if (info.isDir() && fileKind(path) == FileKind::Unknown) {
            for (const QFileInfo& entry : QDir(path).entryInfoList(QDir::Files, QDir::Name))
                add(entry.absoluteFilePath(), false);
        } else {
            add(info.absoluteFilePath(), true);
        }
    }
    return sorted;
}

} // namespace lodestone::gui
