// Project files: what MainWindow has to do with them.
#include "base/error.h"
#include "project/project_file.h"
#include "shell/log_view.h"
#include "shell/main_window.h"
#include "shell/page_stack.h"
#include "shell/settings.h"
#include "shell/theme.h"
#include "widgets/plain_text.h"

#include <QtCore/QFileInfo>
#include <QtCore/QSettings>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QMenu>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QStatusBar>

namespace lodestone::gui {

namespace {

QString projectFilter()
{
    return MainWindow::tr("Projects (*%1)").arg(QLatin1String(projectEnding));
}

QString folderOf(const QString& file)
{
    return QFileInfo(file).absolutePath();
}

} // namespace

void MainWindow::makeProjectMenu(QMenu* file)
{
    file->addAction(tr("&New project"), QKeySequence(tr("Ctrl+N")), this, &MainWindow::newProject);
    file->addAction(icon(QStringLiteral("folder")), tr("Open a pro&ject…"), QKeySequence(tr("Ctrl+Alt+O")),
                    this, &MainWindow::chooseProject);
    file->addAction(tr("&Save the project"), QKeySequence(tr("Ctrl+S")), this,
                    [this] { saveProject(false); });
    file->addAction(tr("Save the project &as…"), QKeySequence(tr("Ctrl+Shift+S")), this,
                    [this] { saveProject(true); });
}

void MainWindow::takeProject()
{
    m_project = m_settings.value(keys::project).toString();
    if (m_project.isEmpty())
        return;
    try {
        m_projectWork = projectWork(readProject(m_project));
    } catch (const Error& error) { // moved or deleted: what was open in it is restored all the same
        m_log->append(QString::fromUtf8(error.what()));
        m_settings.remove(keys::project);
        m_project.clear();
    }
    refreshTitle();
}

void MainWindow::refreshTitle()
{
    QStringList parts;
    if (!m_project.isEmpty())
        parts << QFileInfo(m_project).completeBaseName() + QStringLiteral("[*]");
    if (const RunWatcher* run = m_session.run())
        parts << QString::fromStdString(run->paths().root.filename().string());
    parts << tr("Lodestone");
    setWindowTitle(parts.join(QStringLiteral(" – ")));
    setWindowModified(!m_project.isEmpty() &&
                      projectWork(projectFromSettings(m_settings, folderOf(m_project))) != m_projectWork);
}

bool MainWindow::saveProject(bool underNewName)
{
    QString file = m_project;
    if (file.isEmpty() || underNewName) {
        file = QFileDialog::getSaveFileName(this, tr("Save the project"), file, projectFilter());
        if (file.isEmpty())
            return false;
        if (!file.endsWith(QLatin1String(projectEnding), Qt::CaseInsensitive))
            file += QLatin1String(projectEnding);
    }
    try {
        save();
        writeProject(file, m_settings);
        m_projectWork = projectWork(readProject(file));
    } catch (const Error& error) {
        QMessageBox::warning(this, tr("Save the project"), asPlainText(QString::fromUtf8(error.what())));
        return false;
    }
    m_project = file;
    m_settings.setValue(keys::project, file);
    m_recent.add(FileKind::Project, file);
    refreshTitle();
    statusBar()->showMessage(tr("The project was saved as %1.").arg(file), 8000);
    return true;
}

void MainWindow::leaveSettingsAlone(const QString& file)
{
    Q_EMIT m_session.problem(
        QStringLiteral("structure"),
        tr("The settings in %1 were written by a newer version of Lodestone and are left alone: "
           "this window begins without any. Update Lodestone to use them.")
            .arg(file));
}

bool MainWindow::mayReplace(bool byAnother)
{
    if (!m_asksOnClose)
        return true;
    save();
    // Without a project the next start brings back what is open; another project does not.
    const bool unnamed = m_project.isEmpty() && byAnother && (m_session.model() || m_session.data());
    if (!isWindowModified() && !unnamed)
        return true;
    QMessageBox box(
        QMessageBox::Question, unnamed ? tr("What is open is in no project") : tr("The project was changed"),
        unnamed ? tr("The choice of blocks, frames and settings is lost unless it is saved in a project.")
                : tr("The project “%1” was changed since it was saved.")
                      .arg(QFileInfo(m_project).completeBaseName()),
        QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
    box.setTextFormat(Qt::PlainText);
    box.setInformativeText(tr("Models, data and runs are files of their own and stay as they are."));
    box.setDefaultButton(QMessageBox::Save);
    const int answer = box.exec();
    if (answer == QMessageBox::Save)
        return saveProject(false);
    if (answer != QMessageBox::Discard)
        return false;
    if (unnamed)
        return true;
    // The next start finds the project as it was saved.
    try {
        projectToSettings(readProject(m_project), folderOf(m_project), m_settings);
        m_saves = false;
    } catch (const Error& error) {
        m_log->append(QString::fromUtf8(error.what()));
    }
    return true;
}

void MainWindow::restart()
{
    m_saves = false;
    m_saveDelay.stop();
    m_settings.sync();
    Q_EMIT restartRequested();
}

void MainWindow::newProject()
{
    if (!mayReplace(true))
        return;
    save();
    clearSession(m_settings);
    m_settings.remove(keys::project);
    restart();
}

void MainWindow::chooseProject()
{
    const QString file = QFileDialog::getOpenFileName(this, tr("Open a project"),
                                                      dialogFolder(FileKind::Project), projectFilter());
    if (!file.isEmpty())
        openProject(file);
}

void MainWindow::openProject(const QString& file)
{
    const QString path = QFileInfo(file).absoluteFilePath();
    try {
        const QJsonObject project = readProject(path);
        if (!mayReplace(true))
            return;
        save();
        const QStringList missing = projectToSettings(project, folderOf(path), m_settings);
        m_settings.setValue(keys::project, path);
        m_settings.setValue(keys::projectMissing, missing);
        m_recent.add(FileKind::Project, path);
        restart();
    } catch (const Error& error) {
        const QString sentence = QString::fromUtf8(error.what());
        m_log->append(sentence);
        statusBar()->showMessage(sentence, 15000);
        m_pages->setProblem(m_pages->currentKey(), sentence);
    }
}

} // namespace lodestone::gui
