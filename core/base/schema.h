#pragma once
#include "base/json.h"

namespace lodestone {

/// Versions of everything that Lodestone writes and reads again. A number is raised when a program that knows
/// only the former one would misread the file, not when fields are added; then tests/data/schema-N keeps
/// files of every number so far (tests/core/tst_schemas.cpp). A file without a number is one of version 1.
namespace schema {

inline constexpr int configuration = 1; ///< run.json, config.json, and the configuration in other files
inline constexpr int events = 1;        ///< every line of events.jsonl
inline constexpr int control = 1;       ///< every line of control.jsonl
inline constexpr int lock = 1;
inline constexpr int job = 1;       ///< job.json
inline constexpr int slurmSite = 1; ///< settings of a cluster
inline constexpr int checkpoint = 1;
inline constexpr int delta = 1;
inline constexpr int predictions = 1;
inline constexpr int metrics = 1;
inline constexpr int audit = 1;
inline constexpr int explanation = 1;
inline constexpr int sweep = 1;
inline constexpr int project = 1;  ///< *.lodestone
inline constexpr int settings = 1; ///< the desktop's settings and the session in them

/// The number in json["schema"]; 1 where there is none, or null. Error naming `where` if it is no whole
/// number from 1.
int of(const Json& json, std::string_view where);
/// Error if `number` is above `known`: the sentence says that the program must be updated.
void check(int number, int known, std::string_view where);
inline void check(const Json& json, int known, std::string_view where)
{
    check(of(json, where), known, where);
}

/// A JSON file whose "schema" is at most `known`.
Json readFile(const std::filesystem::path& path, int known);
/// `json`, an object, with {"schema": number} in front.
Json stamped(int number, const Json& json);
/// The text that says at /format in an HDF5 file what it is.
std::string formatText(std::string_view name, int number);
/// Reads that text. Error if it is that of another kind of file than `name`, or of a schema above `known`.
void checkFormat(const std::string& text, std::string_view name, int known, const std::string& where);

} // namespace schema
} // namespace lodestone
