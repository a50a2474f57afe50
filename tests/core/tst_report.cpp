// The HTML page of a run: numbers with their sources, commands, and nothing that hostile text could inject.
#include "base/files.h"
#include "report/html.h"
#include "report/plots.h"
#include "report/report_commands.h"
#include "report/report_page.h"

#include <QtCore/QTemporaryDir>
#include <QtCore/QXmlStreamReader>
#include <QtTest/QtTest>
#include <cmath>

using namespace lodestone;

namespace {

const std::string hostile = R"(<script>alert("x")</script>'&)";

Json change(double share)
{
    return {{"eligible", 10}, {"changed", 3}, {"relative_change", share}, {"signature", share / 2}};
}

Json merged(Json a, const Json& b)
{
    a.update(b);
    return a;
}

Json errors(double mae)
{
    return {{"mae", mae}, {"rmse", 2 * mae}, {"largest", 3 * mae}, {"count", 1234}};
}

/// A finished run whose every text is hostile.
void writeHostileRun(const std::filesystem::path& folder)
{
    const RunPaths paths{folder};
    makeFolder(paths.result());
    writeFileAtomically(
        paths.configuration(),
        Json{{"model", "/models/" + hostile + ".nqx"},
             {"data",
              {{"train", {"/data/" + hostile + ".extxyz"}},
               {"test", {"/data/test.extxyz"}},
               {"keys", {{"energy", hostile}}}}},
             {"provenance",
              {{"model_sha256", hostile}, {"date", hostile}, {"libtorch", hostile}, {"device", hostile}}}}
            .dump());
    const Json sides = {{"base", {{"energy", errors(0.1)}, {hostile, errors(1)}}},
                        {"tuned", {{"energy", errors(0.05)}, {hostile, errors(0.5)}}}};
    writeFileAtomically(paths.metrics(),
                        Json{{"splits", {{"validation", sides}, {hostile, sides}}},
                             {"eligible", 20},
                             {"changed", 6},
                             {"parameters", 12345},
                             {"changed_of_eligible", 0.3},
                             {"changed_of_model", 6.0 / 12345},
                             {"epoch", 3},
                             {"seconds", 12.5},
                             {"forgetting", {{"energy", errors(0.25)}, {"forces", errors(1)}, {"frames", 4}}}}
                            .dump());
    const Json element = merged({{"element", hostile}, {"trained", true}}, change(0.1));
    writeFileAtomically(
        paths.explanation(),
        Json{{"layers",
              {merged({{"layer", 0}, {"l", 1}}, change(0.2)), merged({{"layer", -1}, {"l", 0}}, change(0))}},
             {"elements",
              {{"rows", {element}},
               {"control", merged({{"elements", {hostile}}}, change(0))},
               {"tensors",
                {{{"tensor", hostile}, {"channels", 0}, {"control", change(0)}, {"rows", {element}}}}}}},
             {"sensitivity",
              {{"split", hostile},
               {"frames", 8},
               {"loss_base", 0.3},
               {"loss_tuned", 0.1},
               {"blocks", {{{"block", hostile}, {"changed", 3}, {"loss", 0.2}}}}}}}
            .dump());
    writeFileAtomically(paths.audit(),
                        Json{{"rotation", {{"energy", 1e-15}}},
                             {"verdicts", {{{"check", "x"}, {"passed", false}, {"text", hostile}}}},
                             {"short_distance",
                              {{"pairs",
                                {{{"pair", hostile},
                                  {"distance", {1, 2, 3}},
                                  {"energy_base", {3, 1, 0}},
                                  {"energy_tuned", {3, nullptr, 0}}}}}}}}
                            .dump());
    std::string events;
    for (int i = 0; i < 3; ++i)
        events += Json{{"schema", 1},          {"seq", i},   {"time", i},
                       {"kind", "evaluation"}, {"epoch", i}, {"splits", {{"validation", sides}}}}
                      .dump() +
                  "\n";
    events += R"({"schema":1,"seq":3,"time":3,"kind":"step","step":1,"loss":{"total":"text"}})"
              "\n{\"kind\": 7}\n[1]\n";
    writeFileAtomically(paths.events(), events);
}

std::string pageOf(const std::filesystem::path& run)
{
    return reportPage(readRunMaterial(run), "1.2.3");
}

} // namespace

class TestReport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void textIsEscaped();
    void wordsAreQuotedForTheShell();
    void factorOfMagneticForcesIsInTheCommand();
    void numbersCarryTheirSources();
    void figuresAreWellFormed();
    void hostileTextStaysText();
    void damagedFilesAreErrorsOrDashes();
    void runWithoutResult();
};

void TestReport::textIsEscaped()
{
    QCOMPARE(escapedText("a<b>&\"'"), std::string("a&lt;b&gt;&amp;&quot;&#39;"));
    QCOMPARE(escapedText("\xC3\xA5\xE2\x82\xAC"), std::string("\xC3\xA5\xE2\x82\xAC"));
    QCOMPARE(escapedText("\xFF\xC0\xAF"), std::string("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD")); // no UTF-8
    QCOMPARE(escapedText("\xED\xA0\x80"), std::string("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD")); // a surrogate
    QCOMPARE(escapedText(std::string_view("a\0\x1B\nb", 5)), std::string("a   b"));
    QCOMPARE(escapedText("\xE2\x82"), std::string("\xEF\xBF\xBD\xEF\xBF\xBD")); // cut off
}

void TestReport::wordsAreQuotedForTheShell()
{
    QCOMPARE(shellLine({"a", "b-c/d.e", "--x=1"}), std::string("a b-c/d.e --x=1"));
    QCOMPARE(shellLine({"two words", ""}), std::string("'two words' ''"));
    QCOMPARE(shellLine({"it's $HOME;`ls`"}), std::string("'it'\\''s $HOME;`ls`'"));
}

void TestReport::factorOfMagneticForcesIsInTheCommand()
{
    RunMaterial material;
    material.run = "run";
    material.config.model = "m.nqx";
    material.config.data.test = {"t.extxyz"};
    material.paritySplit = "test";
    QVERIFY(reportCommands(material).predict.find("factor") == std::string::npos);
    material.config.data.magneticForceFactor = 1.31;
    QVERIFY(reportCommands(material).predict.find(" --magnetic-force-factor 1.31 ") != std::string::npos);
}

void TestReport::numbersCarryTheirSources()
{
    const Json json = {{"a/b", {{"x", 1234567.0}, {"y", 0.0123456}, {"nan", nullptr}}}};
    QCOMPARE(countSpan(json, {"s", "/a~1b/x", 1}),
             std::string("<span data-number=\"s:/a~1b/x\">1,234,567</span>"));
    QCOMPARE(realSpan(json, {"s", "/a~1b/y", 100}),
             std::string("<span data-number=\"s:/a~1b/y\" data-factor=\"100\">1.235</span>"));
    QCOMPARE(realSpan(json, {"s", "/a~1b/nan", 1}), std::string("-"));
    QCOMPARE(realSpan(json, {"s", "/nowhere/0", 1}), std::string("-"));
    QCOMPARE(pointerToken("a/b~c"), std::string("a~1b~0c"));
    QCOMPARE(shownCount(-1234), std::string("-1,234"));
    QCOMPARE(shownCount(999), std::string("999"));
}

void TestReport::figuresAreWellFormed()
{
    const double nan = std::nan(""), infinity = INFINITY;
    const std::vector<std::string> figures = {
        linePlot({hostile, hostile, "y", true},
                 {{hostile, "#000000", {0, 1, 2}, {1, nan, 3}}, {"b", "#000000", {}, {}}}),
        linePlot({"flat", "x", "y"}, {{"a", "#000000", {5, 5}, {2, 2}}}),
        linePlot({"nothing", "x", "y", true}, {{"a", "#000000", {0, 1}, {0, -1}}}),
        parityPlot({"parity", "x", "y"}, {1, 2, infinity}, {1, nan, 0}, {2, 2, 2}),
        parityPlot({"none", "x", "y"}, {}, {}, {}),
        heatMapFigure(
            {hostile, {hostile, "b"}, {"c"}, {{MapCell{1, hostile, {"s", hostile, 1}}}, {std::nullopt}}}),
        heatMapFigure({"zero", {"a"}, {"b"}, {{MapCell{0, "0"}}}}),
        barChart("bars", {{hostile, -1, hostile}, {"b", 2, "2"}, {"c", nan, ""}}), barChart("none", {}),
        // Numbers that differ by less than a step could be told apart, and some whose difference overflows.
        linePlot({"near", "x", "y"}, {{"a", "#000000", {1e16, 1e16 + 2}, {1, 1 + 0x1p-52}}}),
        parityPlot({"far", "x", "y"}, {-1e308, 1, 2}, {0, 1e308, 1}, {1, 2, 3}),
        linePlot({"both ends", "x", "y", true}, {{"a", "#000000", {-1e99, 1e99}, {5e-324, 1e308}}}),
        linePlot({"small", "x", "y", true}, {{"a", "#000000", {0, 5e-324}, {1e-99, 1e99}}})};
    for (const std::string& figure : figures) {
        QXmlStreamReader reader(QByteArray::fromStdString(figure));
        while (!reader.atEnd()) {
            reader.readNext();
            QVERIFY(reader.name() != QStringLiteral("script"));
        }
        QVERIFY2(!reader.hasError(), figure.c_str());
        QVERIFY2(figure.find("nan") == std::string::npos && figure.find("inf") == std::string::npos,
                 figure.c_str());
    }
}

void TestReport::hostileTextStaysText()
{
    const QTemporaryDir folder;
    const std::filesystem::path run = folder.filePath(QStringLiteral("run <b>&'")).toStdString();
    writeHostileRun(run);
    const std::string page = pageOf(run);
    // The page is well-formed XML but for its doctype, and has only elements that the writer knows.
    QXmlStreamReader reader(QByteArray::fromStdString(page));
    const QSet<QString> known = {"html", "head", "meta", "title", "style", "body", "h1",      "h2",
                                 "p",    "b",    "code", "span",  "table", "tr",   "th",      "td",
                                 "br",   "svg",  "line", "rect",  "text",  "path", "polyline"};
    int numbers = 0;
    while (!reader.atEnd()) {
        if (reader.readNext() != QXmlStreamReader::StartElement)
            continue;
        QVERIFY2(known.contains(reader.name().toString()), qPrintable(reader.name().toString()));
        for (const QXmlStreamAttribute& attribute : reader.attributes()) {
            QVERIFY(!attribute.name().startsWith(QStringLiteral("on")));
            QVERIFY(attribute.name() != QStringLiteral("href") && attribute.name() != QStringLiteral("src"));
            numbers += attribute.name() == QStringLiteral("data-number");
        }
    }
    QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
    QVERIFY(numbers > 30);
    QVERIFY(page.find("<script") == std::string::npos);
    QVERIFY(page.find("url(") == std::string::npos && page.find("@import") == std::string::npos);
    // It is all there, as text; and the label keys reach the command.
    for (const char* part :
         {"Errors, base and tuned", "Forgetting", "Along the run", "What has changed", "Audit",
          "Model and data", "Configuration", "NOT OK", "Control, the 1 elements", "12,345"})
        QVERIFY2(page.find(part) != std::string::npos, part);
    QVERIFY(page.find("&lt;script&gt;") != std::string::npos);
}

void TestReport::damagedFilesAreErrorsOrDashes()
{
    const QTemporaryDir folder;
    const std::filesystem::path run = folder.filePath(QStringLiteral("run")).toStdString();
    writeHostileRun(run);
    const RunPaths paths{run};
    // Other types than expected anywhere: no number, no fault.
    for (const char* text : {"{}", "[]", "7", R"({"splits": 3, "forgetting": [1], "changed": "many"})",
                             R"({"splits": {"a": {"tuned": []}}})"}) {
        writeFileAtomically(paths.metrics(), text);
        QVERIFY(pageOf(run).ends_with("</html>\n"));
    }
    for (
        const char* text :
        {"[]", R"({"layers": 1, "elements": [], "sensitivity": null})", R"({"layers": [1, {"layer": "x"}]})",
         R"({"elements": {"rows": [3], "tensors": [null], "control": 7}, "sensitivity": {"blocks": [[]]}})"}) {
        writeFileAtomically(paths.explanation(), text);
        QVERIFY(pageOf(run).ends_with("</html>\n"));
    }
    Json many = {{"layers", Json::array()}};
    for (int k = 0; k < 3000; ++k)
        many["layers"].push_back({{"layer", k}, {"l", k}, {"changed", 1}, {"eligible", 2}});
    writeFileAtomically(paths.explanation(), many.dump());
    QVERIFY(pageOf(run).size() < std::size_t{200} << 20); // not a picture of 9 million cells
    for (const char* text : {R"({"verdicts": [1], "rotation": 3, "short_distance": {"pairs": [5]}})", "3"}) {
        writeFileAtomically(paths.audit(), text);
        QVERIFY(pageOf(run).ends_with("</html>\n"));
    }
    writeFileAtomically(paths.audit(), "{");
    QVERIFY_EXCEPTION_THROWN(pageOf(run), Error);
}

void TestReport::runWithoutResult()
{
    const QTemporaryDir folder;
    const std::filesystem::path run = folder.filePath(QStringLiteral("run")).toStdString();
    QVERIFY_EXCEPTION_THROWN(pageOf(run), Error);
    makeFolder(run);
    writeFileAtomically(RunPaths{run}.configuration(),
                        R"({"model": "m.nqx", "data": {"train": ["a.extxyz"]}})");
    QVERIFY(pageOf(run).find("no result yet") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestReport)
#include "tst_report.moc"
