#pragma once

namespace lodestone::gui {

/// Large blocks (pictures, arrays of frames) go back to the system as soon as they are freed, for the whole
/// life of the process. To be called at the start of main().
void returnLargeBlocks();

} // namespace lodestone::gui
