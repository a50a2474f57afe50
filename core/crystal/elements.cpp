#include "crystal/elements.h"

#include <array>
#include <cstdint>

namespace lodestone {
namespace {

struct Element {
    std::string_view symbol;
    std::string_view name;
};

constexpr std::array<Element, maxAtomicNumber> elements = {{
    {"H", "Hydrogen"},     {"He", "Helium"},       {"Li", "Lithium"},      {"Be", "Beryllium"},
    {"B", "Boron"},        {"C", "Carbon"},        {"N", "Nitrogen"},      {"O", "Oxygen"},
    {"F", "Fluorine"},     {"Ne", "Neon"},         {"Na", "Sodium"},       {"Mg", "Magnesium"},
    {"Al", "Aluminium"},   {"Si", "Silicon"},      {"P", "Phosphorus"},    {"S", "Sulfur"},
    {"Cl", "Chlorine"},    {"Ar", "Argon"},        {"K", "Potassium"},     {"Ca", "Calcium"},
    {"Sc", "Scandium"},    {"Ti", "Titanium"},     {"V", "Vanadium"},      {"Cr", "Chromium"},
    {"Mn", "Manganese"},   {"Fe", "Iron"},         {"Co", "Cobalt"},       {"Ni", "Nickel"},
    {"Cu", "Copper"},      {"Zn", "Zinc"},         {"Ga", "Gallium"},      {"Ge", "Germanium"},
    {"As", "Arsenic"},     {"Se", "Selenium"},     {"Br", "Bromine"},      {"Kr", "Krypton"},
    {"Rb", "Rubidium"},    {"Sr", "Strontium"},    {"Y", "Yttrium"},       {"Zr", "Zirconium"},
    {"Nb", "Niobium"},     {"Mo", "Molybdenum"},   {"Tc", "Technetium"},   {"Ru", "Ruthenium"},
    {"Rh", "Rhodium"},     {"Pd", "Palladium"},    {"Ag", "Silver"},       {"Cd", "Cadmium"},
    {"In", "Indium"},      {"Sn", "Tin"},          {"Sb", "Antimony"},     {"Te", "Tellurium"},
    {"I", "Iodine"},       {"Xe", "Xenon"},        {"Cs", "Caesium"},      {"Ba", "Barium"},
    {"La", "Lanthanum"},   {"Ce", "Cerium"},       {"Pr", "Praseodymium"}, {"Nd", "Neodymium"},
    {"Pm", "Promethium"},  {"Sm", "Samarium"},     {"Eu", "Europium"},     {"Gd", "Gadolinium"},
    {"Tb", "Terbium"},     {"Dy", "Dysprosium"},   {"Ho", "Holmium"},      {"Er", "Erbium"},
    {"Tm", "Thulium"},     {"Yb", "Ytterbium"},    {"Lu", "Lutetium"},     {"Hf", "Hafnium"},
    {"Ta", "Tantalum"},    {"W", "Tungsten"},      {"Re", "Rhenium"},      {"Os", "Osmium"},
    {"Ir", "Iridium"},     {"Pt", "Platinum"},     {"Au", "Gold"},         {"Hg", "Mercury"},
    {"Tl", "Thallium"},    {"Pb", "Lead"},         {"Bi", "Bismuth"},      {"Po", "Polonium"},
    {"At", "Astatine"},    {"Rn", "Radon"},        {"Fr", "Francium"},     {"Ra", "Radium"},
    {"Ac", "Actinium"},    {"Th", "Thorium"},      {"Pa", "Protactinium"}, {"U", "Uranium"},
    {"Np", "Neptunium"},   {"Pu", "Plutonium"},    {"Am", "Americium"},    {"Cm", "Curium"},
    {"Bk", "Berkelium"},   {"Cf", "Californium"},  {"Es", "Einsteinium"},  {"Fm", "Fermium"},
    {"Md", "Mendelevium"}, {"No", "Nobelium"},     {"Lr", "Lawrencium"},   {"Rf", "Rutherfordium"},
    {"Db", "Dubnium"},     {"Sg", "Seaborgium"},   {"Bh", "Bohrium"},      {"Hs", "Hassium"},
    {"Mt", "Meitnerium"},  {"Ds", "Darmstadtium"}, {"Rg", "Roentgenium"},  {"Cn", "Copernicium"},
    {"Nh", "Nihonium"},    {"Fl", "Flerovium"},    {"Mc", "Moscovium"},    {"Lv", "Livermorium"},
    {"Ts", "Tennessine"},  {"Og", "Oganesson"},
}};

// Cordero et al. 2008, table 2; carbon sp3, low spin for Mn, Fe and Co.
constexpr std::array<double, 96> covalentRadii = {
    0.31, 0.28, 1.28, 0.96, 0.84, 0.76, 0.71, 0.66, 0.57, 0.58, 1.66, 1.41, 1.21, 1.11, 1.07, 1.05, //
    1.02, 1.06, 2.03, 1.76, 1.70, 1.60, 1.53, 1.39, 1.39, 1.32, 1.26, 1.24, 1.32, 1.22, 1.22, 1.20, //
    1.19, 1.20, 1.20, 1.16, 2.20, 1.95, 1.90, 1.75, 1.64, 1.54, 1.47, 1.46, 1.42, 1.39, 1.45, 1.44, //
    1.42, 1.39, 1.39, 1.38, 1.39, 1.40, 2.44, 2.15, 2.07, 2.04, 2.03, 2.01, 1.99, 1.98, 1.98, 1.96, //
    1.94, 1.92, 1.92, 1.89, 1.90, 1.87, 1.87, 1.75, 1.70, 1.62, 1.51, 1.44, 1.41, 1.36, 1.36, 1.32, //
    1.45, 1.46, 1.48, 1.40, 1.50, 1.50, 2.60, 2.21, 2.15, 2.06, 2.00, 1.96, 1.90, 1.87, 1.80, 1.69};

bool isElement(int z)
{
    return z >= 1 && z <= maxAtomicNumber;
}

/// Index of a symbol of one or two letters in a 27 x 27 table, or -1.
constexpr int symbolIndex(std::string_view symbol)
{
    if (symbol.empty() || symbol.size() > 2 || symbol[0] < 'A' || symbol[0] > 'Z')
        return -1;
    if (symbol.size() == 2 && (symbol[1] < 'a' || symbol[1] > 'z'))
        return -1;
    return (symbol[0] - 'A') * 27 + (symbol.size() == 2 ? symbol[1] - 'a' + 1 : 0);
}

constexpr std::array<std::uint8_t, 26 * 27> makeSymbolTable()
{
    std::array<std::uint8_t, 26 * 27> table = {};
    for (int z = 1; z <= maxAtomicNumber; ++z)
        table[static_cast<std::size_t>(symbolIndex(elements[static_cast<std::size_t>(z - 1)].symbol))] =
            static_cast<std::uint8_t>(z);
    table[static_cast<std::size_t>(symbolIndex("D"))] = 1;
    table[static_cast<std::size_t>(symbolIndex("T"))] = 1;
    return table;
}

constexpr auto symbolTable = makeSymbolTable();

} // namespace

std::string_view elementSymbol(int atomicNumber)
{
    return isElement(atomicNumber) ? elements[static_cast<std::size_t>(atomicNumber - 1)].symbol : "X";
}

std::string_view elementName(int atomicNumber)
{
    return isElement(atomicNumber) ? elements[static_cast<std::size_t>(atomicNumber - 1)].name : "Unknown";
}

std::optional<int> atomicNumber(std::string_view symbol)
{
    const int index = symbolIndex(symbol);
    if (index < 0 || symbolTable[static_cast<std::size_t>(index)] == 0)
        return std::nullopt;
    return symbolTable[static_cast<std::size_t>(index)];
}

double covalentRadius(int atomicNumber)
{
    const bool known = atomicNumber >= 1 && atomicNumber <= static_cast<int>(covalentRadii.size());
    return known ? covalentRadii[static_cast<std::size_t>(atomicNumber - 1)] : 1.5;
}

TablePlace tablePlace(int z)
{
    if (!isElement(z))
        return {};
    if (z <= 2)
        return {1, z == 1 ? 1 : 18};
    if (z >= 57 && z <= 71)
        return {8, z - 57 + 3};
    if (z >= 89 && z <= 103)
        return {9, z - 89 + 3};
    // Noble gases close the rows: counting back from them gives the column, except left of the gaps.
    constexpr std::array<int, 7> nobleGases = {2, 10, 18, 36, 54, 86, 118};
    int row = 2;
    while (z > nobleGases[static_cast<std::size_t>(row - 1)])
        ++row;
    const int fromLeft = z - nobleGases[static_cast<std::size_t>(row - 2)];
    const int fromRight = 18 - (nobleGases[static_cast<std::size_t>(row - 1)] - z);
    return {row, fromLeft <= 2 ? fromLeft : fromRight};
}

} // namespace lodestone
