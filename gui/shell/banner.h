#pragma once
#include <QtWidgets/QFrame>

class QLabel;

namespace lodestone::gui {

/// A line over a page that says what went wrong there; hidden while there is nothing to say.
class Banner : public QFrame {
    Q_OBJECT
public:
    explicit Banner(QWidget* parent = nullptr);
    void showSentence(const QString& sentence);
    QString sentence() const;

Q_SIGNALS:
    void dismissed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void restyle();
    QLabel *m_icon, *m_text;
    bool m_styling = false;
};

} // namespace lodestone::gui
