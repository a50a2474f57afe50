#include "catalogue/download.h"
#include "catalogue/download_worker.h"

#include <QtNetwork/QHostAddress>

namespace lodestone::gui {

bool mayFetch(const QUrl& address, const QUrl& redirectedFrom)
{
    if (address.scheme() == QLatin1String("https"))
        return !address.host().isEmpty();
    const bool here =
        address.host() == QLatin1String("localhost") || QHostAddress(address.host()).isLoopback();
    return address.scheme() == QLatin1String("http") && here &&
           redirectedFrom.scheme() != QLatin1String("https");
}

Download::Download(CatalogueEntry entry, QString folder, QObject* parent, std::chrono::milliseconds patience)
    : QObject(parent),
      m_entry(std::move(entry)),
      m_folder(std::move(folder)),
      m_patience(patience)
{
    m_thread.setObjectName(QStringLiteral("download"));
}

Download::~Download()
{
    m_stop.request_stop(); // ends hashing; the rest ends with the thread's event loop
    m_thread.quit();
    m_thread.wait();
}

void Download::start()
{
    m_worker = new DownloadWorker(m_entry, m_folder, m_patience, m_stop.get_token());
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::started, m_worker, &DownloadWorker::start);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(m_worker, &DownloadWorker::checking, this, &Download::checking);
    connect(m_worker, &DownloadWorker::progress, this, &Download::measure);
    connect(m_worker, &DownloadWorker::finished, this, &Download::finished);
    connect(m_worker, &DownloadWorker::failed, this, &Download::failed);
    connect(m_worker, &DownloadWorker::cancelled, this, &Download::cancelled);
    m_clock.start();
    m_thread.start();
}

void Download::cancel()
{
    m_stop.request_stop();
    if (m_worker)
        QMetaObject::invokeMethod(m_worker, &DownloadWorker::cancel, Qt::QueuedConnection);
}

void Download::measure(qint64 bytes)
{
    constexpr qint64 window = 5000;
    const qint64 now = m_clock.elapsed();
    m_samples.emplace_back(now, bytes);
    while (m_samples.size() > 2 && now - m_samples.front().first > window)
        m_samples.pop_front();
    const auto [then, before] = m_samples.front();
    Q_EMIT progress(bytes, now > then ? 1000.0 * double(bytes - before) / double(now - then) : 0);
}

} // namespace lodestone::gui
