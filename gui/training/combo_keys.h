#pragma once
#include <QtWidgets/QComboBox>
#include <string>

namespace lodestone::gui {

/// The value of the "Sparsity" box that stands for method.target_fraction.
inline constexpr auto targetPreset = "target";

/// Selects the entry whose data is `key`; a value that a file may hold but the list does not offer, such as
/// cuda:3, is added.
inline void choose(QComboBox* box, const std::string& key)
{
    int index = box->findData(QString::fromStdString(key));
    if (index < 0) {
        box->addItem(QString::fromStdString(key), QString::fromStdString(key));
        index = box->count() - 1;
    }
    box->setCurrentIndex(index);
}

/// The data of the selected entry.
inline std::string chosen(const QComboBox* box)
{
    return box->currentData().toString().toStdString();
}

} // namespace lodestone::gui
