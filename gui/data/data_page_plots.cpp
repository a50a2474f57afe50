// The distributions on the page Data.
#include "crystal/elements.h"
#include "data/data_page.h"
#include "data/histogram.h"
#include "widgets/plot.h"

#include <QtWidgets/QGridLayout>
#include <algorithm>
#include <numeric>

namespace lodestone::gui {

QWidget* DataPage::makePlots()
{
    auto* holder = new QWidget(this);
    auto* grid = new QGridLayout(holder);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(8);
    int place = 0;
    const auto plot = [&](const QString& title, const QString& x, const QString& y) {
        auto* made = new Plot(holder);
        made->setTitles(title, x, y);
        made->setMinimumSize(180, 150);
        made->setAccessibleName(title);
        grid->addWidget(made, place / 2, place % 2);
        ++place;
        return made;
    };
    m_energies = plot(tr("Energy per atom"), tr("frame"), tr("eV/atom"));
    m_forces = plot(tr("Forces"), tr("|F| (eV/Å)"), tr("atoms"));
    m_moments = plot(tr("Moments"), tr("|m| (μB)"), tr("atoms"));
    m_neighbours = plot(tr("Neighbours within the cutoff"), tr("neighbours"), tr("atoms"));
    m_energies->setWholeX(true);
    m_neighbours->setWholeX(true);
    return holder;
}

void DataPage::showPlots(const PreflightReport& report)
{
    m_energies->clear();
    const auto [lowest, highest] =
        std::minmax_element(report.compositionEnergy.begin(), report.compositionEnergy.end());
    // One composition has one energy: then the frames' order says more.
    constexpr double noDifference = 1e-6; // eV/atom
    const bool compositions = !report.compositionEnergy.empty() && *highest - *lowest > noDifference;
    m_energies->setDiagonal(compositions);
    m_energies->setWholeX(!compositions);
    if (compositions)
        m_energies->setTitles(tr("Energy against composition"), tr("fit by composition (eV/atom)"),
                              tr("label (eV/atom)"));
    else
        m_energies->setTitles(tr("Energy per atom"), tr("frame"), tr("eV/atom"));
    m_energies->setToolTip(
        compositions ? tr("Labels against the sum of one energy an element, fitted to all frames: what lies "
                          "far from the diagonal is another phase, a strained cell, or an error")
                     : QString());
    if (report.energyPerAtom.empty()) {
        m_energies->setPlaceholder(tr("No energies."));
    } else if (compositions) {
        m_energies->setSeries(tr("frames"), report.compositionEnergy, report.energyPerAtom,
                              Plot::Style::Points);
    } else {
        std::vector<double> numbers(report.energyPerAtom.size());
        std::iota(numbers.begin(), numbers.end(), 1);
        m_energies->setSeries(tr("frames"), numbers, report.energyPerAtom, Plot::Style::Points);
    }
    m_forces->clear();
    if (const Histogram bars = histogram(report.forceNorms, 40); bars.counts.empty())
        m_forces->setPlaceholder(tr("No forces."));
    else
        m_forces->setSeries(tr("atoms"), bars.centres, bars.counts, Plot::Style::Bars);
    m_moments->clear();
    double top = 0;
    for (const auto& [z, norms] : report.momentNorms)
        for (const double value : norms)
            top = std::max(top, value);
    if (report.momentNorms.empty())
        m_moments->setPlaceholder(tr("No moments."));
    for (const auto& [z, norms] : report.momentNorms) {
        const Histogram bars = top > 0 ? histogram(norms, 40, 0, top) : histogram(norms, 40);
        const auto symbol = elementSymbol(z);
        m_moments->setSeries(QString::fromUtf8(symbol.data(), qsizetype(symbol.size())), bars.centres,
                             bars.counts,
                             report.momentNorms.size() == 1 ? Plot::Style::Bars : Plot::Style::Line);
    }
    m_neighbours->clear();
    if (const Histogram bars = integerHistogram(report.neighbourCounts); bars.counts.empty())
        m_neighbours->setPlaceholder(tr("Counted when a model is open: its cutoff says who is a neighbour."));
    else
        m_neighbours->setSeries(tr("atoms"), bars.centres, bars.counts, Plot::Style::Bars);
    for (Plot* plot : {m_energies, m_forces, m_moments, m_neighbours})
        plot->fitAll();
}

} // namespace lodestone::gui
