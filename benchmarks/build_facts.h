#pragma once
#include "base/json.h"

namespace lodestone {

/// What decides how many instructions an operation takes: {"compiler": "GNU 12.2.0", "libtorch": "1.13.1",
/// "glibc": "2.36", "build": "Release", "instruction_set": "x86-64-v3"}. The last is the one that the kernels
/// choose on this processor (or on the one that valgrind shows).
Json buildFacts();

} // namespace lodestone
