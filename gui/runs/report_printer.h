#pragma once
#include "base/progress.h"

#include <QtCore/QString>

namespace lodestone::gui {

/// Prints a report of the engine (HTML that keeps to what QTextDocument knows, figures as inline SVG) to a
/// PDF on A4; the figures stay vectors. Needs a QGuiApplication; may run in any thread. Error naming `pdf` if
/// it cannot be written.
void printReport(const QString& html, const QString& pdf, const Watch& watch = {});

/// Makes the report of a run with the engine and writes it to `out`, as PDF where the name ends in .pdf, else
/// as HTML. Waits for the engine. Error with what the engine said, or if there is none.
void writeReport(const QString& run, const QString& out);

} // namespace lodestone::gui
