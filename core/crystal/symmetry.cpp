#include "crystal/symmetry.h"
#include "base/error.h"

#include <memory>
#include <spglib.h>

namespace lodestone {

SpaceGroup spaceGroup(const Structure& structure, double tolerance)
{
    validate(structure);
    if (!(structure.pbc[0] && structure.pbc[1] && structure.pbc[2]))
        fail("{}: a space group needs a structure that is periodic in three directions.", structure.source);
    if (structure.size() == 0)
        fail("{}: a structure without atoms has no space group.", structure.source);
    if (!std::isfinite(tolerance) || tolerance <= 0.0)
        fail("The symmetry tolerance is {}; expected a positive length in Angstrom.", tolerance);
    const Mat3 inverted = inverse(structure.cell);
    // spglib's lattice has the vectors in columns.
    const Mat3 columns = transposed(structure.cell);
    double lattice[3][3];
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
            lattice[i][j] = columns[i][j];
    std::vector<Vec3> fractional;
    fractional.reserve(structure.size());
    for (const Vec3& r : structure.positions)
        fractional.push_back(r * inverted);
    static_assert(sizeof(Vec3) == sizeof(double[3]));
    const std::unique_ptr<SpglibDataset, void (*)(SpglibDataset*)> dataset(
        spg_get_dataset(lattice, reinterpret_cast<double(*)[3]>(fractional.data()), structure.species.data(),
                        static_cast<int>(structure.size()), tolerance),
        spg_free_dataset);
    if (!dataset || dataset->spacegroup_number == 0)
        fail("{}: no space group was found with a tolerance of {} Angstrom ({}).", structure.source,
             tolerance, spg_get_error_message(spg_get_error_code()));
    return {dataset->spacegroup_number, dataset->international_symbol};
}

} // namespace lodestone
