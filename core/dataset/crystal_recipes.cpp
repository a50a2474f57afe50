#include "dataset/crystal_recipes.h"
#include "base/error.h"
#include "crystal/elements.h"

#include <algorithm>
#include <random>

namespace lodestone {
namespace {

/// Uniform numbers from the generator's bits: the distributions of the standard differ between platforms.
class Draw {
public:
    explicit Draw(std::uint64_t seed) : m_generator(seed) {}
    double symmetric(double largest) // -largest .. largest
    {
        return largest * (2 * (static_cast<double>(m_generator() >> 11) * 0x1p-53) - 1);
    }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(m_generator() % n); }

private:
    std::mt19937_64 m_generator;
};

struct Site {
    Vec3 fractional;
    std::size_t element; ///< index into CrystalRecipe::elements
};

/// Cubic conventional cells; `bond` is the nearest distance as a multiple of the cell's edge.
struct Lattice {
    const char* name;
    std::size_t elements;
    double bond;
    std::vector<Site> sites;
};

std::vector<Site> faceCentred(const Vec3& at, std::size_t element)
{
    std::vector<Site> sites;
    for (const Vec3& corner : {Vec3{0, 0, 0}, Vec3{0, 0.5, 0.5}, Vec3{0.5, 0, 0.5}, Vec3{0.5, 0.5, 0}})
        sites.push_back({corner + at, element});
    return sites;
}

std::vector<Site> joined(std::vector<Site> a, const std::vector<Site>& b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

const std::vector<Lattice>& lattices()
{
    static const Vec3 origin = {0, 0, 0};
    static const Vec3 quarter = {0.25, 0.25, 0.25};
    static const Vec3 centre = {0.5, 0.5, 0.5};
    static const std::vector<Lattice> all = {
        {"fcc", 1, std::sqrt(0.5), faceCentred(origin, 0)},
        {"bcc", 1, std::sqrt(0.75), {{origin, 0}, {centre, 0}}},
        {"diamond", 1, std::sqrt(3.0) / 4, joined(faceCentred(origin, 0), faceCentred(quarter, 0))},
        {"rocksalt", 2, 0.5, joined(faceCentred(origin, 0), faceCentred({0.5, 0, 0}, 1))},
        {"cesium-chloride", 2, std::sqrt(0.75), {{origin, 0}, {centre, 1}}},
        {"zincblende", 2, std::sqrt(3.0) / 4, joined(faceCentred(origin, 0), faceCentred(quarter, 1))},
    };
    return all;
}

} // namespace

std::vector<CrystalRecipe> drawRecipes(const std::vector<int>& elements, const std::vector<int>& avoid,
                                       std::size_t count, std::uint64_t seed)
{
    if (elements.empty())
        throw Error("There is no element to make crystals of.");
    const auto known = [&avoid](int element) {
        return std::find(avoid.begin(), avoid.end(), element) != avoid.end();
    };
    const bool allKnown = std::all_of(elements.begin(), elements.end(), known);
    Draw draw(seed);
    std::vector<CrystalRecipe> recipes;
    while (recipes.size() < count) {
        const Lattice& lattice = lattices()[draw.below(lattices().size())];
        CrystalRecipe recipe = {lattice.name, {}};
        for (std::size_t i = 0; i < lattice.elements; ++i)
            recipe.elements.push_back(elements[draw.below(elements.size())]);
        const bool twice = recipe.elements.front() == recipe.elements.back();
        if (lattice.elements == 2 && twice && elements.size() > 1)
            continue;
        if (!allKnown && std::all_of(recipe.elements.begin(), recipe.elements.end(), known))
            continue;
        recipes.push_back(std::move(recipe));
    }
    return recipes;
}

Structure makeCrystal(const CrystalRecipe& recipe, double scale)
{
    const auto lattice = std::find_if(lattices().begin(), lattices().end(),
                                      [&recipe](const Lattice& l) { return recipe.lattice == l.name; });
    if (lattice == lattices().end() || lattice->elements != recipe.elements.size())
        throw InternalError("No crystal \"" + recipe.lattice + "\" of so many elements.");
    const double bond =
        scale * (covalentRadius(recipe.elements.front()) + covalentRadius(recipe.elements.back()));
    const double edge = bond / lattice->bond;
    Structure structure;
    structure.cell = {{{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}}};
    structure.pbc = {true, true, true};
    structure.source = recipe.lattice;
    for (const int element : recipe.elements)
        structure.source += " " + std::string(elementSymbol(element));
    for (const Site& site : lattice->sites) {
        structure.species.push_back(recipe.elements[site.element]);
        structure.positions.push_back(edge * site.fractional);
    }
    return structure;
}

void disturb(Structure& structure, double strain, double rattle, std::uint64_t seed)
{
    Draw draw(seed);
    Mat3 stretch = identity3;
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = r; c < 3; ++c) {
            const double entry = draw.symmetric(strain);
            stretch[r][c] += entry;
            if (c != r)
                stretch[c][r] += entry;
        }
    structure.cell = structure.cell * stretch;
    for (Vec3& position : structure.positions) {
        position = position * stretch;
        for (double& x : position)
            x += draw.symmetric(rattle);
    }
}

} // namespace lodestone
