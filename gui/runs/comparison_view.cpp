#include "runs/comparison_view.h"
#include "project/project_tree.h"
#include "shell/status_panel.h"
#include "widgets/plot.h"
#include "widgets/text_table.h"

#include <QtCore/QLocale>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QVBoxLayout>
#include <cmath>

namespace lodestone::gui {

QString quantityUnit(const std::string& quantity)
{
    if (quantity == "energy")
        return ComparisonView::tr("eV/atom");
    if (quantity == "forces")
        return ComparisonView::tr("eV/Å");
    if (quantity == "stress")
        return ComparisonView::tr("eV/Å³");
    if (quantity.starts_with("magnetic_forces"))
        return ComparisonView::tr("eV/μB");
    return quantity.starts_with("moment") ? ComparisonView::tr("μB") : QString();
}

QString quantityName(const std::string& quantity)
{
    if (quantity == "energy")
        return ComparisonView::tr("Energy");
    if (quantity == "forces")
        return ComparisonView::tr("Forces");
    if (quantity == "stress")
        return ComparisonView::tr("Stress");
    if (quantity == "moments")
        return ComparisonView::tr("Moments |m|");
    if (quantity == "moments:magnetic")
        return ComparisonView::tr("Moments, magnetic atoms");
    if (quantity == "moments:vector" || quantity == "moment_vectors")
        return ComparisonView::tr("Moment vectors");
    if (quantity == "magnetic_forces")
        return ComparisonView::tr("Magnetic forces");
    if (quantity == "magnetic_forces:perpendicular" || quantity == "magnetic_forces_perpendicular")
        return ComparisonView::tr("Magnetic forces, across the moments");
    if (quantity.starts_with("moments:"))
        return ComparisonView::tr("Moments of %1").arg(QString::fromStdString(quantity.substr(8)));
    return QString::fromStdString(quantity);
}

QString errorText(double value)
{
    constexpr double nothing = 1e-12; // rounding, not an error
    return !std::isfinite(value)       ? QStringLiteral("–")
           : std::abs(value) < nothing ? QStringLiteral("0")
                                       : QString::number(value, 'g', 3);
}

ComparisonView::ComparisonView(QWidget* parent) : QWidget(parent)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    m_table = new TextTable;
    m_table->setObjectName(QStringLiteral("comparison"));
    m_table->setToolTip(tr(
        "Changed parameters in percent of the eligible and of the whole model; validation errors (MAE). "
        "Forgetting: how far forces have moved from the base model's on crystals that are not in the data."));
    m_table->setAccessibleName(tr("Comparison of runs"));
    m_quantity = new QComboBox;
    m_quantity->setObjectName(QStringLiteral("comparedQuantity"));
    for (const char* quantity : {"forces", "energy", "moments", "magnetic_forces", "stress"})
        m_quantity->addItem(quantityName(quantity), QString::fromLatin1(quantity));
    m_quantity->setAccessibleName(tr("Compared quantity"));
    m_quantity->setToolTip(tr("Validation error that both charts show."));
    auto* bar = new QHBoxLayout;
    auto* label = new QLabel(tr("&Validation error of"));
    label->setBuddy(m_quantity);
    bar->addWidget(label);
    bar->addWidget(m_quantity);
    bar->addStretch(1);
    m_curves = new Plot;
    m_curves->setObjectName(QStringLiteral("overlay"));
    m_curves->setLogY(true);
    m_pareto = new Plot;
    m_pareto->setObjectName(QStringLiteral("pareto"));
    for (Plot* plot : {m_curves, m_pareto})
        plot->setPlaceholder(tr("Tick runs in the list to compare them."));
    auto* charts = new QSplitter(Qt::Horizontal);
    charts->addWidget(m_curves);
    charts->addWidget(m_pareto);
    column->addWidget(m_table, 1);
    column->addLayout(bar);
    column->addWidget(charts, 2);
    connect(m_quantity, &QComboBox::currentIndexChanged, this, &ComparisonView::draw);
    draw();
}

void ComparisonView::setReports(std::vector<RunReport> reports)
{
    m_reports = std::move(reports);
    draw();
}

void ComparisonView::draw()
{
    const QLocale locale;
    QList<QStringList> rows;
    const std::string quantity = m_quantity->currentData().toString().toStdString();
    m_curves->clear();
    m_pareto->clear();
    const QString errorTitle = tr("%1 MAE (%2)").arg(quantityName(quantity), quantityUnit(quantity));
    m_curves->setTitles(tr("During training"), tr("active time (min)"), errorTitle);
    m_pareto->setTitles(tr("Error against changes"), tr("changed / whole model (%)"), errorTitle);
    int colour = 0;
    for (const RunReport& report : m_reports) {
        const QString name = QString::fromStdString(report.summary.name);
        const auto percent = [&](std::int64_t whole) {
            return whole > 0 ? locale.toString(100.0 * double(report.changed) / double(whole), 'f', 2)
                             : errorText(std::nan(""));
        };
        QStringList row = {name, QString::fromStdString(report.method), describeState(report.summary),
                           percent(report.eligible), percent(report.parameters)};
        for (const char* q : {"energy", "forces", "stress", "moments"})
            row << errorText(report.error("validation", q));
        row << errorText(report.error("forgetting", "forces"));
        row << durationText(report.seconds);
        rows << row;

        std::vector<double> x, y;
        for (const auto& evaluation : report.evaluations) {
            const auto split = evaluation.tuned.find("validation");
            if (split == evaluation.tuned.end() || !split->second.count(quantity))
                continue;
            x.push_back(evaluation.seconds / 60);
            y.push_back(split->second.at(quantity).mae);
        }
        m_curves->setLook(name, {colour, false, 2});
        m_curves->setSeries(name, x, y);
        const double error = report.error("validation", quantity);
        if (report.parameters > 0 && std::isfinite(error)) {
            m_pareto->setLook(name, {colour, false, 9});
            m_pareto->setSeries(name, {100.0 * double(report.changed) / double(report.parameters)}, {error},
                                Plot::Style::Points);
        }
        ++colour;
    }
    m_table->setRows({tr("Run"), tr("Method"), tr("State"), tr("% of eligible"), tr("% of model"),
                      tr("Energy (eV/atom)"), tr("Forces (eV/Å)"), tr("Stress (eV/Å³)"), tr("Moments (μB)"),
                      tr("Forgetting (eV/Å)"), tr("Active time")},
                     rows);
}

} // namespace lodestone::gui
