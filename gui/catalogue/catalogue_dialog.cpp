#include "catalogue/catalogue_dialog.h"
#include "catalogue/download.h"
#include "catalogue/part_file.h"
#include "shell/banner.h"
#include "shell/status_panel.h"
#include "shell/theme.h"
#include "widgets/text_table.h"

#include <QtCore/QDir>
#include <QtCore/QEvent>
#include <QtCore/QFileInfo>
#include <QtGui/QDesktopServices>
#include <QtGui/QTextOption>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSplitter>
#include <QtWidgets/QTextBrowser>
#include <QtWidgets/QVBoxLayout>

namespace lodestone::gui {

namespace {

enum Column { NameColumn, FamilyColumn, SizeColumn, LicenceColumn, StateColumn };

QString paragraph(const QString& heading, const QString& html)
{
    return QStringLiteral("<p><b>%1</b><br>%2</p>").arg(heading.toHtmlEscaped(), html);
}

} // namespace

CatalogueDialog::CatalogueDialog(std::vector<CatalogueEntry> entries, const QString& folder, QWidget* parent)
    : QDialog(parent),
      m_entries(std::move(entries)),
      m_folder(folder),
      m_table(new TextTable(this)),
      m_details(new QTextBrowser(this)),
      m_licence(new QLabel(this)),
      m_what(new QLabel(this)),
      m_problem(new Banner(this)),
      m_bar(new QProgressBar(this))
{
    setWindowTitle(tr("Model catalogue"));
    auto* hint =
        new QLabel(tr("Public weights that Lodestone reads. Nothing is fetched before you press Download; "
                      "files go to %1.")
                       .arg(QDir::toNativeSeparators(m_folder)),
                   this);
    hint->setTextFormat(Qt::PlainText);
    hint->setWordWrap(true);
    hint->setForegroundRole(QPalette::PlaceholderText);

    m_table->setObjectName(QStringLiteral("models"));
    m_table->setAccessibleName(tr("Models"));
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setTabKeyNavigation(false);
    m_table->setIconSize(QSize(16, 16));
    auto* halves = new QSplitter(Qt::Horizontal, this);
    halves->setChildrenCollapsible(false);
    halves->addWidget(m_table);
    halves->addWidget(makeSide());
    halves->setStretchFactor(0, 3);
    halves->setStretchFactor(1, 2);

    m_bar->setRange(0, 1000);
    m_bar->setTextVisible(false);
    m_bar->setMaximumHeight(14);
    m_bar->setAccessibleName(tr("Progress"));
    m_what->setAccessibleName(tr("What is going on"));
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    column->addWidget(hint);
    column->addWidget(halves, 1);
    column->addWidget(m_problem);
    column->addWidget(m_what);
    column->addWidget(m_bar);
    column->addLayout(makeButtons());
    m_what->hide();
    m_bar->hide();

    connect(m_table, &QTableWidget::itemSelectionChanged, this, [this] {
        m_problem->showSentence({});
        showDetails();
        refresh();
    });
    connect(m_table, &QTableWidget::itemActivated, this, [this] { open(); });
    fillTable();
    resize(1060, 620);
}

CatalogueDialog::~CatalogueDialog() = default;

QWidget* CatalogueDialog::makeSide()
{
    auto* side = new QWidget(this);
    m_details->setOpenExternalLinks(true); // in the browser, when clicked
    m_details->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_details->setAccessibleName(tr("About this model"));
    m_details->setTextInteractionFlags(Qt::TextBrowserInteraction | Qt::TextSelectableByKeyboard);
    m_licence->setObjectName(QStringLiteral("licence"));
    m_licence->setWordWrap(true);
    m_licence->setTextFormat(Qt::PlainText);
    m_what->setTextFormat(Qt::PlainText);
    m_licence->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_licence->setAccessibleName(tr("Licence"));
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_details, 1);
    column->addWidget(m_licence);
    return side;
}

QLayout* CatalogueDialog::makeButtons()
{
    auto* row = new QHBoxLayout;
    const auto button = [&](const char* name, const QString& text, const char* iconName) {
        auto* result = new QPushButton(text, this);
        result->setObjectName(QLatin1String(name));
        result->setAutoDefault(false); // Enter in the table opens, it does not fetch
        if (iconName)
            result->setIcon(icon(QLatin1String(iconName)));
        row->addWidget(result);
        return result;
    };
    m_fetch = button("fetch", tr("&Download"), "download");
    m_cancel = button("cancel", tr("&Cancel"), "stop");
    m_cancel->setToolTip(tr("What has arrived is kept, and the download can be resumed"));
    m_open = button("open", tr("&Open"), "open");
    m_show = button("show", tr("&Show folder"), "folder");
    row->addStretch(1);
    auto* close = button("close", tr("C&lose"), nullptr);
    connect(m_fetch, &QPushButton::clicked, this, &CatalogueDialog::fetch);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        m_check.cancel();
        if (m_download)
            m_download->cancel();
        else
            checkEnded({});
    });
    connect(m_open, &QPushButton::clicked, this, &CatalogueDialog::open);
    connect(m_show, &QPushButton::clicked, this,
            [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_folder)); });
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    return row;
}

void CatalogueDialog::fillTable()
{
    QList<QStringList> rows;
    for (const CatalogueEntry& entry : m_entries)
        rows << QStringList{entry.name, entry.family, sizeText(entry.size), entry.licence, stateText(entry)};
    m_table->setRows({tr("Name"), tr("Family"), tr("Size"), tr("Licence"), tr("State")}, rows);
    for (int row = 0; row < m_table->rowCount(); ++row) {
        m_table->item(row, SizeColumn)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
        m_table->item(row, NameColumn)->setToolTip(m_entries[std::size_t(row)].purpose);
    }
    if (m_table->rowCount() > 0)
        m_table->selectRow(0);
}

QString CatalogueDialog::stateText(const CatalogueEntry& entry) const
{
    const auto percent = [&](qint64 bytes) { return int(100.0 * double(bytes) / double(entry.size)); };
    if (m_download && m_download->entry().file == entry.file)
        return tr("fetching, %1 %").arg(percent(m_arrived));
    const EntryState state = entryState(entry, m_folder);
    switch (state.kind) {
    case EntryState::Here:
        return tr("here");
    case EntryState::Partial:
        return tr("partly here, %1 %").arg(percent(state.bytes));
    case EntryState::Foreign:
        return tr("another file");
    case EntryState::Absent:
        break;
    }
    return tr("not here");
}

const CatalogueEntry* CatalogueDialog::current() const
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : &m_entries[std::size_t(rows.front().row())];
}

QString CatalogueDialog::pathOf(const CatalogueEntry& entry) const
{
    return QDir(m_folder).filePath(entry.file);
}

void CatalogueDialog::refresh()
{
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const CatalogueEntry& listed = m_entries[std::size_t(row)];
        const auto kind = entryState(listed, m_folder).kind;
        QTableWidgetItem* cell = m_table->item(row, StateColumn);
        cell->setText(stateText(listed));
        const QString level = kind == EntryState::Here      ? QStringLiteral("check")
                              : kind == EntryState::Foreign ? QStringLiteral("warning")
                                                            : QString();
        // An empty icon would take an icon's room.
        cell->setData(Qt::DecorationRole, level.isEmpty() ? QVariant() : severityIcon(level));
    }
    m_table->fit();
    const CatalogueEntry* entry = current();
    const auto state = entry ? entryState(*entry, m_folder) : EntryState();
    const bool busy = m_download || m_check.running();
    // The licence stands above the button: without an entry there is none to read, and nothing to fetch.
    m_fetch->setEnabled(entry && !busy &&
                        (state.kind == EntryState::Absent || state.kind == EntryState::Partial));
    m_fetch->setText(state.kind == EntryState::Partial ? tr("&Resume") : tr("&Download"));
    m_fetch->setToolTip(
        state.kind == EntryState::Foreign
            ? tr("A file of that name with another size (%1) is in the folder; move it away first")
                  .arg(sizeText(state.bytes))
        : m_download ? tr("One download at a time")
                     : QString());
    m_cancel->setEnabled(busy);
    m_open->setEnabled(entry && state.kind == EntryState::Here && !m_check.running());
    m_show->setEnabled(QFileInfo(m_folder).isDir());
}

void CatalogueDialog::showDetails()
{
    const CatalogueEntry* entry = current();
    if (!entry) {
        m_details->clear();
        m_licence->clear();
        return;
    }
    const auto code = [](const QString& text) {
        return QStringLiteral("<code>%1</code>").arg(text.toHtmlEscaped());
    };
    QString hash =
        tr("No published checksum: the file is taken as it comes, its hash is shown.").toHtmlEscaped();
    if (!entry->sha256.isEmpty())
        hash = code(entry->sha256) + QStringLiteral("<br>") + entry->sha256Source.toHtmlEscaped();
    QString html = QStringLiteral("<h3>%1</h3><p>%2</p>")
                       .arg(entry->name.toHtmlEscaped(), entry->purpose.toHtmlEscaped());
    html += paragraph(
        tr("Cite"),
        entry->citation.toHtmlEscaped() +
            QStringLiteral("<br><a href=\"%1\">%1</a>").arg(entry->reference.toString().toHtmlEscaped()));
    html += paragraph(tr("File"), tr("%1, %L2 bytes").arg(entry->file).arg(entry->size).toHtmlEscaped());
    html += paragraph(tr("Address"), code(entry->address.toString()));
    html += paragraph(tr("SHA-256"), hash);
    if (m_hashes.contains(entry->file))
        html += paragraph(tr("SHA-256 of the file here"), code(m_hashes[entry->file]));
    m_details->setHtml(html);
    m_licence->setText(tr("Licence: %1. %2").arg(entry->licence, entry->licenceNote));
}

void CatalogueDialog::fetch()
{
    const CatalogueEntry* entry = current();
    if (!entry || m_download)
        return;
    m_problem->showSentence({});
    m_hashes.remove(entry->file);
    m_arrived = entryState(*entry, m_folder).bytes;
    m_download = std::make_unique<Download>(*entry, m_folder);
    connect(m_download.get(), &Download::checking, this, [this](double fraction) {
        m_what->setText(tr("%1: checking what is here already").arg(m_download->entry().name));
        m_bar->setValue(int(1000 * fraction));
    });
    connect(m_download.get(), &Download::progress, this, &CatalogueDialog::showProgress);
    connect(m_download.get(), &Download::finished, this, [this](const QString& hash) {
        const CatalogueEntry done = m_download->entry();
        m_hashes[done.file] = hash;
        ended({});
        Q_EMIT notice(
            done.sha256.isEmpty()
                ? tr("%1 has been fetched; no checksum is published, its SHA-256 is %2.").arg(done.name, hash)
                : tr("%1 has been fetched and checked.").arg(done.name));
    });
    connect(m_download.get(), &Download::failed, this, &CatalogueDialog::ended);
    connect(m_download.get(), &Download::cancelled, this, [this] { ended({}); });
    m_what->setText(tr("%1: asking %2").arg(entry->name, entry->address.host()));
    m_bar->setValue(0);
    m_what->show();
    m_bar->show();
    m_download->start();
    refresh();
}

void CatalogueDialog::showProgress(qint64 bytes, double bytesPerSecond)
{
    const CatalogueEntry& entry = m_download->entry();
    m_arrived = bytes;
    QString text = tr("%1: %2 of %3").arg(entry.name, sizeText(bytes), sizeText(entry.size));
    if (bytesPerSecond > 0)
        text = tr("%1, %2 a second, %3 left")
                   .arg(text, sizeText(qint64(bytesPerSecond)),
                        durationText(double(entry.size - bytes) / bytesPerSecond));
    m_what->setText(text);
    m_bar->setValue(int(1000.0 * double(bytes) / double(entry.size)));
    for (int row = 0; row < m_table->rowCount(); ++row)
        if (m_entries[std::size_t(row)].file == entry.file)
            m_table->item(row, StateColumn)->setText(stateText(entry));
}

void CatalogueDialog::ended(const QString& problem)
{
    if (m_download)
        m_download.release()->deleteLater(); // it is calling
    m_what->hide();
    m_bar->hide();
    m_problem->showSentence(problem);
    if (!problem.isEmpty())
        Q_EMIT notice(problem);
    showDetails();
    refresh();
}

void CatalogueDialog::open()
{
    const CatalogueEntry* entry = current();
    if (!entry || !m_open->isEnabled())
        return;
    m_problem->showSentence({});
    if (m_hashes.contains(entry->file)) {
        checked(*entry, m_hashes[entry->file]);
        return;
    }
    if (!m_download) { // else they belong to it
        m_what->setText(tr("%1: checking the file").arg(entry->name));
        m_bar->setValue(0);
        m_what->show();
        m_bar->show();
    }
    m_check.start(
        this,
        [path = pathOf(*entry), size = entry->size](const Watch& watch) {
            QCryptographicHash hash(QCryptographicHash::Sha256);
            hashFile(hash, path, size, watch);
            return QString::fromLatin1(hash.result().toHex());
        },
        [this, entry = *entry](const QString& hash) {
            m_hashes[entry.file] = hash;
            checked(entry, hash);
        },
        [this](const QString& sentence) { checkEnded(sentence); },
        [this](double fraction) {
            if (!m_download)
                m_bar->setValue(int(1000 * fraction));
        });
    refresh();
}

void CatalogueDialog::checked(const CatalogueEntry& entry, const QString& hash)
{
    if (entry.sha256.isEmpty() || hash == entry.sha256) {
        checkEnded({});
        Q_EMIT modelRequested(pathOf(entry));
        return;
    }
    m_hashes.remove(entry.file); // the file will be another one when it is looked at again
    checkEnded(
        tr("%1 is not the file that the catalogue names: its SHA-256 is %2 instead of %3. Move it away to "
           "fetch it anew.")
            .arg(QDir::toNativeSeparators(pathOf(entry)), hash, entry.sha256));
}

void CatalogueDialog::checkEnded(const QString& problem)
{
    if (!m_download) {
        m_what->hide();
        m_bar->hide();
    }
    m_problem->showSentence(problem);
    showDetails();
    refresh();
}

bool CatalogueDialog::event(QEvent* event)
{
    if (event->type() == QEvent::WindowActivate) // files may have come or gone
        refresh();
    return QDialog::event(event);
}

void CatalogueDialog::changeEvent(QEvent* event)
{
    QDialog::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_open)
        showDetails(); // links have the palette's colour
}

} // namespace lodestone::gui
