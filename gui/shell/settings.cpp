#include "shell/settings.h"
#include "base/schema.h"

#include <QtCore/QFile>
#include <QtCore/QSettings>

namespace lodestone::gui {

bool adoptSettings(QSettings& settings)
{
    if (settings.value(keys::schema, schema::settings).toInt() > schema::settings)
        return false;
    settings.setValue(keys::schema, schema::settings);
    settings.sync();
    // They tell what a user works on; Qt keeps the permissions when it writes the file anew.
    QFile::setPermissions(settings.fileName(), QFile::ReadOwner | QFile::WriteOwner);
    return true;
}

} // namespace lodestone::gui
