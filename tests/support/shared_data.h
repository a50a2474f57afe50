#pragma once
#include <QtTest/QtTest>
#include <filesystem>
#include <string>

/// Path below the folder of real models, data and fixtures (LODESTONE_SHARED).
inline std::filesystem::path sharedPath(const std::string& relative)
{
    return std::filesystem::path(LODESTONE_SHARED) / relative;
}

/// Skips the current test function, in plain words, where that folder is absent.
#define SKIP_WITHOUT_SHARED(relative)                                                                                  \
    do {                                                                                                               \
        if (!std::filesystem::exists(sharedPath(relative)))                                                            \
            QSKIP("the shared models, data and fixtures are not on this machine");                                     \
    } while (false)
