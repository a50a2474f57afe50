#include "support/manual_checks.h"

#include <QtCore/QDir>
#include <QtCore/QMimeDatabase>

/// What a file manager makes of the program's files once the package is installed: the database is built from
/// our types and those of the system.
class TestMimeTypes : public QObject {
    Q_OBJECT
    QTemporaryDir m_data;

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("XDG_DATA_DIRS", m_data.path().toLocal8Bit());
        qputenv("XDG_DATA_HOME", m_data.filePath("home").toLocal8Bit());
        const QString folder = m_data.filePath("mime");
        QVERIFY(QDir().mkpath(folder + "/packages"));
        QVERIFY(QFile::copy(LODESTONE_SOURCE "/resources/io.github.lodestone.Lodestone.mime.xml",
                            folder + "/packages/io.github.lodestone.Lodestone.xml"));
        QVERIFY(QFile::copy("/usr/share/mime/packages/freedesktop.org.xml",
                            folder + "/packages/freedesktop.org.xml"));
        QCOMPARE(
            lodestone::test::outputOf("env", {"PKGSYSTEM_ENABLE_FSYNC=0", "update-mime-database", folder}),
            QString());
    }

    void filesAreKnown_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("begin");
        QTest::addColumn<QString>("type");
        const QByteArray hdf5 = QByteArray::fromRawData("\x89HDF\r\n\x1a\n\0\0\0\0", 12);
        QTest::newRow("model") << "mp.nqx" << QByteArray("{\"cutoff\":4.5}\n")
                               << "application/x-nequix-model";
        QTest::newRow("delta of a run") << "delta.h5" << hdf5 << "application/x-lodestone-delta";
        QTest::newRow("exported delta") << "nio.delta.h5" << hdf5 << "application/x-lodestone-delta";
        QTest::newRow("other HDF5") << "train.h5" << hdf5 << "application/x-hdf";
        QTest::newRow("project") << "a.lodestone" << QByteArray("{\n    \"lodestone_project\": 1")
                                 << "application/x-lodestone-project";
        QTest::newRow("project without its ending")
            << "a" << QByteArray("{\n    \"lodestone_project\": 1") << "application/x-lodestone-project";
        QTest::newRow("other JSON") << "a.json" << QByteArray("{\n    \"page\": 1}") << "application/json";
    }
    void filesAreKnown()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, begin);
        QFETCH(QString, type);
        const QMimeType found = QMimeDatabase().mimeTypeForFileNameAndData(name, begin);
        QCOMPARE(found.name(), type);
        if (type.contains("lodestone-delta"))
            QVERIFY(found.inherits("application/x-hdf"));
        if (type.contains("lodestone-project"))
            QVERIFY(found.inherits("application/json"));
    }
    /// Both name the types that the desktop opens.
    void desktopEntryNamesKnownTypes()
    {
        QFile entry(LODESTONE_SOURCE "/resources/io.github.lodestone.Lodestone.desktop");
        QVERIFY(entry.open(QIODevice::ReadOnly));
        const QRegularExpressionMatch line =
            QRegularExpression("^MimeType=(.+);$", QRegularExpression::MultilineOption)
                .match(entry.readAll());
        const QStringList types = line.captured(1).split(';');
        QCOMPARE(types.size(), 2);
        QFile metainfo(LODESTONE_SOURCE "/resources/io.github.lodestone.Lodestone.metainfo.xml");
        QVERIFY(metainfo.open(QIODevice::ReadOnly));
        const QByteArray all = metainfo.readAll();
        for (const QString& type : types) {
            QVERIFY2(QMimeDatabase().mimeTypeForName(type).isValid(), qPrintable(type));
            QVERIFY2(all.contains("<mediatype>" + type.toUtf8() + "</mediatype>"), qPrintable(type));
        }
    }
};

QTEST_GUILESS_MAIN(TestMimeTypes)
#include "tst_mime_types.moc"
