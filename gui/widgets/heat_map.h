#pragma once
#include <QtWidgets/QWidget>
#include <memory>
#include <vector>

namespace lodestone::gui {

/// A labelled matrix of coloured cells with a colour scale, hover read-out and clickable cells. NaN cells are
/// drawn empty (hatched), so "not eligible" differs from "nothing changed". Arrow keys move between cells,
/// Enter clicks one. Matrices whose cells would be tiny are drawn as one image. Follows the palette; exports
/// PNG, SVG, PDF, CSV.
class HeatMap : public QWidget {
    Q_OBJECT
public:
    explicit HeatMap(QWidget* parent = nullptr);
    ~HeatMap() override;
    struct Data {
        QStringList rows, columns;  ///< may be empty for large matrices (then indices are shown on hover)
        std::vector<double> values; ///< [rows * columns]
        QStringList tooltips;       ///< [rows * columns] or empty
        int rowCount = 0, columnCount = 0;
        QStringList texts;      ///< written in the cells instead of their numbers; [rows * columns] or empty
        bool plainGaps = false; ///< NaN cells are left blank instead of hatched
        QString title, scaleTitle; ///< scaleTitle with unit, for example "changed / eligible"
        bool diverging = false;    ///< scale symmetric about 0
        double low = 0, high = 1;  ///< range of the colour scale; equal: fitted to the values
        bool logScale = false;
    };
    void setData(const Data& data);
    const Data& data() const;
    void setPlaceholder(const QString& sentence);
    QString placeholder() const;
    QRect cellRect(int row, int column) const; ///< in widget coordinates, for tests and keyboard
    /// PNG (twice the size), SVG, PDF on white ground, or CSV, by extension. False: not written.
    bool exportTo(const QString& file);
    void saveAs(); ///< asks for a file and exports

Q_SIGNALS:
    void cellClicked(int row, int column);
    void cellHovered(int row, int column); ///< -1, -1 on leaving

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

private:
    QPoint cellAt(const QPointF& position) const; ///< x column, y row; -1, -1 outside
    void hover(int row, int column);
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace lodestone::gui
