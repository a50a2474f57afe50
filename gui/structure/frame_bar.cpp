#include "structure/frame_bar.h"
#include "shell/theme.h"

#include <QtCore/QSignalBlocker>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QSlider>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QToolButton>
#include <algorithm>

namespace lodestone::gui {

FrameBar::FrameBar(QWidget* parent)
    : QWidget(parent),
      m_play(new QToolButton),
      m_slider(new QSlider(Qt::Horizontal)),
      m_number(new QSpinBox)
{
    m_play->setCheckable(true);
    m_play->setIcon(icon(QStringLiteral("play")));
    m_play->setToolTip(tr("Play the frames one after another"));
    m_play->setAccessibleName(tr("Play frames"));
    m_slider->setToolTip(tr("Frame in view"));
    m_slider->setAccessibleName(tr("Frame"));
    m_slider->setPageStep(10);
    m_number->setToolTip(tr("Number of the frame in view, from 1"));
    m_number->setAccessibleName(tr("Frame number"));
    m_number->setKeyboardTracking(false);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_play);
    layout->addWidget(m_slider, 1);
    layout->addWidget(m_number);
    m_timer.setInterval(100);
    connect(m_play, &QToolButton::toggled, this, &FrameBar::play);
    connect(m_slider, &QSlider::valueChanged, this, &FrameBar::choose);
    connect(m_number, &QSpinBox::valueChanged, this, [this](int number) { choose(number - 1); });
    connect(&m_timer, &QTimer::timeout, this,
            [this] { choose((m_slider->value() + 1) % (m_slider->maximum() + 1)); });
    setCount(0);
}

void FrameBar::setCount(int frames)
{
    const QSignalBlocker quietSlider(m_slider), quietNumber(m_number);
    m_slider->setRange(0, std::max(0, frames - 1));
    m_number->setRange(std::min(1, frames), frames);
    m_number->setSuffix(tr(" of %1").arg(frames));
    if (frames < 2)
        m_play->setChecked(false);
    setEnabled(frames > 1);
}

void FrameBar::setFrame(int frame)
{
    const QSignalBlocker quietSlider(m_slider), quietNumber(m_number);
    m_slider->setValue(frame);
    m_number->setValue(frame + 1);
}

void FrameBar::choose(int frame)
{
    setFrame(frame);
    Q_EMIT frameChosen(frame);
}

void FrameBar::play(bool on)
{
    m_play->setIcon(icon(on ? QStringLiteral("pause") : QStringLiteral("play")));
    m_play->setToolTip(on ? tr("Stop at this frame") : tr("Play the frames one after another"));
    if (on)
        m_timer.start();
    else
        m_timer.stop();
}

} // namespace lodestone::gui
