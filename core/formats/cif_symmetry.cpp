#include "formats/cif_symmetry.h"
#include "base/error.h"
#include "base/text.h"

#include <algorithm>
#include <gemmi/symmetry.hpp>

namespace lodestone {
namespace {

/// Densest that is believable: 192 operations times the centring of an 8 x 2 supercell.
constexpr std::size_t mostOperations = 3072;

/// One of "x-y+1/2", "1/2+x", "-z", "2/3": fills a row of the rotation and a component of the translation.
bool parseComponent(std::string_view text, Vec3& row, double& translation)
{
    row = {};
    translation = 0.0;
    std::size_t i = 0;
    bool any = false;
    while (i < text.size()) {
        double sign = 1.0;
        if (text[i] == '+' || text[i] == '-')
            sign = text[i++] == '-' ? -1.0 : 1.0;
        else if (any)
            return false; // terms are joined by a sign
        const std::size_t begin = i;
        while (i < text.size() && ((text[i] >= '0' && text[i] <= '9') || text[i] == '.' || text[i] == '/'))
            ++i;
        double factor = 1.0;
        if (i > begin) {
            const auto number = parseCifNumber(text.substr(begin, i - begin));
            if (!number)
                return false;
            factor = *number;
            if (i < text.size() && text[i] == '*')
                ++i;
        }
        if (i < text.size() && text[i] >= 'x' && text[i] <= 'z')
            row[static_cast<std::size_t>(text[i++] - 'x')] += sign * factor;
        else if (i > begin)
            translation += sign * factor;
        else
            return false;
        any = true;
    }
    return any;
}

SymmetryOperation product(const SymmetryOperation& after, const SymmetryOperation& before)
{
    SymmetryOperation result;
    result.rotation = after.rotation * before.rotation;
    for (std::size_t k = 0; k < 3; ++k)
        result.translation[k] = dot(after.rotation[k], before.translation) + after.translation[k];
    result.timeReversal = after.timeReversal * before.timeReversal;
    return result;
}

std::vector<SymmetryOperation> readOperations(const CifBlock& block, const std::string& tag)
{
    std::vector<SymmetryOperation> operations;
    for (const std::string& text : block.column(tag)) {
        const auto operation = parseOperation(text);
        if (!operation)
            fail("{}, line {}: '{}' is no symmetry operation; expected one such as 'x+1/2,-y,z'{}.",
                 block.origin, block.line(tag), text.substr(0, 60),
                 tag.find("magn") != tag.npos ? " with ',+1' or ',-1' behind it" : "");
        operations.push_back(*operation);
    }
    if (operations.size() > mostOperations)
        fail("{}, line {}: {} symmetry operations are more than any space group has.", block.origin,
             block.line(tag), operations.size());
    return operations;
}

SymmetryOperations fromTables(const gemmi::GroupOps& group, std::string note)
{
    SymmetryOperations result;
    for (const gemmi::Op& op : group) {
        SymmetryOperation operation;
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t j = 0; j < 3; ++j)
                operation.rotation[i][j] = static_cast<double>(op.rot[i][j]) / gemmi::Op::DEN;
            operation.translation[i] = static_cast<double>(op.tran[i]) / gemmi::Op::DEN;
        }
        result.operations.push_back(operation);
    }
    result.note = std::move(note);
    return result;
}

/// Operations of the group that the block names, if it names one.
std::optional<SymmetryOperations> namedGroup(const CifBlock& block)
{
    const std::string hall = block.first({"_space_group_name_hall", "_symmetry_space_group_name_hall"});
    if (!hall.empty()) {
        try {
            return fromTables(gemmi::symops_from_hall(hall.c_str()),
                              fmt::format("Symmetry operations made from the Hall symbol '{}'.", hall));
        } catch (const std::exception&) {
            // A misspelt Hall symbol is common; the other names are tried.
        }
    }
    const auto angle = [&](const char* tag) { return parseCifNumber(block.first({tag})).value_or(90.0); };
    for (const std::string& name :
         {block.first(
              {"_space_group_name_h-m_alt", "_symmetry_space_group_name_h-m", "_space_group_name_h-m_full"}),
          block.first({"_space_group_it_number", "_symmetry_int_tables_number"})}) {
        if (name.empty())
            continue;
        const gemmi::SpaceGroup* group =
            gemmi::find_spacegroup_by_name(name, angle("_cell_angle_alpha"), angle("_cell_angle_gamma"));
        if (!group)
            fail("{}: the space group '{}' is not known and the file lists no symmetry operations.",
                 block.origin, name);
        return fromTables(group->operations(),
                          fmt::format("Symmetry operations of space group {} taken from tables; "
                                      "the file lists none.",
                                      group->xhm()));
    }
    return std::nullopt;
}

} // namespace

std::optional<SymmetryOperation> parseOperation(std::string_view text)
{
    std::string compact;
    for (const char c : lowered(text))
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            compact += c;
    std::vector<std::string_view> parts;
    const std::string_view view = compact;
    for (std::size_t begin = 0; begin <= view.size();) {
        const std::size_t end = std::min(view.find(',', begin), view.size());
        parts.push_back(view.substr(begin, end - begin));
        begin = end + 1;
    }
    if (parts.size() != 3 && parts.size() != 4)
        return std::nullopt;
    SymmetryOperation operation;
    for (std::size_t k = 0; k < 3; ++k)
        if (!parseComponent(parts[k], operation.rotation[k], operation.translation[k]))
            return std::nullopt;
    for (const Vec3& row : operation.rotation)
        for (const double element : row)
            if (element != std::round(element) || std::abs(element) > 10.0)
                return std::nullopt;
    if (std::abs(determinant(operation.rotation)) != 1.0)
        return std::nullopt;
    if (parts.size() == 4) {
        if (parts[3] != "+1" && parts[3] != "1" && parts[3] != "-1")
            return std::nullopt;
        operation.timeReversal = parts[3] == "-1" ? -1 : 1;
    }
    return operation;
}

SymmetryOperations symmetryOf(const CifBlock& block)
{
    SymmetryOperations result;
    result.operations = readOperations(block, "_space_group_symop_magn_operation_xyz");
    if (!result.operations.empty()) {
        result.magnetic = true;
        const std::vector<SymmetryOperation> centring =
            readOperations(block, "_space_group_symop_magn_centering_xyz");
        if (centring.empty())
            return result;
        if (centring.size() * result.operations.size() > mostOperations)
            fail("{}: {} times {} symmetry operations are more than any magnetic group has.", block.origin,
                 centring.size(), result.operations.size());
        std::vector<SymmetryOperation> all;
        for (const SymmetryOperation& shift : centring)
            for (const SymmetryOperation& operation : result.operations)
                all.push_back(product(shift, operation));
        result.operations = std::move(all);
        return result;
    }
    for (const char* tag : {"_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz"}) {
        result.operations = readOperations(block, tag);
        if (!result.operations.empty())
            return result;
    }
    if (auto named = namedGroup(block))
        return std::move(*named);
    result.operations = {SymmetryOperation{}};
    result.note = "The file names no symmetry: its sites are taken as all the atoms of the cell.";
    return result;
}

} // namespace lodestone
