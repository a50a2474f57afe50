#include "catalogue/part_file.h"
#include "base/files.h"
#include "base/json.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <fcntl.h>

namespace lodestone::gui {

namespace {

std::string_view view(QByteArrayView bytes)
{
    return {bytes.data(), std::size_t(bytes.size())};
}

} // namespace

QByteArray FileVersion::validator() const
{
    const bool strong = !etag.isEmpty() && !etag.startsWith("W/");
    return strong ? etag : lastModified;
}

void hashFile(QCryptographicHash& hash, const QString& path, qint64 size, const Watch& watch)
{
    const std::string name = path.toStdString();
    const FileDescriptor file = openForReading(name);
    QByteArray piece(1 << 20, Qt::Uninitialized);
    for (qint64 done = 0; done < size;) {
        watch.report(double(done) / double(size));
        const auto wanted = std::size_t(std::min<qint64>(piece.size(), size - done));
        const std::size_t read = readAt(file.get(), std::uintmax_t(done), piece.data(), wanted, name);
        if (read == 0)
            fail("{}: ends after {} of {} bytes.", name, done, size);
        hash.addData(QByteArrayView(piece.constData(), qsizetype(read)));
        done += qint64(read);
    }
}

PartFile::PartFile(const QString& target, QUrl address, qint64 size)
    : m_target(target),
      m_path(target + QStringLiteral(".part")),
      m_notes(target + QStringLiteral(".part.json")),
      m_address(std::move(address)),
      m_size(size),
      m_lock(target + QStringLiteral(".part.lock"))
{
    m_lock.setStaleLockTime(0); // a program that died is recognised, a slow one is not robbed
}

void PartFile::claim()
{
    if (m_lock.tryLock())
        return;
    if (m_lock.error() == QLockFile::LockFailedError)
        fail("{}: another window of Lodestone is fetching this file.", m_target.toStdString());
    fail("{}: cannot be written; the folder must be one that you may write to.", m_target.toStdString());
}

void PartFile::release()
{
    m_file = FileDescriptor();
    m_lock.unlock();
}

PartFile::Kept PartFile::findKept() const
{
    const qint64 bytes = QFileInfo(m_path).size();
    if (bytes <= 0 || bytes > m_size || !QFileInfo::exists(m_notes))
        return {};
    try {
        const std::string where = m_notes.toStdString();
        const Json notes = readJsonFile(where);
        const auto text = [&](const char* key) {
            return QByteArray::fromStdString(jsonMember<std::string>(notes, key, where));
        };
        const FileVersion version{text("etag"), text("last_modified")};
        if (text("address") != m_address.toEncoded() || jsonMember<qint64>(notes, "size", where) != m_size ||
            version.validator().isEmpty())
            return {};
        return {bytes, version};
    } catch (const Error&) {
        return {}; // notes that cannot be read say nothing: the file is fetched anew
    }
}

qint64 PartFile::kept() const
{
    return findKept().bytes;
}

void PartFile::open(int flags)
{
    m_file = openForWriting(m_path.toStdString(), flags);
}

void PartFile::continueKept(const Watch& watch)
{
    const Kept kept = findKept();
    m_hash.reset();
    hashFile(m_hash, m_path, kept.bytes, watch);
    open(O_APPEND);
    m_version = kept.version;
    m_bytes = kept.bytes;
}

void PartFile::begin(const FileVersion& version)
{
    m_hash.reset();
    m_bytes = 0;
    m_version = version;
    open(O_TRUNC); // before the notes: they never speak of older bytes
    writeFileAtomically(m_notes.toStdString(),
                        jsonText({{"address", m_address.toEncoded().toStdString()},
                                  {"size", m_size},
                                  {"etag", version.etag.toStdString()},
                                  {"last_modified", version.lastModified.toStdString()}}));
}

void PartFile::write(QByteArrayView bytes)
{
    writeAll(m_file.get(), view(bytes), m_path.toStdString());
    m_hash.addData(bytes);
    m_bytes += bytes.size();
}

QString PartFile::sha256() const
{
    return QString::fromLatin1(m_hash.result().toHex());
}

void PartFile::finish()
{
    m_file = FileDescriptor();
    moveIntoPlace(m_path.toStdString(), m_target.toStdString());
    QFile::remove(m_notes);
}

void PartFile::discard()
{
    m_file = FileDescriptor();
    QFile::remove(m_notes);
    QFile::remove(m_path);
    m_bytes = 0;
}

} // namespace lodestone::gui
