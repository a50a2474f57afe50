#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <vector>

namespace lodestone::gui {

using Rgb = std::array<std::uint8_t, 3>;

/// Colours of the elements. Jmol: jmol.sourceforge.net/jscolors. Vesta: the defaults of VESTA 3 (Momma and
/// Izumi, J. Appl. Cryst. 44, 1272, 2011). ColourBlind: Okabe and Ito's eight colours, given out so that the
/// elements of one frame differ (up to eight of them).
enum class ColourSet { Jmol, Vesta, ColourBlind };

/// One colour for every atomic number that occurs in `species`.
std::map<int, Rgb> elementColours(ColourSet set, const std::vector<int>& species);

} // namespace lodestone::gui
