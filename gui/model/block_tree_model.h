#pragma once
#include "blocks/model_description.h"

#include <QtCore/QAbstractItemModel>
#include <QtCore/QSortFilterProxyModel>

namespace lodestone::gui {

/// The tensors of a model as layer > module > tensor, with tri-state check boxes for "may change". Tensors
/// outside the layers (embedding, readout) stand under their block. The ticks are the caller's: setSelected()
/// shows them, a click asks for a new set through selectionRequested().
class BlockTreeModel : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column { Name, Kind, Path, Shape, Count, Norm, columns };
    enum Role {
        TensorRole = Qt::UserRole, ///< index into ModelDescription::tensors; -1 for groups
        SortRole
    };
    using QAbstractItemModel::QAbstractItemModel;

    /// `model` must outlive the next call; null empties the tree.
    void setModel(const ModelDescription* model);
    void setSelected(const std::vector<bool>& selected);
    const ModelDescription* description() const { return m_model; }
    /// Trainable tensors at or below the index.
    std::vector<int> tensorsBelow(const QModelIndex& index) const;
    QModelIndex indexOfTensor(int tensor) const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

Q_SIGNALS:
    void selectionRequested(const std::vector<bool>& selected);

private:
    struct Node {
        QString name;
        int parent = -1, row = 0, tensor = -1;
        std::vector<int> children;
        std::int64_t count = 0; ///< stored numbers at or below
        double squares = 0;     ///< sum of squared norms
    };
    int addNode(int parent, const QString& name);
    const Node& node(const QModelIndex& index) const { return m_nodes[std::size_t(index.internalId())]; }
    QVariant text(const Node& node, int column) const;
    Qt::CheckState state(const Node& node) const;
    bool mayBeTicked(const QModelIndex& index) const;
    void collect(int node, std::vector<int>& tensors) const;

    const ModelDescription* m_model = nullptr;
    std::vector<Node> m_nodes; ///< the first is the invisible root
    std::vector<int> m_nodeOfTensor;
    std::vector<bool> m_selected;
};

/// "0e → 0e", "0e → 0e, 1o → 1o", "5 paths"; empty for tensors without paths.
QString pathText(const ParameterInfo& tensor);
/// "128 × 64"; "one number" for an empty shape.
QString shapeText(const std::vector<std::int64_t>& shape);

/// Shows the tensors that a glob matches (by name, block, module or any leading part of the name), with their
/// groups. A pattern without wildcards matches anywhere in the name. Ticking a group then reaches only what
/// is shown.
class BlockFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit BlockFilter(BlockTreeModel& model, QObject* parent = nullptr);
    /// Words that all must hold: names or globs of a tensor's name, block, module or kind, and "l=2": tensors
    /// with a path that ends in that l.
    void setPattern(const QString& pattern);
    std::vector<int> shownTensors(const QModelIndex& parent = {}) const; ///< trainable ones
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    /// The current ticks with those of `tensors` set to `on`.
    std::vector<bool> changed(const std::vector<int>& tensors, bool on) const;

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    BlockTreeModel& m_model;
    struct Word {
        std::string glob;
        int l = -1; ///< >= 0: instead of the glob
    };
    std::vector<Word> m_words;
};

} // namespace lodestone::gui
