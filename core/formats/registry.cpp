#include "archives/hdf5_archive.h"
#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "formats/deepmd.h"
#include "formats/formats.h"
#include "formats/npy.h"

#include <algorithm>

namespace lodestone {
namespace {

enum class Format { Extxyz, Poscar, Cif, AseJson, Outcar, Vasprun, Hdf5, Unknown };

/// File name without ".gz" or ".zst", in lower case.
std::string bareName(const std::filesystem::path& path)
{
    std::string name = lowered(path.filename().string());
    for (const std::string_view ending : {".gz", ".zst"}) {
        if (name.ends_with(ending)) {
            name.resize(name.size() - ending.size());
            break;
        }
    }
    return name;
}

/// The first few lines, without blank lines in front.
std::vector<std::string_view> firstLines(std::string_view text, std::size_t count)
{
    std::vector<std::string_view> lines;
    while (!text.empty() && lines.size() < count) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, std::min<std::size_t>(end, 4096)));
        if (!lines.empty() || !line.empty())
            lines.push_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::size_t leadingNumbers(std::string_view line)
{
    std::size_t count = 0;
    for (const std::string_view field : splitFields(line)) {
        if (!parseReal(field))
            break;
        ++count;
    }
    return count;
}

bool looksLikeCif(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, std::min<std::size_t>(end, 4096)));
        if (!line.empty() && line[0] != '#')
            return lowered(line.substr(0, 5)) == "data_";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

bool looksLikeVasprun(std::string_view text)
{
    const std::string_view head = trimmed(text.substr(0, 4096));
    return head.starts_with('<') && head.find("<modeling") != std::string_view::npos;
}

/// " vasp.6.2.1 16May21 (build ...) complex"
bool looksLikeOutcar(std::string_view firstLine)
{
    return firstLine.size() > 5 && firstLine.starts_with("vasp.") && firstLine[5] >= '0' &&
           firstLine[5] <= '9';
}

Format formatOfContent(std::string_view text)
{
    if (Hdf5Archive::recognises(text))
        return Format::Hdf5;
    if (looksLikeCif(text))
        return Format::Cif;
    if (looksLikeVasprun(text))
        return Format::Vasprun;
    const std::vector<std::string_view> lines = firstLines(text, 5);
    // POSCAR before XYZ: its free first line may be a number.
    if (lines.size() == 5) {
        const std::size_t scales = leadingNumbers(lines[1]);
        const bool lattice = std::all_of(lines.begin() + 2, lines.end(), [](std::string_view line) {
            return leadingNumbers(line) == 3 && splitFields(line).size() == 3;
        });
        if ((scales == 1 || scales == 3) && lattice)
            return Format::Poscar;
    }
    if (!lines.empty() && looksLikeOutcar(lines[0]))
        return Format::Outcar;
    if (!lines.empty() && parseInteger(lines[0]) && lines.size() >= 3)
        return Format::Extxyz;
    if (!lines.empty() && lines[0].starts_with('{'))
        return Format::AseJson;
    return Format::Unknown;
}

bool namedHdf5(const std::string& name)
{
    return name.ends_with(".h5") || name.ends_with(".hdf5");
}

bool namedPoscar(const std::string& name)
{
    return name.starts_with("poscar") || name.starts_with("contcar") || name.ends_with(".vasp") ||
           name.ends_with(".poscar");
}

Format formatOfName(const std::string& name)
{
    if (name.ends_with(".xyz") || name.ends_with(".extxyz"))
        return Format::Extxyz;
    if (name.ends_with(".cif") || name.ends_with(".mcif"))
        return Format::Cif;
    if (name.ends_with(".json"))
        return Format::AseJson;
    if (name.starts_with("outcar") || name.ends_with(".outcar"))
        return Format::Outcar;
    if (namedHdf5(name))
        return Format::Hdf5;
    if (name.starts_with("vasprun") || name.ends_with(".xml"))
        return Format::Vasprun;
    return namedPoscar(name) ? Format::Poscar : Format::Unknown;
}

/// Read piece by piece, as such files may be larger than the memory.
bool beginsAsHdf5(const std::filesystem::path& path)
{
    std::string begin(8, '\0');
    const FileDescriptor file = openForReading(path);
    begin.resize(readAt(file.get(), 0, begin.data(), begin.size(), path));
    return Hdf5Archive::recognises(begin);
}

/// None if it is no folder.
std::vector<std::filesystem::path> hdf5FilesIn(const std::filesystem::path& folder)
{
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
        if (std::error_code unknown;
            entry->is_regular_file(unknown) && namedHdf5(lowered(entry->path().filename().string())))
            files.push_back(entry->path());
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
        return naturalLess(a.filename().string(), b.filename().string());
    });
    return files;
}

std::vector<Structure> readHdf5Files(const std::vector<std::filesystem::path>& files, const Watch& watch,
                                     std::vector<std::string>* notes)
{
    std::vector<Structure> structures;
    const double count = static_cast<double>(files.size());
    for (std::size_t k = 0; k < files.size(); ++k) {
        const double done = static_cast<double>(k);
        std::vector<Structure> read = readHdf5(files[k], watch.part(done / count, (done + 1) / count), notes);
        structures.insert(structures.end(), std::move_iterator(read.begin()), std::move_iterator(read.end()));
    }
    return structures;
}

std::string supported()
{
    std::string text;
    for (const FormatInfo& format : knownFormats()) {
        std::string extensions;
        for (const std::string& extension : format.extensions)
            extensions += (extensions.empty() ? "" : " ") + extension;
        text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", format.name, extensions);
    }
    return text;
}

} // namespace

const std::vector<FormatInfo>& knownFormats()
{
    static const std::vector<FormatInfo> formats = {
        {"Extended XYZ", {".extxyz", ".xyz"}, true, true},
        {"VASP POSCAR", {"POSCAR", "CONTCAR", ".vasp", ".poscar"}, true, true},
        {"CIF", {".cif"}, true, false},
        {"Magnetic CIF", {".mcif"}, true, false},
        {"ASE JSON", {".json"}, true, false},
        {"DeePMD-kit folder", {"type.raw"}, true, false},
        {"HDF5", {".h5", ".hdf5"}, true, false},
        {"VASP OUTCAR", {"OUTCAR", ".outcar"}, true, false},
        {"VASP vasprun.xml", {"vasprun.xml", ".xml"}, true, false},
    };
    return formats;
}

std::vector<Structure> readStructures(const std::filesystem::path& path, const Watch& watch,
                                      std::vector<std::string>* notes)
{
    watch.report(0.0);
    if (const auto folder = deepmdFolderOf(path)) {
        std::vector<Structure> structures = readDeepmdFolder(*folder, watch);
        watch.report(1.0);
        return structures;
    }
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown)) {
        const std::vector<std::filesystem::path> files = hdf5FilesIn(path);
        if (files.empty())
            fail("{}: is a folder, but not one of DeePMD-kit (a type.raw and set.000 in it, or in folders in "
                 "it) "
                 "and without HDF5 files (.h5). Name a file of structures, or such a folder.",
                 path.string());
        std::vector<Structure> structures = readHdf5Files(files, watch, notes);
        watch.report(1.0);
        return structures;
    }
    if (beginsAsHdf5(path)) {
        std::vector<Structure> structures = readHdf5(path, watch, notes);
        watch.report(1.0);
        return structures;
    }
    const std::string origin = path.filename().string();
    std::string text = readFile(path);
    if (text.starts_with("\x1f\x8b")) {
        text = gunzip(text, origin);
        watch.report(0.0);
    } else if (looksLikeZstd(text)) {
        text = unzstd(text, origin);
        watch.report(0.0);
    }
    if (looksLikeNpy(text))
        fail("{}: an array of NumPy by itself is no structure. Name the folder of DeePMD-kit that it belongs "
             "to; there must be a type.raw in it.",
             path.string());
    Format format = formatOfContent(text);
    if (format == Format::Unknown)
        format = formatOfName(bareName(path));
    std::vector<Structure> structures;
    switch (format) {
    case Format::Extxyz:
        structures = readExtxyz(text, origin, watch);
        break;
    case Format::Poscar:
        structures = readPoscar(text, origin);
        break;
    case Format::Cif:
        structures = readCif(text, origin, notes);
        break;
    case Format::AseJson:
        structures = readAseJson(text, origin, watch);
        break;
    case Format::Outcar:
        structures = readOutcar(text, origin, watch, notes);
        break;
    case Format::Vasprun:
        structures = readVasprun(text, origin, watch, notes);
        break;
    case Format::Hdf5: // unpacked, or not what its name says
        structures = readHdf5(std::move(text), origin, watch, notes);
        break;
    case Format::Unknown:
        fail("{}: neither content nor name is of a known format. Lodestone reads {}, each file "
             "also compressed with gzip or zstd (.gz, .zst).",
             path.string(), supported());
    }
    watch.report(1.0);
    return structures;
}

std::string sha256OfStructures(const std::filesystem::path& path)
{
    if (const auto folder = deepmdFolderOf(path))
        return sha256OfDeepmd(*folder);
    const std::vector<std::filesystem::path> files = hdf5FilesIn(path);
    if (files.empty())
        return sha256OfFile(path);
    std::string lines;
    for (const std::filesystem::path& file : files)
        lines += fmt::format("{} {}\n", sha256OfFile(file), file.filename().string());
    return sha256(lines);
}

void writeStructures(const std::filesystem::path& path, const std::vector<Structure>& structures)
{
    const std::string name = bareName(path);
    if (lowered(path.filename().string()) != name)
        fail("{}: compressed files are read, but not written; leave {} out of the name.", path.string(),
             path.extension().string());
    if (namedPoscar(name)) {
        if (structures.size() != 1)
            fail("{}: a POSCAR holds one structure, {} were given; write extended XYZ (.extxyz) instead.",
                 path.string(), structures.size());
        writeFileAtomically(path, writePoscar(structures.front()));
        return;
    }
    if (formatOfName(name) != Format::Extxyz)
        fail("{}: structures are written as extended XYZ (.extxyz, .xyz) or POSCAR (.vasp); give the file "
             "such a name.",
             path.string());
    writeFileAtomically(path, writeExtxyz(structures));
}

} // namespace lodestone
