#pragma once
#include <QtCore/QJsonObject>
#include <QtCore/QString>

class QSettings;

namespace lodestone::gui {

/// A project file (*.lodestone): what a window has open and how its pages are set up, as JSON. Files in the
/// project's folder or below are named relative to it, so that the folder can be moved as a whole.
inline constexpr const char* projectEnding = ".lodestone";

/// What the settings hold of the session, as it stands in a project file that lies in `folder`.
QJsonObject projectFromSettings(const QSettings& settings, const QString& folder);
/// The part that tells one state of work from another: without cameras, the page and the frame in view.
QJsonObject projectWork(const QJsonObject& project);

/// Writes the session of `settings` whole or not at all. Error with a sentence if that fails.
void writeProject(const QString& file, const QSettings& settings);
/// Error with a sentence if the file is none of Lodestone's, or of a newer version.
QJsonObject readProject(const QString& file);
/// Puts a project in place of the session in `settings`; files that are named relative to `folder` become
/// absolute. Returns the files that are not there.
QStringList projectToSettings(const QJsonObject& project, const QString& folder, QSettings& settings);
/// Takes the session out of `settings`: nothing is open.
void clearSession(QSettings& settings);

} // namespace lodestone::gui
