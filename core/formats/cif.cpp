#include "base/error.h"
#include "base/text.h"
#include "crystal/elements.h"
#include "crystal/moments.h"
#include "crystal/neighbours.h"
#include "formats/cif_block.h"
#include "formats/cif_symmetry.h"
#include "formats/formats.h"

#include <algorithm>
#include <numbers>

namespace lodestone {
namespace {

/// Images of a site closer than this (Angstrom) are the same atom: above the rounding of published
/// coordinates (0.333 in a long cell), below any distance between atoms.
constexpr double sameAtom = 0.05;

struct Site {
    std::string label;
    int species = 0;
    Vec3 position = {}; ///< fractional
    double occupancy = 1.0;
    Vec3 moment = {}; ///< Bohr magneton per Angstrom of the cell vectors: Cartesian moment = moment * cell
    bool hasMoment = false;
};

double cosineOfDegrees(double angle)
{
    // The angles of most cells, without rounding.
    if (angle == 90.0)
        return 0.0;
    if (angle == 60.0)
        return 0.5;
    if (angle == 120.0)
        return -0.5;
    return std::cos(angle * std::numbers::pi / 180.0);
}

Mat3 readCell(const CifBlock& block)
{
    const auto number = [&](const std::string& tag, double least, double most,
                            std::optional<double> otherwise) {
        const std::string text = block.first({tag});
        if (text.empty() && otherwise)
            return *otherwise;
        const auto value = parseCifNumber(text);
        if (!value || !(*value > least && *value < most))
            fail("{}, line {}: {} is '{}'; expected a number between {} and {}.", block.origin,
                 block.line(tag), tag, text.substr(0, 40), least, most);
        return *value;
    };
    const double a = number("_cell_length_a", 0.0, 1e5, std::nullopt);
    const double b = number("_cell_length_b", 0.0, 1e5, std::nullopt);
    const double c = number("_cell_length_c", 0.0, 1e5, std::nullopt);
    // The CIF core dictionary: an angle that is not given is 90 degrees.
    const double cosAlpha = cosineOfDegrees(number("_cell_angle_alpha", 0.0, 180.0, 90.0));
    const double cosBeta = cosineOfDegrees(number("_cell_angle_beta", 0.0, 180.0, 90.0));
    const double cosGamma = cosineOfDegrees(number("_cell_angle_gamma", 0.0, 180.0, 90.0));
    const double sinGamma = std::sqrt(1.0 - cosGamma * cosGamma);
    const double y = (cosAlpha - cosBeta * cosGamma) / sinGamma;
    const double squared = 1.0 - cosBeta * cosBeta - y * y;
    if (!(squared > 1e-8))
        fail("{}, line {}: the three cell angles do not fit together; they span no volume.", block.origin,
             block.line("_cell_angle_alpha"));
    return {{{a, 0, 0}, {b * cosGamma, b * sinGamma, 0}, {c * cosBeta, c * y, c * std::sqrt(squared)}}};
}

/// "Fe3+", "O2-", "Mn1", "OW2": the element that the text begins with.
std::optional<int> elementOf(std::string_view text)
{
    for (const std::size_t letters : {std::size_t{2}, std::size_t{1}}) {
        if (text.size() < letters)
            continue;
        std::string symbol = lowered(text.substr(0, letters));
        if (symbol[0] >= 'a' && symbol[0] <= 'z')
            symbol[0] = static_cast<char>(symbol[0] - 'a' + 'A');
        if (const auto z = atomicNumber(symbol))
            return z;
    }
    return std::nullopt;
}

void note(std::vector<std::string>* notes, std::string sentence)
{
    if (notes)
        notes->push_back(std::move(sentence));
}

std::vector<Site> readSites(const CifBlock& block, std::vector<std::string>* notes)
{
    const std::vector<std::string> x = block.column("_atom_site_fract_x");
    const std::vector<std::string> y = block.column("_atom_site_fract_y");
    const std::vector<std::string> z = block.column("_atom_site_fract_z");
    const std::vector<std::string> labels = block.column("_atom_site_label");
    const std::vector<std::string> symbols = block.column("_atom_site_type_symbol");
    const std::vector<std::string> occupancies = block.column("_atom_site_occupancy");
    const std::size_t count = x.size();
    const auto fits = [&](const std::vector<std::string>& column) {
        return column.empty() || column.size() == count;
    };
    if (y.size() != count || z.size() != count || (labels.empty() && symbols.empty()) || !fits(labels) ||
        !fits(symbols) || !fits(occupancies))
        fail("{}, line {}: the atom sites are incomplete; expected one loop with _atom_site_label or "
             "_atom_site_type_symbol and _atom_site_fract_x, _y, _z.",
             block.origin, block.line("_atom_site_fract_x"));
    std::vector<Site> sites;
    std::size_t partial = 0;
    for (std::size_t k = 0; k < count; ++k) {
        Site site;
        site.label = labels.empty() ? fmt::format("{}{}", symbols[k], k + 1) : labels[k];
        const auto species = elementOf(!symbols.empty() && !symbols[k].empty() ? symbols[k] : site.label);
        if (!species)
            fail("{}, line {}: site {} ('{}') has no known element.", block.origin,
                 block.line("_atom_site_fract_x"), k + 1, site.label);
        site.species = *species;
        const std::array<const std::string*, 3> texts = {&x[k], &y[k], &z[k]};
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const auto number = parseCifNumber(*texts[axis]);
            if (!number || std::abs(*number) > 1e4)
                fail("{}, line {}: the coordinate '{}' of site '{}' is not a usable number.", block.origin,
                     block.line("_atom_site_fract_x"), *texts[axis], site.label);
            site.position[axis] = *number;
        }
        if (!occupancies.empty() && !occupancies[k].empty()) {
            const auto number = parseCifNumber(occupancies[k]);
            if (!number)
                fail("{}, line {}: the occupancy '{}' of site '{}' is not a number.", block.origin,
                     block.line("_atom_site_occupancy"), occupancies[k], site.label);
            site.occupancy = *number;
        }
        if (site.occupancy <= 0.0) {
            note(notes,
                 fmt::format("Site '{}' has occupancy {} and is left out.", site.label, site.occupancy));
            continue;
        }
        partial += std::abs(site.occupancy - 1.0) > 1e-3;
        sites.push_back(std::move(site));
    }
    if (partial > 0)
        note(notes,
             fmt::format("{} of {} sites are only partly occupied; each is shown as fully occupied, with the "
                         "true value in the per-atom property 'occupancy'.",
                         partial, sites.size()));
    return sites;
}

/// Refuses what the operations of a three-dimensional group cannot express.
void refuseModulated(const CifBlock& block)
{
    for (const char* prefix :
         {"_atom_site_moment_fourier", "_atom_site_moment_special_func", "_atom_site_fourier",
          "_space_group_symop_magn_ssg", "_space_group_symop_ssg", "_cell_wave_vector"})
        if (const auto tag = block.tagStartingWith(prefix))
            fail("{}, line {}: this is an incommensurate (modulated) structure ({}). Lodestone reads "
                 "commensurate "
                 "structures only; describe it in a supercell with one moment an atom.",
                 block.origin, block.line(*tag), *tag);
}

/// Fills in the moments; true if the block has any.
bool readMoments(const CifBlock& block, const Mat3& cell, std::vector<Site>& sites)
{
    const std::string labelTag = "_atom_site_moment_label";
    const std::vector<std::string> labels = block.column(labelTag);
    if (labels.empty())
        return false;
    std::array<std::vector<std::string>, 3> components;
    for (std::size_t k = 0; k < 3; ++k) {
        components[k] = block.column(std::string("_atom_site_moment_crystalaxis_") + "xyz"[k]);
        if (components[k].size() != labels.size())
            fail("{}, line {}: the moments lack _atom_site_moment.crystalaxis_x, _y, _z; other ways to give "
                 "moments are "
                 "not read.",
                 block.origin, block.line(labelTag));
    }
    for (std::size_t row = 0; row < labels.size(); ++row) {
        const auto named = [&](const Site& site) { return site.label == labels[row]; };
        const auto site = std::find_if(sites.begin(), sites.end(), named);
        if (site == sites.end())
            fail("{}, line {}: there is a moment for '{}', but no such atom site.", block.origin,
                 block.line(labelTag), labels[row]);
        if (std::find_if(site + 1, sites.end(), named) != sites.end())
            fail("{}, line {}: the moment for '{}' fits several atom sites of this label.", block.origin,
                 block.line(labelTag), labels[row]);
        for (std::size_t k = 0; k < 3; ++k) {
            const auto number = parseCifNumber(components[k][row]);
            if (!number)
                fail("{}, line {}: the moment component '{}' of '{}' is not a number.", block.origin,
                     block.line(labelTag), components[k][row], labels[row]);
            // Components go along unit vectors of the axes; the operators act on components along the axes
            // themselves.
            site->moment[k] = *number / norm(cell[k]);
        }
        site->hasMoment = true;
    }
    return true;
}

Vec3 applied(const SymmetryOperation& operation, const Vec3& x)
{
    Vec3 image = {};
    for (std::size_t k = 0; k < 3; ++k)
        image[k] = dot(operation.rotation[k], x) + operation.translation[k];
    return image;
}

/// Length of the shortest vector between two fractional positions, up to lattice translations; exact where it
/// is small.
double distance(const Vec3& a, const Vec3& b, const Mat3& cell)
{
    Vec3 d = b - a;
    for (double& x : d)
        x -= std::round(x);
    return norm(d * cell);
}

/// Symmetry must map the lattice onto itself, or moments would change their length.
void checkMetric(const CifBlock& block, const Mat3& cell, const std::vector<SymmetryOperation>& operations)
{
    const Mat3 metric = cell * transposed(cell);
    for (std::size_t n = 0; n < operations.size(); ++n) {
        const Mat3& r = operations[n].rotation;
        const Mat3 image = transposed(r) * metric * r;
        for (std::size_t i = 0; i < 3; ++i)
            for (std::size_t j = 0; j < 3; ++j)
                if (std::abs(image[i][j] - metric[i][j]) > 0.02 * std::sqrt(metric[i][i] * metric[j][j]))
                    fail("{}: symmetry operation {} does not map the cell onto itself; check cell lengths "
                         "and angles "
                         "against the operations.",
                         block.origin, n + 1);
    }
}

/// The atoms of one cell that a site stands for.
struct Orbit {
    std::vector<Vec3> positions; ///< fractional; the first is the site as given, images lie in [0, 1)
    std::vector<Vec3> moments;
    bool momentInvariant = true; ///< under the operations that leave the site where it is
};

Orbit expand(const Site& site, const std::vector<SymmetryOperation>& operations, const Mat3& cell)
{
    Orbit orbit;
    orbit.positions = {site.position};
    orbit.moments = {site.moment};
    const double tolerance = 0.02 + 0.01 * norm(site.moment * cell); // rounding of published components
    for (const SymmetryOperation& operation : operations) {
        Vec3 image = applied(operation, site.position);
        const Vec3 moment = transformMoment(operation.rotation, operation.timeReversal, site.moment);
        const auto known =
            std::find_if(orbit.positions.begin(), orbit.positions.end(),
                         [&](const Vec3& other) { return distance(image, other, cell) < sameAtom; });
        if (known == orbit.positions.end()) {
            for (double& x : image)
                x -= std::floor(x);
            orbit.positions.push_back(image);
            orbit.moments.push_back(moment);
        } else if (norm((moment - orbit.moments[static_cast<std::size_t>(known - orbit.positions.begin())]) *
                        cell) > tolerance) {
            orbit.momentInvariant = false;
        }
    }
    return orbit;
}

/// Of atoms on one place (mixed occupation) only the most abundant can be kept.
std::vector<Site> withoutMixed(std::vector<Site> sites, const std::vector<SymmetryOperation>& operations,
                               const Mat3& cell, std::vector<std::string>* notes)
{
    std::vector<std::size_t> order(sites.size());
    for (std::size_t k = 0; k < order.size(); ++k)
        order[k] = k;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return sites[a].occupancy > sites[b].occupancy; });
    std::vector<bool> kept(sites.size(), false);
    std::vector<std::size_t> keptSites;
    for (const std::size_t k : order) {
        const auto on = std::find_if(keptSites.begin(), keptSites.end(), [&](std::size_t other) {
            return std::any_of(operations.begin(), operations.end(), [&](const SymmetryOperation& operation) {
                return distance(applied(operation, sites[k].position), sites[other].position, cell) <
                       sameAtom;
            });
        });
        if (on != keptSites.end()) {
            note(notes,
                 fmt::format(
                     "Site '{}' ({}, occupancy {}) lies on site '{}' ({}, occupancy {}) and is left out.",
                     sites[k].label, elementSymbol(sites[k].species), sites[k].occupancy, sites[*on].label,
                     elementSymbol(sites[*on].species), sites[*on].occupancy));
            continue;
        }
        kept[k] = true;
        keptSites.push_back(k);
    }
    std::vector<Site> result;
    for (std::size_t k = 0; k < sites.size(); ++k)
        if (kept[k])
            result.push_back(std::move(sites[k]));
    return result;
}

Structure readBlock(const CifBlock& block, std::vector<std::string>* notes)
{
    refuseModulated(block);
    Structure s;
    s.source = block.origin;
    s.pbc = {true, true, true};
    s.cell = readCell(block);
    std::vector<Site> sites = readSites(block, notes);
    const bool moments = readMoments(block, s.cell, sites);
    const SymmetryOperations symmetry = symmetryOf(block);
    const std::vector<SymmetryOperation>& operations = symmetry.operations;
    if (moments && !symmetry.magnetic && operations.size() > 1)
        fail("{}: the file gives moments, but no magnetic symmetry operations "
             "(_space_group_symop_magn_operation.xyz), "
             "without which the moments of the other atoms are unknown.",
             block.origin);
    checkMetric(block, s.cell, operations);
    const double work = static_cast<double>(operations.size());
    if (static_cast<double>(sites.size()) * work * (work + static_cast<double>(sites.size())) > 5e9)
        fail("{}: {} sites under {} symmetry operations are too many to expand.", block.origin, sites.size(),
             operations.size());
    if (!symmetry.note.empty())
        note(notes, symmetry.note);
    sites = withoutMixed(std::move(sites), operations, s.cell, notes);

    AtomArray labels{AtomArray::Kind::Text, 1, {}, {}};
    AtomArray occupancy{AtomArray::Kind::Real, 1, {}, {}};
    AtomArray magmoms{AtomArray::Kind::Real, 3, {}, {}};
    for (const Site& site : sites) {
        const Orbit orbit = expand(site, operations, s.cell);
        if (site.hasMoment && !orbit.momentInvariant)
            note(notes,
                 fmt::format(
                     "The moment of site '{}' is not invariant under the symmetry operations that leave "
                     "the site in place; it is kept as the file gives it.",
                     site.label));
        for (std::size_t k = 0; k < orbit.positions.size(); ++k) {
            s.species.push_back(site.species);
            s.positions.push_back(orbit.positions[k] * s.cell);
            labels.texts.push_back(site.label);
            occupancy.numbers.push_back(site.occupancy);
            const Vec3 moment = orbit.moments[k] * s.cell;
            magmoms.numbers.insert(magmoms.numbers.end(), moment.begin(), moment.end());
        }
    }
    if (s.size() > sites.size())
        note(notes, fmt::format("{} atoms generated by symmetry from {} sites ({} operations).", s.size(),
                                sites.size(), operations.size()));
    const auto full = [](double x) { return std::abs(x - 1.0) <= 1e-3; };
    if (!std::all_of(occupancy.numbers.begin(), occupancy.numbers.end(), full))
        s.arrays["occupancy"] = std::move(occupancy);
    s.arrays["site_label"] = std::move(labels);
    if (moments)
        s.arrays["magmoms"] = std::move(magmoms);
    const std::string named = block.first(
        {"_space_group_magn_name_bns", "_space_group_name_h-m_alt", "_symmetry_space_group_name_h-m"});
    std::string group;
    for (const std::string_view word : splitFields(named))
        group += (group.empty() ? "" : " ") + std::string(word);
    if (!group.empty())
        s.info["space_group"] = group;
    if (neighbourList(s, 0.5).size() > 0)
        note(notes,
             "Some atoms are closer than 0.5 Angstrom to each other; the structure is probably disordered.");
    return s;
}

} // namespace

std::vector<Structure> readCif(std::string_view text, const std::string& origin,
                               std::vector<std::string>* notes)
{
    std::vector<Structure> structures;
    for (const CifBlock& block : parseCif(text, origin))
        if (block.has("_atom_site_fract_x"))
            structures.push_back(readBlock(block, notes));
    if (structures.empty())
        fail("{}: no data block has atom sites with fractional coordinates (_atom_site_fract_x).", origin);
    for (const Structure& structure : structures)
        if (structure.size() == 0)
            fail("{}: all atom sites are empty.", structure.source);
    return structures;
}

} // namespace lodestone
