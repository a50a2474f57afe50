#include "archives/torch_archive.h"

#include "archives/legacy_archive.h"
#include "archives/tensor_numbers.h"
#include "base/error.h"

#include <algorithm>
#include <mutex>

namespace lodestone {
namespace {

constexpr std::string_view zipBegin("PK\3\4", 4);
constexpr std::size_t largestPickle = std::size_t{128} << 20;
// PyTorch does not compress pickles; other programs may have, but a small file must not become a large one.
constexpr std::size_t largestCompressedPickle = std::size_t{8} << 20;
// What compressed records may unpack to altogether: PyTorch compresses only code.
constexpr std::size_t alwaysUnpacked = std::size_t{64} << 20;
constexpr std::size_t unpackedPerByte = 16;

bool beginsWith(std::string_view bytes, std::string_view begin)
{
    return bytes.substr(0, begin.size()) == begin;
}

/// Files that people may take for the ones that are read.
[[noreturn]] void failUnknown(std::string_view bytes, const std::string& origin)
{
    if (bytes.empty())
        fail("{}: at byte 0, the file is empty.", origin);
    if (bytes.size() > 262 && bytes.substr(257, 5) == "ustar")
        fail("{}: at byte 0, a tar archive begins, as PyTorch wrote them before version 0.4; load it with an "
             "old PyTorch "
             "and save it anew with torch.save.",
             origin);
    if (bytes[0] == '\x80')
        fail("{}: at byte 0, a pickle begins that torch.save did not write; models are read from files of "
             "torch.save.",
             origin);
    fail("{}: at byte 0, neither a zip archive nor an older file of PyTorch begins.", origin);
}

} // namespace

struct TorchArchive::Data {
    std::string origin;
    std::shared_ptr<const std::string> bytes; ///< shared with the pickles, whose texts lie in it
    Layout layout = Layout::Saved;
    ZipFile zip;
    std::string folder; ///< "archive/"
    std::optional<Pickle> main;
    std::optional<Pickle> constants;
    LegacyArchive legacy;
    mutable std::mutex mutex; ///< guards unpacked
    mutable std::map<std::string, std::string> unpacked;

    void openZip();
    void openLegacy();
    const ZipEntry* find(std::string_view name) const { return zip.find(folder + std::string(name)); }
    const ZipEntry& entry(std::string_view name) const;
    Pickle pickle(std::string_view name) const;
    /// Bytes of a storage by its key. They live as long as the archive.
    std::string_view storage(const std::string& key) const;
};

const ZipEntry& TorchArchive::Data::entry(std::string_view name) const
{
    const ZipEntry* found = find(name);
    if (!found)
        fail("{}: the archive has no record '{}'.", origin, name.substr(0, 100));
    return *found;
}

Pickle TorchArchive::Data::pickle(std::string_view name) const
{
    const ZipEntry& record = entry(name);
    PickleContext context{bytes, "data/", ""};
    if (layout == Layout::Package)
        context = {bytes, ".data/", ".storage"};
    else if (name == "constants.pkl")
        context.storagePrefix = "constants/";
    const std::string where = fmt::format("{} ({})", origin, name);
    if (!record.deflated) {
        if (record.bytes > largestPickle)
            fail("{}: the pickle has {} bytes; up to {} are read.", where, record.bytes, largestPickle);
        return Pickle::parse(zip.view(record), where, context);
    }
    const auto own = std::make_shared<const std::string>(zip.read(record, largestCompressedPickle));
    context.owner = own;
    return Pickle::parse(*own, where, context);
}

void TorchArchive::Data::openZip()
{
    zip = ZipFile::parse(*bytes, origin);
    if (zip.entries().empty())
        fail("{}: the zip archive is empty.", origin);
    const std::string& first = zip.entries().front().name;
    if (first.find('/') == std::string::npos)
        fail("{}: the zip archive's first entry '{}' is in no folder, as the records of PyTorch are.", origin,
             first);
    folder = first.substr(0, first.find('/') + 1);
    const std::size_t mostUnpacked = alwaysUnpacked + unpackedPerByte * bytes->size();
    std::size_t deflated = 0;
    for (const ZipEntry& record : zip.entries()) {
        if (!record.deflated)
            zip.verify(record);
        else if (__builtin_add_overflow(deflated, record.bytes, &deflated) || deflated > mostUnpacked)
            fail("{}: the compressed records of the archive unpack to more than {} bytes: that is no honest "
                 "file.",
                 origin, mostUnpacked);
    }
    if (const ZipEntry* order = find("byteorder"); order && zip.read(*order, 1024) != "little")
        fail("{}: the numbers of the file are not little-endian (record 'byteorder'); save it anew on a "
             "usual machine.",
             origin);
    if (find(".data/extern_modules")) {
        layout = Layout::Package;
        return;
    }
    if (std::any_of(zip.entries().begin(), zip.entries().end(), [this](const ZipEntry& record) {
            return beginsWith(record.name, folder + "data/aotinductor/");
        })) {
        layout = Layout::Compiled;
        return;
    }
    if (!find("data.pkl"))
        fail("{}: the zip archive has no record '{}data.pkl', which torch.save writes: it is no model of "
             "PyTorch, or one "
             "of another kind.",
             origin, folder);
    if (find("constants.pkl")) {
        layout = Layout::Script;
        constants = pickle("constants.pkl");
    }
    main = pickle("data.pkl");
}

void TorchArchive::Data::openLegacy()
{
    layout = Layout::Legacy;
    legacy = readLegacy(*bytes, bytes, origin);
    main = legacy.main;
}

std::string_view TorchArchive::Data::storage(const std::string& key) const
{
    if (layout == Layout::Legacy) {
        const auto found = legacy.storages.find(key);
        if (found == legacy.storages.end())
            fail("{}: the file has no storage '{}'.", origin, key);
        return std::string_view(*bytes).substr(found->second.offset, found->second.bytes);
    }
    const ZipEntry& record = entry(key);
    if (!record.deflated)
        return zip.view(record);
    const std::lock_guard lock(mutex);
    const auto known = unpacked.find(key);
    if (known != unpacked.end())
        return known->second;
    return unpacked.emplace(key, zip.read(record, record.bytes)).first->second;
}

bool TorchArchive::recognises(std::string_view bytes)
{
    return beginsWith(bytes, zipBegin) || looksLikeLegacy(bytes);
}

TorchArchive TorchArchive::parse(std::string bytes, const std::string& origin)
{
    auto data = std::make_shared<Data>();
    data->origin = origin;
    data->bytes = std::make_shared<const std::string>(std::move(bytes));
    if (beginsWith(*data->bytes, zipBegin))
        data->openZip();
    else if (looksLikeLegacy(*data->bytes))
        data->openLegacy();
    else
        failUnknown(*data->bytes, origin);
    TorchArchive archive;
    archive.m_data = std::move(data);
    return archive;
}

TorchArchive::Layout TorchArchive::layout() const
{
    return m_data->layout;
}

const std::string& TorchArchive::origin() const
{
    return m_data->origin;
}

std::string_view TorchArchive::bytes() const
{
    return *m_data->bytes;
}

PickleNode TorchArchive::root() const
{
    if (!m_data->main)
        fail("{}: the file is {}, which has no data.pkl.", m_data->origin,
             m_data->layout == Layout::Compiled ? "machine code made by AOTInductor"
                                                : "a package of PyTorch (torch.package)");
    return m_data->main->root();
}

std::vector<PickleNode> TorchArchive::constants() const
{
    std::vector<PickleNode> values;
    if (!m_data->constants)
        return values;
    const PickleNode all = m_data->constants->root();
    for (std::size_t i = 0; i < all.size(); ++i)
        values.push_back(all.at(i));
    return values;
}

std::vector<std::string> TorchArchive::records() const
{
    std::vector<std::string> names;
    for (const ZipEntry& entry : m_data->zip.entries())
        if (beginsWith(entry.name, m_data->folder))
            names.push_back(entry.name.substr(m_data->folder.size()));
    return names;
}

bool TorchArchive::hasRecord(std::string_view name) const
{
    return m_data->find(name) != nullptr;
}

std::string TorchArchive::record(std::string_view name, std::size_t limit) const
{
    return m_data->zip.read(m_data->entry(name), limit);
}

Pickle TorchArchive::pickleOf(std::string_view record) const
{
    return m_data->pickle(record);
}

std::string TorchArchive::numbers(const TensorReference& tensor) const
{
    const std::string_view storage = m_data->storage(tensor.storage.key);
    checkTensor(tensor, storage.size(), m_data->origin);
    return gather(tensor, storage);
}

std::string_view TorchArchive::numbers(const TensorReference& tensor, std::string& buffer) const
{
    const std::string_view storage = m_data->storage(tensor.storage.key);
    const std::size_t count = checkTensor(tensor, storage.size(), m_data->origin);
    if (const auto whole = consecutive(tensor, count, storage))
        return *whole;
    buffer = gather(tensor, storage);
    return buffer;
}

std::string
TorchArchive::withNumbers(const std::vector<std::pair<TensorReference, std::string>>& replacements) const
{
    std::map<std::string, std::string> changed; // storages by key
    for (const auto& [tensor, numbers] : replacements) {
        const std::string_view before = m_data->storage(tensor.storage.key);
        const std::size_t count = checkTensor(tensor, before.size(), m_data->origin);
        if (numbers.size() != count * sizeOf(tensor.storage.scalar))
            fail<InternalError>("{} bytes were given for a tensor of {} numbers.", numbers.size(), count);
        scatter(tensor, numbers, changed.try_emplace(tensor.storage.key, before).first->second);
    }
    std::string file = *m_data->bytes;
    std::map<std::string, std::string> records;
    for (auto& [key, storage] : changed) {
        if (storage == m_data->storage(key))
            continue;
        if (m_data->layout == Layout::Legacy)
            file.replace(m_data->legacy.storages.at(key).offset, storage.size(), storage);
        else
            records.emplace(m_data->folder + key, std::move(storage));
    }
    replaceEntries(file, m_data->zip, records);
    return file;
}

} // namespace lodestone
