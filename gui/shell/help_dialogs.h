#pragma once
#include <QtCore/QList>

class QAction;
class QWidget;

namespace lodestone::gui {

/// A table of every action that has a shortcut, grouped by menu.
void showShortcuts(QWidget* parent);
void showAbout(QWidget* parent);

} // namespace lodestone::gui
