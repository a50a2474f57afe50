#include "shell/resource_folder.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>

namespace lodestone::gui {

QString resourceFolder()
{
    const QString named = qEnvironmentVariable("LODESTONE_RESOURCES");
    if (!named.isEmpty())
        return QFileInfo(named).isDir() ? QFileInfo(named).absoluteFilePath() : QString();
    QDir folder(QCoreApplication::applicationDirPath());
    const QString installed = QDir::cleanPath(folder.filePath(QStringLiteral("../share/lodestone")));
    if (QFileInfo(installed + QStringLiteral("/demo")).isDir())
        return installed;
    // build/PRESET/bin and build/PRESET/tests lie three levels below the sources.
    for (int level = 0; level < 4 && folder.cdUp(); ++level) {
        const QString candidate = folder.filePath(QStringLiteral("resources"));
        if (QFileInfo(candidate + QStringLiteral("/demo")).isDir())
            return candidate;
    }
    return {};
}

DemoFiles demoFiles()
{
    const QString folder = resourceFolder();
    if (folder.isEmpty())
        return {};
    const auto file = [&folder](const char* name) {
        const QString path = folder + QStringLiteral("/demo/") + QLatin1String(name);
        return QFileInfo(path).isFile() ? path : QString();
    };
    return {file("demo.nqx"), file("demo_train.extxyz"), file("demo_test.extxyz"), file("demo.json")};
}

} // namespace lodestone::gui
