#pragma once
#include "blocks/selection.h"
#include "cluster/slurm_site.h"
#include "crystal/exchange.h"
#include "dataset/preflight.h"
#include "engine/engine_client.h"
#include "engine/run_watcher.h"

#include <QtCore/QObject>
#include <QtGui/QUndoStack>
#include <memory>
#include <optional>

namespace lodestone::gui {

/// Moments of the current frame from each source in Bohr magnetons, [atoms] or empty. A source that knows
/// only |m| (element means, the magnitude head) is given along the label's direction, or along z where there
/// is no label. Effective fields -dE/dm in eV/Bohr magneton: of the file, and of a run with the head
/// spin-energy at the file's moments.
struct MomentSources {
    std::vector<Vec3> label, base, tuned;
    std::vector<Vec3> labelField = {}, tunedField = {};
    std::vector<ExchangeBond> bonds = {}; ///< exchange couplings of a run with a head that acts on moments
    ExchangeUnit exchangeUnit = ExchangeUnit::PerSquaredMoment;
};

struct TunedQuestion;
class DataCheck;

/// What the user has open, shared by the pages: one model, one data set, one selection, one run in view.
/// Owned by the main window and handed to every page; pages change it through its functions and react to its
/// signals. GUI thread only.
class Session : public QObject {
    Q_OBJECT
public:
    explicit Session(QObject* parent = nullptr);
    ~Session() override;

    EngineClient& engine() { return m_engine; }
    QUndoStack& undoStack() { return m_undo; }

    // Model: described by the engine, in the background.
    /// `head`: of a file that holds several heads or modalities; empty: its default.
    void openModel(const QString& path, const QString& head = {});
    bool openingModel() const;
    /// The file that is being described, or that could not be while no other model is open; empty if none.
    QString awaitedModel() const { return m_awaitedModel; }
    const ModelDescription* model() const { return m_model ? &*m_model : nullptr; }
    /// The chosen head of the open model; empty where there is no choice.
    QString head() const;
    /// {"model": file, "head": name} of the open model (without head where there is no choice): what requests
    /// to the engine begin with. A null value without a model.
    Json modelArguments() const;

    // Data: read in a worker thread; an older read is cancelled by a newer one.
    void openData(const QStringList& paths, const LabelKeys& keys = {}); ///< replaces
    void addData(const QStringList& paths);                              ///< appends
    void setKeys(const LabelKeys& keys);                                 ///< reads again with this mapping
    bool readingData() const;
    QStringList awaitedData() const { return readingData() ? m_awaitedData : QStringList(); }
    void cancelReading();                                       ///< what was open before stays
    QStringList readProblems() const { return m_readProblems; } ///< of frames that were left out on reading
    void setExcluded(std::size_t frame, bool excluded);         ///< undoable
    void setExcluded(const std::vector<bool>& excluded);        ///< all at once, undoable as one step
    std::shared_ptr<const Dataset> data() const { return m_data; }
    const std::vector<bool>& excluded() const { return m_excluded; } ///< one flag a frame
    /// One text a frame that stays the same when files are read again (data/frame_identity.h).
    const std::vector<std::string>& frameIdentities() const { return m_identities; }
    QStringList dataFiles() const { return m_dataFiles; }
    std::shared_ptr<const PreflightReport> preflight() const
    {
        return m_preflight;
    } ///< made in the background

    // Frame and atom in view; -1: none.
    void setFrame(int frame);
    int frame() const { return m_frame; }
    void setAtom(int atom);
    int atom() const { return m_atom; }
    const MomentSources& moments() const { return m_moments; } ///< of the frame in view

    // Blocks that may change, one flag a tensor of model()->tensors.
    void setSelected(const std::vector<bool>& selected); ///< undoable
    const std::vector<bool>& selected() const { return m_selected; }

    /// What the engine says of the open data with the open model; asked while a page wants it.
    DataCheck& dataCheck() { return *m_check; }

    /// Settings that a training form may start from; the demo brings its own.
    void suggestConfiguration(const RunConfig& config);
    const std::optional<RunConfig>& suggestedConfiguration() const { return m_suggested; }

    // Runs. The folder defaults to XDG data/lodestone/runs.
    QString runsFolder() const;
    void setRunsFolder(const QString& folder);
    /// Where runs start and resume: on this computer, or as jobs of Slurm with these settings.
    void setSlurm(bool used, const SlurmSite& site);
    bool usesSlurm() const { return m_usesSlurm; }
    const SlurmSite& slurmSite() const { return m_slurmSite; }
    /// Writes the configuration into a new run directory and starts a detached `lodestone-engine finetune`,
    /// or submits it. Returns the folder, or an empty string after `problem`. Frames that the user excluded
    /// (or that could not be read) are left out: then the run gets its own copy of the training frames, when
    /// `data.train` names the open files.
    QString startRun(const RunConfig& config, const QString& name);
    void openRun(const QString& folder);
    /// Cancels the job that the run in view waits for or runs in.
    void cancelJob();
    /// Keeps asking Slurm what becomes of those of these runs that have a job.
    void followJobs(const std::vector<RunSummary>& runs);
    /// The run in view is on its way: its frames are copied, its job is being submitted, or its engine has
    /// been started and has not said anything yet.
    bool runIsStarting() const;
    /// Runs that were opened and lie outside the folder of runs, the newest first.
    QStringList otherRuns() const { return m_otherRuns; }
    void setOtherRuns(const QStringList& folders);
    /// Lets the run in view go on from its last checkpoint, after it was stopped or its engine was lost.
    void resumeRun();
    void closeRun();
    RunWatcher* run() const { return m_run.get(); }
    /// Asks the engine for base/tuned moments of the frame in view from the run's delta or newest checkpoint.
    void refreshMoments();

Q_SIGNALS:
    void modelChanged();
    void dataChanged();
    void dataProgress(double fraction); ///< 0..1 while reading, then dataChanged or problem
    void excludedChanged();
    void preflightChanged();
    void frameChanged(int frame);
    void atomChanged(int atom);
    void momentsChanged();
    void selectionChanged();
    void configurationSuggested();
    void runChanged(); ///< another run is in view (or none)
    void runUpdated(); ///< its history grew
    void otherRunsChanged();
    void slurmChanged();
    void problem(const QString& page,
                 const QString& sentence); ///< shown inline on that page ("data", "blocks", ...)
    void notice(const QString& sentence);  ///< status bar and log

private:
    struct Jobs;
    void readData(const QStringList& paths, const LabelKeys& keys, bool keepPlace);
    void takeModel(const QString& file, ModelDescription description);
    struct ReadData {
        Dataset data;
        std::vector<std::string> problems, identities;
    };
    void takeData(ReadData read, const QStringList& paths, bool keepPlace);
    void startPreflight();
    void applySelected(std::vector<bool> selected);
    void applyExcluded(std::vector<bool> excluded);
    void launch(const QString& folder, bool resume);
    void submit(const QString& folder, bool resume);
    void followJobInView();
    bool canStart(); ///< the engine, or the settings of the cluster, are there; else `problem`
    struct Launch {
        QString folder;
        qint64 pid = 0;
        std::uintmax_t eventBytes = 0; ///< length of the events before
        bool resume = false;
    };
    void checkLaunch(const Launch& launch, int attempt);
    /// Marks a new run as failed in its own events, for a reason that its engine could not write there.
    void neverBegan(const QString& folder, bool resume, const QString& reason);
    void forgetCopy(const QString& folder);
    void predictMoments();
    /// Of a head spin-energy first what belongs to the file's moments, then (relaxed) where these turn to.
    void askTuned(const TunedQuestion& question, bool relaxed);
    void stopAsking(); ///< what a run says of the frame in view
    void updateMoments();

    EngineClient m_engine;
    QUndoStack m_undo;
    std::optional<ModelDescription> m_model;
    std::shared_ptr<const Dataset> m_data;
    std::vector<bool> m_excluded;
    std::vector<std::string> m_identities;
    QStringList m_dataFiles, m_readProblems, m_awaitedData, m_otherRuns;
    QString m_awaitedModel;
    std::shared_ptr<const PreflightReport> m_preflight;
    int m_frame = -1, m_atom = -1;
    MomentSources m_moments;
    std::vector<bool> m_selected;
    std::optional<RunConfig> m_suggested;
    std::unique_ptr<RunWatcher> m_run;
    QString m_runsFolder;
    bool m_usesSlurm = false;
    SlurmSite m_slurmSite;
    std::unique_ptr<Jobs> m_jobs;
    std::unique_ptr<DataCheck> m_check; ///< last: it looks at all the rest
};

} // namespace lodestone::gui
