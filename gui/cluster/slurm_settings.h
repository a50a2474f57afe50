#pragma once
class QSettings;

namespace lodestone::gui {

class Session;

/// Gives the session the settings of the cluster and writes them back whenever they change. What cannot be
/// read is left alone until the user sets it anew. `settings` outlives the session.
void keepSlurmSettings(Session& session, QSettings& settings);

} // namespace lodestone::gui
