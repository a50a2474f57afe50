#include "engine_process.h"

namespace fs = std::filesystem;

/// lodestone-engine, which has no LibTorch in it, and lodestone-compute, which takes its process over.
class TestCliPrograms : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    fs::path folder(const std::string& name) const { return fs::path(m_folder.path().toStdString()) / name; }
    static EngineCall call(const fs::path& program, const QStringList& arguments)
    {
        QProcess process;
        return callProgram(process, QString::fromStdString(program.string()), arguments, 60000);
    }
    static fs::path engine() { return fs::path(enginePath().toStdString()); }
    static fs::path compute() { return engine().parent_path() / "lodestone-compute"; }
    /// A copy of the engine at PLACE/bin.
    fs::path copyAt(const std::string& place) const
    {
        const fs::path bin = folder(place) / "bin";
        fs::create_directories(bin);
        fs::copy_file(engine(), bin / "lodestone-engine");
        return bin / "lodestone-engine";
    }
    static QStringList inspection()
    {
        return {"inspect", QString::fromStdString(demoFile("demo.nqx")), "--json"};
    }
    static QByteArray fileOf(qint64 process, const char* name)
    {
        QFile file(QString("/proc/%1/%2").arg(process).arg(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private Q_SLOTS:
    /// Libraries as the loader would take them.
    void libraries()
    {
        const EngineCall front = call("/usr/bin/ldd", {enginePath()});
        VERIFY_CODE(front, 0);
        QVERIFY2(front.out.find("torch") == std::string::npos, front.out.c_str());
        QVERIFY2(front.out.find("blas") == std::string::npos, front.out.c_str());
        const EngineCall behind = call("/usr/bin/ldd", {QString::fromStdString(compute().string())});
        QVERIFY2(behind.out.find("torch") != std::string::npos, behind.out.c_str());
    }

    void bothSayTheSame()
    {
        for (const QStringList& arguments :
             {inspection(), QStringList{"inspect", "--help"}, QStringList{"inspect"},
              QStringList{"inspect", "--no-such-option"}, QStringList{"inspect", "/no/such/file.model"},
              QStringList{"inspect", "/no/such/file.model", "--log-level", "loud"}}) {
            const EngineCall front = call(engine(), arguments), behind = call(compute(), arguments);
            QCOMPARE(front.code, behind.code);
            QCOMPARE(front.out, behind.out);
            QCOMPARE(front.error, behind.error);
        }
    }

    void aloneItInspects()
    {
        const fs::path alone = copyAt("alone");
        const EngineCall inspected = call(alone, inspection());
        VERIFY_CODE(inspected, 0);
        QCOMPARE(inspected.out, call(engine(), inspection()).out);
        const EngineCall asked = call(alone, {"--version"});
        VERIFY_CODE(asked, 4);
        QVERIFY2(asked.error.find("lodestone-compute") != std::string::npos &&
                     asked.error.find("Install the engine again") != std::string::npos,
                 asked.error.c_str());
    }

    /// As packages install it, and by a link from elsewhere.
    void findsItsPart()
    {
        const fs::path installed = copyAt("usr");
        const fs::path part = folder("usr") / "libexec" / "lodestone-engine";
        fs::create_directories(part);
        fs::create_symlink(compute(), part / "lodestone-compute");
        fs::create_directories(folder("links"));
        const fs::path link = folder("links") / "engine";
        fs::create_symlink(installed, link);
        for (const fs::path& program : {installed, link}) {
            const EngineCall asked = call(program, {"--version", "--json"});
            VERIFY_CODE(asked, 0);
            QCOMPARE(asked.out, call(engine(), {"--version", "--json"}).out);
        }
    }

    /// One process with the name and the number that it was started with; settings of the user stay.
    void oneProcess()
    {
        for (const bool own : {false, true}) {
            QProcess serve;
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            environment.remove("OMP_WAIT_POLICY");
            environment.remove("GOMP_SPINCOUNT");
            if (own)
                environment.insert("OMP_WAIT_POLICY", "active");
            serve.setProcessEnvironment(environment);
            serve.start(enginePath(), {"serve"});
            QVERIFY(serve.waitForStarted());
            serve.write("{\"id\": 1, \"do\": \"version\"}\n");
            QVERIFY(serve.waitForReadyRead(60000));
            const QByteArray command = fileOf(serve.processId(), "cmdline");
            QVERIFY2(command.startsWith(enginePath().toUtf8() + '\0'), command.constData());
            QVERIFY(QFileInfo(QString("/proc/%1/exe").arg(serve.processId()))
                        .symLinkTarget()
                        .endsWith("lodestone-compute"));
            const QList<QByteArray> settings = fileOf(serve.processId(), "environ").split('\0');
            QVERIFY(settings.contains(own ? "OMP_WAIT_POLICY=active" : "OMP_WAIT_POLICY=passive"));
            QCOMPARE(settings.contains("GOMP_SPINCOUNT=3000"), !own);
            QVERIFY(settings.contains("CUBLAS_WORKSPACE_CONFIG=:4096:8"));
            serve.closeWriteChannel();
            QVERIFY(serve.waitForFinished(60000));
            QCOMPARE(serve.exitCode(), 0);
        }
    }
};

QTEST_GUILESS_MAIN(TestCliPrograms)
#include "tst_cli_programs.moc"
