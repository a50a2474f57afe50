#pragma once
class QSettings;

namespace lodestone::gui {

class Session;

/// Writes what is open (model, selection, data, keys, exclusions, frame, run) so that the next start finds it
/// again.
void saveSession(const Session& session, QSettings& settings);
/// Opens it again, in the background; files that are gone are left out. False if there was nothing to open.
bool restoreSession(Session& session, const QSettings& settings);

} // namespace lodestone::gui
