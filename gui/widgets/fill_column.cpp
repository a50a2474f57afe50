#include "widgets/fill_column.h"

#include <QtCore/QEvent>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QTableView>

namespace lodestone::gui {

FillColumn::FillColumn(QTableView* table, int column) : QObject(table), m_table(table), m_column(column)
{
    table->viewport()->installEventFilter(this);
}

void FillColumn::fit()
{
    m_table->resizeColumnsToContents();
    m_needed = m_table->columnWidth(m_column);
    fill();
}

void FillColumn::fill()
{
    if (m_needed <= 0)
        return;
    const int others = m_table->horizontalHeader()->length() - m_table->columnWidth(m_column);
    m_table->setColumnWidth(m_column, std::max(m_needed, m_table->viewport()->width() - others));
}

bool FillColumn::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Resize)
        fill();
    return QObject::eventFilter(watched, event);
}

} // namespace lodestone::gui
