#include "runs/parity_view.h"
#include "runs/comparison_view.h"
#include "widgets/plot.h"

#include <QtCore/QSignalBlocker>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>

namespace lodestone::gui {

QString splitName(const std::string& split)
{
    if (split == "forgetting")
        return ParityView::tr("Forgetting");
    if (split == "validation")
        return ParityView::tr("Validation");
    if (split == "test")
        return ParityView::tr("Test");
    return split == "train" ? ParityView::tr("Training") : QString::fromStdString(split);
}

ParityView::ParityView(QWidget* parent) : QWidget(parent)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    auto* bar = new QHBoxLayout;
    m_split = new QComboBox;
    m_split->setObjectName(QStringLiteral("split"));
    m_split->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_split->setAccessibleName(tr("Frames shown"));
    m_split->setToolTip(tr("Which frames the plots show. Training frames flatter a model."));
    auto* label = new QLabel(tr("&Frames"));
    label->setBuddy(m_split);
    bar->addWidget(label);
    bar->addWidget(m_split);
    bar->addStretch(1);
    column->addLayout(bar);
    m_grid = new QGridLayout;
    m_grid->setSpacing(8);
    column->addLayout(m_grid, 1);
    for (const std::string quantity : {"energy", "forces", "moments", "moment_vectors", "magnetic_forces",
                                       "magnetic_forces_perpendicular"}) {
        auto* plot = new Plot(this);
        plot->setObjectName(QStringLiteral("parity_") + QString::fromStdString(quantity));
        plot->setDiagonal(true);
        plot->setTitles(quantityName(quantity), tr("label (%1)").arg(quantityUnit(quantity)),
                        tr("model (%1)").arg(quantityUnit(quantity)));
        plot->setToolTip(tr("Grey: base model; colour: tuned model; dashed: perfect agreement."));
        m_plots[quantity] = plot;
    }
    connect(m_split, &QComboBox::currentIndexChanged, this, &ParityView::showSplit);
    showSplit();
}

void ParityView::setParity(Parity parity, const QString& placeholder)
{
    m_parity = std::move(parity);
    m_placeholder = placeholder;
    {
        const QSignalBlocker quiet(m_split);
        const QString chosen = m_split->currentData().toString();
        m_split->clear();
        for (const char* split : {"validation", "test", "train"})
            if (m_parity.count(split))
                m_split->addItem(splitName(split), QString::fromLatin1(split));
        m_split->setCurrentIndex(std::max(0, m_split->findData(chosen)));
    }
    m_split->setEnabled(m_split->count() > 1);
    showSplit();
}

void ParityView::showSplit()
{
    const auto split = m_parity.find(m_split->currentData().toString().toStdString());
    m_shown.clear();
    for (const auto& [quantity, plot] : m_plots) {
        plot->clear();
        if (split == m_parity.end() || !split->second.count(quantity))
            continue;
        m_shown.push_back(quantity);
        const ParityValues& values = split->second.at(quantity);
        const QString base = quantity == "moments" ? tr("mean |m| per element") : tr("base");
        plot->setLook(base, {-2, false, 6});
        plot->setLook(tr("tuned"), {0, false, 6});
        plot->setSeries(base, values.label, values.base, Plot::Style::Points);
        plot->setSeries(tr("tuned"), values.label, values.tuned, Plot::Style::Points);
    }
    if (m_shown.empty()) {
        m_shown = {"forces"};
        m_plots["forces"]->setPlaceholder(m_placeholder);
    }
    m_columns = 0;
    arrange();
}

void ParityView::arrange()
{
    // Parity plots want to be square: the number of columns that gives them the longest shorter side.
    const int count = int(m_shown.size());
    int best = 1, side = 0;
    for (int columns = 1; columns <= count; ++columns) {
        const int rows = (count + columns - 1) / columns;
        const int shorter = std::min(width() / columns, (height() - m_split->height()) / rows);
        if (shorter > side) {
            side = shorter;
            best = columns;
        }
    }
    if (best == m_columns)
        return;
    m_columns = best;
    for (const auto& [quantity, plot] : m_plots) {
        m_grid->removeWidget(plot);
        plot->setVisible(std::find(m_shown.begin(), m_shown.end(), quantity) != m_shown.end());
    }
    for (int i = 0; i < count; ++i)
        m_grid->addWidget(m_plots[m_shown[std::size_t(i)]], i / best, i % best);
    for (int column = 0; column < int(m_plots.size()); ++column)
        m_grid->setColumnStretch(column, column < best ? 1 : 0);
    for (int row = 0; row < int(m_plots.size()); ++row)
        m_grid->setRowStretch(row, row < (count + best - 1) / best ? 1 : 0);
}

void ParityView::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

} // namespace lodestone::gui
