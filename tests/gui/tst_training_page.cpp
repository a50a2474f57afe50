#include "shell/session.h"
#include "support/synthetic_run.h"
#include "training/config_form.h"
#include "training/cost_sentence.h"
#include "training/training_curves.h"
#include "training/training_page.h"
#include "widgets/plot.h"
#include "widgets/real_edit.h"

#include <QtTest/QtTest>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPlainTextEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSlider>
#include <QtWidgets/QSpinBox>

using namespace lodestone;
using namespace lodestone::gui;

class TestTrainingPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void formGivesBackWhatItWasGiven();
    void formFollowsChoicesAndLabels();
    void badNumbersAreNamed();
    void everyFieldExplainsItself();
    void selectionIsWrittenShort();
    void configurationFilesRoundTrip();
    void startNeedsModelDataAndBlocks();
    void costIsShownBeforeLaunch();
    void costSentences();
    void formIsKept();
    void limitedModelCannotStart();
    void curvesShowTheRun();
    void smoothingLeavesSettingsAlone();
    void controlsFollowTheState();
    void screenshots();

private:
    void openModel(Session& session);
    void openData(Session& session, bool moments);
    QTemporaryDir* folder() { return m_folder.get(); }
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_modelFile;
};

void TestTrainingPage::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QLocale::setDefault(QLocale(QLocale::English));
}

void TestTrainingPage::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_modelFile = m_folder->filePath("model.nqx");
    qputenv("LODESTONE_ENGINE", synthetic::fakeEngine(m_folder->path()).toUtf8());
    synthetic::answer(m_folder->path(), "describe", toJson(synthetic::model(m_modelFile.toStdString())));
}

void TestTrainingPage::openModel(Session& session)
{
    QFile file(m_modelFile);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("model");
    file.close();
    session.openModel(m_modelFile);
    QTRY_VERIFY(session.model());
}

void TestTrainingPage::openData(Session& session, bool moments)
{
    QFile file(m_folder->filePath("train.extxyz"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    for (int frame = 0; frame < 4; ++frame) {
        file.write("2\nLattice=\"3 0 0 0 3 0 0 0 3\" Properties=species:S:1:pos:R:3:forces:R:3");
        file.write(moments ? ":magmoms:R:1" : "");
        file.write(" energy=-1.5 pbc=\"T T T\"\n");
        file.write(moments ? "Fe 0 0 0 0.1 0 0 2.2\nO 1.5 1.5 1.5 -0.1 0 0 0.0\n"
                           : "Fe 0 0 0 0.1 0 0\nO 1.5 1.5 1.5 -0.1 0 0\n");
    }
    file.close();
    session.openData({m_folder->filePath("train.extxyz")});
    QTRY_VERIFY(session.preflight());
}

void TestTrainingPage::formGivesBackWhatItWasGiven()
{
    RunConfig config;
    config.model = "m.nqx";
    config.data.train = {"a.extxyz"};
    config.data.test = {"t.extxyz"};
    config.data.validationFraction = 0.25;
    config.data.splitSeed = 7;
    config.data.maxTrain = 12;
    config.targets = {2, 20, 0.5, 3};
    config.magneticHead = "magnitude";
    config.loss = {"mae", 0.02, false};
    config.referenceEnergies = "keep";
    config.method.kind = "sparse";
    config.method.targetFraction = 0.05;
    config.method.perPathThreshold = true;
    config.method.sigma = 0.003;
    config.method.initialThreshold = 2e-3;
    config.method.thresholdLearningRate = 4e-3;
    config.method.deltaDecay = 1e-7;
    config.optimiser.kind = "adamw";
    config.optimiser.learningRate = 5e-3;
    config.optimiser.ema = 0.99;
    config.optimiser.warmupSteps = 3;
    config.optimiser.clip = 2;
    config.optimiser.weightDecay = 1e-5;
    config.optimiser.schedule = "cosine";
    config.method.rank = 5;
    config.method.alpha = 2.5;
    config.replay = ReplayConfig{9, 0.25, {"Fe"}, {}, 3};
    config.forgettingFrames = 11;
    config.epochs = 17;
    config.maxEdges = 4321;
    config.maxFrames = 2;
    config.earlyStopping = 4;
    config.seed = 99;
    config.device = "cuda:3";
    config.dtype = "float64";
    config.checkpointEverySeconds = 90;
    ConfigForm form;
    form.setConfig(config);
    QCOMPARE(toJson(form.config()).dump(1), toJson(config).dump(1));
    config.method.targetFraction.reset();
    config.method.preset = "H";
    config.method.thresholdDecay = 0.123;
    form.setConfig(config);
    QCOMPARE(toJson(form.config()).dump(1), toJson(config).dump(1));
    // Written out, the preset's own decay is a number; it must not outlive a change of preset.
    form.setConfig(runConfigFromJson(toJson([&] {
        config.method.thresholdDecay.reset();
        return config;
    }())));
    auto* preset = form.findChild<QComboBox*>("preset");
    preset->setCurrentIndex(preset->findData("L"));
    QCOMPARE(toJson(form.config())["method"]["threshold_decay"].get<double>(), 0.01);
}

void TestTrainingPage::formFollowsChoicesAndLabels()
{
    ConfigForm form;
    auto* kind = form.findChild<QComboBox*>("kind");
    auto* preset = form.findChild<QComboBox*>("preset");
    auto* target = form.findChild<RealEdit*>("targetFraction");
    QVERIFY(!target->isEnabled());
    preset->setCurrentIndex(preset->findData("target"));
    QVERIFY(target->isEnabled());
    target->setText("2.5");
    QCOMPARE(form.config().method.targetFraction.value(), 0.025);
    kind->setCurrentIndex(kind->findData("dense"));
    QVERIFY(!target->isEnabled() && !preset->isEnabled());
    // L1 takes an optimiser without averages, and gives the other back.
    auto* optimiser = form.findChild<QComboBox*>("optimiser");
    auto* lambda = form.findChild<RealEdit*>("lambda");
    QVERIFY(!lambda->isEnabled());
    kind->setCurrentIndex(kind->findData("l1"));
    QVERIFY(lambda->isEnabled() && !optimiser->isEnabled());
    lambda->setText("0.25");
    QCOMPARE(form.config().method.lambda, 0.25);
    QCOMPARE(optimiser->currentData().toString(), QString("adamw"));
    runConfigFromJson(toJson([&] {
        RunConfig whole = form.config();
        whole.model = "/m.nqx";
        whole.data.train = {"/t.extxyz"};
        return whole;
    }())); // no contradiction
    kind->setCurrentIndex(kind->findData("dense"));
    QCOMPARE(form.config().optimiser.kind, std::string("schedule-free-adamw"));
    kind->setCurrentIndex(kind->findData("l1"));
    RunConfig other = form.config();
    other.method.kind = "sparse";
    other.optimiser.kind = "schedule-free-adamw";
    form.setConfig(other);
    QVERIFY(optimiser->isEnabled());
    QCOMPARE(form.config().optimiser.kind, std::string("schedule-free-adamw"));
    kind->setCurrentIndex(kind->findData("dense"));

    // A method brings its usual optimiser, except for what the user has set.
    auto* rate = form.findChild<RealEdit*>("learningRate");
    auto* rank = form.findChild<QSpinBox*>("rank");
    QVERIFY(!rank->isEnabled());
    kind->setCurrentIndex(kind->findData("low-rank"));
    QVERIFY(rank->isEnabled() && optimiser->isEnabled());
    QCOMPARE(form.config().optimiser.learningRate, 1e-3);
    QCOMPARE(form.config().optimiser.ema, 0.99);
    rate->setText("0.002");
    kind->setCurrentIndex(kind->findData("full"));
    QCOMPARE(form.config().optimiser.learningRate, 2e-3);
    QCOMPARE(form.config().optimiser.ema, 0.999);
    kind->setCurrentIndex(kind->findData("dense"));
    QCOMPARE(form.config().optimiser.kind, std::string("schedule-free-adamw"));
    QCOMPARE(form.config().optimiser.ema, 0.0);
    // Replay is off until it is ticked.
    auto* frames = form.findChild<QSpinBox*>("replayFrames");
    QVERIFY(!form.config().replay && !frames->isEnabled());
    form.findChild<QCheckBox*>("replay")->setChecked(true);
    QVERIFY(frames->isEnabled());
    QCOMPARE(form.config().replay->frames, std::size_t(64));

    form.setLabels({10, 10, 8, 0, 0, 0});
    QVERIFY(!form.findChild<RealEdit*>("stress")->isEnabled());
    QVERIFY(!form.findChild<RealEdit*>("moments")->isEnabled());
    QVERIFY(!form.findChild<QComboBox*>("head")->isEnabled());
    const QString sentence = form.findChild<QLabel*>("labelSentence")->text();
    QVERIFY2(sentence.contains("forces in 8") && sentence.contains("no moments"), qPrintable(sentence));
    form.findChild<RealEdit*>("stress")->setText("5");
    QCOMPARE(form.config().targets.stress, 0.0); // no labels, no weight

    form.setLabels({10, 10, 8, 0, 6, 5});
    auto* head = form.findChild<QComboBox*>("head");
    head->setCurrentIndex(head->findData("magnitude"));
    QCOMPARE(form.config().targets.moments, 1.0); // the head comes with a weight
    head->setCurrentIndex(head->findData("none"));
    QCOMPARE(form.config().targets.moments, 0.0);
    auto* moments = form.findChild<RealEdit*>("moments");
    moments->clear();
    QTest::keyClicks(moments, "0.5");
    QCOMPARE(form.config().magneticHead, std::string("magnitude")); // and the weight with the head
    head->setCurrentIndex(head->findData("vector"));
    QCOMPARE(form.config().targets.moments, 0.5);
    head->setCurrentIndex(head->findData("spin-energy"));
    QCOMPARE(form.config().targets.moments, 0.0);
    QCOMPARE(form.config().targets.magneticForces, 1.0);
    QVERIFY(!headProblem(form.config()));
    QTest::keyClicks(moments, "\b2");
    QCOMPARE(form.config().magneticHead, std::string("magnitude"));
    QCOMPARE(form.config().targets.magneticForces, 0.0);
    auto* magneticForces = form.findChild<RealEdit*>("magneticForces");
    magneticForces->clear();
    QTest::keyClicks(magneticForces, "3");
    QCOMPARE(form.config().magneticHead, std::string("spin-energy"));
    QVERIFY(!headProblem(form.config()));
    // In a file: everything comes back.
    RunConfig spins;
    spins.magneticHead = "spin-energy";
    spins.targets = {1, 10, 0, 0, 2.5, true};
    form.setLabels({});
    form.setConfig(spins);
    QCOMPARE(toJson(form.config()).dump(), toJson(spins).dump());
}

void TestTrainingPage::badNumbersAreNamed()
{
    QLocale::setDefault(QLocale(QLocale::German));
    ConfigForm form;
    QVERIFY(form.problems().isEmpty());
    auto* rate = form.findChild<RealEdit*>("learningRate");
    for (const char* bad : {"", "abc", "-1", "1,5", "1e99"}) {
        rate->setText(bad);
        QCOMPARE(form.problems().size(), 1);
        QVERIFY(form.problems().first().startsWith("Learning rate"));
    }
    rate->setText("2.5e-3"); // a decimal point under a locale with a decimal comma
    QVERIFY(form.problems().isEmpty());
    QCOMPARE(form.config().optimiser.learningRate, 2.5e-3);
    QLocale::setDefault(QLocale(QLocale::English));
}

void TestTrainingPage::everyFieldExplainsItself()
{
    ConfigForm form;
    int fields = 0;
    for (QWidget* field : form.findChildren<QWidget*>()) {
        if (field->objectName().isEmpty() || field->objectName().startsWith("qt_") ||
            qobject_cast<QLabel*>(field))
            continue;
        ++fields;
        QVERIFY2(field->toolTip().size() > 20 && !field->whatsThis().isEmpty(),
                 qPrintable(field->objectName()));
        QVERIFY2(!field->accessibleName().isEmpty() || qobject_cast<QCheckBox*>(field),
                 qPrintable(field->objectName()));
    }
    QCOMPARE(fields, 46);
}

void TestTrainingPage::selectionIsWrittenShort()
{
    const ModelDescription model = synthetic::model("m");
    for (const char* preset : {"linear", "readout", "all"}) {
        const auto flags = resolveSelection(model, {preset, {}, {}});
        QCOMPARE(resolveSelection(model, selectionFromFlags(model, flags)), flags);
        QCOMPARE(selectionFromFlags(model, flags).preset, std::string(preset));
    }
    const std::vector<bool> flags = {true, true, false, false, false, true};
    const BlockSelection blocks = selectionFromFlags(model, flags);
    QCOMPARE(blocks.select, std::vector<std::string>({"layer_0/linear_1", "readout/linear"}));
    QCOMPARE(resolveSelection(model, blocks), flags);
    const std::vector<bool> half = {false, true, true, false, false, false};
    QCOMPARE(selectionFromFlags(model, half).select,
             std::vector<std::string>({"layer_0/linear_1/1o", "layer_0/skip"}));
}

void TestTrainingPage::configurationFilesRoundTrip()
{
    Session session;
    TrainingPage page(session);
    openModel(session);
    openData(session, true);
    auto* epochs = page.findChild<QSpinBox*>("epochs");
    epochs->setValue(23);
    page.saveConfig(m_folder->filePath("c.json"));
    epochs->setValue(1);
    session.setSelected(std::vector<bool>(session.model()->tensors.size(), false));
    QVERIFY(page.problems().join(' ').contains("Blocks page"));
    page.openConfig(m_folder->filePath("c.json"));
    QCOMPARE(epochs->value(), 23);
    QVERIFY(page.problems().isEmpty());
    QFile broken(m_folder->filePath("broken.json"));
    QVERIFY(broken.open(QIODevice::WriteOnly) && broken.write("{\"modle\": 1}") > 0);
    broken.close();
    QVERIFY_EXCEPTION_THROWN(page.openConfig(m_folder->filePath("broken.json")), lodestone::Error);
}

void TestTrainingPage::startNeedsModelDataAndBlocks()
{
    Session session;
    session.setRunsFolder(m_folder->filePath("runs"));
    TrainingPage page(session);
    auto* start = page.findChild<QPushButton*>("start");
    auto* problems = page.findChild<QLabel*>("problems");
    QVERIFY(!start->isEnabled());
    QVERIFY(problems->text().contains("Open a model") && problems->text().contains("Open training data"));
    openModel(session);
    QVERIFY(!problems->text().contains("Open a model"));
    openData(session, false);
    session.setSelected(resolveSelection(*session.model(), {"linear", {}, {}}));
    QVERIFY2(start->isEnabled(), qPrintable(problems->text()));
    const QString eligible = page.findChild<QLabel*>("eligible")->text();
    QVERIFY2(eligible.startsWith("54 of 79 parameters may change (68.4 %)."), qPrintable(eligible));
    const Json resolved =
        Json::parse(page.findChild<QPlainTextEdit*>("resolved")->toPlainText().toStdString());
    QCOMPARE(resolved["model"].get<std::string>(), m_modelFile.toStdString());
    QCOMPARE(resolved["blocks"]["preset"].get<std::string>(), std::string("linear"));

    page.findChild<QLineEdit*>("runName")->setText("first try");
    QSignalSpy problem(&session, &Session::problem);
    start->click();
    QTRY_VERIFY(QFile::exists(m_folder->filePath("finetune")));
    QVERIFY(session.run());
    const Json written = readJsonFile(session.run()->paths().root / "config.json");
    QCOMPARE(written.dump(1), resolved.dump(1));
}

void TestTrainingPage::costIsShownBeforeLaunch()
{
    synthetic::answer(m_folder->path(), "check",
                      {{"frames", 4},
                       {"seconds_per_epoch", 10},
                       {"expected_memory", 1.5 * (1 << 30)},
                       {"reference_energies", {{"rms_before", 0.75}, {"rms_after", 0.0125}}}});
    const auto asked = [this] {
        QFile requests(m_folder->filePath("requests"));
        return requests.open(QIODevice::ReadOnly) ? int(requests.readAll().count("\"check\"")) : 0;
    };
    Session session;
    TrainingPage page(session);
    auto* expected = page.findChild<QLabel*>("expected");
    openModel(session);
    openData(session, false);
    QTest::qWait(800);
    QCOMPARE(asked(), 0); // nobody looks
    page.show();
    QTRY_VERIFY2(
        expected->text().startsWith("Expected: about 9 s an epoch, 7 min 30 s for 50 epochs; 1.5 GiB"),
        qPrintable(expected->text())); // 10 % of the frames are for validation
    QVERIFY(expected->text().contains("0.75 eV/atom"));
    page.findChild<QSpinBox*>("epochs")->setValue(2); // no new question
    QVERIFY2(expected->text().contains("18 s for 2 epochs"), qPrintable(expected->text()));
    session.setExcluded(0, true);
    QVERIFY2(expected->text().contains("about 7 s an epoch"), qPrintable(expected->text()));
    page.hide();
    page.show();
    QTest::qWait(800);
    QCOMPARE(asked(), 1);
    // Why there is no number, where there is none.
    QFile error(m_folder->filePath("check.error"));
    QVERIFY(error.open(QIODevice::WriteOnly) && error.write("Memory ran out.") > 0);
    error.close();
    synthetic::answer(m_folder->path(), "describe", toJson(synthetic::model("other")));
    session.openModel(m_folder->filePath("other.nqx"));
    QTRY_VERIFY2(expected->text().contains("Memory ran out."), qPrintable(expected->text()));
    QCOMPARE(asked(), 2);
}

void TestTrainingPage::costSentences()
{
    RunConfig config;
    config.epochs = 10;
    DataFacts cost = dataFactsFromJson({{"frames", 100},
                                        {"seconds_per_epoch", 0.5},
                                        {"expected_memory", nullptr},
                                        {"reference_energies", nullptr}});
    QCOMPARE(costSentence(cost, config, 100), QString("Expected: about 0.45 s an epoch, 5 s for 10 epochs."));
    config.data.maxTrain = 20;
    QCOMPARE(costSentence(cost, config, 100), QString("Expected: about 0.1 s an epoch, 1 s for 10 epochs."));
    cost.memory = 3.0 * (1 << 30);
    config.maxEdges = 5000; // the engine measures for batches of the usual size
    QVERIFY(costSentence(cost, config, 100).endsWith("3.0 GiB of memory with 20,000 edges a batch."));
    cost.referenceRms = 1.25;
    config.referenceEnergies = "keep";
    QVERIFY(costSentence(cost, config, 100).contains("estimate the reference energies"));
    cost = dataFactsFromJson({{"frames", 100}, {"seconds_per_epoch", nullptr}});
    QCOMPARE(costSentence(cost, config, 100), QString());
}

/// What was set up is there again after a restart.
void TestTrainingPage::formIsKept()
{
    Session session;
    TrainingPage page(session);
    QSignalSpy told(&page, &Page::viewStateChanged);
    page.findChild<QSpinBox*>("epochs")->setValue(37);
    QVERIFY(!told.isEmpty());
    auto* kind = page.findChild<QComboBox*>("kind");
    kind->setCurrentIndex(kind->findData("dense"));
    const QVariantMap state = page.viewState();
    TrainingPage again(session);
    again.restoreViewState({}); // a first start
    again.restoreViewState({{"form", "{ broken"}});
    QCOMPARE(again.resolvedConfig().epochs, 50);
    again.restoreViewState(state);
    QCOMPARE(again.resolvedConfig().epochs, 37);
    QCOMPARE(again.resolvedConfig().method.kind, std::string("dense"));
}

void TestTrainingPage::limitedModelCannotStart()
{
    ModelDescription model = synthetic::model(m_modelFile.toStdString());
    model.limitation = "Models with dispersion are not computed yet.";
    synthetic::answer(m_folder->path(), "describe", toJson(model));
    Session session;
    TrainingPage page(session);
    openModel(session);
    openData(session, false);
    auto* start = page.findChild<QPushButton*>("start");
    QVERIFY(!start->isEnabled());
    QCOMPARE(start->toolTip(), QString("Models with dispersion are not computed yet."));
    QCOMPARE(page.findChild<QLabel*>("problems")->text(), start->toolTip());
    // A head is part of what is launched.
    model.limitation.clear();
    model.heads = {"pbe", "r2scan"};
    model.headIndex = 1;
    synthetic::answer(m_folder->path(), "describe", toJson(model));
    session.openModel(m_modelFile, "r2scan");
    QTRY_VERIFY(start->isEnabled());
    QCOMPARE(page.resolvedConfig().head, std::string("r2scan"));
}

void TestTrainingPage::curvesShowTheRun()
{
    synthetic::writeRun(m_folder->filePath("run-a").toStdString(), m_modelFile.toStdString(), "finished");
    Session session;
    TrainingPage page(session);
    auto* curves = page.findChild<TrainingCurves*>();
    QCOMPARE(curves->plot("loss")->pointCount(), 0);
    session.openRun(m_folder->filePath("run-a"));
    QTRY_COMPARE(page.findChild<QLabel*>("state")->text(), QString("run-a: Finished (all epochs done)"));
    Plot* loss = curves->plot("loss");
    QCOMPARE(loss->seriesNames(),
             QStringList({"total", "energy", "forces", "moments"})); // stress is not in use
    QCOMPARE(loss->seriesPoints("energy").size(), std::size_t(100));
    QVERIFY(loss->logY());
    // Errors: tuned falls, base is a level line over the whole run.
    const auto tuned = curves->plot("forces")->seriesPoints("tuned");
    QCOMPARE(tuned.size(), std::size_t(3));
    QCOMPARE(tuned.back(), QPointF(100, 0.1));
    QCOMPARE(curves->plot("forces")->seriesPoints("base model"),
             std::vector<QPointF>({{0, 0.4}, {100, 0.4}}));
    QCOMPARE(curves->plot("moments")->seriesPoints("mean |m| per element").back(), QPointF(100, 0.5));
    QCOMPARE(curves->plot("stress")->pointCount(), 0);
    const auto changed = curves->plot("changed")->seriesPoints("changed / whole model");
    QCOMPARE(changed.back().y(), 100 * (0.3 - 0.0015 * 100));
    auto* axis = curves->findChild<QComboBox*>("curveAxis");
    axis->setCurrentIndex(axis->findData("time"));
    QCOMPARE(loss->seriesPoints("total").back().x(), 2.0); // 120 s active
    axis->setCurrentIndex(axis->findData("epoch"));
    QCOMPARE(loss->seriesPoints("total").back().x(), 9.0);
    const QString numbers = page.findChild<QLabel*>("numbers")->text();
    for (const char* part :
         {"step 100 of 100", "active time 2 min 00 s", "25.00 % of the eligible", "15.00 % of all"})
        QVERIFY2(numbers.contains(part), qPrintable(numbers));
    QVERIFY(page.findChild<QPlainTextEdit*>("messages")
                ->toPlainText()
                .contains("warning: Two frames share one structure."));
    session.closeRun();
    QCOMPARE(loss->pointCount(), 0);
}

void TestTrainingPage::smoothingLeavesSettingsAlone()
{
    RunHistory history;
    for (int i = 0; i < 100; ++i) {
        RunHistory::Step step;
        step.step = i;
        step.loss = i % 2 ? 1 : 2;
        step.lossEnergy = step.lossForces = step.lossStress = step.lossMoments = std::nan("");
        step.learningRate = i < 50 ? 1e-3 : 1e-4;
        step.changedOfModel = i < 50 ? 0.5 : 0.1;
        history.steps.push_back(step);
    }
    TrainingCurves curves;
    for (int smoothing : {0, 100}) {
        curves.findChild<QSlider*>("smoothing")->setValue(smoothing);
        curves.setHistory(&history);
        const auto loss = curves.plot("loss")->seriesPoints("total");
        QCOMPARE(std::abs(loss[50].y() - 1.5) < 0.1, smoothing == 100);
        QCOMPARE(loss.front().y(), 2.0);
        QCOMPARE(loss.back().y(), 1.0);
        QCOMPARE(curves.plot("learning_rate")->seriesPoints("learning rate")[49].y(), 1e-3);
        QCOMPARE(curves.plot("learning_rate")->seriesPoints("learning rate")[50].y(), 1e-4);
        QCOMPARE(curves.plot("changed")->seriesPoints("changed / whole model")[50].y(), 10.0);
    }
}

void TestTrainingPage::controlsFollowTheState()
{
    const RunPaths paths =
        synthetic::writeRun(m_folder->filePath("run-b").toStdString(), m_modelFile.toStdString(), "");
    const RunLock lock(paths); // this process stands for the engine
    Session session;
    TrainingPage page(session);
    session.openRun(m_folder->filePath("run-b"));
    auto* pause = page.findChild<QPushButton*>("pause");
    auto* resume = page.findChild<QPushButton*>("resume");
    auto* stop = page.findChild<QPushButton*>("stop");
    QVERIFY(!pause->isEnabled() && !stop->isEnabled());
    QTRY_VERIFY(pause->isEnabled());
    QVERIFY(!resume->isEnabled() && stop->isEnabled());
    pause->click();
    const auto control = [&] { return QString::fromStdString(readFile(paths.control())); };
    QTRY_VERIFY(std::filesystem::exists(paths.control()) && control().contains("\"pause\""));
    {
        EventWriter events(paths);
        events.write("paused", {{"step", 100}});
    }
    QTRY_VERIFY(resume->isEnabled());
    QVERIFY(!pause->isEnabled());
    resume->click();
    QTRY_VERIFY(control().contains("\"resume\""));
    stop->click();
    QTRY_VERIFY(control().contains("\"stop\""));
}

void TestTrainingPage::screenshots()
{
    const QString target = qEnvironmentVariable("LODESTONE_SCREENSHOTS");
    if (target.isEmpty())
        QSKIP("LODESTONE_SCREENSHOTS names no folder for pictures");
    synthetic::writeRun(m_folder->filePath("run-a").toStdString(), m_modelFile.toStdString(), "finished");
    for (const bool dark : {false, true}) {
        if (dark)
            qApp->setPalette(QPalette(QColor(45, 45, 48)));
        Session session;
        TrainingPage page(session);
        openModel(session);
        openData(session, true);
        page.resize(1300, 820);
        page.show();
        session.openRun(m_folder->filePath("run-a"));
        QTRY_VERIFY(page.findChild<TrainingCurves*>()->plot("loss")->pointCount() > 0);
        QTest::qWait(300);
        QVERIFY(page.grab().save(target + (dark ? "/training-dark.png" : "/training-light.png")));
        auto* kind = page.findChild<QComboBox*>("kind");
        kind->setCurrentIndex(kind->findData("l1"));
        QTest::qWait(100);
        QVERIFY(page.grab().save(target + (dark ? "/training-l1-dark.png" : "/training-l1-light.png")));
    }
    qApp->setPalette(QPalette());
}

QTEST_MAIN(TestTrainingPage)
#include "tst_training_page.moc"
