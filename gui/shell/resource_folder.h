#pragma once
#include <QtCore/QString>

namespace lodestone::gui {

/// The folder that holds demo/ and help: LODESTONE_RESOURCES in the environment, then share/lodestone beside
/// the installed bin/, then the source tree around a build folder. Empty: not found.
QString resourceFolder();

/// Files of the demo; fields are empty where a file is missing.
struct DemoFiles {
    QString model, training, test, configuration;
    bool complete() const { return !model.isEmpty() && !training.isEmpty() && !configuration.isEmpty(); }
};
DemoFiles demoFiles();

} // namespace lodestone::gui
