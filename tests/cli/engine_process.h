#pragma once
#include "base/files.h"
#include "base/json.h"

#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>
#include <filesystem>
#include <string>

/// What one call of lodestone-engine gave.
struct EngineCall {
    int code = -1;
    std::string out, error;
    lodestone::Json json() const { return lodestone::Json::parse(out, nullptr, false); }
};

inline QString enginePath()
{
    return QStringLiteral(LODESTONE_BIN "/lodestone-engine");
}

inline QStringList qtArguments(const std::vector<std::string>& arguments)
{
    QStringList list;
    for (const std::string& argument : arguments)
        list << QString::fromStdString(argument);
    return list;
}

/// Starts a program in a process that may have an environment of its own, and waits for its end.
inline EngineCall callProgram(QProcess& process, const QString& program, const QStringList& arguments,
                              int milliseconds)
{
    process.start(program, arguments);
    EngineCall call;
    if (!process.waitForFinished(milliseconds)) {
        process.kill();
        process.waitForFinished();
        call.error = program.toStdString() + " did not end in time";
        return call;
    }
    call.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    call.out = process.readAllStandardOutput().toStdString();
    call.error = process.readAllStandardError().toStdString();
    return call;
}

inline EngineCall callEngine(QProcess& process, const QStringList& arguments, int milliseconds)
{
    return callProgram(process, enginePath(), arguments, milliseconds);
}

inline EngineCall callEngine(const std::vector<std::string>& arguments, int milliseconds = 240000)
{
    QProcess process;
    return callEngine(process, qtArguments(arguments), milliseconds);
}

/// The committed demo: model, data and configuration.
inline std::string demoFile(const std::string& name)
{
    return std::string(LODESTONE_SOURCE "/resources/demo/") + name;
}

#define VERIFY_CODE(call, expected)                                                                          \
    QVERIFY2(                                                                                                \
        (call).code == (expected),                                                                           \
        qPrintable(                                                                                          \
            QStringLiteral("exit code %1: %2").arg((call).code).arg(QString::fromStdString((call).error))))
