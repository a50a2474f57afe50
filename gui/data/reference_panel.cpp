#include "data/reference_panel.h"
#include "widgets/text_table.h"

#include <QtCore/QLocale>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>

namespace lodestone::gui {

namespace {

QString unknown()
{
    return ReferencePanel::tr(
        "Compared when data with energies and a model are open and no run is going on.");
}

} // namespace

ReferencePanel::ReferencePanel(QWidget* parent) : QWidget(parent)
{
    m_sentence = new QLabel(this);
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setObjectName(QStringLiteral("referenceFit"));
    m_sentence->setWordWrap(true);
    m_sentence->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_table = new TextTable(this);
    m_table->setObjectName(QStringLiteral("shifts"));
    m_table->setAccessibleName(tr("Shift of each element's reference energy"));
    m_table->setToolTip(
        tr("What has to be added to the model's energy of each atom of this element so that it "
           "fits the labels best; a run adds it when its reference energies are fitted"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(6, 6, 0, 0);
    row->setSpacing(12);
    row->addWidget(m_sentence, 3);
    row->addWidget(m_table, 1);
    m_table->hide();
    m_sentence->setText(unknown());
}

void ReferencePanel::show(const DataCheck& check)
{
    const auto& facts = check.facts();
    m_table->setVisible(facts && !facts->shifts.empty());
    if (facts && !facts->shifts.empty()) {
        fill(*facts);
    } else if (facts) {
        m_sentence->setText(
            tr("No frame has an energy and only elements that the model knows: nothing to compare."));
    } else if (!check.problem().isEmpty()) {
        m_sentence->setText(tr("Could not be compared with the model: %1").arg(check.problem()));
    } else if (const auto progress = check.progress()) {
        m_sentence->setText(tr("Being compared with the model: %1 %").arg(int(100 * *progress)));
    } else {
        m_sentence->setText(unknown());
    }
}

void ReferencePanel::fill(const DataFacts& facts)
{
    const QLocale locale;
    QString sentence =
        tr("Labels and model differ by %1 eV/atom (RMS of %2 frames), after the shifts by %3.")
            .arg(locale.toString(facts.referenceRms, 'g', 3), locale.toString(qulonglong(facts.fittedFrames)),
                 locale.toString(facts.referenceRmsAfter, 'g', 3));
    const auto elements = facts.shifts.size();
    sentence += QLatin1Char(' ') + (std::size_t(facts.rank) == elements
                                        ? tr("The compositions determine all of them (rank %1 of %2).")
                                        : tr("The compositions determine only their sums (rank %1 of %2)."))
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
