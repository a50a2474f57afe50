#pragma once
#include "model/tensor_slices.h"
#include "shell/background_job.h"
#include "shell/session.h"

#include <QtWidgets/QWidget>

class QComboBox;
class QLabel;
class QTabWidget;

namespace lodestone::gui {

class Plot;

/// What one tensor is, how its numbers are spread, and the numbers as a matrix (path by path where they are
/// stored as one list). The numbers are asked from the engine when the tensor has been in view for a moment,
/// so walking through the tree asks once, at its end.
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
        std::vector<float> values;
    };
    void ask();
    void read(const QString& file);
    void showStatistics(Statistics statistics);
    void drawMatrix();
    void showProblem(const QString& sentence);
    static Statistics statisticsOf(const std::string& bytes);

    Session& m_session;
    QLabel *m_title, *m_facts, *m_numbers;
    QTabWidget* m_tabs;
    Plot* m_plot;
    QComboBox* m_paths;
    HeatMap* m_matrix;
    QTimer m_delay;
    BackgroundJob m_job, m_drawing;
    std::shared_ptr<const std::vector<float>> m_values; ///< null while they are not there
    std::vector<TensorSlice> m_slices;
    int m_tensor = -1, m_request = -1;
};

} // namespace lodestone::gui
