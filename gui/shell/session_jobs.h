#pragma once
#include "cluster/job_monitor.h"
#include "shell/background_job.h"
#include "shell/session.h"

#include <map>
#include <set>

namespace lodestone::gui {

/// What the engine is asked about the frame in view.
struct TunedQuestion {
    std::map<int, double> means; ///< of |m| in the run's training set, by element
    std::string head = {};
    Json arguments = {};  ///< of the request; null: there is nothing to ask
    QString refusal = {}; ///< why not, where there is more to say
    bool actsOnMoments() const { return head == "vector" || head == "spin-energy"; }
};

/// The file that a run's engine is started with: config.json, or, of a run that was not started by the
/// desktop, what its engine wrote.
QString configurationOf(const QString& folder);

/// What Session has under way; only session*.cpp includes this.
struct Session::Jobs {
    BackgroundJob data, preflight, writeFrame, readMoments;
    std::map<QString, std::unique_ptr<BackgroundJob>> copyFrames; ///< by run folder
    /// Folders of runs whose engine has not said anything yet, or whose job is being submitted.
    std::set<QString> launched;
    int describe = -1; ///< request of the model being opened
    int predict = -1;  ///< request of the tuned moments
    bool noticeIfNoResult = false;
    SlurmClient slurm;
    JobMonitor monitor{slurm};
    QTimer momentsDelay;                ///< a slider being dragged asks once, at its end
    std::map<int, double> elementMeans; ///< mean |m| of each element in the run's training set, Bohr magneton
    /// What the run's model says of the frame in view.
    struct Tuned {
        std::vector<double> lengths; ///< |m|, [atoms] or empty
        std::vector<Vec3> vectors;   ///< moments of heads that give vectors, [atoms] or empty
        std::vector<Vec3> field;     ///< -dE/dm at the file's moments, [atoms] or empty
        ExchangeTable exchange;      ///< of one frame, or none
    } tuned;

    /// Puts an answer into `tuned`. relaxed: moments of lowest energy; else what belongs to the file's
    /// moments.
    void takeTuned(const std::string& head, bool relaxed, const Frame& predicted,
                   const ExchangeTable& exchange);
};

} // namespace lodestone::gui
