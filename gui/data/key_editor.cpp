#include "data/key_editor.h"

#include <QtWidgets/QComboBox>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QLabel>

namespace lodestone::gui {

KeyEditor::KeyEditor(QWidget* parent) : QWidget(parent)
{
    const QString names[] = {tr("&Energy"), tr("&Forces"),  tr("&Stress"),
                             tr("&Virial"), tr("&Moments"), tr("Magn. fo&rces")};
    const QString tips[] = {
        tr("Energy of the frame in eV"),          tr("Forces in eV/Å"),
        tr("Stress in eV/Å³, tension positive"),  tr("Virial in eV: minus stress times volume"),
        tr("Magnetic moments in Bohr magnetons"), tr("Magnetic forces −dE/dm in eV per Bohr magneton")};
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(6);
    for (int i = 0; i < 6; ++i) {
        auto* box = new QComboBox(this);
        box->setPlaceholderText(tr("none in the files"));
        box->setToolTip(tips[i]);
        box->setAccessibleName(QString(names[i]).remove(QLatin1Char('&')));
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(10);
        auto* label = new QLabel(names[i], this);
        label->setBuddy(box);
        label->setToolTip(tips[i]);
        grid->addWidget(label, i / 3, 2 * (i % 3));
        grid->addWidget(box, i / 3, 2 * (i % 3) + 1);
        grid->setColumnStretch(2 * (i % 3) + 1, 1);
        m_boxes[std::size_t(i)] = box;
        connect(box, &QComboBox::activated, this, [this] {
            if (toJson(keys()) != toJson(m_shown))
                Q_EMIT edited(keys());
        });
    }
}

void KeyEditor::show(const LabelKeys& keys, const KeyChoices& choices)
{
    const QStringList lists[] = {choices.energy, choices.forces,  choices.stress,
                                 choices.virial, choices.moments, choices.magneticForces};
    const std::string used[] = {keys.energy, keys.forces,  keys.stress,
                                keys.virial, keys.moments, keys.magneticForces};
    for (std::size_t i = 0; i < m_boxes.size(); ++i) {
        QComboBox* box = m_boxes[i];
        box->clear();
        box->addItems(lists[i]);
        const QString name = QString::fromStdString(used[i]);
        if (!name.isEmpty() && box->findText(name) < 0)
            box->insertItem(0, name);
        box->setCurrentIndex(name.isEmpty() ? -1 : box->findText(name));
        box->setPlaceholderText(box->count() ? tr("none recognised") : tr("none in the files"));
        box->setEnabled(box->count() > 0);
    }
    m_shown = keys;
}

LabelKeys KeyEditor::keys() const
{
    const auto text = [this](std::size_t i) { return m_boxes[i]->currentText().toStdString(); };
    return {text(0), text(1), text(2), text(3), text(4), text(5)};
}

} // namespace lodestone::gui
