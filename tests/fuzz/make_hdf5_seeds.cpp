// Writes the seeds of fuzz_hdf5, fuzz_storage, fuzz_delta and fuzz_checkpoint, and one of fuzz_run_directory:
// make_hdf5_seeds FOLDER
#include "base/files.h"
#include "run/config.h"
#include "storage/hdf5_writer.h"
#include "support/hdf5_sets.h"

#include <cstdio>

using namespace lodestone;
using namespace lodestone::test;

namespace {

void writeDataSets(const std::filesystem::path& folder)
{
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
}

/// A little of every type, as our writer stores it and as others do.
void writeArrays(const std::filesystem::path& folder)
{
    makeFolder(folder);
    {
        Hdf5Writer w = Hdf5Writer::create(folder / "ours.h5");
        w.write("/a/reals", Reals{0.5, -1}, {2});
        w.write("/a/floats", std::vector<float>{1, 2}, {2, 1});
        w.write("/whole", Whole{-1, 1LL << 60}, {2});
        w.write("/bytes", std::vector<std::uint8_t>{0, 255}, {2});
        w.write("/none", Reals{}, {0, 3});
        w.writeText("/text", R"({"a": 1})");
        w.close();
    }
    for (const bool newer : {false, true}) {
        ForeignHdf5 w(folder / (newer ? "others_newer.h5" : "others.h5"), newer);
        w.numbers("a/i2", Whole{1, -1}, {2}, {.type = H5T_STD_I16BE});
        w.numbers("a/u8", Whole{1, 2, 3}, {3}, {.chunk = {2}, .deflate = true, .type = H5T_STD_U64LE});
        w.numbers("f4", Reals{1, 2}, {1, 2}, {.chunk = {1, 1}, .fletcher = true, .type = H5T_IEEE_F32BE});
        w.text("text", "of any length").fixedTexts("blanks", {"ab"}, 4, H5T_STR_SPACEPAD);
        w.softLink("soft", "/a").hardLink("again", "/a").logicals("logical", {1, 0});
    }
}

void writeDelta(const std::filesystem::path& path, bool head)
{
    Hdf5Writer w = Hdf5Writer::create(path);
    w.writeText("/format", R"({"name":"lodestone-delta","schema":1})");
    w.writeText("/base_sha256", "0123");
    w.writeText("/provenance", R"({"host":"a"})");
    if (head)
        w.writeText("/model_head", "Default");
    w.writeText("/head", head ? "magnitude" : "");
    w.writeText("/tensors", R"([{"name":"a/0e","shape":[2,3],"count":2,"threshold":0.01,"eligible":6},)"
                            R"({"name":"b","shape":[4],"count":1,"threshold":0,"eligible":4}])");
    w.write("/indices", Whole{0, 5, 3}, {3});
    if (head) {
        w.write("/values", Reals{0.5, -0.25, 1}, {3});
        w.write("/head_parameters/w", std::vector<float>{1, 2}, {2, 1});
        w.write("/head_parameters/mean", Reals{1}, {1});
    } else {
        w.write("/values", std::vector<float>{0.5, -0.25, 1}, {3});
    }
    w.write("/reference_energies/atomic_numbers", Whole{8, 26}, {2});
    w.write("/reference_energies/shifts", Reals{0.5, -1}, {2});
    w.close();
}

void writeCheckpoint(const std::filesystem::path& path)
{
    RunConfig config;
    config.model = "m.nqx";
    config.data.train = {"a.extxyz"};
    const Json position = {
        {"step", 3},
        {"epoch", 1},
        {"step_in_epoch", 1},
        {"seconds", 1.5},
        {"best_loss", 0.25},
        {"best_epoch", 1},
        {"best_step", 2},
        {"epochs_since_best", 0},
        {"plateau_factor", 1.0},
        {"edges_at_once", 1000},
        {"next_sequence", 9},
        {"shift", {{26, 0.5}, {8, -1.0}}},
        {"losses", {{"start_sum", 1.5}, {"start_count", 2}, {"high_in_row", 0}, {"start_validation", 0.5}}},
        {"roll_backs", 1},
        {"rate_factor", 0.5}};
    const Json learner = {{"optimiser", {{"step", 3}}}, {"keep", 5}};
    const Json state = {{"configuration", toJson(config)},
                        {"model_sha256", "0123"},
                        {"data_sha256", {{"a.extxyz", "4567"}}},
                        {"position", position},
                        {"learner", learner},
                        {"epoch_start", {{"position", position}, {"learner", learner}}}};
    Hdf5Writer w = Hdf5Writer::create(path);
    w.writeText("/format", R"({"name":"lodestone-checkpoint","schema":1})");
    w.writeText("/state", state.dump());
    for (const std::string group : {"/tensors", "/epoch_start"}) {
        w.write(group + "/live/delta", std::vector<float>{1, 2, 3}, {3});
        w.write(group + "/optimiser/z", Reals{1, 2, 3}, {3});
        w.write(group + "/optimiser/v", Reals{1}, {});
    }
    w.close();
}

/// A run whose predictions are all that there is of a result.
void writeRun(const std::filesystem::path& path)
{
    {
        Hdf5Writer w = Hdf5Writer::create(path);
        for (const std::string name : {"energy", "forces", "moments"}) {
            w.write("/validation/" + name + "_label", Reals{-1, notANumber, 0.5}, {3});
            w.write("/validation/" + name + "_base", Reals{-1.25, 0, 1}, {3});
            w.write("/validation/" + name + "_tuned", Reals{-1, 0, 0.75}, {3});
        }
        w.close();
    }
    std::string parts = R"({"model":"m.nqx","data":{"train":["a.extxyz"]}})";
    for (int file = 0; file < 5; ++file)
        parts += "\n===\n";
    writeFileAtomically(path, parts + readFile(path));
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 2) {
        std::fputs("usage: make_hdf5_seeds FOLDER\n", stderr);
        return 2;
    }
    const std::filesystem::path folder = arguments[1];
    writeDataSets(folder / "hdf5");
    writeArrays(folder / "storage");
    makeFolder(folder / "delta");
    writeDelta(folder / "delta/plain.h5", false);
    writeDelta(folder / "delta/head.h5", true);
    makeFolder(folder / "checkpoint");
    writeCheckpoint(folder / "checkpoint/last.h5");
    makeFolder(folder / "run_directory");
    writeRun(folder / "run_directory/predictions");
    return 0;
}
