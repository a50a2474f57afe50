// lodestone-bench: times of the hot operations, by Google Benchmark. OMP_NUM_THREADS sets the number of
// threads.
#include "build_facts.h"
#include "operation.h"

#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

using namespace lodestone;

namespace {

/// Google Benchmark calls a function several times to find how often to repeat it; input is made once.
const Operation& made(const OperationMaker& maker)
{
    static std::string name;
    static Operation operation;
    if (name != maker.name) {
        operation = {}; // first free what the last one held
        operation = maker.make(Size::Full);
        name = maker.name;
    }
    return operation;
}

void measure(benchmark::State& state, const OperationMaker& maker)
{
    const Operation& operation = made(maker);
    operation.run(); // memory and threads are there afterwards
    for ([[maybe_unused]] auto _ : state)
        operation.run();
    using benchmark::Counter;
    state.counters[operation.unit] = operation.items;
    state.counters[operation.unit + "/s"] = Counter(operation.items, Counter::kIsIterationInvariantRate);
    if (operation.flop > 0)
        state.counters["FLOP/s"] = Counter(operation.flop, Counter::kIsIterationInvariantRate);
}

} // namespace

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    const Json facts = buildFacts();
    for (const auto& [key, value] : facts.items())
        benchmark::AddCustomContext(key, value.get<std::string>());
    benchmark::AddCustomContext("threads", std::to_string(at::get_num_threads()));
    for (const OperationMaker& maker : allOperations())
        benchmark::RegisterBenchmark(maker.name.c_str(),
                                     [maker](benchmark::State& state) { measure(state, maker); })
            ->Unit(benchmark::kMicrosecond)
            ->UseRealTime();
    benchmark::RunSpecifiedBenchmarks();
}
