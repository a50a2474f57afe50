#pragma once
#include "widgets/heat_map.h"

#include <QtGui/QTextDocument>
#include <QtWidgets/QAbstractButton>
#include <QtWidgets/QAbstractSpinBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDockWidget>
#include <QtWidgets/QGroupBox>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListView>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QStyleOption>
#include <QtWidgets/QTabBar>
#include <QtWidgets/QTreeView>
#include <cmath>

// Finds texts that do not fit where they stand: what a user sees as "nequix-mp-…" or as a cut-off word.

namespace lodestone::test {

/// Collects one line for each text that needs more room than it has.
class ClippedTexts {
public:
    /// Everything visible in `window`.
    explicit ClippedTexts(const QWidget& window) : m_window(window)
    {
        for (const QWidget* widget : window.findChildren<QWidget*>())
            if (widget->isVisible() && inWindow(*widget))
                look(*widget);
    }
    const QStringList& found() const { return m_found; }
    int looked() const { return m_looked; } ///< texts that were measured

private:
    struct TabAccess : QTabBar { // names the protected function, no such object is made
        using QTabBar::tabSizeHint;
    };
    struct ViewAccess : QAbstractItemView {
        using QAbstractItemView::initViewItemOption;
    };

    /// Docks that stand behind another one's tab are laid out beyond the window's edge.
    bool inWindow(const QWidget& widget) const
    {
        for (const QWidget* w = &widget; w && w != &m_window; w = w->parentWidget())
            if (qobject_cast<const QDockWidget*>(w) &&
                !QRect(w->mapTo(&m_window, QPoint(0, 0)), w->size()).intersects(m_window.rect()))
                return false;
        return true;
    }
    QString place(const QWidget& widget) const
    {
        QStringList parts;
        for (const QWidget* w = &widget; w && w != &m_window; w = w->parentWidget())
            parts.prepend(w->objectName().isEmpty() ? QString::fromLatin1(w->metaObject()->className())
                                                    : w->objectName());
        return parts.mid(std::max<qsizetype>(0, parts.size() - 4)).join(QLatin1Char('/'));
    }
    void need(const QWidget& widget, const QString& text, double needs, double has, const char* what)
    {
        ++m_looked;
        if (needs > has + 0.5)
            m_found << QStringLiteral("%1: \"%2\" needs %3 pixels of %4, has %5")
                           .arg(place(widget), text.simplified().left(60))
                           .arg(std::ceil(needs))
                           .arg(QLatin1String(what))
                           .arg(std::floor(has));
    }

    void look(const QWidget& widget)
    {
        if (const auto* label = qobject_cast<const QLabel*>(&widget))
            lookAtLabel(*label);
        else if (const auto* button = qobject_cast<const QAbstractButton*>(&widget))
            lookAtButton(*button);
        else if (const auto* tabs = qobject_cast<const QTabBar*>(&widget))
            lookAtTabs(*tabs);
        else if (const auto* header = qobject_cast<const QHeaderView*>(&widget))
            lookAtHeader(*header);
        else if (const auto* box = qobject_cast<const QComboBox*>(&widget))
            lookAtComboBox(*box);
        else if (const auto* line = qobject_cast<const QLineEdit*>(&widget))
            lookAtLine(*line);
        else if (const auto* group = qobject_cast<const QGroupBox*>(&widget))
            need(*group, group->title(), group->fontMetrics().horizontalAdvance(group->title()),
                 group->width() - 8, "width");
        else if (const auto* dock = qobject_cast<const QDockWidget*>(&widget))
            need(*dock, dock->windowTitle(), dock->fontMetrics().horizontalAdvance(dock->windowTitle()),
                 dock->width() - 48, "width"); // its two buttons
        else if (const auto* view = qobject_cast<const QAbstractItemView*>(&widget))
            lookAtItems(*view);
        else if (const auto* map = qobject_cast<const gui::HeatMap*>(&widget))
            lookAtHeatMap(*map);
    }

    /// A widget that reaches beyond the edge of what it stands in, where nothing can be scrolled.
    void lookAtPlace(const QWidget& widget, const QString& text)
    {
        bool vertical = true;
        for (const QWidget *w = &widget, *up = w->parentWidget(); up && w != &m_window;
             w = up, up = up->parentWidget()) {
            const QRect rect(widget.mapTo(up, QPoint(0, 0)), widget.size());
            const auto* area = qobject_cast<const QAbstractScrollArea*>(up->parentWidget());
            if (area && area->viewport() == up) {
                if (area->horizontalScrollBarPolicy() != Qt::ScrollBarAlwaysOff)
                    return;
                vertical = false;
            }
            if (rect.left() < 0 || rect.right() > up->width() - 1) {
                need(widget, text, rect.right() + 1, up->width(), "width inside its surroundings");
                return;
            }
            if (vertical && (rect.top() < 0 || rect.bottom() > up->height() - 1)) {
                need(widget, text, rect.bottom() + 1, up->height(), "height inside its surroundings");
                return;
            }
        }
    }

    void lookAtLabel(const QLabel& label)
    {
        if (label.text().isEmpty())
            return;
        lookAtPlace(label, label.text());
        if (!label.wordWrap()) {
            need(label, label.text(), label.sizeHint().width(), label.width(), "width");
            need(label, label.text(), label.sizeHint().height(), label.height(), "height");
            return;
        }
        QTextDocument document;
        document.setDefaultFont(label.font());
        document.setDocumentMargin(0);
        if (label.textFormat() == Qt::RichText ||
            (label.textFormat() == Qt::AutoText && Qt::mightBeRichText(label.text())))
            document.setHtml(label.text());
        else
            document.setPlainText(label.text());
        document.setTextWidth(label.contentsRect().width());
        need(label, label.text(), document.size().width(), label.contentsRect().width(), "width");
        need(label, label.text(), label.heightForWidth(label.width()), label.height(), "height");
    }

    void lookAtButton(const QAbstractButton& button)
    {
        if (button.text().isEmpty())
            return;
        lookAtPlace(button, button.text());
        const QWidget& widget = button; // where heightForWidth is public
        const bool wraps = widget.hasHeightForWidth();
        need(button, button.text(), wraps ? 0 : button.sizeHint().width(), button.width(), "width");
        need(button, button.text(),
             wraps ? widget.heightForWidth(button.width()) : button.sizeHint().height(), button.height(),
             "height");
    }

    void lookAtTabs(const QTabBar& tabs)
    {
        for (int i = 0; i < tabs.count(); ++i) {
            if (!tabs.isTabVisible(i))
                continue;
            const QSize hint = (tabs.*(&TabAccess::tabSizeHint))(i);
            need(tabs, tabs.tabText(i), hint.width(), tabs.tabRect(i).width(), "width");
            need(tabs, tabs.tabText(i), tabs.tabRect(i).right() + 1, tabs.width(),
                 "width in the row of tabs");
        }
    }

    void lookAtHeader(const QHeaderView& header)
    {
        for (int i = 0; i < header.count(); ++i)
            if (!header.isSectionHidden(i) && header.orientation() == Qt::Horizontal)
                need(header, header.model()->headerData(i, Qt::Horizontal).toString(),
                     header.sectionSizeHint(i), header.sectionSize(i), "width");
    }

    void lookAtComboBox(const QComboBox& box)
    {
        QStyleOptionComboBox option;
        option.initFrom(&box);
        option.editable = box.isEditable();
        option.frame = box.hasFrame();
        const QRect field =
            box.style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, &box);
        const QString text = box.currentIndex() < 0 ? box.placeholderText() : box.currentText();
        if (!text.isEmpty())
            need(box, text, box.fontMetrics().horizontalAdvance(text), field.width() - 2, "width");
        lookAtPlace(box, text);
    }

    void lookAtLine(const QLineEdit& line)
    {
        if (qobject_cast<const QComboBox*>(line.parentWidget()))
            return;
        const QString text = line.text().isEmpty() ? line.placeholderText() : line.text();
        QStyleOptionFrame option;
        option.initFrom(&line);
        option.lineWidth = line.hasFrame() ? line.style()->pixelMetric(QStyle::PM_DefaultFrameWidth) : 0;
        const QMargins margins = line.textMargins();
        const int width = line.style()->subElementRect(QStyle::SE_LineEditContents, &option, &line).width() -
                          margins.left() - margins.right() - 4;
        need(line, text, line.fontMetrics().horizontalAdvance(text), width, "width");
        lookAtPlace(line, text);
    }

    void lookAtItems(const QAbstractItemView& view)
    {
        if (!view.model() || qobject_cast<const QHeaderView*>(&view))
            return;
        lookBelow(view, view.rootIndex());
    }
    void lookBelow(const QAbstractItemView& view, const QModelIndex& parent)
    {
        const QAbstractItemModel& model = *view.model();
        const auto* tree = qobject_cast<const QTreeView*>(&view);
        const auto* list = qobject_cast<const QListView*>(&view);
        for (int row = 0; row < model.rowCount(parent); ++row) {
            const int columns = list ? 1 : model.columnCount(parent);
            for (int column = 0; column < columns; ++column) {
                const QModelIndex index = model.index(row, column, parent);
                const QString text = index.data().toString();
                const QRect rect = view.visualRect(index);
                if (text.isEmpty() || rect.isEmpty() || !view.viewport()->rect().intersects(rect))
                    continue;
                if (tree && column > 0 && tree->isFirstColumnSpanned(row, parent))
                    continue;
                QStyleOptionViewItem option;
                (view.*(&ViewAccess::initViewItemOption))(&option);
                option.rect = rect;
                const QSize hint = view.itemDelegateForIndex(index)->sizeHint(option, index);
                if (!list || !list->wordWrap())
                    need(view, text, hint.width(), rect.width(), "width");
                need(view, text, hint.height(), rect.height(), "height");
            }
            if (const QModelIndex first = model.index(row, 0, parent); tree && tree->isExpanded(first))
                lookBelow(view, first);
        }
    }

    void lookAtHeatMap(const gui::HeatMap& map)
    {
        const gui::HeatMap::Data& data = map.data();
        if (data.rowCount == 0)
            return;
        const QFontMetrics metrics = map.fontMetrics();
        for (const QString& row : data.rows)
            need(map, row, metrics.horizontalAdvance(row), map.cellRect(0, 0).left() - 8, "width");
        need(map, data.scaleTitle, metrics.horizontalAdvance(data.scaleTitle),
             map.cellRect(data.rowCount - 1, 0).bottom() - map.cellRect(0, 0).top() + 1, "height");
        need(map, data.title, metrics.horizontalAdvance(data.title), map.width() - 16, "width");
    }

    const QWidget& m_window;
    QStringList m_found;
    int m_looked = 0;
};

} // namespace lodestone::test
