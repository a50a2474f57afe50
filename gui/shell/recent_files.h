#pragma once
#include "shell/open_files.h"

#include <QtCore/QObject>

class QMenu;
class QSettings;

namespace lodestone::gui {

/// The last ten projects, models, data files and runs, kept in the settings.
class RecentFiles : public QObject {
    Q_OBJECT
public:
    explicit RecentFiles(QSettings& settings, QObject* parent = nullptr);
    QStringList list(FileKind kind) const; ///< newest first
    void add(FileKind kind, const QString& path);
    void remove(FileKind kind, const QString& path);
    void clear();
    /// Fills `menu` whenever it is about to be shown.
    void attach(QMenu* menu);

Q_SIGNALS:
    void changed();
    void chosen(const QString& path); ///< in an attached menu

private:
    QSettings& m_settings;
};

} // namespace lodestone::gui
