#pragma once
#include "catalogue/catalogue.h"
#include "catalogue/part_file.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <chrono>
#include <functional>

class QNetworkAccessManager;
class QNetworkReply;

namespace lodestone::gui {

/// The part of Download that lives in its thread, where it may wait for the disk. HTTP as in RFC 9110: the
/// rest of a file is asked for by Range and If-Range; a server that answers with the whole, with another part
/// or with another version makes it start anew.
class DownloadWorker : public QObject {
    Q_OBJECT
public:
    DownloadWorker(CatalogueEntry entry, const QString& folder, std::chrono::milliseconds patience,
                   std::stop_token stop);
    ~DownloadWorker() override;

    void start();
    void cancel();

Q_SIGNALS:
    void checking(double fraction);
    void progress(qint64 bytes);
    void finished(const QString& sha256);
    void failed(const QString& sentence);
    void cancelled();

private:
    void guarded(const std::function<void()>& step);
    void checkRoom(qint64 kept) const;
    void request();
    void follow(const QUrl& url);
    void judge();
    void judgePart();
    [[noreturn]] void refuseSize(qint64 offered);
    void startAnew();
    void take();
    void answered();
    void drain();
    void conclude();
    void dropReply();
    void end();
    QString keptSentence() const;
    QString server() const { return m_entry.address.host(); }

    CatalogueEntry m_entry;
    QString m_folder, m_target;
    std::stop_token m_stop;
    QUrl m_url; ///< asked now, after redirections
    PartFile m_part;
    QNetworkAccessManager* m_network = nullptr;
    QNetworkReply* m_reply = nullptr;
    QTimer m_patience;
    QElapsedTimer m_reported;
    int m_redirections = 0;
    bool m_judged = false;    ///< the answer's head has been read and its body is wanted
    bool m_restarted = false; ///< an answer that did not fit is forgiven once
    bool m_ended = false;
};

} // namespace lodestone::gui
