#include "archives/tensor_numbers.h"

#include "base/error.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace lodestone {
namespace {

static_assert(std::endian::native == std::endian::little,
              "numbers are taken from little-endian files as they are");

// A view may repeat numbers (an expanded tensor), in small amounts always.
constexpr std::size_t mostRepeated = 64;
constexpr std::size_t alwaysAllowed = std::size_t{1} << 16;

/// How many of the trailing numbers lie in C order without gaps; `outer` becomes the number of axes before
/// them.
std::int64_t runOf(const TensorReference& tensor, std::size_t& outer)
{
    std::int64_t run = 1;
    outer = tensor.shape.size();
    while (outer > 0 && (tensor.strides[outer - 1] == run || tensor.shape[outer - 1] == 1))
        run *= tensor.shape[--outer];
    return run;
}

/// Calls visit(number of the first in C order, place in the storage, count) for runs of consecutive numbers.
template<class Visit>
void forRuns(const TensorReference& tensor, std::size_t count, Visit&& visit)
{
    if (count == 0)
        return;
    std::size_t outer = 0;
    const std::int64_t run = runOf(tensor, outer);
    std::vector<std::int64_t> position(outer, 0);
    std::int64_t place = tensor.offset;
    for (std::size_t done = 0; done < count; done += static_cast<std::size_t>(run)) {
        visit(done, static_cast<std::size_t>(place), static_cast<std::size_t>(run));
        for (std::size_t axis = outer; axis-- > 0;) {
            place += tensor.strides[axis];
            if (++position[axis] < tensor.shape[axis])
                break;
            place -= tensor.strides[axis] * tensor.shape[axis];
            position[axis] = 0;
        }
    }
}

std::size_t countOf(const TensorReference& tensor)
{
    std::size_t count = 1;
    for (const std::int64_t extent : tensor.shape)
        count *= static_cast<std::size_t>(extent);
    return count;
}

} // namespace

std::size_t checkTensor(const TensorReference& tensor, std::size_t storageBytes, const std::string& origin)
{
    const auto size = static_cast<std::int64_t>(sizeOf(tensor.storage.scalar));
    const auto available = static_cast<std::int64_t>(storageBytes) / size;
    const auto described = [&] {
        return fmt::format("{}: a tensor of shape ({}), strides ({}) and offset {} in the storage {}", origin,
                           fmt::join(tensor.shape, ", "), fmt::join(tensor.strides, ", "), tensor.offset,
                           tensor.storage.key);
    };
    if (tensor.storage.count < 0 || tensor.storage.count > available)
        fail("{} cannot be read: the storage should have {} numbers of type {}, but the file holds {}.",
             described(), tensor.storage.count, nameOf(tensor.storage.scalar), available);
    std::int64_t count = 1;
    bool fits = tensor.offset >= 0 && tensor.shape.size() == tensor.strides.size();
    const bool empty = std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end();
    std::int64_t last = tensor.offset;
    for (std::size_t i = 0; fits && i < tensor.shape.size(); ++i) {
        std::int64_t reach = 0;
        fits = tensor.shape[i] >= 0 && tensor.strides[i] >= 0;
        if (fits && !empty)
            fits = !__builtin_mul_overflow(count, tensor.shape[i], &count) &&
                   !__builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &reach) &&
                   !__builtin_add_overflow(last, reach, &last);
    }
    if (!fits || (!empty && last >= tensor.storage.count))
        fail("{} does not lie within its {} numbers.", described(), tensor.storage.count);
    if (empty)
        return 0;
    const auto bytes = static_cast<std::size_t>(count) * static_cast<std::size_t>(size);
    if (count > std::int64_t{1} << 48 ||
        bytes / mostRepeated > std::max(storageBytes, alwaysAllowed / mostRepeated))
        fail("{} has {} numbers, more than 64 times those of its storage.", described(), count);
    return static_cast<std::size_t>(count);
}

std::optional<std::string_view> consecutive(const TensorReference& tensor, std::size_t count,
                                            std::string_view storage)
{
    std::size_t outer = 0;
    if (count == 0)
        return std::string_view();
    if (static_cast<std::size_t>(runOf(tensor, outer)) != count)
        return {};
    const std::size_t size = sizeOf(tensor.storage.scalar);
    return storage.substr(static_cast<std::size_t>(tensor.offset) * size, count * size);
}

std::string gather(const TensorReference& tensor, std::string_view storage)
{
    const std::size_t size = sizeOf(tensor.storage.scalar);
    const std::size_t count = countOf(tensor);
    std::string numbers(count * size, '\0');
    forRuns(tensor, count, [&](std::size_t first, std::size_t place, std::size_t run) {
        std::memcpy(numbers.data() + first * size, storage.data() + place * size, run * size);
    });
    return numbers;
}

void scatter(const TensorReference& tensor, std::string_view numbers, std::string& storage)
{
    const std::size_t size = sizeOf(tensor.storage.scalar);
    forRuns(tensor, countOf(tensor), [&](std::size_t first, std::size_t place, std::size_t run) {
        std::memcpy(storage.data() + place * size, numbers.data() + first * size, run * size);
    });
}

} // namespace lodestone
