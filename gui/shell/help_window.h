#pragma once
#include <QtWidgets/QDialog>

class QLineEdit;
class QListWidget;
class QTextBrowser;

namespace lodestone::gui {

/// The help pages (resources/help, Markdown) with their list, a search over all of them, back and forward.
/// Not modal: it stays beside the window while one works.
class HelpWindow : public QDialog {
    Q_OBJECT
public:
    explicit HelpWindow(QWidget* parent);
    /// A page by its name without the ending ("data"); the first page where there is none.
    void showPage(const QString& name);
    QString pageName() const { return m_page; }

private:
    void fill(const QString& search);
    void follow();

    QLineEdit* m_search;
    QListWidget* m_list;
    QTextBrowser* m_text;
    QString m_page;
};

} // namespace lodestone::gui
