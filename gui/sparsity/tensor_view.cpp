#include "sparsity/tensor_view.h"
#include "base/files.h"

#include <QtCore/QLocale>
#include <QtCore/QSignalBlocker>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QVBoxLayout>
#include <bit>
#include <cstring>

namespace lodestone::gui {

namespace {

std::vector<float> readRaw(const std::string& file, std::size_t count)
{
    static_assert(std::endian::native == std::endian::little, "weights are exchanged in little-endian order");
    const std::string bytes = readFile(file);
    if (bytes.size() != count * sizeof(float))
        fail("{}: {} bytes where {} numbers of 4 bytes were expected.", file, bytes.size(), count);
    std::vector<float> values(count);
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

} // namespace

TensorWeights readTensorWeights(const Json& answer)
{
    TensorWeights weights;
    if (!answer.contains("shape") || !answer.contains("base"))
        fail("The engine's answer has no shape or no weights.");
    weights.shape = answer.at("shape").get<std::vector<std::int64_t>>();
    std::size_t count = 1;
    for (const std::int64_t n : weights.shape)
        count *= std::size_t(n);
    weights.base = readRaw(answer.at("base").get<std::string>(), count);
    if (answer.contains("tuned") && answer.at("tuned").is_string())
        weights.tuned = readRaw(answer.at("tuned").get<std::string>(), count);
    return weights;
}

TensorView::TensorView(Session& session, QWidget* parent) : QWidget(parent), m_session(session)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    auto* bar = new QHBoxLayout;
    auto* back = new QPushButton(tr("← All blocks"));
    back->setObjectName(QStringLiteral("back"));
    back->setToolTip(tr("Back to the map of all blocks (Esc)"));
    back->setShortcut(QKeySequence(Qt::Key_Escape));
    m_tensors = new QComboBox;
    m_tensors->setObjectName(QStringLiteral("tensors"));
    m_tensors->setAccessibleName(tr("Tensor"));
    m_tensors->setToolTip(tr("Tensors behind the cell that was clicked."));
    m_tensors->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_paths = new QComboBox;
    m_paths->setObjectName(QStringLiteral("paths"));
    m_paths->setAccessibleName(tr("Path"));
    m_paths->setToolTip(tr("The tensor is stored as one list: each of its paths is a matrix."));
    m_paths->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_paths->hide();
    m_quantity = new QComboBox;
    m_quantity->addItems(
        {tr("Size of change |delta|"), tr("Change (delta)"), tr("Base weights"), tr("Tuned weights")});
    m_quantity->setAccessibleName(tr("What the matrix shows"));
    m_quantity->setToolTip(tr("What the colours mean: the change of each weight, or the weight itself"));
    auto* save = new QPushButton(tr("Export…"));
    save->setToolTip(tr("Saves the picture (PNG, SVG, PDF) or the numbers (CSV)."));
    bar->addWidget(back);
    bar->addWidget(m_tensors);
    bar->addWidget(m_paths);
    bar->addWidget(m_quantity);
    bar->addStretch(1);
    bar->addWidget(save);
    column->addLayout(bar);
    m_sentence = new QLabel;
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setObjectName(QStringLiteral("tensorSentence"));
    m_sentence->setWordWrap(true);
    column->addWidget(m_sentence);
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_matrix = new HeatMap;
    m_matrix->setObjectName(QStringLiteral("matrix"));
    m_elements = new HeatMap;
    m_elements->setObjectName(QStringLiteral("elements"));
    m_tabs->addTab(m_matrix, tr("Matrix"));
    m_tabs->addTab(m_elements, tr("Elements"));
    column->addWidget(m_tabs, 1);
    m_weight = new QLabel(tr("Click an entry to read its weight."));
    m_weight->setTextFormat(Qt::PlainText);
    m_weight->setObjectName(QStringLiteral("weight"));
    m_weight->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_weight);
    connect(back, &QPushButton::clicked, this, &TensorView::back);
    connect(save, &QPushButton::clicked, this,
            [this] { static_cast<HeatMap*>(m_tabs->currentWidget())->saveAs(); });
    connect(m_tensors, &QComboBox::currentIndexChanged, this, &TensorView::ask);
    connect(m_paths, &QComboBox::currentIndexChanged, this, &TensorView::draw);
    connect(m_quantity, &QComboBox::currentIndexChanged, this, &TensorView::draw);
    connect(m_matrix, &HeatMap::cellClicked, this, &TensorView::readOut);
}

void TensorView::open(const ModelDescription& model, const QStringList& tensors, const QString& run)
{
    m_model = model;
    m_run = run;
    {
        const QSignalBlocker quiet(m_tensors);
        m_tensors->clear();
        m_tensors->addItems(tensors);
    }
    ask();
}

void TensorView::ask()
{
    if (m_request >= 0)
        m_session.engine().cancel(m_request);
    const QString tensor = m_tensors->currentText();
    m_tensor = tensor;
    m_matrix->setData({});
    m_elements->setData({});
    m_matrix->setPlaceholder(tr("Asking the engine for %1…").arg(tensor));
    m_sentence->clear();
    m_weight->setText(tr("Click an entry to read its weight."));
    m_counting.cancel();
    m_drawing.cancel();
    m_weights = std::make_shared<TensorWeights>();
    m_slices.clear();
    m_paths->hide();
    Json question = {{"model", m_model.file},
                     {"tensor", tensor.toStdString()},
                     {"scratch", m_session.engine().scratchFolder().toStdString()}};
    if (!m_run.isEmpty())
        question["run"] = m_run.toStdString();
    m_request = m_session.engine().request(
        QStringLiteral("weights"), question, this, [this, tensor](const EngineClient::Reply& reply) {
            if (tensor != m_tensor || reply.stopped)
                return;
            if (!reply.error.isEmpty()) {
                m_matrix->setPlaceholder(reply.error);
                return;
            }
            m_reading.start(
                this, [answer = reply.ok](const Watch&) { return readTensorWeights(answer); },
                [this, tensor](TensorWeights weights) { setWeights(tensor, std::move(weights)); },
                [this](const QString& sentence) { m_matrix->setPlaceholder(sentence); });
        });
}

void TensorView::setWeights(const QString& tensor, TensorWeights weights)
{
    m_tensor = tensor;
    m_weights = std::make_shared<const TensorWeights>(std::move(weights));
    const auto info = std::find_if(m_model.tensors.begin(), m_model.tensors.end(),
                                   [&](const ParameterInfo& t) { return t.name == tensor.toStdString(); });
    m_info = info != m_model.tensors.end() ? *info : ParameterInfo();
    if (m_info.count != std::int64_t(m_weights->base.size()) || m_info.shape != m_weights->shape) {
        m_info = {}; // another version of the model: only what the engine says of the shape holds
        m_info.shape = m_weights->shape;
        m_info.count = std::int64_t(m_weights->base.size());
    }
    showSlices();
    m_tabs->setTabVisible(1, false);
    m_sentence->clear();
    m_counting.start(
        this,
        [weights = m_weights, info = m_info, elements = m_model.elements, tensor](const Watch&) {
            std::size_t changed = 0;
            for (std::size_t i = 0; i < weights->tuned.size(); ++i)
                changed += weights->tuned[i] != weights->base[i];
            HeatMap::Data table = periodicTable(info, elements, weights->base, weights->tuned);
            table.title = table.rowCount ? tensor : QString();
            return std::pair(changed, std::move(table));
        },
        [this](std::pair<std::size_t, HeatMap::Data> counted) {
            const QLocale locale;
            const QString all = locale.toString(qlonglong(m_weights->base.size()));
            m_sentence->setText(
                m_weights->tuned.empty()
                    ? tr("%1 weights; the run has no result for them yet.").arg(all)
                    : tr("%1 of %2 weights changed (%3 %).")
                          .arg(locale.toString(qlonglong(counted.first)), all,
                               locale.toString(100.0 * double(counted.first) /
                                                   double(std::max<std::size_t>(1, m_weights->base.size())),
                                               'f', 2)));
            m_tabs->setTabVisible(1, counted.second.rowCount > 0);
            m_elements->setData(counted.second);
        },
        [this](const QString& sentence) { m_sentence->setText(sentence); });
    draw();
}

void TensorView::showSlices()
{
    const QSignalBlocker quiet(m_paths);
    m_slices = tensorSlices(m_info, m_model.elements);
    m_paths->clear();
    for (const TensorSlice& slice : m_slices)
        m_paths->addItem(slice.title);
    m_paths->setVisible(m_slices.size() > 1);
}

void TensorView::draw()
{
    const int index = m_paths->currentIndex();
    if (m_weights->base.empty() || index < 0 || index >= int(m_slices.size()))
        return;
    const TensorSlice slice = m_slices[std::size_t(index)];
    const QString name = m_slices.size() > 1 ? tr("%1, %2").arg(m_tensor, slice.title) : m_tensor;
    m_drawing.start(
        this,
        [weights = m_weights, slice, name, quantity = m_quantity->currentIndex()](const Watch&) {
            return sliceMatrix(name, slice, weights->base, weights->tuned, quantity);
        },
        [this](const HeatMap::Data& data) { m_matrix->setData(data); },
        [this](const QString& sentence) { m_matrix->setPlaceholder(sentence); });
}

void TensorView::readOut(int row, int column)
{
    const int index = m_paths->currentIndex();
    if (index < 0 || index >= int(m_slices.size()))
        return;
    const TensorSlice& slice = m_slices[std::size_t(index)];
    const std::int64_t flat = slice.flat(row, column);
    if (flat < 0 || std::size_t(flat) >= m_weights->base.size())
        return;
    const float base = m_weights->base[std::size_t(flat)];
    const auto number = [](double v) { return QString::number(v, 'g', 7); };
    QString place = indexText(m_weights->shape, flat);
    if (m_slices.size() > 1)
        place += tr(" (%1, row %2, column %3)")
                     .arg(slice.title.section(QLatin1Char(','), 0, 0))
                     .arg(row)
                     .arg(column);
    if (row < slice.rowNames.size())
        place += QLatin1Char(' ') + slice.rowNames[row];
    if (column < slice.columnNames.size())
        place += QLatin1Char(' ') + slice.columnNames[column];
    QString text = tr("%1 %2: base %3").arg(m_tensor, place, number(double(base)));
    if (!m_weights->tuned.empty()) {
        const float tuned = m_weights->tuned[std::size_t(flat)];
        text += tr(", tuned %1, delta %2").arg(number(double(tuned)), number(double(tuned) - double(base)));
        if (tuned == base)
            text += tr(" (unchanged)");
    }
    m_weight->setText(text);
}

} // namespace lodestone::gui
