#pragma once
#include "catalogue/catalogue.h"
#include "shell/background_job.h"

#include <QtCore/QHash>
#include <QtWidgets/QDialog>
#include <memory>

class QLabel;
class QProgressBar;
class QPushButton;
class QTextBrowser;

namespace lodestone::gui {

class Banner;
class Download;
class TextTable;

/// The catalogue of public models: what there is and what of it is here, fetching one at a time, opening.
/// Nothing is asked of the network before Download is pressed. A download goes on while the window is closed.
class CatalogueDialog : public QDialog {
    Q_OBJECT
public:
    /// `folder`: of the models; made when something is fetched.
    CatalogueDialog(std::vector<CatalogueEntry> entries, const QString& folder, QWidget* parent = nullptr);
    ~CatalogueDialog() override;

Q_SIGNALS:
    void modelRequested(const QString& path); ///< its size and hash have been checked
    void notice(const QString& sentence);     ///< for the log and the status bar: a download has ended

protected:
    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QWidget* makeSide();
    QLayout* makeButtons();
    void fillTable();
    void refresh(); ///< states and buttons, from what the folder has now
    void showDetails();
    void fetch();
    void showProgress(qint64 bytes, double bytesPerSecond);
    void ended(const QString& problem); ///< of a download; empty: none
    void open();
    void checked(const CatalogueEntry& entry, const QString& hash);
    void checkEnded(const QString& problem);
    const CatalogueEntry* current() const;
    QString pathOf(const CatalogueEntry& entry) const;
    QString stateText(const CatalogueEntry& entry) const;

    std::vector<CatalogueEntry> m_entries;
    QString m_folder;
    TextTable* m_table;
    QTextBrowser* m_details;
    QLabel *m_licence, *m_what;
    Banner* m_problem;
    QProgressBar* m_bar;
    QPushButton *m_fetch, *m_cancel, *m_open, *m_show;
    std::unique_ptr<Download> m_download;
    qint64 m_arrived = 0;
    QHash<QString, QString> m_hashes; ///< of files that were hashed since the program started, by their name
    BackgroundJob m_check;
};

} // namespace lodestone::gui
