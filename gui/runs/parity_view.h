#pragma once
#include "runs/run_results.h"

#include <QtWidgets/QWidget>

class QComboBox;
class QGridLayout;

namespace lodestone::gui {

class Plot;

/// Label against model for each quantity, base in grey and tuned in colour, one split at a time. The charts
/// stand side by side or in rows, whichever makes them larger.
class ParityView : public QWidget {
    Q_OBJECT
public:
    explicit ParityView(QWidget* parent = nullptr);
    /// `placeholder`: what is said where there is nothing to draw.
    void setParity(Parity parity, const QString& placeholder);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void showSplit();
    void arrange();

    Parity m_parity;
    QString m_placeholder;
    QComboBox* m_split;
    QGridLayout* m_grid;
    std::map<std::string, Plot*> m_plots;
    std::vector<std::string> m_shown;
    int m_columns = 0;
};

/// "Validation" and so on.
QString splitName(const std::string& split);

} // namespace lodestone::gui
