#pragma once
// Strided views of storages.
#include "archives/pickle.h"

#include <optional>

namespace lodestone {

/// Error with `origin` unless the storage has the bytes that it is said to have and the tensor lies within
/// it; the tensor may repeat numbers (stride 0), but not beyond 64 times the storage. Returns the number of
/// its numbers.
std::size_t checkTensor(const TensorReference& tensor, std::size_t storageBytes, const std::string& origin);
/// The numbers of a checked tensor, `count`, where they lie one after another in C order; nothing where they
/// do not.
std::optional<std::string_view> consecutive(const TensorReference& tensor, std::size_t count,
                                            std::string_view storage);
/// Numbers of a checked tensor in C order.
std::string gather(const TensorReference& tensor, std::string_view storage);
/// Puts them back.
void scatter(const TensorReference& tensor, std::string_view numbers, std::string& storage);

} // namespace lodestone
