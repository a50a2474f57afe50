#include "disk_replay.h"
#include "base/error.h"
#include "base/files.h"

#include <algorithm>
#include <cstring>
#include <fstream>

namespace lodestone::test {
namespace {

namespace fs = std::filesystem;

std::string parentOf(const std::string& path)
{
    return fs::path(path).parent_path().string();
}

bool isBelow(const std::string& path, const std::string& folder)
{
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

} // namespace

std::vector<JournalEntry> readJournal(const fs::path& file)
{
    const std::string text = readFile(file);
    std::vector<JournalEntry> entries;
    std::size_t at = 0;
    const auto take = [&](std::size_t count) {
        if (text.size() - at < count)
            fail("{}: the journal ends in the middle of an entry.", file.string());
        at += count;
        return text.substr(at - count, count);
    };
    while (at < text.size()) {
        JournalHead head;
        std::memcpy(&head, take(sizeof head).data(), sizeof head);
        JournalEntry entry;
        entry.change = head.change;
        entry.path = take(head.first);
        entry.target = take(head.second);
        entry.anew = head.flag != 0;
        entry.handle = head.handle;
        entry.offset = head.offset;
        entry.bytes = take(head.bytes);
        entries.push_back(std::move(entry));
    }
    return entries;
}

const char* nameOf(Loss loss)
{
    switch (loss) {
    case Loss::None:
        return "all reached the disk";
    case Loss::Torn:
        return "the next write half done";
    case Loss::Data:
        return "unsynced contents cut";
    case Loss::DataAsZeros:
        return "unsynced contents zero";
    case Loss::Names:
        return "unsynced names lost";
    case Loss::DataAndNames:
        return "all that was unsynced lost";
    }
    return "";
}

Disk::Disk(std::string folder) : m_folder(std::move(folder))
{
    const auto root = std::make_shared<File>();
    root->folder = true;
    m_names[m_folder] = m_syncedNames[m_folder] = root;
}

void Disk::write(std::string& content, std::uint64_t offset, std::string_view bytes)
{
    if (content.size() < offset + bytes.size())
        content.resize(offset + bytes.size(), '\0');
    content.replace(offset, bytes.size(), bytes);
}

void Disk::apply(const JournalEntry& entry)
{
    switch (entry.change) {
    case Change::Open:
    case Change::OpenToRead: {
        FilePointer& file = m_names[entry.path];
        if (!file)
            file = std::make_shared<File>();
        if (entry.anew && entry.change == Change::Open && !file->content.empty()) {
            file->content.clear();
            file->dirty = true;
        }
        m_open[entry.handle] = file;
        break;
    }
    case Change::Write: {
        File& file = *m_open.at(entry.handle);
        write(file.content, entry.offset, entry.bytes);
        file.dirty = true;
        break;
    }
    case Change::Truncate: {
        File& file = *m_open.at(entry.handle);
        file.content.resize(entry.offset, '\0');
        file.dirty = true;
        break;
    }
    case Change::Rename:
        m_names[entry.target] = m_names.at(entry.path);
        m_names.erase(entry.path);
        break;
    case Change::Unlink:
        m_names.erase(entry.path);
        break;
    case Change::MakeFolder: {
        const auto made = std::make_shared<File>();
        made->folder = true;
        m_names[entry.path] = made;
        break;
    }
    case Change::Sync: {
        const FilePointer file = m_open.at(entry.handle);
        file->synced = file->content;
        file->dirty = false;
        if (!file->folder)
            break; // POSIX: its name is safe only once its folder is synced
        std::erase_if(m_syncedNames, [&](const auto& name) { return parentOf(name.first) == entry.path; });
        for (const auto& [name, object] : m_names)
            if (parentOf(name) == entry.path)
                m_syncedNames[name] = object;
        break;
    }
    }
}

std::string Disk::remains(const File& file, Loss loss, std::mt19937& random) const
{
    if (!file.dirty || loss == Loss::None || loss == Loss::Torn || loss == Loss::Names)
        return file.content;
    if (loss == Loss::DataAndNames)
        return file.synced;
    // What was synced and not changed since is safe.
    const auto [same, ignored] =
        std::mismatch(file.synced.begin(), file.synced.end(), file.content.begin(), file.content.end());
    const auto safe = static_cast<std::size_t>(same - file.synced.begin());
    if (loss == Loss::DataAsZeros)
        return file.content.substr(0, safe) + std::string(file.content.size() - safe, '\0');
    switch (std::uniform_int_distribution(0, 3)(random)) {
    case 0:
        return file.synced;
    case 1:
        return file.content.substr(0, safe);
    default:
        return file.content.substr(0, std::uniform_int_distribution(safe, file.content.size())(random));
    }
}

DiskState Disk::after(Loss loss, const JournalEntry* next, std::mt19937& random) const
{
    const bool namesLost = loss == Loss::Names || loss == Loss::DataAndNames;
    const auto& names = namesLost ? m_syncedNames : m_names;
    const FilePointer torn =
        loss == Loss::Torn && next && next->change == Change::Write ? m_open.at(next->handle) : nullptr;
    DiskState state;
    for (const auto& [name, file] : names) {
        if (name != m_folder && !state.contains(parentOf(name)))
            continue; // its folder is lost
        if (file->folder) {
            state[name] = nullptr;
            continue;
        }
        std::string content = remains(*file, loss, random);
        if (file == torn)
            write(content, next->offset, std::string_view(next->bytes).substr(0, next->bytes.size() / 2));
        state[name] = std::make_shared<const std::string>(std::move(content));
    }
    return state;
}

void writeState(const DiskState& state, const std::string& from, const fs::path& to)
{
    fs::remove_all(to);
    for (const auto& [name, content] : state) { // folders come before what is in them
        const fs::path path = isBelow(name, from) ? to / name.substr(from.size() + 1) : to;
        if (!content)
            makeFolder(path);
        else if (std::ofstream file(path, std::ios::binary); !(file << *content).flush())
            fail("{}: cannot be written.", path.string());
    }
}

} // namespace lodestone::test
