#pragma once
#include <optional>
#include <string_view>

namespace lodestone {

inline constexpr int maxAtomicNumber = 118;

/// "Fe" for 26; "X" for 0 or anything out of range.
std::string_view elementSymbol(int atomicNumber);
/// "Iron".
std::string_view elementName(int atomicNumber);
/// Exact spelling ("Fe"), or with a deuterium alias D, T -> 1. Nothing if it is no element.
std::optional<int> atomicNumber(std::string_view symbol);
/// Covalent radius in Angstrom (Cordero et al., Dalton Trans. 2008, 2832; Z > 96: 1.5).
double covalentRadius(int atomicNumber);
/// Row (1..7, lanthanides 8, actinides 9) and column (1..18) in the periodic table as commonly drawn.
struct TablePlace {
    int row = 0;
    int column = 0;
};
TablePlace tablePlace(int atomicNumber);

} // namespace lodestone
