#include "shell/open_files.h"
#include "formats/formats.h"
#include "project/project_file.h"

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

/// Name in lower case, without an ending of compression.
QString plainName(const QString& path)
{
    QString name = QFileInfo(path).fileName().toLower();
    for (const char* ending : {".gz", ".zst"}) {
        if (name.endsWith(QLatin1String(ending))) {
            name.chop(static_cast<int>(qstrlen(ending)));
            break;
        }
    }
    return name;
}

/// Files that are data if they are named, but not merely because they lie in a dropped folder: JSON may be
/// anything, and type.raw stands for its folder.
bool dataIfNamed(const QString& path)
{
    const QString name = plainName(path);
    return name.endsWith(QLatin1String(".json")) || name == QLatin1String("type.raw");
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
    if (info.fileName().endsWith(QLatin1String(projectEnding), Qt::CaseInsensitive))
        return FileKind::Project;
    if (!knownEnding(info.fileName()).isEmpty())
        return FileKind::Model;
    const QString name = plainName(path);
    for (const char* start : {"poscar", "contcar", "outcar", "vasprun"})
        if (name.startsWith(QLatin1String(start)))
            return FileKind::Data;
    const QString extension = QFileInfo(name).suffix();
    static const QStringList data = {"extxyz", "xyz",    "cif", "mcif", "vasp",
                                     "poscar", "outcar", "h5",  "hdf5"};
    if (name.endsWith(QLatin1String(".delta.h5"))) // of Lodestone itself: the changes of a model
        return FileKind::Unknown;
    return data.contains(extension) ? FileKind::Data : FileKind::Unknown;
}

SortedFiles sortFiles(const QStringList& paths)
{
    SortedFiles sorted;
    const auto add = [&sorted](const QString& path, bool listed) {
        switch (fileKind(path)) {
        case FileKind::Project:
            if (listed)
                sorted.projects << path;
            return;
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
                (dataIfNamed(path) ? sorted.data : sorted.unknown) << path;
        }
    };
    for (const QString& path : paths) {
        const QFileInfo info(path);
        if (info.isDir() && fileKind(path) == FileKind::Unknown) {
            const auto found = [&sorted] { return sorted.models.size() + sorted.data.size(); };
            const auto before = found();
            for (const QFileInfo& entry : QDir(path).entryInfoList(QDir::Files, QDir::Name))
                add(entry.absoluteFilePath(), false);
            if (found() == before && isDeepmdFolder(path.toStdString()))
                sorted.data << info.absoluteFilePath();
        } else {
            add(info.absoluteFilePath(), true);
        }
    }
    return sorted;
}

} // namespace lodestone::gui
