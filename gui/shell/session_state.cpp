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

void saveSession(const Session& session, QSettings& settings)
{
    QString model;
    QStringList selection;
    if (session.model()) {
        model = QString::fromStdString(session.model()->file);
        for (std::size_t i = 0; i < session.selected().size(); ++i)
            if (session.selected()[i])
                selection << QString::fromStdString(session.model()->tensors[i].name);
    }
    settings.setValue(keys::sessionModel, model);
    settings.setValue(keys::sessionSelection, selection);
    settings.setValue(keys::sessionData, session.dataFiles());
    settings.setValue(keys::sessionKeys, session.data() ? toList(session.data()->keys) : QStringList());
    QStringList excluded;
    for (std::size_t i = 0; i < session.excluded().size(); ++i)
        if (session.excluded()[i])
            excluded << QString::number(i);
    settings.setValue(keys::sessionExcluded, excluded);
    settings.setValue(keys::sessionFrame, session.frame());
    settings.setValue(keys::sessionRun, session.run()
                                            ? QString::fromStdString(session.run()->paths().root.string())
                                            : QString());
}

bool restoreSession(Session& session, const QSettings& settings)
{
    bool any = false;
    const QString model = settings.value(keys::sessionModel).toString();
    if (QFileInfo(model).isFile()) {
        const QStringList names = settings.value(keys::sessionSelection).toStringList();
        once(session, &Session::modelChanged, [&session, names, model] {
            if (QString::fromStdString(session.model()->file) != model)
                return;
            const std::set<QString> wanted(names.begin(), names.end());
            std::vector<bool> selected;
            for (const ParameterInfo& tensor : session.model()->tensors)
                selected.push_back(wanted.count(QString::fromStdString(tensor.name)) != 0);
            session.setSelected(selected);
        });
        session.openModel(model);
        any = true;
    }
    QStringList data;
    const QStringList saved = settings.value(keys::sessionData).toStringList();
    for (const QString& path : saved)
        if (QFileInfo(path).isFile())
            data << path;
    if (!data.isEmpty()) {
        const QStringList excluded = settings.value(keys::sessionExcluded).toStringList();
        const int frame = settings.value(keys::sessionFrame, -1).toInt();
        if (data == saved)
            once(session, &Session::dataChanged, [&session, excluded, frame, data] {
                if (session.dataFiles() != data)
                    return;
                std::vector<bool> flags(session.excluded().size(), false);
                for (const QString& index : excluded)
                    if (const auto i = index.toULongLong(); i < flags.size())
                        flags[i] = true;
                session.setExcluded(flags);
                // After the reader's own choice of the first frame.
                QMetaObject::invokeMethod(
                    &session, [&session, frame] { session.setFrame(frame); }, Qt::QueuedConnection);
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
