#pragma once
#include <cstddef>

namespace lodestone {

/// From now on LibTorch keeps the memory of large tensors on the CPU for the next ones of their size
/// (BlockCache), in this whole process. Called again it does nothing.
void keepTensorMemory();
/// Most bytes that large tensors may take together on the CPU; beyond it std::bad_alloc is thrown.
void limitTensorMemory(std::size_t bytes);
/// Returns what is kept beyond a quarter of a gigabyte to the system, before a rest of unknown length.
void releaseTensorMemory();

} // namespace lodestone
