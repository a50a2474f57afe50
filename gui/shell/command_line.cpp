#include "shell/command_line.h"
#include "base/error.h"
#include "manual/completion.h"
#include "manual/manual_page.h"

#include <QtCore/QCommandLineParser>

namespace lodestone::gui {

namespace {

const char* const purpose =
    "sparse fine-tuning of equivariant interatomic models, with magnetic moments in view";
const char* const filesText = "Models, data files, projects and run folders to open.";

const QStringList& pages()
{
    static const QStringList names = {"welcome",  "structure", "data",   "blocks",
                                      "training", "sparsity",  "results"};
    return names;
}

/// The options, once for the parser, the manual page and the shells.
struct Options {
    QCommandLineOption help{{"h", "help"}, QStringLiteral("Show this text.")};
    QCommandLineOption version{{"v", "version"}, QStringLiteral("Show the version.")};
    QCommandLineOption demo{"demo", QStringLiteral("Open the demo.")};
    QCommandLineOption noSettings{"no-settings",
                                  QStringLiteral("Neither read nor write the user's settings.")};
    QCommandLineOption page{
        "page",
        QStringLiteral("Show this page: welcome, structure, data, blocks, training, sparsity or results."),
        "name"};
    QCommandLineOption run{"open-run", QStringLiteral("Open this run folder."), "folder"};
    QCommandLineOption screenshot{
        "screenshot", QStringLiteral("Write a picture of every page into this folder and quit."), "folder"};
    QCommandLineOption theme{"theme", QStringLiteral("Colours: light, dark or system."), "name"};
    QCommandLineOption report{
        "report", QStringLiteral("Write the report of this run folder to the file of --output and quit."),
        "folder"};
    QCommandLineOption output{"output", QStringLiteral("With --report: a .pdf or .html file."), "file"};
    QCommandLineOption shown{
        "quit-when-shown",
        QStringLiteral("Print the memory in use (MiB) as soon as the window is there, and quit.")};
    QCommandLineOption manual{"man", QStringLiteral("Print the manual page, for man(1).")};
    QCommandLineOption completion{"completion",
                                  QStringLiteral("Print the completion for a shell: bash or fish."), "shell"};

    QList<QCommandLineOption> all() const
    {
        return {help,  version, demo,   noSettings, page,   run,       screenshot,
                theme, report,  output, shown,      manual, completion};
    }
};

std::vector<std::string> choices(const Options& options, const QCommandLineOption& option)
{
    if (option.names() == options.page.names()) {
        std::vector<std::string> names;
        for (const QString& name : pages())
            names.push_back(name.toStdString());
        return names;
    }
    if (option.names() == options.theme.names())
        return {"light", "dark", "system"};
    return option.names() == options.completion.names() ? completionShells() : std::vector<std::string>();
}

CommandDescription describe(const Options& options)
{
    CommandDescription out{"lodestone", purpose, {{{"files"}, "files", {}, filesText, false, true}}, {}, {}};
    for (const QCommandLineOption& option : options.all()) {
        ArgumentDescription described;
        for (const QString& name : option.names())
            described.names.push_back((name.size() == 1 ? "-" : "--") + name.toStdString());
        described.value = option.valueName().toStdString();
        described.text = option.description().toStdString();
        described.choices = choices(options, option);
        out.options.push_back(std::move(described));
    }
    return out;
}

QString manual(const Options& options)
{
    return QString::fromStdString(manualPage(
        describe(options),
        {LODESTONE_VERSION,
         LODESTONE_DATE,
         {{"ENVIRONMENT",
           {{"LODESTONE_ENGINE", "The engine's program; without it the one beside lodestone, then the first "
                                 "in PATH. It is asked for its "
                                 "version before anything else, and one with another protocol is refused."},
            {"LODESTONE_RESOURCES",
             "The folder with the demo; without it share/lodestone beside the program's folder."},
            {"QT_QPA_PLATFORM", "Qt's platform; xcb unless it is set, for the 3D view needs GLX."}}},
          {"SEE ALSO", {{"", "lodestone-engine(1). Help for every page is in the window (F1)."}}}}}));
}

} // namespace

CommandLine parseCommandLine(const QStringList& arguments)
{
    const Options options;
    QCommandLineParser parser;
    parser.setApplicationDescription(QString::fromLatin1(purpose));
    parser.addOptions(options.all());
    parser.addPositionalArgument("files", QString::fromLatin1(filesText), "[files...]");

    CommandLine line;
    if (!parser.parse(arguments)) {
        line.error = parser.errorText();
        return line;
    }
    if (parser.isSet(options.help))
        line.text = parser.helpText();
    else if (parser.isSet(options.version))
        line.text = QStringLiteral("lodestone " LODESTONE_VERSION "\n");
    else if (parser.isSet(options.manual))
        line.text = manual(options);
    else if (parser.isSet(options.completion))
        try {
            line.text = QString::fromStdString(
                completionScript(describe(options), parser.value(options.completion).toStdString()));
        } catch (const Error& error) {
            line.error = QString::fromUtf8(error.what());
        }
    line.paths = parser.positionalArguments();
    line.demo = parser.isSet(options.demo);
    line.settings = !parser.isSet(options.noSettings);
    line.quitWhenShown = parser.isSet(options.shown);
    line.page = parser.value(options.page);
    line.run = parser.value(options.run);
    line.screenshots = parser.value(options.screenshot);
    line.report = parser.value(options.report);
    line.output = parser.value(options.output);
    if (line.report.isEmpty() != line.output.isEmpty())
        line.error =
            QStringLiteral("--report and --output go together: a run folder and a .pdf or .html file.");
    if (parser.isSet(options.theme)) {
        line.theme = themeFromName(parser.value(options.theme));
        if (!line.theme)
            line.error = QStringLiteral("--theme must be light, dark or system.");
    }
    if (!line.page.isEmpty() && !pages().contains(line.page))
        line.error = QStringLiteral("There is no page \"%1\": choose one of %2.")
                         .arg(line.page, pages().join(QStringLiteral(", ")));
    return line;
}

} // namespace lodestone::gui
