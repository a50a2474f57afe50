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
    auto* back = new QPushButton(tr("\u2190 All blocks"));
    back->setObjectName(QStringLiteral("back"));
    back->setShortcut(QKeySequence(Qt::Key_Escape));
    m_tensors = new QComboBox;
    m_tensors->setObjectName(QStringLiteral("tensors"));
    m_tensors->setAccessibleName(tr("Tensor"));
    m_tensors->setToolTip(tr("Tensors behind the cell that was clicked."));
    m_tensors->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_quantity = new QComboBox;
    m_quantity->addItems(
        {tr("Size of change |delta|"), tr("Change (delta)"), tr("Base weights"), tr("Tuned weights")});
    m_quantity->setAccessibleName(tr("What the matrix shows"));
    auto* save = new QPushButton(tr("Export..."));
    save->setToolTip(tr("Saves the picture (PNG, SVG, PDF) or the numbers (CSV)."));
    bar->addWidget(back);
    bar->addWidget(m_tensors);
    bar->addWidget(m_quantity);
    bar->addStretch(1);
    bar->addWidget(save);
    column->addLayout(bar);
    m_sentence = new QLabel;
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
    m_weight->setObjectName(QStringLiteral("weight"));
    m_weight->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_weight);
    connect(back, &QPushButton::clicked, this, &TensorView::back);
    connect(save, &QPushButton::clicked, this,
            [this] { static_cast<HeatMap*>(m_tabs->currentWidget())->saveAs(); });
    connect(m_tensors, &QComboBox::currentIndexChanged, this, &TensorView::ask);
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
    m_matrix->setPlaceholder(tr("Asking the engine for %1...").arg(tensor));
    m_sentence->clear();
    m_weight->setText(tr("Click an entry to read its weight."));
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
    m_weights = std::move(weights);
    const auto info = std::find_if(m_model.tensors.begin(), m_model.tensors.end(),
                                   [&](const ParameterInfo& t) { return t.name == tensor.toStdString(); });
    std::size_t changed = 0;
    for (std::size_t i = 0; i < m_weights.tuned.size(); ++i)
        changed += m_weights.tuned[i] != m_weights.base[i];
    const QLocale locale;
    m_sentence->setText(
        m_weights.tuned.empty()
            ? tr("%1 weights; the run has no result for them yet.")
                  .arg(locale.toString(qlonglong(m_weights.base.size())))
            : tr("%1 of %2 weights changed (%3 %).")
                  .arg(locale.toString(qlonglong(changed)), locale.toString(qlonglong(m_weights.base.size())),
                       locale.toString(100.0 * double(changed) /
                                           double(std::max<std::size_t>(1, m_weights.base.size())),
                                       'f', 2)));
    HeatMap::Data elements;
    if (info != m_model.tensors.end() && !m_weights.tuned.empty())
        elements = periodicTable(m_weights.shape, info->elementAxis, m_model.elements, m_weights.base,
                                 m_weights.tuned);
    elements.title = elements.rowCount ? tensor : QString();
    m_tabs->setTabVisible(1, elements.rowCount > 0);
    m_elements->setData(elements);
    draw();
}

void TensorView::draw()
{
    if (!m_weights.base.empty())
        m_matrix->setData(tensorMatrix(m_tensor, m_weights.shape, m_weights.base, m_weights.tuned,
                                       m_quantity->currentIndex()));
}

void TensorView::readOut(int row, int column)
{
    const std::int64_t flat = std::int64_t(row) * m_matrix->data().columnCount + column;
    if (flat < 0 || std::size_t(flat) >= m_weights.base.size())
        return;
    const float base = m_weights.base[std::size_t(flat)];
    const auto number = [](double v) { return QString::number(v, 'g', 7); };
    QString text = tr("%1 %2: base %3").arg(m_tensor, indexText(m_weights.shape, flat), number(double(base)));
    if (!m_weights.tuned.empty()) {
        const float tuned = m_weights.tuned[std::size_t(flat)];
        text += tr(", tuned %1, delta %2").arg(number(double(tuned)), number(double(tuned) - double(base)));
        if (tuned == base)
            text += tr(" (unchanged)");
    }
    m_weight->setText(text);
}

} // namespace lodestone::gui
