#pragma once
#include <QtWidgets/QWidget>

class QVBoxLayout;

namespace lodestone::gui {

class RecentFiles;

/// First page: the demo, a model, data, and what was open lately.
class WelcomePage : public QWidget {
    Q_OBJECT
public:
    explicit WelcomePage(RecentFiles& recent, QWidget* parent = nullptr);

Q_SIGNALS:
    void demoRequested();
    void openModelRequested();
    void catalogueRequested();
    void openDataRequested();
    void openRunRequested();
    void pathChosen(const QString& path);

private:
    void fillRecent();
    RecentFiles& m_recent;
    QVBoxLayout* m_list;
};

} // namespace lodestone::gui
