#include "shell/language.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QLibraryInfo>
#include <QtCore/QLocale>
#include <QtCore/QTranslator>
#include <algorithm>

namespace lodestone::gui {

namespace {

const QString ours = QStringLiteral("lodestone-texts"), qts = QStringLiteral("qt-texts");

void install(QCoreApplication& application, const QString& name, const QString& file, const QString& folder)
{
    if (auto* former = application.findChild<QTranslator*>(name, Qt::FindDirectChildrenOnly)) {
        QCoreApplication::removeTranslator(former);
        delete former;
    }
    if (file.isEmpty())
        return;
    auto* translator = new QTranslator(&application);
    translator->setObjectName(name);
    if (translator->load(file, folder))
        QCoreApplication::installTranslator(translator);
}

} // namespace

const QList<Language>& languages()
{
    static const QList<Language> all = {{QStringLiteral("en"), QStringLiteral("English")},
                                        {QStringLiteral("de"), QStringLiteral("Deutsch")}};
    return all;
}

void applyLanguage(QCoreApplication& application, const QString& code)
{
    const auto known = [](const QString& wanted) {
        return std::any_of(languages().begin(), languages().end(),
                           [&wanted](const Language& language) { return language.code == wanted; });
    };
    QString chosen = code;
    if (!known(chosen))
        chosen = QLocale::system().name().section(QLatin1Char('_'), 0, 0);
    if (!known(chosen) || chosen == QLatin1String("en"))
        chosen.clear();
    const bool none = chosen.isEmpty();
    install(application, ours, none ? QString() : QStringLiteral("lodestone_") + chosen,
            QStringLiteral(":/translations"));
    // The buttons of Qt's own dialogs, where its translations are installed.
    install(application, qts, none ? QString() : QStringLiteral("qtbase_") + chosen,
            QLibraryInfo::path(QLibraryInfo::TranslationsPath));
}

QString activeLanguage()
{
    const auto* translator = qApp->findChild<QTranslator*>(ours, Qt::FindDirectChildrenOnly);
    return translator && !translator->isEmpty() ? translator->language() : languages().front().code;
}

} // namespace lodestone::gui
