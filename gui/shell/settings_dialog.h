#pragma once
#include "shell/theme.h"

#include <QtWidgets/QDialog>

class QCheckBox;
class QComboBox;
class QDialogButtonBox;
class QLabel;
class QLineEdit;

namespace lodestone::gui {

/// What holds for the program and not for one piece of work.
struct Preferences {
    Theme theme = Theme::System;
    QString language;            ///< code; empty: the desktop's
    QString runsFolder;          ///< of new runs
    bool restoresSession = true; ///< a start without files opens again what was open last
};

class SettingsDialog : public QDialog {
    Q_OBJECT
public:
    explicit SettingsDialog(const Preferences& preferences, QWidget* parent);
    Preferences preferences() const;

private:
    void chooseFolder();
    void check();

    QComboBox *m_theme, *m_language;
    QLineEdit* m_folder;
    QCheckBox* m_restore;
    QLabel* m_problem;
    QDialogButtonBox* m_buttons;
};

} // namespace lodestone::gui
