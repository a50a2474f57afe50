// Any bytes as a file of PyTorch, and as the pickle in one (checksums would keep changed pickles out
// otherwise). What is read can be written back: the same numbers give the same file, other numbers give a
// file that holds them.
#include "archives/torch_archive.h"
#include "base/error.h"
#include "support/torch_archive_writer.h"

#include <cstdlib>

namespace {

using namespace lodestone;

void check(bool holds)
{
    if (!holds)
        std::abort();
}

/// Places of all numbers differ and their order is that of the storage.
bool isPlain(const TensorReference& tensor)
{
    std::int64_t run = 1;
    for (std::size_t i = tensor.shape.size(); i-- > 0; run *= tensor.shape[i])
        if (tensor.strides[i] != run)
            return false;
    return true;
}

void rewrite(const TorchArchive& archive, const TensorReference& tensor, const std::string& numbers)
{
    std::string changed;
    std::string other = numbers;
    for (char& c : other)
        c = static_cast<char>(c ^ 0x15);
    try {
        check(archive.withNumbers({{tensor, numbers}}) == archive.bytes());
        changed = archive.withNumbers({{tensor, other}});
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) { // compressed
        return;
    }
    check(changed.size() == archive.bytes().size());
    check(!isPlain(tensor) || TorchArchive::parse(changed, "changed").numbers(tensor) == other);
}

void readTensors(const TorchArchive& archive, const PickleNode& root)
{
    std::size_t bytes = 0;
    std::size_t rewritten = 0;
    for (const NamedTensor& one : tensorsIn(root)) {
        if (bytes > std::size_t{4} << 20)
            return;
        std::string numbers;
        try {
            numbers = archive.numbers(one.tensor);
        } catch (const InternalError&) {
            std::abort();
        } catch (const Error&) {
            continue;
        }
        bytes += numbers.size();
        check(numbers.size() % sizeOf(one.tensor.storage.scalar) == 0);
        if (!numbers.empty() && ++rewritten < 3)
            rewrite(archive, one.tensor, numbers);
    }
}

void readFile(std::string file)
{
    try {
        const TorchArchive archive = TorchArchive::parse(std::move(file), "fuzz");
        check(TorchArchive::recognises(archive.bytes()));
        std::size_t records = 0;
        for (const std::string& record : archive.records()) {
            if (++records > 50)
                break;
            check(archive.hasRecord(record));
            try {
                archive.record(record, std::size_t{1} << 20);
                if (archive.layout() == TorchArchive::Layout::Package)
                    readTensors(archive, archive.pickleOf(record).root());
            } catch (const InternalError&) {
                std::abort();
            } catch (const Error&) {
            }
        }
        if (archive.layout() == TorchArchive::Layout::Package)
            return;
        for (const PickleNode& constant : archive.constants())
            readTensors(archive, constant);
        readTensors(archive, archive.root());
    } catch (const InternalError&) {
        std::abort();
    } catch (const Error&) {
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    readFile(bytes);
    const std::string numbers(256, '\x41');
    readFile(test::ZipWriter()
                 .add("archive/data.pkl", bytes, {.descriptor = true})
                 .add("archive/data/0", numbers, {.descriptor = true, .align = 64})
                 .add("archive/data/1", std::string_view(numbers).substr(0, 24), {.deflate = true})
                 .finish(true));
    return 0;
}
