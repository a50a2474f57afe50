#include "dataset/frames.h"
#include "dataset/label_keys.h"
#include "formats/formats.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace lodestone {
namespace {

bool finite(const Vec3& v)
{
    return std::isfinite(v[0]) && std::isfinite(v[1]) && std::isfinite(v[2]);
}

[[noreturn]] void refuse(const Structure& structure, const std::string& key, const std::string& sentence)
{
    fail("{}: the label '{}' {}.", structure.source.empty() ? "The structure" : structure.source, key,
         sentence);
}

std::optional<double> energyOf(const Structure& structure, const std::string& key)
{
    const auto found = structure.info.find(key);
    if (key.empty() || found == structure.info.end())
        return std::nullopt;
    double energy = 0;
    if (const auto* real = std::get_if<double>(&found->second))
        energy = *real;
    else if (const auto* integer = std::get_if<std::int64_t>(&found->second))
        energy = static_cast<double>(*integer);
    else
        refuse(structure, key, "is not a number; expected an energy in eV");
    if (!std::isfinite(energy))
        refuse(structure, key, fmt::format("is {}; expected a finite energy in eV", energy));
    return energy;
}

/// A symmetric tensor from nine numbers (3x3; rows or columns, which is the same) or six (Voigt: xx yy zz yz
/// xz xy).
std::optional<Mat3> tensorOf(const Structure& structure, const std::string& key)
{
    const auto found = structure.info.find(key);
    if (key.empty() || found == structure.info.end())
        return std::nullopt;
    const auto* v = std::get_if<std::vector<double>>(&found->second);
    if (!v || (v->size() != 6 && v->size() != 9))
        refuse(structure, key, "does not hold 9 numbers (3x3) or 6 (xx yy zz yz xz xy)");
    if (!std::all_of(v->begin(), v->end(), [](double x) { return std::isfinite(x); }))
        refuse(structure, key, "has a value that is not finite");
    const std::vector<double>& s = *v;
    if (s.size() == 6)
        return Mat3{{{s[0], s[5], s[4]}, {s[5], s[1], s[3]}, {s[4], s[3], s[2]}}};
    double largest = 0;
    for (const double x : s)
        largest = std::max(largest, std::abs(x));
    Mat3 tensor;
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            // Codes write symmetric tensors with some noise; more than one part in a hundred is something
            // else.
            if (std::abs(s[3 * i + j] - s[3 * j + i]) > 0.01 * largest + 1e-6)
                refuse(structure, key, "is not symmetric, so it is no stress or virial");
            tensor[i][j] = 0.5 * (s[3 * i + j] + s[3 * j + i]);
        }
    }
    return tensor;
}

std::vector<Vec3> vectorsOf(const Structure& structure, const std::string& key, const char* unit)
{
    const auto found = structure.arrays.find(key);
    if (key.empty() || found == structure.arrays.end())
        return {};
    const AtomArray& array = found->second;
    if (array.kind == AtomArray::Kind::Text || array.width != 3 ||
        array.numbers.size() != 3 * structure.size())
        refuse(structure, key,
               fmt::format("does not hold three numbers an atom; expected vectors in {}", unit));
    std::vector<Vec3> vectors(structure.size());
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        vectors[i] = {array.numbers[3 * i], array.numbers[3 * i + 1], array.numbers[3 * i + 2]};
        if (!finite(vectors[i]))
            refuse(structure, key,
                   fmt::format("of atom {} is not finite; expected a vector in {}", i + 1, unit));
    }
    return vectors;
}

std::optional<Mat3> stressOf(const Structure& structure, const LabelKeys& keys)
{
    if (auto stress = tensorOf(structure, keys.stress))
        return stress;
    auto virial = tensorOf(structure, keys.virial);
    if (!virial)
        return std::nullopt;
    const double volume = structure.volume();
    if (volume <= 0)
        refuse(structure, keys.virial, "needs a cell with a volume to become a stress");
    for (Vec3& row : *virial)
        row = (-1.0 / volume) * row;
    return virial;
}

/// NaN marks atoms without a label (moments.h); a frame of nothing else has no moments.
std::optional<Moments> labelledMoments(const Structure& structure, const std::string& key)
{
    if (key.empty())
        return std::nullopt;
    std::optional<Moments> moments = momentsFrom(structure, key);
    if (!moments)
        return std::nullopt;
    std::size_t labelled = 0;
    for (std::size_t i = 0; i < moments->vectors.size(); ++i) {
        const Vec3& m = moments->vectors[i];
        if (std::isinf(m[0]) || std::isinf(m[1]) || std::isinf(m[2]))
            refuse(structure, key, fmt::format("of atom {} is infinite; expected Bohr magnetons", i + 1));
        labelled += finite(m);
    }
    return labelled > 0 ? moments : std::nullopt;
}

void count(const Frame& frame, FileImport& import)
{
    ++import.frames;
    import.atoms += frame.structure.size();
    import.energies += frame.energy.has_value();
    import.forces += !frame.forces.empty();
    import.stresses += frame.stress.has_value();
    import.moments += frame.moments.has_value();
    import.magneticForces += !frame.magneticForces.empty();
}

/// Uniform on [0, bound), the same on every platform (std::uniform_int_distribution is not).
std::uint64_t below(std::mt19937_64& random, std::uint64_t bound)
{
    const std::uint64_t skip = (0 - bound) % bound; // values that would favour small results
    while (true) {
        const std::uint64_t value = random();
        if (value >= skip)
            return value % bound;
    }
}

} // namespace

Frame makeFrame(Structure structure, const LabelKeys& keys)
{
    Frame frame;
    frame.energy = energyOf(structure, keys.energy);
    frame.forces = vectorsOf(structure, keys.forces, "eV/Angstrom");
    frame.stress = stressOf(structure, keys);
    frame.moments = labelledMoments(structure, keys.moments);
    frame.magneticForces = vectorsOf(structure, keys.magneticForces, "eV/Bohr magneton");
    frame.structure = std::move(structure);
    return frame;
}

Dataset readDataset(const std::vector<std::filesystem::path>& files, const LabelKeys& keys,
                    const Watch& watch, std::vector<std::string>* problems)
{
    if (files.empty())
        fail("No data file is given; name at least one file of structures.");
    Dataset data;
    std::vector<Structure> structures;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const double n = static_cast<double>(files.size());
        const Watch part = watch.part(static_cast<double>(i) / n, static_cast<double>(i + 1) / n);
        FileImport& import = data.imports.emplace_back();
        import.file = files[i];
        try {
            std::vector<Structure> read = readStructures(files[i], part, &import.notes);
            if (read.empty())
                fail("{}: holds no structure.", files[i].string());
            import.structures = read.size();
            structures.insert(structures.end(), std::move_iterator(read.begin()),
                              std::move_iterator(read.end()));
            data.files.push_back(files[i]);
            data.notes.insert(data.notes.end(), import.notes.begin(), import.notes.end());
        } catch (const InternalError&) {
            throw;
        } catch (const Error& e) {
            if (!problems || (structures.empty() && i + 1 == files.size()))
                throw;
            import.problems.emplace_back(e.what());
            problems->emplace_back(e.what());
        }
    }
    data.keys = resolveKeys(structures, keys);
    data.frames.reserve(structures.size());
    std::size_t next = 0;
    for (FileImport& import : data.imports)
        for (std::size_t k = 0; k < import.structures; ++k, ++next) {
            watch.report(1);
            try {
                data.frames.push_back(makeFrame(std::move(structures[next]), data.keys));
                count(data.frames.back(), import);
            } catch (const InternalError&) {
                throw;
            } catch (const Error& e) {
                if (!problems)
                    throw;
                import.problems.emplace_back(e.what());
                problems->emplace_back(e.what());
            }
        }
    return data;
}

Split splitFrames(std::size_t n, double validationFraction, std::uint64_t seed)
{
    if (!(validationFraction >= 0 && validationFraction < 1))
        fail("The validation fraction is {}; it must be at least 0 and below 1.", validationFraction);
    std::vector<std::size_t> order(n);
    for (std::size_t i = 0; i < n; ++i)
        order[i] = i;
    std::mt19937_64 random(seed);
    for (std::size_t i = n; i > 1; --i)
        std::swap(order[i - 1], order[below(random, i)]);
    auto validation = static_cast<std::size_t>(std::lround(validationFraction * static_cast<double>(n)));
    if (validationFraction > 0)
        validation = std::max<std::size_t>(validation, 1);
    validation = std::min(validation, n > 0 ? n - 1 : 0); // something must be left to train on
    const auto middle = order.end() - static_cast<std::ptrdiff_t>(validation);
    return {{order.begin(), middle}, {middle, order.end()}};
}

void scaleMagneticForces(Dataset& data, double factor)
{
    for (Frame& frame : data.frames)
        for (Vec3& field : frame.magneticForces)
            field = factor * field;
}

} // namespace lodestone
