#include "base/files.h"
#include "cluster/slurm_queue.h"
#include "cluster/slurm_site.h"
#include "support/sentence.h"

#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;

namespace {

SlurmSite goodSite()
{
    SlurmSite site;
    site.engine = "/opt/lodestone/bin/lodestone-engine";
    return site;
}

SlurmTask task(const std::string& folder = "/shared/runs/run-1")
{
    return {"lodestone-run-1-ab12", folder, folder + "/config.json", false};
}

/// What the site is refused with; empty if it is taken.
QString refusal(const SlurmSite& site)
{
    const auto problems = siteProblems(site);
    return problems.empty() ? QString() : QString::fromStdString(problems.front());
}

QStringList lines(const std::string& script)
{
    return QString::fromStdString(script).split(QLatin1Char('\n'));
}

const std::vector<std::string> hostile = {"a'b",
                                          "a\"b",
                                          "$(touch BAD)",
                                          "`touch BAD`",
                                          "a;touch BAD",
                                          "a&&touch BAD",
                                          "a|touch BAD",
                                          "$HOME",
                                          "a b",
                                          "a\\b",
                                          "*",
                                          "~root",
                                          "!x",
                                          "a>BAD",
                                          "#x",
                                          "\xc3\xa4 \xe2\x80\x99",
                                          "-rf"};

} // namespace

class TestSlurm : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aScriptOfASite();
    void severalProcesses();
    void whatIsLeftOutIsLeftToTheSite();
    void pathsAreQuotedForTheShell();
    void namesForSlurmAreWords();
    void badSites_data();
    void badSites();
    void sitesAreKept();
    void namesOfJobs();
    void answersOfSbatch_data();
    void answersOfSbatch();
    void statesOfJobs();
    void queuesAreRead();
    void brokenQueuesAreHarmless();
    void anotherJobOfTheNumberIsNotOurs();
    void argumentsNameOneJob();
    void environmentsAreCleaned();
};

void TestSlurm::aScriptOfASite()
{
    SlurmSite site = goodSite();
    site.partition = "gpu";
    site.account = "abc_12";
    site.qos = "short";
    site.modules = {"gcc/12.2", "cuda/12.4"};
    site.gpus = 2;
    site.gpuType = "a100";
    site.cpus = 8;
    site.memory = 16;
    site.minutes = 26 * 60 + 5;
    site.options = {"--constraint=[a|b]", "--exclusive"};
    site.setup = {"export OMP_PROC_BIND=close"};
    SlurmTask of = task();
    of.resume = true;
    const QStringList text = lines(jobScript(site, of));
    QCOMPARE(text.front(), QStringLiteral("#!/bin/bash -l"));
    for (const char* line :
         {"#SBATCH --job-name=lodestone-run-1-ab12", "#SBATCH --export=NONE", "#SBATCH --no-requeue",
          "#SBATCH --partition=gpu", "#SBATCH --account=abc_12", "#SBATCH --qos=short",
          "#SBATCH --gres=gpu:a100:2", "#SBATCH --cpus-per-task=8", "#SBATCH --ntasks=1",
          "#SBATCH --mem=16384M", "#SBATCH --time=1-02:05:00", "#SBATCH --signal=B:TERM@120",
          "#SBATCH --constraint=[a|b]", "#SBATCH --exclusive", "module load 'gcc/12.2' || exit 1",
          "module load 'cuda/12.4' || exit 1", "export OMP_PROC_BIND=close",
          "exec '/opt/lodestone/bin/lodestone-engine' finetune '/shared/runs/run-1/config.json' --run "
          "'/shared/runs/run-1' "
          "--threads 8 --resume"})
        QVERIFY2(text.contains(QString::fromLatin1(line)), line);
    // sbatch reads its lines up to the first command.
    const auto last = text.lastIndexOf(QRegularExpression("#SBATCH .*"));
    QVERIFY(last < text.indexOf("module load 'gcc/12.2' || exit 1"));
}

void TestSlurm::severalProcesses()
{
    SlurmSite site = goodSite();
    QVERIFY(!QString::fromStdString(jobScript(site, task())).contains("mpirun"));
    QVERIFY(!toJson(site).contains("processes")); // so that earlier versions read it
    site.processes = 4;
    site.cpus = 2;
    site.memory = 8;
    QCOMPARE(slurmSiteFromJson(toJson(site), "settings"), site);
    const QStringList text = lines(jobScript(site, task()));
    for (const char* line :
         {"#SBATCH --ntasks=4", "#SBATCH --cpus-per-task=2", "export SLURM_EXPORT_ENV=ALL",
          "exec mpirun -n 4 --bind-to none --mca odls_base_sigkill_timeout 100 "
          "'/opt/lodestone/bin/lodestone-engine' "
          "finetune '/shared/runs/run-1/config.json' --run '/shared/runs/run-1' --threads 2 --memory 1.40"})
        QVERIFY2(text.contains(QString::fromLatin1(line)), qPrintable(text.join(QLatin1Char('\n'))));
    site.processes = 0;
    QCOMPARE(siteProblems(site),
             std::vector<std::string>{"The number of processes is 0, but it must be from 1 to 4096."});
}

void TestSlurm::whatIsLeftOutIsLeftToTheSite()
{
    SlurmSite site = goodSite();
    const QString text = QString::fromStdString(jobScript(site, task()));
    for (const char* option :
         {"--partition", "--account", "--qos", "--gres", "--mem", "--time", "--signal", "module", "--resume"})
        QVERIFY2(!text.contains(QString::fromLatin1(option)), option);
    // A limit of the job's memory is one of the engine's too: else it would reckon with all that the node
    // has.
    site.memory = 4;
    QVERIFY(QString::fromStdString(jobScript(site, task())).contains(" --memory 3.00"));
    // Two minutes' notice of a limit of four would stop the run at half its time.
    site.minutes = 4;
    QVERIFY(!QString::fromStdString(jobScript(site, task())).contains("--signal"));
    QVERIFY(QString::fromStdString(jobScript(site, task())).contains("--time=00:04:00"));
}

void TestSlurm::pathsAreQuotedForTheShell()
{
    // A shell that runs the script hands over what was meant, whatever the names hold, and does nothing else.
    const QTemporaryDir folder;
    const std::string engine = folder.path().toStdString() + "/engine 'of\" $(touch BAD) `me`";
    writeFileAtomically(engine, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    QVERIFY(QFile::setPermissions(QString::fromStdString(engine),
                                  QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    for (const std::string& name : hostile) {
        SlurmSite site = goodSite();
        site.engine = engine;
        const std::string run = "/shared/" + name;
        QProcess shell;
        shell.setWorkingDirectory(folder.path());
        shell.start(QStringLiteral("/bin/sh"), {"-c", QString::fromStdString(jobScript(site, task(run)))});
        QVERIFY(shell.waitForFinished());
        const QString expected =
            QString::fromStdString("finetune\n" + run + "/config.json\n--run\n" + run + "\n--threads\n4\n");
        QCOMPARE(QString::fromUtf8(shell.readAllStandardOutput()), expected);
        QCOMPARE(QString::fromUtf8(shell.readAllStandardError()), QString());
    }
    QVERIFY(!QFile::exists(folder.filePath("BAD")));

    for (const char* path : {"/shared/a\nb", "/shared/a\rb", "/shared/a\x1b[2Jb", "shared/a", ""}) {
        const QString text = sentence([&] { jobScript(goodSite(), task(path)); });
        QVERIFY2(text.contains("absolute") || text.contains("line break"), path);
        QVERIFY(!text.contains(QLatin1Char('\n')) && !text.contains(QLatin1Char('\x1b')));
    }
    QVERIFY(sentence([] { shellQuoted("a\nb"); }).contains("line break"));
    QCOMPARE(shellQuoted("it's"), std::string("'it'\\''s'"));
    QCOMPARE(shellQuoted(""), std::string("''"));
}

void TestSlurm::namesForSlurmAreWords()
{
    // What stands in #SBATCH lines and names of modules is no text to be quoted: sbatch has rules of its own.
    std::vector<std::string> bad = hostile;
    bad.insert(bad.end(), {"a\nb", "a\n#SBATCH --uid=0", std::string("a\0b", 3), "a\tb"});
    for (const std::string& text : bad) {
        for (auto member :
             {&SlurmSite::partition, &SlurmSite::account, &SlurmSite::qos, &SlurmSite::gpuType}) {
            SlurmSite site = goodSite();
            site.gpus = 1;
            site.*member = text;
            QVERIFY2(!refusal(site).isEmpty(), text.c_str());
            QVERIFY(!sentence([&] { jobScript(site, task()); }).isEmpty());
        }
        SlurmSite site = goodSite();
        site.modules = {text};
        QVERIFY2(!refusal(site).isEmpty(), text.c_str());
        site = goodSite();
        site.options = {"--comment=" + text};
        QVERIFY2(text == "~root" || text == "*" || text == "!x" || text == "-rf" || text == "a&&touch BAD"
                     ? true
                     : !refusal(site).isEmpty(),
                 text.c_str());
        SlurmTask named = task();
        named.name = text;
        QVERIFY2(!sentence([&] { jobScript(goodSite(), named); }).isEmpty(), text.c_str());
    }
}

void TestSlurm::badSites_data()
{
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, const char* json, const char* says) {
        QTest::newRow(name) << QString(json) << QString(says);
    };
    row("no engine", R"({"engine": ""})", "absolute");
    row("relative engine", R"({"engine": "bin/lodestone-engine"})", "absolute");
    row("engine of two lines", R"({"engine": "/bin/a\nrm"})", "absolute");
    row("a kind without number", R"({"gpu_type": "a100"})", "no number");
    row("little memory", R"({"memory": 0.1})", "at least 0.25");
    row("an option without dashes", R"({"options": ["constraint=a"]})", "--NAME");
    row("a short option", R"({"options": ["-p gpu"]})", "--NAME");
    row("an option of two words", R"({"options": ["--comment=a b"]})", "--NAME");
    row("an option that hides another", R"({"options": ["--nice\n#SBATCH --uid=0"]})", "--NAME");
    row("the job's name", R"({"options": ["--job-name=other"]})", "Lodestone itself");
    row("an array", R"({"options": ["--array=1-9"]})", "Lodestone itself");
    row("a setup of two lines", R"({"setup": ["a\nb"]})", "control character");
    row("options in the setup", R"({"setup": ["  #SBATCH --nice"]})", "#SBATCH");
}

void TestSlurm::badSites()
{
    QFETCH(QString, json);
    QFETCH(QString, says);
    Json object = toJson(goodSite());
    object.update(Json::parse(json.toStdString()));
    const QString text = refusal(slurmSiteFromJson(object, "settings"));
    QVERIFY2(text.contains(says), qPrintable(text));
    QVERIFY2(!text.contains(QLatin1Char('\n')), qPrintable(text));
}

void TestSlurm::sitesAreKept()
{
    SlurmSite site = goodSite();
    site.modules = {"a", "b"};
    site.memory = 7.5;
    site.minutes = 90;
    site.setup = {"echo \"it's\""};
    site.options = {"--nice"};
    QVERIFY(slurmSiteFromJson(parseJson(jsonLine(toJson(site)), "settings"), "settings") == site);
    QVERIFY(sentence([] { slurmSiteFromJson({{"schema", 99}}, "settings"); }).contains("newer version"));
    QVERIFY(sentence([] { slurmSiteFromJson({{"partitoin", "a"}}, "settings"); }).contains("partitoin"));
    QVERIFY(sentence([] { slurmSiteFromJson({{"cpus", "many"}}, "settings"); }).contains("cpus"));
    QVERIFY(sentence([] { slurmSiteFromJson({{"modules", {1, 2}}}, "settings"); }).contains("modules"));
}

void TestSlurm::namesOfJobs()
{
    QCOMPARE(jobName("run-1", "ab12"), std::string("lodestone-run-1-ab12"));
    QCOMPARE(jobName("a b|c\n$(d)\xc3\xa4", "0"), std::string("lodestone-a-b-c---d----0"));
    QVERIFY(jobName(std::string(500, 'x'), std::string(500, 'y')).size() <= 60);
    SlurmTask named = task();
    named.name = jobName("$(x)", "0");
    QVERIFY(sentence([&] { jobScript(goodSite(), named); }).isEmpty());
}

void TestSlurm::answersOfSbatch_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("cluster");
    const auto row = [](const char* name, const QByteArray& text, const char* id, const char* cluster) {
        QTest::newRow(name) << text << QString(id) << QString(cluster);
    };
    row("alone", "1234\n", "1234", "");
    row("with its cluster", "1234;alpha\n", "1234", "alpha");
    row("after a site's greeting", "Welcome to Alpha|9\n\n77\n\n", "77", "");
    row("nothing", "", "", "");
    row("words", "Submitted batch job 12\n", "", "");
    row("an option", "-u\n", "", "");
    row("too long", QByteArray(40, '1'), "", "");
    row("a strange cluster", "12;$(x)\n", "", "");
    row("cut off", "12;alpha;", "", "");
    row("control characters", "\x1b[2J12\n", "", "");
    row("very long", QByteArray(3 << 20, 'x'), "", "");
}

void TestSlurm::answersOfSbatch()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, id);
    QFETCH(QString, cluster);
    SubmittedJob job;
    const QString refused = sentence([&] { job = parseSubmission(text.toStdString()); });
    QCOMPARE(refused.isEmpty(), !id.isEmpty());
    QCOMPARE(QString::fromStdString(job.id), id);
    QCOMPARE(QString::fromStdString(job.cluster), cluster);
    QVERIFY(refused.size() < 500 && !refused.contains(QLatin1Char('\x1b')));
}

void TestSlurm::statesOfJobs()
{
    QCOMPARE(jobState("PENDING"), std::optional(JobState::Pending));
    QCOMPARE(jobState("COMPLETING"), std::optional(JobState::Running));
    QCOMPARE(jobState("COMPLETED"), std::optional(JobState::Finished));
    QCOMPARE(jobState("CANCELLED by 1000"), std::optional(JobState::Cancelled));
    QCOMPARE(jobState("TIMEOUT"), std::optional(JobState::TimedOut));
    QCOMPARE(jobState("NODE_FAIL"), std::optional(JobState::NodeFailed));
    QCOMPARE(jobState("OUT_OF_MEMORY"), std::optional(JobState::OutOfMemory));
    for (const char* unknown : {"", "pending", "SOMETHING_NEW", "COMPLETED2", " PENDING"})
        QVERIFY2(!jobState(unknown), unknown);
    for (const JobState state : {JobState::Pending, JobState::Running})
        QVERIFY(!hasEnded(state));
    for (const JobState state :
         {JobState::Finished, JobState::Failed, JobState::Cancelled, JobState::TimedOut, JobState::NodeFailed,
          JobState::OutOfMemory, JobState::Gone})
        QVERIFY(hasEnded(state));
}

void TestSlurm::queuesAreRead()
{
    // As Slurm 22.05 prints it, with the header that squeue of a federation cannot leave out.
    const auto jobs = parseQueue("CLUSTER: alpha\n"
                                 "1|COMPLETED|lodestone-a-1|vm|None\n"
                                 "2|PENDING|lodestone-b-2||ReqNodeNotAvail, UnavailableNodes:n[1-3]|x\n"
                                 "3|RUNNING|lodestone-c-3|n[01-02,7]|None\n"
                                 "4|FAILED|lodestone-d-4|n1|NonZeroExitCode\n"
                                 "5|CANCELLED|lodestone-e-5||(null)\n"
                                 "6|BRAND_NEW|lodestone-f-6||Why\n");
    QCOMPARE(jobs.size(), std::size_t(6));
    QCOMPARE(jobs.at("1").state, JobState::Finished);
    QCOMPARE(jobs.at("1").reason, std::string());
    QCOMPARE(jobs.at("2").state, JobState::Pending);
    QCOMPARE(jobs.at("2").reason, std::string("ReqNodeNotAvail, UnavailableNodes:n[1-3]|x"));
    QCOMPARE(jobs.at("3").nodes, std::string("n[01-02,7]"));
    QCOMPARE(jobs.at("4").reason, std::string("NonZeroExitCode"));
    QCOMPARE(jobs.at("5").reason, std::string("CANCELLED"));
    QCOMPARE(jobs.at("6").state, JobState::Running); // it is in the queue, so it has not ended
}

void TestSlurm::brokenQueuesAreHarmless()
{
    const std::string good = "7|RUNNING|lodestone-a-1|n1|None\n";
    // Cut off anywhere: what is left is a job as it was, or none; never another one.
    for (std::size_t length = 0; length <= good.size(); ++length)
        for (const auto& [id, entry] : parseQueue(good.substr(0, length))) {
            QCOMPARE(id, std::string("7"));
            QCOMPARE(entry.name, std::string("lodestone-a-1"));
            QCOMPARE(entry.state, JobState::Running);
        }
    for (const char* line :
         {"|||||", "7|RUNNING|-a|n|None", "7|RUNNING|a b|n|None", "x|RUNNING|a|n|None", "7||a|n|None",
          "7_1|RUNNING|a|n|None", "7;rm|RUNNING|a|n|None", "7|RUNNING||n|None"})
        QVERIFY2(parseQueue(line).empty(), line);
    const auto hostileReason = parseQueue("7|PENDING|a|n|\x1b]0;x\x07" + std::string(5000, 'y') + "\xc3");
    QVERIFY(hostileReason.at("7").reason.size() <= 300);
    QVERIFY(hostileReason.at("7").reason.find('\x1b') == std::string::npos);
    std::string many;
    for (int i = 0; i < 20000; ++i)
        many += std::to_string(i) + "|RUNNING|a|n|None\n";
    QVERIFY(parseQueue(many).size() <= 10000);
    QVERIFY(parseQueue(std::string(8 << 20, '|')).empty());
}

void TestSlurm::anotherJobOfTheNumberIsNotOurs()
{
    JobRecord job;
    job.id = "7";
    job.name = "lodestone-a-1";
    job.state = JobState::Running;
    job.reason = "None of yours";
    const auto queue = parseQueue("7|PENDING|lodestone-a-1||Resources\n8|RUNNING|x|n|None\n");
    QCOMPARE(updated(job, queue, 50).state, JobState::Pending);
    QCOMPARE(updated(job, queue, 50).reason, std::string("Resources"));
    QCOMPARE(updated(job, queue, 50).observed, 50.0);
    QCOMPARE(updated(job, {}, 50).state, JobState::Gone);
    job.name = "lodestone-a-2";
    QCOMPARE(updated(job, queue, 50).state, JobState::Gone);
    QCOMPARE(updated(job, queue, 50).reason, std::string());
    QVERIFY(saysUnknownJob("slurm_load_jobs error: Invalid job id specified\n"));
    QVERIFY(!saysUnknownJob("slurm_load_jobs error: Unable to contact slurm controller (connect failure)"));
}

void TestSlurm::argumentsNameOneJob()
{
    JobRecord job;
    job.id = "7";
    job.name = "lodestone-a-1";
    QCOMPARE(cancelArguments(job), (std::vector<std::string>{"--name=lodestone-a-1", "7"}));
    job.cluster = "alpha";
    QCOMPARE(cancelArguments(job),
             (std::vector<std::string>{"--name=lodestone-a-1", "--clusters=alpha", "7"}));
    JobRecord other = job;
    other.id = "9";
    QCOMPARE(queueArguments({job, other}),
             (std::vector<std::string>{"--noheader", "--states=all", "--jobs=7,9", "--format=%i|%T|%j|%N|%r",
                                       "--clusters=alpha"}));
    QCOMPARE(submitArguments("/a b"),
             (std::vector<std::string>{"--parsable", "--chdir=/a b", "/a b/job.sh"}));
}

void TestSlurm::environmentsAreCleaned()
{
    for (const char* name :
         {"SQUEUE_USERS", "SQUEUE_FORMAT", "SBATCH_EXPORT", "SBATCH_JOB_NAME", "SCANCEL_STATE"})
        QVERIFY2(disturbsScheduler(name), name);
    // Sites and users set these on purpose.
    for (const char* name : {"SLURM_CONF", "SBATCH_ACCOUNT", "SBATCH_PARTITION", "PATH", "HOME"})
        QVERIFY2(!disturbsScheduler(name), name);
}

QTEST_GUILESS_MAIN(TestSlurm)
#include "tst_slurm.moc"
