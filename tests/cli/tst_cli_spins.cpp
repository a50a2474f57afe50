#include "engine_process.h"

#include "formats/formats.h"
#include "run/run_directory.h"
#include "support/spin_data.h"

using namespace lodestone;

/// A run with the head spin-energy and what is done with its delta.
class TestCliSpins : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void predictsWithGivenMoments();
    void labelsCanBeScaled();
    void writesBonds();
    void relaxesMoments();
    void auditsSpins();
    void auditLooksAtExchangeAtShortDistance();
    void exportsTheDelta();
    void servesSpins();
    void vectorIsAudited();
    void refusesInSentences();

private:
    std::string file(const char* name) const
    {
        return m_folder.filePath(QString::fromUtf8(name)).toStdString();
    }
    std::vector<std::string> predict(const std::string& out, const std::vector<std::string>& more = {}) const
    {
        std::vector<std::string> arguments = {
            "predict", demoFile("demo.nqx"), m_data, "-o", out, "--delta", m_delta, "--json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
    /// The delta of a short run with the head.
    std::string tuned(const char* name, const Json& targets, const char* head)
    {
        const Json config = {{"model", demoFile("demo.nqx")},
                             {"data", {{"train", {file("train.extxyz")}}, {"validation", 0.2}}},
                             {"targets", targets},
                             {"method", {{"kind", "sparse"}, {"target_fraction", 0.05}}},
                             {"magnetism", {{"head", head}}},
                             {"optimiser", {{"learning_rate", 0.02}}},
                             {"epochs", 12},
                             {"batch", {{"max_frames", 4}}},
                             {"device", "cpu"}};
        writeFileAtomically(file("config.json"), config.dump());
        const EngineCall call = callEngine({"finetune", file("config.json"), "--run", file(name), "--json"});
        if (call.code != 0)
            qWarning("%s", call.error.c_str());
        return RunPaths{file(name)}.delta().string();
    }

    QTemporaryDir m_folder;
    std::string m_data, m_delta;
};

void TestCliSpins::initTestCase()
{
    writeSpinData(file("train.extxyz"), 20, 3);
    m_data = file("test.extxyz");
    writeSpinData(m_data, 3, 4);
    m_delta = tuned("run", {{"energy", 1}, {"forces", 10}, {"magnetic_forces", 10}}, "spin-energy");
    QVERIFY(std::filesystem::exists(m_delta));
}

void TestCliSpins::predictsWithGivenMoments()
{
    const std::string out = file("out.extxyz");
    const EngineCall call = callEngine(predict(out));
    VERIFY_CODE(call, 0);
    const Json metrics = call.json()["metrics"];
    for (const char* quantity : {"energy", "forces", "magnetic_forces", "magnetic_forces:perpendicular"})
        QVERIFY2(metrics.contains(quantity), quantity);
    QVERIFY(metrics["magnetic_forces"]["spread"].get<double>() > 0);
    QVERIFY(!metrics.contains("moments")); // they are given, not predicted
    const Structure first = readStructures(out).at(0), given = readStructures(m_data).at(0);
    QCOMPARE(first.arrays.at("magnetic_forces").width, 3);
    QCOMPARE(first.arrays.at("REF_mag_forces").numbers, given.arrays.at("mag_forces").numbers);
    const auto& moments = first.arrays.at("magmoms").numbers;
    for (std::size_t i = 0; i < moments.size(); ++i)
        QVERIFY(std::abs(moments[i] - given.arrays.at("magmoms").numbers[i]) < 1e-6);
}

void TestCliSpins::labelsCanBeScaled()
{
    const std::string out = file("scaled.extxyz");
    const EngineCall plain = callEngine(predict(out)),
                     scaled = callEngine(predict(out, {"--magnetic-force-factor", "-2"}));
    VERIFY_CODE(plain, 0);
    VERIFY_CODE(scaled, 0);
    const auto spread = [](const EngineCall& call) {
        return call.json()["metrics"]["magnetic_forces"]["spread"].get<double>();
    };
    QVERIFY(std::abs(spread(scaled) / spread(plain) - 2) < 1e-9);
    QVERIFY(scaled.json()["metrics"]["magnetic_forces"]["mae"] !=
            plain.json()["metrics"]["magnetic_forces"]["mae"]);
    QCOMPARE(scaled.json()["metrics"]["forces"], plain.json()["metrics"]["forces"]);
    const Structure first = readStructures(out).at(0), given = readStructures(m_data).at(0);
    const auto& compared = first.arrays.at("REF_mag_forces").numbers;
    const auto& labels = given.arrays.at("mag_forces").numbers;
    for (std::size_t i = 0; i < labels.size(); ++i)
        QVERIFY(std::abs(compared[i] + 2 * labels[i]) < 1e-12);
}

void TestCliSpins::writesBonds()
{
    const std::string bonds = file("bonds.csv");
    VERIFY_CODE(callEngine(predict(file("out.extxyz"), {"--bonds", bonds})), 0);
    const QStringList lines =
        QString::fromStdString(readFile(bonds)).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    QCOMPARE(lines.front(), QStringLiteral("frame,i,j,shift_a,shift_b,shift_c,distance,J_eV_per_muB2"));
    QVERIFY(lines.size() > 20);
    const std::vector<Structure> structures = readStructures(m_data);
    for (const QString& line : lines.mid(1)) {
        const QStringList fields = line.split(QLatin1Char(','));
        QCOMPARE(fields.size(), 8);
        const Structure& s = structures.at(fields[0].toUInt());
        const std::size_t i = fields[1].toUInt(), j = fields[2].toUInt();
        QVERIFY(i <= j);
        QVERIFY(s.species[i] == 26 && s.species[j] == 26);
        const Vec3 shift = {fields[3].toDouble(), fields[4].toDouble(), fields[5].toDouble()};
        const double distance = norm(s.positions[j] + shift * s.cell - s.positions[i]);
        QVERIFY(std::abs(distance - fields[6].toDouble()) < 1e-4);
        QVERIFY(fields[7].toDouble() != 0);
    }
}

void TestCliSpins::relaxesMoments()
{
    const std::string given = file("given.extxyz"), free = file("free.extxyz"),
                      turned = file("turned.extxyz");
    VERIFY_CODE(callEngine(predict(given, {"--dtype", "float64"})), 0);
    VERIFY_CODE(callEngine(predict(free, {"--relax-moments", "--dtype", "float64"})), 0);
    const EngineCall call =
        callEngine(predict(turned, {"--relax-moments", "--keep-lengths", "--dtype", "float64"}));
    VERIFY_CODE(call, 0);
    QCOMPARE(call.json()["relaxed"]["converged"].get<int>(), 3);
    QVERIFY(call.json()["metrics"].empty()); // labels belong to the given moments
    const auto before = readStructures(given), after = readStructures(free), kept = readStructures(turned);
    for (std::size_t f = 0; f < before.size(); ++f) {
        const auto energy = [f](const std::vector<Structure>& of) {
            return std::get<double>(of[f].info.at("energy"));
        };
        QVERIFY(energy(after) < energy(before));
        QVERIFY(energy(kept) < energy(before));
        if (std::get<bool>(after[f].info.at("moments_relaxed"))) // the run is short: b may be too small
            for (const double field : after[f].arrays.at("magnetic_forces").numbers)
                QVERIFY(std::abs(field) < 1e-5);
        QVERIFY(std::get<bool>(kept[f].info.at("moments_relaxed")));
        const auto length = [f](const std::vector<Structure>& of, std::size_t atom) {
            const double* m = of[f].arrays.at("magmoms").numbers.data() + 3 * atom;
            return norm(Vec3{m[0], m[1], m[2]});
        };
        for (std::size_t atom = 0; atom < before[f].size(); ++atom)
            QVERIFY(std::abs(length(kept, atom) - length(before, atom)) < 1e-6);
    }
}

void TestCliSpins::auditsSpins()
{
    const EngineCall call = callEngine({"audit", demoFile("demo.nqx"), m_data, "--delta", m_delta, "--json"});
    VERIFY_CODE(call, 0);
    const Json audit = call.json();
    for (const char* operation :
         {"rotation", "inversion", "translation", "permutation", "time_reversal", "spin_rotation"})
        for (const char* quantity : {"energy", "forces", "stress"})
            QVERIFY2(audit[operation][quantity].get<double>() < 1e-9, operation);
    for (const char* operation : {"rotation", "time_reversal", "spin_rotation"})
        QVERIFY2(audit[operation]["magnetic_forces"].get<double>() < 1e-10, operation);
    QVERIFY(audit["finite_differences"]["forces"].get<double>() < 1e-5);
    QVERIFY(audit["finite_differences"]["stress"].get<double>() < 1e-6);
    QVERIFY(audit["finite_differences"]["magnetic_forces"].get<double>() < 1e-7);
    VERIFY_CODE(callEngine({"audit", demoFile("demo.nqx"), m_data, "--delta", m_delta}), 0);
}

/// The dimers of the audit have the moments that it says, checked by predicting one of them.
void TestCliSpins::auditLooksAtExchangeAtShortDistance()
{
    const EngineCall call = callEngine({"audit", demoFile("demo.nqx"), m_data, "--delta", m_delta, "--json"});
    VERIFY_CODE(call, 0);
    const Json audit = call.json();
    const Json& pairs = audit["short_distance"]["pairs"];
    const auto found = std::find_if(pairs.begin(), pairs.end(), [](const Json& pair) {
        return pair.contains("force_tuned_antiparallel");
    });
    QVERIFY(found != pairs.end());
    const Json& pair = *found;
    const std::string name = pair["pair"].get<std::string>();
    const std::size_t dash = name.find('-'), at = 8;
    const auto energy = [&](double sign) {
        const std::string in = file("dimer.extxyz"), out = file("dimer-out.extxyz");
        writeFileAtomically(in, fmt::format("2\nProperties=species:S:1:pos:R:3:magmoms:R:3 pbc=\"F F F\"\n"
                                            "{} 0 0 0 0 0 {}\n{} {} 0 0 0 0 {}\n",
                                            name.substr(0, dash), pair["moments"][0].get<double>(),
                                            name.substr(dash + 1), pair["distance"][at].get<double>(),
                                            sign * pair["moments"][1].get<double>()));
        const EngineCall predicted = callEngine({"predict", demoFile("demo.nqx"), in, "-o", out, "--delta",
                                                 m_delta, "--dtype", "float64", "--json"});
        return predicted.code == 0 ? std::get<double>(readStructures(out).at(0).info.at("energy"))
                                   : std::nan("");
    };
    const double exchange = energy(-1) - energy(1);
    const double scanned =
        pair["energy_tuned_antiparallel"][at].get<double>() - pair["energy_tuned_parallel"][at].get<double>();
    QVERIFY2(std::abs(exchange) > 1e-6, qPrintable(QString::number(exchange)));
    QVERIFY2(std::abs(scanned - exchange) < 1e-9 * std::max(1.0, std::abs(exchange)),
             qPrintable(QStringLiteral("%1 %2").arg(scanned).arg(exchange)));
    QVERIFY(pair["energy_tuned"][at] != pair["energy_tuned_parallel"][at]);
    // Two atoms beyond the cutoff do not know of each other, whatever their moments.
    QVERIFY(std::abs(pair["energy_tuned_antiparallel"].back().get<double>()) < 1e-9);
    QVERIFY(audit["cutoff"]["tuned"]["field"].get<double>() < 1e-4);
    QVERIFY(!audit["cutoff"]["base"].contains("field"));
}

void TestCliSpins::exportsTheDelta()
{
    const std::string delta = file("copy.delta.h5"), one = file("one.extxyz"), other = file("other.extxyz");
    VERIFY_CODE(callEngine({"export", file("run"), "-o", delta}), 0);
    VERIFY_CODE(callEngine(predict(one)), 0);
    VERIFY_CODE(callEngine({"predict", demoFile("demo.nqx"), m_data, "-o", other, "--delta", delta}), 0);
    QCOMPARE(readFile(other), readFile(one));
}

void TestCliSpins::servesSpins()
{
    QProcess process;
    process.start(enginePath(), {QStringLiteral("serve")});
    const Json request = {{"id", 1},
                          {"do", "predict"},
                          {"model", demoFile("demo.nqx")},
                          {"data", m_data},
                          {"delta", m_delta},
                          {"out", file("served.extxyz")},
                          {"bonds", file("served.csv")},
                          {"relax_moments", true},
                          {"keep_lengths", true},
                          {"frames", {1}}};
    process.write((request.dump() + "\n").c_str());
    Json answer;
    while (answer.is_null() && process.waitForReadyRead(120000))
        while (process.canReadLine()) {
            const Json line = Json::parse(process.readLine().toStdString());
            if (!line.contains("progress"))
                answer = line;
        }
    process.closeWriteChannel();
    QVERIFY(process.waitForFinished(60000));
    QVERIFY2(answer.contains("ok"), answer.dump().c_str());
    QCOMPARE(answer["ok"]["relaxed"]["converged"].get<int>(), 1);
    QCOMPARE(readStructures(file("served.extxyz")).size(), std::size_t(1));
    QVERIFY(std::filesystem::exists(answer["ok"]["bonds"].get<std::string>()));
}

void TestCliSpins::vectorIsAudited()
{
    const std::string delta = tuned("vector", {{"energy", 1}, {"forces", 10}, {"moments", 1}}, "vector");
    const EngineCall call = callEngine({"audit", demoFile("demo.nqx"), m_data, "--delta", delta, "--json"});
    VERIFY_CODE(call, 0);
    const Json audit = call.json();
    for (const char* operation : {"rotation", "inversion", "translation", "permutation", "time_reversal"})
        for (const char* quantity : {"energy", "forces", "stress", "moments"})
            QVERIFY2(audit[operation][quantity].get<double>() < 1e-9, operation);
    for (const char* operation : {"rotation", "time_reversal"})
        QVERIFY2(audit[operation]["moment_vectors"].get<double>() < 1e-10, operation);
    QVERIFY(audit["finite_differences"]["forces"].get<double>() < 1e-5);
    const EngineCall predicted =
        callEngine({"predict", demoFile("demo.nqx"), m_data, "-o", file("vector.extxyz"), "--delta", delta,
                    "--json", "--bonds", file("vector.csv")});
    VERIFY_CODE(predicted, 0);
    QVERIFY(predicted.json()["metrics"].contains("moments:vector"));
    QCOMPARE(readStructures(file("vector.extxyz")).at(0).arrays.at("magmoms").width, 3);
}

void TestCliSpins::refusesInSentences()
{
    const auto refused = [](const EngineCall& call, const char* word) {
        QVERIFY2(call.code == 1 && call.error.find(word) != std::string::npos, call.error.c_str());
    };
    const std::string out = file("refused.extxyz");
    const std::string without = file("without.extxyz");
    writeSpinData(without, 2, 5, 1);
    refused(callEngine({"predict", demoFile("demo.nqx"), without, "-o", out, "--delta", m_delta}),
            "has no moments");
    refused(callEngine({"predict", demoFile("demo.nqx"), m_data, "-o", out, "--relax-moments"}),
            "no magnetic head");
    refused(callEngine({"predict", demoFile("demo.nqx"), m_data, "-o", out, "--bonds", file("b.csv")}),
            "no magnetic head");
    VERIFY_CODE(callEngine(predict(out, {"--keep-lengths"})), 2);
}

QTEST_APPLESS_MAIN(TestCliSpins)
#include "tst_cli_spins.moc"
