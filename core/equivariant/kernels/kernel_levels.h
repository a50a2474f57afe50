#pragma once
// One build serves all processors: each kernel is compiled for three instruction sets and picked at run time.
// Not for sanitizers, whose checks make each of the three minutes of compilation.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_THREAD__)
#define LODESTONE_LEVELS 1
#else
#define LODESTONE_LEVELS 0
#endif

// A file that includes this defines LODESTONE_LEVEL(LEVEL, NAME, T, BYTES): its kernels for real numbers T as
// functions with the attributes LEVEL, names that end in NAME, and registers of so many bytes. One function a
// set: attributes do not reach templates. LODESTONE_ALL_LEVELS(T) then makes them all, LODESTONE_RUN(KERNEL,
// task) calls the one for this processor.
#if LODESTONE_LEVELS
#define LODESTONE_ALL_LEVELS(T)                                                                              \
    LODESTONE_LEVEL(__attribute__((target("arch=x86-64-v4"))), V4, T, 64)                                    \
    LODESTONE_LEVEL(__attribute__((target("arch=x86-64-v3"))), V3, T, 32)                                    \
    LODESTONE_LEVEL(, Any, T, 16)
#define LODESTONE_RUN(KERNEL, task)                                                                          \
    static const int level = levelOfProcessor();                                                             \
    level == 4 ? KERNEL##V4(task) : level == 3 ? KERNEL##V3(task) : KERNEL##Any(task)
#else
#define LODESTONE_ALL_LEVELS(T) LODESTONE_LEVEL(, Any, T, 16)
#define LODESTONE_RUN(KERNEL, task) KERNEL##Any(task)
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
