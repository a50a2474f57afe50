#include "shell/settings_dialog.h"
#include "shell/language.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

namespace lodestone::gui {

SettingsDialog::SettingsDialog(const Preferences& preferences, QWidget* parent)
    : QDialog(parent),
      m_theme(new QComboBox),
      m_language(new QComboBox),
      m_folder(new QLineEdit(preferences.runsFolder)),
      m_restore(new QCheckBox(tr("&Open again at the start what was open last"))),
      m_problem(new QLabel),
      m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel))
{
    setWindowTitle(tr("Settings"));
    m_problem->setTextFormat(Qt::PlainText);
    setObjectName(QStringLiteral("settings"));
    const std::pair<Theme, QString> themes[] = {
        {Theme::System, tr("As the desktop")}, {Theme::Light, tr("Light")}, {Theme::Dark, tr("Dark")}};
    for (const auto& [theme, title] : themes)
        m_theme->addItem(title, int(theme));
    m_theme->setCurrentIndex(m_theme->findData(int(preferences.theme)));
    m_theme->setObjectName(QStringLiteral("theme"));
    m_language->addItem(tr("As the desktop"), QString());
    for (const Language& language : languages())
        m_language->addItem(language.name, language.code);
    m_language->setCurrentIndex(std::max(0, m_language->findData(preferences.language)));
    m_language->setObjectName(QStringLiteral("language"));
    m_language->setToolTip(tr("Of menus, pages and dialogs; the engine's messages are in English."));
    m_folder->setObjectName(QStringLiteral("runsFolder"));
    m_folder->setMinimumWidth(360);
    m_restore->setChecked(preferences.restoresSession);
    m_restore->setObjectName(QStringLiteral("restore"));
    m_problem->setWordWrap(true);
    m_problem->setStyleSheet(QStringLiteral("color: #d55e00;"));

    auto* browse = new QPushButton(tr("&Browse…"));
    browse->setAutoDefault(false);
    auto* row = new QHBoxLayout;
    row->addWidget(m_folder, 1);
    row->addWidget(browse);
    auto* form = new QFormLayout;
    form->addRow(tr("&Colours"), m_theme);
    form->addRow(tr("&Language"), m_language);
    auto* folderLabel = new QLabel(tr("&Folder for new runs"));
    folderLabel->setBuddy(m_folder);
    form->addRow(folderLabel, row);
    form->addRow(QString(), m_restore);
    for (QWidget* field : {static_cast<QWidget*>(m_theme), static_cast<QWidget*>(m_language)})
        if (const auto* label = qobject_cast<QLabel*>(form->labelForField(field)))
            field->setAccessibleName(label->text().remove(QLatin1Char('&')));
    m_folder->setAccessibleName(tr("Folder for new runs"));
    auto* column = new QVBoxLayout(this);
    column->addLayout(form);
    column->addWidget(m_problem);
    column->addStretch(1);
    column->addWidget(m_buttons);
    connect(browse, &QPushButton::clicked, this, &SettingsDialog::chooseFolder);
    connect(m_folder, &QLineEdit::textChanged, this, &SettingsDialog::check);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    check();
}

Preferences SettingsDialog::preferences() const
{
    return {Theme(m_theme->currentData().toInt()), m_language->currentData().toString(),
            QDir::cleanPath(m_folder->text().trimmed()), m_restore->isChecked()};
}

void SettingsDialog::chooseFolder()
{
    const QString folder =
        QFileDialog::getExistingDirectory(this, tr("Folder for new runs"), m_folder->text());
    if (!folder.isEmpty())
        m_folder->setText(folder);
}

/// A folder that is not there yet is made by the first run; a file, or a place that cannot be written to, is
/// none.
void SettingsDialog::check()
{
    QFileInfo place(m_folder->text().trimmed());
    QString sentence;
    if (!place.isAbsolute())
        sentence = tr("The folder for new runs needs a full path.");
    else if (place.exists() && !place.isDir())
        sentence = tr("%1 is a file, not a folder.").arg(place.filePath());
    while (sentence.isEmpty() && !place.exists() && place.filePath() != place.path())
        place.setFile(place.path());
    if (sentence.isEmpty() && !(place.isDir() && place.isWritable()))
        sentence = tr("Nothing can be written in %1.").arg(place.filePath());
    m_problem->setText(sentence);
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(sentence.isEmpty());
}

} // namespace lodestone::gui
