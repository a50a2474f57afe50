#pragma once
#include <fmt/format.h>
#include <stdexcept>
#include <string>
#include <utility>

namespace lodestone {

/// Base of everything that Lodestone throws on purpose. what() is a sentence a user can act on: what
/// happened, where (file, line, frame, key), what was expected. The boundary (dialog, stderr) adds nothing
/// but the exit code.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    /// Exit code of lodestone-engine for this error: 1 bad input, 2 usage, 4 internal fault.
    virtual int exitCode() const noexcept { return 1; }
};

/// A command, option or configuration key that does not exist or does not fit.
class UsageError : public Error {
public:
    using Error::Error;
    int exitCode() const noexcept override { return 2; }
};

/// A broken promise between parts of Lodestone; never the user's fault.
class InternalError : public Error {
public:
    using Error::Error;
    int exitCode() const noexcept override { return 4; }
};

/// Thrown to unwind an operation that was asked to stop. Not an error and not derived from Error: nobody
/// shows it.
class Stopped : public std::exception {
public:
    const char* what() const noexcept override { return "stopped"; }
};

/// Throws E (an Error) with a sentence made by fmt.
template<class E = Error, class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> sentence, Args&&... args)
{
    throw E(fmt::format(sentence, std::forward<Args>(args)...));
}

} // namespace lodestone
