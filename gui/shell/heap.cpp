#include "shell/heap.h"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace lodestone::gui {

void returnLargeBlocks()
{
#ifdef __GLIBC__
    // glibc raises its limit for blocks of their own with the size of those freed, up to 32 MiB: pictures
    // then lie in the heap between small things, and a window opened again and again made it grow by 7 MB
    // each time.
    constexpr int largeBlock = 256 << 10; // bytes
    ::mallopt(M_MMAP_THRESHOLD, largeBlock);
#endif
}

} // namespace lodestone::gui
