#pragma once
#include <QtCore/QTimer>
#include <QtWidgets/QWidget>

class QLabel;
class QSlider;
class QSpinBox;
class QToolButton;

namespace lodestone::gui {

/// Slider, number and play button for the frames of a data set. Frames are counted from 0 here and shown
/// from 1.
class FrameBar : public QWidget {
    Q_OBJECT
public:
    explicit FrameBar(QWidget* parent = nullptr);
    void setCount(int frames);
    void setFrame(int frame); ///< no signal

Q_SIGNALS:
    void frameChosen(int frame);

private:
    void choose(int frame);
    void play(bool on);

    QToolButton* m_play;
    QSlider* m_slider;
    QSpinBox* m_number;
    QTimer m_timer;
};

} // namespace lodestone::gui
