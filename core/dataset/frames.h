#pragma once
#include "base/json.h"
#include "base/progress.h"
#include "crystal/moments.h"
#include "crystal/structure.h"

#include <filesystem>
#include <optional>

namespace lodestone {

/// Under which names the file keeps its labels; empty: not used.
struct LabelKeys {
    std::string energy, forces, stress, virial, moments, magneticForces;
};
Json toJson(const LabelKeys& keys);

/// One structure with its labels in Lodestone's units. Labels that the file lacks are absent, never zero.
struct Frame {
    Structure structure;
    std::optional<double> energy;     ///< eV, whole frame
    std::vector<Vec3> forces;         ///< eV/Angstrom, [atoms] or empty
    std::optional<Mat3> stress;       ///< eV/Angstrom^3, tension positive
    std::optional<Moments> moments;   ///< Bohr magneton
    std::vector<Vec3> magneticForces; ///< -dE/dm, eV/Bohr magneton, [atoms] or empty
    double weight = 1;
};

/// Whether the frame's stress label can be compared: only a frame that is periodic in three directions has a
/// stress.
inline bool hasStress(const Frame& frame)
{
    const Structure& s = frame.structure;
    return frame.stress.has_value() && s.pbc[0] && s.pbc[1] && s.pbc[2] && s.volume() > 0;
}

/// What became of one file.
struct FileImport {
    std::filesystem::path file;
    std::size_t structures = 0;        ///< that the reader found
    std::size_t frames = 0, atoms = 0; ///< that were taken
    std::size_t energies = 0, forces = 0, stresses = 0, moments = 0, magneticForces = 0; ///< frames with them
    std::vector<std::string> notes = {};    ///< sentences from the reader
    std::vector<std::string> problems = {}; ///< why frames, or the whole file, were left out
};

struct Dataset {
    std::vector<Frame> frames;
    LabelKeys keys;                           ///< as used
    std::vector<std::filesystem::path> files; ///< of which something was read
    std::vector<FileImport> imports = {};     ///< one a file that was asked for
    std::vector<std::string> notes = {};      ///< sentences from the readers, of all files
};

/// Names that are recognised for each label, most specific first (REF_energy before energy).
LabelKeys detectKeys(const std::vector<Structure>& structures);

/// Reads all files and maps the labels. Empty fields of `keys` are detected; a key that is given but occurs
/// in no frame is an Error naming the nearest present key. NaN or infinite labels are an Error with file,
/// frame and line, and so is a file that cannot be read, unless `problems` is given: then the frame or the
/// file is left out and the sentence goes there. An Error if nothing is left.
Dataset readDataset(const std::vector<std::filesystem::path>& files, const LabelKeys& keys = {},
                    const Watch& watch = {}, std::vector<std::string>* problems = nullptr);

/// Labels of magnetic forces times `factor`: a file may have another sign, or another measure of moments.
void scaleMagneticForces(Dataset& data, double factor);

/// Maps the labels of structures already read.
Frame makeFrame(Structure structure, const LabelKeys& keys);

/// Indices 0..n-1 shuffled by `seed` and cut: the last round(fraction * n) (at least 1 if fraction > 0,
/// but never all) are validation. The same on every platform.
struct Split {
    std::vector<std::size_t> training;
    std::vector<std::size_t> validation;
};
Split splitFrames(std::size_t n, double validationFraction, std::uint64_t seed);

} // namespace lodestone
