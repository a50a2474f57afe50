#pragma once
#include "model/tensor_slices.h"
#include "shell/background_job.h"
#include "shell/session.h"
#include "sparsity/sparsity_table.h"

#include <QtWidgets/QWidget>

class QComboBox;
class QLabel;
class QTabWidget;

namespace lodestone::gui {

/// The weights of one tensor as the engine gives them.
struct TensorWeights {
    std::vector<std::int64_t> shape;
    std::vector<float> base, tuned; ///< tuned is empty where there is no delta
};
/// Reads the raw little-endian float32 files that the engine's answer to `weights` names. Error if a size
/// does not fit.
TensorWeights readTensorWeights(const Json& answer);

/// The matrix behind a cell of the sparsity map: choose a tensor (and a path, where it is stored flat), see
/// |delta| or the weights, click for single numbers.
class TensorView : public QWidget {
    Q_OBJECT
public:
    explicit TensorView(Session& session, QWidget* parent = nullptr);
    /// Shows the first of `tensors` (all selectable) of `model`, changed as in the run directory `run`.
    void open(const ModelDescription& model, const QStringList& tensors, const QString& run);
    void setWeights(const QString& tensor,
                    TensorWeights weights); ///< draws; called when the engine has answered

Q_SIGNALS:
    void back();

private:
    void ask();
    void showSlices();
    void draw();
    void readOut(int row, int column);

    Session& m_session;
    BackgroundJob m_reading, m_counting, m_drawing;
    ModelDescription m_model;
    QString m_run, m_tensor;
    std::shared_ptr<const TensorWeights> m_weights = std::make_shared<TensorWeights>();
    ParameterInfo m_info; ///< of the tensor in view
    std::vector<TensorSlice> m_slices;
    int m_request = -1;
    QComboBox *m_tensors, *m_paths, *m_quantity;
    QLabel *m_sentence, *m_weight;
    QTabWidget* m_tabs;
    HeatMap *m_matrix, *m_elements;
};

} // namespace lodestone::gui
