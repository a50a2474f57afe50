#pragma once
#include "structure/moment_view.h"
#include "structure/scene.h"

#include <QtWidgets/QWidget>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QSlider;
class QSpinBox;

namespace lodestone::gui {

/// Axis that "up" refers to and along which collinear moments are drawn.
enum class SpinAxis { Main, X, Y, Z, A, B, C };

/// Everything the panel decides.
struct DisplayChoice {
    SceneOptions scene; ///< axis and axisName are filled in by resolveAxis
    MomentSource source = MomentSource::Label;
    SpinAxis axis = SpinAxis::Main;
    bool projected = false; ///< arrows show only the component along the axis
};

/// Fills scene.axis and scene.axisName from `axis`, the cell and the moments; z where the cell has no such
/// vector.
void resolveAxis(DisplayChoice& choice, const Mat3& cell, const std::vector<Vec3>& moments);

/// The controls beside the view.
class DisplayPanel : public QWidget {
    Q_OBJECT
public:
    explicit DisplayPanel(QWidget* parent = nullptr);
    DisplayChoice choice() const;
    struct Available {
        bool label = false, base = false, tuned = false, labelField = false, tunedField = false;
        bool exchange = false;
    };
    /// Greys out what the frame lacks; the choice itself stays.
    void setAvailable(const Available& available);
    void setPeriodic(const std::array<bool, 3>& pbc);
    /// Every control by name, for the settings file; names that a state lacks stay as they are.
    QVariantMap state() const;
    void setState(const QVariantMap& state);

Q_SIGNALS:
    void changed();

private:
    QComboBox* addCombo(QFormLayout* form, const QString& label, const QString& tip,
                        const QStringList& items);
    QSlider* addSlider(QFormLayout* form, const QString& label, const QString& tip, int low, int high,
                       int value);
    QCheckBox* addCheck(QFormLayout* form, const QString& label, const QString& tip, bool on);
    void enableControls();
    std::vector<std::pair<QString, QWidget*>> controls() const;

    QCheckBox *m_arrows, *m_exchange, *m_bonds, *m_metalBonds, *m_cell;
    QComboBox *m_source, *m_colour, *m_shape, *m_axis, *m_anchor, *m_colours;
    QSlider *m_length, *m_width, *m_atomSize;
    QDoubleSpinBox* m_hideBelow;
    QSpinBox* m_exchangeAbove;
    std::array<QSpinBox*, 3> m_images;
    bool m_exchangeThere = false;
};

} // namespace lodestone::gui
