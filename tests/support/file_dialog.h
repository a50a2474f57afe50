#pragma once
#include <QtCore/QTimer>
#include <QtTest/QtTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>

namespace lodestone::test {

/// Answers the next file dialog as a user would: types the name (absolute, or relative to the folder that the
/// dialog shows) over what stands there and presses the dialog's own button. Needs
/// Qt::AA_DontUseNativeDialogs. GUI thread only.
class FileDialogAnswer : public QObject {
public:
    explicit FileDialogAnswer(const QString& name) : m_name(name)
    {
        m_timer.setInterval(200);
        connect(&m_timer, &QTimer::timeout, this, &FileDialogAnswer::look);
        m_timer.start();
    }
    bool answered() const { return m_answered; }
    QString proposed() const { return m_proposed; }       ///< what stood in the dialog before
    QStringList nameFilters() const { return m_filters; } ///< of the dialog

private:
    void look()
    {
        auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
        if (!dialog || !dialog->isVisible())
            return;
        auto* line = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
        auto* buttons = dialog->findChild<QDialogButtonBox*>();
        if (!line || !buttons || m_tries++ > 40) { // the dialog does not take the name
            dialog->reject();
            return;
        }
        if (line->text() != m_name) {
            m_proposed = line->text();
            m_filters = dialog->nameFilters();
            line->selectAll();
            QTest::keyClicks(line, m_name);
            return; // the dialog looks at the folder in another thread
        }
        if (QWidget* proposals = QApplication::activePopupWidget())
            proposals->close(); // it would take the click
        for (auto* button : buttons->buttons())
            if (buttons->buttonRole(button) == QDialogButtonBox::AcceptRole) {
                QTest::mouseClick(button, Qt::LeftButton);
                m_answered = !dialog->isVisible();
                break;
            }
        if (m_answered)
            m_timer.stop();
    }

    QString m_name, m_proposed;
    QStringList m_filters;
    bool m_answered = false;
    int m_tries = 0;
    QTimer m_timer;
};

} // namespace lodestone::test
