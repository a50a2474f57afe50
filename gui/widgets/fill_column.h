#pragma once
#include <QtCore/QObject>

class QTableView;

namespace lodestone::gui {

/// Makes the columns of a table as wide as their contents and gives one of them whatever is left, so that the
/// table fills its place without cutting a text; where there is too little room the table scrolls.
class FillColumn : public QObject {
    Q_OBJECT
public:
    /// Belongs to the table.
    FillColumn(QTableView* table, int column);
    /// To be called when the contents have changed.
    void fit();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fill();

    QTableView* m_table;
    int m_column, m_needed = 0;
};

} // namespace lodestone::gui
