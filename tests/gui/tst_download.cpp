// Downloads against a server on this machine: what arrives, what is asked for again, what is refused.
#include "support/download_attempt.h"
#include "support/file_server.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;
using namespace lodestone::gui;
using test::Attempt;
using test::contentOf;
using test::FileLimit;
using test::FileServer;
using test::hashOf;
using test::invented;

class TestDownload : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English)); }
    void init();
    void wholeFile();
    void withoutPublishedHash();
    void cutAndResumed();
    void completePartNeedsNoNetwork();
    void changedVersionStartsAnew();
    void otherPartStartsAnew();
    void serverWithoutRangesSendsTheWhole();
    void partOfAnotherAddressIsNotContinued();
    void wrongContent();
    void wrongContentAfterResuming();
    void tooLong_data();
    void tooLong();
    void tooShort();
    void refusedAnswers_data();
    void refusedAnswers();
    void nobodyThere();
    void silentServer();
    void redirects();
    void addresses();
    void fullDisk();
    void linkInPlaceOfThePart();
    void notEnoughRoom();
    void cancelledAndResumed();
    void cancelledWhileChecking();
    void leftWhileRunning();
    void fileInTheWay();
    void twoAtOnce();
    void largeFileOverASlowLine();

private:
    QString path(const QString& ending = {}) const { return m_folder->filePath("models/a.nqx" + ending); }
    QString folder() const { return m_folder->filePath("models"); }
    QStringList files() const { return QDir(folder()).entryList(QDir::Files | QDir::System | QDir::Hidden); }
    void cutAfter(qint64 bytes);
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<FileServer> m_server;
    QByteArray m_content;
    CatalogueEntry m_entry;
};

void TestDownload::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<FileServer>();
    m_content = invented(1'000'003);
    m_server->content = m_content;
    m_entry = CatalogueEntry{};
    m_entry.name = "a model";
    m_entry.file = "a.nqx";
    m_entry.size = m_content.size();
    m_entry.sha256 = hashOf(m_content);
    m_entry.address = m_server->url();
}

/// Leaves the first `bytes` bytes as a broken connection does, and the server whole again.
void TestDownload::cutAfter(qint64 bytes)
{
    m_server->cutAfter = bytes;
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("failed"));
    QVERIFY2(attempt.sentence.contains("Resume"), qPrintable(attempt.sentence));
    QCOMPARE(contentOf(path(".part")), m_content.left(bytes));
    QVERIFY(!QFile::exists(path()));
    m_server->cutAfter = -1;
    m_server->sent = 0;
    m_server->requests.clear();
}

void TestDownload::wholeFile()
{
    Attempt attempt(m_entry, folder());
    QVERIFY(!QFile::exists(folder())); // nothing on this thread
    QCOMPARE(attempt.end(), QString("finished"));
    QCOMPARE(contentOf(path()), m_content);
    QCOMPARE(files(), QStringList{"a.nqx"}); // neither notes nor lock are left
    QCOMPARE(attempt.hash, m_entry.sha256);
    QCOMPARE(attempt.bytes, m_entry.size);
    QCOMPARE(m_server->requests.size(), 1);
    QVERIFY(!m_server->requests[0].headers.contains("range"));
    QCOMPARE(m_server->requests[0].headers["accept-encoding"], QByteArray("identity"));
    QCOMPARE(entryState(m_entry, folder()).kind, EntryState::Here);
}

void TestDownload::withoutPublishedHash()
{
    m_entry.sha256.clear();
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("finished"));
    QCOMPARE(attempt.hash, hashOf(m_content)); // to be shown
}

void TestDownload::cutAndResumed()
{
    cutAfter(300'000);
    QCOMPARE(entryState(m_entry, folder()).kind, EntryState::Partial);
    QCOMPARE(entryState(m_entry, folder()).bytes, 300'000);
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("finished"));
    QCOMPARE(m_server->requests.size(), 1);
    QCOMPARE(m_server->requests[0].headers["range"], QByteArray("bytes=300000-"));
    QCOMPARE(m_server->requests[0].headers["if-range"], QByteArray("\"one\""));
    QCOMPARE(m_server->sent, m_entry.size - 300'000); // only the rest
    QVERIFY(attempt.checks > 0);
    QCOMPARE(contentOf(path()), m_content);
    QCOMPARE(files(), QStringList{"a.nqx"});
}

void TestDownload::completePartNeedsNoNetwork()
{
    cutAfter(m_entry.size - 1);
    QFile part(path(".part"));
    QVERIFY(part.open(QIODevice::Append));
    part.write(m_content.right(1));
    part.close();
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("finished"));
    QVERIFY(m_server->requests.isEmpty());
    QCOMPARE(contentOf(path()), m_content);
}

void TestDownload::changedVersionStartsAnew()
{
    const QByteArray older = m_content;
    cutAfter(300'000);
    m_content = invented(m_content.size() + 1).mid(1); // as long, but other bytes
    QVERIFY(m_content != older);
    m_server->content = m_content;
    m_server->etag = "\"two\"";
    m_entry.sha256 = hashOf(m_content);
    cutAfter(100'000); // nothing of the longer, older part stays behind it
    m_server->etag = "\"three\"";
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("finished"));
    QCOMPARE(m_server->sent, m_entry.size);
    QCOMPARE(contentOf(path()), m_content);
}

void TestDownload::otherPartStartsAnew()
{
    cutAfter(300'000);
    m_server->rangeShift = 7;
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("finished"));
    QCOMPARE(m_server->requests.size(), 2);
    QVERIFY(!m_server->requests[1].headers.contains("range"));
    QCOMPARE(contentOf(path()), m_content);
}

void TestDownload::serverWithoutRangesSendsTheWhole()
{
    cutAfter(300'000);
    m_server->ranges = false;
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("finished"));
    QCOMPARE(m_server->sent, m_entry.size);
    QCOMPARE(contentOf(path()), m_content);
}

void TestDownload::partOfAnotherAddressIsNotContinued()
{
    cutAfter(300'000);
    m_entry.address = m_server->url("/file?other");
    m_server->etag = "\"one\"";
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("finished"));
    QVERIFY(!m_server->requests[0].headers.contains("range"));

    // A weak mark does not say that bytes are the same (RFC 9110, 13.1.5): without a date there is no
    // resuming.
    QVERIFY(QFile::remove(path()));
    m_server->etag = "W/\"one\"";
    cutAfter(300'000);
    Attempt again(m_entry, folder());
    QCOMPARE(again.end(), QString("finished"));
    QVERIFY(!m_server->requests[0].headers.contains("range"));
}

void TestDownload::wrongContent()
{
    m_server->content[500'000] = char(~m_server->content[500'000]);
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("failed"));
    QVERIFY2(attempt.sentence.contains(m_entry.sha256) &&
                 attempt.sentence.contains(hashOf(m_server->content)),
             qPrintable(attempt.sentence));
    QCOMPARE(files(), QStringList()); // neither under the final name nor as a part
}

void TestDownload::wrongContentAfterResuming()
{
    cutAfter(300'000);
    QFile part(path(".part"));
    QVERIFY(part.open(QIODevice::ReadWrite));
    part.write("x"); // one byte of what is kept is spoilt
    part.close();
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("failed"));
    QCOMPARE(files(), QStringList());
    Attempt again(m_entry, folder());
    QCOMPARE(again.end(), QString("finished"));
}

void TestDownload::tooLong_data()
{
    QTest::addColumn<bool>("length");
    QTest::newRow("says so") << true;
    QTest::newRow("does not say") << false;
}

void TestDownload::tooLong()
{
    QFETCH(bool, length);
    m_server->length = length;
    m_server->pause = 1;
    m_server->content += invented(20'000'000);
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("failed"));
    QVERIFY2(attempt.sentence.contains(length ? "another version" : "sends more than"),
             qPrintable(attempt.sentence));
    QCOMPARE(files(), QStringList());
    QVERIFY(m_server->sent < 10'000'000); // cut off
}

void TestDownload::tooShort()
{
    m_server->content.chop(1000);
    Attempt said(m_entry, folder());
    QCOMPARE(said.end(), QString("failed"));
    QVERIFY2(said.sentence.contains("999,003") || said.sentence.contains("999003"),
             qPrintable(said.sentence));
    QCOMPARE(files(), QStringList());
    m_server->length = false;
    Attempt unsaid(m_entry, folder());
    QCOMPARE(unsaid.end(), QString("failed"));
    QVERIFY2(unsaid.sentence.contains("early"), qPrintable(unsaid.sentence));
    QVERIFY(!QFile::exists(path()));
}

void TestDownload::refusedAnswers_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("word");
    QTest::newRow("404") << 404 << "no longer at";
    QTest::newRow("403") << 403 << "refuses";
    QTest::newRow("503") << 503 << "cannot send the file now";
}

void TestDownload::refusedAnswers()
{
    QFETCH(int, status);
    QFETCH(QString, word);
    m_server->status = status;
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("failed"));
    QVERIFY2(attempt.sentence.contains(word) && attempt.sentence.contains(QString::number(status)),
             qPrintable(attempt.sentence));
    QCOMPARE(files(), QStringList());
}

void TestDownload::nobodyThere()
{
    m_server->close();
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("failed"));
    QVERIFY2(attempt.sentence.contains("cannot be reached"), qPrintable(attempt.sentence));
}

void TestDownload::silentServer()
{
    m_server->silent = true;
    Attempt attempt(m_entry, folder(), 300);
    QCOMPARE(attempt.end(), QString("failed"));
    QVERIFY2(attempt.sentence.contains("nothing for 0.3 seconds"), qPrintable(attempt.sentence));
}

void TestDownload::redirects()
{
    cutAfter(300'000);
    // On this machine http may follow http; what was asked for is asked for there too.
    m_server->status = 302;
    m_server->location = "/file"; // relative to where it stands
    m_entry.address = m_server->url("/elsewhere");
    QFile notes(path(".part.json"));
    QVERIFY(notes.open(QIODevice::ReadWrite));
    const QByteArray text = notes.readAll().replace("/file", "/elsewhere");
    notes.resize(0);
    notes.seek(0);
    notes.write(text);
    notes.close();
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("finished"));
    QCOMPARE(m_server->requests.size(), 2);
    QCOMPARE(m_server->requests[1].path, QByteArray("/file"));
    QCOMPARE(m_server->requests[1].headers["range"], QByteArray("bytes=300000-"));

    QVERIFY(QFile::remove(path()));
    m_server->location = "http://models.example/a.nqx";
    Attempt refused(m_entry, folder());
    QCOMPARE(refused.end(), QString("failed"));
    QVERIFY2(refused.sentence.contains("models.example") && refused.sentence.contains("not an https address"),
             qPrintable(refused.sentence));
    QCOMPARE(files(), QStringList());

    m_server->requests.clear();
    m_server->location = m_server->url("/elsewhere").toEncoded(); // in a circle
    Attempt circle(m_entry, folder());
    QCOMPARE(circle.end(), QString("failed"));
    QVERIFY2(circle.sentence.contains("again and again"), qPrintable(circle.sentence));
    QCOMPARE(m_server->requests.size(), 6);
}

void TestDownload::addresses()
{
    const QUrl secure("https://models.example/a"), plain("http://models.example/a"),
        here("http://127.0.0.1:80/a");
    QVERIFY(mayFetch(secure) && mayFetch(secure, secure) && mayFetch(secure, here));
    QVERIFY(mayFetch(here) && mayFetch(here, here) && mayFetch(QUrl("http://[::1]/a")));
    QVERIFY(!mayFetch(here, secure));
    for (const QUrl& wrong :
         {plain, QUrl("ftp://models.example/a"), QUrl("file:///etc/passwd"), QUrl("https:/a"), QUrl()})
        QVERIFY2(!mayFetch(wrong), qPrintable(wrong.toString()));
    m_entry.address = plain;
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("failed"));
    QVERIFY(!QFile::exists(folder()));
}

void TestDownload::fullDisk()
{
    {
        const FileLimit limit(400'000);
        Attempt attempt(m_entry, folder());
        QCOMPARE(attempt.end(), QString("failed"));
        QVERIFY2(attempt.sentence.contains("a.nqx.part: cannot be written: File too large") &&
                     attempt.sentence.contains("Resume"),
                 qPrintable(attempt.sentence));
        QCOMPARE(contentOf(path(".part")), m_content.left(400'000));
    }
    m_server->requests.clear();
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("finished"));
    QCOMPARE(m_server->requests[0].headers["range"], QByteArray("bytes=400000-"));
    QCOMPARE(contentOf(path()), m_content);
}

void TestDownload::linkInPlaceOfThePart()
{
    QVERIFY(QDir().mkpath(folder()));
    QFile mine(path(".mine"));
    QVERIFY(mine.open(QIODevice::WriteOnly) && mine.write("mine") == 4);
    mine.close();
    for (const QString& target : {mine.fileName(), QStringLiteral("/dev/full")}) {
        QVERIFY(QFile::link(target, path(".part")));
        Attempt attempt(m_entry, folder());
        QCOMPARE(attempt.end(), QString("failed"));
        QVERIFY2(attempt.sentence.contains("symbolic link"), qPrintable(attempt.sentence));
        QVERIFY(!QFile::exists(path()));
        QFile::remove(path(".part"));
    }
    QCOMPARE(contentOf(path(".mine")), QByteArray("mine"));
}

void TestDownload::notEnoughRoom()
{
    m_entry.size = qint64(1) << 60;
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("failed"));
    QVERIFY2(attempt.sentence.contains("not enough room"), qPrintable(attempt.sentence));
    QVERIFY(m_server->requests.isEmpty());
}

void TestDownload::cancelledAndResumed()
{
    m_server->pause = 5;
    qint64 kept = 0;
    {
        Attempt attempt(m_entry, folder());
        QTRY_VERIFY(attempt.bytes > 100'000);
        attempt.download.cancel();
        QCOMPARE(attempt.end(), QString("cancelled"));
        kept = QFileInfo(path(".part")).size();
        QVERIFY(kept > 100'000 && kept < m_entry.size);
        QCOMPARE(contentOf(path(".part")), m_content.left(kept));
    }
    m_server->requests.clear();
    m_server->pause = 0;
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("finished"));
    QCOMPARE(m_server->requests[0].headers["range"], "bytes=" + QByteArray::number(kept) + "-");
    QCOMPARE(contentOf(path()), m_content);
}

void TestDownload::cancelledWhileChecking()
{
    m_entry.size = 100'000'000; // takes longer to hash than the stop takes to come
    m_server->length = false;
    cutAfter(300'000);
    QVERIFY(QFile::resize(path(".part"), m_entry.size - 1));
    Attempt attempt(m_entry, folder());
    QTRY_VERIFY(attempt.checks > 0);
    attempt.download.cancel();
    QCOMPARE(attempt.end(), QString("cancelled"));
    QCOMPARE(QFileInfo(path(".part")).size(), m_entry.size - 1);
    QVERIFY(m_server->requests.isEmpty());
}

void TestDownload::leftWhileRunning()
{
    m_server->pause = 5;
    {
        Attempt attempt(m_entry, folder());
        QTRY_VERIFY(attempt.bytes > 100'000);
    } // stops and joins
    QVERIFY(QFileInfo(path(".part")).size() > 100'000);
    QVERIFY(!QFile::exists(path(".part.lock")));
    {
        const Download never(m_entry, folder()); // not even started
    }
}

void TestDownload::fileInTheWay()
{
    QVERIFY(QDir().mkpath(folder()));
    QFile file(path());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("mine");
    file.close();
    QCOMPARE(entryState(m_entry, folder()).kind, EntryState::Foreign);
    Attempt attempt(m_entry, folder());
    QCOMPARE(attempt.end(), QString("failed"));
    QVERIFY2(attempt.sentence.contains("is there already"), qPrintable(attempt.sentence));
    QCOMPARE(contentOf(path()), QByteArray("mine"));
    QVERIFY(m_server->requests.isEmpty());
}

void TestDownload::twoAtOnce()
{
    m_server->pause = 5;
    Attempt first(m_entry, folder());
    QTRY_VERIFY(first.bytes > 0);
    Attempt second(m_entry, folder());
    QCOMPARE(second.end(), QString("failed"));
    QVERIFY2(second.sentence.contains("another window"), qPrintable(second.sentence));
    QCOMPARE(first.end(), QString("finished"));
    QCOMPARE(contentOf(path()), m_content);
}

void TestDownload::largeFileOverASlowLine()
{
    m_server->pause = 30;
    m_entry.sha256 = hashOf(m_content);
    Attempt attempt(m_entry, folder(), 1000); // longer than the pauses, shorter than the whole
    QCOMPARE(attempt.end(), QString("finished"));
    QCOMPARE(contentOf(path()), m_content);
}

QTEST_GUILESS_MAIN(TestDownload)
#include "tst_download.moc"
