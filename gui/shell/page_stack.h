#pragma once
#include <QtWidgets/QWidget>
#include <vector>

class QStackedWidget;
class QTabBar;

namespace lodestone::gui {

class Banner;

/// The centre of the window: the page in front, each under its own banner, and a row of tabs in working
/// order, which the window puts where it has its whole width.
class PageStack : public QWidget {
    Q_OBJECT
public:
    explicit PageStack(QWidget* parent = nullptr);
    void add(QWidget* page, const QString& key, const QString& title, const QString& iconName);
    QTabBar* tabs() const { return m_tabs; }
    int count() const { return int(m_entries.size()); }
    QString key(int index) const { return m_entries[std::size_t(index)].key; }
    QString currentKey() const;
    QWidget* page(const QString& key) const; ///< null if there is none
    bool show(const QString& key);           ///< false if there is none
    /// An empty sentence takes the banner away. False if there is no such page.
    bool setProblem(const QString& key, const QString& sentence);
    QString problem(const QString& key) const; ///< the sentence shown, or nothing

Q_SIGNALS:
    void aboutToChange(const QString& key); ///< this page will be in front; the other one still is
    void currentChanged(const QString& key);

private:
    struct Entry {
        QString key, iconName;
        QWidget* page;
        Banner* banner;
    };
    int indexOf(const QString& key) const;
    void mark(int index);
    void bringToFront(int index);

    QTabBar* m_tabs;
    QStackedWidget* m_stack;
    std::vector<Entry> m_entries;
};

} // namespace lodestone::gui
