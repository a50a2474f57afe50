#pragma once
#include <cstdint>

namespace lodestone::test {

// What libwrite_faults.so (write_faults.cpp) takes from the environment of a program and what it writes.
//
//   LODESTONE_WATCHED  only what lies below this folder (an absolute path) is looked at; without it nothing
//   is LODESTONE_JOURNAL  file to which every change below the folder is appended (JournalHead and its bytes)
//   LODESTONE_KILL     "N": SIGKILL instead of the N-th change (from 0); "N half": after half of its bytes
//   LODESTONE_FAULT    "CLASS N COUNT ERRNO [TEXT]": the N-th change of the class (from 0) and the COUNT - 1
//   after
//                      it fail (COUNT 0: all); with TEXT only those whose path contains it are counted.
//                      CLASS: space (what takes room: open to write, write, mkdir; the first write that fails
//                      takes half of its bytes), sync, change (all changes), any (reading and stat, too)
//   LODESTONE_FAULT_NOTE  a file that is made when a change fails for the first time
//   LODESTONE_CLOCK    "SECONDS MILLISECONDS": the wall clock jumps by so many seconds forward, back behind
//                      where it began, and to where it began, at each such interval
//
// A change is: open for writing, write, truncate, rename, unlink, mkdir and fsync.

enum class Change : std::uint32_t { Open, Write, Truncate, Rename, Unlink, MakeFolder, Sync, OpenToRead };

/// Followed by the bytes of the first path, of the second (rename's target) and of what was written.
struct JournalHead {
    Change change = Change::Open;
    std::uint32_t first = 0, second = 0; ///< lengths of the paths
    std::uint32_t flag = 0;              ///< Open: 1 made anew or emptied
    std::uint64_t offset = 0;            ///< Write: where; Truncate: size
    std::uint64_t bytes = 0;             ///< Write: length
    std::uint64_t handle =
        0; ///< which open file (Open, Write, Truncate, Sync): it may have another name by now
};

} // namespace lodestone::test
