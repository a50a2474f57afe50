#pragma once
#include "shell/background_job.h"
#include "shell/session.h"

#include <map>
#include <set>

namespace lodestone::gui {

/// What Session has under way; only session*.cpp includes this.
struct Session::Jobs {
    BackgroundJob data, preflight, writeFrame, readMoments;
    std::map<QString, std::unique_ptr<BackgroundJob>> copyFrames; ///< by run folder
    std::set<QString> launched; ///< folders of runs whose engine has not said anything yet
    int describe = -1; ///< request of the model being opened
    int predict = -1;  ///< request of the tuned moments
    bool noticeIfNoResult = false;
    QTimer momentsDelay;                ///< a slider being dragged asks once, at its end
    std::map<int, double> elementMeans; ///< mean |m| of each element in the run's training set, Bohr magneton
    std::vector<double> tuned;          ///< predicted |m| of the frame in view, [atoms] or empty
    std::vector<Vec3> tunedVectors;
};

} // namespace lodestone::gui
