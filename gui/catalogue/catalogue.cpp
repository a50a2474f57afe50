#include "catalogue/catalogue.h"
#include "base/json.h"
#include "shell/open_files.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QLocale>
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <QtCore/QStandardPaths>

// Resources of a static library are linked in only when asked for, and only from outside a namespace.
static void loadResources()
{
    Q_INIT_RESOURCE(lodestone);
}

namespace lodestone::gui {

namespace {

CatalogueEntry readEntry(const Json& json, const std::string& where)
{
    const auto text = [&](const char* key) {
        const QString value = QString::fromStdString(jsonMember<std::string>(json, key, where)).trimmed();
        if (value.isEmpty())
            fail("{}: the value of '{}' is empty.", where, key);
        return value;
    };
    const auto address = [&](const char* key) {
        const QUrl url(text(key), QUrl::StrictMode);
        if (!url.isValid() || url.scheme() != QLatin1String("https") || url.host().isEmpty())
            fail("{}: '{}' is not an https address.", where, key);
        return url;
    };
    // Sentences of the catalogue can be translated like those of the program.
    const auto sentence = [&](const char* key) {
        return QCoreApplication::translate("Catalogue", text(key).toUtf8().constData());
    };
    CatalogueEntry entry;
    entry.name = text("name");
    entry.family = text("family");
    entry.purpose = sentence("purpose");
    entry.licence = sentence("licence");
    entry.licenceNote = sentence("licence_note");
    entry.citation = text("citation");
    entry.reference = address("reference");
    entry.file = text("file");
    if (entry.file.contains(QLatin1Char('/')) || entry.file.startsWith(QLatin1Char('.')) ||
        fileKind(entry.file) != FileKind::Model)
        fail("{}: '{}' is not the name of a model file.", where, entry.file.toStdString());
    entry.size = jsonMember<qint64>(json, "size", where);
    if (entry.size <= 0)
        fail("{}: 'size' is not a number of bytes.", where);
    entry.address = address("address");
    if (!json.contains("sha256"))
        return entry;
    entry.sha256 = text("sha256");
    static const QRegularExpression hash(QStringLiteral("\\A[0-9a-f]{64}\\z"));
    if (!hash.match(entry.sha256).hasMatch())
        fail("{}: 'sha256' is not 64 hexadecimal digits.", where);
    entry.sha256Source = sentence("sha256_source");
    return entry;
}

} // namespace

std::vector<CatalogueEntry> readCatalogue(const QByteArray& json, const QString& origin)
{
    const std::string name = origin.toStdString();
    const Json all = parseJson({json.constData(), std::size_t(json.size())}, name);
    std::vector<CatalogueEntry> entries;
    QSet<QString> files;
    for (const Json& model : jsonMember<Json>(all, "models", name)) {
        entries.push_back(readEntry(model, fmt::format("{}, model {}", name, entries.size() + 1)));
        if (files.contains(entries.back().file))
            fail("{}: two models have the file name {}.", name, entries.back().file.toStdString());
        files.insert(entries.back().file);
    }
    return entries;
}

std::vector<CatalogueEntry> builtInCatalogue()
{
    loadResources();
    QFile file(QStringLiteral(":/catalogue.json"));
    if (!file.open(QIODevice::ReadOnly))
        fail<InternalError>("The program was built without its catalogue.");
    return readCatalogue(file.readAll(), QStringLiteral("catalogue.json"));
}

QString modelsFolder()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
           QStringLiteral("/lodestone/models");
}

EntryState entryState(const CatalogueEntry& entry, const QString& folder)
{
    const QString path = QDir(folder).filePath(entry.file);
    if (const QFileInfo file(path); file.exists())
        return file.isFile() && file.size() == entry.size ? EntryState{EntryState::Here, entry.size}
                                                          : EntryState{EntryState::Foreign, file.size()};
    if (const QFileInfo part(path + QStringLiteral(".part")); part.size() > 0)
        return {EntryState::Partial, std::min(part.size(), entry.size)};
    return {};
}

QString sizeText(qint64 bytes)
{
    return QLocale().formattedDataSize(bytes, bytes < 1000 ? 0 : 1, QLocale::DataSizeSIFormat);
}

} // namespace lodestone::gui
