#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// One data block of a CIF file. Tags are in lower case with '_' for '.', so that the dotted and the
/// underscored spelling of a name (DDLm and DDL1 dictionaries) are the same. Values are without quotes; '?'
/// and '.' are empty.
struct CifBlock {
    struct Place {
        std::size_t table = 0; ///< pairs stand alone: every one is a table of its own
        std::size_t column = 0;
    };
    struct Table {
        std::size_t width = 1;
        std::vector<std::string> values; ///< row by row
        int line = 0;                    ///< where it begins in the file
        std::size_t rows() const { return values.size() / width; }
    };
    std::string origin; ///< "file.cif, data block 'x'"
    std::vector<Table> tables;
    std::map<std::string, Place> places;

    bool has(const std::string& tag) const { return places.count(tag) > 0; }
    /// First of the tags that has a value that is not '?' or '.'; empty if none.
    std::string first(const std::vector<std::string>& tags) const;
    /// All values of a tag; empty if the block does not have it.
    std::vector<std::string> column(const std::string& tag) const;
    /// Line of the pair or loop that holds the tag, 0 if there is none.
    int line(const std::string& tag) const;
    /// The first tag that begins with `prefix`.
    std::optional<std::string> tagStartingWith(std::string_view prefix) const;
};

/// Throws Error with file, line and column where the text is no CIF.
std::vector<CifBlock> parseCif(std::string_view text, const std::string& origin);

/// A CIF number, its standard uncertainty in brackets dropped ("5.7461(2)"), or a fraction ("1/3").
std::optional<double> parseCifNumber(std::string_view text);

} // namespace lodestone
