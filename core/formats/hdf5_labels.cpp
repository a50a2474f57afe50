#include "formats/hdf5_labels.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace lodestone {
namespace {

constexpr std::uint64_t longestList = 64; ///< of a property of a frame
constexpr double numbersOfFrame = 64;     ///< what a structure takes besides its numbers ...
constexpr double numbersOfProperty = 16;  ///< ... and each of its properties

std::string expectedFor(Quantity quantity)
{
    if (quantity == Quantity::Moments)
        return "one or three numbers an atom";
    if (isOfAtoms(quantity))
        return "three numbers an atom";
    return quantity == Quantity::Stress || quantity == Quantity::Virial ? "six or nine numbers"
                                                                        : "one number";
}

std::uint64_t product(const std::vector<std::uint64_t>& extents)
{
    std::uint64_t count = 1;
    for (const std::uint64_t extent : extents)
        count *= extent;
    return count;
}

/// `width` numbers, `index`-th of many or the only ones.
std::span<const double> numbersOf(const std::vector<double>& values, std::size_t width, std::uint64_t index)
{
    return std::span(values).subspan(values.size() > width ? index * width : 0, width);
}

bool allNan(std::span<const double> values)
{
    return std::all_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
}

} // namespace

std::string shapeText(const Hdf5Object& array)
{
    return fmt::format("({})", fmt::join(array.shape(), ", "));
}

bool Hdf5Group::isAbsent(const Hdf5Object& array) const
{
    return array.elements() == 0 ||
           (array.isText() && array.elements() == 1 && array.texts(quiet)[0] == "None");
}

std::optional<double> Hdf5Group::factorOf(const std::string& name, const Hdf5Object& array,
                                          Dimension dimension) const
{
    std::optional<std::string> text = array.attribute("units");
    if (!text && findings.root)
        text = findings.root->attribute(name + "_units");
    if (text) {
        const auto unit = unitNamed(*text);
        if (!unit || unit->dimension != dimension)
            failHere("the unit of '{}' is '{}'; expected one such as {}.", name, text->substr(0, 40),
                     examplesOf(dimension));
        return unit->factor;
    }
    if (units)
        return units->factor(dimension);
    if (dimension == Dimension::Moment)
        return 1.0; // nobody gives them in anything but Bohr magnetons
    return std::nullopt;
}

std::vector<double> Hdf5Group::frameNumbers(const std::string& name, const Hdf5Object& array,
                                            std::uint64_t width) const
{
    const std::uint64_t count = array.elements();
    if (count != width && !(many && array.rows() == frames && count == frames * width))
        failHere("'{}' has the shape {}; expected {} numbers a frame.", name, shapeText(array), width);
    findings.requireRoom(static_cast<double>(count));
    return array.numbers(quiet);
}

void Hdf5Labels::add(const std::string& name, const Hdf5Object& array)
{
    if (m_group.isAbsent(array))
        return;
    const Quantity quantity = quantityNamed(name);
    if (array.isText() && quantity == Quantity::Other) {
        addText(name, array);
        return;
    }
    if (!array.isNumbers()) {
        m_group.findings.unread.insert(name);
        return;
    }
    std::vector<std::uint64_t> shape = array.shape(); // of what one frame has
    const bool fits = !m_group.many || (!shape.empty() && shape[0] == m_group.frames);
    if (m_group.many && fits)
        shape.erase(shape.begin());
    const std::uint64_t count = product(shape);
    const bool oneAnAtom = !shape.empty() && shape[0] == m_group.atoms && count == m_group.atoms;
    const bool threeAnAtom = shape == std::vector<std::uint64_t>{m_group.atoms, 3};
    // Energies of atoms are something else.
    if (quantity == Quantity::Other || (quantity == Quantity::Energy && count > 1 && oneAnAtom)) {
        addOther(name, array, shape);
        return;
    }
    const bool right = isOfAtoms(quantity) ? threeAnAtom || (oneAnAtom && quantity == Quantity::Moments)
                       : quantity == Quantity::Stress || quantity == Quantity::Virial
                           ? count == 6 || count == 9
                           : count == 1;
    if (!fits || !right)
        m_group.failHere(
            "'{}' has the shape {}; expected {} for {}.", name, shapeText(array), expectedFor(quantity),
            m_group.many ? fmt::format("each of {} frames of {} atoms", m_group.frames, m_group.atoms)
                         : fmt::format("a frame of {} atoms", m_group.atoms));
    if (quantity == Quantity::Weight) {
        addNumbers("config_weight", array, 1, 1);
        return;
    }
    const auto factor = m_group.factorOf(name, array, dimensionOf(quantity));
    if (!factor) {
        m_group.findings.withoutUnits.insert(name);
        return;
    }
    const std::string label = nameOfLabel(name, quantity, m_group.known);
    if (isOfAtoms(quantity))
        m_ofAtoms.push_back({label,
                             &array,
                             threeAnAtom ? std::size_t{3} : 1,
                             quantity == Quantity::Gradient ? -*factor : *factor,
                             {}});
    else
        addNumbers(label, array, count, *factor);
}

void Hdf5Labels::addNumbers(const std::string& name, const Hdf5Object& array, std::uint64_t width,
                            double factor)
{
    OfFrame label{name, static_cast<std::size_t>(width), m_group.frameNumbers(name, array, width)};
    for (double& value : label.values)
        value *= factor;
    m_ofFrame.push_back(std::move(label));
}

void Hdf5Labels::addText(const std::string& name, const Hdf5Object& array)
{
    if (array.elements() != 1 && !(m_group.many && array.elements() == m_group.frames)) {
        m_group.findings.unread.insert(name);
        return;
    }
    m_group.findings.requireRoom(4 * static_cast<double>(array.elements()));
    m_texts.push_back({name, array.texts(m_group.quiet)});
}

/// Properties that mean nothing to us are kept where a frame has a group of its own.
void Hdf5Labels::addOther(const std::string& name, const Hdf5Object& array,
                          const std::vector<std::uint64_t>& shape)
{
    const std::string lower = lowered(name);
    const bool ofFrame = lower.ends_with("dipole") || lower.ends_with("polarizability");
    const bool ofAtoms = !ofFrame && !shape.empty() && shape[0] == m_group.atoms &&
                         (shape.size() == 1 || (shape.size() == 2 && (shape[1] == 1 || shape[1] == 3)));
    if (m_group.many || (!ofAtoms && array.elements() > longestList))
        m_group.findings.unread.insert(name);
    else if (ofAtoms)
        m_ofAtoms.push_back({name, &array, shape.size() == 2 && shape[1] == 3 ? std::size_t{3} : 1, 1, {}});
    else
        addNumbers(name, array, array.elements(), 1);
}

double Hdf5Labels::numbersAFrame() const
{
    double count = numbersOfFrame;
    for (const OfAtoms& label : m_ofAtoms)
        count += numbersOfProperty + static_cast<double>(label.width) * static_cast<double>(m_group.atoms);
    for (const OfFrame& label : m_ofFrame)
        count += numbersOfProperty + static_cast<double>(label.width);
    for (const Text& label : m_texts) {
        std::size_t longest = 0;
        for (const std::string& text : label.texts)
            longest = std::max(longest, text.size());
        count += numbersOfProperty + static_cast<double>(longest) / sizeof(double);
    }
    return count;
}

void Hdf5Labels::readBlock(std::uint64_t first, std::uint64_t count)
{
    m_first = first;
    for (OfAtoms& label : m_ofAtoms)
        label.block = m_group.many ? label.array->numbers(first, count, m_group.quiet)
                                   : label.array->numbers(m_group.quiet);
}

void Hdf5Labels::put(Structure& structure, std::uint64_t index) const
{
    for (const OfAtoms& label : m_ofAtoms) {
        const std::size_t size = static_cast<std::size_t>(m_group.atoms) * label.width;
        const auto numbers = std::span(label.block).subspan((index - m_first) * size, size);
        // In arrays of many frames NaN stands for what was not computed.
        if (m_group.many && allNan(numbers))
            continue;
        std::vector<double> values(numbers.begin(), numbers.end());
        for (double& value : values)
            value *= label.factor;
        structure.arrays[label.name] = {
            AtomArray::Kind::Real, static_cast<int>(label.width), std::move(values), {}};
    }
    for (const OfFrame& label : m_ofFrame) {
        const auto numbers = numbersOf(label.values, label.width, index);
        if (m_group.many && allNan(numbers))
            continue;
        if (label.width > 1)
            structure.info[label.name] = std::vector<double>(numbers.begin(), numbers.end());
        else if (label.name != "config_weight" || numbers[0] != 1)
            structure.info[label.name] = numbers[0];
    }
    for (const Text& label : m_texts)
        structure.info[label.name] = label.texts[label.texts.size() == 1 ? 0 : index];
}

} // namespace lodestone
