#include "model/blocks_page.h"
#include "crystal/elements.h"
#include "model/tensor_inspector.h"
#include "shell/banner.h"
#include "shell/theme.h"
#include "widgets/plain_text.h"

#include <QtCore/QFileInfo>
#include <QtCore/QLocale>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QProgressBar>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QTreeView>

namespace lodestone::gui {

QString selectionSentence(std::int64_t selected, std::int64_t parameters)
{
    const QLocale locale;
    const double percent = parameters ? 100.0 * double(selected) / double(parameters) : 0;
    return BlocksPage::tr("%1 of %2 parameters may change (%3 %)")
        .arg(locale.toString(qlonglong(selected)), locale.toString(qlonglong(parameters)),
             locale.toString(percent, 'f', 1));
}

BlocksPage::BlocksPage(Session& session, QWidget* parent)
    : Page(session, parent),
      m_filter(m_tree),
      m_inspector(new TensorInspector(session, this))
{
    m_inspector->hide();
    makeLayout();
    connect(&m_tree, &BlockTreeModel::selectionRequested, &m_session, &Session::setSelected);
    connect(&m_session, &Session::modelChanged, this, &BlocksPage::showModel);
    connect(&m_session, &Session::selectionChanged, this, &BlocksPage::showSelection);
    showModel();
    showSelection();
}

QWidget* BlocksPage::inspector()
{
    return m_inspector;
}

void BlocksPage::makeLayout()
{
    auto* empty = new QLabel(tr("No model is open.\nOpen one with Ctrl+M, or drop its file here."), this);
    empty->setAlignment(Qt::AlignCenter);
    empty->setForegroundRole(QPalette::PlaceholderText);

    auto* body = new QWidget(this);
    m_architecture = new QLabel(body);
    m_architecture->setObjectName(QStringLiteral("architecture"));
    m_architecture->setTextFormat(Qt::PlainText);
    m_architecture->setWordWrap(true);
    m_architecture->setForegroundRole(QPalette::PlaceholderText);
    m_limitation = new Banner(body, QStringLiteral("warning"));
    m_head = new QComboBox(body);
    m_head->setObjectName(QStringLiteral("head"));
    m_head->setAccessibleName(tr("Head"));
    m_head->setToolTip(tr("The file holds several models in one: this one is computed and trained."));
    m_head->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_headLabel = new QLabel(tr("&Head"), body);
    m_headLabel->setBuddy(m_head);
    connect(m_head, &QComboBox::activated, this, [this](int index) {
        if (m_session.model() && index != m_session.model()->headIndex)
            m_session.openModel(QString::fromStdString(m_session.model()->file), m_head->itemText(index));
    });
    m_sentence = new QLabel(body);
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setObjectName(QStringLiteral("selection-sentence"));
    QFont font = m_sentence->font();
    font.setPointSizeF(font.pointSizeF() * 1.3);
    font.setWeight(QFont::DemiBold);
    m_sentence->setFont(font);
    m_share = new QProgressBar(body);
    m_share->setRange(0, 10000);
    m_share->setTextVisible(false);
    m_share->setMaximumHeight(8);
    m_share->setAccessibleName(tr("Share of the parameters that may change"));

    m_preset = new QComboBox(body);
    m_preset->setObjectName(QStringLiteral("preset"));
    m_preset->setAccessibleName(tr("Preset"));
    m_preset->setPlaceholderText(tr("own choice"));
    m_preset->setMinimumWidth(170);
    for (const SelectionPreset& preset : selectionPresets()) {
        m_preset->addItem(QString::fromStdString(preset.name));
        m_preset->setItemData(m_preset->count() - 1, QString::fromStdString(preset.description),
                              Qt::ToolTipRole);
    }
    connect(m_preset, &QComboBox::activated, this, &BlocksPage::takePreset);
    m_pattern = new QLineEdit(body);
    m_pattern->setAccessibleName(tr("Filter"));
    m_pattern->setPlaceholderText(tr("Filter, for example linear_1 l=2"));
    m_pattern->setToolTip(tr(
        "Shows the tensors whose name, module or kind matches every word; * stands for anything, ? for one "
        "character, l=2 for tensors with a path that ends in l = 2."));
    m_pattern->setClearButtonEnabled(true);
    m_pattern->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    connect(m_pattern, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filter.setPattern(text);
        if (!text.trimmed().isEmpty())
            m_view->expandAll();
    });
    m_tick = new QPushButton(tr("Tick all shown"), body);
    m_untick = new QPushButton(tr("Untick all shown"), body);
    m_preset->setWhatsThis(tr("Ticks the tensors that a usual choice names, and no others"));
    m_tick->setWhatsThis(tr("Ticks what the filter shows; what it hides stays as it is"));
    m_untick->setWhatsThis(tr("Unticks what the filter shows; what it hides stays as it is"));
    connect(m_tick, &QPushButton::clicked, this, [this] { tickShown(true); });
    connect(m_untick, &QPushButton::clicked, this, [this] { tickShown(false); });

    m_view = new QTreeView(body);
    m_view->setModel(&m_filter);
    m_view->setAccessibleName(tr("Parameter blocks"));
    m_view->setUniformRowHeights(true);
    m_view->setAlternatingRowColors(true);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setAllColumnsShowFocus(true);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex& index) {
                m_inspector->showTensor(index.isValid() ? index.data(BlockTreeModel::TensorRole).toInt()
                                                        : -1);
            });

    auto* presetLabel = new QLabel(tr("&Preset"), body);
    presetLabel->setBuddy(m_preset);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(8);
    tools->addWidget(presetLabel);
    tools->addWidget(m_preset);
    tools->addStretch(1);
    tools->addWidget(m_tick);
    tools->addWidget(m_untick);
    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(16, 14, 16, 12);
    column->setSpacing(8);
    auto* named = new QHBoxLayout;
    named->setSpacing(8);
    named->addWidget(m_architecture, 1);
    named->addWidget(m_headLabel, 0, Qt::AlignTop);
    named->addWidget(m_head, 0, Qt::AlignTop);
    column->addWidget(m_limitation);
    column->addWidget(m_sentence);
    column->addWidget(m_share);
    column->addLayout(named);
    column->addSpacing(4);
    column->addLayout(tools);
    column->addWidget(m_pattern);
    column->addWidget(m_view, 1);

    m_stack = new QStackedWidget(this);
    m_stack->addWidget(empty);
    m_stack->addWidget(body);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);
}

void BlocksPage::showHeads()
{
    m_head->clear();
    const ModelDescription& model = *m_session.model();
    for (const std::string& head : model.heads)
        m_head->addItem(QString::fromStdString(head));
    m_head->setCurrentIndex(model.headIndex);
    for (QWidget* widget : {static_cast<QWidget*>(m_head), static_cast<QWidget*>(m_headLabel)})
        widget->setVisible(model.heads.size() > 1);
}

void BlocksPage::showModel()
{
    const ModelDescription* model = m_session.model();
    m_tree.setModel(model);
    m_stack->setCurrentIndex(model ? 1 : 0);
    m_presets.clear();
    if (!model)
        return;
    showHeads();
    // A model that cannot be computed is for looking at: there is nothing to tick.
    const QString limitation = QString::fromStdString(model->limitation);
    m_limitation->showSentence(limitation);
    m_share->setVisible(limitation.isEmpty());
    for (QWidget* widget :
         {static_cast<QWidget*>(m_preset), static_cast<QWidget*>(m_tick), static_cast<QWidget*>(m_untick)}) {
        widget->setEnabled(limitation.isEmpty());
        widget->setToolTip(limitation.isEmpty() ? widget->whatsThis() : asPlainText(limitation));
    }
    for (int i = 0; i < m_preset->count(); ++i) {
        std::vector<bool> flags;
        try {
            flags = resolveSelection(*model, {m_preset->itemText(i).toStdString(), {}, {}});
        } catch (const std::exception&) {
            flags.clear();
        }
        const bool any = std::find(flags.begin(), flags.end(), true) != flags.end();
        m_presets.push_back(any ? flags : std::vector<bool>());
        m_preset->setItemData(i, any ? QVariant() : QVariant(0), Qt::UserRole - 1); // greyed: nothing to tick
    }
    QStringList elements;
    for (const int z : model->elements)
        elements << QString::fromUtf8(elementSymbol(z).data(), qsizetype(elementSymbol(z).size()));
    const QString known = elements.size() > 12 ? tr("%n elements", nullptr, int(elements.size()))
                                               : elements.join(QStringLiteral(", "));
    m_architecture->setText(tr("%1: %2; cutoff %3 Å; %4; stored as %5")
                                .arg(QFileInfo(QString::fromStdString(model->file)).fileName(),
                                     QString::fromStdString(model->architecture),
                                     QLocale().toString(model->cutoff, 'g', 4), known,
                                     QString::fromStdString(model->dtype)));
    m_view->expandToDepth(0);
    m_view->header()->setStretchLastSection(false);
    m_view->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_view->header()->setSectionResizeMode(BlockTreeModel::Name, QHeaderView::Stretch);
    m_view->header()->setMinimumSectionSize(70);
}

void BlocksPage::showSelection()
{
    const ModelDescription* model = m_session.model();
    if (!model)
        return;
    m_tree.setSelected(m_session.selected());
    const std::int64_t count = selectedCount(*model, m_session.selected());
    m_sentence->setText(model->limitation.empty()
                            ? selectionSentence(count, model->parameters)
                            : tr("%L1 parameters in %n tensors", nullptr, int(model->tensors.size()))
                                  .arg(qlonglong(model->parameters)));
    m_share->setValue(model->parameters ? int(10000.0 * double(count) / double(model->parameters)) : 0);
    int matching = -1;
    for (std::size_t i = 0; i < m_presets.size() && matching < 0; ++i)
        if (!m_presets[i].empty() && m_presets[i] == m_session.selected())
            matching = int(i);
    m_preset->setCurrentIndex(matching);
}

void BlocksPage::takePreset(int index)
{
    if (index < 0 || index >= int(m_presets.size()) || m_presets[std::size_t(index)].empty())
        return;
    m_session.setSelected(m_presets[std::size_t(index)]);
}

void BlocksPage::tickShown(bool on)
{
    if (m_session.model())
        m_session.setSelected(m_filter.changed(m_filter.shownTensors(), on));
}

Page* makeBlocksPage(Session& session, QWidget* parent)
{
    return new BlocksPage(session, parent);
}

} // namespace lodestone::gui
