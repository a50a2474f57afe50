#include "engine/engine_client.h"
#include "support/fake_engine.h"

#include <QtTest/QtTest>
#include <QtWidgets/QApplication>

using namespace lodestone;
using namespace lodestone::gui;

class TestEngineClient : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void answersAndErrors();
    void progressAndCancel();
    void noCallbackAfterItsContext();
    void crashFailsAndStartsAgain();
    void missingEngineIsASentence();
    void anotherVersionIsASentence();
    void scratchIsRemoved();
};

void TestEngineClient::answersAndErrors()
{
    EngineClient engine;
    QSignalSpy log(&engine, &EngineClient::logLine);
    QSignalSpy state(&engine, &EngineClient::stateChanged);
    Json answer;
    QString error;
    const int first =
        engine.request("version", Json::object(), this, [&](const auto& reply) { answer = reply.ok; });
    const int second =
        engine.request("nonsense", Json::object(), this, [&](const auto& reply) { error = reply.error; });
    QVERIFY(second > first);
    QVERIFY(engine.busy());
    QTRY_VERIFY(!error.isEmpty());
    QCOMPARE(answer.at("protocol").get<int>(), 1);
    QCOMPARE(error, QString("There is no request 'nonsense'."));
    QVERIFY(!engine.busy());
    QTRY_COMPARE(log.value(0).value(0).toString(), QString("fake engine: ready"));
    QVERIFY(state.size() >= 3);
}

void TestEngineClient::progressAndCancel()
{
    EngineClient engine;
    double progress = 0;
    bool stopped = false, error = false;
    const int id = engine.request(
        "wait", Json::object(), this,
        [&](const auto& reply) {
            stopped = reply.stopped;
            error = !reply.error.isEmpty();
        },
        [&](double fraction) { progress = fraction; });
    QTRY_COMPARE(progress, 0.5);
    QVERIFY(engine.busy());
    engine.cancel(id);
    QTRY_VERIFY(stopped);
    QVERIFY(!error); // stopping is no error
    QVERIFY(!engine.busy());
}

void TestEngineClient::noCallbackAfterItsContext()
{
    EngineClient engine;
    bool called = false, later = false;
    {
        QObject context;
        engine.request("version", Json::object(), &context, [&](const auto&) { called = true; });
    }
    engine.request("version", Json::object(), this, [&](const auto&) { later = true; });
    QTRY_VERIFY(later); // answers come in order
    QVERIFY(!called);
}

void TestEngineClient::crashFailsAndStartsAgain()
{
    EngineClient engine;
    QString error;
    engine.request("crash", Json::object(), this, [&](const auto& reply) { error = reply.error; });
    QTRY_VERIFY(error.contains("ended unexpectedly"));
    QVERIFY(!engine.busy());
    bool answered = false;
    engine.request("version", Json::object(), this,
                   [&](const auto& reply) { answered = reply.error.isEmpty(); });
    QTRY_VERIFY(answered);
}

void TestEngineClient::missingEngineIsASentence()
{
    const QByteArray before = qgetenv("LODESTONE_ENGINE");
    const auto putBack = qScopeGuard([before] { qputenv("LODESTONE_ENGINE", before); });
    qputenv("LODESTONE_ENGINE", "/nowhere/lodestone-engine");
    QCOMPARE(findEngine(), QString());
    EngineClient engine;
    QString error;
    engine.request("version", Json::object(), this, [&](const auto& reply) { error = reply.error; });
    QVERIFY(error.isEmpty()); // never before request() returns
    QTRY_VERIFY(error.contains("LODESTONE_ENGINE"));
}

void TestEngineClient::anotherVersionIsASentence()
{
    EngineClient engine;
    QString error;
    {
        qputenv("LODESTONE_FAKE_PROTOCOL", "99");
        const auto putBack = qScopeGuard([] { qunsetenv("LODESTONE_FAKE_PROTOCOL"); });
        engine.request("describe", {{"model", "a.nqx"}}, this,
                       [&](const auto& reply) { error = reply.error; });
        QTRY_VERIFY2(error.contains("another version") && error.contains("99"), qPrintable(error));
        QVERIFY(!engine.busy());
    }
    // Once the right one is installed it is found without a restart of the window.
    bool answered = false;
    engine.request("describe", {{"model", "a.nqx"}}, this,
                   [&](const auto& reply) { answered = reply.error.isEmpty(); });
    QTRY_VERIFY(answered);
}

void TestEngineClient::scratchIsRemoved()
{
    QString folder;
    {
        EngineClient engine;
        folder = engine.scratchFolder();
        QVERIFY(QDir(folder).exists());
    }
    QVERIFY(!QDir(folder).exists());
}

LODESTONE_TEST_WITH_FAKE_ENGINE(TestEngineClient)
#include "tst_engine_client.moc"
