#include "run/predictions.h"
#include "base/schema.h"

namespace lodestone {

std::optional<Hdf5Reader> openPredictions(const RunPaths& paths)
{
    if (!std::filesystem::exists(paths.predictions()))
        return std::nullopt;
    auto file = Hdf5Reader::open(paths.predictions());
    if (file.has("/format"))
        schema::checkFormat(file.readText("/format"), predictionsFormat, schema::predictions,
                            paths.predictions().string());
    return file;
}

} // namespace lodestone
