#pragma once
#include "base/json.h"
#include "blocks/selection.h"
#include "dataset/frames.h"

#include <map>

namespace lodestone {

// The configuration of a run as plain data. Defaults here are the defaults users get; docs/configuration.md
// explains every key. Reading rejects unknown keys (the nearest known key is named) and values out of range;
// writing gives every key, so that reading the result back yields the same run. The key "provenance" (what an
// engine records in run.json beside the configuration: hashes, versions, host) is passed over when reading.

struct DataConfig {
    std::vector<std::string> train;
    std::vector<std::string> test;            ///< when "test" is a list of files
    double testFraction = 0;                  ///< otherwise: of the training files' frames, split off first
    std::vector<std::string> validationFiles; ///< when "validation" is a list of files
    double validationFraction = 0.1;          ///< otherwise
    std::uint64_t splitSeed = 0;
    LabelKeys keys;           ///< empty fields are detected
    std::size_t maxTrain = 0; ///< use at most so many training frames after the split (0: all)
    std::size_t maxValidation = 0;
    std::size_t maxTest = 0;
    std::string weightKey = "config_weight";    ///< frame property that weighs a training frame; absent: 1
    std::map<std::string, double> groupWeights; ///< "key=value" of a frame property -> factor
    /// Labels of magnetic forces times this are -dE/dm in eV/Bohr magneton: unit, sign and what moment a code
    /// differentiates in differ between programs.
    double magneticForceFactor = 1;
};

/// Frames that the base model labels, mixed into training so that it forgets less.
struct ReplayConfig {
    std::size_t frames = 64;           ///< generated crystals (docs/configuration.md)
    double weight = 1;                 ///< of each frame in the loss, where a training frame has 1
    std::vector<std::string> elements; ///< of the crystals; empty: all of the model
    std::vector<std::string> files;    ///< structures to take instead of crystals
    std::uint64_t seed = 0;
};

struct TargetWeights {
    double energy = 1, forces = 10, stress = 0, moments = 0, magneticForces = 0;
    /// Of the magnetic forces compare only what is perpendicular to the moment (the torque): with lengths
    /// held by a constraint the part along the moment may be no derivative that the model can have.
    bool perpendicular = false;
};

struct LossConfig {
    std::string kind = "huber"; ///< huber | mae | mse
    double delta = 0.01;        ///< huber only
    bool energyPerAtom = true;
};

struct MethodConfig {
    std::string kind = "sparse";          ///< sparse | l1 | low-rank | dense | full | readout
    std::string preset = "L";             ///< L | H; ignored when targetFraction is set
    std::optional<double> targetFraction; ///< of the whole model's parameters, 0..1
    bool perPathThreshold = false;
    double sigma = 0.01;                  ///< start of D ~ N(0, sigma^2); usualSigma() where none is given
    double initialThreshold = 1e-3;       ///< t0
    std::optional<double> thresholdDecay; ///< decay of s; preset L 0.01, H 0.3
    std::optional<double> thresholdLearningRate; ///< default: the learning rate
    double deltaDecay = 1e-8;
    double lambda = 0.1; ///< l1: every step moves each delta towards zero by learning rate x lambda
    int rank = 16;       ///< low-rank: of the two factors of a path, at most
    double alpha = 16;   ///< low-rank: the delta is alpha / rank times their product
};

/// Where nothing else is said. Under a target every delta is kept at first: a smaller start disturbs the
/// model less.
inline double usualSigma(bool target)
{
    return target ? 0.003 : 0.01;
}

struct OptimiserConfig {
    std::string kind = "schedule-free-adamw"; ///< schedule-free-adamw | adamw
    double learningRate = 1e-2;               ///< of the default method
    double ema = 0;                           ///< adamw only; 0: off
    int warmupSteps = 10;
    double clip = 1; ///< global gradient norm; 0: off
    double weightDecay = 0;
    /// constant | cosine | plateau; adamw only. cosine: down to finalRate times the learning rate at the last
    /// step. plateau: halved after plateauEpochs epochs without a better validation error, down to the same.
    std::string schedule = "constant";
    double finalRate = 0.01;
    int plateauEpochs = 5;
    /// How often a run whose loss is no number any more, or explodes, goes back to the beginning of its epoch
    /// with half the learning rate, before it fails.
    int rollBacks = 5;
};

/// What a method is usually run with: schedule-free for deltas; l1 without any average; low-rank and full
/// with a moving average (0.99 as in ELoRA, 0.999). Learning rates: the middle of those that did best on five
/// sets of data (docs/results.md).
OptimiserConfig defaultOptimiser(const std::string& method);

struct RunConfig {
    std::string model;
    std::string head; ///< of a model file that holds several heads or modalities; empty: its default
    DataConfig data;
    TargetWeights targets;
    LossConfig loss;
    std::string referenceEnergies = "estimate";     ///< keep | estimate | isolated
    std::map<std::string, double> isolatedEnergies; ///< element symbol -> eV, for "isolated"
    BlockSelection blocks = {"linear", {}, {}};
    MethodConfig method;
    std::string magneticHead = "none"; ///< none | magnitude | vector | spin-energy
    std::optional<double>
        headLearningRate; ///< of the head, which starts from scratch; default: the optimiser's
    OptimiserConfig optimiser;
    std::optional<ReplayConfig> replay;
    std::size_t forgettingFrames = 32; ///< crystals on which forgetting is measured at the end; 0: not
    int epochs = 50;
    std::size_t maxEdges = 20000; ///< a batch's edge budget; one frame at least
    int maxFrames = 0;            ///< frames a batch at most; 0: only the edge budget
    int earlyStopping = 10;       ///< epochs without improvement; 0: off
    std::uint64_t seed = 1;
    std::string device = "auto";         ///< auto | cpu | cuda[:N]
    std::string dtype = "float32";       ///< float32 | float64
    bool radialTables = true;            ///< tables for the functions of frozen radial networks
    double checkpointEverySeconds = 300; ///< written "5 min", "30 s", "1 h"
};

/// Bad keys and values throw Error (exit code 1); relative file names are resolved against `folder`.
RunConfig runConfigFromJson(const Json& json, const std::filesystem::path& folder = {});
RunConfig readRunConfig(const std::filesystem::path& path,
                        const std::vector<std::string>& overrides = {}); ///< "a.b=value"
Json toJson(const RunConfig& config);

/// What does not fit between the magnetic head and the targets, as a sentence without a full stop; nothing if
/// all fits.
std::optional<std::string> headProblem(const RunConfig& config);

/// Decay of the threshold variable s: as given, else the preset's (L 0.01, H 0.3; docs/method.md).
double thresholdDecay(const MethodConfig& method);
/// As given, else the learning rate of the deltas.
double thresholdLearningRate(const RunConfig& config);

} // namespace lodestone
