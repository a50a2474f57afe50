#pragma once
#include "base/error.h"
#include <QString>

/// Runs the body and returns the sentence of the Error it throws; "" if it throws none.
template<class Body>
QString sentence(Body body)
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
