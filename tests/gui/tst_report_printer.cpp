// Reports as PDF: pages, figures as vectors, errors in sentences.
#include "base/files.h"
#include "runs/report_printer.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;
using namespace lodestone::gui;

namespace {

const QString figure = QStringLiteral(
    R"(<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100" viewBox="0 0 200 100">)"
    R"(<rect x="1" y="1" width="198" height="98" fill="#2166ac" stroke="none"/></svg>)");

int pagesOf(const QByteArray& pdf)
{
    int pages = 0;
    for (auto match =
             QRegularExpression(QStringLiteral("/Type /Page\\b")).globalMatch(QString::fromLatin1(pdf));
         match.hasNext(); match.next())
        ++pages;
    return pages;
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestReportPrinter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void shortPageIsOnePage();
    void littleTooLongIsShrunkOntoOne();
    void longPageIsSeveral();
    void figuresStayVectors();
    void brokenFiguresDoNotStopIt();
    void unwritableFileIsAnError();
    void worksInAnotherThread();
    void engineMakesTheReport();
    void engineThatFailsIsAnError();

private:
    QString path(const char* name) const { return m_folder.filePath(QString::fromUtf8(name)); }
    QTemporaryDir m_folder;
};

void TestReportPrinter::shortPageIsOnePage()
{
    printReport(QStringLiteral("<html><head><title>A &amp; B</title></head><body><p>Text</p></body></html>"),
                path("short.pdf"));
    const QByteArray pdf = contentOf(path("short.pdf"));
    QVERIFY(pdf.startsWith("%PDF-"));
    QCOMPARE(pagesOf(pdf), 1);
    // A4 in points.
    QVERIFY(QRegularExpression(QStringLiteral("/MediaBox \\[0 0 595(\\.\\d+)? 842(\\.\\d+)?\\]"))
                .match(QString::fromLatin1(pdf))
                .hasMatch());
}

void TestReportPrinter::littleTooLongIsShrunkOntoOne()
{
    // A page of the least width is 1394 pixels high, one of the greatest 1834; a line takes 16 to 18.
    const auto pages = [this](int lines) {
        QString html = QStringLiteral("<html><body><table cellspacing=\"0\" cellpadding=\"0\">");
        for (int i = 0; i < lines; ++i)
            html += QStringLiteral("<tr><td>%1</td></tr>").arg(i);
        printReport(html + QStringLiteral("</table></body></html>"), path("shrunk.pdf"));
        return pagesOf(contentOf(path("shrunk.pdf")));
    };
    QCOMPARE(pages(70), 1);
    QCOMPARE(pages(95), 1);
    QVERIFY(pages(150) >= 2);
}

void TestReportPrinter::longPageIsSeveral()
{
    QString html = QStringLiteral("<html><body>");
    for (int i = 0; i < 200; ++i)
        html += QStringLiteral("<p>Line %1</p>").arg(i);
    printReport(html + QStringLiteral("</body></html>"), path("long.pdf"));
    QVERIFY(pagesOf(contentOf(path("long.pdf"))) >= 3);
}

void TestReportPrinter::figuresStayVectors()
{
    const QString page =
        QStringLiteral("<html><body><table><tr><td>%1</td><td>%1</td></tr></table></body></html>");
    printReport(page.arg(figure), path("figures.pdf"));
    const QByteArray pdf = contentOf(path("figures.pdf"));
    QCOMPARE(pagesOf(pdf), 1);
    QVERIFY(!pdf.contains("/Subtype /Image"));
    printReport(page.arg(QString()), path("none.pdf"));
    QVERIFY(pdf.size() != contentOf(path("none.pdf")).size());
}

void TestReportPrinter::brokenFiguresDoNotStopIt()
{
    printReport(QStringLiteral("<p>a</p><svg width=\"9\"><rect</svg><p>b</p><svg never closed"),
                path("broken.pdf"));
    QCOMPARE(pagesOf(contentOf(path("broken.pdf"))), 1);
}

void TestReportPrinter::unwritableFileIsAnError()
{
    QVERIFY_EXCEPTION_THROWN(printReport(QStringLiteral("<p>a</p>"), path("nowhere/a.pdf")), Error);
    QVERIFY(!QFile::exists(path("nowhere/a.pdf")));
}

void TestReportPrinter::worksInAnotherThread()
{
    const QString html = figure + QStringLiteral("<p>text</p>");
    const std::unique_ptr<QThread> thread(
        QThread::create([this, html] { printReport(html, path("thread.pdf")); }));
    thread->start();
    QVERIFY(thread->wait(60000));
    QCOMPARE(pagesOf(contentOf(path("thread.pdf"))), 1);
}

void TestReportPrinter::engineMakesTheReport()
{
    const QString engine = path("engine.sh");
    writeFileAtomically(engine.toStdString(),
                        "#!/bin/sh\n[ \"$1\" = report ] && printf '<p>Report of %s</p>' "
                        "\"$2\" > \"$4\"\n");
    QFile::setPermissions(engine, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    qputenv("LODESTONE_ENGINE", engine.toUtf8());
    writeReport(path("run"), path("asked.html"));
    QVERIFY(contentOf(path("asked.html")).contains("Report of"));
    writeReport(path("run"), path("asked.pdf"));
    QCOMPARE(pagesOf(contentOf(path("asked.pdf"))), 1);
}

void TestReportPrinter::engineThatFailsIsAnError()
{
    qputenv("LODESTONE_ENGINE", "/bin/false");
    QVERIFY_EXCEPTION_THROWN(writeReport(path("run"), path("failed.html")), Error);
    qputenv("LODESTONE_ENGINE", path("no engine").toUtf8());
    QVERIFY_EXCEPTION_THROWN(writeReport(path("run"), path("failed.html")), Error);
}

QTEST_MAIN(TestReportPrinter)
#include "tst_report_printer.moc"
