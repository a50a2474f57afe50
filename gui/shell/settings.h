#pragma once
#include <QtCore/QLatin1String>

class QSettings;

/// Every key of the settings file, so that a mistyped one does not compile.
namespace lodestone::gui::keys {

inline constexpr QLatin1String schema("schema");
inline constexpr QLatin1String windowGeometry("window/geometry");
inline constexpr QLatin1String windowState("window/state");
inline constexpr QLatin1String projectWidthChosen("window/projectWidthChosen");
inline constexpr QLatin1String page("window/page");
inline constexpr QLatin1String theme("window/theme");
inline constexpr QLatin1String language("window/language");
inline constexpr QLatin1String restoresSession("window/restoresSession");
inline constexpr QLatin1String runsFolder("runs/folder");
/// Of the cluster, as JSON; outside the session's group, so that no project brings lines of shell with it.
inline constexpr QLatin1String slurmSite("cluster/slurm");
inline constexpr QLatin1String usesSlurm("cluster/usesSlurm");
inline constexpr QLatin1String project("project/file");
/// Files that a project names in vain, told once.
inline constexpr QLatin1String projectMissing("project/missing");
inline constexpr QLatin1String recentProjects("recent/projects");
inline constexpr QLatin1String recentModels("recent/models");
inline constexpr QLatin1String recentData("recent/data");
inline constexpr QLatin1String recentRuns("recent/runs");
inline constexpr QLatin1String sessionModel("session/model");
inline constexpr QLatin1String sessionHead("session/head");
inline constexpr QLatin1String sessionSelection("session/selection");
inline constexpr QLatin1String sessionData("session/data");
inline constexpr QLatin1String sessionKeys("session/keys");
inline constexpr QLatin1String sessionExcluded("session/excluded");
inline constexpr QLatin1String sessionFrame("session/frame");
inline constexpr QLatin1String sessionRun("session/run");
inline constexpr QLatin1String sessionOtherRuns("session/otherRuns");
inline constexpr QLatin1String sessionPages("session/pages"); ///< a group, one entry a page

inline constexpr int windowStateVersion = 1;
inline constexpr int recentCount = 10;

} // namespace lodestone::gui::keys

namespace lodestone::gui {

/// Writes the version of these settings into them (schema::settings) and hides them from other users. False,
/// and nothing is written, if they are of a newer version: then they are not to be used, so that nothing of
/// them is lost.
bool adoptSettings(QSettings& settings);

} // namespace lodestone::gui
