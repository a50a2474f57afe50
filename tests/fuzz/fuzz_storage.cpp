// Any bytes as a file of HDF5, every object in it read by every function of Hdf5Reader. What one of them
// gives, the others agree with.
#include "fuzz_support.h"
#include "storage/hdf5_reader.h"

#include <cmath>

namespace {

using namespace lodestone;
using fuzz::answers;
using fuzz::check;

constexpr std::size_t most = std::size_t{1} << 20; ///< elements of an array that is read

std::size_t elementsIn(const std::vector<std::int64_t>& shape)
{
    std::size_t count = 1;
    for (const std::int64_t extent : shape)
        count *= static_cast<std::size_t>(extent);
    return count;
}

void readArray(const Hdf5Reader& file, const std::string& name)
{
    std::vector<std::int64_t> shape;
    if (!answers([&] {
            shape = file.shape(name);
            file.isFloat32(name);
        }))
        return;
    for (const std::int64_t extent : shape)
        check(extent >= 0);
    const std::size_t count = elementsIn(shape);
    if (count > most)
        return;
    std::vector<double> reals;
    if (answers([&] { reals = file.readReals(name); }))
        check(reals.size() == count);
    std::vector<float> floats;
    if (answers([&] { floats = file.readFloats(name); })) {
        check(floats.size() == reals.size());
        for (std::size_t i = 0; i < floats.size(); ++i)
            check(std::isnan(reals[i]) ? std::isnan(floats[i]) : floats[i] == static_cast<float>(reals[i]));
    } else {
        check(reals.empty());
    }
    std::vector<std::int64_t> integers;
    if (answers([&] { integers = file.readIntegers(name); }))
        check(integers.size() == count);
    std::vector<std::uint8_t> bytes;
    if (answers([&] { bytes = file.readBytes(name); })) {
        check(bytes.size() == integers.size());
        for (std::size_t i = 0; i < bytes.size(); ++i)
            check(bytes[i] == integers[i]);
    }
    if (answers([&] { file.readText(name); }))
        check(count == 1);
}

void readGroup(const Hdf5Reader& file, const std::string& name, int depth, std::size_t& left)
{
    std::vector<std::string> children;
    if (!answers([&] { children = file.children(name); })) {
        readArray(file, name);
        return;
    }
    for (const std::string& child : children) {
        if (left == 0 || depth > 4)
            return;
        --left;
        const std::string inside = name + "/" + child;
        answers([&] { file.has(inside); });
        readGroup(file, inside, depth + 1, left);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const fuzz::MemoryFile bytes(fuzz::textOf(data, size));
    answers([&] {
        const Hdf5Reader file = Hdf5Reader::open(bytes.path());
        std::size_t left = 60; // objects
        readGroup(file, "", 0, left);
    });
    return 0;
}
