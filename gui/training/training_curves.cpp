#include "training/training_curves.h"
#include "widgets/plot.h"

#include <QtWidgets/QComboBox>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QSlider>
#include <QtWidgets/QVBoxLayout>
#include <cmath>

namespace lodestone::gui {

namespace {

using Step = RunHistory::Step;

std::vector<double> column(const std::vector<Step>& steps, double Step::*member)
{
    std::vector<double> values;
    values.reserve(steps.size());
    for (const Step& step : steps)
        values.push_back(step.*member);
    return values;
}

double place(const auto& point, const QString& axis)
{
    return axis == QLatin1String("epoch")  ? point.epoch
           : axis == QLatin1String("time") ? point.seconds / 60
                                           : point.step;
}

} // namespace

TrainingCurves::TrainingCurves(QWidget* parent) : QWidget(parent)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(8);
    m_axis = new QComboBox;
    m_axis->setObjectName(QStringLiteral("curveAxis"));
    m_axis->addItem(tr("Step"), QStringLiteral("step"));
    m_axis->addItem(tr("Epoch"), QStringLiteral("epoch"));
    m_axis->addItem(tr("Time (min)"), QStringLiteral("time"));
    m_axis->setToolTip(tr("What the horizontal axis counts. The time leaves pauses out."));
    m_scale = new QComboBox;
    m_scale->setObjectName(QStringLiteral("curveScale"));
    m_scale->addItem(tr("Log"), true);
    m_scale->addItem(tr("Linear"), false);
    m_scale->setToolTip(tr("Scale of the vertical axis of losses and errors: logarithmic or linear."));
    m_smoothing = new QSlider(Qt::Horizontal);
    m_smoothing->setObjectName(QStringLiteral("smoothing"));
    m_smoothing->setRange(0, 100);
    m_smoothing->setValue(20);
    m_smoothing->setMinimumWidth(50);
    m_smoothing->setMaximumWidth(140);
    m_smoothing->setToolTip(
        tr("Averages the loss curves over neighbouring steps. The curve as measured stays behind, "
           "pale; first and last points stay where they are."));
    const auto labelled = [&](const QString& text, QWidget* field) {
        auto* label = new QLabel(text);
        label->setBuddy(field);
        field->setAccessibleName(QString(text).remove(QLatin1Char('&')));
        bar->addWidget(label);
        bar->addWidget(field);
    };
    labelled(tr("&Horizontal"), m_axis);
    labelled(tr("&Vertical"), m_scale);
    labelled(tr("S&moothing"), m_smoothing);
    bar->addStretch(1);
    auto* fit = new QPushButton(tr("Fit"));
    fit->setToolTip(tr("Shows all of every curve again after zooming."));
    bar->addWidget(fit);
    column->addLayout(bar);

    const auto add = [this](const char* key, const QString& title, const QString& y) {
        auto* plot = new Plot(this);
        plot->setObjectName(QLatin1String(key));
        plot->setTitles(title, tr("step"), y);
        plot->setPlaceholder(tr("No run is open. Start one, or open one on the Results page."));
        plot->setMinimumHeight(190);
        plot->hide();
        m_plots[key] = plot;
        connect(m_scale, &QComboBox::currentIndexChanged, plot, [this, plot] {
            const QString name = plot->objectName();
            if (name != QLatin1String("learning_rate") && name != QLatin1String("changed"))
                plot->setLogY(m_scale->currentData().toBool());
        });
        return plot;
    };
    for (Plot* plot : {add("loss", tr("Training loss"), tr("loss")),
                       add("forces", tr("Forces, validation"), tr("MAE (eV/Å)")),
                       add("energy", tr("Energy, validation"), tr("MAE (eV/atom)")),
                       add("stress", tr("Stress, validation"), tr("MAE (eV/Å³)")),
                       add("moments", tr("Moments |m|, validation"), tr("MAE (μB)")),
                       add("magnetic_forces", tr("Magnetic forces, validation"), tr("MAE (eV/μB)")),
                       add("threshold", tr("Threshold, mean over tensors"), tr("threshold"))})
        plot->setLogY(true);
    add("learning_rate", tr("Learning rate"), tr("learning rate"));
    add("changed", tr("Changed parameters"), tr("share (%)"));
    connect(fit, &QPushButton::clicked, this, [this] {
        for (const auto& [key, plot] : m_plots)
            plot->fitAll();
    });
    connect(m_axis, &QComboBox::currentIndexChanged, this, [this] {
        for (const auto& [key, plot] : m_plots)
            plot->fitAll();
        Q_EMIT settingsChanged();
    });
    connect(m_smoothing, &QSlider::valueChanged, this, &TrainingCurves::settingsChanged);

    auto* board = new QWidget;
    m_grid = new QGridLayout(board);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(8);
    m_grid->setColumnStretch(0, 1);
    m_grid->setColumnStretch(1, 1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(board);
    column->addWidget(scroll, 1);
    setHistory(nullptr);
}

Plot* TrainingCurves::plot(const std::string& key) const
{
    return m_plots.at(key);
}

void TrainingCurves::arrange(const std::vector<std::string>& keys)
{
    if (keys == m_shown)
        return;
    m_shown = keys;
    for (const auto& [key, plot] : m_plots) {
        m_grid->removeWidget(plot);
        plot->hide();
    }
    for (int i = 0; i < int(keys.size()); ++i) {
        const bool alone = i + 1 == int(keys.size()) && i % 2 == 0;
        m_grid->addWidget(m_plots[keys[std::size_t(i)]], i / 2, i % 2, 1, alone ? 2 : 1);
        m_plots[keys[std::size_t(i)]]->show();
    }
}

void TrainingCurves::setHistory(const RunHistory* history)
{
    if (!history || history->steps.empty()) {
        for (const auto& [key, plot] : m_plots) {
            plot->clear();
            plot->setPlaceholder(history ? tr("Waiting for the first step.")
                                         : tr("No run is open. Start one, or open one on the Results page."));
        }
        arrange({"loss"});
        return;
    }
    const QString axis = m_axis->currentData().toString();
    const QString title = axis == QLatin1String("epoch")  ? tr("epoch")
                          : axis == QLatin1String("time") ? tr("active time (min)")
                                                          : tr("step");
    const std::vector<Step>& steps = history->steps;
    std::vector<double> x;
    x.reserve(steps.size());
    for (const Step& step : steps)
        x.push_back(place(step, axis));
    double lastX = x.back();
    for (const auto& evaluation : history->evaluations)
        lastX = std::max(lastX, place(evaluation, axis));
    fillLoss(*history, x);
    std::vector<std::string> shown = {"loss"};
    for (const char* quantity : {"forces", "energy", "moments", "magnetic_forces", "stress"})
        if (fillErrors(*history, quantity, lastX))
            shown.push_back(quantity);
    Plot* changed = m_plots["changed"];
    auto ofEligible = ::lodestone::gui::column(steps, &Step::changedOfEligible);
    auto ofModel = ::lodestone::gui::column(steps, &Step::changedOfModel);
    for (auto* values : {&ofEligible, &ofModel})
        for (double& v : *values)
            v *= 100;
    changed->setSeries(tr("changed / eligible"), x, ofEligible);
    changed->setSeries(tr("changed / whole model"), x, ofModel);
    if (changed->pointCount() > 0)
        shown.push_back("changed");
    m_plots["learning_rate"]->setSeries(tr("learning rate"), x,
                                        ::lodestone::gui::column(steps, &Step::learningRate));
    m_plots["threshold"]->setSeries(tr("threshold"), x, ::lodestone::gui::column(steps, &Step::threshold));
    shown.push_back("learning_rate");
    if (!m_plots["threshold"]->seriesPoints(tr("threshold")).empty())
        shown.push_back("threshold");
    for (const auto& [key, plot] : m_plots)
        plot->setXTitle(title);
    arrange(shown);
}

void TrainingCurves::fillLoss(const RunHistory& history, const std::vector<double>& x)
{
    const double smoothing = m_smoothing->value() / 100.0;
    const std::pair<QString, double Step::*> parts[] = {
        {tr("total"), &Step::loss},          {tr("energy"), &Step::lossEnergy},
        {tr("forces"), &Step::lossForces},   {tr("stress"), &Step::lossStress},
        {tr("moments"), &Step::lossMoments}, {tr("magnetic forces"), &Step::lossMagneticForces}};
    Plot* plot = m_plots["loss"];
    for (int i = 0; i < int(std::size(parts)); ++i) {
        const auto values = column(history.steps, parts[i].second);
        const bool used =
            std::any_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
        if (!used) {
            plot->removeSeries(parts[i].first);
            continue;
        }
        plot->setLook(parts[i].first, {i, false, i == 0 ? 2.4 : 1.4});
        plot->setSeries(parts[i].first, x, values, Plot::Style::Line, smoothing);
    }
}

bool TrainingCurves::fillErrors(const RunHistory& history, const std::string& quantity, double lastX)
{
    const QString axis = m_axis->currentData().toString();
    Plot* plot = m_plots[quantity];
    std::vector<double> x, tuned;
    double base = std::nan("");
    const auto find = [&](const std::map<std::string, Metrics>& splits) -> const ErrorStatistics* {
        const auto split = splits.find("validation");
        if (split == splits.end())
            return nullptr;
        const auto metric = split->second.find(quantity);
        return metric == split->second.end() ? nullptr : &metric->second;
    };
    for (const auto& evaluation : history.evaluations) {
        if (const auto* m = find(evaluation.tuned)) {
            x.push_back(place(evaluation, axis));
            tuned.push_back(m->mae);
        }
        if (const auto* m = find(evaluation.base))
            base = m->mae;
    }
    if (x.empty()) {
        plot->clear();
        return false;
    }
    const QString baseName = quantity == "moments" ? tr("mean |m| per element") : tr("base model");
    plot->setLook(tr("tuned"), {0, false, 2});
    plot->setSeries(tr("tuned"), x, tuned);
    plot->setLook(baseName, {-2, true, 1.6});
    if (std::isfinite(base))
        plot->setSeries(baseName, {std::min(0.0, x.front()), lastX}, {base, base});
    else
        plot->removeSeries(baseName);
    return true;
}

} // namespace lodestone::gui
