#include "model/tensor_inspector.h"
#include "base/files.h"
#include "data/histogram.h"
#include "model/block_tree_model.h"
#include "widgets/plot.h"

#include <QtCore/QLocale>
#include <QtWidgets/QLabel>
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
      m_plot(new Plot(this))
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
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 12, 8);
    column->setSpacing(10);
    column->addWidget(m_title);
    column->addWidget(m_facts);
    column->addWidget(m_plot, 1);
    column->addWidget(m_numbers);
    column->addStretch(1);
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
    if (tensor < 0) {
        m_delay.stop();
        m_title->setText(model ? tr("Choose a tensor in the tree to see its numbers.")
                               : tr("No model is open."));
        m_facts->clear();
        m_plot->hide();
        return;
    }
    const ParameterInfo& info = model->tensors[std::size_t(tensor)];
    m_title->setText(QString::fromStdString(info.name));
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
    m_facts->setText(QStringLiteral("<table>%1</table>").arg(rows));
    m_plot->setPlaceholder(tr("Reading the weights …"));
    m_plot->show();
    m_delay.start();
}

void TensorInspector::ask()
{
    const ModelDescription* model = m_session.model();
    if (!model || m_tensor < 0)
        return;
    EngineClient& engine = m_session.engine();
    const auto id = std::make_shared<int>(-1);
    *id = m_request =
        engine.request(QStringLiteral("weights"),
                       {{"model", model->file},
                        {"tensor", model->tensors[std::size_t(m_tensor)].name},
                        {"scratch", engine.scratchFolder().toStdString()}},
                       this, [this, id](const EngineClient::Reply& reply) {
                           if (*id != m_request)
                               return;
                           m_request = -1;
                           if (!reply.error.isEmpty())
                               m_plot->setPlaceholder(reply.error);
                           else if (reply.ok.contains("base") && reply.ok["base"].is_string())
                               read(QString::fromStdString(reply.ok["base"].get<std::string>()));
                       });
}

void TensorInspector::read(const QString& file)
{
    m_job.start(
        this, [path = file.toStdString()](const Watch&) { return statisticsOf(readFile(path)); },
        [this](const Statistics& statistics) { showStatistics(statistics); },
        [this](const QString& sentence) { m_plot->setPlaceholder(sentence); });
}

TensorInspector::Statistics TensorInspector::statisticsOf(const std::string& bytes)
{
    Statistics result;
    std::vector<double> values(bytes.size() / sizeof(float));
    for (std::size_t i = 0; i < values.size(); ++i) {
        float value = 0; // little-endian on disk, as on every machine that this program is built for
        std::memcpy(&value, bytes.data() + i * sizeof(float), sizeof(float));
        values[i] = double(value);
    }
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

void TensorInspector::showStatistics(const Statistics& s)
{
    m_plot->setSeries(tr("weights"), s.centres, s.counts, Plot::Style::Bars);
    m_plot->fitAll();
    m_numbers->setText(QStringLiteral("<table>%1</table>")
                           .arg(row(tr("Mean"), number(s.mean)) + row(tr("Deviation"), number(s.deviation)) +
                                row(tr("Smallest"), number(s.low)) + row(tr("Largest"), number(s.high)) +
                                row(tr("Exactly zero"), QLocale().toString(qlonglong(s.zeros)))));
}

} // namespace lodestone::gui
