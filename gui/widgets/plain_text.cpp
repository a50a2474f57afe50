#include "widgets/plain_text.h"

#include <QtGui/QTextDocument>
#include <algorithm>

namespace lodestone::gui {

QString asPlainText(const QString& text)
{
    // Escaped only where that is needed: Qt shows "&lt;" as it is in a text that does not look like HTML.
    return Qt::mightBeRichText(text)
               ? QStringLiteral("<p style=\"white-space:pre-wrap\">%1</p>").arg(text.toHtmlEscaped())
               : text;
}

QString csvField(const QString& text)
{
    bool number = false;
    text.toDouble(&number);
    const bool formula = !number && !text.isEmpty() && QStringLiteral("=+-@\t\r").contains(text.front());
    QString field = formula ? QLatin1Char('\'') + text : text;
    const bool plain = std::none_of(field.begin(), field.end(), [](QChar c) {
        return c == QLatin1Char(',') || c == QLatin1Char('"') || c == QLatin1Char('\n') ||
               c == QLatin1Char('\r');
    });
    return plain
               ? field
               : QLatin1Char('"') + field.replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
}

} // namespace lodestone::gui
