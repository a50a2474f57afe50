#include "project/project_file.h"
#include "base/error.h"
#include "base/schema.h"
#include "shell/settings.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QSaveFile>
#include <QtCore/QSettings>
#include <algorithm>

namespace lodestone::gui {

namespace {

constexpr qint64 largestProject = 64 << 20; // bytes; a thousand excluded frames take 0.1 MB

const QString versionKey = QStringLiteral("lodestone_project");
const QString pageKey = QStringLiteral("page");
const QString sessionGroup = QStringLiteral("session");

struct Words {
    Q_DECLARE_TR_FUNCTIONS(ProjectFile)
};

bool isOneOf(const QString& key, std::initializer_list<QLatin1String> names)
{
    return std::any_of(names.begin(), names.end(),
                       [&key](QLatin1String name) { return key == name.mid(sessionGroup.size() + 1); });
}

/// Settings that name files.
bool namesFiles(const QString& key)
{
    return isOneOf(key, {keys::sessionModel, keys::sessionData, keys::sessionRun, keys::sessionOtherRuns});
}

/// Settings that are lists of texts; QSettings gives one with a single entry back as a text.
bool isList(const QString& key)
{
    return isOneOf(key, {keys::sessionSelection, keys::sessionData, keys::sessionKeys, keys::sessionExcluded,
                         keys::sessionOtherRuns});
}

QString relativeTo(const QString& folder, const QString& path)
{
    const QString relative = QDir(folder).relativeFilePath(path);
    return path.isEmpty() || relative.startsWith(QLatin1String("..")) ? path : relative;
}

QString absoluteIn(const QString& folder, const QString& path)
{
    return path.isEmpty() ? path : QDir::cleanPath(QDir(folder).absoluteFilePath(path));
}

/// The value with every path in it changed.
QVariant withPaths(const QVariant& value, const QString& folder,
                   QString (*change)(const QString&, const QString&))
{
    if (value.typeId() != QMetaType::QStringList && value.typeId() != QMetaType::QVariantList)
        return change(folder, value.toString());
    QStringList paths;
    for (const QString& path : value.toStringList())
        paths << change(folder, path);
    return paths;
}

[[noreturn]] void refuse(const QString& sentence)
{
    throw Error(sentence.toStdString());
}

} // namespace

QJsonObject projectFromSettings(const QSettings& settings, const QString& folder)
{
    QVariantMap session;
    for (const QString& key : settings.allKeys()) {
        if (!key.startsWith(sessionGroup + QLatin1Char('/')))
            continue;
        const QString name = key.mid(sessionGroup.size() + 1);
        const QVariant saved = settings.value(key);
        const QVariant value = isList(name) ? QVariant(saved.toStringList()) : saved;
        session[name] = namesFiles(name) ? withPaths(value, folder, relativeTo) : value;
    }
    return {{versionKey, schema::project},
            {pageKey, settings.value(keys::page).toString()},
            {sessionGroup, QJsonObject::fromVariantMap(session)}};
}

QJsonObject projectWork(const QJsonObject& project)
{
    QJsonObject session = project.value(sessionGroup).toObject();
    session.remove(keys::sessionFrame.mid(sessionGroup.size() + 1));
    const QString form = QStringLiteral("pages/training"); // settings of a run are work
    for (const QString& key : session.keys()) {
        const QJsonValue value = session.value(key);
        const bool empty = value.isNull() || (value.isArray() && value.toArray().isEmpty()) ||
                           (value.isString() && value.toString().isEmpty());
        if (empty || (key.startsWith(QLatin1String("pages/")) && key != form))
            session.remove(key);
    }
    return session;
}

void writeProject(const QString& file, const QSettings& settings)
{
    QSaveFile out(file);
    const QByteArray text =
        QJsonDocument(projectFromSettings(settings, QFileInfo(file).absolutePath())).toJson();
    if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size() || !out.commit())
        refuse(Words::tr("The project could not be saved as %1: %2.").arg(file, out.errorString()));
}

QJsonObject readProject(const QString& file)
{
    QFile in(file);
    if (!in.open(QIODevice::ReadOnly))
        refuse(Words::tr("The project %1 cannot be read: %2.").arg(file, in.errorString()));
    if (in.size() > largestProject)
        refuse(Words::tr("%1 is no project file of Lodestone: it is far too large for one.").arg(file));
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(in.readAll(), &error);
    const QJsonObject project = document.object();
    if (error.error != QJsonParseError::NoError || !project.value(versionKey).isDouble() ||
        !project.value(sessionGroup).isObject())
        refuse(Words::tr("%1 is no project file of Lodestone, or it is damaged.").arg(file));
    if (project.value(versionKey).toDouble() > schema::project)
        refuse(Words::tr(
                   "The project %1 was written by a newer version of Lodestone. Update Lodestone to open it.")
                   .arg(file));
    return project;
}

QStringList projectToSettings(const QJsonObject& project, const QString& folder, QSettings& settings)
{
    clearSession(settings);
    QStringList missing;
    const QVariantMap session = project.value(sessionGroup).toObject().toVariantMap();
    for (auto entry = session.begin(); entry != session.end(); ++entry) {
        QVariant value = entry.value();
        if (namesFiles(entry.key())) {
            value = withPaths(value, folder, absoluteIn);
            for (const QString& path : value.toStringList())
                if (!path.isEmpty() && !QFileInfo::exists(path))
                    missing << path;
        } else if (isList(entry.key())) {
            value = value.toStringList();
        }
        settings.setValue(sessionGroup + QLatin1Char('/') + entry.key(), value);
    }
    if (const QString page = project.value(pageKey).toString(); !page.isEmpty())
        settings.setValue(keys::page, page);
    return missing;
}

void clearSession(QSettings& settings)
{
    settings.remove(sessionGroup);
    settings.remove(keys::page);
}

} // namespace lodestone::gui
