#include "base/files.h"
#include "base/process_memory.h"
#include "support/sanitizers.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>
#include <sys/resource.h>

using namespace lodestone;

/// What a process may still take, from made-up folders like those of Linux and from this process's own
/// limits.
class TestProcessMemory : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void machine();
    void controlGroups_data();
    void controlGroups();
    void ownLimits_data();
    void ownLimits();
    void ownMemory();

private:
    void put(const std::string& file, const std::string& text) const
    {
        const auto path = std::filesystem::path(m_folder->path().toStdString()) / file;
        std::filesystem::create_directories(path.parent_path());
        writeFileAtomically(path, text);
    }
    MemorySources sources() const
    {
        const std::filesystem::path root = m_folder->path().toStdString();
        return {root / "proc", root / "groups"};
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestProcessMemory::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestProcessMemory::machine()
{
    QCOMPARE(availableMemory(sources()), std::int64_t(0));
    put("proc/meminfo", "MemTotal:       2048 kB\nMemAvailable:   1000 kB\n");
    QCOMPARE(availableMemory(sources()), std::int64_t(1000 * 1024));
    QVERIFY(availableMemory() > 0);
}

void TestProcessMemory::controlGroups_data()
{
    QTest::addColumn<QString>("groups"); // of the process
    QTest::addColumn<QStringList>("files");
    QTest::addColumn<int>("left");
    const auto row = [](const char* name, const char* groups, const QStringList& files, int left) {
        QTest::newRow(name) << groups << files << left;
    };
    const QStringList second = {"job/memory.max", "700000", "job/memory.current", "300000"};
    row("version 2", "0::/job\n", second, 400000);
    row("version 2, pages of files", "0::/job\n",
        second + QStringList{"job/memory.stat", "anon 1\nactive_file 1000\ninactive_file 20\nfile 9999\n"},
        401020);
    row("version 2, of the folder above", "0::/job/step\n",
        second + QStringList{"job/step/memory.max", "max", "job/step/memory.current", "5"}, 400000);
    row("version 2, at the top", "0::/elsewhere\n", {"memory.max", "600000", "memory.current", "1"}, 599999);
    row("version 2, without limit", "0::/job\n", {"job/memory.max", "max", "job/memory.current", "5"}, -1);
    row("version 2, used up", "0::/job\n", {"job/memory.max", "5", "job/memory.current", "50"}, 1);
    const QStringList first = {"memory/job/memory.limit_in_bytes", "500000\n",
                               "memory/job/memory.usage_in_bytes", "100000\n"};
    row("version 1", "3:cpu,cpuacct:/other\n2:memory:/job\n", first, 400000);
    row("version 1, with others", "2:hugetlb,memory:/job\n0::/\n", first, 400000);
    row("version 1, pages of files", "2:memory:/job\n",
        first + QStringList{"memory/job/memory.stat",
                            "active_file 7\ntotal_active_file 3000\ntotal_inactive_file 2\n"},
        403002);
    row("version 1, without limit", "2:memory:/job\n",
        {"memory/job/memory.limit_in_bytes", "9223372036854771712", "memory/job/memory.usage_in_bytes", "9"},
        -1);
    row("version 1, another controller of that name", "2:memoryless:/job\n", first, -1);
    row("nonsense", "memory\n::\n2:memory\n", first + second, -1);
}

void TestProcessMemory::controlGroups()
{
    QFETCH(QString, groups);
    QFETCH(QStringList, files);
    QFETCH(int, left);
    put("proc/meminfo", "MemAvailable:   1000 kB\n");
    put("proc/self/cgroup", groups.toStdString());
    for (int i = 0; i + 1 < files.size(); i += 2)
        put("groups/" + files[i].toStdString(), files[i + 1].toStdString());
    QCOMPARE(availableMemory(sources()), std::int64_t(left < 0 ? 1000 * 1024 : left));
}

void TestProcessMemory::ownLimits_data()
{
    QTest::addColumn<int>("resource");
    QTest::addColumn<QString>("used");
    QTest::newRow("ulimit -v") << int(RLIMIT_AS) << "VmSize";
    QTest::newRow("ulimit -d") << int(RLIMIT_DATA) << "VmData";
}

void TestProcessMemory::ownLimits()
{
    QFETCH(int, resource);
    QFETCH(QString, used);
    if (test::addressSanitizer)
        QSKIP("AddressSanitizer does not live within limits of memory.");
    const auto kind = static_cast<decltype(RLIMIT_AS)>(resource);
    put("proc/meminfo", "MemAvailable:   99999999999 kB\n");
    put("proc/self/status", used.toStdString() + ":\t 1000 kB\n");
    rlimit before{};
    QCOMPARE(getrlimit(kind, &before), 0);
    const rlimit now{rlim_t{1} << 40, before.rlim_max};
    QCOMPARE(setrlimit(kind, &now), 0);
    const std::int64_t left = availableMemory(sources());
    QCOMPARE(setrlimit(kind, &before), 0);
    QCOMPARE(left, (std::int64_t{1} << 40) - 1000 * 1024);
}

void TestProcessMemory::ownMemory()
{
    const std::int64_t before = residentMemory();
    QVERIFY(before > 0 && peakMemory() >= before);
    std::vector<char> block(std::size_t{64} << 20, '\1');
    QVERIFY(residentMemory() >= before + (std::int64_t{60} << 20));
    QVERIFY(peakMemory() >= residentMemory() - (1 << 20));
    QCOMPARE(block.back(), '\1');
}

QTEST_APPLESS_MAIN(TestProcessMemory)
#include "tst_process_memory.moc"
