#pragma once
#include "base/error.h"
#include "base/linalg.h"
#include "base/progress.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// The lines of an OUTCAR one after the other, trimmed; reports progress and knows the number for messages.
class OutcarLines {
public:
    OutcarLines(std::string_view text, const std::string& origin, const Watch& watch)
        : m_text(text),
          m_origin(origin),
          m_watch(watch)
    {
    }

    /// False at the end. A line without its line end is one that was cut off; its last number may lack
    /// digits, so it is not given.
    bool next(std::string_view& line);
    /// Passes over the few lines up to the rule of dashes that tables stand below; false if there is none.
    bool skipToRule();
    std::size_t number() const { return m_number; } ///< of the last line given, from 1
    std::size_t bytes() const { return m_text.size(); }
    const std::string& origin() const { return m_origin; }

    template<class... Args>
    [[noreturn]] void failHere(fmt::format_string<Args...> sentence, Args&&... args) const
    {
        fail("{}, line {}: {}", m_origin, m_number, fmt::format(sentence, std::forward<Args>(args)...));
    }

private:
    std::string_view m_text;
    const std::string& m_origin;
    const Watch& m_watch;
    std::size_t m_position = 0;
    std::size_t m_number = 0;
    std::size_t m_nextPoll = 0;
};

/// What the head of an OUTCAR says about the run.
struct OutcarRun {
    std::vector<int> potentials;  ///< atomic numbers
    std::size_t atoms = 0;        ///< NIONS
    std::vector<int> species;     ///< [atoms]; empty until all of it is known
    bool spinPolarised = false;   ///< ISPIN = 2
    bool noncollinear = false;    ///< LNONCOLLINEAR
    Mat3 axes = identity3;        ///< moments as printed (a column) -> Cartesian
    bool axesReadable = true;     ///< false: the file gives axes, but not in a known way
    long long mostIterations = 0; ///< NELM; 0 if unknown

    /// Takes what `line` says; may read on in `lines`. Error (file, line) if the atoms do not fit together.
    void take(std::string_view line, OutcarLines& lines);

private:
    void takePotential(std::string_view line, const OutcarLines& lines);
    void takeAtoms(std::string_view line, const OutcarLines& lines);
    void takeCounts(std::string_view line, const OutcarLines& lines);
    void takeAxes(OutcarLines& lines);
};

} // namespace lodestone
