#include "dataset/preflight.h"
#include "dataset/summary.h"
#include "support/sentence.h"
#include "support/shared_data.h"

#include <QtTest/QtTest>
#include <algorithm>

using namespace lodestone;

/// A cubic crystal of one iron atom, slightly different for each index.
static Frame iron(int index)
{
    Frame frame;
    Structure& s = frame.structure;
    const double a = 2.8 + 0.001 * index;
    s.cell = {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
    s.pbc = {true, true, true};
    s.species = {26};
    s.positions = {{0.1, 0.2, 0.3}};
    frame.energy = -8.0 + 0.01 * (index % 7);
    frame.forces = {{0.1 * (index % 5), 0, 0}};
    return frame;
}

static Dataset crystals(int n)
{
    Dataset data;
    for (int i = 0; i < n; ++i)
        data.frames.push_back(iron(i));
    return data;
}

static const Finding* find(const PreflightReport& report, const std::string& code)
{
    const auto found = std::find_if(report.findings.begin(), report.findings.end(),
                                    [&](const Finding& finding) { return finding.code == code; });
    return found == report.findings.end() ? nullptr : &*found;
}

using Frames = std::vector<std::size_t>;

class TestPreflight : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void soundDataHasNoFindings()
    {
        const PreflightReport report = checkDataset(crystals(30), {26}, 3.0);
        QVERIFY2(report.findings.empty(), report.findings.empty() ? "" : report.findings[0].text.c_str());
        QCOMPARE(report.frames, std::size_t{30});
        QCOMPARE(report.atoms, std::size_t{30});
        QCOMPARE(report.elementAtoms.at(26), std::size_t{30});
        QCOMPARE(report.withEnergy, std::size_t{30});
        QCOMPARE(report.withMoments, std::size_t{0});
        QCOMPARE(report.energyPerAtom.size(), std::size_t{30});
        QCOMPARE(report.forceNorms[3], 0.1 * 3);
        // Six nearest neighbours of a simple cubic crystal.
        QCOMPARE(report.neighbourCounts, std::vector<int>(30, 6));
        QCOMPARE(report.edges, std::size_t{180});
    }

    void withoutACutoffNeighboursAreNotCounted()
    {
        const PreflightReport report = checkDataset(crystals(3), {}, 0);
        QVERIFY(report.neighbourCounts.empty());
        QCOMPARE(report.edges, std::size_t{0});
    }

    void labelsUnderOtherKeysAreNamed()
    {
        const auto frame = [](const std::string& key, double x) {
            Structure s;
            s.species = {26, 26};
            s.positions = {{0, 0, 0}, {2.4 + x, 0, 0}};
            s.info["energy"] = -8.0 + x;
            s.arrays[key] = {AtomArray::Kind::Real, 3, {0.1, 0, 0, -0.1, 0, 0}, {}};
            return s;
        };
        const auto dataset = [](const std::vector<Structure>& structures) {
            Dataset data;
            data.keys = detectKeys(structures);
            for (const Structure& s : structures)
                data.frames.push_back(makeFrame(s, data.keys));
            return data;
        };
        const auto text = [](const PreflightReport& report, const char* code) {
            for (const Finding& finding : report.findings)
                if (finding.code == code)
                    return finding.level + ": " + finding.text;
            return std::string();
        };
        const std::string mixed =
            text(checkDataset(dataset({frame("forces", 0), frame("REF_forces", 0.1), frame("forces", 0.2)}),
                              {}, 0),
                 "missing-forces");
        QVERIFY2(mixed.starts_with("warning: 2 of 3 frames") && mixed.find("\"forces\"") != std::string::npos,
                 mixed.c_str());
        const std::string unread = text(
            checkDataset(dataset({frame("pbe_grad", 0), frame("pbe_grad", 0.1)}), {}, 0), "unread-vectors");
        QVERIFY2(unread.find("pbe_grad") != std::string::npos, unread.c_str());
        QVERIFY(text(checkDataset(dataset({frame("forces", 0)}), {}, 0), "unread-vectors").empty());
    }

    void energiesOfCompositions()
    {
        // FenOm with -8 and -5 eV an atom, and one frame that lies 0.3 eV beside it.
        Dataset data;
        for (const auto& [iron, oxygen] : {std::pair{1, 1}, {2, 1}, {2, 3}, {4, 1}, {1, 5}}) {
            Frame frame;
            frame.structure.species.assign(std::size_t(iron), 26);
            frame.structure.species.insert(frame.structure.species.end(), std::size_t(oxygen), 8);
            frame.structure.positions.resize(frame.structure.species.size());
            for (std::size_t i = 0; i < frame.structure.positions.size(); ++i)
                frame.structure.positions[i] = {3.0 * double(i), 0, 0};
            frame.energy = -8.0 * iron - 5.0 * oxygen;
            data.frames.push_back(frame);
        }
        Frame bare = data.frames[0];
        bare.energy.reset();
        data.frames.insert(data.frames.begin(), bare);
        const PreflightReport report = checkDataset(data, {}, 0);
        QCOMPARE(report.compositionEnergy.size(), std::size_t{5});
        for (std::size_t i = 0; i < 5; ++i)
            QVERIFY(std::abs(report.compositionEnergy[i] - report.energyPerAtom[i]) < 1e-9);
        *data.frames[1].energy += 0.3;
        const PreflightReport off = checkDataset(data, {}, 0);
        QVERIFY(off.energyPerAtom[0] - off.compositionEnergy[0] > 0.05);
    }

    void duplicates()
    {
        Dataset data = crystals(10);
        data.frames[7] = iron(2);
        data.frames[7].structure.positions[0][1] += 2e-8; // below the grid
        data.frames[8] = iron(2);
        data.frames[8].energy = -7.9; // 0.08 eV/atom off
        data.frames[9] = iron(3);
        data.frames[9].structure.positions[0][1] += 1e-3; // another structure
        const PreflightReport report = checkDataset(data, {}, 0);
        QVERIFY(find(report, "duplicate-frames"));
        QCOMPARE(find(report, "duplicate-frames")->frames, Frames{7});
        QCOMPARE(find(report, "contradictory-frames")->frames, Frames{8});
    }

    void otherMomentsMakeAnotherFrame()
    {
        Dataset data;
        for (const double m : {1.0, -1.0, 1.0}) {
            data.frames.push_back(iron(0));
            data.frames.back().moments = Moments{Moments::Kind::Collinear, {{0, 0, m}}};
        }
        const PreflightReport report = checkDataset(data, {}, 0);
        QCOMPARE(find(report, "duplicate-frames")->frames, Frames{2});
        QCOMPARE(report.momentNorms.at(26), (std::vector<double>{1, 1, 1}));
    }

    void unknownElements()
    {
        Dataset data = crystals(4);
        data.frames[1].structure.species[0] = 92;
        const PreflightReport report = checkDataset(data, {26, 8}, 0);
        const Finding* finding = find(report, "unknown-element");
        QVERIFY(finding);
        QCOMPARE(finding->level, std::string("error"));
        QCOMPARE(finding->frames, Frames{1});
        QVERIFY(finding->text.find("does not know U") != std::string::npos);
        QVERIFY(!find(checkDataset(data, {}, 0), "unknown-element"));
    }

    void missingLabels()
    {
        Dataset data = crystals(6);
        data.frames[1].energy.reset();
        data.frames[4].forces.clear();
        data.frames[5].forces.clear();
        const PreflightReport report = checkDataset(data, {}, 0);
        QCOMPARE(find(report, "missing-energy")->frames, Frames{1});
        QCOMPARE(find(report, "missing-forces")->frames, (Frames{4, 5}));
        QVERIFY(!find(report, "missing-stress")); // no frame has it
        QVERIFY(!find(report, "no-labels"));
        for (Frame& frame : data.frames) {
            frame.energy.reset();
            frame.forces.clear();
        }
        QCOMPARE(find(checkDataset(data, {}, 0), "no-labels")->level, std::string("error"));
    }

    void outliers()
    {
        Dataset data = crystals(40);
        data.frames[11].forces[0] = {0, -60, 0};
        data.frames[12].forces[0] = {0, -6, 0}; // unusual, but a force that occurs
        data.frames[20].energy = -3;
        const PreflightReport report = checkDataset(data, {}, 0);
        QCOMPARE(find(report, "force-outliers")->frames, Frames{11});
        QCOMPARE(find(report, "energy-outliers")->frames, Frames{20});
    }

    void compositionsAreNoEnergyOutliers()
    {
        // Oxygen-rich cells lie 5 eV/atom lower, which their composition explains.
        Dataset data = crystals(20);
        for (int i = 0; i < 20; ++i) {
            Frame frame = iron(100 + i);
            frame.structure.species.push_back(8);
            frame.structure.positions.push_back({1.5, 1.5, 1.5});
            frame.forces.push_back({});
            frame.energy = -8.0 - 18.0 + 0.01 * (i % 3);
            data.frames.push_back(frame);
        }
        QVERIFY(!find(checkDataset(data, {}, 0), "energy-outliers"));
    }

    void closeAndLonelyAtoms()
    {
        Dataset data = crystals(3);
        Frame close = iron(50);
        close.structure.species.push_back(26);
        close.structure.positions.push_back({0.1, 0.2, 1.4}); // 1.1 apart; half the sum of radii is 1.32
        close.forces.push_back({});
        close.energy = -16;
        data.frames.push_back(close);
        Frame lonely = iron(51);
        lonely.structure.cell = zero3;
        lonely.structure.pbc = {};
        data.frames.push_back(lonely);
        Frame image = iron(52); // too near to its own image
        image.structure.cell = {{{1, 0, 0}, {0, 3, 0}, {0, 0, 3}}};
        data.frames.push_back(image);
        const PreflightReport report = checkDataset(data, {}, 3.0);
        QCOMPARE(find(report, "close-atoms")->frames, (Frames{3, 5}));
        QCOMPARE(find(report, "atoms-without-neighbours")->frames, Frames{4});
    }

    void mixedMethods()
    {
        Dataset data = crystals(5);
        for (std::size_t i = 0; i < 5; ++i)
            data.frames[i].structure.info["run_type"] = std::string(i == 1 ? "GGA+U" : "GGA");
        const PreflightReport report = checkDataset(data, {}, 0);
        const Finding* finding = find(report, "mixed-methods");
        QVERIFY(finding);
        QCOMPARE(finding->frames, Frames{1});
        QVERIFY(finding->text.find("GGA (4 frames), GGA+U (1 frames)") != std::string::npos);
        data.frames[1].structure.info["run_type"] = std::string("GGA");
        QVERIFY(!find(checkDataset(data, {}, 0), "mixed-methods"));
    }

    void errorsComeFirst()
    {
        Dataset data = crystals(5);
        data.frames[1].energy.reset();            // info
        data.frames[2] = data.frames[3];          // warning
        data.frames[4].structure.species[0] = 92; // error
        const PreflightReport report = checkDataset(data, {26}, 0);
        QCOMPARE(report.findings.size(), std::size_t{3});
        QCOMPARE(report.findings[0].level, std::string("error"));
        QCOMPARE(report.findings[1].level, std::string("warning"));
        QCOMPARE(report.findings[2].level, std::string("info"));
    }

    void emptyDataSets()
    {
        const PreflightReport report = checkDataset({}, {26}, 5);
        QCOMPARE(report.frames, std::size_t{0});
        QVERIFY(find(report, "no-labels"));
        QCOMPARE(toJson(report)["force_norms"]["count"].get<int>(), 0);
    }

    void stopsAndReports()
    {
        const Dataset data = crystals(50);
        std::vector<double> reported;
        Watch watch;
        watch.progress = [&](double fraction) { reported.push_back(fraction); };
        checkDataset(data, {26}, 3, watch);
        QVERIFY(reported.size() > 50);
        QVERIFY(std::is_sorted(reported.begin(), reported.end()));
        QVERIFY(reported.front() >= 0 && reported.back() <= 1);
        std::stop_source stop;
        watch.stop = stop.get_token();
        watch.progress = [&](double fraction) {
            if (fraction > 0.5)
                stop.request_stop();
        };
        QVERIFY_EXCEPTION_THROWN(checkDataset(data, {26}, 3, watch), Stopped);
    }

    void reportAsJson()
    {
        Dataset data = crystals(300);
        for (Frame& frame : data.frames)
            frame.structure.species[0] = 92;
        const Json json = Json::parse(toJson(checkDataset(data, {26}, 3)).dump());
        QCOMPARE(json["elements"]["U"].get<int>(), 300);
        QCOMPARE(json["labelled_frames"]["forces"].get<int>(), 300);
        QCOMPARE(json["neighbours"]["median"].get<double>(), 6.0);
        const Json& finding = json["findings"][0];
        QCOMPARE(finding["code"].get<std::string>(), std::string("unknown-element"));
        QCOMPARE(finding["frame_count"].get<int>(), 300);
        QCOMPARE(finding["frames"].size(), std::size_t{100}); // bounded: bulk never travels as JSON
    }

    void summaries()
    {
        const Summary s = summarise({3, 1, 100, 2, 4});
        QCOMPARE(s.count, std::size_t{5});
        QCOMPARE(s.least, 1.0);
        QCOMPARE(s.median, 3.0);
        QCOMPARE(s.mean, 22.0);
        QCOMPARE(s.largest, 100.0);
        QCOMPARE(s.deviation, 1.0);
        QCOMPARE(summarise({}).count, std::size_t{0});
    }

    void lithiumIronOxidesMixMethods()
    {
        SKIP_WITHOUT_SHARED("data/li-fe-o");
        const Dataset data = readDataset({sharedPath("data/li-fe-o/li_fe_o.extxyz")});
        const PreflightReport report = checkDataset(data, {3, 8, 26}, 5.0);
        QVERIFY(find(report, "mixed-methods"));
        QVERIFY(!find(report, "unknown-element"));
        QVERIFY(!find(report, "no-labels"));
        QCOMPARE(report.withMoments, report.frames);
        QVERIFY(report.edges > report.atoms);
    }

    void molybdenumIsSound()
    {
        SKIP_WITHOUT_SHARED("data/mlearn");
        const Dataset data = readDataset({sharedPath("data/mlearn/Mo_training.extxyz")});
        const PreflightReport report = checkDataset(data, {42}, 6.0);
        for (const Finding& finding : report.findings)
            QVERIFY2(finding.level != "error", finding.text.c_str());
        QVERIFY(!find(report, "close-atoms"));
        QCOMPARE(report.withForces, report.frames);
    }
};

QTEST_APPLESS_MAIN(TestPreflight)
#include "tst_preflight.moc"
