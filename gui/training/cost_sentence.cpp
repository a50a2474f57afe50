#include "training/cost_sentence.h"
#include "dataset/reference_energies.h"
#include "shell/status_panel.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QLocale>
#include <cmath>

namespace lodestone::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(CostSentence)
};

} // namespace

QString costSentence(const DataFacts& facts, const RunConfig& config, std::size_t kept)
{
    QStringList sentences;
    if (std::isfinite(facts.secondsPerEpoch) && facts.frames > 0) {
        double training = double(kept);
        if (config.data.validationFiles.empty())
            training *= 1 - config.data.validationFraction;
        if (config.data.maxTrain > 0)
            training = std::min(training, double(config.data.maxTrain));
        const double epoch = facts.secondsPerEpoch * training / double(facts.frames);
        QString sentence = Words::tr("Expected: about %1 an epoch, %2 for %3 epochs")
                               .arg(epoch < 1 ? Words::tr("%1 s").arg(QLocale().toString(epoch, 'g', 2))
                                              : durationText(epoch),
                                    durationText(epoch * config.epochs), QLocale().toString(config.epochs));
        if (std::isfinite(facts.memory))
            sentence += Words::tr("; %1 GiB of memory")
                            .arg(QLocale().toString(facts.memory / double(1 << 30), 'f', 1));
        if (std::isfinite(facts.memory) && config.maxEdges != RunConfig{}.maxEdges)
            sentence +=
                Words::tr(" with %1 edges a batch").arg(QLocale().toString(qulonglong(RunConfig{}.maxEdges)));
        sentences << sentence + QLatin1Char('.');
    }
    if (std::isfinite(facts.referenceRms) && facts.referenceRms > largestMismatch) {
        const QString off = QLocale().toString(facts.referenceRms, 'g', 3);
        sentences
            << (config.referenceEnergies == "keep"
                    ? Words::tr("The data's energies are %1 eV/atom off the model's: estimate the reference "
                                "energies from the data.")
                          .arg(off)
                    : Words::tr(
                          "The data's energies are %1 eV/atom off the model's; fitted reference energies "
                          "leave %2.")
                          .arg(off, QLocale().toString(facts.referenceRmsAfter, 'g', 3)));
    }
    return sentences.join(QLatin1Char(' '));
}

} // namespace lodestone::gui
