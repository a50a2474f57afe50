#pragma once
#include <QtCore/QList>
#include <QtCore/QString>

class QCoreApplication;

namespace lodestone::gui {

struct Language {
    QString code; ///< "en", "de"
    QString name; ///< in itself
};
/// What the program speaks: English, in which it is written, and every language that is translated whole.
const QList<Language>& languages();

/// Texts in the language with this code from now on; what is shown already stays as it is. Empty: the
/// desktop's, or English where that is none of languages(). Numbers keep the desktop's signs.
void applyLanguage(QCoreApplication& application, const QString& code);
/// Code of the language that texts come in now.
QString activeLanguage();

} // namespace lodestone::gui
