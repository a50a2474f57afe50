#pragma once
#include "data/frame_table_model.h"

#include <QtWidgets/QWidget>
#include <array>

class QComboBox;

namespace lodestone::gui {

/// Which name in the files each label is read from. Labels without any fitting name are greyed.
class KeyEditor : public QWidget {
    Q_OBJECT
public:
    explicit KeyEditor(QWidget* parent = nullptr);
    void show(const LabelKeys& keys, const KeyChoices& choices);

Q_SIGNALS:
    void edited(const LabelKeys& keys);

private:
    LabelKeys keys() const;
    std::array<QComboBox*, 6> m_boxes{};
    LabelKeys m_shown;
};

} // namespace lodestone::gui
