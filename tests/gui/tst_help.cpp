#include "shell/help_window.h"
#include "shell/language.h"

#include <QtCore/QDir>
#include <QtCore/QRegularExpression>
#include <QtTest/QtTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QTextBrowser>

using namespace lodestone::gui;

class TestHelp : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyPageIsListedAndReads_data();
    void everyPageIsListedAndReads();
    void cleanup() { applyLanguage(*qApp, "en"); }
    void everyLinkLeadsSomewhere();
    void searchFindsPages();
    void backAndForward();

private:
    static QStringList pages() { return QDir(QStringLiteral(":/help")).entryList({"*.md"}); }
    static QString text(const QString& page)
    {
        QFile file(QStringLiteral(":/help/") + page);
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    }
};

void TestHelp::everyPageIsListedAndReads_data()
{
    QTest::addColumn<QString>("code");
    for (const Language& language : languages())
        QTest::newRow(qPrintable(language.code)) << language.code;
}

void TestHelp::everyPageIsListedAndReads()
{
    QFETCH(QString, code);
    applyLanguage(*qApp, code);
    QCOMPARE(activeLanguage(), code);
    if (code != "en")
        QCOMPARE(QDir(QStringLiteral(":/help/") + code).entryList({"*.md"}), pages());
    HelpWindow help(nullptr);
    const auto* list = help.findChild<QListWidget*>();
    QVERIFY(pages().size() >= 11);
    QCOMPARE(list->count(), int(pages().size()));
    for (const QString& page : pages()) {
        help.showPage(QFileInfo(page).completeBaseName());
        QCOMPARE(help.pageName() + ".md", page);
        const auto* browser = help.findChild<QTextBrowser*>();
        QVERIFY2(browser->toPlainText().size() > 400, qPrintable(page));
        QVERIFY2(!browser->toPlainText().contains("**"), qPrintable(page)); // was read as Markdown
        QCOMPARE(list->currentItem()->text(), browser->toPlainText().section('\n', 0, 0));
    }
    help.showPage("welcome"); // a page of the program without one of its own
    QCOMPARE(help.pageName(), QString("index"));
}

void TestHelp::everyLinkLeadsSomewhere()
{
    static const QRegularExpression link(QStringLiteral("\\]\\(([^)]+)\\)"));
    int links = 0;
    QStringList all = pages();
    for (const Language& language : languages())
        for (const QString& page : pages())
            if (language.code != "en")
                all << language.code + "/" + page;
    for (const QString& page : all)
        for (auto found = link.globalMatch(text(page)); found.hasNext(); ++links) {
            const QString target = found.next().captured(1).section('#', 0, 0);
            QVERIFY2(target.startsWith("https://") || pages().contains(target),
                     qPrintable(page + ": " + target));
        }
    QVERIFY(links >= 10);
}

void TestHelp::searchFindsPages()
{
    HelpWindow help(nullptr);
    auto* search = help.findChild<QLineEdit*>();
    const auto* list = help.findChild<QListWidget*>();
    const int all = list->count();
    QTest::keyClicks(search, "layer_2 l=2");
    QVERIFY(list->count() >= 1 && list->count() < all);
    search->setText("a word that stands nowhere");
    QCOMPARE(list->count(), 0);
    search->clear();
    QCOMPARE(list->count(), all);
}

void TestHelp::backAndForward()
{
    HelpWindow help(nullptr);
    auto* list = help.findChild<QListWidget*>();
    list->setCurrentRow(1);
    QCOMPARE(help.pageName(), QString("tasks"));
    help.findChild<QTextBrowser*>()->backward();
    QCOMPARE(help.pageName(), QString("index"));
    QCOMPARE(list->currentRow(), 0);
    help.findChild<QTextBrowser*>()->forward();
    QCOMPARE(help.pageName(), QString("tasks"));
}

QTEST_MAIN(TestHelp)
#include "tst_help.moc"
