#pragma once
// One build serves all processors: each kernel is compiled for three instruction sets and picked at run time.
// Not for sanitizers, whose checks make each of the three minutes of compilation.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_THREAD__)
#define LODESTONE_LEVELS 1
#else
#define LODESTONE_LEVELS 0
#endif

namespace lodestone {

#if LODESTONE_LEVELS
/// 4 or 3 for x86-64-v4 or -v3, 0 for less.
inline int levelOfProcessor()
{
    return __builtin_cpu_supports("x86-64-v4") ? 4 : __builtin_cpu_supports("x86-64-v3") ? 3 : 0;
}
#endif

} // namespace lodestone
