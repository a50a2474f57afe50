// The catalogue of models: the file that comes with the program, and the window through clicks.
#include "base/json.h"
#include "catalogue/catalogue_dialog.h"
#include "shell/banner.h"
#include "shell/session.h"
#include "shell/theme.h"
#include "support/download_attempt.h"
#include "support/fake_engine.h"
#include "support/file_server.h"
#include "support/sentence.h"
#include "support/shared_data.h"
#include "support/text_fit.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableWidget>
#include <QtWidgets/QTextBrowser>

using namespace lodestone;
using namespace lodestone::gui;
using test::contentOf;
using test::FileServer;
using test::hashOf;

namespace {

Json oneModel()
{
    return {{"name", "a"},
            {"family", "MACE"},
            {"purpose", "for tests"},
            {"licence", "MIT"},
            {"licence_note", "free"},
            {"citation", "A. Body, arXiv:0000.00000"},
            {"reference", "https://arxiv.org/abs/0000.00000"},
            {"file", "a.model"},
            {"size", 12},
            {"sha256", std::string(64, '0')},
            {"sha256_source", "made up"},
            {"address", "https://models.example/a.model"}};
}

QByteArray catalogueOf(const std::vector<Json>& models)
{
    return QByteArray::fromStdString(Json{{"models", models}}.dump());
}

} // namespace

class TestCatalogue : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English)); }
    void init();
    void cleanup();
    void builtInIsComplete();
    void sharedFilesAgree_data();
    void sharedFilesAgree();
    void wrongCataloguesAreRefused();
    void hashIsOptional();
    void nothingIsFetchedUnasked();
    void downloadAndOpen();
    void cancelAndResume();
    void failureIsSaidAndCanBeTriedAgain();
    void damagedFileIsNotOpened();
    void fileOfAnotherSizeIsNotReplaced();
    void goesOnWhileClosed();
    void keyboard();
    void textsFit_data();
    void textsFit();

private:
    template<class Widget>
    Widget* find(const char* name) const
    {
        auto* found = m_dialog->findChild<Widget*>(QString::fromLatin1(name));
        if (!found)
            qFatal("the dialog has no %s", name);
        return found;
    }
    void click(const char* name) const { QTest::mouseClick(find<QPushButton>(name), Qt::LeftButton); }
    bool enabled(const char* name) const { return find<QPushButton>(name)->isEnabled(); }
    QString state(int row) const { return find<QTableWidget>("models")->item(row, 4)->text(); }
    void select(int row) const;
    QString problem() const;
    QString path(const QString& ending = {}) const { return m_folder->filePath("models/a.nqx" + ending); }
    void show();

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<FileServer> m_server;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<CatalogueDialog> m_dialog;
    std::vector<CatalogueEntry> m_entries;
};

void TestCatalogue::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<FileServer>();
    m_server->content = QByteArray(500'000, 'a');
    CatalogueEntry entry;
    entry.name = "A model";
    entry.family = "Nequix";
    entry.purpose = "Two elements.";
    entry.licence = "MIT";
    entry.licenceNote = "Free for any use.";
    entry.citation = "A. Body: a paper. arXiv:0000.00000.";
    entry.reference = QUrl("https://arxiv.org/abs/0000.00000");
    entry.file = "a.nqx";
    entry.size = m_server->content.size();
    entry.sha256 = hashOf(m_server->content);
    entry.sha256Source = "computed";
    entry.address = m_server->url();
    CatalogueEntry other = entry;
    other.name = "Another model";
    other.file = "b.nqx";
    other.sha256.clear();
    m_entries = {entry, other};
    m_session = std::make_unique<Session>();
}

void TestCatalogue::cleanup()
{
    m_dialog.reset();
    m_session.reset();
    m_server.reset();
    m_folder.reset();
}

void TestCatalogue::show()
{
    m_dialog = std::make_unique<CatalogueDialog>(m_entries, m_folder->filePath("models"));
    connect(m_dialog.get(), &CatalogueDialog::modelRequested, m_session.get(),
            [this](const QString& file) { m_session->openModel(file); });
    m_dialog->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_dialog.get()));
}

void TestCatalogue::select(int row) const
{
    auto* table = find<QTableWidget>("models");
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                      table->visualItemRect(table->item(row, 0)).center());
}

QString TestCatalogue::problem() const
{
    auto* banner = m_dialog->findChild<Banner*>();
    return banner->isVisible() ? banner->sentence() : QString();
}

void TestCatalogue::builtInIsComplete()
{
    const auto entries =
        builtInCatalogue(); // refuses missing fields, addresses that are not https, double names
    QVERIFY(entries.size() >= 10);
    QSet<QString> names;
    for (const CatalogueEntry& entry : entries) {
        QVERIFY2(entry.address.scheme() == "https" && entry.reference.scheme() == "https",
                 qPrintable(entry.name));
        QVERIFY2(entry.size > 1'000'000, qPrintable(entry.name)); // bytes, not megabytes
        QVERIFY2(entry.sha256.isEmpty() || !entry.sha256Source.isEmpty(), qPrintable(entry.name));
        QVERIFY2(entry.citation.contains("arXiv:") || entry.citation.contains("doi:"),
                 qPrintable(entry.name));
        names << entry.name;
    }
    QCOMPARE(names.size(), qsizetype(entries.size()));
    QVERIFY(modelsFolder().endsWith("/lodestone/models"));
}

void TestCatalogue::sharedFilesAgree_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("folder");
    QTest::newRow("nequix-mp-1") << "nequix-mp-1.nqx"
                                 << "nequix";
    QTest::newRow("nequix-mp-1-pft") << "nequix-mp-1-pft.nqx"
                                     << "nequix";
    QTest::newRow("nequix-oam-1") << "nequix-oam-1.nqx"
                                  << "nequix";
    QTest::newRow("sevennet July") << "7net-0_11July2024_deployed_serial.pt"
                                   << "sevennet-0";
    QTest::newRow("sevennet May") << "7net-0_22May2024_deployed_serial.pt"
                                  << "sevennet-0";
    QTest::newRow("ani500k") << "ani500k_small_CC.model"
                             << "mace-ani500k-small-cc";
}

void TestCatalogue::sharedFilesAgree()
{
    QFETCH(QString, file);
    QFETCH(QString, folder);
    SKIP_WITHOUT_SHARED("models");
    const auto entries = builtInCatalogue();
    const auto entry =
        std::find_if(entries.begin(), entries.end(), [&](const CatalogueEntry& e) { return e.file == file; });
    QVERIFY(entry != entries.end());
    const QByteArray bytes = contentOf(QString::fromStdString(
        sharedPath("models/" + folder.toStdString() + "/" + file.toStdString()).string()));
    QCOMPARE(entry->size, qint64(bytes.size()));
    QCOMPARE(entry->sha256, hashOf(bytes));
}

void TestCatalogue::wrongCataloguesAreRefused()
{
    QCOMPARE(readCatalogue(catalogueOf({oneModel()}), "x").size(), std::size_t(1));
    const Json whole = oneModel();
    for (const auto& [key, value] : whole.items()) {
        if (key == "sha256")
            continue; // hashIsOptional()
        Json model = oneModel();
        model.erase(key);
        VERIFY_ERROR(readCatalogue(catalogueOf({oneModel(), model}), "x.json"), "x.json, model 2",
                     key.c_str());
    }
    const auto refused = [](const char* key, const Json& value) {
        Json model = oneModel();
        model[key] = value;
        return sentence([&] { readCatalogue(catalogueOf({model}), "x"); });
    };
    QVERIFY(refused("address", "http://models.example/a.model").contains("https"));
    QVERIFY(refused("address", "a.model").contains("https"));
    QVERIFY(refused("reference", "arXiv:0000.00000").contains("https"));
    QVERIFY(refused("size", 0).contains("size"));
    QVERIFY(refused("size", "12").contains("size"));
    QVERIFY(refused("name", "  ").contains("empty"));
    for (const char* file : {"../a.model", "a/b.model", ".model", "a.txt"})
        QVERIFY2(refused("file", file).contains("model file"), file);
    for (const std::string& hash : {std::string(63, '0'), std::string(64, 'A'), std::string(65, '0')})
        QVERIFY2(refused("sha256", hash).contains("sha256"), hash.c_str());
    Json second = oneModel();
    second["name"] = "b";
    VERIFY_ERROR(readCatalogue(catalogueOf({oneModel(), second}), "x"), "two models", "a.model");
    VERIFY_ERROR(readCatalogue("{", "x.json"), "x.json");
    VERIFY_ERROR(readCatalogue("{}", "x.json"), "models");
}

void TestCatalogue::hashIsOptional()
{
    Json model = oneModel();
    model.erase("sha256");
    model.erase("sha256_source");
    QVERIFY(readCatalogue(catalogueOf({model}), "x").front().sha256.isEmpty());
}

void TestCatalogue::nothingIsFetchedUnasked()
{
    show();
    select(1);
    select(0);
    QTest::qWait(100);
    QVERIFY(m_server->requests.isEmpty());
    QVERIFY(!QFile::exists(m_folder->filePath("models")));
    QCOMPARE(state(0), QString("not here"));
    QVERIFY(enabled("fetch") && !enabled("cancel") && !enabled("open") && !enabled("show"));
    // The licence is read before the button can be pressed.
    auto* licence = find<QLabel>("licence");
    QVERIFY(licence->isVisible() && licence->text().contains("MIT") &&
            licence->text().contains("Free for any use."));
    const QString details = m_dialog->findChild<QTextBrowser*>()->toPlainText();
    for (const QString& text :
         {QString("a paper"), m_entries[0].sha256, m_entries[0].address.toString(), QString("500,000")})
        QVERIFY2(details.contains(text), qPrintable(text));
    find<QTableWidget>("models")->clearSelection();
    QVERIFY(!enabled("fetch"));
    QVERIFY(licence->text().isEmpty());
}

void TestCatalogue::downloadAndOpen()
{
    show();
    QSignalSpy notices(m_dialog.get(), &CatalogueDialog::notice);
    select(0);
    click("fetch");
    QVERIFY(!enabled("fetch") && enabled("cancel"));
    QTRY_COMPARE(state(0), QString("here"));
    QCOMPARE(contentOf(path()), m_server->content);
    QCOMPARE(notices.size(), 1);
    QVERIFY(!enabled("fetch") && !enabled("cancel") && enabled("open") && enabled("show"));
    click("open");
    QCOMPARE(m_session->awaitedModel(), path()); // hashed already
    QTRY_VERIFY(m_session->model());
    QCOMPARE(m_session->model()->file, path().toStdString());

    // Without a published checksum the hash is shown.
    select(1);
    auto* details = m_dialog->findChild<QTextBrowser*>();
    QVERIFY(details->toPlainText().contains("No published checksum"));
    QVERIFY(!details->toPlainText().contains(hashOf(m_server->content)));
    click("fetch");
    QTRY_COMPARE(state(1), QString("here"));
    QVERIFY(details->toPlainText().contains(hashOf(m_server->content)));
    QVERIFY(notices.back()[0].toString().contains(hashOf(m_server->content)));

    // Another start of the program finds the file and hashes it before it is opened.
    m_session = std::make_unique<Session>();
    show();
    select(0);
    QCOMPARE(state(0), QString("here"));
    click("open");
    QVERIFY(m_session->awaitedModel().isEmpty());
    QTRY_COMPARE(m_session->awaitedModel().isEmpty() && !m_session->model(), false);
    QTRY_VERIFY(m_session->model());
}

void TestCatalogue::cancelAndResume()
{
    m_server->pause = 10;
    show();
    select(0);
    click("fetch");
    QTRY_VERIFY2(state(0).startsWith("fetching, ") && state(0) != "fetching, 0 %", qPrintable(state(0)));
    select(1);
    QVERIFY(!enabled("fetch")); // one at a time
    click("cancel");
    QTRY_VERIFY2(state(0).startsWith("partly here, "), qPrintable(state(0)));
    QCOMPARE(problem(), QString());
    QCOMPARE(find<QPushButton>("fetch")->text(), QString("&Download"));
    select(0);
    QCOMPARE(find<QPushButton>("fetch")->text(), QString("&Resume"));
    QVERIFY(enabled("fetch") && !enabled("open"));
    const qint64 kept = QFileInfo(path(".part")).size();
    m_server->pause = 0;
    m_server->requests.clear();
    click("fetch");
    QTRY_COMPARE(state(0), QString("here"));
    QCOMPARE(m_server->requests[0].headers["range"], "bytes=" + QByteArray::number(kept) + "-");
}

void TestCatalogue::failureIsSaidAndCanBeTriedAgain()
{
    m_server->status = 404;
    show();
    select(0);
    click("fetch");
    QTRY_VERIFY2(problem().contains("404"), qPrintable(problem()));
    QCOMPARE(state(0), QString("not here"));
    QVERIFY(enabled("fetch") && !enabled("cancel"));
    m_server->status = 0;
    click("fetch");
    QCOMPARE(problem(), QString());
    QTRY_COMPARE(state(0), QString("here"));
}

void TestCatalogue::damagedFileIsNotOpened()
{
    QVERIFY(QDir().mkpath(m_folder->filePath("models")));
    QFile file(path());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(500'000, 'b'));
    file.close();
    show();
    QSignalSpy asked(m_dialog.get(), &CatalogueDialog::modelRequested);
    select(0);
    QCOMPARE(state(0), QString("here")); // by its size
    click("open");
    QTRY_VERIFY2(problem().contains("SHA-256") && problem().contains(m_entries[0].sha256),
                 qPrintable(problem()));
    QVERIFY(asked.isEmpty());
    QVERIFY(file.open(QIODevice::WriteOnly)); // put right by hand
    file.write(m_server->content);
    file.close();
    click("open");
    QTRY_COMPARE(asked.size(), 1);
    QCOMPARE(problem(), QString());
}

void TestCatalogue::fileOfAnotherSizeIsNotReplaced()
{
    QVERIFY(QDir().mkpath(m_folder->filePath("models")));
    QFile file(path());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("mine");
    file.close();
    show();
    select(0);
    QCOMPARE(state(0), QString("another file"));
    QVERIFY(!enabled("fetch") && !enabled("open"));
    QVERIFY(find<QPushButton>("fetch")->toolTip().contains("another size"));
}

void TestCatalogue::goesOnWhileClosed()
{
    m_server->pause = 5;
    show();
    QSignalSpy notices(m_dialog.get(), &CatalogueDialog::notice);
    select(0);
    click("fetch");
    QTRY_VERIFY(!m_server->requests.isEmpty());
    click("close");
    QVERIFY(!m_dialog->isVisible());
    QTRY_COMPARE(notices.size(), 1);
    QVERIFY(QFile::exists(path()));
}

void TestCatalogue::keyboard()
{
    show();
    m_dialog->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_dialog.get()));
    auto* table = find<QTableWidget>("models");
    table->setFocus();
    QTest::keyClick(table, Qt::Key_Down);
    QCOMPARE(table->currentRow(), 1);
    QTest::keyClick(table, Qt::Key_Return); // not here: nothing to open, and nothing is fetched
    QTest::qWait(50);
    QVERIFY(m_server->requests.isEmpty());
    QTest::keyClick(table, Qt::Key_Up);
    QStringList reached; // by Tab
    for (int i = 0; i < 12; ++i) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        reached << QApplication::focusWidget()->objectName();
    }
    for (const char* name : {"fetch", "close", "models"})
        QVERIFY2(reached.contains(name), name);
    find<QPushButton>("fetch")->setFocus();
    QTest::keyClick(find<QPushButton>("fetch"), Qt::Key_Space);
    QTRY_COMPARE(state(0), QString("here"));
    table->setFocus();
    QTest::keyClick(table, Qt::Key_Return);
    QTRY_COMPARE(m_session->awaitedModel(), path());
    for (QWidget* widget : m_dialog->findChildren<QWidget*>())
        if (widget->focusPolicy() & Qt::TabFocus && widget->isVisible() &&
            !qobject_cast<QPushButton*>(widget) && widget->objectName() != "qt_tabwidget_stackedwidget")
            QVERIFY2(!widget->accessibleName().isEmpty() || qobject_cast<QLabel*>(widget),
                     widget->metaObject()->className());
    QTest::keyClick(m_dialog.get(), Qt::Key_Escape);
    QVERIFY(!m_dialog->isVisible());
}

void TestCatalogue::textsFit_data()
{
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

/// With the program's own entries, one of them on its way and one sentence that went wrong.
void TestCatalogue::textsFit()
{
    QFETCH(bool, dark);
    applyTheme(*qApp, dark ? Theme::Dark : Theme::Light);
    const auto restore = qScopeGuard([] { applyTheme(*qApp, Theme::Light); });
    m_server->pause = 50;
    m_server->content = QByteArray(2'000'000, 'a');
    m_entries = builtInCatalogue();
    for (CatalogueEntry& entry : m_entries)
        entry.address = m_server->url();
    m_entries[6].size = m_server->content.size();
    QVERIFY(QDir().mkpath(m_folder->filePath("models")));
    const auto leave = [&](const QString& name, qint64 size) {
        QFile file(m_folder->filePath("models/" + name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(size));
    };
    leave(m_entries[0].file, m_entries[0].size);
    leave(m_entries[2].file + ".part", m_entries[2].size / 2);
    leave(m_entries[3].file, 7);
    show();
    select(0);
    click("open"); // zeros
    QTRY_VERIFY(problem().contains("SHA-256"));
    const auto picture = [&](const char* name) {
        const test::ClippedTexts texts(*m_dialog);
        QVERIFY2(texts.found().isEmpty(), qPrintable(texts.found().join('\n')));
        QVERIFY(texts.looked() >= 40);
        if (const QString folder = qEnvironmentVariable("LODESTONE_TEST_ARTIFACTS"); !folder.isEmpty())
            QVERIFY(m_dialog->grab().save(
                folder + QString("/catalogue-%1-%2.png").arg(name, dark ? "dark" : "light")));
    };
    QTest::qWait(50);
    picture("problem");
    select(6);
    click("fetch");
    QTRY_VERIFY2(state(6).startsWith("fetching, 1"), qPrintable(state(6)));
    picture("fetching");
}

LODESTONE_TEST_WITH_FAKE_ENGINE(TestCatalogue)
#include "tst_catalogue.moc"
