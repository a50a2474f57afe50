#include "model/block_tree_model.h"
#include "base/text.h"
#include "widgets/plain_text.h"

#include <QtCore/QLocale>
#include <QtCore/QRegularExpression>
#include <QtGui/QBrush>
#include <QtWidgets/QApplication>
#include <algorithm>
#include <cmath>

namespace lodestone::gui {

namespace {

QString irrep(int l, int parity)
{
    return QString::number(l) + (parity < 0 ? QLatin1Char('o') : QLatin1Char('e'));
}

} // namespace

QString pathText(const ParameterInfo& tensor)
{
    if (tensor.paths.size() > 3)
        return BlockTreeModel::tr("%n paths", nullptr, int(tensor.paths.size()));
    QStringList parts;
    for (const ParameterPath& path : tensor.paths)
        parts << irrep(path.lIn, path.parityIn) + QStringLiteral(" → ") + irrep(path.lOut, path.parityOut);
    return parts.join(QStringLiteral(", "));
}

QString shapeText(const std::vector<std::int64_t>& shape)
{
    if (shape.empty())
        return BlockTreeModel::tr("one number");
    QStringList parts;
    for (const std::int64_t length : shape)
        parts << QString::number(length);
    return parts.join(QStringLiteral(" × "));
}

int BlockTreeModel::addNode(int parent, const QString& name)
{
    for (const int child : m_nodes[std::size_t(parent)].children)
        if (m_nodes[std::size_t(child)].name == name && m_nodes[std::size_t(child)].tensor < 0)
            return child;
    Node node;
    node.name = name;
    node.parent = parent;
    node.row = int(m_nodes[std::size_t(parent)].children.size());
    m_nodes.push_back(std::move(node));
    m_nodes[std::size_t(parent)].children.push_back(int(m_nodes.size()) - 1);
    return int(m_nodes.size()) - 1;
}

void BlockTreeModel::setModel(const ModelDescription* model)
{
    beginResetModel();
    m_model = model;
    m_nodes.assign(1, {});
    m_nodeOfTensor.clear();
    m_selected.assign(model ? model->tensors.size() : 0, false);
    for (std::size_t i = 0; model && i < model->tensors.size(); ++i) {
        const ParameterInfo& tensor = model->tensors[i];
        const QString block = QString::fromStdString(tensor.block);
        const QString module = QString::fromStdString(tensor.module);
        int group = 0;
        if (tensor.layer >= 0) {
            group = addNode(0, tr("Layer %1").arg(tensor.layer));
            group = addNode(group, module);
        } else {
            group = addNode(0, block);
        }
        QString leaf = QString::fromStdString(tensor.name);
        if (leaf.startsWith(block + QLatin1Char('/')))
            leaf.remove(0, block.size() + 1);
        Node node;
        node.name = leaf;
        node.parent = group;
        node.row = int(m_nodes[std::size_t(group)].children.size());
        node.tensor = int(i);
        m_nodes.push_back(std::move(node));
        const int own = int(m_nodes.size()) - 1;
        m_nodes[std::size_t(group)].children.push_back(own);
        m_nodeOfTensor.push_back(own);
        for (int up = own; up >= 0; up = m_nodes[std::size_t(up)].parent) {
            m_nodes[std::size_t(up)].count += tensor.count;
            m_nodes[std::size_t(up)].squares += tensor.norm * tensor.norm;
        }
    }
    endResetModel();
}

void BlockTreeModel::setSelected(const std::vector<bool>& selected)
{
    if (!m_model || selected.size() != m_model->tensors.size() || selected == m_selected)
        return;
    m_selected = selected;
    // Every level may show another state; telling it level by level is cheaper than tensor by tensor.
    const std::function<void(const QModelIndex&)> tell = [&](const QModelIndex& parent) {
        const int rows = rowCount(parent);
        if (rows == 0)
            return;
        Q_EMIT dataChanged(index(0, Name, parent), index(rows - 1, Name, parent), {Qt::CheckStateRole});
        for (int row = 0; row < rows; ++row)
            tell(index(row, Name, parent));
    };
    tell({});
}

void BlockTreeModel::collect(int index, std::vector<int>& tensors) const
{
    const Node& node = m_nodes[std::size_t(index)];
    if (node.tensor >= 0 && m_model->tensors[std::size_t(node.tensor)].trainable)
        tensors.push_back(node.tensor);
    for (const int child : node.children)
        collect(child, tensors);
}

std::vector<int> BlockTreeModel::tensorsBelow(const QModelIndex& index) const
{
    std::vector<int> tensors;
    if (m_model)
        collect(index.isValid() ? int(index.internalId()) : 0, tensors);
    return tensors;
}

QModelIndex BlockTreeModel::indexOfTensor(int tensor) const
{
    if (tensor < 0 || tensor >= int(m_nodeOfTensor.size()))
        return {};
    const int own = m_nodeOfTensor[std::size_t(tensor)];
    return createIndex(m_nodes[std::size_t(own)].row, 0, quintptr(own));
}

QModelIndex BlockTreeModel::index(int row, int column, const QModelIndex& parent) const
{
    if (m_nodes.empty() || row < 0 || column < 0 || column >= columns || parent.column() > 0)
        return {};
    const Node& above = parent.isValid() ? node(parent) : m_nodes.front();
    if (row >= int(above.children.size()))
        return {};
    return createIndex(row, column, quintptr(above.children[std::size_t(row)]));
}

QModelIndex BlockTreeModel::parent(const QModelIndex& index) const
{
    if (!index.isValid() || node(index).parent <= 0)
        return {};
    const int above = node(index).parent;
    return createIndex(m_nodes[std::size_t(above)].row, 0, quintptr(above));
}

int BlockTreeModel::rowCount(const QModelIndex& parent) const
{
    if (m_nodes.empty() || parent.column() > 0)
        return 0;
    return int((parent.isValid() ? node(parent) : m_nodes.front()).children.size());
}

int BlockTreeModel::columnCount(const QModelIndex&) const
{
    return columns;
}

QVariant BlockTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (section >= Count ? Qt::AlignRight : Qt::AlignLeft));
    if (role == Qt::ToolTipRole) {
        const QString tips[] = {tr("Layer, module and tensor; ticked ones may change"),
                                tr("What the tensor does in the model"),
                                tr("Irreps that the values couple: in → out"),
                                tr("Length of each dimension as stored"),
                                tr("How many numbers there are"),
                                tr("Euclidean norm of the stored numbers")};
        return tips[section];
    }
    if (role != Qt::DisplayRole)
        return {};
    const QString titles[] = {tr("Block"), tr("Kind"), tr("Path"), tr("Shape"), tr("Count"), tr("Norm")};
    return titles[section];
}

QVariant BlockTreeModel::text(const Node& node, int column) const
{
    const ParameterInfo* tensor = node.tensor >= 0 ? &m_model->tensors[std::size_t(node.tensor)] : nullptr;
    switch (column) {
    case Name:
        return node.name;
    case Kind:
        return tensor ? QString::fromStdString(tensor->kind) : QString();
    case Path:
        return tensor ? pathText(*tensor) : QString();
    case Shape:
        return tensor ? shapeText(tensor->shape) : QString();
    case Count:
        return QLocale().toString(qlonglong(node.count));
    case Norm:
        return QLocale().toString(std::sqrt(node.squares), 'g', 4);
    default:
        return {};
    }
}

Qt::CheckState BlockTreeModel::state(const Node& node) const
{
    if (node.tensor >= 0)
        return m_selected[std::size_t(node.tensor)] ? Qt::Checked : Qt::Unchecked;
    std::vector<int> tensors;
    collect(int(&node - m_nodes.data()), tensors);
    const auto on = std::count_if(tensors.begin(), tensors.end(),
                                  [this](int tensor) { return m_selected[std::size_t(tensor)]; });
    return on == 0                                ? Qt::Unchecked
           : on == std::ptrdiff_t(tensors.size()) ? Qt::Checked
                                                  : Qt::PartiallyChecked;
}

bool BlockTreeModel::mayBeTicked(const QModelIndex& index) const
{
    return m_model->limitation.empty() && !tensorsBelow(index).empty();
}

QVariant BlockTreeModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || !m_model)
        return {};
    const Node& own = node(index);
    const bool fixed = own.tensor >= 0 && !m_model->tensors[std::size_t(own.tensor)].trainable;
    switch (role) {
    case Qt::DisplayRole:
        return text(own, index.column());
    case Qt::CheckStateRole:
        return index.column() == Name && mayBeTicked(index) ? QVariant(state(own)) : QVariant();
    case Qt::TextAlignmentRole:
        return int(Qt::AlignVCenter | (index.column() >= Count ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ForegroundRole:
        return fixed ? QVariant(QApplication::palette().brush(QPalette::PlaceholderText)) : QVariant();
    case Qt::ToolTipRole:
        if (fixed)
            return tr("A constant of the model: never changed by fine-tuning.");
        return own.tensor >= 0
                   ? asPlainText(QString::fromStdString(m_model->tensors[std::size_t(own.tensor)].name))
                   : QVariant();
    case Qt::AccessibleTextRole:
        return index.column() == Name && own.tensor >= 0
                   ? QString::fromStdString(m_model->tensors[std::size_t(own.tensor)].name)
                   : text(own, index.column());
    case TensorRole:
        return own.tensor;
    case SortRole:
        return index.column() == Count  ? QVariant(qlonglong(own.count))
               : index.column() == Norm ? QVariant(own.squares)
                                        : text(own, index.column());
    default:
        return {};
    }
}

Qt::ItemFlags BlockTreeModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return {};
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    if (index.column() == Name && mayBeTicked(index))
        flags |= Qt::ItemIsUserCheckable;
    if (node(index).tensor >= 0)
        flags |= Qt::ItemNeverHasChildren;
    return flags;
}

bool BlockTreeModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole || !index.isValid() || index.column() != Name || !mayBeTicked(index))
        return false;
    std::vector<bool> wanted = m_selected;
    for (const int tensor : tensorsBelow(index))
        wanted[std::size_t(tensor)] = value.toInt() == Qt::Checked;
    Q_EMIT selectionRequested(wanted);
    return true;
}

BlockFilter::BlockFilter(BlockTreeModel& model, QObject* parent)
    : QSortFilterProxyModel(parent),
      m_model(model)
{
    setRecursiveFilteringEnabled(true);
    setSortRole(BlockTreeModel::SortRole);
    setSourceModel(&model);
}

void BlockFilter::setPattern(const QString& pattern)
{
    static const QRegularExpression gaps(QStringLiteral("\\s+")), degree(QStringLiteral("^l=(\\d)$")),
        wild(QStringLiteral("[*?\\[]")), signs(QStringLiteral("\\s*=\\s*"));
    m_words.clear();
    QString packed = pattern;
    packed.replace(signs, QStringLiteral("="));
    for (const QString& text : packed.split(gaps, Qt::SkipEmptyParts)) {
        Word word;
        if (const auto match = degree.match(text); match.hasMatch())
            word.l = match.captured(1).toInt();
        else
            word.glob = text.contains(wild) ? text.toStdString() : "*" + text.toStdString() + "*";
        m_words.push_back(std::move(word));
    }
    invalidateFilter();
}

bool BlockFilter::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    const int tensor = m_model.index(row, 0, parent).data(BlockTreeModel::TensorRole).toInt();
    if (tensor < 0)
        return false; // a group is shown for what is in it
    const ParameterInfo& info = m_model.description()->tensors[std::size_t(tensor)];
    return std::all_of(m_words.begin(), m_words.end(), [&info](const Word& word) {
        if (word.l >= 0)
            return std::any_of(info.paths.begin(), info.paths.end(),
                               [&word](const ParameterPath& path) { return path.lOut == word.l; });
        return globMatches(word.glob, info.name) || globMatches(word.glob, info.block) ||
               globMatches(word.glob, info.module) || globMatches(word.glob, info.kind);
    });
}

std::vector<int> BlockFilter::shownTensors(const QModelIndex& parent) const
{
    if (parent.isValid() && parent.data(BlockTreeModel::TensorRole).toInt() >= 0)
        return m_model.tensorsBelow(mapToSource(parent.siblingAtColumn(0)));
    std::vector<int> tensors;
    for (int row = 0; row < rowCount(parent); ++row)
        for (const int tensor : shownTensors(index(row, 0, parent)))
            tensors.push_back(tensor);
    return tensors;
}

QVariant BlockFilter::data(const QModelIndex& index, int role) const
{
    if (role != Qt::CheckStateRole || m_words.empty() || index.column() != 0 ||
        !m_model.description()->limitation.empty())
        return QSortFilterProxyModel::data(index, role);
    if (index.data(BlockTreeModel::TensorRole).toInt() >= 0)
        return QSortFilterProxyModel::data(index, role);
    int on = 0;
    const std::vector<int> tensors = shownTensors(index);
    if (tensors.empty())
        return {};
    for (const int tensor : tensors)
        on += m_model.indexOfTensor(tensor).data(Qt::CheckStateRole).toInt() == Qt::Checked;
    return int(on == 0 ? Qt::Unchecked : on == int(tensors.size()) ? Qt::Checked : Qt::PartiallyChecked);
}

std::vector<bool> BlockFilter::changed(const std::vector<int>& tensors, bool on) const
{
    std::vector<bool> flags(m_model.description()->tensors.size());
    for (std::size_t i = 0; i < flags.size(); ++i)
        flags[i] = m_model.indexOfTensor(int(i)).data(Qt::CheckStateRole).toInt() == Qt::Checked;
    for (const int tensor : tensors)
        flags[std::size_t(tensor)] = on;
    return flags;
}

bool BlockFilter::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole || !m_model.description()->limitation.empty())
        return false;
    Q_EMIT m_model.selectionRequested(changed(shownTensors(index), value.toInt() == Qt::Checked));
    return true;
}

} // namespace lodestone::gui
