#include "structure/atom_table.h"

#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QTableView>
#include <QtWidgets/QVBoxLayout>
#include <algorithm>

namespace lodestone::gui {

namespace {

class AtomTable : public QWidget {
public:
    AtomTable(Session& session, QWidget* parent);
    ~AtomTable() override { m_view->setModel(nullptr); } // the models go before the view

private:
    void refresh(const MomentSources& moments);
    void applyFilter();
    void showAtom(int atom);
    void showCount();
    void copy() const;

    Session& m_session;
    AtomTableModel m_model;
    AtomFilterProxy m_proxy;
    QLineEdit* m_filter;
    QLabel* m_count;
    QTableView* m_view;
    bool m_following = false; ///< the selection changes because the session's atom did
};

struct Text {
    Q_DECLARE_TR_FUNCTIONS(lodestone::gui::AtomTable)
};

AtomTable::AtomTable(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_filter(new QLineEdit),
      m_count(new QLabel),
      m_view(new QTableView)
{
    setObjectName(QStringLiteral("atomTable"));
    m_filter->setPlaceholderText(Text::tr("Filter, for example: Fe m>2 F<0.5"));
    m_filter->setToolTip(
        Text::tr("Elements (Fe Ni) and conditions on m, dm (moment and its error, μB), F (eV/Å), x, y, z (Å) "
                 "or # (atom number): m>2 dm>0.1 F<=0.5 #<10"));
    m_filter->setAccessibleName(Text::tr("Filter for atoms"));
    m_filter->setClearButtonEnabled(true);
    m_proxy.setSourceModel(&m_model);
    m_view->setModel(&m_proxy);
    m_view->setAccessibleName(Text::tr("Atoms of the frame in view"));
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setSortingEnabled(true);
    m_view->sortByColumn(AtomTableModel::Index, Qt::AscendingOrder);
    m_view->setTabKeyNavigation(false);
    m_view->setAlternatingRowColors(true);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(m_view->fontMetrics().height() + 6);
    for (int column = 0; column < AtomTableModel::ColumnCount; ++column)
        m_view->setColumnWidth(column, m_view->horizontalHeader()->sectionSizeHint(column) + 12);

    auto* copyAction = new QAction(Text::tr("Copy as text"), m_view);
    copyAction->setShortcut(QKeySequence::Copy);
    copyAction->setShortcutContext(Qt::WidgetShortcut);
    m_view->addAction(copyAction);
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(copyAction, &QAction::triggered, this, &AtomTable::copy);

    auto* row = new QHBoxLayout;
    row->addWidget(m_filter, 1);
    row->addWidget(m_count);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 4);
    layout->addLayout(row);
    layout->addWidget(m_view, 1);

    connect(m_filter, &QLineEdit::textChanged, this, &AtomTable::applyFilter);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (!m_following && current.isValid())
                    m_session.setAtom(m_proxy.mapToSource(current).row());
            });
    connect(&session, &Session::atomChanged, this, &AtomTable::showAtom);
    connect(&session, &Session::dataChanged, this, [this] { refresh({}); });
    connect(&session, &Session::frameChanged, this, [this] { refresh({}); });
    connect(&session, &Session::momentsChanged, this, [this] { refresh(m_session.moments()); });
    refresh(session.moments());
    showAtom(session.atom());
}

void AtomTable::refresh(const MomentSources& given)
{
    MomentSources moments = given;
    const std::shared_ptr<const Dataset> data = m_session.data();
    const int n = m_session.frame();
    if (moments.label.empty() && data && n >= 0 && data->frames[std::size_t(n)].moments)
        moments.label = data->frames[std::size_t(n)].moments->vectors;
    m_following = true; // a reset must not choose another atom
    m_model.setFrame(data, n, std::move(moments));
    m_following = false;
    showAtom(m_session.atom());
    showCount();
}

void AtomTable::applyFilter()
{
    QString unknown;
    const std::optional<AtomFilter> filter = parseAtomFilter(m_filter->text(), &unknown);
    if (!filter) { // what was understood last stays
        m_count->setText(Text::tr("“%1” is not understood").arg(unknown));
        return;
    }
    m_following = true;
    m_proxy.setFilter(*filter);
    m_following = false;
    showAtom(m_session.atom());
    showCount();
}

void AtomTable::showCount()
{
    const int shown = m_proxy.rowCount(), all = m_model.rowCount();
    m_count->setText(shown == all ? Text::tr("%1 atoms").arg(all)
                                  : Text::tr("%1 of %2 atoms").arg(shown).arg(all));
}

void AtomTable::showAtom(int atom)
{
    const QModelIndex row = atom >= 0 && atom < m_model.rowCount()
                                ? m_proxy.mapFromSource(m_model.index(atom, 0))
                                : QModelIndex();
    m_following = true;
    if (!row.isValid()) { // none, or filtered out
        m_view->selectionModel()->clear();
    } else if (m_view->currentIndex().row() != row.row() ||
               !m_view->selectionModel()->isRowSelected(row.row())) {
        m_view->selectRow(row.row());
        m_view->scrollTo(row);
    }
    m_following = false;
}

void AtomTable::copy() const
{
    QModelIndexList rows = m_view->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end(),
              [](const QModelIndex& a, const QModelIndex& b) { return a.row() < b.row(); });
    QStringList lines, cells;
    for (int column = 0; column < m_proxy.columnCount(); ++column)
        cells << m_proxy.headerData(column, Qt::Horizontal).toString();
    lines << cells.join(QLatin1Char('\t'));
    for (const QModelIndex& row : rows) {
        cells.clear();
        for (int column = 0; column < m_proxy.columnCount(); ++column)
            cells << m_proxy.index(row.row(), column).data().toString();
        lines << cells.join(QLatin1Char('\t'));
    }
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')) + QLatin1Char('\n'));
}

} // namespace

QWidget* makeAtomTable(Session& session, QWidget* parent)
{
    return new AtomTable(session, parent);
}

} // namespace lodestone::gui
