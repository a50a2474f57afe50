#pragma once
#include "catalogue/catalogue.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QObject>
#include <QtCore/QThread>
#include <chrono>
#include <deque>
#include <stop_token>

namespace lodestone::gui {

class DownloadWorker;

/// Whether a file may be asked for at `address`, or followed there from `redirectedFrom`: https anywhere;
/// http only on this machine, and never after https.
bool mayFetch(const QUrl& address, const QUrl& redirectedFrom = {});

/// Fetches one entry of the catalogue into a folder: FILE.part grows, a broken or cancelled download goes on
/// where it ended the next time, and only a file of the right size and hash gets its name. Network, disk and
/// hashing are in a thread of its own; signals come in the caller's. One start() an object, and then one of
/// the last three signals; none after destruction, which stops and joins and keeps what has arrived.
class Download : public QObject {
    Q_OBJECT
public:
    /// `patience`: without a byte for so long the server counts as gone.
    Download(CatalogueEntry entry, QString folder, QObject* parent = nullptr,
             std::chrono::milliseconds patience = std::chrono::seconds(30));
    ~Download() override;

    const CatalogueEntry& entry() const { return m_entry; }
    void start();
    void cancel(); ///< keeps what has arrived

Q_SIGNALS:
    void checking(double fraction); ///< of what an earlier attempt left
    /// At most ten times a second; the rate is that of the last seconds, 0 while unknown.
    void progress(qint64 bytes, double bytesPerSecond);
    void finished(const QString& sha256);
    void failed(const QString& sentence);
    void cancelled();

private:
    void measure(qint64 bytes);

    CatalogueEntry m_entry;
    QString m_folder;
    std::chrono::milliseconds m_patience;
    std::stop_source m_stop;
    QThread m_thread;
    DownloadWorker* m_worker = nullptr; ///< lives in the thread and ends with it
    QElapsedTimer m_clock;
    std::deque<std::pair<qint64, qint64>> m_samples; ///< milliseconds and bytes
};

} // namespace lodestone::gui
