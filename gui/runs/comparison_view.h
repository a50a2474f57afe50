#pragma once
#include "runs/run_results.h"

#include <QtWidgets/QWidget>

class QComboBox;

namespace lodestone::gui {

class Plot;
class TextTable;

/// Several runs side by side: a table, their validation curves over one another, and error against changed
/// fraction.
class ComparisonView : public QWidget {
    Q_OBJECT
public:
    explicit ComparisonView(QWidget* parent = nullptr);
    void setReports(std::vector<RunReport> reports);

private:
    void draw();

    std::vector<RunReport> m_reports;
    QComboBox* m_quantity;
    TextTable* m_table;
    Plot *m_curves, *m_pareto;
};

/// "eV/atom" for energy and so on; empty for unknown quantities.
QString quantityUnit(const std::string& quantity);
/// "Energy", "Moments of Fe".
QString quantityName(const std::string& quantity);
/// Three significant digits, a dash for NaN.
QString errorText(double value);

} // namespace lodestone::gui
