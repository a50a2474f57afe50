#pragma once
#include <filesystem>
#include <optional>

namespace lodestone {

/// The folder to read for `path` if that is a folder of DeePMD-kit's layout, one with such systems in it
/// (at most two levels down), or a file of a system (type.raw, set.000/coord.npy); nothing otherwise.
std::optional<std::filesystem::path> deepmdFolderOf(const std::filesystem::path& path);

} // namespace lodestone
