#pragma once
#include "write_journal.h"

#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace lodestone::test {

struct JournalEntry {
    Change change = Change::Open;
    std::string path, target; ///< target: of a rename
    bool anew = false;        ///< Open: made or emptied
    std::uint64_t handle = 0, offset = 0;
    std::string bytes;
};
/// Everything that a program did below the watched folder, in order. Throws Error if the journal is cut.
std::vector<JournalEntry> readJournal(const std::filesystem::path& file);

/// What a disk may hold after the power went.
enum class Loss {
    None, ///< everything so far reached it (a killed program)
    Torn, ///< so did everything, and half of the next write
    Data, ///< names reached it; of file contents only what was fsynced, and some of the rest: cut at random
    DataAsZeros, ///< as Data, but the rest are zeros (the length was written, the blocks were not)
    Names, ///< contents reached it; names made, changed or removed since the folder's last fsync did not
    DataAndNames, ///< nothing reached it but what was fsynced
};
inline constexpr Loss losses[] = {Loss::None,        Loss::Torn,  Loss::Data,
                                  Loss::DataAsZeros, Loss::Names, Loss::DataAndNames};
const char* nameOf(Loss loss);

/// Files and folders below a watched folder; null: a folder. Keys are absolute names as in the journal.
using DiskState = std::map<std::string, std::shared_ptr<const std::string>>;

/// Plays a journal back.
class Disk {
public:
    /// `folder` is there from the beginning, empty.
    explicit Disk(std::string folder);
    void apply(const JournalEntry& entry);
    /// What is found after the power went now. `next`: what was about to be done (Torn).
    DiskState after(Loss loss, const JournalEntry* next, std::mt19937& random) const;

private:
    struct File {
        bool folder = false;
        std::string content, synced; ///< what programs see; what is on the disk for certain
        bool dirty = false;
    };
    using FilePointer = std::shared_ptr<File>;
    static void write(std::string& content, std::uint64_t offset, std::string_view bytes);
    std::string remains(const File& file, Loss loss, std::mt19937& random) const;

    std::string m_folder;
    std::map<std::string, FilePointer> m_names, m_syncedNames;
    std::map<std::uint64_t, FilePointer> m_open;
};

/// Makes `state` (of a disk watched at `from`) real below `to`, which is emptied first.
void writeState(const DiskState& state, const std::string& from, const std::filesystem::path& to);

} // namespace lodestone::test
