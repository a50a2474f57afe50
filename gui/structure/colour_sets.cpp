#include "structure/colour_sets.h"

#include <algorithm>
#include <set>

namespace lodestone::gui {

namespace {

// 0xRRGGBB for Z = 1..109.
constexpr std::uint32_t jmol[] = {
    0xffffff, 0xd9ffff, 0xcc80ff, 0xc2ff00, 0xffb5b5, 0x909090, 0x3050f8, 0xff0d0d, 0x90e050, 0xb3e3f5,
    0xab5cf2, 0x8aff00, 0xbfa6a6, 0xf0c8a0, 0xff8000, 0xffff30, 0x1ff01f, 0x80d1e3, 0x8f40d4, 0x3dff00,
    0xe6e6e6, 0xbfc2c7, 0xa6a6ab, 0x8a99c7, 0x9c7ac7, 0xe06633, 0xf090a0, 0x50d050, 0xc88033, 0x7d80b0,
    0xc28f8f, 0x668f8f, 0xbd80e3, 0xffa100, 0xa62929, 0x5cb8d1, 0x702eb0, 0x00ff00, 0x94ffff, 0x94e0e0,
    0x73c2c9, 0x54b5b5, 0x3b9e9e, 0x248f8f, 0x0a7d8c, 0x006985, 0xc0c0c0, 0xffd98f, 0xa67573, 0x668080,
    0x9e63b5, 0xd47a00, 0x940094, 0x429eb0, 0x57178f, 0x00c900, 0x70d4ff, 0xffffc7, 0xd9ffc7, 0xc7ffc7,
    0xa3ffc7, 0x8fffc7, 0x61ffc7, 0x45ffc7, 0x30ffc7, 0x1fffc7, 0x00ff9c, 0x00e675, 0x00d452, 0x00bf38,
    0x00ab24, 0x4dc2ff, 0x4da6ff, 0x2194d6, 0x267dab, 0x266696, 0x175487, 0xd0d0e0, 0xffd123, 0xb8b8d0,
    0xa6544d, 0x575961, 0x9e4fb5, 0xab5c00, 0x754f45, 0x428296, 0x420066, 0x007d00, 0x70abfa, 0x00baff,
    0x00a1ff, 0x008fff, 0x0080ff, 0x006bff, 0x545cf2, 0x785ce3, 0x8a4fe3, 0xa136d4, 0xb31fd4, 0xb31fba,
    0xb30da6, 0xbd0d87, 0xc70066, 0xcc0059, 0xd1004f, 0xd90045, 0xe00038, 0xe6002e, 0xeb0026,
};

// Where VESTA differs from Jmol.
const std::map<int, std::uint32_t> vestaDifferences = {
    {1, 0xffcccc},  {2, 0xfce8ce},  {3, 0x86df73},  {4, 0x5ed77b},  {5, 0x1fa20f},  {6, 0x4c4c4c},
    {7, 0xb0b9e6},  {8, 0xfe0300},  {9, 0xb0b9e6},  {10, 0xfe37b5}, {11, 0xf9dc3c}, {12, 0xfb7b15},
    {13, 0x81b2d6}, {14, 0x1b3bfa}, {15, 0xc09cc2}, {16, 0xfffa00}, {17, 0x31fc02}, {18, 0xcffec4},
    {19, 0xa121f6}, {20, 0x5a96bd}, {21, 0xb563ab}, {22, 0x78caff}, {23, 0xe51900}, {24, 0x00009e},
    {25, 0xa7089d}, {26, 0xb57100}, {27, 0x0000af}, {28, 0xb7bbbd}, {29, 0x2247dc}, {30, 0x8f8f81},
    {31, 0x9ee373}, {32, 0x7e6ea6}, {33, 0x74d057}, {34, 0x9aef0f}, {35, 0x7e3102}, {36, 0xfac1f3},
    {40, 0x00ff00}, {50, 0x9a8eb9}, {57, 0x5ac449},
};

// Okabe and Ito (2008), without black: it would hide the shading.
constexpr std::uint32_t okabeIto[] = {0xe69f00, 0x56b4e9, 0x009e73, 0xf0e442,
                                      0x0072b2, 0xd55e00, 0xcc79a7, 0x999999};

Rgb fromHex(std::uint32_t hex)
{
    return {std::uint8_t(hex >> 16), std::uint8_t(hex >> 8 & 0xff), std::uint8_t(hex & 0xff)};
}

Rgb jmolColour(int z)
{
    return z >= 1 && z <= int(std::size(jmol)) ? fromHex(jmol[z - 1]) : Rgb{235, 0, 38};
}

std::map<int, Rgb> distinctColours(const std::set<int>& elements)
{
    std::map<int, Rgb> result;
    std::set<std::size_t> taken;
    for (int z : elements) {
        // Start at a place that depends on the element alone, so that an element usually keeps its colour
        // between frames; move on if another element of this frame has it.
        std::size_t place = z == 8 ? 5 : std::size_t(z) % std::size(okabeIto);
        while (taken.contains(place) && taken.size() < std::size(okabeIto))
            place = (place + 1) % std::size(okabeIto);
        taken.insert(place);
        result[z] = fromHex(okabeIto[place]);
    }
    return result;
}

} // namespace

std::map<int, Rgb> elementColours(ColourSet set, const std::vector<int>& species)
{
    const std::set<int> elements(species.begin(), species.end());
    if (set == ColourSet::ColourBlind)
        return distinctColours(elements);
    std::map<int, Rgb> result;
    for (int z : elements) {
        const auto vesta = vestaDifferences.find(z);
        result[z] = set == ColourSet::Vesta && vesta != vestaDifferences.end() ? fromHex(vesta->second)
                                                                               : jmolColour(z);
    }
    return result;
}

} // namespace lodestone::gui
