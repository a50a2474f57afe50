#include "widgets/text_table.h"
#include "base/text.h"
#include "widgets/fill_column.h"

#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtGui/QKeyEvent>
#include <QtWidgets/QHeaderView>

namespace lodestone::gui {

TextTable::TextTable(QWidget* parent) : QTableWidget(parent), m_fill(new FillColumn(this, 0))
{
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setAlternatingRowColors(true);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setShowGrid(false);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setStretchLastSection(false);
    setContextMenuPolicy(Qt::ActionsContextMenu);
    auto* action = new QAction(tr("&Copy as text"), this);
    connect(action, &QAction::triggered, this, &TextTable::copy);
    addAction(action);
}

void TextTable::setRows(const QStringList& header, const QList<QStringList>& rows)
{
    setColumnCount(int(header.size()));
    setHorizontalHeaderLabels(header);
    setRowCount(int(rows.size()));
    for (int r = 0; r < rows.size(); ++r)
        for (int c = 0; c < header.size(); ++c) {
            const QString text = rows[r].value(c);
            auto* cell = new QTableWidgetItem(text);
            const bool number = text == QStringLiteral("–") || parseReal(QString(text)
                                                                             .remove(QLatin1Char(' '))
                                                                             .remove(QLatin1Char('%'))
                                                                             .remove(QChar(0xd7))
                                                                             .toStdString())
                                                                   .has_value();
            cell->setTextAlignment((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
            setItem(r, c, cell);
        }
    fit();
}

void TextTable::fit()
{
    m_fill->fit();
}

void TextTable::setFillColumn(int column)
{
    delete m_fill;
    m_fill = new FillColumn(this, column);
}

QString TextTable::asText() const
{
    QStringList lines, header;
    for (int c = 0; c < columnCount(); ++c)
        header << horizontalHeaderItem(c)->text();
    lines << header.join(QLatin1Char('\t'));
    const auto ranges = selectedRanges();
    for (int r = 0; r < rowCount(); ++r) {
        const bool chosen =
            ranges.isEmpty() || std::any_of(ranges.begin(), ranges.end(), [r](const auto& range) {
                return r >= range.topRow() && r <= range.bottomRow();
            });
        if (!chosen)
            continue;
        QStringList cells;
        for (int c = 0; c < columnCount(); ++c)
            cells << item(r, c)->text();
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void TextTable::copy() const
{
    QGuiApplication::clipboard()->setText(asText());
}

void TextTable::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        copy();
    else
        QTableWidget::keyPressEvent(event);
}

} // namespace lodestone::gui
