#include "shell/session_state.h"
#include "shell/session.h"
#include "shell/settings.h"

#include <QtCore/QFileInfo>
#include <QtCore/QSettings>
#include <set>

namespace lodestone::gui {

namespace {

LabelKeys keysFromList(const QStringList& list)
{
    LabelKeys keys;
    if (list.size() == 6)
        keys = {list[0].toStdString(), list[1].toStdString(), list[2].toStdString(),
                list[3].toStdString(), list[4].toStdString(), list[5].toStdString()};
    return keys;
}

QStringList toList(const LabelKeys& keys)
{
    QStringList list;
    for (const std::string& key :
         {keys.energy, keys.forces, keys.stress, keys.virial, keys.moments, keys.magneticForces})
        list << QString::fromStdString(key);
    return list;
}

/// Calls `then` the first time that `signal` fires and is then gone.
template<class Signal, class Then>
void once(Session& session, Signal signal, Then then)
{
    auto connection = std::make_shared<QMetaObject::Connection>();
    *connection = QObject::connect(&session, signal, &session, [connection, then] {
        QObject::disconnect(*connection);
        then();
    });
}

} // namespace

namespace {

void saveModel(const Session& session, QSettings& settings)
{
    if (const QString awaited = session.awaitedModel(); !awaited.isEmpty()) {
        // What was saved of that very file holds until it is there; another one begins afresh.
        if (settings.value(keys::sessionModel).toString() != awaited)
            for (const auto& key : {keys::sessionHead, keys::sessionSelection})
                settings.remove(key);
        settings.setValue(keys::sessionModel, awaited);
        return;
    }
    QString model;
    QStringList selection;
    if (session.model()) {
        model = QString::fromStdString(session.model()->file);
        for (std::size_t i = 0; i < session.selected().size(); ++i)
            if (session.selected()[i])
                selection << QString::fromStdString(session.model()->tensors[i].name);
    }
    settings.setValue(keys::sessionModel, model);
    settings.setValue(keys::sessionHead, session.head());
    settings.setValue(keys::sessionSelection, selection);
}

void saveData(const Session& session, QSettings& settings)
{
    if (const QStringList awaited = session.awaitedData(); !awaited.isEmpty()) {
        if (settings.value(keys::sessionData).toStringList() != awaited)
            for (const auto& key : {keys::sessionKeys, keys::sessionExcluded, keys::sessionFrame})
                settings.remove(key);
        settings.setValue(keys::sessionData, awaited);
        return;
    }
    settings.setValue(keys::sessionData, session.dataFiles());
    settings.setValue(keys::sessionKeys, session.data() ? toList(session.data()->keys) : QStringList());
    const std::vector<std::string>& identities = session.frameIdentities();
    QStringList excluded;
    for (std::size_t i = 0; i < session.excluded().size(); ++i)
        if (session.excluded()[i])
            excluded << QString::fromStdString(identities[i]);
    settings.setValue(keys::sessionExcluded, excluded);
    settings.setValue(keys::sessionFrame,
                      session.frame() < 0 ? QString()
                                          : QString::fromStdString(identities[std::size_t(session.frame())]));
}

void restoreFrames(Session& session, const QStringList& excluded, const QString& frame)
{
    const std::vector<std::string>& identities = session.frameIdentities();
    const std::set<QString> wanted(excluded.begin(), excluded.end());
    std::vector<bool> flags;
    int place = -1;
    for (std::size_t i = 0; i < identities.size(); ++i) {
        const QString identity = QString::fromStdString(identities[i]);
        flags.push_back(wanted.count(identity) > 0);
        if (identity == frame)
            place = int(i);
    }
    session.setExcluded(flags);
    if (place >= 0) // after the reader's own choice of the first frame
        QMetaObject::invokeMethod(
            &session, [&session, place] { session.setFrame(place); }, Qt::QueuedConnection);
}

} // namespace

void saveSession(const Session& session, QSettings& settings)
{
    saveModel(session, settings);
    saveData(session, settings);
    settings.setValue(keys::sessionRun, session.run()
                                            ? QString::fromStdString(session.run()->paths().root.string())
                                            : QString());
    settings.setValue(keys::sessionOtherRuns, session.otherRuns());
}

bool restoreSession(Session& session, const QSettings& settings)
{
    bool any = false;
    session.setOtherRuns(settings.value(keys::sessionOtherRuns).toStringList());
    const QString model = settings.value(keys::sessionModel).toString();
    if (QFileInfo(model).isFile()) {
        const QVariant saved = settings.value(keys::sessionSelection);
        const QStringList names = saved.toStringList();
        once(session, &Session::modelChanged, [&session, names, model, any = saved.isValid()] {
            if (!any || QString::fromStdString(session.model()->file) != model)
                return;
            const std::set<QString> wanted(names.begin(), names.end());
            std::vector<bool> selected;
            for (const ParameterInfo& tensor : session.model()->tensors)
                selected.push_back(wanted.count(QString::fromStdString(tensor.name)) != 0);
            session.setSelected(selected);
        });
        session.openModel(model, settings.value(keys::sessionHead).toString());
        any = true;
    }
    QStringList data;
    const QStringList saved = settings.value(keys::sessionData).toStringList();
    for (const QString& path : saved)
        if (QFileInfo::exists(path)) // a folder of DeePMD-kit too
            data << path;
    if (!data.isEmpty()) {
        const QStringList excluded = settings.value(keys::sessionExcluded).toStringList();
        const QString frame = settings.value(keys::sessionFrame).toString();
        once(session, &Session::dataChanged, [&session, excluded, frame, data] {
            if (session.dataFiles() == data)
                restoreFrames(session, excluded, frame);
        });
        session.openData(data, keysFromList(settings.value(keys::sessionKeys).toStringList()));
        any = true;
    }
    const QString run = settings.value(keys::sessionRun).toString();
    if (QFileInfo(run).isDir()) {
        session.openRun(run);
        any = true;
    }
    return any;
}

} // namespace lodestone::gui
