// Any bytes as the files of a finished run, one behind the other with lines "===" between them: its record
// and its page.
#include "fuzz_support.h"
#include "report/report_page.h"

namespace {

using namespace lodestone;

constexpr const char* files[] = {"run.json",
                                 "events.jsonl",
                                 "result/metrics.json",
                                 "result/audit.json",
                                 "result/explanation.json",
                                 "result/predictions.h5"};

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***)
{
    fuzz::silenceLog();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const fuzz::ScratchFolder folder;
    folder.makeFolder("result");
    const std::vector<std::string_view> parts = fuzz::partsOf(fuzz::textOf(data, size), std::size(files));
    for (std::size_t k = 0; k < parts.size(); ++k)
        folder.put(files[k], parts[k]);
    fuzz::answers([&] { jsonText(runRecord(folder.path())); });
    fuzz::answers([&] {
        const std::string page = reportPage(readRunMaterial(folder.path()), "0");
        fuzz::check(page.find("<script") == std::string::npos);
    });
    fuzz::check(findRuns(folder.path().parent_path()).size() <= 1);
    return 0;
}
