#include "archives/hdf5_archive.h"
#include "base/text.h"
#include "cluster/slurm_site.h"
#include "report/report_page.h"
#include "run/metrics.h"
#include "run/run_directory.h"
#include "support/schema_files.h"
#include "support/sentence.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>
#include <fstream>
#include <set>

using namespace lodestone;
namespace fs = std::filesystem;

namespace {

/// The text at /format of an HDF5 file; null where there is none.
Json formatOf(const fs::path& file)
{
    const Hdf5Object root = Hdf5Archive::open(file).root();
    for (const Hdf5Link& link : root.links())
        if (link.name == "format")
            return Json::parse(root.child(link).texts().at(0));
    return nullptr;
}

/// The version that a kept file says it has; 1 where it says none.
int schemaIn(const fs::path& file)
{
    const std::string name = file.filename().string();
    if (name.ends_with(".h5"))
        return schema::of(formatOf(file), name);
    const std::string text = readFile(file);
    if (name.ends_with(".conf")) { // QSettings: keys of no group stand in [General]
        const auto at = text.find("\nschema=");
        return at == std::string::npos
                   ? 1
                   : int(*parseInteger(text.substr(at + 8, text.find('\n', at + 8) - at - 8)));
    }
    if (name.ends_with(".lodestone"))
        return Json::parse(text).at("lodestone_project").get<int>();
    if (!name.ends_with(".jsonl"))
        return schema::of(Json::parse(text), name);
    int number = 0;
    for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
        const int own = schema::of(Json::parse(text.substr(begin, end - begin)), name);
        if (number != 0 && own != number)
            fail("{} has lines of several versions.", name);
        number = own;
    }
    return number;
}

void write(const fs::path& file, const Json& json)
{
    writeFileAtomically(file, json.dump() + "\n");
}

} // namespace

/// Files of every version so far are kept (tests/data/schema-N) and read; those of a later one are refused.
class TestSchemas : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    /// A copy of the finished run, to be changed.
    RunPaths copyOfRun(const char* name)
    {
        fs::remove_all(at(name));
        fs::copy(at("finished"), at(name), fs::copy_options::recursive);
        return RunPaths{at(name)};
    }
    static void makeNewer(const fs::path& file)
    {
        Json json = readJsonFile(file);
        json["schema"] = 99;
        write(file, json);
    }

private Q_SLOTS:
    void initTestCase() { unpackSchema(1, m_folder.path().toStdString()); }

    /// Fails when a number in base/schema.h is raised without a folder of files that have it, and when files
    /// of an older number are made anew by a later program.
    void filesOfEveryNumberAreKept_data()
    {
        QTest::addColumn<int>("kind");
        for (int i = 0; i < int(storedKinds().size()); ++i)
            QTest::newRow(storedKinds()[std::size_t(i)].name) << i;
    }
    void filesOfEveryNumberAreKept()
    {
        QFETCH(int, kind);
        const StoredKind stored = storedKinds()[std::size_t(kind)];
        QVERIFY(!stored.files.empty());
        for (int number = 1; number <= stored.number; ++number) {
            QTemporaryDir folder;
            QVERIFY2(fs::exists(LODESTONE_SOURCE "/tests/data/schema-" + std::to_string(number)),
                     qPrintable(QString("files of schema %1 must be kept: see tests/data/schema-1/README.md")
                                    .arg(number)));
            unpackSchema(number, folder.path().toStdString());
            // A folder holds what was new with its number; all there was before is in an older one.
            for (const std::string& file : stored.files)
                QCOMPARE(schemaIn(fs::path(folder.path().toStdString()) / file), number);
        }
    }

    /// Every number of base/schema.h is in the list that the test above goes through.
    void noNumberIsForgotten()
    {
        std::set<std::string> numbers, listed;
        const std::string text = readFile(LODESTONE_SOURCE "/core/base/schema.h");
        const std::string before = "inline constexpr int ";
        for (std::size_t i = text.find(before); i != std::string::npos; i = text.find(before, i + 1))
            numbers.insert(
                text.substr(i + before.size(), text.find(' ', i + before.size()) - i - before.size()));
        for (const StoredKind& stored : storedKinds())
            listed.insert(stored.name);
        QCOMPARE(listed, numbers);
    }

    void keptRunsAreSummarised()
    {
        const RunSummary finished = summariseRun(at("finished"));
        QCOMPARE(finished.state, std::string("finished"));
        QCOMPARE(finished.epochs, 6);
        QCOMPARE(finished.frames.at("train"), std::size_t(4));
        QCOMPARE(finished.frames.at("validation"), std::size_t(2));
        QVERIFY(finished.changedOfModel && std::abs(*finished.changedOfModel - 0.1) < 0.005);

        const RunPaths interrupted{at("interrupted")};
        const auto holder = RunLock::holder(interrupted);
        QVERIFY(holder && holder->alive); // of another machine: nobody here can tell
        QCOMPARE(holder->host, std::string("fixture"));
        QVERIFY(sentence([&] { RunLock lock(interrupted); }).contains("on fixture"));
        fs::remove(interrupted.lock());
        QCOMPARE(summariseRun(interrupted.root).state, std::string("interrupted"));
        QCOMPARE(findRuns(m_folder.path().toStdString()).size(), std::size_t(5)); // with the two of the sweep
    }

    void keptJobsAndSitesAreRead()
    {
        const RunSummary queued = summariseRun(at("queued"));
        QCOMPARE(queued.state, std::string("queued"));
        QVERIFY(queued.job);
        QCOMPARE(queued.job->id, std::string("4711"));
        QCOMPARE(queued.job->reason, std::string("Priority"));
        const SlurmSite site = slurmSiteFromJson(readJsonFile(at("slurm-site.json")), "kept");
        QCOMPARE(site.gpuType, std::string("a100"));
        QCOMPARE(site.minutes, 720);
        QVERIFY(siteProblems(site).empty());
    }

    void keptEventsAndControlAreRead()
    {
        EventReader reader(RunPaths{at("finished")}.events());
        const auto events = reader.poll(64 << 20).events;
        QCOMPARE(events.front()["kind"].get<std::string>(), std::string("started"));
        QCOMPARE(events.front()["config"]["method"]["target_fraction"].get<double>(), 0.1);
        QCOMPARE(
            std::count_if(events.begin(), events.end(), [](const Json& e) { return e["kind"] == "step"; }),
            8);
        std::uint64_t next = 0;
        for (const Json& event : events)
            QCOMPARE(event["seq"].get<std::uint64_t>(), next++);
        QCOMPARE(EventWriter(RunPaths{at("finished")}).nextSequence(), next); // and goes on behind them

        const RunPaths run = copyOfRun("control");
        const std::string commands = readFile(run.control());
        fs::resize_file(run.control(), 0);
        ControlReader control(run);
        writeFileAtomically(run.control(), commands);
        QCOMPARE(control.poll(), (std::vector<std::string>{"pause", "resume"}));
    }

    void keptConfigurationsAreRead()
    {
        const RunConfig config = readRunConfig(at("finished/run.json"));
        QCOMPARE(config.magneticHead, std::string("vector"));
        QCOMPARE(config.blocks.select.size(), std::size_t(3));
        QCOMPARE(config.optimiser.learningRate, 1e-2);
        QCOMPARE(config.checkpointEverySeconds, 300.0);
        QCOMPARE(toJson(config)["schema"].get<int>(), schema::configuration);
        QCOMPARE(readRunConfig(at("sweep/target_fraction=0.2_seed_1/run.json")).method.targetFraction,
                 std::optional(0.2));
    }

    void keptResultsAreRead()
    {
        const RunMaterial material = readRunMaterial(at("finished"), {});
        const Metrics test = metricsFromJson(material.metrics["splits"]["test"]["tuned"]);
        QCOMPARE(test.at("forces").count, std::size_t(48));
        QVERIFY(test.at("forces").mae > 0 && test.at("forces").mae < test.at("forces").rmse);
        QCOMPARE(material.paritySplit, std::string("test"));
        // The numbers of predictions.h5 give the errors of metrics.json.
        const ParityData& forces = material.parity.at("forces");
        QCOMPARE(forces.total, std::size_t(48));
        double sum = 0;
        for (std::size_t i = 0; i < forces.label.size(); ++i)
            sum += std::abs(forces.tuned[i] - forces.label[i]);
        QVERIFY(std::abs(sum / 48 - test.at("forces").mae) < 1e-6 * test.at("forces").mae);
        QCOMPARE(material.audit["verdicts"].size(), std::size_t(4));
        QCOMPARE(material.explanation["changed"], material.metrics["changed"]);
        const std::string page = reportPage(material, "0.1.0");
        QVERIFY(page.find("<h1>finished</h1>") != std::string::npos);
        QVERIFY(page.find("no result yet") == std::string::npos);
        const Json record = runRecord(at("finished"));
        QCOMPARE(record["changed"], material.metrics["changed"]);
    }

    void keptHdf5FilesAreRead()
    {
        QCOMPARE(formatOf(at("finished/checkpoints/last.h5"))["name"].get<std::string>(),
                 std::string("lodestone-checkpoint"));
        int deltas = 0;
        for (const auto& entry : fs::directory_iterator(at("deltas"))) {
            QCOMPARE(formatOf(entry.path())["name"].get<std::string>(), std::string("lodestone-delta"));
            ++deltas;
        }
        QCOMPARE(deltas, 14);
    }

    void newerFilesAreRefused()
    {
        const auto refused = [](auto body) {
            const QString said = sentence(body);
            return said.contains("newer version of Lodestone") && said.contains("Update Lodestone");
        };
        const RunPaths run = copyOfRun("newer");
        for (const fs::path& file : {run.configuration(), run.metrics(), run.audit(), run.explanation()}) {
            const std::string before = readFile(file);
            makeNewer(file);
            QVERIFY2(refused([&] { readRunMaterial(run.root, {}); }), file.c_str());
            writeFileAtomically(file, before);
        }
        QVERIFY(!refused([&] { readRunMaterial(run.root, {}); }));
        makeNewer(run.metrics());
        QVERIFY(refused([&] { runRecord(run.root); }));

        write(run.events(),
              {{"schema", 99}, {"run", "newer"}, {"seq", 0}, {"time", 1.0}, {"kind", "started"}});
        const std::string events = readFile(run.events());
        QVERIFY(refused([&] { EventReader(run.events()).poll(); }));
        QVERIFY(refused([&] { EventWriter writer(run); }));
        QCOMPARE(readFile(run.events()), events); // nothing was written into them
        QCOMPARE(summariseRun(run.root).state, std::string("newer"));

        write(run.lock(), {{"schema", 99}, {"owner", "somebody"}});
        QVERIFY(RunLock::holder(run)->alive);
        QVERIFY(refused([&] { RunLock lock(run); }));

        fs::remove(run.control());
        ControlReader control(run);
        std::ofstream(run.control()) << R"({"schema":99,"do":"stop"})"
                                        "\n"
                                        R"({"schema":1,"do":"pause"})"
                                        "\n";
        QCOMPARE(control.poll(), std::vector<std::string>{"pause"});

        const std::string wrong = R"({"name":"lodestone-delta","schema":99})";
        QVERIFY(refused([&] { schema::checkFormat(wrong, "lodestone-delta", schema::delta, "a.h5"); }));
        QVERIFY(sentence([&] {
                    schema::checkFormat(wrong, "lodestone-checkpoint", 99, "a.h5");
                }).contains("another kind"));
    }

    void brokenNumbersAreTold()
    {
        for (const Json& number : {Json("1"), Json(0), Json(-1), Json(1.5), Json(1e300)})
            VERIFY_ERROR(schema::of(Json{{"schema", number}}, "x.json"), "x.json", "whole number from 1");
        QCOMPARE(schema::of(Json::object(), ""), 1);
        QCOMPARE(schema::of(Json::array(), ""), 1);
        QCOMPARE(schema::of(Json{{"schema", nullptr}}, ""), 1);
    }

    void whatIsWrittenHasItsNumber()
    {
        const RunPaths run{at("written")};
        makeFolder(run.root);
        sendControl(run, "stop");
        QCOMPARE(schema::of(Json::parse(readFile(run.control())), ""), schema::control);
        const RunLock lock(run);
        QVERIFY(readJsonFile(run.lock()).contains("schema"));
        QCOMPARE(schema::of(Json::parse(schema::formatText("x", 7)), ""), 7);
        QCOMPARE(schema::stamped(3, {{"a", 1}}).dump(), std::string(R"({"schema":3,"a":1})"));
    }
};

QTEST_GUILESS_MAIN(TestSchemas)
#include "tst_schemas.moc"
