#pragma once
#include "dataset/preflight.h"

#include <QtCore/QAbstractTableModel>
#include <QtCore/QStringList>
#include <memory>

namespace lodestone::gui {

/// What the table shows of one frame; NaN where there is no label.
struct FrameRow {
    QString formula, source;
    qlonglong atoms = 0;
    double energyPerAtom = 0; ///< eV
    double maxForce = 0;      ///< eV/Angstrom
    double maxMoment = 0;     ///< Bohr magneton
};
/// Names in the files that can serve as each label.
struct KeyChoices {
    QStringList energy, forces, stress, virial, moments, magneticForces;
};
struct FrameTable {
    std::vector<FrameRow> rows;
    KeyChoices choices;
};
/// One pass over the data; for a worker thread.
FrameTable tabulate(const Dataset& data, const Watch& watch);

class FrameTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Index, Formula, Atoms, Energy, Force, Moment, Problem, Source, columns };
    static constexpr int sortRole = Qt::UserRole;
    using QAbstractTableModel::QAbstractTableModel;

    void setRows(std::vector<FrameRow> rows);
    void setExcluded(const std::vector<bool>& excluded);
    /// The worst finding of each frame, as icon and text.
    void setFindings(const std::vector<Finding>& findings);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

Q_SIGNALS:
    void exclusionRequested(std::size_t frame, bool excluded);

private:
    struct Trouble {
        int rank = 0; ///< 0 none, 1 info, 2 warning, 3 error
        QString name, text;
    };
    std::vector<FrameRow> m_rows;
    std::vector<bool> m_excluded;
    std::vector<Trouble> m_troubles;
};

/// A word or two for the code of a finding ("large force"); the sentence is for where there is room.
QString findingName(const std::string& code);
/// 0 for unknown words, then info, warning, error.
int severityRank(const std::string& level);

} // namespace lodestone::gui
