#pragma once
#include "formats/hdf5_frames.h"
#include "formats/hdf5_quantities.h"

namespace lodestone {

/// What the arrays of a group have in common.
struct Hdf5Group {
    const std::string& path;
    Hdf5Findings& findings;
    Watch quiet;       ///< to be stopped only
    bool many = false; ///< frames, along the first axis of arrays
    std::uint64_t frames = 0;
    std::uint64_t atoms = 0;
    const KnownSet* known = nullptr;
    std::optional<UnitSystem> units = {}; ///< of arrays that say nothing of theirs

    template<class... Args>
    [[noreturn]] void failHere(fmt::format_string<Args...> sentence, Args&&... args) const
    {
        fail("{}: {}: {}", findings.origin, path, fmt::format(sentence, std::forward<Args>(args)...));
    }
    /// Whether the array holds nothing, or MACE's word for that, "None".
    bool isAbsent(const Hdf5Object& array) const;
    /// What brings an array into Lodestone's units; nothing if its own are not known.
    std::optional<double> factorOf(const std::string& name, const Hdf5Object& array,
                                   Dimension dimension) const;
    /// `width` numbers for all frames together, or for each of them.
    std::vector<double> frameNumbers(const std::string& name, const Hdf5Object& array,
                                     std::uint64_t width) const;
};

/// "(3, 3)", for messages.
std::string shapeText(const Hdf5Object& array);

/// The labels and other properties of the frames of a group.
class Hdf5Labels {
public:
    explicit Hdf5Labels(const Hdf5Group& group) : m_group(group) {}
    void add(const std::string& name, const Hdf5Object& array);
    /// What a frame takes with them, in units of a double.
    double numbersAFrame() const;
    /// Reads what the frames first to first + count - 1 have for each atom.
    void readBlock(std::uint64_t first, std::uint64_t count);
    /// Frame `index`, which lies in that block.
    void put(Structure& structure, std::uint64_t index) const;

private:
    struct OfFrame {
        std::string name;
        std::size_t width = 1; ///< 1: a number; more: a list
        std::vector<double> values;
    };
    struct OfAtoms {
        std::string name;
        const Hdf5Object* array = nullptr;
        std::size_t width = 1;
        double factor = 1;
        std::vector<double> block;
    };
    struct Text {
        std::string name;
        std::vector<std::string> texts; ///< one for all frames, or one each
    };
    void addText(const std::string& name, const Hdf5Object& array);
    void addOther(const std::string& name, const Hdf5Object& array, const std::vector<std::uint64_t>& shape);
    void addNumbers(const std::string& name, const Hdf5Object& array, std::uint64_t width, double factor);

    const Hdf5Group& m_group;
    std::uint64_t m_first = 0; ///< of the block
    std::vector<OfFrame> m_ofFrame;
    std::vector<OfAtoms> m_ofAtoms;
    std::vector<Text> m_texts;
};

} // namespace lodestone
