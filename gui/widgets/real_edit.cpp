#include "widgets/real_edit.h"
#include "base/text.h"

namespace lodestone::gui {

RealEdit::RealEdit(double least, double most, QWidget* parent)
    : QLineEdit(parent),
      m_least(least),
      m_most(most)
{
    connect(this, &QLineEdit::textChanged, this, &RealEdit::mark);
    connect(this, &QLineEdit::textEdited, this, &RealEdit::edited);
}

void RealEdit::setValue(double value)
{
    setText(QString::number(value, 'g', 12));
}

std::optional<double> RealEdit::value() const
{
    const auto number = parseReal(text().trimmed().toStdString());
    return number && *number >= m_least && *number <= m_most ? number : std::nullopt;
}

void RealEdit::setOptional(const QString& hint)
{
    m_optional = true;
    setPlaceholderText(hint);
    mark();
}

bool RealEdit::acceptable() const
{
    return (m_optional && text().trimmed().isEmpty()) || value().has_value();
}

void RealEdit::mark()
{
    setStyleSheet(acceptable() ? QString() : QStringLiteral("QLineEdit { border: 1px solid #d55e00; }"));
}

} // namespace lodestone::gui
