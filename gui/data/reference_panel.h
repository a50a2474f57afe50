#pragma once
#include "shell/data_check.h"

#include <QtWidgets/QWidget>

class QLabel;

namespace lodestone::gui {

class TextTable;

/// How far the labelled energies are from the open model's, and the shift of each element's reference energy
/// that brings them together, with the rank of that fit.
class ReferencePanel : public QWidget {
    Q_OBJECT
public:
    explicit ReferencePanel(QWidget* parent);
    void show(const DataCheck& check);

private:
    void fill(const DataFacts& facts);

    QLabel* m_sentence;
    TextTable* m_table;
};

} // namespace lodestone::gui
