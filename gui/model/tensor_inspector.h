#pragma once
#include "shell/background_job.h"
#include "shell/session.h"

#include <QtWidgets/QWidget>

class QFormLayout;
class QLabel;

namespace lodestone::gui {

class Plot;

/// What one tensor is and how its numbers are spread. The numbers are asked from the engine when the tensor
/// has been in view for a moment, so walking through the tree asks once, at its end.
class TensorInspector : public QWidget {
    Q_OBJECT
public:
    explicit TensorInspector(Session& session, QWidget* parent = nullptr);
    void showTensor(int tensor); ///< index into the model's tensors; -1: nothing
    int tensor() const { return m_tensor; }

private:
    struct Statistics {
        std::size_t count = 0, zeros = 0;
        double mean = 0, deviation = 0, low = 0, high = 0;
        std::vector<double> centres, counts;
    };
    void ask();
    void read(const QString& file);
    void showStatistics(const Statistics& statistics);
    static Statistics statisticsOf(const std::string& bytes);

    Session& m_session;
    QLabel *m_title, *m_facts, *m_numbers;
    Plot* m_plot;
    QTimer m_delay;
    BackgroundJob m_job;
    int m_tensor = -1, m_request = -1;
};

} // namespace lodestone::gui
