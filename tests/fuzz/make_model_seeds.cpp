// Writes the seeds of fuzz_model, small models of all families: make_model_seeds FOLDER
#include "base/files.h"
#include "checkpoints/nequix/random_nequix.h"
#include "support/nequip_archives.h"
#include "support/synthetic_sevennet.h"
#include "support/tiny_mace.h"

#include <cstdio>

using namespace lodestone;
using namespace lodestone::test;

int main(int count, char** arguments)
{
    if (count != 2) {
        std::fputs("usage: make_model_seeds FOLDER\n", stderr);
        return 2;
    }
    const std::filesystem::path folder = std::filesystem::path(arguments[1]) / "model";
    makeFolder(folder);
    NequixSize size;
    size.elements = {8, 26};
    size.hiddenIrreps = "2x0e + 1x1o";
    size.layers = 1;
    size.radialBasis = 2;
    size.radialMlp = {2};
    writeRandomNequix(size, 1, folder / "tiny.nqx");
    TinyMace plain;
    plain.layers = 1;
    plain.lMax = 1;
    plain.channels = 2;
    plain.radialWidth = 2;
    plain.correlation = {2};
    writeFileAtomically(folder / "plain.model", writeTinyMace(plain));
    TinyMace rich = plain;
    rich.layers = 2;
    rich.correlation = {2, 1};
    rich.transform = "AgnesiTransform";
    rich.repulsion = true;
    rich.heads = {"a", "b"};
    rich.flippedCouplings = true;
    writeFileAtomically(folder / "rich.model", writeTinyMace(rich));
    writeFileAtomically(folder / "tiny.pth", syntheticCheckpoint().bytes());
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(LODESTONE_SOURCE) / "tests/data/nequip")) {
        if (entry.path().extension() != ".json")
            continue;
        const std::string name = entry.path().stem().string();
        writeFileAtomically(folder / (name + ".zip"), nequipFile(nequipDescription(name)));
    }
    return 0;
}
