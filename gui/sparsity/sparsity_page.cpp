#include "sparsity/sparsity_page.h"
#include "base/schema.h"
#include "model/tensor_slices.h"
#include "sparsity/tensor_view.h"

#include <QtCore/QSignalBlocker>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSlider>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QVBoxLayout>
#include <utility>

namespace lodestone::gui {

SparsityPage::SparsityPage(Session& session, QWidget* parent) : Page(session, parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    m_stack = new QStackedWidget;
    layout->addWidget(m_stack);

    auto* overview = new QWidget;
    auto* column = new QVBoxLayout(overview);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    auto* bar = new QHBoxLayout;
    bar->setSpacing(8);
    m_rows = new QComboBox;
    m_rows->setObjectName(QStringLiteral("rows"));
    m_rows->addItems({tr("Blocks"), tr("Layers"), tr("Elements")});
    m_rows->setToolTip(
        tr("What the map shows: every block by l, all blocks of a layer together by l, or tensors "
           "whose values belong to single elements, by element."));
    m_quantity = new QComboBox;
    m_quantity->setObjectName(QStringLiteral("quantity"));
    m_quantity->addItems({tr("Changed / eligible"), tr("Relative change ||delta|| / ||W0||"), tr("Threshold"),
                          tr("Signature 1 - R²"), tr("Sensitivity of the loss")});
    m_quantity->setToolTip(
        tr("What the colours mean. Norms and thresholds are known for each tensor. Signature and sensitivity "
           "belong to the run's result; the engine computes them once."));
    auto* save = new QPushButton(tr("Export…"));
    save->setToolTip(tr("Saves the map as a picture (PNG, SVG, PDF) or its numbers (CSV)."));
    for (const auto& [text, field] : {std::pair{tr("&Rows"), m_rows}, std::pair{tr("&Show"), m_quantity}}) {
        auto* label = new QLabel(text);
        label->setBuddy(field);
        field->setAccessibleName(QString(text).remove(QLatin1Char('&')));
        bar->addWidget(label);
        bar->addWidget(field);
    }
    bar->addStretch(1);
    bar->addWidget(save);
    column->addLayout(bar);
    m_caption = new QLabel;
    m_caption->setTextFormat(Qt::PlainText);
    m_caption->setObjectName(QStringLiteral("caption"));
    m_caption->setWordWrap(true);
    column->addWidget(m_caption);
    m_map = new HeatMap;
    m_map->setObjectName(QStringLiteral("map"));
    column->addWidget(m_map, 1);
    auto* time = new QHBoxLayout;
    m_time = new QSlider(Qt::Horizontal);
    m_time->setObjectName(QStringLiteral("time"));
    m_time->setAccessibleName(tr("Point of the run"));
    m_time->setToolTip(tr("Earlier points of the run; at the right end the map follows the run."));
    m_when = new QLabel;
    m_when->setTextFormat(Qt::PlainText);
    m_when->setObjectName(QStringLiteral("when"));
    m_when->setMinimumWidth(
        fontMetrics().horizontalAdvance(QStringLiteral("step 000000, epoch 0000 (live)")));
    time->addWidget(new QLabel(tr("Time")));
    time->addWidget(m_time, 1);
    time->addWidget(m_when);
    column->addLayout(time);
    m_stack->addWidget(overview);
    m_tensor = new TensorView(session);
    m_stack->addWidget(m_tensor);

    connect(m_rows, &QComboBox::currentIndexChanged, this, &SparsityPage::refresh);
    connect(m_quantity, &QComboBox::currentIndexChanged, this, &SparsityPage::refresh);
    connect(save, &QPushButton::clicked, m_map, &HeatMap::saveAs);
    connect(m_time, &QSlider::valueChanged, this, [this](int value) {
        m_live = value == m_time->maximum();
        refresh();
    });
    connect(m_map, &HeatMap::cellClicked, this, &SparsityPage::openCell);
    connect(m_tensor, &TensorView::back, this, [this] { m_stack->setCurrentIndex(0); });
    connect(&session, &Session::runChanged, this, [this] {
        m_live = true;
        m_explanation = {};
        m_explained = false;
        m_reading.cancel();
        m_stack->setCurrentIndex(0);
        refresh();
    });
    connect(&session, &Session::runUpdated, this, &SparsityPage::refresh);
    connect(&session, &Session::modelChanged, this, &SparsityPage::refresh);
    connect(&session, &Session::preflightChanged, this, &SparsityPage::refresh);
    refresh();
}

const ModelDescription* SparsityPage::runModel()
{
    const Json& started = m_session.run()->history().started;
    std::string file, head;
    if (started.is_object() && started.contains("config") && started["config"].is_object()) {
        file = started["config"].value("model", std::string());
        head = started["config"].value("head", std::string());
    }
    const ModelDescription* open = m_session.model();
    if (file.empty() || (open && open->file == file))
        return open;
    if (m_described && m_asked == file)
        return &*m_described;
    if (m_asked != file) {
        m_asked = file;
        m_described.reset();
        Json question = {{"model", file}};
        if (!head.empty())
            question["head"] = head;
        m_session.engine().request(QStringLiteral("describe"), question, this,
                                   [this, file](const EngineClient::Reply& reply) {
                                       if (!reply.error.isEmpty() || reply.stopped || m_asked != file)
                                           return; // without it the blocks are shown whole, not by l
                                       try {
                                           m_described = modelDescriptionFromJson(reply.ok);
                                       } catch (const std::exception& error) {
                                           Q_EMIT m_session.problem(key(), QString::fromUtf8(error.what()));
                                       }
                                       if (m_session.run())
                                           refresh();
                                   });
    }
    return open; // perhaps a copy of the same model: its tensors' names decide
}

void SparsityPage::refresh()
{
    const RunWatcher* run = m_session.run();
    const int count = run ? int(run->history().sparsity.size()) : 0;
    {
        const QSignalBlocker quiet(m_time);
        m_time->setRange(0, std::max(0, count - 1));
        if (m_live)
            m_time->setValue(m_time->maximum());
    }
    m_time->setEnabled(count > 1);
    if (count == 0) {
        m_map->setData({});
        m_table = {};
        m_caption->clear();
        m_when->clear();
        m_map->setPlaceholder(
            !run ? tr("No run is open. Start one on the Training page, or open one on the Results page.")
                 : tr("The run has not reported which parameters changed yet."));
        return;
    }
    const RunHistory::Sparsity& moment = run->history().sparsity[std::size_t(m_time->value())];
    enum { blocks, layers, elements };
    const int rows = m_rows->currentIndex();
    m_quantity->setEnabled(rows == blocks);
    QString caption = sparsityCaption(moment.record);
    if (rows == elements) {
        const std::set<int> present = elementsInData();
        m_table = elementTable(runModel(), moment.record, present);
        m_map->setPlaceholder(
            tr("No tensor of this run has values that belong to single elements, or the run was "
               "recorded by a version that did not count them."));
        if (m_table.data.rowCount > 0 && !present.empty())
            caption += QLatin1Char(' ') +
                       tr("First the elements of the open data: %1.")
                           .arg(elementNames({present.begin(), present.end()}).join(QStringLiteral(", ")));
    } else {
        m_map->setPlaceholder(tr("The run changes no parameters that belong to a layer."));
        constexpr int plain = 3; // quantities that the events tell; those of the explanation follow
        const int quantity = m_quantity->currentIndex();
        if (rows == blocks && quantity >= plain)
            showExplanation(ExplanationQuantity(quantity - plain));
        else
            m_table = rows == layers ? layerTable(moment.layers)
                                     : blockTable(runModel(), moment.record, SparsityQuantity(quantity));
    }
    m_map->setData(m_table.data);
    m_caption->setText(caption);
    const bool going = run->active() && m_live;
    m_when->setText(tr("step %1, epoch %2%3")
                        .arg(moment.step, 0, 'f', 0)
                        .arg(moment.epoch, 0, 'f', 0)
                        .arg(going ? tr(" (live)") : QString()));
}

void SparsityPage::showExplanation(ExplanationQuantity quantity)
{
    m_table = {};
    std::error_code unreadable;
    if (m_explanation.is_object()) {
        m_map->setPlaceholder(tr("The explanation of the run names no blocks."));
        try {
            m_table = explanationTable(m_explanation, quantity);
        } catch (const Error& error) {
            Q_EMIT m_session.problem(key(), QString::fromUtf8(error.what()));
        }
    } else if (!std::filesystem::exists(m_session.run()->paths().delta(), unreadable)) {
        m_map->setPlaceholder(tr("Signature and sensitivity come with the run's result."));
    } else {
        m_map->setPlaceholder(tr("The engine is looking at what the run has changed…"));
        if (!std::exchange(m_explained, true))
            readExplanation(true);
    }
}

void SparsityPage::readExplanation(bool ask)
{
    const RunPaths paths = m_session.run()->paths();
    const auto inView = [this, paths] {
        return m_session.run() && m_session.run()->paths().root == paths.root;
    };
    const auto failed = [this](const QString& sentence) {
        m_map->setPlaceholder(sentence);
        Q_EMIT m_session.problem(key(), sentence);
    };
    m_reading.start(
        this,
        [paths](const Watch&) {
            const std::filesystem::path file = paths.explanation();
            // One that is older than the result belongs to the run as it was before it went on.
            const bool present =
                std::filesystem::exists(file) &&
                std::filesystem::last_write_time(file) >= std::filesystem::last_write_time(paths.delta());
            return present ? schema::readFile(file, schema::explanation) : Json();
        },
        [this, paths, ask, inView, failed](Json explanation) {
            if (!inView())
                return;
            m_explanation = std::move(explanation);
            if (m_explanation.is_object()) {
                refresh();
            } else if (ask) {
                m_session.engine().request(QStringLiteral("explain"), {{"run", paths.root.string()}}, this,
                                           [this, inView, failed](const EngineClient::Reply& reply) {
                                               if (!inView() || reply.stopped)
                                                   return;
                                               if (!reply.error.isEmpty())
                                                   failed(reply.error);
                                               else
                                                   readExplanation(false);
                                           });
            }
        },
        failed);
}

std::set<int> SparsityPage::elementsInData() const
{
    std::set<int> present;
    if (const auto report = m_session.preflight())
        for (const auto& [z, atoms] : report->elementAtoms)
            present.insert(z);
    return present;
}

void SparsityPage::openCell(int row, int column)
{
    const std::size_t index = std::size_t(row) * std::size_t(m_table.data.columnCount) + std::size_t(column);
    if (index >= m_table.tensors.size() || m_table.tensors[index].isEmpty() || !m_session.run())
        return;
    const ModelDescription* model = runModel();
    if (!model)
        return;
    m_tensor->open(*model, m_table.tensors[index],
                   QString::fromStdString(m_session.run()->paths().root.string()));
    m_stack->setCurrentIndex(1);
}

Page* makeSparsityPage(Session& session, QWidget* parent)
{
    return new SparsityPage(session, parent);
}

} // namespace lodestone::gui
