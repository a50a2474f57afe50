#include "demo/make_demo.h"
#include "engine/all_commands.h"
#include "engine/devices.h"
#include "engine/progress_line.h"
#include "engine/stop_signals.h"

#include <memory>

namespace lodestone {

void addDemo(CommandLine& line)
{
    struct Options {
        std::string out;
        DemoSettings settings;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        line.add("demo", "makes the demo anew: a small pre-trained model and a small magnetic data set");
    command->add_option("OUT", options->out, "folder to write to")->required();
    command->add_option("--seed", options->settings.seed, "seed of structures and weights");
    command
        ->add_option("--pretrain-epochs", options->settings.pretrainEpochs,
                     "epochs of pre-training on domain A")
        ->check(CLI::PositiveNumber);
    line.run(command, [options] {
        options->settings.out = options->out;
        warnIfBlasIsSlow();
        const StopSignals signals;
        ProgressLine bar;
        const RunOutcome outcome =
            makeDemo(options->settings, signals.tokens(), [&bar](const RunProgress& p) {
                bar.show(p.steps ? double(p.step) / double(p.steps) : 0,
                         p.note.empty() ? fmt::format("epoch {}/{}, loss {:.4g}", p.epoch, p.epochs, p.loss)
                                        : p.note,
                         p.secondsLeft);
            });
        bar.finish();
        if (outcome == RunOutcome::Stopped)
            return 3;
        printText(fmt::format("The demo is in {}; try: lodestone-engine finetune {}/demo.json --run {}/run\n",
                              options->out, options->out, options->out));
        return 0;
    });
}

} // namespace lodestone
