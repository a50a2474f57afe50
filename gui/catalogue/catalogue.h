#pragma once
#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtCore/QUrl>
#include <vector>

namespace lodestone::gui {

/// Public weights that the program can read: what they are for, who may use them, how the file is recognised.
struct CatalogueEntry {
    QString name, family;
    QString purpose;      ///< one sentence: elements, training data, level of theory
    QString licence;      ///< in a word, for the table
    QString licenceNote;  ///< what it allows, in plain words
    QString citation;     ///< with DOI or arXiv number
    QUrl reference;       ///< the publication
    QString file;         ///< its name in the folder of models
    qint64 size = 0;      ///< bytes
    QString sha256;       ///< lower-case hexadecimal; empty: none is published
    QString sha256Source; ///< where the hash comes from
    QUrl address;         ///< https
};

/// Reads {"models": [...]} (resources/catalogue.json). Error naming `origin`, the model and the key for what
/// is missing or cannot be: an address that is not https, a size of nothing, a hash that is none, a file name
/// twice.
std::vector<CatalogueEntry> readCatalogue(const QByteArray& json, const QString& origin);
/// The one that comes with the program.
std::vector<CatalogueEntry> builtInCatalogue();

/// XDG data/lodestone/models, whether it is there or not.
QString modelsFolder();

/// What the folder of models has of an entry, judged by names and sizes.
struct EntryState {
    enum Kind {
        Absent,
        Partial, ///< begun
        Here,
        Foreign ///< a file of that name has another size
    };
    Kind kind = Absent;
    qint64 bytes = 0; ///< of Partial and Foreign
};
EntryState entryState(const CatalogueEntry& entry, const QString& folder);

/// "2.8 MB", in powers of 1000.
QString sizeText(qint64 bytes);

} // namespace lodestone::gui
