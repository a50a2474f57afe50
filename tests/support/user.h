#pragma once
#include <QtCore/QMimeData>
#include <QtCore/QTimer>
#include <QtGui/QDropEvent>
#include <QtTest/QtTest>
#include <QtWidgets/QAbstractItemView>
#include <QtWidgets/QApplication>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QMenu>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QStyle>
#include <QtWidgets/QStyleOptionViewItem>
#include <QtWidgets/QTabBar>
#include <QtWidgets/QTableView>

namespace lodestone::test {

/// Somebody at the screen: acts on a window through mouse and keyboard events alone, and counts the clicks.
/// Whatever is not visible, not enabled or covered by something else cannot be clicked: the call then says so
/// and returns false. GUI thread only.
class User {
public:
    int clicks() const { return m_clicks; }
    void beginTask() { m_clicks = 0; }
    void countClick() { ++m_clicks; } ///< made by somebody else, such as FileDialogAnswer

    bool click(QWidget* widget)
    {
        return widget ? clickAt(widget, widget->rect().center()) : missing("widget");
    }

    bool clickAt(QWidget* widget, const QPoint& at)
    {
        if (!widget->isVisible() || !widget->isEnabled()) {
            qWarning() << "not visible or not enabled:" << widget->accessibleName() << widget;
            return false;
        }
        for (QWidget* parent = widget->parentWidget(); parent; parent = parent->parentWidget())
            if (auto* area = qobject_cast<QScrollArea*>(parent))
                area->ensureWidgetVisible(widget); // as a turn of the wheel does
        const QWidget* top = QApplication::widgetAt(widget->mapToGlobal(at));
        if (top != widget && !widget->isAncestorOf(top)) {
            qWarning() << "covered or scrolled away:" << widget->accessibleName() << widget << "by" << top;
            return false;
        }
        ++m_clicks;
        QTest::mouseClick(widget, Qt::LeftButton, {}, at);
        return true;
    }

    bool clickTab(QTabBar* bar, const QString& text)
    {
        for (int i = 0; bar && i < bar->count(); ++i)
            if (bar->isTabVisible(i) && bar->tabText(i).remove(QLatin1Char('&')) == text)
                return clickAt(bar, bar->tabRect(i).center());
        return missing("tab " + text);
    }

    bool clickRow(QAbstractItemView* view, const QModelIndex& index)
    {
        if (!index.isValid())
            return missing("row");
        view->scrollTo(index);
        return clickAt(view->viewport(), view->visualRect(index).center());
    }

    /// The check box of a row.
    bool tick(QAbstractItemView* view, const QModelIndex& index)
    {
        if (!index.isValid())
            return missing("row");
        view->scrollTo(index);
        QStyleOptionViewItem option;
        option.initFrom(view);
        option.rect = view->visualRect(index);
        option.features = QStyleOptionViewItem::HasCheckIndicator;
        option.widget = view;
        return clickAt(
            view->viewport(),
            view->style()->subElementRect(QStyle::SE_ItemViewItemCheckIndicator, &option, view).center());
    }

    bool clickHeader(QTableView* view, int column)
    {
        QHeaderView* header = view->horizontalHeader();
        view->scrollTo(view->model()->index(0, column));
        return clickAt(header->viewport(),
                       QPoint(header->sectionViewportPosition(column) + header->sectionSize(column) / 2,
                              header->height() / 2));
    }

    /// Opens the list of a box and clicks the entry: two clicks.
    bool choose(QComboBox* box, const QString& text)
    {
        if (!box || box->findText(text) < 0)
            return missing("entry " + text);
        if (!clickAt(box, QPoint(box->width() - 8, box->height() / 2)))
            return false;
        QAbstractItemView* list = box->view();
        if (!QTest::qWaitFor([list] { return list->isVisible(); }))
            return missing("list");
        QTest::qWait(QApplication::doubleClickInterval() + 50); // a list takes no second click right away
        return clickRow(list, box->model()->index(box->findText(text), box->modelColumn()));
    }

    /// Clicks a button that opens a menu, and the entry in it: two clicks.
    bool chooseFromMenu(QWidget* button, const QString& text)
    {
        bool found = false;
        QTimer look;
        look.setInterval(50);
        int tries = 0;
        QObject::connect(&look, &QTimer::timeout, [&] {
            auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
            if (++tries > 100 && menu)
                menu->close();
            if (!menu || found)
                return;
            for (QAction* action : menu->actions())
                if (action->text() == text) {
                    found = true;
                    look.stop();
                    clickAt(menu, menu->actionGeometry(action).center());
                    return;
                }
        });
        look.start();
        return click(button) && (QTest::qWaitFor([&found] { return found; }) || missing("entry " + text));
    }

    /// Types over what stands in a field.
    bool type(QWidget* field, const QString& text)
    {
        if (!click(field))
            return false;
        QWidget* focus = QApplication::focusWidget();
        if (!focus)
            return missing("field with the keyboard");
        QTest::keyClick(focus, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(focus, text);
        return true;
    }

    /// Files dragged from elsewhere and dropped in the middle of the window.
    bool drop(QWidget* window, const QStringList& paths)
    {
        QMimeData mime;
        QList<QUrl> urls;
        for (const QString& path : paths)
            urls << QUrl::fromLocalFile(path);
        mime.setUrls(urls);
        const QPoint at = window->rect().center();
        QDragEnterEvent enter(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(window, &enter);
        QDropEvent event(QPointF(at), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(window, &event);
        return enter.isAccepted() && event.isAccepted();
    }

private:
    static bool missing(const QString& what)
    {
        qWarning() << "there is no" << what;
        return false;
    }
    int m_clicks = 0;
};

} // namespace lodestone::test
