#pragma once
#include <QtCore/QStringList>

namespace lodestone::gui {

enum class FileKind { Project, Model, Data, Run, Unknown };

/// What a dropped or named path is, by its name only (contents are judged on reading): .nqx, .model, .pth,
/// .pt, .pt2, .ckpt and .nequip.zip are models; folders with run.json or events.jsonl are runs; extxyz, xyz,
/// cif, mcif, vasp, poscar, outcar, h5, hdf5 (but not delta.h5) and names starting with POSCAR, CONTCAR,
/// OUTCAR or vasprun are data, each also with .gz or .zst; .lodestone is a project.
FileKind fileKind(const QString& path);
/// The ending of a model file's name with its dot (".model", ".nequip.zip"); ".nqx" for a name
/// without a known one.
QString modelEnding(const QString& path);
/// Patterns of model files for a file dialog: "*.nqx *.model ...".
QString modelPatterns();

struct SortedFiles {
    QStringList projects, models, data, runs, unknown;
};
/// Folders that are no runs are replaced by the files directly in them that are of a known kind; one without
/// such files is data if isDeepmdFolder(). Of files that are named themselves, .json and type.raw are data
/// too.
SortedFiles sortFiles(const QStringList& paths);

} // namespace lodestone::gui
