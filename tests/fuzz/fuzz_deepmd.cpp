// Any bytes as the files of a system of DeePMD-kit, with lines "===" between them. What was read is whole.
#include "formats/deepmd.h"
#include "formats/formats.h"
#include "fuzz_support.h"

namespace {

using namespace lodestone;

constexpr const char* files[] = {"type.raw",
                                 "type_map.raw",
                                 "nopbc",
                                 "set.000/coord.npy",
                                 "set.000/box.npy",
                                 "set.000/energy.npy",
                                 "set.000/force.npy",
                                 "set.000/virial.npy",
                                 "set.000/spin.npy",
                                 "set.000/force_mag.npy"};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const fuzz::ScratchFolder folder;
    folder.makeFolder("set.000");
    const std::vector<std::string_view> parts = fuzz::partsOf(fuzz::textOf(data, size), std::size(files));
    for (std::size_t k = 0; k < parts.size(); ++k)
        folder.put(files[k], parts[k]);
    std::vector<Structure> structures;
    if (!fuzz::answers([&] { structures = readDeepmdFolder(folder.path()); }))
        return 0;
    fuzz::check(!structures.empty());
    for (const Structure& structure : structures)
        validate(structure);
    fuzz::check(!sha256OfDeepmd(folder.path()).empty());
    return 0;
}
