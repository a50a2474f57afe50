#pragma once
#include "catalogue/download.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QFile>
#include <QtTest/QtTest>
#include <csignal>
#include <sys/resource.h>

namespace lodestone::test {

/// Bytes that repeat nowhere near the size of a piece.
inline QByteArray invented(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    quint32 state = 12345;
    for (char& byte : bytes) {
        state = 1664525 * state + 1013904223;
        byte = char(state >> 24);
    }
    return bytes;
}

inline QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline QString hashOf(const QByteArray& bytes)
{
    return QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex());
}

/// No file may grow beyond so many bytes while this lives: what a write meets on a full disk.
class FileLimit {
public:
    explicit FileLimit(rlim_t bytes)
    {
        getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit now{bytes, m_before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &now);
        std::signal(SIGXFSZ, SIG_IGN);
    }
    ~FileLimit() { setrlimit(RLIMIT_FSIZE, &m_before); }
    FileLimit(const FileLimit&) = delete;
    FileLimit& operator=(const FileLimit&) = delete;

private:
    rlimit m_before{};
};

/// One download, run to its end or until it is told to stop.
struct Attempt {
    explicit Attempt(const gui::CatalogueEntry& entry, const QString& folder, int patience = 20000)
        : download(entry, folder, nullptr, std::chrono::milliseconds(patience))
    {
        QObject::connect(&download, &gui::Download::finished,
                         [this](const QString& sha) { ends << "finished", hash = sha; });
        QObject::connect(&download, &gui::Download::failed,
                         [this](const QString& text) { ends << "failed", sentence = text; });
        QObject::connect(&download, &gui::Download::cancelled, [this] { ends << "cancelled"; });
        QObject::connect(&download, &gui::Download::checking, [this](double) { ++checks; });
        QObject::connect(&download, &gui::Download::progress, [this](qint64 now, double) { bytes = now; });
        download.start();
    }
    QString end()
    {
        if (!QTest::qWaitFor([this] { return !ends.isEmpty(); }, 30000))
            return "no end";
        QTest::qWait(20); // a second end would come now
        return ends.join(' ');
    }
    gui::Download download;
    QStringList ends;
    QString hash, sentence;
    qint64 bytes = 0;
    int checks = 0;
};

} // namespace lodestone::test
