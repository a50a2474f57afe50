#pragma once

namespace lodestone::test {

/// AddressSanitizer maps terabytes and keeps what is freed for a while: limits of memory mean nothing to it.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool addressSanitizer = true;
#else
inline constexpr bool addressSanitizer = false;
#endif

} // namespace lodestone::test
