#include "runs/report_printer.h"
#include "shell/command_line.h"
#include "shell/heap.h"
#include "shell/language.h"
#include "shell/main_window.h"
#include "shell/screenshots.h"
#include "shell/settings.h"
#include "shell/window_holder.h"
#include "structure/viewport.h"

#include <QtCore/QFile>
#include <QtCore/QLocale>
#include <QtCore/QSettings>
#include <QtCore/QTemporaryDir>
#include <QtCore/QTextStream>
#include <QtCore/QTimer>
#include <QtWidgets/QApplication>
#include <algorithm>
#include <unistd.h>

namespace {

using namespace lodestone::gui;

/// What must be settled before there is an application (VTK 9.1 inside Qt 6 works with GLX only).
void prepareGraphics()
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "xcb");
    if (!qEnvironmentVariableIsSet("QT_XCB_GL_INTEGRATION"))
        qputenv("QT_XCB_GL_INTEGRATION", "xcb_glx");
    setDefaultSurfaceFormat();
}

/// Bytes of this process in memory (resident set); 0 where the system does not say.
qint64 memoryInUse()
{
    QFile status(QStringLiteral("/proc/self/statm"));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    const QList<QByteArray> pages = status.readAll().split(' ');
    return pages.size() > 1 ? pages[1].toLongLong() * sysconf(_SC_PAGESIZE) : 0;
}

/// A report without a window, and without a display.
int runReport(const CommandLine& line)
{
    try {
        writeReport(line.report, line.output);
        return 0;
    } catch (const lodestone::Error& error) {
        QTextStream(stderr) << "lodestone: " << error.what() << '\n';
        return error.exitCode();
    }
}

/// Prints what is wrong with the arguments, or what was asked for; returns the exit code.
int printed(const CommandLine& line)
{
    if (!line.error.isEmpty()) {
        QTextStream(stderr) << "lodestone: " << line.error << '\n';
        return 2;
    }
    QTextStream(stdout) << line.text;
    return 0;
}

/// `newer`: the user's own settings, where they are of a newer version and `settings` stand in for them.
int runWindow(QApplication& application, const CommandLine& line, QSettings& settings,
              const QString& newer = {})
{
    applyLanguage(application, settings.value(keys::language).toString());
    applyTheme(
        application,
        line.theme.value_or(themeFromName(settings.value(keys::theme).toString()).value_or(Theme::System)));
    WindowHolder holder(settings);
    MainWindow& window = holder.window();
    if (!line.screenshots.isEmpty()) {
        window.setAsksOnClose(false);
        window.resize(1560, 960);
    }
    window.show();
    const bool opensSomething = line.demo || !line.paths.isEmpty() || !line.run.isEmpty();
    if (line.demo)
        window.openDemo();
    window.openPaths(line.paths); // a project among them brings a window of its own
    if (!line.run.isEmpty())
        window.openPaths({line.run});
    if (!opensSomething && settings.value(keys::restoresSession, true).toBool())
        window.restore();
    if (!line.page.isEmpty())
        window.showPage(line.page);
    if (!newer.isEmpty())
        window.leaveSettingsAlone(newer);

    // Two turns of the loop after showing: laid out, painted, and ready for the first click.
    if (line.quitWhenShown)
        QTimer::singleShot(0, &application, [] {
            QTimer::singleShot(0, [] {
                QTextStream(stdout) << memoryInUse() / (1 << 20) << '\n';
                QApplication::quit();
            });
        });

    std::unique_ptr<Screenshots> pictures;
    const auto takePictures = [&] {
        pictures = std::make_unique<Screenshots>(holder.window(), line.screenshots);
        QObject::connect(pictures.get(), &Screenshots::finished, &application,
                         [](bool allWritten) { QApplication::exit(allWritten ? 0 : 1); });
    };
    if (!line.screenshots.isEmpty()) {
        takePictures();
        QObject::connect(&holder, &WindowHolder::replaced, &application, takePictures);
    }
    return QApplication::exec();
}

} // namespace

int main(int argc, char** argv)
{
    returnLargeBlocks();
    QApplication::setOrganizationName(QStringLiteral("lodestone"));
    QApplication::setApplicationName(QStringLiteral("lodestone"));
    QApplication::setApplicationVersion(QStringLiteral(LODESTONE_VERSION));
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments << QString::fromLocal8Bit(argv[i]);
    // What the program prints of itself needs no display; Qt's own options (-platform, -style) are taken out
    // by QApplication below.
    if (std::any_of(arguments.begin(), arguments.end(), [](const QString& argument) {
            const QString name = argument.section(QLatin1Char('='), 0, 0);
            return name == QLatin1String("--help") || name == QLatin1String("--version") ||
                   name == QLatin1String("--man") || name == QLatin1String("--completion");
        })) {
        QCoreApplication plain(argc, argv);
        return printed(parseCommandLine(QCoreApplication::arguments()));
    }
    const bool report = std::any_of(arguments.begin(), arguments.end(), [](const QString& argument) {
        return argument == QLatin1String("--report") || argument.startsWith(QLatin1String("--report="));
    });
    if (report && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    prepareGraphics();
    QApplication application(argc, argv);
    QApplication::setApplicationDisplayName(QStringLiteral("Lodestone"));
    QApplication::setDesktopFileName(QStringLiteral("io.github.lodestone.Lodestone"));
    if (QLocale().language() == QLocale::C)
        QLocale::setDefault(QLocale(QLocale::English)); // groups digits: 707,569
    const CommandLine line = parseCommandLine(QApplication::arguments());
    if (!line.error.isEmpty() || !line.text.isEmpty())
        return printed(line);
    if (!line.report.isEmpty())
        return runReport(line);
    QString newer;
    if (line.settings) {
        QSettings settings;
        if (adoptSettings(settings))
            return runWindow(application, line, settings);
        newer = settings.fileName();
    }
    QTemporaryDir folder;
    QSettings settings(folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
    return runWindow(application, line, settings, newer);
}
