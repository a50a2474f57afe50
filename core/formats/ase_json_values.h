#pragma once
#include "base/json.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone {

/// One value of a row of ASE's JSON: a plain JSON value, nested lists of numbers, or {"__ndarray__": [shape,
/// type, numbers]}, also as "array" of an object (cells). Lists are flattened.
struct AseValue {
    enum class Kind { Null, Logical, Integer, Real, Text, Numbers, Other };
    Kind kind = Kind::Null;
    std::vector<double> numbers; ///< one unless Numbers; a null in a list is NaN
    std::string text;
    std::vector<std::size_t> shape; ///< Numbers: lengths of its axes, whose product is numbers.size()
};

/// The values of one structure under their names; those of key_value_pairs apart.
struct AseRow {
    std::map<std::string, AseValue> values;
    std::map<std::string, AseValue> pairs;
};

/// Walks through the text and hands each row (key, such as "1", and values) to `take`; a file of one bare
/// structure is a row with an empty key. Only values with the names `wanted` are kept, and only one row at a
/// time: memory stays within a small multiple of the text, whatever is nested in it. Error naming `origin`
/// and the place if the text is no JSON or no object.
void readAseRows(std::string_view text, const std::string& origin,
                 const std::function<bool(const std::string& name)>& wanted,
                 const std::function<void(const std::string& key, AseRow row)>& take);

} // namespace lodestone
