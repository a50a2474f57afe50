#include "base/files.h"
#include "dataset/frames.h"
#include "formats/formats.h"
#include "support/sentence.h"
#include "support/vasp_frames.h"

#include <QtTest/QtTest>
#include <fmt/format.h>

using namespace lodestone;

static const std::string opening = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<modeling>\n";

static std::string parameters(const char* spin = "1", const char* most = "60")
{
    return fmt::format(
        " <incar>\n  <i type=\"string\" name=\"SYSTEM\"> a < b & c </i>\n </incar>\n <parameters>\n"
        "  <separator name=\"electronic\" >\n   <i type=\"int\" name=\"ISPIN\">     {}</i>\n"
        "   <i name=\"EDIFF\">      0.00001000</i>\n"
        "   <separator name=\"electronic convergence\" >\n    <i type=\"int\" name=\"NELM\">  {}</i>\n"
        "   </separator>\n  </separator>\n"
        "  <separator name=\"model GW\" >\n   <i type=\"int\" name=\"NELM\">   1</i>\n  </separator>\n"
        " </parameters>\n",
        spin, most);
}

static std::string atomInfo(const char* first = "Zr", const char* second = "O ")
{
    return fmt::format(
        " <atominfo>\n  <atoms>       2 </atoms>\n  <types>       2 </types>\n"
        "  <array name=\"atoms\" >\n   <dimension dim=\"1\">ion</dimension>\n"
        "   <field type=\"string\">element</field>\n   <field type=\"int\">atomtype</field>\n   <set>\n"
        "    <rc><c>{}</c><c>   1</c></rc>\n    <rc><c>{}</c><c>   2</c></rc>\n   </set>\n  </array>\n"
        "  <array name=\"atomtypes\" >\n   <field type=\"int\">atomspertype</field>\n   <set>\n"
        "    <rc><c>1</c><c>Zr</c><c> 91.2</c><c> 4.0</c><c>  PAW_PBE Zr_sv 04Jan2005 </c></rc>\n"
        "    <rc><c>1</c><c>O </c><c> 16.0</c><c> 6.0</c><c>  PAW_PBE O 08Apr2002 </c></rc>\n"
        "   </set>\n  </array>\n </atominfo>\n",
        first, second);
}

static std::string structure(std::string_view attributes = "",
                             std::string_view row = " 0.00000000 0.00000000 0.00000000 ",
                             std::string_view rest = "")
{
    return fmt::format(
        " <structure{}>\n  <crystal>\n   <varray name=\"basis\" >\n    <v> 4.00000000 0.00000000 0.00000000 "
        "</v>\n"
        "    <v> 0.00000000 4.00000000 0.00000000 </v>\n    <v> 1.00000000 0.00000000 4.00000000 </v>\n"
        "   </varray>\n   <i name=\"volume\"> 64.0 </i>\n   <varray name=\"rec_basis\" >\n    <v> 0.25 0.0 "
        "0.0 </v>\n"
        "   </varray>\n  </crystal>\n  <varray name=\"positions\" >\n   <v>{}</v>\n"
        "   <v> 0.50000000 0.50000000 0.50000000 </v>\n  </varray>\n{} </structure>\n",
        attributes, row, rest);
}

static std::string energy(double free, double zero)
{
    return fmt::format("   <energy>\n    <i name=\"alphaZ\"> **************</i>\n    <i "
                       "name=\"e_fr_energy\"> {:16.8f} </i>\n"
                       "    <i name=\"e_0_energy\"> {:16.8f} </i>\n   </energy>\n",
                       free, zero);
}

static std::string scstep(double free, double zero)
{
    return "  <scstep>\n   <time name=\"total\"> 1.0 1.0</time>\n" + energy(free, zero) + "  </scstep>\n";
}

static const std::string results = "  <varray name=\"forces\" >\n   <v> 0.10000000 -0.20000000 0.30000000 "
                                   "</v>\n   <v> -0.10000000 0.20000000 -0.30000000 </v>\n"
                                   "  </varray>\n  <varray name=\"stress\" >\n   <v> 1.00000000 4.00000000 "
                                   "6.00000000 </v>\n   <v> 4.00000000 2.00000000 5.00000000 </v>\n"
                                   "   <v> 6.00000000 5.00000000 3.00000000 </v>\n  </varray>\n";

static std::string calculation(double free, const std::string& loop)
{
    // The last e_0_energy is wrong, as in some versions of VASP.
    return " <calculation>\n" + loop + structure() + results + energy(free, 7) +
           "  <eigenvalues><array><set><set comment=\"spin 1\"><r> -2.5 1.0 "
           "</r></set></set></array></eigenvalues>\n </calculation>\n";
}

static std::string step(double free)
{
    return calculation(free, scstep(free + 2, free + 2) + scstep(free + 1, free + 1.25));
}

static std::string head()
{
    return opening + parameters() + atomInfo() + structure(" name=\"initialpos\" ");
}

static const std::string tail = "</modeling>\n";

static std::vector<Structure> read(const std::string& text, std::vector<std::string>* notes = nullptr)
{
    return readVasprun(text, "vasprun.xml", {}, notes);
}

class TestVasprun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyStepWithItsLabels()
    {
        std::vector<std::string> notes;
        const auto frames =
            read(head() + step(-10) + step(-11) + structure(" name=\"finalpos\" ") + tail, &notes);
        QVERIFY2(notes.empty(), qPrintable(all(notes)));
        QCOMPARE(frames.size(), std::size_t{2});
        const Structure& s = frames[0];
        QCOMPARE(s.species, (std::vector<int>{40, 8}));
        QCOMPARE(s.cell, (Mat3{{{4, 0, 0}, {0, 4, 0}, {1, 0, 4}}}));
        QCOMPARE(s.positions[1], (Vec3{2.5, 2, 2}));
        QCOMPARE(s.pbc, (std::array<bool, 3>{true, true, true}));
        QCOMPARE(real(s, "free_energy"), -10.0);
        QCOMPARE(real(s, "energy"), -9.75);
        QCOMPARE(s.arrays.at("forces").numbers, (std::vector<double>{0.1, -0.2, 0.3, -0.1, 0.2, -0.3}));
        QVERIFY(!s.arrays.contains("magmoms") && !s.arrays.contains("move_mask"));
        const std::vector<double> kBar = {1, 4, 6, 4, 2, 5, 6, 5, 3};
        for (std::size_t k = 0; k < 9; ++k)
            QVERIFY(std::abs(stressOf(s)[k] + kBar[k] / 1602.176634) < 1e-15);
        QVERIFY(frames[1].source.starts_with("vasprun.xml, ionic step 2, line "));
        QCOMPARE(detectKeys(frames).energy, std::string("energy"));
    }

    void selectiveDynamics()
    {
        const std::string mask =
            "  <varray type=\"logical\" name=\"selective\" >\n   <v type=\"logical\" > T  F  T </v>\n"
            "   <v type=\"logical\" > F  F  F </v>\n  </varray>\n";
        const auto frames = read(opening + parameters() + atomInfo() +
                                 structure(" name=\"initialpos\" ", " 0.0 0.0 0.0 ", mask) + step(-1) + tail);
        QVERIFY(frames[0].arrays.at("move_mask").kind == AtomArray::Kind::Logical);
        QCOMPARE(frames[0].arrays.at("move_mask").numbers, (std::vector<double>{1, 0, 1, 0, 0, 0}));
    }

    void spinPolarisedRunsHaveNoMoments()
    {
        std::vector<std::string> notes;
        read(opening + parameters("2") + atomInfo() + step(-1) + tail, &notes);
        QVERIFY2(all(notes).contains("no magnetic moments") && all(notes).contains("OUTCAR"),
                 qPrintable(all(notes)));
    }

    void elementsThatVaspCutsShort()
    {
        QCOMPARE(read(opening + atomInfo("r ", "O ") + step(-1) + tail)[0].species,
                 (std::vector<int>{40, 8}));
        VERIFY_ERROR(read(opening + atomInfo() + " <i/>" + tail), "vasprun.xml, line", "first ionic step");
        std::string unknown = atomInfo("Qq", "O ");
        unknown.replace(unknown.find("PAW_PBE Zr"), 10, "PAW_PBE Qq");
        VERIFY_ERROR(read(opening + unknown + step(-1) + tail), "vasprun.xml, line 3", "atom 1", "'Qq'");
    }

    void unusableStepsAreToldOf()
    {
        std::string lost = step(-2);
        lost.replace(lost.find("-0.20000000"), 11, "***********");
        std::vector<std::string> notes;
        QCOMPARE(read(head() + step(-1) + lost + step(-3) + tail, &notes).size(), std::size_t{2});
        QVERIFY2(all(notes).contains("1 of 3 ionic steps left out") &&
                     all(notes).contains("'0.10000000 ***********"),
                 qPrintable(all(notes)));
        const std::string text = head() + lost + tail;
        const std::string_view before = std::string_view(text).substr(0, text.find("0.10000000 ****"));
        const std::string place =
            fmt::format("vasprun.xml, line {}: the only", std::count(before.begin(), before.end(), '\n') + 1);
        VERIFY_ERROR(read(text), place.c_str(), "***");
        std::string together = step(-2);
        together.replace(together.find(" 0.50000000 0.50000000"), 22, " 0.500000000.50000000 ");
        VERIFY_ERROR(read(head() + together + tail), "0.500000000.50000000", "position");
        std::string fewer = step(-2);
        fewer.replace(fewer.find("   <v> -0.10000000 0.20000000 -0.30000000 </v>\n"), 47, "");
        VERIFY_ERROR(read(head() + fewer + tail), "1 forces for 2 atoms");
        std::string noEnergy = step(-2);
        noEnergy.replace(noEnergy.rfind("-2.00000000"), 11, "***********");
        VERIFY_ERROR(read(head() + noEnergy + tail), "e_fr_energy");
        VERIFY_ERROR(read(head() + calculation(-1, "") + tail), "no electronic loop");
        VERIFY_ERROR(read(opening + parameters() + step(-1) + tail), "line", "<atominfo>");
    }

    void loopsThatRanOut()
    {
        const std::string run = opening + parameters("1", "2") + atomInfo();
        std::vector<std::string> notes;
        const std::string converged = calculation(-1, scstep(-1.000001, -1) + scstep(-1, -1));
        QCOMPARE(read(run + step(-1) + converged + tail, &notes).size(), std::size_t{1});
        QVERIFY2(all(notes).contains("EDIFF"), qPrintable(all(notes)));
    }

    void hostileXml()
    {
        VERIFY_ERROR(read("<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY a \"b\">]>\n<modeling/>"),
                     "vasprun.xml, line 2", "'<!DOCTYPE'");
        VERIFY_ERROR(read("<modeling><![CDATA[x]]></modeling>"), "line 1", "CDATA");
        std::string deep = "<modeling>\n";
        for (int k = 0; k < 100000; ++k)
            deep += "<a>";
        VERIFY_ERROR(read(deep), "line 2", "nested");
        VERIFY_ERROR(read("<modeling>\n<a>\n</b>"), "line 3", "</b> closes <a>");
        VERIFY_ERROR(read("</a>"), "closes nothing");
        VERIFY_ERROR(read("<modeling>\n<a x=\"" + std::string(10000, 'y')), "line 2", "longer than");
        VERIFY_ERROR(read("<html></html>"), "no vasprun.xml", "<html>");
        VERIFY_ERROR(read("no XML"), "no <modeling>");
        VERIFY_ERROR(read(""), "no <modeling>");
        VERIFY_ERROR(read("<modeling><!-- never closed"), "first ionic step");
        // Entities stay text, so a number with one is no number; comments are nothing.
        std::string entity = head() + step(-1) + tail;
        entity.replace(entity.find("<v> 0.10000000"), 14, "<v> &a;0000000");
        VERIFY_ERROR(read(entity), "&a;");
        std::string comment = head() + step(-1) + tail;
        comment.insert(comment.find("<calculation>"), "<!-- <calculation> -->");
        QCOMPARE(read(comment).size(), std::size_t{1});
    }

    void cutAnywhere()
    {
        const std::string text = head() + step(-10) + step(-11) + tail;
        const auto whole = read(text);
        std::size_t most = 0;
        for (std::size_t size = 0; size <= text.size(); ++size) {
            std::vector<Structure> frames;
            std::vector<std::string> notes;
            const QString said = sentence([&] { frames = read(text.substr(0, size), &notes); });
            QVERIFY(frames.empty() != said.isEmpty());
            QVERIFY(frames.size() >= most);
            QVERIFY(frames.empty() || size + 1 >= text.size() || all(notes).contains("</modeling>"));
            most = frames.size();
            for (std::size_t k = 0; k < frames.size(); ++k) {
                QCOMPARE(frames[k].positions, whole[k].positions);
                QCOMPARE(frames[k].arrays.at("forces").numbers, whole[k].arrays.at("forces").numbers);
                QCOMPARE(real(frames[k], "energy"), real(whole[k], "energy"));
                QCOMPARE(stressOf(frames[k]), stressOf(whole[k]));
            }
        }
        QCOMPARE(most, std::size_t{2});
    }

    void ironAgainstItsOutcar()
    {
        SKIP_WITHOUT_SHARED("data/vasp-outcars/fe4-rpbe-emmet/vasprun.xml.gz");
        std::vector<std::string> notes;
        const auto frames = readStructures(vaspOutput("fe4-rpbe-emmet/vasprun.xml.gz"), {}, &notes);
        QVERIFY2(all(notes).contains("no magnetic moments"), qPrintable(all(notes)));
        QCOMPARE(frames.size(), std::size_t{1});
        const Structure& xml = frames[0];
        const Structure out = readStructures(vaspOutput("fe4-rpbe-emmet/OUTCAR")).at(0);
        QCOMPARE(xml.species, out.species);
        QCOMPARE(real(xml, "energy"), real(out, "energy"));
        QCOMPARE(real(xml, "free_energy"), real(out, "free_energy"));
        for (std::size_t k = 0; k < 9; ++k) {
            QVERIFY(std::abs(xml.cell[k / 3][k % 3] - out.cell[k / 3][k % 3]) < 1.1e-8);
            QVERIFY(std::abs(stressOf(xml)[k] - stressOf(out)[k]) < 0.51e-5 / 1602.176634);
        }
        QVERIFY(apart(xml, out) < 1e-5);
        for (std::size_t k = 0; k < 3 * xml.size(); ++k)
            QVERIFY(std::abs(xml.arrays.at("forces").numbers[k] - out.arrays.at("forces").numbers[k]) <
                    0.51e-6);
        const Structure contcar = readStructures(vaspOutput("fe4-rpbe-emmet/CONTCAR")).at(0);
        QVERIFY(apart(xml, contcar) < 1e-7);
    }

    void theRealFileCutAtManyPlaces()
    {
        SKIP_WITHOUT_SHARED("data/vasp-outcars/fe4-rpbe-emmet/vasprun.xml.gz");
        const std::string text = gunzip(readFile(vaspOutput("fe4-rpbe-emmet/vasprun.xml.gz")), "x");
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(read(text).at(0).size(), std::size_t{4});
        qInfo("%zu bytes in %lld ms", text.size(), static_cast<long long>(timer.elapsed()));
        const std::size_t end = text.find("</calculation>") + 14;
        for (std::size_t size = 0; size <= text.size(); size += text.size() / 60 + 1) {
            std::vector<Structure> frames;
            const QString said = sentence([&] { frames = read(text.substr(0, size)); });
            QVERIFY(frames.empty() != said.isEmpty());
            QCOMPARE(frames.size(), std::size_t{size >= end});
        }
        for (const std::size_t size : {end - 1, end, end + 1})
            QCOMPARE(sentence([&] { read(text.substr(0, size)); }).isEmpty(), size >= end);
    }
};

QTEST_GUILESS_MAIN(TestVasprun)
#include "tst_vasprun.moc"
