#include "base/files.h"
#include "formats/formats.h"
#include "support/sentence.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace lodestone;

// What another program packed: printf 'hello hello hello hello hello\n' | zstd --no-check
static const char packedHello[] = "\x28\xb5\x2f\xfd\x00\x58\x6d\x00\x00\x38\x68"
                                  "\x65\x6c\x6c\x6f\x20\x0a\x01\x00\xa9\x4b\x11";
static const std::string helloText = "hello hello hello hello hello\n";

class TestZstd : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path put(const std::string& name, std::string_view text) const
    {
        const std::filesystem::path path = std::filesystem::path(m_folder.path().toStdString()) / name;
        writeFileAtomically(path, text);
        return path;
    }
    static std::string hello() { return {packedHello, sizeof packedHello - 1}; }

private Q_SLOTS:
    void framesAreUnpacked()
    {
        QCOMPARE(unzstd(hello(), "h"), helloText);
        // Several frames in one file belong together; frames to be skipped hold nothing.
        const std::string skipped("\x50\x2a\x4d\x18\x03\x00\x00\x00xyz", 11);
        QCOMPARE(unzstd(skipped + hello() + skipped + hello(), "h"), helloText + helloText);
        QVERIFY(looksLikeZstd(hello()) && looksLikeZstd(skipped));
        QVERIFY(!looksLikeZstd("\x28\xb5\x2f") && !looksLikeZstd("P*M") && !looksLikeZstd("1\n\n"));
    }

    void damagedFilesAreRefused()
    {
        for (std::size_t size = 1; size + 1 < sizeof packedHello; ++size)
            VERIFY_ERROR(unzstd(std::string_view(packedHello, size), "half.zst"), "half.zst", "cut off");
        std::string damaged = hello();
        damaged[6] = static_cast<char>(damaged[6] ^ 0x02); // a block of the reserved kind
        VERIFY_ERROR(unzstd(damaged, "bad.zst"), "bad.zst", "damaged");
        VERIFY_ERROR(unzstd(hello() + "something else", "bad.zst"), "bad.zst", "damaged");
        VERIFY_ERROR(unzstd("plain text", "plain"), "plain", "damaged");
    }

    void outputIsBounded()
    {
        QCOMPARE(unzstd(hello(), "h", helloText.size()).size(), helloText.size());
        VERIFY_ERROR(unzstd(hello(), "big.zst", helloText.size() - 1), "big.zst", "more than 29 bytes");
        // The bound holds across frames too.
        std::string many;
        for (int k = 0; k < 2000; ++k)
            many += hello();
        VERIFY_ERROR(unzstd(many, "big.zst", 10000), "more than 10000 bytes");
    }

    void compressedStructuresOfEveryFormat()
    {
        std::string xyz;
        for (int k = 0; k < 5000; ++k)
            xyz += "1\nProperties=species:S:1:pos:R:3 n=" + std::to_string(k) + "\nFe 0.5 0 0\n";
        const std::vector<std::pair<std::string, std::string>> files = {
            {"many.extxyz", xyz},
            {"POSCAR", "x\n1.0\n3 0 0\n0 3 0\n0 0 3\nFe\n1\nDirect\n0 0 0\n"},
            {"a.cif",
             "data_x\n_cell_length_a 3\n_cell_length_b 3\n_cell_length_c 3\nloop_\n_atom_site_label\n"
             "_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nFe1 0 0 0\n"},
            {"a.json",
             "{\"1\": {\"numbers\": [26], \"positions\": [[0, 0, 0]]}, \"ids\": [1], \"nextid\": 2}"}};
        for (const auto& [name, text] : files) {
            const std::filesystem::path path = put(name, text);
            QProcess zstd;
            zstd.start("zstd", {"-q", "-f", QString::fromStdString(path.string())});
            if (!zstd.waitForFinished() || zstd.exitCode() != 0)
                QSKIP("the zstd program is not on this machine");
            const auto structures = readStructures(path.string() + ".zst");
            QCOMPARE(structures.size(), std::size_t(name == "many.extxyz" ? 5000 : 1));
            QCOMPARE(structures[0].species, std::vector<int>{26});
            QVERIFY(structures[0].source.starts_with(name + ".zst"));
            // Bytes decide, not the name.
            QCOMPARE(readStructures(put("renamed", readFile(path.string() + ".zst"))).size(),
                     structures.size());
        }
        VERIFY_ERROR(readStructures(put("POSCAR.zst", "abc\nxyz\n")), "POSCAR.zst, line 2", "scale factor");
        VERIFY_ERROR(writeStructures(put("out.xyz.zst", ""), {}), "compressed", ".zst");
    }
};

QTEST_GUILESS_MAIN(TestZstd)
#include "tst_zstd.moc"
