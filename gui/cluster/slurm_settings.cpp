#include "cluster/slurm_settings.h"
#include "shell/session.h"
#include "shell/settings.h"

#include <QtCore/QSettings>

namespace lodestone::gui {

void keepSlurmSettings(Session& session, QSettings& settings)
{
    SlurmSite site;
    bool used = settings.value(keys::usesSlurm).toBool();
    if (const QString text = settings.value(keys::slurmSite).toString(); !text.isEmpty())
        try {
            site = slurmSiteFromJson(parseJson(text.toStdString(), "settings"), "settings");
        } catch (const std::exception& error) {
            used = false;
            Q_EMIT session.notice(QString::fromUtf8(error.what()));
        }
    session.setSlurm(used, site);
    QObject::connect(&session, &Session::slurmChanged, &session, [&session, &settings] {
        settings.setValue(keys::usesSlurm, session.usesSlurm());
        settings.setValue(keys::slurmSite, QString::fromStdString(jsonLine(toJson(session.slurmSite()))));
    });
}

} // namespace lodestone::gui
