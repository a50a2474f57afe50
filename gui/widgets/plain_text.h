#pragma once
#include <QtCore/QString>

namespace lodestone::gui {

/// For tool tips and message boxes, which take a text for HTML if it looks like some: names and texts of
/// files are shown as they are, and never format the window, load an image or bear a link. Labels get
/// setTextFormat(Qt::PlainText) instead.
QString asPlainText(const QString& text);

/// A field of a CSV file; quoted where it needs to be. A text that a spreadsheet would take for a formula
/// gets an apostrophe in front, which spreadsheets show as text.
QString csvField(const QString& text);

} // namespace lodestone::gui
