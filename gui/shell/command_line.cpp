#include "shell/command_line.h"

#include <QtCore/QCommandLineParser>

namespace lodestone::gui {

CommandLine parseCommandLine(const QStringList& arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Sparse fine-tuning of equivariant interatomic models, with magnetic moments in view."));
    const QCommandLineOption help({"h", "help"}, QStringLiteral("Show this text."));
    const QCommandLineOption version({"v", "version"}, QStringLiteral("Show the version."));
    const QCommandLineOption demo("demo", QStringLiteral("Open the demo."));
    const QCommandLineOption noSettings("no-settings",
                                        QStringLiteral("Neither read nor write the user's settings."));
    const QCommandLineOption page(
        "page",
        QStringLiteral("Show this page: welcome, structure, data, blocks, training, sparsity or results."),
        "name");
    const QCommandLineOption run("open-run", QStringLiteral("Open this run folder."), "folder");
    const QCommandLineOption screenshot(
        "screenshot", QStringLiteral("Write a picture of every page into this folder and quit."), "folder");
    const QCommandLineOption theme("theme", QStringLiteral("Colours: light, dark or system."), "name");
    const QCommandLineOption report(
        "report", QStringLiteral("Write the report of this run folder to the file of --output and quit."),
        "folder");
    const QCommandLineOption output("output", QStringLiteral("With --report: a .pdf or .html file."), "file");
    const QCommandLineOption shown(
        "quit-when-shown",
        QStringLiteral("Print the memory in use (MiB) as soon as the window is there, and quit."));
    parser.addOptions({help, version, demo, noSettings, page, run, screenshot, theme, report, output, shown});
    parser.addPositionalArgument("files", QStringLiteral("Models, data files and run folders to open."),
                                 "[files...]");

    CommandLine line;
    if (!parser.parse(arguments)) {
        line.error = parser.errorText();
        return line;
    }
    if (parser.isSet(help))
        line.text = parser.helpText();
    else if (parser.isSet(version))
        line.text = QStringLiteral("lodestone " LODESTONE_VERSION "\n");
    line.paths = parser.positionalArguments();
    line.demo = parser.isSet(demo);
    line.settings = !parser.isSet(noSettings);
    line.quitWhenShown = parser.isSet(shown);
    line.page = parser.value(page);
    line.run = parser.value(run);
    line.screenshots = parser.value(screenshot);
    line.report = parser.value(report);
    line.output = parser.value(output);
    if (line.report.isEmpty() != line.output.isEmpty())
        line.error =
            QStringLiteral("--report and --output go together: a run folder and a .pdf or .html file.");
    if (parser.isSet(theme)) {
        line.theme = themeFromName(parser.value(theme));
        if (!line.theme)
            line.error = QStringLiteral("--theme must be light, dark or system.");
    }
    static const QStringList pages = {"",       "welcome",  "structure", "data",
                                      "blocks", "training", "sparsity",  "results"};
    if (!pages.contains(line.page))
        line.error = QStringLiteral("There is no page \"%1\": choose one of %2.")
                         .arg(line.page, pages.mid(1).join(QStringLiteral(", ")));
    return line;
}

} // namespace lodestone::gui
