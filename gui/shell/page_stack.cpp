#include "shell/page_stack.h"
#include "shell/banner.h"
#include "shell/theme.h"

#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QTabBar>
#include <QtWidgets/QVBoxLayout>

namespace lodestone::gui {

PageStack::PageStack(QWidget* parent)
    : QWidget(parent),
      m_tabs(new QTabBar(this)),
      m_stack(new QStackedWidget(this))
{
    m_tabs->setObjectName(QStringLiteral("pages"));
    m_tabs->setAccessibleName(tr("Pages"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setIconSize(QSize(20, 20));
    m_tabs->setUsesScrollButtons(false);
    m_tabs->setElideMode(Qt::ElideNone);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_stack, 1);
    connect(m_tabs, &QTabBar::currentChanged, this, [this](int index) {
        if (index < 0 || index >= count())
            return;
        Q_EMIT aboutToChange(key(index));
        bringToFront(index);
        Q_EMIT currentChanged(key(index));
    });
}

void PageStack::add(QWidget* page, const QString& key, const QString& title, const QString& iconName)
{
    auto* frame = new QWidget(m_stack);
    auto* column = new QVBoxLayout(frame);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* banner = new Banner(frame);
    column->addWidget(banner);
    column->addWidget(page, 1);
    const int index = count();
    m_entries.push_back({key, iconName, page, banner});
    m_stack->addWidget(frame);
    m_tabs->addTab(icon(iconName), title);
    bringToFront(m_tabs->currentIndex());
    connect(banner, &Banner::dismissed, this, [this, index] { mark(index); });
}

void PageStack::bringToFront(int index)
{
    // The window may be as small as the page in front allows; the others would set their own limits.
    for (int i = 0; i < m_stack->count(); ++i) {
        const auto policy = i == index ? QSizePolicy::Preferred : QSizePolicy::Ignored;
        m_stack->widget(i)->setSizePolicy(policy, policy);
    }
    m_stack->setCurrentIndex(index);
}

int PageStack::indexOf(const QString& key) const
{
    for (int i = 0; i < count(); ++i)
        if (m_entries[std::size_t(i)].key == key)
            return i;
    return -1;
}

QString PageStack::currentKey() const
{
    const int index = m_tabs->currentIndex();
    return index < 0 ? QString() : key(index);
}

QWidget* PageStack::page(const QString& key) const
{
    const int index = indexOf(key);
    return index < 0 ? nullptr : m_entries[std::size_t(index)].page;
}

bool PageStack::show(const QString& key)
{
    const int index = indexOf(key);
    if (index < 0)
        return false;
    m_tabs->setCurrentIndex(index);
    return true;
}

bool PageStack::setProblem(const QString& key, const QString& sentence)
{
    const int index = indexOf(key);
    if (index < 0)
        return false;
    m_entries[std::size_t(index)].banner->showSentence(sentence);
    mark(index);
    return true;
}

QString PageStack::problem(const QString& key) const
{
    const int index = indexOf(key);
    if (index < 0)
        return {};
    const Banner* banner = m_entries[std::size_t(index)].banner;
    return banner->isHidden() ? QString() : banner->sentence();
}

void PageStack::mark(int index)
{
    const Entry& entry = m_entries[std::size_t(index)];
    const bool trouble = !entry.banner->isHidden();
    m_tabs->setTabIcon(index, trouble ? severityIcon(QStringLiteral("warning")) : icon(entry.iconName));
    m_tabs->setTabToolTip(index, trouble ? entry.banner->sentence() : QString());
}

} // namespace lodestone::gui
