#pragma once
#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtCore/QRegularExpression>
#include <string>
#include <vector>

/// What a Python program of Debian's python3 said, both outputs together.
struct PythonCall {
    int code = -1;
    QString text;
};

inline QString pythonPath()
{
    return QStringLiteral("/usr/bin/python3");
}

/// Runs it in `folder` with the engine of this build in the PATH.
inline PythonCall callPython(const QStringList& arguments, const QString& folder, int milliseconds = 600000)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PATH", QStringLiteral(LODESTONE_BIN ":") + environment.value("PATH"));
    environment.insert("PYTHONDONTWRITEBYTECODE", "1");
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(folder);
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(pythonPath(), arguments);
    if (!process.waitForFinished(milliseconds)) {
        process.kill();
        process.waitForFinished();
        return {-1, QStringLiteral("python3 is not there or did not end in time")};
    }
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAll())};
}

/// Whether python3 is installed with these modules ("h5py, numpy").
inline bool pythonHas(const QString& modules)
{
    return callPython({"-c", "import " + modules}, ".", 60000).code == 0;
}

/// The blocks of a Markdown page that are fenced as Python.
inline QStringList pythonBlocks(const QString& page)
{
    QFile file(page);
    QStringList blocks;
    if (!file.open(QIODevice::ReadOnly))
        return blocks;
    static const QRegularExpression fence("^```python\\n(.*?)^```$",
                                          QRegularExpression::MultilineOption |
                                              QRegularExpression::DotMatchesEverythingOption);
    auto found = fence.globalMatch(QString::fromUtf8(file.readAll()));
    while (found.hasNext())
        blocks << found.next().captured(1);
    return blocks;
}
