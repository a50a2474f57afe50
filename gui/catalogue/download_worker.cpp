#include "catalogue/download_worker.h"
#include "base/files.h"
#include "catalogue/download.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QRegularExpression>
#include <QtCore/QStorageInfo>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkProxy>
#include <QtNetwork/QNetworkReply>

namespace lodestone::gui {

namespace {

constexpr qint64 pieceSize = 64 << 10;
constexpr qint64 bufferSize = 1 << 20; // what Qt may hold that is not written yet

[[noreturn]] void refuse(const QString& sentence)
{
    throw Error(sentence.toStdString());
}

FileVersion versionOf(const QNetworkReply& reply)
{
    return {reply.rawHeader("ETag"), reply.rawHeader("Last-Modified")};
}

} // namespace

DownloadWorker::DownloadWorker(CatalogueEntry entry, const QString& folder,
                               std::chrono::milliseconds patience, std::stop_token stop)
    : m_entry(std::move(entry)),
      m_folder(folder),
      m_target(QDir(folder).filePath(m_entry.file)),
      m_stop(std::move(stop)),
      m_url(m_entry.address),
      m_part(m_target, m_entry.address, m_entry.size),
      m_patience(this)
{
    m_patience.setSingleShot(true);
    m_patience.setInterval(patience);
    connect(&m_patience, &QTimer::timeout, this, [this] {
        guarded([this] {
            refuse(tr("%1 has sent nothing for %2 seconds. %3")
                       .arg(server())
                       .arg(m_patience.interval() / 1000.0)
                       .arg(keptSentence()));
        });
    });
}

DownloadWorker::~DownloadWorker() = default;

/// Whatever a step throws ends the download with one signal.
void DownloadWorker::guarded(const std::function<void()>& step)
{
    if (m_ended)
        return;
    try {
        step();
    } catch (const Stopped&) {
        end();
        Q_EMIT cancelled();
    } catch (const std::exception& error) {
        end();
        Q_EMIT failed(QString::fromUtf8(error.what()));
    }
}

/// Before the signal of the end: whoever gets it may start the next download.
void DownloadWorker::end()
{
    m_ended = true;
    dropReply();
    m_part.release();
}

void DownloadWorker::start()
{
    guarded([this] {
        if (!mayFetch(m_entry.address))
            refuse(tr("%1 is not an https address: nothing is fetched from there.")
                       .arg(m_entry.address.toString()));
        if (QFileInfo::exists(m_target))
            refuse(tr("%1 is there already; move it away to fetch it anew.").arg(m_target));
        makeFolder(m_folder.toStdString());
        m_part.claim();
        const qint64 kept = m_part.kept();
        checkRoom(kept);
        if (kept > 0) {
            Watch watch{m_stop, [this](double fraction) { Q_EMIT checking(fraction); }};
            m_part.continueKept(watch);
            Q_EMIT progress(m_part.bytes());
        }
        if (m_part.bytes() == m_entry.size)
            conclude();
        else
            request();
    });
}

void DownloadWorker::cancel()
{
    guarded([] { throw Stopped(); });
}

void DownloadWorker::checkRoom(qint64 kept) const
{
    const QStorageInfo disk(m_folder);
    const qint64 needed = m_entry.size - kept;
    if (disk.isValid() && disk.bytesAvailable() >= 0 && disk.bytesAvailable() < needed)
        refuse(
            tr("There is not enough room in %1: %2 are needed and %3 are free. Nothing was fetched.")
                .arg(QDir::toNativeSeparators(m_folder), sizeText(needed), sizeText(disk.bytesAvailable())));
}

void DownloadWorker::request()
{
    if (!m_network) {
        m_network = new QNetworkAccessManager(this);
        if (m_entry.address.scheme() == QLatin1String("https")) // as the desktop or the environment sets it
            m_network->setProxy(
                QNetworkProxyFactory::systemProxyForQuery(QNetworkProxyQuery(m_entry.address)).value(0));
    }
    QNetworkRequest request(m_url);
    request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("Lodestone/" LODESTONE_VERSION));
    // What is counted and hashed are the file's own bytes.
    request.setRawHeader("Accept-Encoding", "identity");
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    // Over HTTP/2 Qt does not keep to the size of its buffer.
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    if (m_part.bytes() > 0) {
        request.setRawHeader("Range", "bytes=" + QByteArray::number(m_part.bytes()) + "-");
        request.setRawHeader("If-Range", m_part.version().validator());
    }
    m_judged = false;
    m_reply = m_network->get(request);
    m_reply->setReadBufferSize(bufferSize);
    connect(m_reply, &QNetworkReply::readyRead, this, [this] { guarded([this] { take(); }); });
    connect(m_reply, &QNetworkReply::finished, this, [this] { guarded([this] { answered(); }); });
    m_patience.start();
}

/// Asks again where the server sends on to, the same as before.
void DownloadWorker::follow(const QUrl& url)
{
    if (!mayFetch(url, m_url))
        refuse(tr("%1 sends on to %2, which is not an https address: nothing was fetched from there. %3")
                   .arg(server(), url.toDisplayString(), keptSentence()));
    if (++m_redirections > 5)
        refuse(tr("%1 sends on again and again: nothing was fetched from there. %2")
                   .arg(server(), keptSentence()));
    m_url = url;
    dropReply();
    request();
}

/// Looks at an answer's head; after it either m_judged, or the file has been asked for anew.
void DownloadWorker::judge()
{
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    switch (status) {
    case 200: {
        const QVariant length = m_reply->header(QNetworkRequest::ContentLengthHeader);
        if (length.isValid() && length.toLongLong() != m_entry.size)
            refuseSize(length.toLongLong());
        m_part.begin(versionOf(*m_reply));
        m_judged = true;
        return;
    }
    case 206:
        judgePart();
        return;
    case 416: // nothing lies behind what is kept: it is of another version
        startAnew();
        return;
    case 403:
    case 429:
        refuse(tr("%1 refuses to send the file (%2): perhaps too much was fetched from there. Try again "
                  "later. %3")
                   .arg(server())
                   .arg(status)
                   .arg(keptSentence()));
    case 404:
    case 410:
        refuse(tr("The file is no longer at %1 (%2). A newer version of Lodestone may know where it is.")
                   .arg(m_entry.address.toDisplayString())
                   .arg(status));
    default:
        if (status < 400)
            return; // no answer, or none with a file: answered() sees to it
        refuse(tr("%1 cannot send the file now (%2 %3). Try again later. %4")
                   .arg(server())
                   .arg(status)
                   .arg(m_reply->attribute(QNetworkRequest::HttpReasonPhraseAttribute).toString(),
                        keptSentence()));
    }
}

void DownloadWorker::judgePart()
{
    static const QRegularExpression form(QStringLiteral("\\Abytes (\\d+)-(\\d+)/(\\d+|\\*)\\z"));
    const auto range = form.match(QString::fromLatin1(m_reply->rawHeader("Content-Range")).trimmed());
    const FileVersion version = versionOf(*m_reply);
    const bool sameVersion = version.etag.isEmpty() || version.etag == m_part.version().etag;
    if (!range.hasMatch() || range.captured(1).toLongLong() != m_part.bytes() || !sameVersion) {
        startAnew();
        return;
    }
    if (range.captured(3) != QLatin1String("*") && range.captured(3).toLongLong() != m_entry.size)
        refuseSize(range.captured(3).toLongLong());
    m_judged = true;
}

void DownloadWorker::refuseSize(qint64 offered)
{
    m_part.discard(); // whatever has arrived belongs to no file of the catalogue
    refuse(
        tr("%1 offers a file of %L2 bytes, the catalogue names %L3: it is another version. Nothing of it was "
           "kept.")
            .arg(server())
            .arg(offered)
            .arg(m_entry.size));
}

void DownloadWorker::startAnew()
{
    if (m_restarted || m_part.bytes() == 0)
        refuse(tr("%1 answers with another part of the file than was asked for. Try again later.")
                   .arg(server()));
    m_restarted = true;
    m_url = m_entry.address;
    m_redirections = 0;
    dropReply();
    m_part.discard();
    request();
}

void DownloadWorker::take()
{
    if (!m_judged)
        judge();
    if (m_judged)
        drain();
    m_patience.start(); // a slow disk is not the server's fault
}

void DownloadWorker::drain()
{
    QByteArray piece(pieceSize, Qt::Uninitialized);
    for (qint64 read; (read = m_reply->read(piece.data(), pieceSize)) > 0;) {
        if (m_stop.stop_requested())
            throw Stopped();
        if (m_part.bytes() + read > m_entry.size) {
            m_part.discard();
            refuse(
                tr("%1 sends more than the %L2 bytes that the catalogue names: it is another file. What had "
                   "arrived was removed.")
                    .arg(server())
                    .arg(m_entry.size));
        }
        try {
            m_part.write(QByteArrayView(piece.constData(), read));
        } catch (const Error& error) {
            refuse(QString::fromUtf8(error.what()) + QLatin1Char(' ') +
                   tr("When the disk takes more, Resume goes on from there."));
        }
        if (!m_reported.isValid() || m_reported.elapsed() >= 100) {
            m_reported.start();
            Q_EMIT progress(m_part.bytes());
        }
    }
}

void DownloadWorker::answered()
{
    m_patience.stop();
    if (!m_judged)
        judge();
    if (!m_reply->isFinished())
        return; // it has been asked for anew
    const QUrl elsewhere = m_reply->attribute(QNetworkRequest::RedirectionTargetAttribute).toUrl();
    if (!elsewhere.isEmpty()) {
        follow(m_url.resolved(elsewhere));
        return;
    }
    if (m_judged)
        drain();
    if (m_reply->error() == QNetworkReply::ProtocolUnknownError)
        refuse(tr("This machine's Qt cannot speak https; install OpenSSL's libraries."));
    if (m_reply->error() != QNetworkReply::NoError && m_part.bytes() == 0)
        refuse(tr("%1 cannot be reached: %2.").arg(server(), m_reply->errorString()));
    if (m_reply->error() != QNetworkReply::NoError)
        refuse(
            tr("The connection to %1 broke: %2. %3").arg(server(), m_reply->errorString(), keptSentence()));
    if (m_part.bytes() < m_entry.size)
        refuse(tr("%1 ended the file early. %2").arg(server(), keptSentence()));
    conclude();
}

void DownloadWorker::conclude()
{
    const QString hash = m_part.sha256();
    if (!m_entry.sha256.isEmpty() && hash != m_entry.sha256) {
        m_part.discard();
        refuse(tr("What arrived is not the file that the catalogue names: its SHA-256 is %1 instead of %2. "
                  "It was removed. Try again; if it stays so, the file has been replaced at its address.")
                   .arg(hash, m_entry.sha256));
    }
    m_part.finish();
    end();
    Q_EMIT progress(m_part.bytes());
    Q_EMIT finished(hash);
}

void DownloadWorker::dropReply()
{
    m_patience.stop();
    if (!m_reply)
        return;
    m_reply->disconnect(this);
    m_reply->deleteLater(); // which breaks the connection
    m_reply = nullptr;
}

QString DownloadWorker::keptSentence() const
{
    return m_part.bytes() > 0 ? tr("%1 of %2 are kept; Resume goes on from there.")
                                    .arg(sizeText(m_part.bytes()), sizeText(m_entry.size))
                              : tr("Nothing has arrived yet.");
}

} // namespace lodestone::gui
