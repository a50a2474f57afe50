// What a process learns from the program that started it.
#include "ranks/launch.h"

#include <QtTest/QtTest>
#include <map>
#include <sched.h>

using namespace lodestone;

class TestLaunch : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void reads_data();
    void reads();
    void threadsAreShared();
};

using Variables = std::map<std::string, std::string>;
Q_DECLARE_METATYPE(Variables)

void TestLaunch::reads_data()
{
    QTest::addColumn<Variables>("variables");
    QTest::addColumn<QList<int>>("expected"); // rank, size, local rank, local size
    QTest::newRow("alone") << Variables{} << QList<int>{0, 1, 0, 1};
    QTest::newRow("mpirun") << Variables{{"OMPI_COMM_WORLD_RANK", "5"},
                                         {"OMPI_COMM_WORLD_SIZE", "8"},
                                         {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                                         {"OMPI_COMM_WORLD_LOCAL_SIZE", "4"}}
                            << QList<int>{5, 8, 1, 4};
    QTest::newRow("mpirun -n 1") << Variables{{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "1"}}
                                 << QList<int>{0, 1, 0, 1};
    const Variables slurm = {
        {"SLURM_PROCID", "3"}, {"SLURM_NTASKS", "4"}, {"SLURM_LOCALID", "1"}, {"SLURM_NTASKS_PER_NODE", "2"}};
    // Without PMIx the processes of srun cannot find each other.
    QTest::newRow("srun") << slurm << QList<int>{0, 1, 0, 1};
    Variables pmix = slurm;
    pmix["PMIX_RANK"] = "3";
    QTest::newRow("srun --mpi=pmix") << pmix << QList<int>{3, 4, 1, 2};
    QTest::newRow("nonsense") << Variables{{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "two"}}
                              << QList<int>{0, 1, 0, 1};
    QTest::newRow("beyond the last") << Variables{{"OMPI_COMM_WORLD_RANK", "2"},
                                                  {"OMPI_COMM_WORLD_SIZE", "2"}}
                                     << QList<int>{0, 1, 0, 1};
    QTest::newRow("negative") << Variables{{"OMPI_COMM_WORLD_RANK", "-1"}, {"OMPI_COMM_WORLD_SIZE", "2"}}
                              << QList<int>{0, 1, 0, 1};
}

void TestLaunch::reads()
{
    QFETCH(const Variables, variables);
    QFETCH(const QList<int>, expected);
    const Launch launch = launchOfThisProcess([&](const char* name) {
        const auto it = variables.find(name);
        return it == variables.end() ? std::string() : it->second;
    });
    QCOMPARE((QList<int>{launch.rank, launch.size, launch.localRank, launch.localSize}), expected);
    QCOMPARE(launch.together(), expected[1] > 1);
}

void TestLaunch::threadsAreShared()
{
    cpu_set_t all;
    QCOMPARE(::sched_getaffinity(0, sizeof(all), &all), 0);
    const int processors = CPU_COUNT(&all);
    QCOMPARE(threadsOf({}), processors);
    QCOMPARE(threadsOf({0, 4096, 0, 4096}), 1);
    if (processors < 2)
        QSKIP("one processor: nothing to bind to");
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int i = 0; CPU_COUNT(&one) == 0; ++i)
        if (CPU_ISSET(i, &all))
            CPU_SET(i, &one);
    QCOMPARE(::sched_setaffinity(0, sizeof(one), &one), 0);
    const int bound = threadsOf({0, 2, 0, 2}), alone = threadsOf({});
    QCOMPARE(::sched_setaffinity(0, sizeof(all), &all), 0);
    QCOMPARE(bound, 1);
    QCOMPARE(alone, 1);
}

QTEST_GUILESS_MAIN(TestLaunch)
#include "tst_launch.moc"
