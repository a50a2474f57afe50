#pragma once
#include "blocks/selection.h"
#include "dataset/preflight.h"
#include "engine/engine_client.h"
#include "engine/run_watcher.h"

#include <QtCore/QObject>
#include <QtGui/QUndoStack>
#include <memory>
#include <optional>

namespace lodestone::gui {

/// Moments of the current frame from each source, |m| or vectors; empty where there are none.
struct MomentSources {
    std::vector<Vec3> label, base, tuned;
};

/// What the user has open, shared by the pages: one model, one data set, one selection, one run in view. Owned by the
/// main window and handed to every page; pages change it through its functions and react to its signals. GUI thread only.
class Session : public QObject {
    Q_OBJECT
public:
    explicit Session(QObject* parent = nullptr);
    ~Session() override;

    EngineClient& engine() { return m_engine; }
    QUndoStack& undoStack() { return m_undo; }

    // Model: described by the engine, in the background.
    void openModel(const QString& path);
    const ModelDescription* model() const { return m_model ? &*m_model : nullptr; }

    // Data: read in a worker thread; an older read is cancelled by a newer one.
    void openData(const QStringList& paths);              ///< replaces
    void addData(const QStringList& paths);               ///< appends
    void setKeys(const LabelKeys& keys);                  ///< reads again with this mapping
    void setExcluded(std::size_t frame, bool excluded);   ///< undoable
    std::shared_ptr<const Dataset> data() const { return m_data; }
    const std::vector<bool>& excluded() const { return m_excluded; } ///< one flag a frame
    QStringList dataFiles() const { return m_dataFiles; }
    std::shared_ptr<const PreflightReport> preflight() const { return m_preflight; } ///< made in the background

    // Frame and atom in view; -1: none.
    void setFrame(int frame);
    int frame() const { return m_frame; }
    void setAtom(int atom);
    int atom() const { return m_atom; }
    const MomentSources& moments() const { return m_moments; } ///< of the frame in view

    // Blocks that may change, one flag a tensor of model()->tensors.
    void setSelected(const std::vector<bool>& selected);  ///< undoable
    const std::vector<bool>& selected() const { return m_selected; }

    // Runs. The folder defaults to XDG data/lodestone/runs.
    QString runsFolder() const;
    void setRunsFolder(const QString& folder);
    /// Writes the configuration into a new run directory and starts a detached `lodestone-engine finetune`. Returns the
    /// folder, or an empty string after `problem`.
    QString startRun(const RunConfig& config, const QString& name);
    void openRun(const QString& folder);
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
    void runChanged();                   ///< another run is in view (or none)
    void runUpdated();                   ///< its history grew
    void problem(const QString& page, const QString& sentence); ///< shown inline on that page ("data", "blocks", ...)
    void notice(const QString& sentence); ///< status bar and log

private:
    struct Jobs;
    EngineClient m_engine;
    QUndoStack m_undo;
    std::optional<ModelDescription> m_model;
    std::shared_ptr<const Dataset> m_data;
    std::vector<bool> m_excluded;
    QStringList m_dataFiles;
    std::shared_ptr<const PreflightReport> m_preflight;
    int m_frame = -1, m_atom = -1;
    MomentSources m_moments;
    std::vector<bool> m_selected;
    std::unique_ptr<RunWatcher> m_run;
    QString m_runsFolder;
    std::unique_ptr<Jobs> m_jobs;
};

} // namespace lodestone::gui
