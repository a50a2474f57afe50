#pragma once
#include <QtGui/QIcon>
#include <QtGui/QPalette>
#include <optional>

class QApplication;

namespace lodestone::gui {

enum class Theme { System, Light, Dark };
/// "system", "light", "dark"; nothing for another word.
std::optional<Theme> themeFromName(const QString& name);
QString themeName(Theme theme);

/// Fusion with Lodestone's own palette and spacing. System: light or dark as the desktop's palette was at
/// start.
void applyTheme(QApplication& application, Theme theme);

/// Lines drawn in the palette's text colour (so they fit light and dark), from resources/icons/NAME.svg.
QIcon icon(const QString& name);
/// The same in the colour of a severity: "info", "warning", "error", "check".
QIcon severityIcon(const QString& level);
/// Text colour of a severity, legible on the palette's window.
QColor severityColour(const QString& level, const QPalette& palette);

} // namespace lodestone::gui
