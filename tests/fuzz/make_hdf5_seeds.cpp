// Writes the seeds of fuzz_hdf5: make_hdf5_seeds FOLDER
#include "base/files.h"
#include "support/hdf5_sets.h"

#include <cstdio>

using namespace lodestone;
using namespace lodestone::test;

int main(int count, char** arguments)
{
    if (count != 2) {
        std::fputs("usage: make_hdf5_seeds FOLDER\n", stderr);
        return 2;
    }
    const std::filesystem::path folder = arguments[1];
    makeFolder(folder);
    for (const bool newer : {false, true}) {
        const std::string ending = newer ? "_newer.h5" : ".h5";
        {
            ForeignHdf5 w(folder / ("configurations" + ending), newer);
            putConfig(w, "config_batch_0/config_0", 0);
            w.numbers("config_batch_0/config_0/properties/moments", Reals{2, -2}, {2});
        }
        {
            ForeignHdf5 w(folder / ("molecules" + ending), newer);
            putMolecule(w, "a");
            w.numbers("a/cell", counting(0, 9), {3, 3}).texts("a/subset", {"one"});
            w.numbers("b/coordinates", counting(0, 18), {3, 2, 3},
                      {.chunk = {2, 2, 3}, .deflate = true, .shuffle = true, .fletcher = true});
            w.units("b/coordinates", "Å").fixedTexts("b/species", {"H", "He"}, 2);
            w.numbers("b/gradients", counting(0, 18), {3, 2, 3}, {.chunk = {1, 1, 3}});
            w.attribute("/", "gradients_units", "hartree/bohr", true).hardLink("c", "/a");
        }
        {
            ForeignHdf5 w(folder / ("many" + ending), newer);
            for (int k = 0; k < 12; ++k)
                w.numbers(std::to_string(k) + "/positions", counting(0, 3), {1, 3})
                    .numbers(std::to_string(k) + "/atomic_numbers", Whole{26}, {1});
        }
    }
    return 0;
}
