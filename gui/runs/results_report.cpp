// The report of the run in view: asked of the engine, printed here.
#include "runs/report_printer.h"
#include "runs/results_page.h"

#include "base/files.h"
#include "widgets/plain_text.h"

#include <QtCore/QFileInfo>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMessageBox>

namespace lodestone::gui {

namespace {

bool isPdf(const QString& path)
{
    return path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive);
}

} // namespace

void ResultsPage::askAndReport()
{
    QString filter;
    QString file = QFileDialog::getSaveFileName(
        this, tr("Save the report"),
        QDir(m_exportFolder).filePath(m_name->text() + QStringLiteral("-report.pdf")),
        tr("PDF (*.pdf)") + QStringLiteral(";;") + tr("HTML (*.html)"), &filter);
    if (file.isEmpty())
        return;
    m_exportFolder = QFileInfo(file).absolutePath();
    if (QFileInfo(file).suffix().isEmpty()) {
        file += filter.contains(QLatin1String("html")) ? QStringLiteral(".html") : QStringLiteral(".pdf");
        if (QFileInfo::exists(file) &&
            QMessageBox::question(this, tr("Report"), asPlainText(tr("%1 exists. Replace it?").arg(file))) !=
                QMessageBox::Yes)
            return;
    }
    saveReport(file);
}

void ResultsPage::saveReport(const QString& path)
{
    if (!m_session.run()) {
        Q_EMIT m_session.problem(key(), tr("Open a run before saving its report."));
        return;
    }
    Q_EMIT m_session.problem(key(), QString());
    const QString file = QFileInfo(path).absoluteFilePath();
    const QString html =
        isPdf(file) ? m_session.engine().scratchFolder() + QStringLiteral("/report.html") : file;
    const QString working = tr("Making the report of %1…").arg(m_name->text());
    m_exportState->setText(working);
    m_exportState->show();
    m_session.engine().request(
        QStringLiteral("report"),
        {{"run", m_session.run()->paths().root.string()}, {"out", html.toStdString()}}, this,
        [this, file, html](const EngineClient::Reply& reply) {
            if (!reply.error.isEmpty() || reply.stopped) {
                m_exportState->hide();
                if (!reply.error.isEmpty())
                    Q_EMIT m_session.problem(key(), reply.error);
                return;
            }
            if (!isPdf(file)) {
                reportWritten(file);
                return;
            }
            m_printing.start(
                this,
                [html, file](const Watch& watch) {
                    printReport(QString::fromStdString(readFile(html.toStdString())), file, watch);
                    return file;
                },
                [this](const QString& written) { reportWritten(written); },
                [this](const QString& sentence) {
                    m_exportState->hide();
                    Q_EMIT m_session.problem(key(), sentence);
                });
        },
        [this, working](double share) {
            m_exportState->setText(QStringLiteral("%1 %2 %").arg(working).arg(qRound(100 * share)));
        });
}

void ResultsPage::reportWritten(const QString& path)
{
    m_exportState->setText(tr("Written: %1").arg(path));
    m_exportState->show();
    Q_EMIT m_session.notice(tr("Written: %1").arg(path));
    Q_EMIT reported(path);
}

} // namespace lodestone::gui
