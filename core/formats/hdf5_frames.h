#pragma once
#include "archives/hdf5_archive.h"
#include "crystal/structure.h"

#include <map>
#include <set>

namespace lodestone {

/// Arrays by their names.
using Hdf5Arrays = std::map<std::string, Hdf5Object>;

/// What was found in a file so far.
struct Hdf5Findings {
    std::string origin;             ///< name of the file, for messages
    std::optional<Hdf5Object> root; ///< its attributes NAME_units hold for all arrays of that name
    std::vector<Structure> structures;
    std::vector<std::string> problems; ///< sentences, the first ones only
    std::size_t problemCount = 0;
    std::set<std::string> withoutUnits; ///< arrays that were left out for that
    std::set<std::string> unread;
    double numbers = 0; ///< kept in memory so far, in units of a double

    void leaveOut(std::string sentence);
    /// Throws Hdf5TooLarge if memory for so many numbers would be too much.
    void requireRoom(double count) const;
    void take(double count);
};

/// Ends the reading of a file; other errors leave out a group or a frame.
class Hdf5TooLarge : public Error {
public:
    using Error::Error;
};

/// Name of the array that tells the elements; nothing if there is none.
std::optional<std::string> speciesAmong(const Hdf5Arrays& arrays);
std::optional<std::string> positionsAmong(const Hdf5Arrays& arrays);
bool isPositions(std::string_view name);

/// Reads the frames of a group with elements and positions: one frame with positions [atoms, 3] or many with
/// [frames, atoms, 3]. `weights` are those of the group's properties. Error (with the name of the group) if
/// none of its frames can be read.
void readHdf5Frames(const std::string& path, const Hdf5Arrays& arrays,
                    const std::map<std::string, double>& weights, Hdf5Findings& findings, const Watch& watch);

} // namespace lodestone
