#pragma once
#include "base/file_descriptor.h"
#include "base/progress.h"

#include <QtCore/QByteArrayView>
#include <QtCore/QCryptographicHash>
#include <QtCore/QLockFile>
#include <QtCore/QUrl>

namespace lodestone::gui {

/// How a server marks one version of a file (RFC 9110, 8.8); either may be empty.
struct FileVersion {
    QByteArray etag, lastModified;
    /// What may stand in If-Range: a strong mark of the version, or else its date; empty without either.
    QByteArray validator() const;
};

/// Adds a file's first `size` bytes to `hash` in pieces. Error naming `path`, also if it is shorter.
void hashFile(QCryptographicHash& hash, const QString& path, qint64 size, const Watch& watch);

/// A file on its way: TARGET.part holds what has arrived, TARGET.part.json where it came from and the
/// version, so that the rest can be asked for later. Not for two threads at once; the functions may wait for
/// the disk. Errors name the file and the reason.
class PartFile {
public:
    /// `size`: of the whole file, in bytes.
    PartFile(const QString& target, QUrl address, qint64 size);

    /// Keeps other programs off until the end of this object. Error if one is at it already.
    void claim();
    void release(); ///< closes it and lets others at it
    /// Bytes of an earlier attempt that can be continued; 0: none, or of another address, size or version.
    qint64 kept() const;
    /// Opens what is kept for appending, after hashing it.
    void continueKept(const Watch& watch);
    /// Opens it empty; forgets what was kept.
    void begin(const FileVersion& version);
    void write(QByteArrayView bytes);

    qint64 bytes() const { return m_bytes; }                 ///< written or continued by this object
    const FileVersion& version() const { return m_version; } ///< of what is there
    QString sha256() const;                                  ///< of bytes(), lower-case hexadecimal

    /// Gives it the final name, safe against a crash.
    void finish();
    void discard(); ///< removes what has arrived

private:
    struct Kept {
        qint64 bytes = 0;
        FileVersion version;
    };
    Kept findKept() const;
    void open(int flags);

    QString m_target, m_path, m_notes;
    QUrl m_address;
    qint64 m_size;
    QLockFile m_lock;
    FileDescriptor m_file;
    QCryptographicHash m_hash{QCryptographicHash::Sha256};
    FileVersion m_version;
    qint64 m_bytes = 0;
};

} // namespace lodestone::gui
