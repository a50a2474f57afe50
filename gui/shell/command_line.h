#pragma once
#include "shell/theme.h"

#include <QtCore/QStringList>

namespace lodestone::gui {

struct CommandLine {
    QStringList paths;
    bool demo = false;
    bool settings = true; ///< false: a throw-away settings file
    bool quitWhenShown = false;
    QString page, run, screenshots;
    QString report, output; ///< a run folder, and the file that its report goes to without a window
    std::optional<Theme> theme;
    QString error; ///< what is wrong with the arguments; empty if nothing
    QString text;  ///< to be printed (help, version) instead of opening a window
};
/// `arguments` with the program's name first.
CommandLine parseCommandLine(const QStringList& arguments);

} // namespace lodestone::gui
