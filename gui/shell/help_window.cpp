#include "shell/help_window.h"
#include "shell/language.h"
#include "shell/theme.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtGui/QDesktopServices>
#include <QtGui/QShortcut>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QTextBrowser>
#include <QtWidgets/QVBoxLayout>

namespace lodestone::gui {

namespace {

/// In the order of a first reading.
constexpr const char* pageNames[] = {"index",    "tasks",   "data",      "structure", "blocks", "training",
                                     "sparsity", "results", "magnetism", "files",     "trouble"};

/// A page in the language of the window; English where there is none.
QString pageFile(const QString& name)
{
    const QString translated = QStringLiteral(":/help/%1/%2.md").arg(activeLanguage(), name);
    return QFile::exists(translated) ? translated : QStringLiteral(":/help/%1.md").arg(name);
}

QUrl pageUrl(const QString& name)
{
    return QUrl(QStringLiteral("qrc") + pageFile(name));
}

QString pageText(const QString& name)
{
    QFile file(pageFile(name));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

} // namespace

HelpWindow::HelpWindow(QWidget* parent)
    : QDialog(parent),
      m_search(new QLineEdit),
      m_list(new QListWidget),
      m_text(new QTextBrowser)
{
    setWindowTitle(tr("Help"));
    setObjectName(QStringLiteral("help"));
    resize(980, 720);
    m_search->setPlaceholderText(tr("Search in all pages"));
    m_search->setAccessibleName(tr("Search in the help"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_list->setAccessibleName(tr("Pages of the help"));
    m_text->setAccessibleName(tr("Help"));
    m_text->setOpenLinks(true);
    m_text->setOpenExternalLinks(false);
    m_text->document()->setDocumentMargin(16);

    auto* back = new QPushButton(tr("&Back"));
    auto* forward = new QPushButton(tr("&Forward"));
    for (QPushButton* button : {back, forward}) {
        button->setAutoDefault(false);
        button->setEnabled(false);
    }
    connect(m_text, &QTextBrowser::backwardAvailable, back, &QWidget::setEnabled);
    connect(m_text, &QTextBrowser::forwardAvailable, forward, &QWidget::setEnabled);
    connect(back, &QPushButton::clicked, m_text, &QTextBrowser::backward);
    connect(forward, &QPushButton::clicked, m_text, &QTextBrowser::forward);
    connect(m_text, &QTextBrowser::sourceChanged, this, [this](const QUrl& url) {
        m_page = QFileInfo(url.path()).completeBaseName(); // source() is still the former one
        follow();
    });
    connect(m_search, &QLineEdit::textChanged, this, &HelpWindow::fill);
    connect(m_search, &QLineEdit::returnPressed, this, [this] {
        if (!m_text->find(m_search->text())) { // once more from the top
            m_text->moveCursor(QTextCursor::Start);
            m_text->find(m_search->text());
        }
    });
    connect(m_list, &QListWidget::currentItemChanged, this, [this](QListWidgetItem* item) {
        if (!item)
            return;
        const QString name = item->data(Qt::UserRole).toString();
        if (name != m_page)
            showPage(name);
        if (!m_search->text().isEmpty())
            m_text->find(m_search->text());
    });
    new QShortcut(QKeySequence::Find, this, [this] { m_search->setFocus(); });
    new QShortcut(QKeySequence::Back, this, [this] { m_text->backward(); });
    new QShortcut(QKeySequence::Forward, this, [this] { m_text->forward(); });

    auto* left = new QWidget;
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_search);
    column->addWidget(m_list, 1);
    auto* right = new QWidget;
    auto* pages = new QVBoxLayout(right);
    pages->setContentsMargins(0, 0, 0, 0);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(back);
    buttons->addWidget(forward);
    buttons->addStretch(1);
    pages->addLayout(buttons);
    pages->addWidget(m_text, 1);
    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->addWidget(left);
    splitter->addWidget(right);
    splitter->setChildrenCollapsible(false);
    splitter->setSizes({240, 740});
    auto* outer = new QVBoxLayout(this);
    outer->addWidget(splitter);
    fill({});
    showPage(QString::fromLatin1(pageNames[0]));
}

/// The pages that contain the text, by their titles.
void HelpWindow::fill(const QString& search)
{
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    for (const char* latin : pageNames) {
        const QString name = QString::fromLatin1(latin), text = pageText(name);
        if (text.isEmpty() || !text.contains(search.trimmed(), Qt::CaseInsensitive))
            continue;
        const QString title = text.section(QLatin1Char('\n'), 0, 0).remove(QLatin1String("# "));
        auto* item = new QListWidgetItem(title, m_list);
        item->setData(Qt::UserRole, name);
    }
    follow();
}

void HelpWindow::follow()
{
    const QSignalBlocker quiet(m_list);
    m_list->setCurrentItem(nullptr);
    for (int row = 0; row < m_list->count(); ++row)
        if (m_list->item(row)->data(Qt::UserRole).toString() == m_page)
            m_list->setCurrentRow(row);
}

void HelpWindow::showPage(const QString& name)
{
    m_text->setSource(pageUrl(pageText(name).isEmpty() ? QString::fromLatin1(pageNames[0]) : name));
}

} // namespace lodestone::gui
