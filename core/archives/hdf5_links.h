#pragma once
#include "archives/hdf5_header.h"
#include "base/progress.h"

namespace lodestone {

/// Everything that a group holds, in the order of its index: of groups as HDF5 1.6 makes them (symbol tables)
/// and as 1.8 does (links in the header, or many in a heap).
std::vector<Hdf5Link> readHdf5Links(const Hdf5Bytes& file, const Hdf5Header& group, const Watch& watch);

} // namespace lodestone
