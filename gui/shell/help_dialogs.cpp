#include "shell/help_dialogs.h"

#include <QtWidgets/QApplication>
#include <QtWidgets/QDialog>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QMainWindow>
#include <QtWidgets/QMenu>
#include <QtWidgets/QMenuBar>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QTreeWidget>
#include <QtWidgets/QVBoxLayout>

namespace lodestone::gui {

namespace {

QString plain(QString text)
{
    // "&Open" -> "Open"; "&&" stays one ampersand
    return text.replace(QLatin1String("&&"), QLatin1String("\x01"))
        .remove(QLatin1Char('&'))
        .replace(QLatin1Char('\x01'), QLatin1Char('&'));
}

void addActions(QTreeWidgetItem* group, const QList<QAction*>& actions)
{
    for (const QAction* action : actions) {
        if (action->menu())
            addActions(group, action->menu()->actions());
        else if (!action->shortcut().isEmpty())
            new QTreeWidgetItem(
                group, {plain(action->text()), action->shortcut().toString(QKeySequence::NativeText)});
    }
}

} // namespace

void showShortcuts(QWidget* parent)
{
    QDialog dialog(parent);
    dialog.setWindowTitle(QObject::tr("Shortcuts"));
    auto* tree = new QTreeWidget(&dialog);
    tree->setAccessibleName(dialog.windowTitle());
    tree->setColumnCount(2);
    tree->setHeaderLabels({QObject::tr("Action"), QObject::tr("Keys")});
    tree->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    tree->header()->setStretchLastSection(false);
    tree->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    const auto group = [tree](const QString& title) {
        auto* item = new QTreeWidgetItem(tree, {title});
        QFont font = item->font(0);
        font.setBold(true);
        item->setFont(0, font);
        return item;
    };
    if (auto* window = qobject_cast<QMainWindow*>(parent))
        for (const QAction* menu : window->menuBar()->actions())
            if (menu->menu())
                addActions(group(plain(menu->text())), menu->menu()->actions());
    auto* everywhere = group(QObject::tr("Everywhere"));
    new QTreeWidgetItem(everywhere,
                        {QObject::tr("Next field, previous field"), QObject::tr("Tab, Shift+Tab")});
    new QTreeWidgetItem(everywhere,
                        {QObject::tr("Tick or untick the row in a table or tree"), QObject::tr("Space")});
    new QTreeWidgetItem(everywhere, {QObject::tr("Context menu"), QObject::tr("Menu, or Shift+F10")});
    tree->expandAll();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, &dialog);
    QObject::connect(buttons, &QDialogButtonBox::rejected, &dialog, &QDialog::reject);
    auto* column = new QVBoxLayout(&dialog);
    column->addWidget(tree);
    column->addWidget(buttons);
    dialog.resize(560, 640);
    dialog.exec();
}

void showAbout(QWidget* parent)
{
    QMessageBox box(parent);
    box.setWindowTitle(QObject::tr("About Lodestone"));
    box.setIconPixmap(QIcon(QStringLiteral(":/icons/io.github.lodestone.Lodestone.svg")).pixmap(64, 64));
    box.setText(QObject::tr("<b>Lodestone %1</b>").arg(QApplication::applicationVersion()));
    box.setInformativeText(
        QObject::tr(
            "Sparse fine-tuning of pre-trained E(3)-equivariant interatomic models, with the changed "
            "parameters "
            "and the magnetic moments in view.<br><br>Free software under the GNU General Public License, "
            "version 3 or later. Built with Qt %1, VTK, QCustomPlot, HDF5, gemmi and spglib; the engine with "
            "LibTorch.")
            .arg(QLatin1String(qVersion())));
    box.exec();
}

} // namespace lodestone::gui
