#pragma once
#include "dataset/frames.h"

#include <string>
#include <vector>

namespace lodestone::gui {

/// A short text for each frame that stays the same when the files are read again, whatever labels are mapped
/// and whichever other frames can be read: a hash of its cell, species and positions, and, after '#', the how
/// many-th frame with that hash it is (from 0), so that copies can be told apart.
std::vector<std::string> frameIdentities(const Dataset& data);

} // namespace lodestone::gui
