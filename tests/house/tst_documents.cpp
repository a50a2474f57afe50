// The documents: links, anchors and pictures, commands and their options, names of files and tests.
#include <QtCore/QDirIterator>
#include <QtCore/QProcess>
#include <QtCore/QRegularExpression>
#include <QtTest/QtTest>

namespace {

struct Page {
    QString path; ///< absolute
    QString text;
};

QString readAll(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QList<Page> pages()
{
    const QDir root(LODESTONE_SOURCE);
    QList<Page> list;
    for (const char* folder :
         {".", "docs", "experiments", "resources/demo", "tests/data/nequip", "tests/data/schema-1"})
        for (const QFileInfo& file : QDir(root.filePath(folder)).entryInfoList({"*.md"}, QDir::Files))
            list << Page{file.absoluteFilePath(), readAll(file.absoluteFilePath())};
    return list;
}

QString relative(const Page& page)
{
    return QDir(LODESTONE_SOURCE).relativeFilePath(page.path);
}

/// Lines of code blocks, fenced (of Python not) or indented by four, and code within lines.
QStringList code(const QString& text)
{
    static const QRegularExpression span("`([^`]+)`");
    QStringList lines;
    QString fence;
    for (const QString& line : text.split('\n')) {
        if (line.startsWith("```")) {
            fence = fence.isEmpty() ? line : QString();
        } else if (!fence.isEmpty() || line.startsWith("    ")) {
            if (!fence.startsWith("```python"))
                lines << line.trimmed();
        } else {
            for (auto found = span.globalMatch(line); found.hasNext();)
                lines << found.next().captured(1);
        }
    }
    return lines;
}

/// Without code, in which brackets are no links.
QString prose(const QString& text)
{
    static const QRegularExpression code("^```.*?^```$|^    [^\\n]*$|`[^`\\n]*`",
                                         QRegularExpression::MultilineOption |
                                             QRegularExpression::DotMatchesEverythingOption);
    return QString(text).remove(code);
}

/// The names by which headings are linked to, as GitHub makes them.
QStringList anchors(const QString& text)
{
    static const QRegularExpression heading("^#+ +(.*)$", QRegularExpression::MultilineOption);
    static const QRegularExpression dropped("[^\\w\\- ]", QRegularExpression::UseUnicodePropertiesOption);
    QStringList names;
    for (auto found = heading.globalMatch(text); found.hasNext();)
        names << found.next().captured(1).toLower().remove(dropped).replace(' ', '-');
    return names;
}

struct Link {
    QString file; ///< absolute; that of the page itself for "#anchor"
    QString anchor, written;
};

QList<Link> links(const Page& page)
{
    static const QRegularExpression link("\\]\\(([^)\\s]+)\\)");
    QList<Link> list;
    const QString text = prose(page.text);
    for (auto found = link.globalMatch(text); found.hasNext();) {
        const QString target = found.next().captured(1);
        if (target.startsWith("http://") || target.startsWith("https://"))
            continue;
        const QString name = target.section('#', 0, 0);
        const QString file = name.isEmpty() ? page.path : QFileInfo(page.path).dir().filePath(name);
        list << Link{QDir::cleanPath(file), target.section('#', 1), target};
    }
    return list;
}

QStringList brokenLinks(const Page& page)
{
    QStringList complaints;
    for (const Link& link : links(page)) {
        if (link.file != page.path && !QFileInfo::exists(link.file))
            complaints << relative(page) + ": nothing lies at " + link.written;
        else if (!link.anchor.isEmpty() &&
                 !anchors(link.file == page.path ? page.text : readAll(link.file)).contains(link.anchor))
            complaints << relative(page) + ": no heading gives the anchor of " + link.written;
    }
    return complaints;
}

/// Files of the repository that are named in code, programs of a build and tests.
QStringList unknownNames(const Page& page)
{
    static const QRegularExpression file(
        "(?<![\\w./-])(?:app|benchmarks|cmake|core|docs|experiments|gui|packaging|resources|tests)/[\\w./"
        "-]*[\\w]");
    static const QRegularExpression program("build/[a-z-]+/bin/([a-z-]+)");
    static const QRegularExpression test("(?<![\\w.])(?:tst|xvfb|fuzz)_[a-z][a-z0-9_]*[a-z0-9](?![\\w/])");
    static const QRegularExpression placeholder("NAME|FAMILY|FOLDER|TARGET|\\bN\\b");
    const QDir root(LODESTONE_SOURCE);
    static const QStringList tests = [&root] {
        QStringList names;
        for (const char* folder : {"tests", "benchmarks"}) {
            QDirIterator sources(root.filePath(folder), {"*.cpp"}, QDir::Files, QDirIterator::Subdirectories);
            while (sources.hasNext())
                names << QFileInfo(sources.next()).completeBaseName();
        }
        return names;
    }();
    QStringList complaints;
    for (const QString& line : code(page.text)) {
        for (auto found = file.globalMatch(line); found.hasNext();) {
            const auto match = found.next();
            const QString name = match.captured();
            const QChar next = match.capturedEnd() < line.size() ? line[match.capturedEnd()] : QChar(' ');
            const bool open = next == '*' || next == '{' || next == '_' || next == '.';
            if (!open && !name.contains(placeholder) && !root.exists(name))
                complaints << relative(page) + ": there is no file " + name;
        }
        for (auto found = program.globalMatch(line); found.hasNext();)
            if (const QString name = found.next().captured(1);
                !root.exists("app/" + name) && !name.startsWith("lodestone-"))
                complaints << relative(page) + ": no program is called " + name;
        for (auto found = test.globalMatch(line); found.hasNext();)
            if (const QString name = found.next().captured(); !tests.contains(name))
                complaints << relative(page) + ": there is no test " + name;
    }
    return complaints;
}

QString help(const QString& program, const QStringList& arguments)
{
    static QMap<QStringList, QString> known;
    const QStringList call = QStringList{program} + arguments;
    if (!known.contains(call)) {
        QProcess process;
        process.start(QStringLiteral(LODESTONE_BIN "/") + program, arguments + QStringList{"--help"});
        process.waitForFinished(60000);
        known[call] =
            process.exitCode() == 0 ? QString::fromUtf8(process.readAllStandardOutput()) : QString();
    }
    return known[call];
}

/// Commands and options in calls of the two programs that their help does not know.
QStringList unknownOptions(const Page& page)
{
    static const QRegularExpression call("(?:^|[\\s/(])(lodestone-engine|lodestone)((?: [^|;&>#`]*)?)");
    static const QRegularExpression option("(?<=\\s)(--?[a-zA-Z][\\w-]*)");
    static const QRegularExpression command("^\\s+([a-z]+)(?=\\s|$)");
    QStringList complaints;
    for (const QString& line : code(page.text))
        for (auto found = call.globalMatch(line); found.hasNext();) {
            const auto match = found.next();
            const QString program = match.captured(1), words = match.captured(2);
            QStringList arguments;
            if (const auto verb = command.match(words); program == "lodestone-engine" && verb.hasMatch())
                arguments << verb.captured(1);
            const QString text = help(program, arguments);
            const QString spoken = program + ' ' + arguments.join(' ');
            if (text.isEmpty() || (!arguments.isEmpty() && !text.contains("Usage: " + spoken + ' '))) {
                complaints << relative(page) + ": \"" + spoken.trimmed() + "\" is no command";
                continue;
            }
            for (auto options = option.globalMatch(words); options.hasNext();) {
                const QString name = options.next().captured(1);
                if (!text.contains(
                        QRegularExpression("(?:^|[\\s,])" + QRegularExpression::escape(name) + "(?![\\w-])",
                                           QRegularExpression::MultilineOption)))
                    complaints << relative(page) + ": \"" + spoken.trimmed() + "\" has no option " + name;
            }
        }
    return complaints;
}

QByteArray joined(const QStringList& complaints)
{
    return complaints.join('\n').toUtf8();
}

} // namespace

class TestDocuments : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void linksLeadSomewhere();
    void picturesAreUsed();
    void namedFilesExist();
    void commandsExist();
    void faultsAreNoticed();
};

void TestDocuments::linksLeadSomewhere()
{
    QStringList complaints;
    qsizetype count = 0;
    for (const Page& page : pages()) {
        complaints << brokenLinks(page);
        count += links(page).size();
    }
    QVERIFY2(complaints.isEmpty(), joined(complaints));
    QVERIFY2(count > 60, "links are not recognised any more");
}

void TestDocuments::picturesAreUsed()
{
    QSet<QString> used;
    for (const Page& page : pages())
        for (const Link& link : links(page))
            used << link.file;
    QStringList unused;
    const QFileInfoList pictures = QDir(LODESTONE_SOURCE "/docs/images").entryInfoList(QDir::Files);
    for (const QFileInfo& picture : pictures)
        if (!used.contains(picture.absoluteFilePath()))
            unused << picture.fileName();
    QVERIFY2(unused.isEmpty(), joined(unused));
    QVERIFY(pictures.size() > 6);
}

void TestDocuments::namedFilesExist()
{
    QStringList complaints;
    for (const Page& page : pages())
        complaints << unknownNames(page);
    QVERIFY2(complaints.isEmpty(), joined(complaints));
}

void TestDocuments::commandsExist()
{
    for (const char* program : {"lodestone", "lodestone-engine"})
        if (!QFileInfo::exists(QStringLiteral(LODESTONE_BIN "/") + program))
            QSKIP("lodestone and lodestone-engine were not both built");
    QStringList complaints;
    for (const Page& page : pages())
        complaints << unknownOptions(page);
    QVERIFY2(complaints.isEmpty(), joined(complaints));

    const Page wrong{
        LODESTONE_SOURCE "/docs/wrong.md",
        "    lodestone-engine finetun a.json --run b\n    lodestone-engine export a --oot b -o c\n"
        "`lodestone --reprt a` and `lodestone --report a --output b.pdf`\n"};
    QCOMPARE(unknownOptions(wrong),
             (QStringList{"docs/wrong.md: \"lodestone-engine finetun\" is no command",
                          "docs/wrong.md: \"lodestone-engine export\" has no option --oot",
                          "docs/wrong.md: \"lodestone\" has no option --reprt"}));
}

void TestDocuments::faultsAreNoticed()
{
    const Page wrong{
        LODESTONE_SOURCE "/docs/wrong.md",
        "# A heading (`x.h5`), twice\n[a](absent.md) [b](method.md#no-such-place) [c](#a-heading-xh5-twice) "
        "[d](#a-heading) ![e](images/absent.png) `[f](code.md)`\n\n"
        "    packaging/absent.sh core/base/text.h tests/core/tst_NAME.cpp core/models/x.{h,cpp}\n"
        "`ctest -R tst_absent` and `tst_poscar`, `build/release/bin/absent`\n"};
    QCOMPARE(brokenLinks(wrong),
             (QStringList{"docs/wrong.md: nothing lies at absent.md",
                          "docs/wrong.md: no heading gives the anchor of method.md#no-such-place",
                          "docs/wrong.md: no heading gives the anchor of #a-heading",
                          "docs/wrong.md: nothing lies at images/absent.png"}));
    QCOMPARE(unknownNames(wrong), (QStringList{"docs/wrong.md: there is no file packaging/absent.sh",
                                               "docs/wrong.md: there is no test tst_absent",
                                               "docs/wrong.md: no program is called absent"}));
}

QTEST_APPLESS_MAIN(TestDocuments)
#include "tst_documents.moc"
