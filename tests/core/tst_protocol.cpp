#include "protocol/messages.h"
#include "support/sentence.h"

#include <QtTest/QtTest>

using namespace lodestone;
using namespace std::chrono_literals;

class TestProtocol : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void requests()
    {
        const Request request =
            parseRequest(R"({"id": 7, "do": "predict", "model": "m.nqx", "data": ["a"]})");
        QCOMPARE(request.id, std::int64_t{7});
        QCOMPARE(request.verb, std::string("predict"));
        QCOMPARE(jsonMember<std::string>(request.arguments, "model", request.where()), std::string("m.nqx"));
        QCOMPARE(sentence([&] { jsonMember<std::string>(request.arguments, "out", request.where()); }),
                 QString("request 7 (predict): the key 'out' is missing."));
    }

    void badRequestsGetASentence_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("expected");
        QTest::addColumn<qint64>("id");
        QTest::newRow("empty") << QByteArray() << "no JSON object" << qint64{0};
        QTest::newRow("torn") << QByteArray("{\"id\": 3, \"do\":") << "no JSON object" << qint64{0};
        QTest::newRow("list") << QByteArray("[1]") << "no JSON object" << qint64{0};
        QTest::newRow("no id") << QByteArray("{\"do\": \"version\"}") << "whole number" << qint64{0};
        QTest::newRow("text id") << QByteArray("{\"id\": \"1\", \"do\": \"version\"}") << "whole number"
                                 << qint64{0};
        QTest::newRow("id beyond 64 bits")
            << QByteArray("{\"id\": 18446744073709551615, \"do\": \"version\"}") << "whole number"
            << qint64{0};
        QTest::newRow("no verb") << QByteArray("{\"id\": 4}") << "Request 4 does not say" << qint64{4};
        QTest::newRow("verb number") << QByteArray("{\"id\": 5, \"do\": 1}") << "Request 5" << qint64{5};
        QTest::newRow("deep") << QByteArray(100000, '[') << "no JSON object" << qint64{0};
        QTest::newRow("not UTF-8") << QByteArray("{\"id\": 1, \"do\": \"\xff\"}") << "no JSON object"
                                   << qint64{0};
        QTest::newRow("too long") << QByteArray(static_cast<qsizetype>(longestLine) + 1, ' ') << "at most"
                                  << qint64{0};
    }
    void badRequestsGetASentence()
    {
        QFETCH(QByteArray, line);
        QFETCH(QString, expected);
        QFETCH(qint64, id);
        const std::string text = line.toStdString();
        QVERIFY2(sentence([&] { parseRequest(text); }).contains(expected), qPrintable(expected));
        QCOMPARE(requestId(text), std::int64_t{id});
    }

    void answersAreOneLineEach()
    {
        QCOMPARE(makeAnswer(7, {{"out", "a\nb"}}), std::string("{\"id\":7,\"ok\":{\"out\":\"a\\nb\"}}\n"));
        QCOMPARE(makeError(7, "No such file: \xff."),
                 std::string("{\"id\":7,\"error\":{\"text\":\"No such file: \xef\xbf\xbd.\"}}\n"));
        QCOMPARE(makeProgress(7, 0.5), std::string("{\"id\":7,\"progress\":0.5}\n"));
        QCOMPARE(makeProgress(7, 1.5), std::string("{\"id\":7,\"progress\":1.0}\n"));
        QCOMPARE(makeStopped(7), std::string("{\"id\":7,\"stopped\":true}\n"));
    }

    void progressIsThrottled()
    {
        ProgressThrottle throttle;
        const ProgressThrottle::Clock::time_point start = ProgressThrottle::Clock::now();
        QVERIFY(throttle.passes(0.0, start));
        QVERIFY(!throttle.passes(0.1, start + 99ms));
        QVERIFY(throttle.passes(0.2, start + 100ms));
        QVERIFY(!throttle.passes(0.2, start + 300ms)); // nothing new
        QVERIFY(throttle.passes(0.3, start + 300ms));
    }
};

QTEST_APPLESS_MAIN(TestProtocol)
#include "tst_protocol.moc"
