#pragma once
#include "base/files.h"
#include "base/schema.h"
#include "formats/formats.h"

#include <map>
#include <string>
#include <vector>

// Files that earlier versions wrote (tests/data/schema-N), as they were then.

/// Copies the files of schema `number` into `folder`, and unpacks those that are kept packed.
inline void unpackSchema(int number, const std::filesystem::path& folder)
{
    using namespace lodestone;
    const std::filesystem::path kept = LODESTONE_SOURCE "/tests/data/schema-" + std::to_string(number);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kept)) {
        if (!entry.is_regular_file())
            continue;
        std::filesystem::path target = folder / std::filesystem::relative(entry.path(), kept);
        makeFolder(target.parent_path());
        std::string bytes = readFile(entry.path());
        if (target.extension() == ".gz") {
            target.replace_extension();
            bytes = gunzip(bytes, entry.path().string());
        }
        writeFileAtomically(target, bytes);
    }
}

/// What the versions in base/schema.h are of: number, and the files of each folder schema-N that show it.
struct StoredKind {
    const char* name;
    int number;
    std::vector<std::string> files;
};

inline std::vector<StoredKind> storedKinds()
{
    using namespace lodestone;
    return {
        {"configuration", schema::configuration, {"finished/run.json", "interrupted/run.json"}},
        {"events", schema::events, {"finished/events.jsonl", "interrupted/events.jsonl"}},
        {"control", schema::control, {"finished/control.jsonl"}},
        {"lock", schema::lock, {"interrupted/lock"}},
        {"job", schema::job, {"queued/job.json"}},
        {"slurmSite", schema::slurmSite, {"slurm-site.json"}},
        {"checkpoint",
         schema::checkpoint,
         {"finished/checkpoints/last.h5", "interrupted/checkpoints/best.h5"}},
        {"delta", schema::delta, {"finished/result/delta.h5", "deltas/sparse.delta.h5"}},
        {"predictions", schema::predictions, {"finished/result/predictions.h5"}},
        {"metrics", schema::metrics, {"finished/result/metrics.json"}},
        {"audit", schema::audit, {"finished/result/audit.json"}},
        {"explanation", schema::explanation, {"finished/result/explanation.json"}},
        {"sweep", schema::sweep, {"sweep/sweep.json"}},
        {"project", schema::project, {"work.lodestone"}},
        {"settings", schema::settings, {"settings.conf"}},
    };
}
