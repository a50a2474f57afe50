#pragma once
#include <functional>
#include <string>

namespace lodestone {

// Exit codes of the programs.
constexpr int exitBadInput = 1;
constexpr int exitUsage = 2;
constexpr int exitStopped = 3;
constexpr int exitFault = 4;

/// "lodestone-engine: SENTENCE" on standard error; returns the code.
int complain(const std::string& sentence, int code);

/// Runs `work`, whose value is the exit code: everything that may be thrown ends here, as a sentence and an
/// exit code. sentenceOf: of exceptions that the program does not know itself; empty: "An unexpected fault:
/// ...".
int guarded(const std::function<int()>& work,
            const std::function<std::string(const std::exception&)>& sentenceOf = {});

} // namespace lodestone
