#include "archives/hdf5_archive.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "formats/formats.h"
#include "protocol/messages.h"
#include "report/html.h"
#include "report/report_commands.h"
#include "run/run_directory.h"
#include "support/sentence.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <fstream>
#include <set>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

using namespace lodestone;
namespace fs = std::filesystem;

/// Folders and files that somebody else has prepared: links, pipes, nested and endless text, escape
/// sequences.
class TestHostileFolders : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    RunPaths m_run;
    fs::path m_mine; ///< a file of the user's that must stay as it is

    fs::path at(const char* name) const { return m_run.root / name; }
    fs::path pipe(const char* name) const
    {
        if (::mkfifo(at(name).c_str(), 0600) != 0)
            fail("{}: no pipe can be made.", at(name).string());
        return at(name);
    }
    bool untouched() const { return readFile(m_mine) == "mine\nand no event"; }
    static mode_t modeOf(const fs::path& path)
    {
        struct stat info = {};
        return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        const fs::path root = m_folder->path().toStdString();
        m_run.root = root / "run";
        m_mine = root / "mine.txt";
        makeFolder(m_run.root);
        std::ofstream(m_mine) << "mine\nand no event";
    }

    void nothingIsWrittenThroughLinks()
    {
        for (const fs::path& file : {m_run.control(), m_run.events(), m_run.log()})
            fs::create_symlink(m_mine, file);
        VERIFY_ERROR(sendControl(m_run, "stop"), "control.jsonl", "symbolic link");
        VERIFY_ERROR(EventWriter writer(m_run), "events.jsonl", "symbolic link");
        VERIFY_ERROR(setUpLogging("info", m_run.log()), "engine.log", "symbolic link");
        QVERIFY(untouched());
        // A link that points to nothing yet would make a file there.
        fs::create_symlink(m_folder->path().toStdString() + "/new", at("dangling"));
        VERIFY_ERROR(openForWriting(at("dangling"), 0), "symbolic link");
        QVERIFY(!fs::exists(m_folder->path().toStdString() + "/new"));
    }

    void whatIsReplacedIsTheLink()
    {
        fs::create_symlink(m_mine, at("result"));
        writeFileAtomically(at("result"), "new");
        QVERIFY(untouched());
        QVERIFY(!fs::is_symlink(at("result")));
        QCOMPARE(readFile(at("result")), std::string("new"));
    }

    void temporaryFilesAreNewOnes()
    {
        std::set<fs::path> names;
        for (int i = 0; i < 20; ++i)
            replaceFileAtomically(at("result"), [&](const fs::path& temporary) {
                QVERIFY(fs::is_regular_file(fs::symlink_status(temporary)));
                QCOMPARE(fs::file_size(temporary), std::uintmax_t(0)); // made before, by us
                names.insert(temporary);
            });
        QCOMPARE(names.size(), std::size_t(20)); // no two of them can be foreseen
    }

    void hiddenFilesStayHidden()
    {
        writeFileAtomically(at("private"), "a");
        const mode_t usual = modeOf(at("private"));
        QCOMPARE(usual & 0022U, 0U); // written by nobody else
        ::chmod(at("private").c_str(), 0600);
        writeFileAtomically(at("private"), "b");
        QCOMPARE(modeOf(at("private")), mode_t(0600));
        ::chmod(at("private").c_str(), 06666); // nothing odd is taken over
        writeFileAtomically(at("private"), "c");
        QCOMPARE(modeOf(at("private")), mode_t(0666));
    }

    void pipesAndDevicesAreNoFiles()
    {
        const fs::path file = pipe("data.extxyz");
        VERIFY_ERROR(readFile(file), "data.extxyz", "is a pipe");
        VERIFY_ERROR(sha256OfFile(file), "is a pipe");
        VERIFY_ERROR(readStructures(file), "is a pipe");
        VERIFY_ERROR(Hdf5Archive::open(file), "is a pipe");
        VERIFY_ERROR(writeFileAtomically(file, "x"), "cannot be replaced");
        QVERIFY(fs::is_fifo(file));
        VERIFY_ERROR(readFile("/dev/zero"), "is a pipe, a socket or a device");
        VERIFY_ERROR(readFile(m_run.root), "is a folder");
    }

    void pipesInARunDirectory()
    {
        for (const char* name : {"events.jsonl", "control.jsonl", "lock", "run.json"})
            pipe(name);
        QCOMPARE(summariseRun(m_run.root).state, std::string("empty"));
        QVERIFY(ControlReader(m_run).poll().empty());
        QVERIFY(RunLock::holder(m_run).has_value());
        VERIFY_ERROR(EventReader(m_run.events()).poll(), "is a pipe");
        VERIFY_ERROR(EventWriter writer(m_run), "events.jsonl");
        VERIFY_ERROR(sendControl(m_run, "stop"), "control.jsonl");
        VERIFY_ERROR(readRunConfig(m_run.configuration()), "is a pipe");
        QCOMPARE(findRuns(m_run.root.parent_path()).size(), std::size_t(1));
    }

    void nestedJson()
    {
        const std::size_t deep = 400000;
        const std::string nested = std::string(deep, '[') + std::string(deep, ']');
        VERIFY_ERROR(parseJson("\n" + nested, "x.json"), "x.json: line 2, column 501",
                     "nested more than 500 times");
        QVERIFY(parseJsonOrNull(nested).is_null());
        // Brackets in texts are no nesting, and what is closed does not count.
        const std::string text(2000, '{');
        QCOMPARE(parseJson("[\"\\\"" + text + "\"]", "x")[0].get<std::string>(), "\"" + text);
        std::string wide = "[[]";
        for (int i = 0; i < 2000; ++i)
            wide += ",[{}]";
        QCOMPARE(parseJson(wide + "]", "x").size(), std::size_t(2001));
        const std::string most = std::string(deepestJson, '[') + std::string(deepestJson, ']');
        QVERIFY(!parseJsonOrNull(most).is_null());

        std::ofstream(m_run.configuration()) << R"({"model":"m","data":{"train":)" << nested << "}}";
        VERIFY_ERROR(readRunConfig(m_run.configuration()), "run.json", "nested");
        std::ofstream(m_run.events()) << R"({"schema":1,"seq":0,"kind":"message","text":)" << nested << "}\n"
                                      << R"({"schema":1,"seq":1,"kind":"finished"})"
                                      << "\n";
        QCOMPARE(EventReader(m_run.events()).poll().events.size(), std::size_t(1));
        fs::remove(m_run.configuration());
        VERIFY_ERROR(parseRequest(R"({"id":1,"do":)" + nested.substr(0, 2000) + "}"), "no JSON object");
        std::ofstream(at("a.extxyz"))
            << "1\nProperties=species:S:1:pos:R:3 note=" << nested << "\nFe 0 0 0\n";
        sentence([&] { readStructures(at("a.extxyz")); }); // read or refused, but not fallen over
    }

    void endlessLines()
    {
        std::ofstream(m_run.events()) << "{";
        fs::resize_file(m_run.events(), std::uintmax_t(1) << 40); // takes no room on the disk
        VERIFY_ERROR(EventReader(m_run.events()).poll(), "events.jsonl", "no event is that long");
        VERIFY_ERROR(EventWriter writer(m_run), "events.jsonl", "no event is that long");
        QCOMPARE(summariseRun(m_run.root).state, std::string("empty"));
    }

    void escapeSequences()
    {
        QCOMPARE(printable("a\x1b[2Jb\tc\nd\re\x7f"), std::string("a?[2Jb\tc\nd?e?"));
        QCOMPARE(printable("\xc2\x9b"
                           "31mFe\xc3\xa9\xc2\xb5"),
                 std::string("?31mFe\xc3\xa9\xc2\xb5"));
        QCOMPARE(printable("\xc2"), std::string("\xc2"));
        setUpLogging("info", m_run.log());
        spdlog::info("The key '{}' is not known.", "\x1b]0;title\x07\n[2026-01-01] [error] forged");
        const std::string log = readFile(m_run.log());
        QVERIFY(log.find('\x1b') == std::string::npos && log.find('\x07') == std::string::npos);
        QVERIFY(log.find("\n    [2026-01-01] [error] forged") !=
                std::string::npos); // indented: no line of its own
        QCOMPARE(modeOf(m_run.log()) & 0022U, 0U);
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("none"));
    }

    /// The report quotes names in commands that people copy into a shell.
    void commandsOfTheReport()
    {
        const std::string word = "$(touch x);`y` 'z' \"a\" \n b\\";
        QProcess shell;
        shell.start("sh", {"-c", QString::fromStdString(shellLine({"printf", "%s", word}))});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(shell.readAllStandardOutput().toStdString(), word);
    }
};

QTEST_GUILESS_MAIN(TestHostileFolders)
#include "tst_hostile_folders.moc"
