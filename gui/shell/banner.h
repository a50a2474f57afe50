#pragma once
#include <QtWidgets/QFrame>

class QLabel;

namespace lodestone::gui {

/// A line over a page that says what went wrong there, or (level "warning") what cannot be done; hidden while
/// there is nothing to say.
class Banner : public QFrame {
    Q_OBJECT
public:
    /// An error can be put away by the user; a warning stands as long as it holds.
    explicit Banner(QWidget* parent = nullptr, const QString& level = QStringLiteral("error"));
    void showSentence(const QString& sentence);
    QString sentence() const;

Q_SIGNALS:
    void dismissed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void restyle();
    QString m_level;
    QLabel *m_icon, *m_text;
    bool m_styling = false;
};

} // namespace lodestone::gui
