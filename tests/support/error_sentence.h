#pragma once
#include "base/error.h"
#include <QString>

/// Runs the body and returns the sentence of the Error it throws; empty if it throws none.
template<class Body>
QString errorSentence(Body&& body)
{
    try {
        body();
    } catch (const lodestone::Error& error) {
        return QString::fromStdString(error.what());
    }
    return {};
}

/// Checks that the body throws an Error whose sentence has all of the given parts in it.
#define VERIFY_ERROR(body, ...)                                                                              \
    do {                                                                                                     \
        const QString said = errorSentence([&] { body; });                                                   \
        for (const char* part : {__VA_ARGS__})                                                               \
            QVERIFY2(said.contains(QString::fromUtf8(part)),                                                 \
                     qPrintable("the sentence was: '" + said + "'"));                                        \
    } while (false)
