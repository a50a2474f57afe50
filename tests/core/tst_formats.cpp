#include "base/files.h"
#include "formats/formats.h"
#include "support/sentence.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;

// What another program packed: printf 'hello hello hello\n' | gzip -n
static const char packedHello[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\x5c"
    "\x00\x3b\x7c\x8a\xdf\x12\x00\x00\x00";

class TestFormats : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path put(const char* name, std::string_view text) const
    {
        const std::filesystem::path path = m_folder.filePath(name).toStdString();
        writeFileAtomically(path, text);
        return path;
    }
    static std::string hello() { return {packedHello, sizeof packedHello - 1}; }

private Q_SLOTS:
    void contentDecidesBeforeTheName()
    {
        const std::string xyz = "1\nProperties=species:S:1:pos:R:3\nFe 0 0 0\n";
        const std::string poscar = "7\n1.0\n3 0 0\n0 3 0\n0 0 3\nFe\n1\nDirect\n0 0 0\n"; // a number as title
        const std::string cif =
            "# a remark\n\ndata_x\n_cell_length_a 3\n_cell_length_b 3\n_cell_length_c 3\nloop_\n"
            "_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nFe1 0 0 0\n";
        for (const char* name : {"a.extxyz", "b.cif", "POSCAR", "noname"})
            for (const std::string& text : {xyz, poscar, cif}) {
                const auto structures = readStructures(put(name, text));
                QCOMPARE(structures.size(), std::size_t{1});
                QCOMPARE(structures[0].species, std::vector<int>{26});
                QCOMPARE(structures[0].periodic(), text != xyz);
            }
        // Too damaged to recognise: the name tells which sentence helps.
        VERIFY_ERROR(readStructures(put("damaged.xyz", "abc\n")), "damaged.xyz", "number of atoms");
        VERIFY_ERROR(readStructures(put("CONTCAR", "abc\nxyz\n")), "CONTCAR, line 2", "scale factor");
    }

    void outputsOfVaspAreKnownByTheirContent()
    {
        const std::string outcar = "\n vasp.6.2.0 18Jan21 (build Feb 05 2021) complex\n";
        const std::string xml = "<?xml version=\"1.0\"?>\n<modeling>\n</modeling>\n";
        for (const char* name : {"OUTCAR", "OUTCAR.vasp", "vasprun.xml", "a.extxyz", "noname"}) {
            VERIFY_ERROR(readStructures(put(name, outcar)), name, "line 2", "before the first ionic step");
            VERIFY_ERROR(readStructures(put(name, xml)), name, "line 4", "before the first ionic step");
        }
        // By name, where the beginning is missing.
        VERIFY_ERROR(readStructures(put("OUTCAR.vasp.6.2.0", "abc\n")), "before the first ionic step");
        VERIFY_ERROR(readStructures(put("vasprun_2.xml", "abc\n")), "no <modeling>");
        VERIFY_ERROR(readStructures(put("other.xml", "<?xml version=\"1.0\"?><html>")), "no vasprun.xml");
    }

    void unknownFilesGetTheListOfFormats()
    {
        VERIFY_ERROR(readStructures(put("notes.txt", "Dear diary,\n")), "notes.txt",
                     "Extended XYZ (.extxyz .xyz)", "VASP POSCAR", "Magnetic CIF (.mcif)",
                     "VASP OUTCAR (OUTCAR", "vasprun.xml", "gzip");
        VERIFY_ERROR(readStructures(put("empty", "")), "empty", "Extended XYZ");
        VERIFY_ERROR(readStructures(m_folder.filePath("absent.xyz").toStdString()), "absent.xyz");
        VERIFY_ERROR(readStructures(m_folder.path().toStdString()), "folder");
    }

    void compressedFilesAreUnpacked()
    {
        QCOMPARE(gunzip(hello(), "h"), std::string("hello hello hello\n"));
        // Several members in one file belong together; zero padding behind the last one is none.
        QCOMPARE(gunzip(hello() + hello() + std::string(7, '\0'), "h"),
                 std::string("hello hello hello\nhello hello hello\n"));
        for (std::size_t size = 2; size + 1 < sizeof packedHello; ++size)
            VERIFY_ERROR(gunzip(std::string_view(packedHello, size), "half.gz"), "half.gz", "cut off");
        std::string damaged = hello();
        damaged[14] = static_cast<char>(damaged[14] ^ 0x40);
        VERIFY_ERROR(gunzip(damaged, "bad.gz"), "bad.gz", "damaged");
        VERIFY_ERROR(gunzip("plain text", "plain"), "plain", "damaged");
        QCOMPARE(gunzip(hello(), "h", 18).size(), std::size_t{18});
        VERIFY_ERROR(gunzip(hello(), "big.gz", 17), "big.gz", "more than 17 bytes");
    }

    void compressedStructures()
    {
        std::string text;
        for (int k = 0; k < 5000; ++k)
            text += "1\nProperties=species:S:1:pos:R:3 n=" + std::to_string(k) + "\nFe 0.5 0 0\n";
        const std::filesystem::path path = put("many.extxyz", text);
        QProcess gzip;
        gzip.start("gzip", {"-k", QString::fromStdString(path.string())});
        if (!gzip.waitForFinished() || gzip.exitCode() != 0)
            QSKIP("the gzip program is not on this machine");
        const auto structures = readStructures(path.string() + ".gz");
        QCOMPARE(structures.size(), std::size_t{5000});
        QCOMPARE(std::get<std::int64_t>(structures.back().info.at("n")), std::int64_t{4999});
        QCOMPARE(structures.back().source, std::string("many.extxyz.gz, frame 5000, line 14998"));
    }

    void writingGoesByName()
    {
        const auto structures =
            readStructures(put("a.vasp", "x\n1.0\n3 0 0\n0 3 0\n0 0 3\nFe\n1\nDirect\n.1 0 0\n"));
        const auto path = [&](const char* name) {
            return std::filesystem::path(m_folder.filePath(name).toStdString());
        };
        for (const char* name : {"out.extxyz", "out.xyz", "POSCAR_out", "out.vasp"}) {
            writeStructures(path(name), structures);
            const auto again = readStructures(path(name));
            QCOMPARE(again[0].positions, structures[0].positions);
            QCOMPARE(again[0].cell, structures[0].cell);
        }
        QVERIFY(readFile(path("out.vasp")).starts_with("Fe\n1.0\n"));
        QVERIFY(readFile(path("out.xyz")).starts_with("1\nLattice="));
        VERIFY_ERROR(writeStructures(path("out.cif"), structures), "out.cif", ".extxyz");
        VERIFY_ERROR(writeStructures(path("out.xyz.gz"), structures), "compressed");
        VERIFY_ERROR(writeStructures(path("out.vasp"), {structures[0], structures[0]}), "one structure", "2");
        VERIFY_ERROR(writeStructures(path("no/folder/out.xyz"), structures), "no/folder/out.xyz");
        for (const FormatInfo& format : knownFormats())
            QVERIFY(format.reads && !format.extensions.empty());
    }
};

QTEST_GUILESS_MAIN(TestFormats)
#include "tst_formats.moc"
