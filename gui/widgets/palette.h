#pragma once
#include <QtGui/QColor>
#include <QtGui/QPalette>

namespace lodestone::gui {

/// Sequential, perceptual (viridis); t in 0..1, clamped.
QColor sequentialColour(double t);
/// Diverging, perceptual (vik-like blue to red); t in -1..1.
QColor divergingColour(double t);
/// Colours of curves, distinguishable with colour-vision deficiencies (Okabe and Ito 2008), fitted to light
/// or dark ground.
QColor seriesColour(int index, const QPalette& palette);
bool isDark(const QPalette& palette);

} // namespace lodestone::gui
