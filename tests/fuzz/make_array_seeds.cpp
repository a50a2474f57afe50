// Writes the seeds of fuzz_deepmd, fuzz_nqx and fuzz_packed: make_array_seeds FOLDER
#include "base/files.h"
#include "support/npy_files.h"

#include <cstdio>
#include <zlib.h>

using namespace lodestone;

namespace {

constexpr const char* between = "\n===\n";

std::vector<float> singles(std::size_t count)
{
    std::vector<float> numbers(count);
    for (std::size_t k = 0; k < count; ++k)
        numbers[k] = 0.5F * static_cast<float>(k);
    return numbers;
}

std::string single(const std::string& shape, std::size_t count)
{
    return npyBytes<float>("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }",
                           singles(count));
}

/// Two frames of two atoms, with all labels, or of a molecule without.
std::string system(bool periodic)
{
    const std::vector<double> box = {4, 0, 0, 0, 4, 0, 0, 0, 4, 5, 0, 0, 0, 5, 0, 0, 0, 5};
    std::string parts = std::string("0 1\n") + between + "Fe\nO\n" + between + (periodic ? "" : "\n");
    parts += between + single("(2, 6)", 12) + between + (periodic ? npyBytes("(2, 9)", box) : "");
    parts += between + (periodic ? npyBytes("(2,)", {-1, -2}) : "") + between + single("(2, 6)", 12);
    if (periodic)
        parts +=
            between + single("(2, 9)", 18) + between + single("(2, 6)", 12) + between + single("(2, 6)", 12);
    return parts;
}

/// As `gzip` writes it.
std::string zipped(std::string text)
{
    z_stream stream = {};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string bytes(1000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_out = static_cast<uInt>(bytes.size());
    deflate(&stream, Z_FINISH);
    bytes.resize(stream.total_out);
    deflateEnd(&stream);
    return bytes;
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 2) {
        std::fputs("usage: make_array_seeds FOLDER\n", stderr);
        return 2;
    }
    const std::filesystem::path folder = arguments[1];
    for (const char* target : {"deepmd", "nqx", "packed"})
        makeFolder(folder / target);
    writeFileAtomically(folder / "deepmd/periodic", system(true));
    writeFileAtomically(folder / "deepmd/molecule", system(false));
    writeFileAtomically(folder / "nqx/small.nqx", R"({"cutoff": 5.0, "atomic_numbers": [8, 26]})"
                                                  "\n" +
                                                      single("(2, 3)", 6) + single("()", 1));
    writeFileAtomically(folder / "packed/text.gz", zipped(std::string(300, 'a') + "bcd\n"));
    // One frame of zstd with one raw block of three bytes.
    writeFileAtomically(folder / "packed/text.zst", std::string("\x28\xb5\x2f\xfd\x20\x03\x19\0\0abc", 12));
    return 0;
}
