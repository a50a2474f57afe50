#include "dataset/frames.h"
#include "formats/formats.h"
#include "support/sentence.h"
#include "support/vasp_frames.h"

#include <QtTest/QtTest>
#include <fmt/format.h>

using namespace lodestone;

/// A made-up run in the layout of VASP; the parts are what tests change.
struct MadeUp {
    std::string titles = "   TITEL  = PAW_PBE Ni_pv 06Sep2000\n   TITEL  = PAW_PBE O 08Apr2002\n";
    std::string ions = "   number of dos      NEDOS =    301   number of ions     NIONS =      2\n"
                       "   ions per type =               1   1\n";
    std::string spin = "   ISPIN  =      2    spin polarized calculation?\n"
                       "   LNONCOLLINEAR =      F non collinear calculations\n";
    std::string loop = "   NELM   =     60;   NELMIN=  2; NELMDL= -5     # of ELM steps\n";

    std::string head() const
    {
        return " vasp.6.2.0 18Jan21 (build Feb 05 2021 11:24:39) complex\n" + titles + ions + spin + loop;
    }
};

static std::string iteration(int ionic, int electronic)
{
    return fmt::format("--------------------------------------- Iteration {:6}({:4})  "
                       "---------------------------------------\n"
                       "  free energy    TOTEN  =       -99.00000000 eV\n\n"
                       "  energy without entropy =      -99.00000000  energy(sigma->0) =      -99.00000000\n",
                       ionic, electronic);
}

static const std::string reached =
    "------------------------ aborting loop because EDIFF is reached ----------\n";

static std::string table(char axis, double first, double second)
{
    return fmt::format(
        " magnetization ({})\n\n# of ion       s       p       d       tot\n"
        "------------------------------------------\n"
        "    1       -0.018  -0.078   1.405{:8.3f}\n    2       -0.018  -0.078   0.405{:8.3f}\n"
        "--------------------------------------------------\n"
        "tot         -0.036  -0.156   1.810   1.000\n\n",
        axis, first, second);
}

static const std::string stress =
    "  FORCE on cell =-STRESS in cart. coord.  units (eV):\n"
    "  in kB       1.00000     2.00000     3.00000     4.00000     5.00000     6.00000\n";

static std::string
cell(std::string_view second = "     0.000000000  4.000000000  0.000000000     0.0000 0.25 0.0000")
{
    return fmt::format(
        " VOLUME and BASIS-vectors are now :\n      direct lattice vectors                 reciprocal "
        "lattice vectors\n     4.000000000  0.000000000  0.000000000     0.250000000  0.000000000  "
        "0.000000000\n{}\n     0.000000000  0.000000000  4.000000000     0.000000000  0.000000000  "
        "0.250000000\n",
        second);
}

static std::string
atoms(std::string_view first =
          "      0.00000      0.00000      0.00000         0.100000     -0.200000      0.300000")
{
    return fmt::format(
        " POSITION                                       TOTAL-FORCE (eV/Angst)\n"
        " -----------------------------------------------------------------------------------\n"
        "{}\n"
        "      2.00000      2.00000      2.00000        -0.100000      0.200000     -0.300000\n"
        " -----------------------------------------------------------------------------------\n"
        "    total drift:                               -0.000000     -0.000000      0.000000\n",
        first);
}

static std::string energy(double free)
{
    return fmt::format("  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)\n"
                       "  ---------------------------------------------------\n"
                       "  free  energy   TOTEN  = {:19.8f} eV\n\n"
                       "  energy  without entropy= {:17.8f}  energy(sigma->0) = {:17.8f}\n",
                       free, free + 1, free + 0.5);
}

static std::string step(int ionic, double free)
{
    return iteration(ionic, 1) + iteration(ionic, 2) + reached + table('x', 1.25, -0.5) + stress + cell() +
           atoms() + energy(free);
}

static std::vector<Structure> read(const std::string& text, std::vector<std::string>* notes = nullptr)
{
    return readOutcar(text, "OUTCAR", {}, notes);
}

class TestOutcar : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyStepWithItsLabels()
    {
        std::vector<std::string> notes;
        // Behind the last step VASP prints the moments once more.
        const auto frames =
            read(MadeUp().head() + step(1, -10) + step(2, -11) + table('x', 1.5, -0.25), &notes);
        QCOMPARE(frames.size(), std::size_t{2});
        QVERIFY2(notes.empty(), qPrintable(all(notes)));
        const Structure& s = frames[0];
        QCOMPARE(s.species, (std::vector<int>{28, 8}));
        QCOMPARE(s.cell, (Mat3{{{4, 0, 0}, {0, 4, 0}, {0, 0, 4}}}));
        QCOMPARE(s.pbc, (std::array<bool, 3>{true, true, true}));
        QCOMPARE(s.positions[1], (Vec3{2, 2, 2}));
        QCOMPARE(real(s, "free_energy"), -10.0);
        QCOMPARE(real(s, "energy"), -9.5);
        QCOMPARE(s.arrays.at("forces").numbers, (std::vector<double>{0.1, -0.2, 0.3, -0.1, 0.2, -0.3}));
        QCOMPARE(s.arrays.at("forces").width, 3);
        QCOMPARE(s.arrays.at("magmoms").numbers, (std::vector<double>{1.25, -0.5}));
        QCOMPARE(s.arrays.at("magmoms").width, 1);
        QCOMPARE(frames[1].arrays.at("magmoms").numbers, (std::vector<double>{1.5, -0.25}));
        const std::vector<double> kBar = {1, 4, 6, 4, 2, 5, 6, 5, 3};
        for (std::size_t k = 0; k < 9; ++k)
            QVERIFY(std::abs(stressOf(s)[k] + kBar[k] / 1602.176634) < 1e-15);
        QVERIFY(frames[1].source.starts_with("OUTCAR, ionic step 2, line "));
        const LabelKeys keys = detectKeys(frames);
        QCOMPARE(keys.energy, std::string("energy"));
        QCOMPARE(keys.forces, std::string("forces"));
        QCOMPARE(keys.stress, std::string("stress"));
        QCOMPARE(keys.moments, std::string("magmoms"));
        const Frame frame = makeFrame(s, keys);
        QVERIFY(frame.moments->kind == Moments::Kind::Collinear);
        QCOMPARE(frame.moments->vectors[1], (Vec3{0, 0, -0.5}));
    }

    void vectorsAreTurnedToCartesianAxes()
    {
        MadeUp run;
        run.spin =
            "   ISPIN  =      1    spin polarized calculation?\n   LNONCOLLINEAR =      T non collinear\n";
        const std::string moments = table('x', 0.1, 0) + table('y', 0.2, 0) + table('z', 2, -2);
        const std::string rest = iteration(1, 1) + table('x', 9, 9) + table('y', 9, 9) + table('z', 9, 9) +
                                 iteration(1, 2) + reached + moments + stress + cell() + atoms() + energy(-1);
        const auto plain = read(run.head() + rest);
        QCOMPARE(plain[0].arrays.at("magmoms").width, 3);
        QCOMPARE(plain[0].arrays.at("magmoms").numbers, (std::vector<double>{0.1, 0.2, 2, 0, 0, -2}));

        // SAXIS = 1 0 0: what is printed as z points along x.
        const std::string axes =
            " transformation matrix from SAXIS to cartesian coordinates\n ---------------------\n"
            "     0.0000000 m_x     0.0000000 m_y     1.0000000 m_z\n"
            "     0.0000000 m_x     1.0000000 m_y     0.0000000 m_z\n"
            "    -1.0000000 m_x     0.0000000 m_y     0.0000000 m_z\n";
        std::vector<std::string> notes;
        const auto turned = read(run.head() + axes + rest, &notes);
        QCOMPARE(turned[0].arrays.at("magmoms").numbers, (std::vector<double>{2, 0.2, -0.1, -2, 0, 0}));
        QVERIFY2(all(notes).contains("SAXIS = (1.0000 0.0000 0.0000)"), qPrintable(all(notes)));
        notes.clear();
        std::string strange = axes;
        strange.replace(strange.find("1.0000000"), 3, "7.0");
        QVERIFY(!read(run.head() + strange + rest, &notes)[0].arrays.contains("magmoms"));
        QVERIFY2(all(notes).contains("cannot be read"), qPrintable(all(notes)));
    }

    void momentsOfTheLoopAloneDoNotCount()
    {
        std::vector<std::string> notes;
        const auto frames = read(MadeUp().head() + iteration(1, 1) + table('x', 1, 1) + iteration(1, 2) +
                                     reached + cell() + atoms() + energy(-1),
                                 &notes);
        QVERIFY(!frames[0].arrays.contains("magmoms"));
        QVERIFY(!frames[0].info.contains("stress"));
        QVERIFY2(all(notes).contains("LORBIT"), qPrintable(all(notes)));
    }

    void unusableStepsAreToldOf()
    {
        const std::string lost =
            iteration(2, 1) + reached + stress + cell() +
            atoms("      0.00000      0.00000 ************         0.1      -0.2      0.3") + energy(-5);
        std::vector<std::string> notes;
        QCOMPARE(read(MadeUp().head() + step(1, -1) + lost + step(3, -3), &notes).size(), std::size_t{2});
        QVERIFY2(all(notes).contains("1 of 3 ionic steps left out") && all(notes).contains("************") &&
                     all(notes).contains("step 2, line"),
                 qPrintable(all(notes)));
        // Only such a step: an error with its line.
        VERIFY_ERROR(read(MadeUp().head() + lost), "OUTCAR, line ", "the only ionic step", "****");
        std::string lostEnergy = energy(-5);
        lostEnergy.replace(lostEnergy.find("-4.50"), 11, "***********");
        VERIFY_ERROR(read(MadeUp().head() + iteration(1, 1) + reached + cell() + atoms() + lostEnergy),
                     "line ", "an energy");
        // Many such steps are one sentence.
        notes.clear();
        std::string many = MadeUp().head() + step(1, -1);
        for (int k = 0; k < 50; ++k)
            many +=
                iteration(k + 2, 1) + reached + cell() + atoms(fmt::format(" {}.0 ********", k)) + energy(-1);
        read(many, &notes);
        QCOMPARE(notes.size(), std::size_t{1});
        QVERIFY2(all(notes).contains("50 of 51") && all(notes).contains("first: step 2"),
                 qPrintable(all(notes)));
        // VASP 6 says so where the loop did not converge; VASP 5 stops at NELM without a word.
        const std::string end = stress + cell() + atoms() + energy(-2);
        notes.clear();
        QCOMPARE(
            read(MadeUp().head() + step(1, -1) + iteration(2, 1) +
                     "------------------------ aborting loop EDIFF was not reached (unconverged)  -----\n" +
                     end,
                 &notes)
                .size(),
            std::size_t{1});
        QVERIFY2(all(notes).contains("EDIFF"), qPrintable(all(notes)));
        VERIFY_ERROR(read(MadeUp().head() + iteration(1, 60) + end), "EDIFF");
        QCOMPARE(read(MadeUp().head() + iteration(1, 60) + reached + end).size(), std::size_t{1});
    }

    void columnsThatRunTogether()
    {
        // At a minus sign the columns can still be told apart.
        const auto frames = read(
            MadeUp().head() + iteration(1, 1) + reached +
            cell("    -1.384578499  7.176543225-17.962901370     0.000000000 -0.139342852-10.000000000") +
            atoms("   -100.12345   -200.12345-1000.12345       -10.123456-11.456789      0.300000") +
            energy(-1));
        QCOMPARE(frames[0].cell[1], (Vec3{-1.384578499, 7.176543225, -17.962901370}));
        QCOMPARE(frames[0].positions[0], (Vec3{-100.12345, -200.12345, -1000.12345}));
        QCOMPARE(frames[0].arrays.at("forces").numbers[1], -11.456789);
        // Elsewhere they cannot.
        for (const char* row :
             {"      0.00000      0.000001000.00000         0.1      0.2      0.3",
              "      0.00000      0.00000      0.00000         0.1      0.2",
              "      0.00000      0.00000      0.00000         0.1      0.2   0.3   0.4",
              "      0.00000      0.00000      0.00000         0.165-164   0.2",
              "      0.00000      0.00000      0.00000         0.1      0.2      NaN", "---------------"})
            VERIFY_ERROR(read(MadeUp().head() + iteration(1, 1) + reached + cell() + atoms(row) + energy(-1)),
                         "OUTCAR, line 2", "atom 1 of 2", "columns");
        VERIFY_ERROR(read(MadeUp().head() + iteration(1, 1) + reached +
                          cell("     0.0 4.0000000001000.000000000 0.0 0.0 0.0") + atoms() + energy(-1)),
                     "cell vector");
    }

    void unreadableMomentsAreLeftOut()
    {
        std::string damaged = table('x', 1.25, -0.5);
        damaged.replace(damaged.find("   1.250"), 8, "********");
        std::vector<std::string> notes;
        const auto frames = read(MadeUp().head() + iteration(1, 1) + reached + damaged + cell() + atoms() +
                                     energy(-1) + step(2, -2),
                                 &notes);
        QCOMPARE(frames.size(), std::size_t{2});
        QVERIFY(!frames[0].arrays.contains("magmoms") && frames[1].arrays.contains("magmoms"));
        QVERIFY2(all(notes).contains("magnetic moment cannot be read") &&
                     all(notes).contains("1 of 2 ionic steps have no"),
                 qPrintable(all(notes)));
    }

    void resultsOfTheForceFieldOfVaspAreNoLabels()
    {
        const std::string model =
            "  ML FORCE on cell =-STRESS in cart. coord. units (eV/cell)\n  in kB       9.0 9.0 9.0 9.0 9.0 "
            "9.0\n"
            " POSITION                                       TOTAL-FORCE (eV/Angst) (ML)\n -----\n"
            "  0.0 0.0 0.0 9.0 9.0 9.0\n  0.0 0.0 0.0 9.0 9.0 9.0\n -----\n"
            "  ML FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)\n  free  energy ML TOTEN  =  -9.0 eV\n\n"
            "  ML energy  without entropy= -9.0  ML energy(sigma->0) = -9.0\n";
        std::vector<std::string> notes;
        const auto frames = read(MadeUp().head() + step(1, -1) + model + model + step(2, -2), &notes);
        QCOMPARE(frames.size(), std::size_t{2});
        QCOMPARE(real(frames[0], "free_energy"), -1.0);
        QCOMPARE(stressOf(frames[0]), stressOf(frames[1]));
        QVERIFY2(all(notes).contains("2 steps of VASP's machine-learned"), qPrintable(all(notes)));
    }

    void speciesOfTheRun()
    {
        MadeUp run;
        run.titles = "   TITEL  = PAW_PBE Fe_pv 02Aug2007\n   TITEL  = PAW_PBE H1.25 07Sep2000\n";
        QCOMPARE(read(run.head() + step(1, -1))[0].species, (std::vector<int>{26, 1}));
        run.titles =
            "   TITEL  = PAW_PBE Fe_sv_GW 02Aug2007\n   TITEL  = PAW Fe 07Sep2000\n"; // one element twice
        run.ions = "   number of dos      NEDOS =    301   number of ions     NIONS =      2\n   ions per "
                   "type = ****   1\n";
        QCOMPARE(read(run.head() + step(1, -1))[0].species, (std::vector<int>{26, 26}));
        // Two runs in one file.
        const std::string two = run.head() + step(1, -1) + MadeUp().head() + step(1, -2);
        QCOMPARE(read(two)[0].species, (std::vector<int>{26, 26}));
        QCOMPARE(read(two)[1].species, (std::vector<int>{28, 8}));
    }

    void mistakesNameTheLine()
    {
        VERIFY_ERROR(read(""), "OUTCAR, line 0", "before the first ionic step");
        VERIFY_ERROR(read(MadeUp().head()), "OUTCAR, line 8", "before the first ionic step");
        VERIFY_ERROR(read(atoms()), "OUTCAR, line 1", "beginning of the file is missing");
        MadeUp run;
        run.titles = "   TITEL  = PAW_PBE Qq 06Sep2000\n";
        VERIFY_ERROR(read(run.head()), "line 2", "chemical element");
        run.titles = "   TITEL  = PAW_PBE Ni 06Sep2000\n";
        VERIFY_ERROR(read(run.head()), "line 4", "2 kinds of ions", "1 potentials");
        run = {};
        run.ions = "   number of dos      NEDOS = 301 number of ions     NIONS = 900000000\n";
        VERIFY_ERROR(read(run.head()), "line 4", "number of ions");
        run.ions = "   number of dos      NEDOS = 301 number of ions     NIONS = 3\n   ions per type = 1 1\n";
        VERIFY_ERROR(read(run.head()), "line 5", "do not add up");
        run.ions =
            "   number of dos      NEDOS = 301 number of ions     NIONS = 3\n   ions per type = 10001000\n";
        VERIFY_ERROR(read(run.head()), "line 5", "run together");
        // Fewer or more atoms in the table than in the run.
        run.ions = "   number of dos      NEDOS = 301 number of ions     NIONS = 3\n   ions per type = 1 2\n";
        VERIFY_ERROR(read(run.head() + step(1, -1)), "atom 3 of 3");
        MadeUp one;
        one.titles = "   TITEL  = PAW_PBE Ni 06Sep2000\n";
        one.ions = "   number of dos      NEDOS = 301 number of ions     NIONS = 1\n   ions per type = 1\n";
        VERIFY_ERROR(read(one.head() + step(1, -1)), "the table of 1 atoms");
        // A cell that spans no volume.
        VERIFY_ERROR(read(MadeUp().head() + iteration(1, 1) + reached + cell("     4.0 0.0 0.0 0.0 0.0 0.0") +
                          atoms() + energy(-1)),
                     "ionic step 1");
    }

    void cutAnywhere()
    {
        const std::string text = MadeUp().head() + step(1, -10) + step(2, -11) + table('x', 1.5, -0.25);
        const auto whole = read(text);
        std::size_t most = 0;
        for (std::size_t size = 0; size <= text.size(); ++size) {
            std::vector<Structure> frames;
            const QString said = sentence([&] { frames = read(text.substr(0, size)); });
            QVERIFY(frames.empty() != said.isEmpty());
            QVERIFY(frames.size() >= most);
            most = frames.size();
            for (std::size_t k = 0; k < frames.size(); ++k) {
                QCOMPARE(frames[k].positions, whole[k].positions);
                QCOMPARE(frames[k].arrays.at("forces").numbers, whole[k].arrays.at("forces").numbers);
                QCOMPARE(real(frames[k], "energy"), real(whole[k], "energy"));
                QCOMPARE(stressOf(frames[k]), stressOf(whole[k]));
                const std::vector<double>& m = frames[k].arrays.at("magmoms").numbers;
                QVERIFY(m == whole[k].arrays.at("magmoms").numbers || m == (std::vector<double>{1.25, -0.5}));
            }
        }
        QCOMPARE(most, std::size_t{2});
    }

    void stopsWhenAsked()
    {
        std::stop_source source;
        source.request_stop();
        QVERIFY_THROWS_EXCEPTION(Stopped,
                                 readOutcar(MadeUp().head() + step(1, -1), "x", {source.get_token(), {}}));
    }

    void manyAtomsInOnePass()
    {
        const std::size_t count = 100000;
        MadeUp run;
        run.titles = "   TITEL  = PAW_PBE Fe 06Sep2000\n";
        run.ions = fmt::format(
            "   number of dos  NEDOS = 301 number of ions     NIONS = {}\n   ions per type = ****\n", count);
        std::string text = run.head() + iteration(1, 1) + reached +
                           " magnetization (x)\n\n# of ion       s       p       d       tot\n-----------\n";
        for (std::size_t k = 0; k < count; ++k)
            text += fmt::format("{:>5}       -0.018  -0.078   2.405   2.310\n",
                                k < 99999 ? std::to_string(k + 1) : "*****");
        text +=
            cell() + " POSITION                                       TOTAL-FORCE (eV/Angst)\n ---------\n";
        for (std::size_t k = 0; k < count; ++k)
            text += fmt::format("{:13.5f}{:13.5f}{:13.5f}   {:14.6f}{:14.6f}{:14.6f}\n", 0.001 * double(k),
                                1.0, 2.0, 0.1, -0.2, 0.3);
        text += " ---------\n" + energy(-1);
        QElapsedTimer timer;
        timer.start();
        const auto frames = read(text);
        QCOMPARE(frames.at(0).size(), count);
        QCOMPARE(frames[0].arrays.at("magmoms").numbers.size(), count);
        QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
        qInfo("%zu bytes in %lld ms", text.size(), static_cast<long long>(timer.elapsed()));
    }
};

QTEST_GUILESS_MAIN(TestOutcar)
#include "tst_outcar.moc"
