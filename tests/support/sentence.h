#pragma once
#include "base/error.h"
#include <QString>
#include <string>
#include <vector>

/// Runs the body and returns the sentence of the Error it throws; "" if it throws none.
template<class Body>
QString sentence(Body&& body)
{
    try {
        body();
    } catch (const lodestone::Error& error) {
        return QString::fromStdString(error.what());
    }
    return {};
}

/// Exit code of the Error that the body throws; 0 if it throws none.
template<class Body>
int exitCodeOf(Body body)
{
    try {
        body();
    } catch (const lodestone::Error& error) {
        return error.exitCode();
    }
    return 0;
}

/// Checks that the body throws an Error whose sentence has all of the given parts in it.
#define VERIFY_ERROR(body, ...)                                                                              \
    do {                                                                                                     \
        const QString said = sentence([&] { body; });                                                        \
        for (const std::string& part : std::vector<std::string>{__VA_ARGS__})                                \
            QVERIFY2(said.contains(QString::fromStdString(part)),                                            \
                     qPrintable("the sentence was: '" + said + "'"));                                        \
    } while (false)
