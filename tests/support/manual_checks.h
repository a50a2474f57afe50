#pragma once
#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtCore/QRegularExpression>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

namespace lodestone::test {

inline QString outputOf(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, arguments);
    if (!process.waitForStarted())
        return program + " is not installed; packaging/packages.txt names its package";
    process.closeWriteChannel();
    process.waitForFinished(60000);
    return QString::fromUtf8(process.readAll());
}

/// What mandoc and groff have to say against a manual page; nothing if all is well. `file` is written.
inline QString manualFaults(const QString& page, const QString& file)
{
    QFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(page.toUtf8()) < 0)
        return file + " could not be written";
    out.close();
    return outputOf("mandoc", {"-T", "lint", "-W", "warning", file}) +
           outputOf("groff", {"-man", "-K", "utf8", "-ww", "-z", file});
}

/// A manual page as a person reads it, in one line: every run of white space is one blank.
inline QString shownManual(const QString& file)
{
    // -mdoc breaks lines at 78 columns; a wide page keeps every sentence whole.
    return outputOf("mandoc", {"-T", "utf8", "-O", "width=1000", file})
        .remove(QRegularExpression(".\b"))
        .simplified();
}

/// What bash offers for the last of `words` (of which the first is the program), with `script` loaded.
inline QStringList bashOffers(const QString& script, const QStringList& words)
{
    QString function = words.first();
    function.replace('-', '_');
    QString line;
    for (const QString& word : words)
        line += " '" + word + "'";
    const QString code = script + "\nCOMP_WORDS=(" + line + ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_" +
                         function + "\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
    return outputOf("bash", {"--norc", "-u", "-c", code}).split('\n', Qt::SkipEmptyParts);
}

/// What fish offers at the end of `line`, without the descriptions.
inline QStringList fishOffers(const QString& script, const QString& line)
{
    QTemporaryDir home;
    const QString file = home.filePath("completion.fish");
    QFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(script.toUtf8()) < 0)
        return {};
    out.close();
    QStringList words;
    for (const QString& offer :
         outputOf("env", {"HOME=" + home.path(), "fish", "--no-config", "-c",
                          QStringLiteral("source '%1'; complete -C '%2'").arg(file, line)})
             .split('\n', Qt::SkipEmptyParts))
        words << offer.section('\t', 0, 0);
    return words;
}

} // namespace lodestone::test
