#include "data/reference_panel.h"
#include "widgets/text_table.h"

#include <QtCore/QLocale>
#include <QtWidgets/QLabel>
#include <QtWidgets/QVBoxLayout>
#include <cmath>

namespace lodestone::gui {

ReferencePanel::ReferencePanel(QWidget* parent) : QWidget(parent)
{
    auto* title = new QLabel(tr("Reference energies"), this);
    QFont font = title->font();
    font.setWeight(QFont::DemiBold);
    title->setFont(font);
    m_sentence = new QLabel(this);
    m_sentence->setObjectName(QStringLiteral("referenceFit"));
    m_sentence->setWordWrap(true);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_table = new TextTable(this);
    m_table->setObjectName(QStringLiteral("shifts"));
    m_table->setAccessibleName(tr("Shift of each element's reference energy"));
    m_table->setToolTip(
        tr("What has to be added to the model's energy of each atom of this element so that it "
           "fits the labels best; a run adds it when its reference energies are fitted"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 6, 0, 0);
    column->setSpacing(6);
    column->addWidget(title);
    column->addWidget(m_sentence);
    column->addWidget(m_table, 1);
    hide();
}

void ReferencePanel::show(const DataCheck& check)
{
    const auto& facts = check.facts();
    m_table->setVisible(facts && !facts->shifts.empty());
    if (m_table->isVisibleTo(this)) {
        fill(*facts);
    } else if (facts) {
        m_sentence->setText(
            tr("No frame has an energy and only elements that the model knows: nothing to compare."));
    } else if (!check.problem().isEmpty()) {
        m_sentence->setText(tr("Could not be compared with the model: %1").arg(check.problem()));
    } else if (const auto progress = check.progress()) {
        m_sentence->setText(tr("Being compared with the model: %1 %").arg(int(100 * *progress)));
    }
    setVisible(facts || !check.problem().isEmpty() || check.progress());
}

void ReferencePanel::fill(const DataFacts& facts)
{
    const QLocale locale;
    QString sentence =
        tr("Labels and model differ by %1 eV/atom (root mean square over %2 frames), after the "
           "shifts below by %3.")
            .arg(locale.toString(facts.referenceRms, 'g', 3), locale.toString(qulonglong(facts.fittedFrames)),
                 locale.toString(facts.referenceRmsAfter, 'g', 3));
    const auto elements = facts.shifts.size();
    sentence += QLatin1Char(' ') +
                (std::size_t(facts.rank) == elements
                     ? tr("The compositions determine all of them (rank %1 of %2).")
                     : tr("The compositions determine them only together (rank %1 of %2): the smallest ones "
                          "are taken."))
                    .arg(facts.rank)
                    .arg(elements);
    m_sentence->setText(sentence);
    QList<QStringList> rows;
    for (const auto& [symbol, shift] : facts.shifts)
        rows.push_back(
            {symbol, (shift > 0 ? QStringLiteral("+") : QString()) + locale.toString(shift, 'f', 3)});
    m_table->setRows({tr("Element"), tr("Shift (eV/atom)")}, rows);
}

} // namespace lodestone::gui
