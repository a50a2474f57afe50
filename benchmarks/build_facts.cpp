#include "build_facts.h"

#include <gnu/libc-version.h>
#include <torch/version.h>

namespace lodestone {
namespace {

const char* instructionSet()
{
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    if (__builtin_cpu_supports("x86-64-v4"))
        return "x86-64-v4";
    if (__builtin_cpu_supports("x86-64-v3"))
        return "x86-64-v3";
#endif
    return "base";
}

} // namespace

Json buildFacts()
{
    Json facts;
    facts["compiler"] = LODESTONE_COMPILER;
    facts["libtorch"] = TORCH_VERSION;
    facts["glibc"] = gnu_get_libc_version();
    facts["build"] = LODESTONE_BUILD;
    facts["instruction_set"] = instructionSet();
    return facts;
}

} // namespace lodestone
