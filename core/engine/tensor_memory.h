#pragma once

namespace lodestone {

/// From now on LibTorch keeps the memory of large tensors on the CPU for the next ones of their size
/// (BlockCache), in this whole process. Called again it does nothing.
void keepTensorMemory();
/// Returns what is kept beyond a quarter of a gigabyte to the system, before a rest of unknown length.
void releaseTensorMemory();

} // namespace lodestone
