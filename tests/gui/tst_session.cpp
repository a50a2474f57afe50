#include "base/files.h"
#include "engine/run_list.h"
#include "shell/session.h"
#include "storage/hdf5_writer.h"
#include "support/fake_engine.h"

#include <QtTest/QtTest>
#include <QtWidgets/QApplication>

using namespace lodestone;
using namespace lodestone::gui;

class TestSession : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void readsDataAndChecksIt();
    void newerReadReplacesOlder();
    void badDataIsAProblem();
    void unreadableFramesAreLeftOut();
    void exclusionsAreUndoable();
    void keysCanBeMapped();
    void modelIsDescribedAndLinearSelected();
    void selectionIsUndoable();
    void frameAndAtom();
    void runStartsDetachedAndIsFollowed();
    void stoppedRunGoesOn();
    void excludedFramesAreRecognised();
    void runLeavesOutExcludedFrames();
    void twoRunsCopyTheirFramesAtOnce();
    void runThatDiesEarlySaysWhy();
    void runsOfOtherFoldersAreListed();
    void momentsOfTheRun();

private:
    QString file(const QString& name, int frames, const QString& extra = {}) const;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Session> m_session;
};

void TestSession::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_session = std::make_unique<Session>();
    m_session->setRunsFolder(m_folder->filePath("runs"));
}

void TestSession::cleanup()
{
    m_session.reset();
    m_folder.reset();
}

/// Frames of one Ni and one O atom whose cell grows from frame to frame, with energies, forces and moments.
QString TestSession::file(const QString& name, int frames, const QString& extra) const
{
    const QString path = m_folder->filePath(name);
    QFile out(path);
    if (!out.open(QIODevice::WriteOnly))
        qFatal("cannot write the test's data");
    QTextStream text(&out);
    for (int i = 0; i < frames; ++i)
        text << "2\nLattice=\"" << 4 + 0.1 * i
             << " 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3:forces:R:3:"
             << "other_forces:R:3:magmoms:R:1 energy=" << -10 - i << " pbc=\"T T T\"\n"
             << "Ni 0 0 0 0.1 0 0 0.3 0 0 -1.5\nO 2 2 2 -0.1 0 0 -0.3 0 0 0.0\n";
    text << extra;
    return path;
}

void TestSession::readsDataAndChecksIt()
{
    QSignalSpy changed(m_session.get(), &Session::dataChanged);
    QSignalSpy progress(m_session.get(), &Session::dataProgress);
    QSignalSpy checked(m_session.get(), &Session::preflightChanged);
    m_session->openData({file("a.extxyz", 3)});
    QVERIFY(!m_session->data()); // nothing on this thread
    QVERIFY(m_session->readingData());
    QTRY_COMPARE(changed.size(), 1);
    QCOMPARE(m_session->data()->frames.size(), std::size_t(3));
    QCOMPARE(m_session->excluded(), std::vector<bool>(3, false));
    QCOMPARE(m_session->frame(), 0);
    QCOMPARE(m_session->moments().label[0][2], -1.5);
    QCOMPARE(progress.back()[0].toDouble(), 1.0);
    QTRY_COMPARE(checked.size(), 1);
    QCOMPARE(m_session->preflight()->frames, std::size_t(3));
    QVERIFY(m_session->preflight()->neighbourCounts.empty()); // without a model there is no cutoff
    m_session->openModel("model.nqx");
    QTRY_COMPARE(checked.size(), 2);
    QVERIFY(!m_session->preflight()->neighbourCounts.empty());

    m_session->setFrame(2);
    m_session->addData({file("b.extxyz", 2)});
    QTRY_COMPARE(m_session->data()->frames.size(), std::size_t(5));
    QCOMPARE(m_session->frame(), 2);
    QCOMPARE(m_session->dataFiles().size(), 2);
}

void TestSession::newerReadReplacesOlder()
{
    const QString large = file("large.extxyz", 20000), small = file("small.extxyz", 2);
    QSignalSpy changed(m_session.get(), &Session::dataChanged);
    QSignalSpy problems(m_session.get(), &Session::problem);
    m_session->openData({large});
    m_session->openData({small});
    QTRY_COMPARE(changed.size(), 1);
    QCOMPARE(m_session->data()->frames.size(), std::size_t(2));
    QTest::qWait(300); // a late result of the older one would come now
    QCOMPARE(changed.size(), 1);
    QVERIFY(problems.isEmpty());

    m_session->openData({large});
    m_session->cancelReading();
    QVERIFY(!m_session->readingData());
    QTest::qWait(300);
    QCOMPARE(m_session->data()->frames.size(), std::size_t(2)); // what was open stays
}

void TestSession::badDataIsAProblem()
{
    QSignalSpy problems(m_session.get(), &Session::problem);
    m_session->openData({m_folder->filePath("missing.extxyz")});
    QTRY_COMPARE(problems.size(), 1);
    QCOMPARE(problems[0][0].toString(), QString("data"));
    QVERIFY(problems[0][1].toString().contains("missing.extxyz"));
    QVERIFY(!m_session->data());
}

void TestSession::unreadableFramesAreLeftOut()
{
    QSignalSpy problems(m_session.get(), &Session::problem);
    m_session->openData(
        {file("a.extxyz", 2,
              "1\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3:forces:R:3 energy=-1\n"
              "Ni 0 0 0 nan 0 0\n")});
    QTRY_COMPARE(problems.size(), 1);
    QCOMPARE(m_session->data()->frames.size(), std::size_t(2));
    QCOMPARE(m_session->readProblems().size(), 1);
    QVERIFY(m_session->readProblems()[0].contains("forces"));
}

void TestSession::exclusionsAreUndoable()
{
    m_session->openData({file("a.extxyz", 3)});
    QTRY_VERIFY(m_session->data());
    QSignalSpy changed(m_session.get(), &Session::excludedChanged);
    m_session->setExcluded(1, true);
    QCOMPARE(m_session->excluded(), (std::vector<bool>{false, true, false}));
    m_session->setExcluded(1, true); // no change, no step
    m_session->setExcluded(7, true); // out of range
    QCOMPARE(m_session->undoStack().count(), 1);
    m_session->undoStack().undo();
    QCOMPARE(m_session->excluded(), std::vector<bool>(3, false));
    m_session->undoStack().redo();
    QVERIFY(m_session->excluded()[1]);
    QCOMPARE(changed.size(), 3);
}

void TestSession::keysCanBeMapped()
{
    m_session->openData({file("a.extxyz", 2)});
    QTRY_VERIFY(m_session->data());
    QCOMPARE(m_session->data()->frames[0].forces[0][0], 0.1);
    m_session->setFrame(1);
    m_session->setExcluded(0, true);
    LabelKeys keys = m_session->data()->keys;
    keys.forces = "other_forces";
    m_session->setKeys(keys);
    QTRY_COMPARE(m_session->data()->frames[0].forces[0][0], 0.3);
    QCOMPARE(m_session->frame(), 1); // the place is kept
    QVERIFY(m_session->excluded()[0]);
    QSignalSpy problems(m_session.get(), &Session::problem);
    keys.forces = "othr_forces";
    m_session->setKeys(keys);
    QTRY_COMPARE(problems.size(), 1);
    QVERIFY(problems[0][1].toString().contains("other_forces")); // the nearest name
    QCOMPARE(m_session->data()->keys.forces, std::string("other_forces"));
}

void TestSession::modelIsDescribedAndLinearSelected()
{
    QSignalSpy changed(m_session.get(), &Session::modelChanged);
    m_session->openModel("first.nqx");
    m_session->openModel("second.nqx");
    QTRY_COMPARE(changed.size(), 1); // the newest only
    QCOMPARE(QFileInfo(QString::fromStdString(m_session->model()->file)).fileName(), QString("second.nqx"));
    const auto& tensors = m_session->model()->tensors;
    QCOMPARE(m_session->selected().size(), tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i)
        QCOMPARE(bool(m_session->selected()[i]), tensors[i].kind == "linear");

    QSignalSpy problems(m_session.get(), &Session::problem);
    m_session->openModel("broken.nqx");
    QTRY_COMPARE(problems.size(), 1);
    QCOMPARE(problems[0][0].toString(), QString("blocks"));
    QVERIFY(m_session->model()); // what was open stays
    QVERIFY(!m_session->openingModel());
}

void TestSession::selectionIsUndoable()
{
    m_session->openModel("model.nqx");
    QTRY_VERIFY(m_session->model());
    const auto before = m_session->selected();
    std::vector<bool> all(before.size(), true);
    m_session->setSelected(all);
    all.back() = false; // reference energies are not trainable
    QCOMPARE(m_session->selected(), all);
    m_session->undoStack().undo();
    QCOMPARE(m_session->selected(), before);
    m_session->undoStack().redo();
    QCOMPARE(m_session->selected(), all);
    m_session->setSelected({true}); // of another model
    QCOMPARE(m_session->selected(), all);
}

void TestSession::frameAndAtom()
{
    m_session->openData({file("a.extxyz", 3,
                              "1\nLattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3 "
                              "energy=-1\nNi 0 0 0\n")});
    QTRY_VERIFY(m_session->data());
    QSignalSpy frames(m_session.get(), &Session::frameChanged);
    QSignalSpy atoms(m_session.get(), &Session::atomChanged);
    m_session->setAtom(1);
    m_session->setFrame(1);
    QCOMPARE(m_session->atom(), 1);
    m_session->setFrame(3); // has one atom only
    QCOMPARE(m_session->atom(), -1);
    QVERIFY(m_session->moments().label.empty());
    m_session->setFrame(99);
    QCOMPARE(m_session->frame(), -1);
    QCOMPARE(frames.size(), 3);
    QCOMPARE(atoms.size(), 2);
}

void TestSession::runStartsDetachedAndIsFollowed()
{
    QSignalSpy opened(m_session.get(), &Session::runChanged);
    RunConfig config;
    config.model = "model.nqx";
    config.data.train = {file("a.extxyz", 3).toStdString()};
    const QString folder = m_session->startRun(config, "my run/1");
    QCOMPARE(QFileInfo(folder).fileName(), QString("my-run-1"));
    QCOMPARE(QFileInfo(folder).absolutePath(), m_folder->filePath("runs"));
    QCOMPARE(opened.size(), 1);
    const RunConfig written = readRunConfig((folder + "/config.json").toStdString());
    QVERIFY(QDir::isAbsolutePath(QString::fromStdString(written.model)));
    QTRY_COMPARE(m_session->run()->history().state, std::string("finished"));
    QCOMPARE(m_session->run()->history().steps.size(), std::size_t(3));
    QVERIFY(QFileInfo::exists(folder + "/stderr.log"));

    const QString second = m_session->startRun(config, "my run/1");
    QCOMPARE(QFileInfo(second).fileName(), QString("my-run-1-2")); // nothing is overwritten
    QTRY_COMPARE(m_session->run()->history().state, std::string("finished"));
    m_session->closeRun();
    QVERIFY(!m_session->run());
}

void TestSession::stoppedRunGoesOn()
{
    RunConfig config;
    config.model = "stopping.nqx"; // the stand-in stops it after two steps, and finishes it when resumed
    config.data.train = {file("a.extxyz", 3).toStdString()};
    m_session->startRun(config, "half");
    QTRY_COMPARE(m_session->run()->history().state, std::string("stopped"));
    QCOMPARE(m_session->run()->history().steps.size(), std::size_t(2));
    m_session->resumeRun();
    QTRY_COMPARE(m_session->run()->history().state, std::string("finished"));
    QCOMPARE(m_session->run()->history().steps.size(), std::size_t(3));
}

/// With another mapping of labels other frames can be read: the excluded ones must stay the same ones.
void TestSession::excludedFramesAreRecognised()
{
    // The second frame has no number for its other forces.
    const QString path = m_folder->filePath("holes.extxyz");
    QFile out(path);
    QVERIFY(out.open(QIODevice::WriteOnly));
    for (int i = 0; i < 4; ++i)
        QTextStream(&out) << "1\nLattice=\""
                          << 4 + (i == 3 ? 0.2 : 0.1 * i) // the last is a copy of the third
                          << " 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3:forces:R:3:other_forces:R:3 "
                          << "energy=" << -10 - i << " pbc=\"T T T\"\nNi 0 0 0 0.1 0 0 "
                          << (i == 1 ? "nan" : "0.3") << " 0 0\n";
    out.close();
    m_session->openData({path});
    QTRY_VERIFY(m_session->data());
    QCOMPARE(m_session->data()->frames.size(), std::size_t(4));
    m_session->setExcluded(3, true);
    m_session->setFrame(2);
    LabelKeys keys = m_session->data()->keys;
    keys.forces = "other_forces";
    m_session->setKeys(keys);
    QTRY_COMPARE(m_session->data()->frames.size(), std::size_t(3)); // the second cannot be read any more
    QCOMPARE(m_session->excluded(), (std::vector<bool>{false, false, true})); // the copy, not what it copies
    QCOMPARE(*m_session->data()->frames[2].energy, -13.0);
    QCOMPARE(m_session->frame(), 1); // the same frame in view
    keys.forces = "forces";
    m_session->setKeys(keys);
    QTRY_COMPARE(m_session->data()->frames.size(), std::size_t(4));
    QCOMPARE(m_session->excluded(), (std::vector<bool>{false, false, false, true}));
    QCOMPARE(m_session->frame(), 2);
}

void TestSession::runLeavesOutExcludedFrames()
{
    m_session->openData({file("a.extxyz", 4)});
    QTRY_VERIFY(m_session->data());
    m_session->setExcluded(1, true);
    RunConfig config;
    config.model = "model.nqx";
    config.data.train = {m_session->dataFiles()[0].toStdString()};
    const QString folder = m_session->startRun(config, "fewer");
    QTRY_VERIFY(m_session->run() && m_session->run()->history().state == "finished");
    const RunConfig written = readRunConfig((folder + "/config.json").toStdString());
    QCOMPARE(written.data.train, (std::vector<std::string>{(folder + "/train.extxyz").toStdString()}));
    const Dataset used = readDataset({written.data.train[0]});
    QCOMPARE(used.frames.size(), std::size_t(3));
    QCOMPARE(*used.frames[0].energy, -10.0);
    QCOMPARE(*used.frames[1].energy, -12.0);
    QCOMPARE(used.frames[1].forces[0][0], 0.1);
    QCOMPARE(used.frames[1].moments->vectors[0][2], -1.5);
}

void TestSession::twoRunsCopyTheirFramesAtOnce()
{
    m_session->openData({file("a.extxyz", 5000)}); // the copy takes a while
    QTRY_VERIFY(m_session->data());
    m_session->setExcluded(1, true);
    RunConfig config;
    config.model = "model.nqx";
    config.data.train = {m_session->dataFiles()[0].toStdString()};
    const QString first = m_session->startRun(config, "first");
    QVERIFY(m_session->runIsStarting());
    m_session->setExcluded(2, true);
    const QString second = m_session->startRun(config, "second");
    const auto state = [](const QString& folder) { return summariseRun(folder.toStdString()).state; };
    QTRY_COMPARE_WITH_TIMEOUT(state(second), std::string("finished"), 20000);
    QTRY_COMPARE_WITH_TIMEOUT(state(first), std::string("finished"), 20000);
    QCOMPARE(readDataset({(first + "/train.extxyz").toStdString()}).frames.size(), std::size_t(4999));
    QCOMPARE(readDataset({(second + "/train.extxyz").toStdString()}).frames.size(), std::size_t(4998));
    QTRY_VERIFY(!m_session->runIsStarting());
}

void TestSession::runThatDiesEarlySaysWhy()
{
    QSignalSpy problems(m_session.get(), &Session::problem);
    RunConfig config;
    config.model = "broken.nqx";
    config.data.train = {file("a.extxyz", 1).toStdString()};
    const QString bad = m_session->startRun(config, "bad");
    QVERIFY(m_session->runIsStarting());
    QTRY_COMPARE(problems.size(), 1);
    QCOMPARE(problems[0][0].toString(), QString("training"));
    QVERIFY(problems[0][1].toString().contains("The model cannot be read."));
    // It has failed for good: in view, in the lists, and after a restart.
    QVERIFY(!m_session->runIsStarting());
    QCOMPARE(m_session->run()->history().state, std::string("failed"));
    QVERIFY(m_session->run()->history().endReason.find("The model cannot be read.") != std::string::npos);
    const std::vector<RunSummary> listed = findRuns(m_session->runsFolder().toStdString());
    QCOMPARE(listed.size(), std::size_t(1));
    QCOMPARE(listed[0].state, std::string("failed"));
    Session later;
    QSignalSpy told(&later, &Session::problem);
    later.openRun(bad);
    QTRY_COMPARE(told.size(), 1);
    QVERIFY(told[0][1].toString().contains("The model cannot be read."));

    QFile(m_folder->filePath("a file")).open(QIODevice::WriteOnly);
    m_session->setRunsFolder(m_folder->filePath("a file"));
    QVERIFY(m_session->startRun(config, "nowhere").isEmpty());
    QCOMPARE(problems.size(), 2);
}

void TestSession::runsOfOtherFoldersAreListed()
{
    QSignalSpy changed(m_session.get(), &Session::otherRunsChanged);
    for (const char* name : {"runs/own", "elsewhere/far", "elsewhere/near"})
        QVERIFY(QDir().mkpath(m_folder->filePath(name)));
    m_session->openRun(m_folder->filePath("runs/own"));
    QVERIFY(m_session->otherRuns().isEmpty());
    m_session->openRun(m_folder->filePath("elsewhere/far"));
    m_session->openRun(m_folder->filePath("elsewhere/near"));
    m_session->openRun(m_folder->filePath("elsewhere/far"));
    QCOMPARE(m_session->otherRuns(),
             (QStringList{m_folder->filePath("elsewhere/far"), m_folder->filePath("elsewhere/near")}));
    QCOMPARE(changed.size(), 3);
    std::vector<std::filesystem::path> others;
    for (const QString& other : m_session->otherRuns())
        others.emplace_back(other.toStdString());
    others.emplace_back(m_folder->filePath("gone").toStdString());
    std::ofstream((m_folder->filePath("runs/own/events.jsonl")).toStdString());
    std::vector<std::string> names;
    for (const RunSummary& run : listRuns(m_session->runsFolder().toStdString(), others))
        names.push_back(run.name);
    QCOMPARE(names, (std::vector<std::string>{"far", "near", "own"}));
}

void TestSession::momentsOfTheRun()
{
    m_session->openData({file("a.extxyz", 2)});
    QTRY_VERIFY(m_session->data());
    RunConfig config;
    config.model = "model.nqx";
    config.magneticHead = "magnitude";
    config.targets.moments = 1;
    config.data.train = {m_session->dataFiles()[0].toStdString()};
    const QString folder = m_session->startRun(config, "moments");
    QTRY_COMPARE(m_session->run()->history().state, std::string("finished"));
    QVERIFY(m_session->moments().tuned.empty());
    // The result as the engine leaves it: only that there is a delta matters to the stand-in.
    QDir(folder).mkdir("result");
    writeFileAtomically(RunPaths{folder.toStdString()}.delta(), "delta");
    {
        Hdf5Writer file = Hdf5Writer::create(RunPaths{folder.toStdString()}.predictions());
        file.write("/validation/species", std::vector<std::int64_t>{28, 8}, {2});
        file.write("/validation/moments_base", std::vector<double>{1.0, 0.125}, {2});
        file.close();
    }
    m_session->refreshMoments();
    QTRY_COMPARE(m_session->moments().tuned.size(), std::size_t(2));
    QCOMPARE(m_session->moments().tuned[0][2], -1.25); // |m| along the label
    QCOMPARE(m_session->moments().tuned[1][2], 1.25);  // no direction known: along z
    QCOMPARE(m_session->moments().base[0][2], -1.0);
    QCOMPARE(m_session->moments().base[1][2], 0.125);

    // An energy of moments is asked where the frame's own moments turn to.
    config.magneticHead = "spin-energy";
    config.targets.moments = 0;
    const QString spins = m_session->startRun(config, "spins");
    QTRY_COMPARE(m_session->run()->history().state, std::string("finished"));
    QDir(spins).mkdir("result");
    writeFileAtomically(RunPaths{spins.toStdString()}.delta(), "delta");
    m_session->refreshMoments();
    QTRY_COMPARE(m_session->moments().tuned.size(), std::size_t(2));
    QCOMPARE(m_session->moments().tuned[0], (Vec3{0, 0, 1.5})); // as answered, not along the label
    // Fields and couplings belong to the moments of the file.
    QCOMPARE(m_session->moments().tunedField.size(), std::size_t(2));
    QVERIFY(std::abs(m_session->moments().tunedField[0][2] + 0.15) < 1e-9);
    QCOMPARE(m_session->moments().bonds.size(), std::size_t(1));
    QCOMPARE(m_session->moments().bonds[0].exchange, -0.005);
    // A frame without moments gives nothing to start from.
    QSignalSpy notice(m_session.get(), &Session::notice), problem(m_session.get(), &Session::problem);
    const QString bare = m_folder->filePath("bare.extxyz");
    writeFileAtomically(bare.toStdString(), "1\nProperties=species:S:1:pos:R:3 energy=-1\nNi 0 0 0\n");
    m_session->openData({bare});
    QTRY_VERIFY(m_session->data() && m_session->data()->frames.size() == 1);
    m_session->refreshMoments();
    QTRY_VERIFY(std::any_of(notice.begin(), notice.end(), [](const QList<QVariant>& arguments) {
        return arguments[0].toString().contains("has no moments, which the run's magnetic head starts from");
    }));
    QCOMPARE(problem.size(), 0);
    QVERIFY(m_session->moments().bonds.empty()); // those of the former frame
    QVERIFY(m_session->moments().tunedField.empty());
}

LODESTONE_TEST_WITH_FAKE_ENGINE(TestSession)
#include "tst_session.moc"
