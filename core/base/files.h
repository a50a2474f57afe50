#pragma once
#include "base/file_descriptor.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace lodestone {

/// Opens a file for reading; the descriptor is never empty. Error (path and reason); refuses folders, and
/// named pipes and devices, which could keep the reader waiting for ever.
FileDescriptor openForReading(const std::filesystem::path& path);
/// Opens a file for writing, with open(2)'s `flags` (O_APPEND, O_TRUNC; O_RDWR instead of O_WRONLY) and for
/// all that the umask lets read. Refuses a symbolic link in the file's place: whoever may write into the
/// folder could make it point to any file of the user. Refuses what is no file, too.
FileDescriptor openForWriting(const std::filesystem::path& path, int flags);

/// Whole file as bytes. Throws Error (path and reason); refuses files over `limit` bytes.
std::string readFile(const std::filesystem::path& path, std::uintmax_t limit = std::uintmax_t{4} << 30);

/// Replaces `path` in one step: writes a temporary file beside it, fsyncs, renames, fsyncs the folder. After
/// a crash either the old or the new content is there, whole. The temporary file is a new one of a name that
/// cannot be foreseen; a file that is replaced keeps its permissions; a symbolic link is replaced, not
/// followed. Throws Error (path and reason), also if a device or a pipe bears the name.
void writeFileAtomically(const std::filesystem::path& path, std::string_view bytes);
/// The same for writers that need a path (HDF5): `write` gets the temporary path. On exception nothing
/// changes.
void replaceFileAtomically(const std::filesystem::path& path,
                           const std::function<void(const std::filesystem::path&)>& write);

/// Gives a finished file its name in one step: fsyncs `from`, renames it to `path` in the same folder
/// (replacing what is there), fsyncs the folder. Throws Error (path and reason).
void moveIntoPlace(const std::filesystem::path& from, const std::filesystem::path& path);

/// Removes what replaceFileAtomically() left beside `path` when its process was killed. Only for whoever
/// alone writes `path`: another process that is about to replace it would fail. Files that cannot be removed
/// stay.
void removeTemporaries(const std::filesystem::path& path);

/// Makes the names in a folder safe (fsync); where the file system has no such call, or the folder may not be
/// read, nothing happens. Throws Error (path and reason).
void syncFolder(const std::filesystem::path& path);

/// Reads up to `size` bytes from `offset` of an open file (fewer at its end); returns how many. Error naming
/// `path`.
std::size_t readAt(int fd, std::uintmax_t offset, char* into, std::size_t size,
                   const std::filesystem::path& path);
/// Writes all bytes, in one write(2) unless the system splits it. Error naming `path`.
void writeAll(int fd, std::string_view bytes, const std::filesystem::path& path);

/// Creates a folder and its parents, safe against a loss of power; Error with the reason (no permission, a
/// file in the way).
void makeFolder(const std::filesystem::path& path);

/// Lower-case hexadecimal SHA-256 (FIPS 180-4).
std::string sha256(std::string_view bytes);
std::string sha256OfFile(const std::filesystem::path& path);

} // namespace lodestone
