#pragma once
#include "shell/session.h"

#include <QtCore/QAbstractTableModel>
#include <QtCore/QSortFilterProxyModel>
#include <QtWidgets/QWidget>
#include <memory>
#include <optional>
#include <vector>

namespace lodestone::gui {

/// The atoms of one frame, a row an atom. Holds the data set alive; numbers are made when they are asked for.
class AtomTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Index, Element, X, Y, Z, LabelMoment, TunedMoment, MomentError, Force, ColumnCount };
    /// The bare number (double, NaN if unknown) or text behind a cell, for sorting and filtering.
    static constexpr int valueRole = Qt::UserRole;

    using QAbstractTableModel::QAbstractTableModel;
    /// data may be null. Moments as the session gives them; lists of another length are taken as missing.
    void setFrame(std::shared_ptr<const Dataset> data, int frame, MomentSources moments);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    const Frame* frame() const;
    double number(const Frame& frame, std::size_t atom, int column) const;

    std::shared_ptr<const Dataset> m_data;
    int m_frame = -1;
    MomentSources m_moments;
};

/// What the filter line asks for, for example "Fe m>2": elements (any of them) and comparisons (all of them)
/// of m (|m| label, else tuned), dm (error of the moment), F (|F|), x, y, z or # (the atom's number) with <,
/// >,
/// <= or >=.
struct AtomFilter {
    struct Comparison {
        std::vector<int> columns; ///< the first one with a number counts
        char sign = '>';          ///< < or >
        bool orEqual = false;
        double limit = 0;
    };
    std::vector<QString> elements;
    std::vector<Comparison> comparisons;
};
/// Nothing if the text cannot be understood; `unknown` then receives the part that was not.
std::optional<AtomFilter> parseAtomFilter(const QString& text, QString* unknown = nullptr);

class AtomFilterProxy : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit AtomFilterProxy(QObject* parent = nullptr);
    void setFilter(const AtomFilter& filter);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    AtomFilter m_filter;
};

/// Table of the session's frame for the bottom dock: sortable, with filter line, Ctrl+C copies the chosen
/// rows as text; its current row and Session::atom() follow each other.
QWidget* makeAtomTable(Session& session, QWidget* parent);

} // namespace lodestone::gui
