#include "engine_process.h"

#include "formats/formats.h"
#include "support/shared_data.h"

#include <cstring>

using namespace lodestone;

/// `serve` as the desktop uses it.
class TestCliServe : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void answersInOrder();
    void badRequestsDoNotEndIt();
    void weightsAreRawFloats();
    void cancelActsAtOnce();
    void predictsChosenFrames();
    void predictsOtherElements();

private:
    void send(const Json& request) { m_process->write((request.dump() + "\n").c_str()); }
    /// The answer to a request; progress lines are counted and skipped.
    Json answer(int id)
    {
        while (m_process->canReadLine() || m_process->waitForReadyRead(120000)) {
            if (!m_process->canReadLine())
                continue;
            const Json line = Json::parse(m_process->readLine().toStdString(), nullptr, false);
            if (line.contains("progress"))
                ++m_progress;
            else if (line.value("id", Json()) == id)
                return line;
        }
        return {};
    }
    std::string file(const char* name) const
    {
        return m_folder.filePath(QString::fromUtf8(name)).toStdString();
    }

    QTemporaryDir m_folder;
    std::unique_ptr<QProcess> m_process;
    int m_progress = 0;
};

void TestCliServe::init()
{
    m_process = std::make_unique<QProcess>();
    m_process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_process->start(enginePath(), {QStringLiteral("serve")});
    QVERIFY(m_process->waitForStarted());
    m_progress = 0;
}

void TestCliServe::cleanup()
{
    m_process->closeWriteChannel();
    QVERIFY(m_process->waitForFinished(60000));
    QCOMPARE(m_process->exitStatus(), QProcess::NormalExit);
    QCOMPARE(m_process->exitCode(), 0);
}

void TestCliServe::answersInOrder()
{
    send({{"id", 1}, {"do", "version"}});
    send({{"id", 2}, {"do", "describe"}, {"model", demoFile("demo.nqx")}});
    QCOMPARE(answer(1)["ok"]["protocol"].get<int>(), 1);
    const Json model = answer(2)["ok"];
    QCOMPARE(model["family"].get<std::string>(), std::string("nequix"));
    QCOMPARE(model["elements"].size(), std::size_t(3));
}

void TestCliServe::badRequestsDoNotEndIt()
{
    m_process->write("this is no JSON\n[1, 2]\n\n{\"do\": \"version\"}\n{\"id\": 5}\n");
    const auto refused = [this](const Json& request, const char* word) {
        send(request);
        const std::string text = answer(request["id"].get<int>())["error"]["text"].get<std::string>();
        QVERIFY2(text.find(word) != std::string::npos, text.c_str());
    };
    refused({{"id", 6}, {"do", "descrive"}, {"model", "x"}}, "describe");
    refused({{"id", 7}, {"do", "describe"}}, "model");
    refused({{"id", 8}, {"do", "describe"}, {"model", "/nowhere.nqx"}}, "/nowhere.nqx");
    refused({{"id", 9},
             {"do", "weights"},
             {"model", demoFile("demo.nqx")},
             {"tensor", "none"},
             {"scratch", file("s")}},
            "none");
    refused({{"id", 10},
             {"do", "predict"},
             {"model", demoFile("demo.nqx")},
             {"data", 7},
             {"out", file("o.extxyz")}},
            "data");
    refused({{"id", 11},
             {"do", "predict"},
             {"model", demoFile("demo.nqx")},
             {"data", demoFile("demo_test.extxyz")},
             {"frames", {100000}},
             {"out", file("o.extxyz")}},
            "100000");
    send({{"id", 12}, {"do", "version"}});
    QVERIFY(answer(12).contains("ok"));
}

void TestCliServe::weightsAreRawFloats()
{
    send({{"id", 1}, {"do", "describe"}, {"model", demoFile("demo.nqx")}});
    const Json tensors = answer(1)["ok"]["tensors"];
    const auto wanted = std::find_if(tensors.begin(), tensors.end(),
                                     [](const Json& tensor) { return tensor["kind"] == "linear"; });
    QVERIFY(wanted != tensors.end());
    send({{"id", 2},
          {"do", "weights"},
          {"model", demoFile("demo.nqx")},
          {"tensor", (*wanted)["name"]},
          {"scratch", file("scratch")}});
    const Json ok = answer(2)["ok"];
    QCOMPARE(ok["shape"], (*wanted)["shape"]);
    const std::string bytes = readFile(ok["base"].get<std::string>());
    QCOMPARE(bytes.size(), (*wanted)["count"].get<std::size_t>() * sizeof(float));
    double square = 0;
    for (std::size_t k = 0; k < bytes.size(); k += sizeof(float)) {
        float value = 0;
        std::memcpy(&value, bytes.data() + k, sizeof value);
        square += double(value) * double(value);
    }
    QVERIFY(std::abs(std::sqrt(square) - (*wanted)["norm"].get<double>()) < 1e-4 * std::sqrt(square));
}

void TestCliServe::cancelActsAtOnce()
{
    // The same file many times is work for minutes.
    Json files = Json::array();
    for (int i = 0; i < 400; ++i)
        files.push_back(demoFile("demo_train.extxyz"));
    send({{"id", 1},
          {"do", "predict"},
          {"model", demoFile("demo.nqx")},
          {"data", files},
          {"out", file("long.extxyz")}});
    send({{"id", 2}, {"do", "version"}});
    send({{"id", 3}, {"do", "cancel"}, {"request", 2}});
    QVERIFY(answer(3).contains("ok"));
    send({{"id", 4}, {"do", "cancel"}, {"request", 1}});
    QCOMPARE(answer(1)["stopped"], Json(true));
    QCOMPARE(answer(2)["stopped"], Json(true));
    QVERIFY(!std::filesystem::exists(file("long.extxyz")));
}

void TestCliServe::predictsChosenFrames()
{
    const std::string out = file("two.extxyz");
    send({{"id", 1},
          {"do", "predict"},
          {"model", demoFile("demo.nqx")},
          {"data", {demoFile("demo_test.extxyz")}},
          {"frames", {3, 0}},
          {"out", out}});
    const Json ok = answer(1)["ok"];
    QCOMPARE(ok["out"].get<std::string>(), out);
    QVERIFY(ok["metrics"]["forces"]["count"].get<int>() > 0);
    const std::vector<Structure> all = readStructures(demoFile("demo_test.extxyz")),
                                 two = readStructures(out);
    QCOMPARE(two.size(), std::size_t(2));
    QCOMPARE(two[0].positions, all[3].positions);
    QCOMPARE(two[1].positions, all[0].positions);
    QVERIFY(m_progress > 0);
}

/// One model, kept, on data of one pair of elements after the other: tables of radial functions that know the
/// elements are those of the data at hand.
void TestCliServe::predictsOtherElements()
{
    SKIP_WITHOUT_SHARED("fixtures/mace");
    const std::string model = sharedPath("fixtures/mace/mp0b3_small.model").string();
    const Structure sulphide = readStructures(sharedPath("peers/mns_216_rattled.extxyz")).at(0);
    int id = 0;
    for (const auto& [metal, other] : {std::pair{25, 16}, {28, 8}, {25, 8}}) {
        Structure structure = sulphide;
        for (int& z : structure.species)
            z = z == 25 ? metal : other;
        structure.arrays.clear();
        structure.info.clear();
        const std::string data = file("many.extxyz"), out = file("answers.extxyz"),
                          exact = file("exact.extxyz");
        writeStructures(data, std::vector<Structure>(8, structure)); // enough to be worth tables
        send({{"id", ++id}, {"do", "predict"}, {"model", model}, {"data", data}, {"out", out}});
        const Json reply = answer(id);
        QVERIFY2(reply.contains("ok"), reply.dump().c_str());
        const EngineCall call = callEngine({"predict", model, data, "-o", exact, "--no-radial-tables"});
        VERIFY_CODE(call, 0);
        const Structure found = readStructures(out).at(7), expected = readStructures(exact).at(7);
        const auto energy = [](const Structure& s) { return std::get<double>(s.info.at("energy")); };
        QVERIFY(std::abs(energy(found) - energy(expected)) < 5e-6 * double(structure.size()));
        const auto &forces = found.arrays.at("forces").numbers, &same = expected.arrays.at("forces").numbers;
        QCOMPARE(forces.size(), same.size());
        double largest = 0, off = 0;
        for (std::size_t i = 0; i < forces.size(); ++i) {
            largest = std::max(largest, std::abs(same[i]));
            off = std::max(off, std::abs(forces[i] - same[i]));
        }
        QVERIFY(largest > 0.1);
        QVERIFY2(off > 0 && off < 2e-5 * std::max(1.0, largest), qPrintable(QString::number(off)));
    }
}

QTEST_APPLESS_MAIN(TestCliServe)
#include "tst_cli_serve.moc"
