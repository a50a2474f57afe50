#include "model/tensor_inspector.h"
#include "base/files.h"
#include "data/histogram.h"
#include "model/block_tree_model.h"
#include "widgets/plot.h"

#include <QtCore/QLocale>
#include <QtCore/QSignalBlocker>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QVBoxLayout>
#include <cmath>
#include <cstring>

namespace lodestone::gui {

namespace {

constexpr int bins = 61;

QString row(const QString& name, const QString& value)
{
    return QStringLiteral("<tr><td style='padding-right:12px'>%1</td><td>%2</td></tr>")
        .arg(name, value.toHtmlEscaped());
}

QString number(double value)
{
    return QLocale().toString(value, 'g', 4);
}

} // namespace

TensorInspector::TensorInspector(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_title(new QLabel(this)),
      m_facts(new QLabel(this)),
      m_numbers(new QLabel(this)),
      m_tabs(new QTabWidget(this)),
      m_plot(new Plot(this)),
      m_paths(new QComboBox(this)),
      m_matrix(new HeatMap(this))
{
    QFont font = m_title->font();
    font.setWeight(QFont::DemiBold);
    m_title->setFont(font);
    for (QLabel* label : {m_title, m_facts, m_numbers}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    }
    m_title->setTextFormat(Qt::PlainText);
    m_plot->setTitles({}, tr("value"), tr("number of weights"));
    m_plot->setMinimumHeight(220);
    m_plot->setAccessibleName(tr("Histogram of the tensor's values"));
    m_paths->setObjectName(QStringLiteral("tensorPaths"));
    m_paths->setAccessibleName(tr("Path"));
    m_paths->setToolTip(tr("The tensor is stored as one list: each of its paths is a matrix."));
    m_matrix->setObjectName(QStringLiteral("tensorMatrix"));
    auto* matrix = new QWidget(m_tabs);
    auto* under = new QVBoxLayout(matrix);
    under->setContentsMargins(0, 6, 0, 0);
    under->addWidget(m_paths);
    under->addWidget(m_matrix, 1);
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_plot, tr("Histogram"));
    m_tabs->addTab(matrix, tr("Matrix"));
    connect(m_paths, &QComboBox::currentIndexChanged, this, &TensorInspector::drawMatrix);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 12, 8);
    column->setSpacing(10);
    column->addWidget(m_title);
    column->addWidget(m_facts);
    column->addWidget(m_tabs, 1);
    column->addWidget(m_numbers);
    column->addStretch(0);
    m_delay.setSingleShot(true);
    m_delay.setInterval(150);
    connect(&m_delay, &QTimer::timeout, this, &TensorInspector::ask);
    connect(&session, &Session::modelChanged, this, [this] { showTensor(-1); });
    showTensor(-1);
}

void TensorInspector::showTensor(int tensor)
{
    const ModelDescription* model = m_session.model();
    if (!model || tensor >= int(model->tensors.size()))
        tensor = -1;
    m_tensor = tensor;
    m_job.cancel();
    if (m_request >= 0)
        m_session.engine().cancel(m_request);
    m_request = -1;
    m_plot->clear();
    m_numbers->clear();
    m_drawing.cancel();
    m_values.reset();
    m_matrix->setData({});
    if (tensor < 0) {
        m_delay.stop();
        m_title->setText(model ? tr("Choose a tensor in the tree to see its numbers.")
                               : tr("No model is open."));
        m_facts->clear();
        m_tabs->hide();
        return;
    }
    const ParameterInfo& info = model->tensors[std::size_t(tensor)];
    m_title->setText(QString::fromStdString(info.name));
    {
        const QSignalBlocker quiet(m_paths);
        m_slices = tensorSlices(info, model->elements);
        m_paths->clear();
        for (const TensorSlice& slice : m_slices)
            m_paths->addItem(slice.title);
        m_paths->setVisible(m_slices.size() > 1);
    }
    QString rows =
        row(tr("Kind"), QString::fromStdString(info.kind)) + row(tr("Shape"), shapeText(info.shape)) +
        row(tr("Count"), QLocale().toString(qlonglong(info.count))) + row(tr("Norm"), number(info.norm));
    if (!info.irrepsIn.empty())
        rows += row(tr("Irreps in"), QString::fromStdString(info.irrepsIn));
    if (!info.irrepsOut.empty())
        rows += row(tr("Irreps out"), QString::fromStdString(info.irrepsOut));
    if (!info.paths.empty())
        rows += row(tr("Path"), pathText(info));
    if (info.elementAxis >= 0)
        rows += row(tr("Elements"), tr("axis %1").arg(info.elementAxis));
    if (!info.stored.empty())
        rows += row(tr("In the file"), QString::fromStdString(info.stored));
    m_facts->setText(QStringLiteral("<table>%1</table>").arg(rows));
    m_plot->setPlaceholder(tr("Reading the weights…"));
    m_matrix->setPlaceholder(tr("Reading the weights…"));
    m_tabs->show();
    m_delay.start();
}

void TensorInspector::ask()
{
    const ModelDescription* model = m_session.model();
    if (!model || m_tensor < 0)
        return;
    EngineClient& engine = m_session.engine();
    Json arguments = m_session.modelArguments();
    arguments["tensor"] = model->tensors[std::size_t(m_tensor)].name;
    arguments["scratch"] = engine.scratchFolder().toStdString();
    const auto id = std::make_shared<int>(-1);
    *id = m_request = engine.request(
        QStringLiteral("weights"), arguments, this, [this, id](const EngineClient::Reply& reply) {
            if (*id != m_request)
                return;
            m_request = -1;
            if (!reply.error.isEmpty())
                showProblem(reply.error);
            else if (reply.ok.contains("base") && reply.ok["base"].is_string())
                read(QString::fromStdString(reply.ok["base"].get<std::string>()));
        });
}

void TensorInspector::read(const QString& file)
{
    m_job.start(
        this, [path = file.toStdString()](const Watch&) { return statisticsOf(readFile(path)); },
        [this](Statistics statistics) { showStatistics(std::move(statistics)); },
        [this](const QString& sentence) { showProblem(sentence); });
}

void TensorInspector::showProblem(const QString& sentence)
{
    m_plot->setPlaceholder(sentence);
    m_matrix->setPlaceholder(sentence);
}

void TensorInspector::drawMatrix()
{
    const int index = m_paths->currentIndex();
    if (!m_values || index < 0 || index >= int(m_slices.size()))
        return;
    m_drawing.start(
        this,
        [values = m_values, slice = m_slices[std::size_t(index)]](const Watch&) {
            constexpr int baseWeights = 2;
            return sliceMatrix({}, slice, *values, {}, baseWeights);
        },
        [this](const HeatMap::Data& data) { m_matrix->setData(data); },
        [this](const QString& sentence) { m_matrix->setPlaceholder(sentence); });
}

TensorInspector::Statistics TensorInspector::statisticsOf(const std::string& bytes)
{
    Statistics result;
    result.values.resize(bytes.size() / sizeof(float));
    // Little-endian on disk, as on every machine that this program is built for.
    std::memcpy(result.values.data(), bytes.data(), result.values.size() * sizeof(float));
    const std::vector<double> values(result.values.begin(), result.values.end());
    result.count = values.size();
    double sum = 0, squares = 0;
    for (const double value : values) {
        sum += value;
        squares += value * value;
        result.zeros += value == 0;
    }
    if (values.empty())
        return result;
    const double n = double(values.size());
    result.mean = sum / n;
    result.deviation = std::sqrt(std::max(0.0, squares / n - result.mean * result.mean));
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    result.low = *low;
    result.high = *high;
    Histogram counted = histogram(values, values.size() < 200 ? 15 : bins);
    result.centres = std::move(counted.centres);
    result.counts = std::move(counted.counts);
    return result;
}

void TensorInspector::showStatistics(Statistics s)
{
    m_values = std::make_shared<const std::vector<float>>(std::move(s.values));
    drawMatrix();
    m_plot->setSeries(tr("weights"), s.centres, s.counts, Plot::Style::Bars);
    m_plot->fitAll();
    m_numbers->setText(QStringLiteral("<table>%1</table>")
                           .arg(row(tr("Mean"), number(s.mean)) + row(tr("Deviation"), number(s.deviation)) +
                                row(tr("Smallest"), number(s.low)) + row(tr("Largest"), number(s.high)) +
                                row(tr("Exactly zero"), QLocale().toString(qlonglong(s.zeros)))));
}

} // namespace lodestone::gui
