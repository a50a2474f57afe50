#include "shell/banner.h"
#include "shell/theme.h"

#include <QtCore/QEvent>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QToolButton>

namespace lodestone::gui {

Banner::Banner(QWidget* parent, const QString& level)
    : QFrame(parent),
      m_level(level),
      m_icon(new QLabel(this)),
      m_text(new QLabel(this))
{
    setObjectName(QStringLiteral("banner"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setAccessibleName(m_level == QLatin1String("error") ? tr("Problem on this page") : tr("Note"));
    m_text->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    auto* close = new QToolButton(this);
    close->setVisible(m_level == QLatin1String("error"));
    close->setIcon(icon(QStringLiteral("close")));
    close->setAutoRaise(true);
    close->setToolTip(tr("Hide this message"));
    close->setAccessibleName(close->toolTip());
    connect(close, &QToolButton::clicked, this, [this] {
        hide();
        Q_EMIT dismissed();
    });
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 6, 6, 6);
    row->setSpacing(10);
    row->addWidget(m_icon, 0, Qt::AlignTop);
    row->addWidget(m_text, 1);
    row->addWidget(close, 0, Qt::AlignTop);
    restyle();
    hide();
}

void Banner::showSentence(const QString& sentence)
{
    m_text->setText(sentence);
    setVisible(!sentence.isEmpty());
}

QString Banner::sentence() const
{
    return m_text->text();
}

void Banner::restyle()
{
    m_styling = true;
    QColor ground = severityColour(m_level, palette());
    m_icon->setPixmap(severityIcon(m_level).pixmap(20, 20));
    setStyleSheet(
        QStringLiteral("#banner { background: rgba(%1,%2,%3,30); border: none; border-left: 3px solid %4; }")
            .arg(ground.red())
            .arg(ground.green())
            .arg(ground.blue())
            .arg(ground.name()));
    m_styling = false;
}

void Banner::changeEvent(QEvent* event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !m_styling)
        restyle();
}

} // namespace lodestone::gui
