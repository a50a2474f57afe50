#include "checkpoints/stored_numbers.h"

#include "base/error.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace lodestone {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers of files are read as they are");

template<class T>
T plain(const char* at)
{
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/// IEEE 754 binary16.
double ofHalf(std::uint16_t bits)
{
    const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    if (exponent == 31)
        return fraction == 0 ? sign * HUGE_VAL : std::nan("");
    return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024, exponent - 25));
}

double numberAt(const char* at, ScalarKind kind)
{
    switch (kind) {
    case ScalarKind::Float64:
        return plain<double>(at);
    case ScalarKind::Float32:
        return static_cast<double>(plain<float>(at));
    case ScalarKind::Float16:
        return ofHalf(plain<std::uint16_t>(at));
    case ScalarKind::BFloat16: // the upper half of a float32
        return static_cast<double>(std::bit_cast<float>(std::uint32_t{plain<std::uint16_t>(at)} << 16));
    case ScalarKind::Int64:
        return static_cast<double>(plain<std::int64_t>(at));
    case ScalarKind::Int32:
        return plain<std::int32_t>(at);
    case ScalarKind::Int16:
        return plain<std::int16_t>(at);
    case ScalarKind::Int8:
        return plain<std::int8_t>(at);
    case ScalarKind::UInt8:
        return plain<std::uint8_t>(at);
    case ScalarKind::Bool:
        return plain<std::uint8_t>(at) != 0 ? 1 : 0;
    }
    fail<InternalError>("There is no scalar kind {}.", static_cast<int>(kind));
}

template<class Action>
void forEach(std::string_view numbers, ScalarKind kind, const Action& action)
{
    const std::size_t size = sizeOf(kind);
    if (numbers.size() % size != 0)
        fail<InternalError>("{} bytes are no numbers of {} bytes each.", numbers.size(), size);
    for (std::size_t at = 0; at < numbers.size(); at += size)
        action(numberAt(numbers.data() + at, kind));
}

} // namespace

bool isFloating(ScalarKind kind)
{
    return kind == ScalarKind::Float64 || kind == ScalarKind::Float32 || kind == ScalarKind::Float16 ||
           kind == ScalarKind::BFloat16;
}

std::vector<double> realsOf(std::string_view numbers, ScalarKind kind)
{
    std::vector<double> reals;
    reals.reserve(numbers.size() / sizeOf(kind));
    forEach(numbers, kind, [&](double number) { reals.push_back(number); });
    return reals;
}

double euclideanNorm(std::string_view numbers, ScalarKind kind)
{
    double sum = 0;
    forEach(numbers, kind, [&](double number) { sum += number * number; });
    return std::sqrt(sum);
}

} // namespace lodestone
