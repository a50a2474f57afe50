#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace lodestone {

/// The folder to read for `path` if that is a folder of DeePMD-kit's layout, one with such systems in it
/// (at most two levels down), or a file of a system (type.raw, set.000/coord.npy); nothing otherwise.
std::optional<std::filesystem::path> deepmdFolderOf(const std::filesystem::path& path);
/// One hash over all files of such a folder that are read.
std::string sha256OfDeepmd(const std::filesystem::path& folder);

} // namespace lodestone
