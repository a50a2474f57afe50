#pragma once
#include <QtWidgets/QTableWidget>

namespace lodestone::gui {

class FillColumn;

/// A read-only table of texts whose selection (or, without one, everything) can be copied as tab-separated
/// text: Ctrl+C or the context menu. Numbers stand right, texts left.
class TextTable : public QTableWidget {
    Q_OBJECT
public:
    explicit TextTable(QWidget* parent = nullptr);
    void setFillColumn(int column); ///< the one that takes the room that is left; the first unless set
    void setRows(const QStringList& header, const QList<QStringList>& rows);
    void fit();             ///< after a cell's text was changed
    QString asText() const; ///< with the header
    void copy() const;

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    FillColumn* m_fill;
};

} // namespace lodestone::gui
