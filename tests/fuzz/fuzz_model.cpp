// Any bytes as a model file of each family: a model that is described, whose numbers are where they are said
// to be and which can be written back as it was; or an Error. Checksums are made to fit before, else they
// would keep every changed archive out.
#include "archives/zip_file.h"
#include "base/error.h"
#include "checkpoints/model_file.h"

#include <cstdlib>
#include <set>

namespace {

using namespace lodestone;

void check(bool holds)
{
    if (!holds)
        std::abort();
}

std::string sealed(std::string bytes)
{
    try {
        const std::string before = bytes;
        const ZipFile zip = ZipFile::parse(before, "fuzz");
        std::map<std::string, std::string> stored;
        for (const ZipEntry& entry : zip.entries())
            if (!entry.deflated)
                stored.emplace(entry.name, zip.view(entry));
        replaceEntries(bytes, zip, stored);
    } catch (const Error&) { // no archive
    }
    return bytes;
}

void read(const std::string& bytes)
{
    const ModelFile file = ModelFile::parse(bytes, "fuzz");
    const ModelDescription& about = file.description();
    check(!toJson(about).dump(-1, ' ', false, Json::error_handler_t::replace).empty());
    check(about.limitation.empty() != std::holds_alternative<std::monostate>(file.architecture()));
    std::set<std::string> names;
    std::vector<std::string> numbers;
    for (std::size_t i = 0; i < about.tensors.size(); ++i) {
        check(names.insert(about.tensors[i].name).second);
        numbers.push_back(file.numbers(i));
        check(numbers.back().size() ==
              static_cast<std::size_t>(about.tensors[i].count) * sizeOf(file.kindOf(i)));
    }
    check(file.withNumbers(numbers) == bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    try {
        read(sealed(std::string(reinterpret_cast<const char*>(data), size)));
    } catch (const lodestone::InternalError&) {
        std::abort();
    } catch (const lodestone::Error&) {
    }
    return 0;
}
