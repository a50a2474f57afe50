#pragma once
#include <QtWidgets/QWidget>
#include <memory>
#include <vector>

namespace lodestone::gui {

/// A labelled matrix of coloured cells with a colour scale, hover read-out and clickable cells. NaN cells are drawn empty
/// (hatched), so "not eligible" differs from "nothing changed". Follows the palette; exports PNG, SVG, PDF, CSV.
class HeatMap : public QWidget {
    Q_OBJECT
public:
    explicit HeatMap(QWidget* parent = nullptr);
    ~HeatMap() override;
    struct Data {
        QStringList rows, columns;     ///< may be empty for large matrices (then indices are shown on hover)
        std::vector<double> values;    ///< [rows * columns]
        QStringList tooltips;          ///< [rows * columns] or empty
        int rowCount = 0, columnCount = 0;
        QString title, scaleTitle;     ///< scaleTitle with unit, for example "changed / eligible"
        bool diverging = false;        ///< scale symmetric about 0
        double low = 0, high = 1;      ///< range of the colour scale; equal: fitted to the values
        bool logScale = false;
    };
    void setData(const Data& data);
    const Data& data() const;
    void setPlaceholder(const QString& sentence);
    QRect cellRect(int row, int column) const; ///< in widget coordinates, for tests and keyboard
    bool exportTo(const QString& file);

Q_SIGNALS:
    void cellClicked(int row, int column);
    void cellHovered(int row, int column); ///< -1, -1 on leaving

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace lodestone::gui
