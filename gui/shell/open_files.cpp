#include "shell/open_files.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>

namespace lodestone::gui {

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
    if (name.endsWith(QLatin1String(".gz")))
        name.chop(3);
    if (name.startsWith(QLatin1String("poscar")) || name.startsWith(QLatin1String("contcar")))
        return FileKind::Data;
    const QString extension = QFileInfo(name).suffix();
    static const QStringList models = {"nqx", "model", "pth", "pt", "ckpt"};
    static const QStringList data = {"extxyz", "xyz", "cif", "mcif", "vasp", "poscar"};
    if (models.contains(extension))
        return FileKind::Model;
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
