#include "shell/welcome_page.h"
#include "shell/recent_files.h"
#include "shell/resource_folder.h"
#include "shell/theme.h"
#include "widgets/plain_text.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtWidgets/QCommandLinkButton>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QVBoxLayout>

namespace lodestone::gui {

namespace {

QLabel* heading(const QString& text, qreal scale, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    QFont font = label->font();
    font.setPointSizeF(font.pointSizeF() * scale);
    font.setWeight(QFont::DemiBold);
    label->setFont(font);
    return label;
}

} // namespace

WelcomePage::WelcomePage(RecentFiles& recent, QWidget* parent) : QWidget(parent), m_recent(recent)
{
    auto* content = new QWidget(this);
    content->setMaximumWidth(980);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(40, 36, 40, 36);
    column->setSpacing(8);

    auto* titleRow = new QHBoxLayout;
    titleRow->setSpacing(16);
    auto* logo = new QLabel(content);
    logo->setPixmap(QIcon(QStringLiteral(":/icons/io.github.lodestone.Lodestone.svg")).pixmap(64, 64));
    titleRow->addWidget(logo);
    auto* titles = new QVBoxLayout;
    titles->setSpacing(2);
    titles->addWidget(heading(tr("Lodestone"), 2.0, content));
    auto* subtitle = new QLabel(
        tr("Sparse fine-tuning of equivariant interatomic models, with magnetic moments in view"), content);
    subtitle->setWordWrap(true);
    subtitle->setForegroundRole(QPalette::PlaceholderText);
    titles->addWidget(subtitle);
    titleRow->addLayout(titles, 1);
    column->addLayout(titleRow);
    column->addSpacing(24);

    auto* halves = new QHBoxLayout;
    halves->setSpacing(40);
    auto* start = new QVBoxLayout;
    start->setSpacing(4);
    start->addWidget(heading(tr("Start"), 1.25, content));
    const auto link = [&](const char* iconName, const QString& text, const QString& description) {
        auto* button = new QCommandLinkButton(text, description, content);
        button->setIcon(icon(QLatin1String(iconName)));
        button->setIconSize(QSize(28, 28));
        start->addWidget(button);
        return button;
    };
    auto* demo = link("demo", tr("Open the demo"),
                      tr("A small magnetic model and data set: the whole way in two minutes"));
    demo->setEnabled(demoFiles().complete());
    if (!demo->isEnabled())
        demo->setToolTip(tr("The demo's files were not found beside the program."));
    connect(demo, &QPushButton::clicked, this, &WelcomePage::demoRequested);
    connect(
        link("model", tr("Open a model…"), tr("A pre-trained equivariant model, for example an .nqx file")),
        &QPushButton::clicked, this, &WelcomePage::openModelRequested);
    connect(
        link("download", tr("Model catalogue…"), tr("Public weights with licence, citation and checksum")),
        &QPushButton::clicked, this, &WelcomePage::catalogueRequested);
    connect(link("data", tr("Open data…"), tr("Extended XYZ, CIF, HDF5, files of VASP, ASE or DeePMD-kit")),
            &QPushButton::clicked, this, &WelcomePage::openDataRequested);
    connect(link("run", tr("Open a run…"), tr("A run folder, also one that is still going on")),
            &QPushButton::clicked, this, &WelcomePage::openRunRequested);
    start->addStretch(1);
    halves->addLayout(start, 1);

    auto* recentColumn = new QVBoxLayout;
    recentColumn->setSpacing(4);
    recentColumn->addWidget(heading(tr("Recent"), 1.25, content));
    auto* holder = new QWidget(content);
    m_list = new QVBoxLayout(holder);
    m_list->setContentsMargins(0, 4, 0, 0);
    m_list->setSpacing(2);
    recentColumn->addWidget(holder);
    recentColumn->addStretch(1);
    halves->addLayout(recentColumn, 1);
    column->addLayout(halves);
    column->addStretch(1);

    auto* hint = new QLabel(
        tr("Projects, models, data files and run folders can also be dropped anywhere in this window."),
        content);
    hint->setForegroundRole(QPalette::PlaceholderText);
    hint->setWordWrap(true);
    column->addWidget(hint);

    auto* centred = new QWidget(this);
    auto* row = new QHBoxLayout(centred);
    row->setContentsMargins(0, 0, 0, 0);
    row->addStretch(1);
    row->addWidget(content, 100);
    row->addStretch(1);
    auto* scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setWidget(centred);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);

    connect(&m_recent, &RecentFiles::changed, this, &WelcomePage::fillRecent);
    fillRecent();
}

void WelcomePage::fillRecent()
{
    while (QLayoutItem* item = m_list->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    const std::pair<FileKind, const char*> kinds[] = {{FileKind::Project, "folder"},
                                                      {FileKind::Model, "model"},
                                                      {FileKind::Data, "data"},
                                                      {FileKind::Run, "run"}};
    for (const auto& [kind, iconName] : kinds) {
        for (const QString& path : m_recent.list(kind).mid(0, 4)) {
            auto* button = new QPushButton(icon(QLatin1String(iconName)), {}, this);
            button->setFlat(true);
            button->setStyleSheet(QStringLiteral("text-align: left; padding: 6px;"));
            button->setText(QFileInfo(path).fileName().replace(QLatin1Char('&'), QLatin1String("&&")));
            button->setToolTip(asPlainText(QDir::toNativeSeparators(path)));
            button->setEnabled(QFileInfo::exists(path));
            connect(button, &QPushButton::clicked, this, [this, path] { Q_EMIT pathChosen(path); });
            m_list->addWidget(button);
        }
    }
    if (m_list->count() == 0) {
        auto* none = new QLabel(tr("Nothing has been opened yet."), this);
        none->setForegroundRole(QPalette::PlaceholderText);
        m_list->addWidget(none);
    }
}

} // namespace lodestone::gui
