#include "cluster/slurm_dialog.h"
#include "base/error.h"

#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QDoubleSpinBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QTabWidget>
#include <QtWidgets/QVBoxLayout>

namespace lodestone::gui {

namespace {

QString joined(const std::vector<std::string>& texts, QChar by)
{
    QStringList list;
    for (const std::string& text : texts)
        list << QString::fromStdString(text);
    return list.join(by);
}

/// Lines (or words) with something in them.
std::vector<std::string> parts(const QString& text, QChar by)
{
    std::vector<std::string> result;
    const QStringList list = text.split(by, Qt::SkipEmptyParts);
    for (const QString& part : list)
        if (!part.trimmed().isEmpty())
            result.push_back(part.trimmed().toStdString());
    return result;
}

QPlainTextEdit* makeText(const char* name, const QString& text, int rows)
{
    auto* edit = new QPlainTextEdit(text);
    edit->setObjectName(QLatin1String(name));
    edit->setFont(QFont(QStringLiteral("monospace")));
    edit->setLineWrapMode(QPlainTextEdit::NoWrap);
    edit->setTabChangesFocus(true);
    edit->setMaximumHeight(edit->fontMetrics().lineSpacing() * rows + 16);
    return edit;
}

} // namespace

SlurmDialog::SlurmDialog(const SlurmSite& site, QWidget* parent)
    : QDialog(parent),
      m_partition(new QLineEdit(QString::fromStdString(site.partition))),
      m_account(new QLineEdit(QString::fromStdString(site.account))),
      m_qos(new QLineEdit(QString::fromStdString(site.qos))),
      m_modules(new QLineEdit(joined(site.modules, QLatin1Char(' ')))),
      m_gpuType(new QLineEdit(QString::fromStdString(site.gpuType))),
      m_engine(new QLineEdit(QString::fromStdString(site.engine))),
      m_gpus(new QSpinBox),
      m_processes(new QSpinBox),
      m_cpus(new QSpinBox),
      m_minutes(new QSpinBox),
      m_memory(new QDoubleSpinBox),
      m_options(makeText("options", joined(site.options, QLatin1Char('\n')), 2)),
      m_setup(makeText("setup", joined(site.setup, QLatin1Char('\n')), 3)),
      m_script(new QPlainTextEdit),
      m_problem(new QLabel),
      m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel))
{
    setWindowTitle(tr("Jobs of Slurm"));
    setObjectName(QStringLiteral("slurm"));
    const QString theirs = tr("as the site gives");
    for (auto* edit : {m_partition, m_account, m_qos})
        edit->setPlaceholderText(theirs);
    m_partition->setObjectName(QStringLiteral("partition"));
    m_engine->setObjectName(QStringLiteral("engine"));
    m_engine->setMinimumWidth(360);
    m_engine->setPlaceholderText(QStringLiteral("/home/me/lodestone/bin/lodestone-engine"));
    m_engine->setToolTip(tr("Where lodestone-engine lies on the nodes of the cluster."));
    m_modules->setPlaceholderText(QStringLiteral("gcc/12.2 cuda/12.4"));
    m_modules->setToolTip(tr("Names for “module load”, with spaces between them."));
    m_gpuType->setPlaceholderText(tr("any kind"));
    m_gpus->setRange(0, 64);
    m_gpus->setValue(site.gpus);
    m_processes->setRange(1, 4096);
    m_processes->setValue(site.processes);
    m_processes->setObjectName(QStringLiteral("processes"));
    m_processes->setToolTip(
        tr("Processes that share the run by MPI, each with a GPU or with processors of its own. The "
           "batch is divided among them: choose a larger one in the run's settings."));
    m_cpus->setRange(1, 4096);
    m_cpus->setValue(site.cpus);
    m_memory->setRange(0, 1 << 20);
    m_memory->setDecimals(2);
    m_memory->setValue(site.memory);
    m_memory->setSuffix(tr(" GiB"));
    m_memory->setSpecialValueText(theirs);
    m_minutes->setRange(0, 366 * 24 * 60);
    m_minutes->setValue(site.minutes);
    m_minutes->setSuffix(tr(" min"));
    m_minutes->setSpecialValueText(theirs);
    m_minutes->setToolTip(tr(
        "Two minutes before this limit the run writes a checkpoint and stops; Resume goes on from there."));
    m_options->setToolTip(tr("Further options of sbatch, one a line: --NAME or --NAME=VALUE."));
    m_setup->setToolTip(tr("Lines of shell that run before the engine, as they stand here."));
    m_script->setReadOnly(true);
    m_script->setFont(QFont(QStringLiteral("monospace")));
    m_script->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_script->setAccessibleName(tr("Job script"));
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->setObjectName(QStringLiteral("problem"));
    m_problem->setStyleSheet(QStringLiteral("color: #d55e00;"));

    auto* tabs = new QTabWidget;
    tabs->addTab(makeForm(), tr("Settings"));
    tabs->addTab(m_script, tr("Job script"));
    auto* column = new QVBoxLayout(this);
    column->addWidget(tabs, 1);
    column->addWidget(m_problem);
    column->addWidget(m_buttons);
    for (auto* edit : {m_partition, m_account, m_qos, m_modules, m_gpuType, m_engine})
        connect(edit, &QLineEdit::textChanged, this, &SlurmDialog::check);
    for (auto* box : {m_gpus, m_processes, m_cpus, m_minutes})
        connect(box, &QSpinBox::valueChanged, this, &SlurmDialog::check);
    connect(m_memory, &QDoubleSpinBox::valueChanged, this, &SlurmDialog::check);
    for (auto* edit : {m_options, m_setup})
        connect(edit, &QPlainTextEdit::textChanged, this, &SlurmDialog::check);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    check();
}

QWidget* SlurmDialog::makeForm()
{
    auto* page = new QWidget;
    auto* form = new QFormLayout(page);
    auto* gpus = new QHBoxLayout;
    gpus->addWidget(m_gpus);
    gpus->addWidget(m_gpuType, 1);
    const auto row = [form](const QString& title, QWidget* field) {
        form->addRow(title, field);
        field->setAccessibleName(title);
    };
    row(tr("Engine on the cluster"), m_engine);
    row(tr("Partition"), m_partition);
    row(tr("Account"), m_account);
    row(tr("Quality of service"), m_qos);
    row(tr("Modules"), m_modules);
    form->addRow(tr("GPUs"), gpus);
    m_gpus->setAccessibleName(tr("GPUs"));
    m_gpuType->setAccessibleName(tr("Kind of GPU"));
    row(tr("Processes"), m_processes);
    row(tr("Processors of each"), m_cpus);
    row(tr("Memory"), m_memory);
    row(tr("Time limit"), m_minutes);
    row(tr("Further options"), m_options);
    row(tr("Lines before the engine"), m_setup);
    return page;
}

SlurmSite SlurmDialog::site() const
{
    SlurmSite site;
    const auto text = [](const QLineEdit* edit) { return edit->text().trimmed().toStdString(); };
    site.partition = text(m_partition);
    site.account = text(m_account);
    site.qos = text(m_qos);
    site.modules = parts(m_modules->text(), QLatin1Char(' '));
    site.gpus = m_gpus->value();
    site.gpuType = text(m_gpuType);
    site.processes = m_processes->value();
    site.cpus = m_cpus->value();
    site.memory = m_memory->value();
    site.minutes = m_minutes->value();
    site.engine = text(m_engine);
    site.options = parts(m_options->toPlainText(), QLatin1Char('\n'));
    site.setup = parts(m_setup->toPlainText(), QLatin1Char('\n'));
    return site;
}

void SlurmDialog::check()
{
    const SlurmSite wanted = site();
    QStringList sentences;
    for (const std::string& problem : siteProblems(wanted))
        sentences << QString::fromStdString(problem);
    m_problem->setText(sentences.join(QLatin1Char('\n')));
    m_problem->setVisible(!sentences.isEmpty());
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(sentences.isEmpty());
    const std::string folder = "/path/of/the/run";
    m_script->setPlainText(sentences.isEmpty()
                               ? QString::fromStdString(jobScript(
                                     wanted, {jobName("run", "0"), folder, folder + "/config.json", false}))
                               : QString());
}

} // namespace lodestone::gui
