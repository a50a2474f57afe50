#include "data/frame_table_model.h"
#include "shell/theme.h"
#include "widgets/plain_text.h"

#include <QtCore/QFileInfo>
#include <QtCore/QLocale>
#include <QtWidgets/QApplication>
#include <cmath>
#include <limits>
#include <set>

namespace lodestone::gui {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

double largest(const std::vector<Vec3>& vectors)
{
    double result = nothing;
    for (const Vec3& vector : vectors)
        if (const double length = norm(vector); std::isfinite(length) && !(length <= result))
            result = length;
    return result;
}

QStringList sorted(const std::set<std::string>& names)
{
    QStringList list;
    for (const std::string& name : names)
        list << QString::fromStdString(name);
    return list;
}

QString cellText(double value, int decimals)
{
    return std::isfinite(value) ? QLocale().toString(value, 'f', decimals) : QStringLiteral("–");
}

} // namespace

QString findingName(const std::string& code)
{
    static const std::map<std::string, QString> names = {
        {"unknown-element", FrameTableModel::tr("unknown element")},
        {"no-labels", FrameTableModel::tr("no labels")},
        {"missing-energy", FrameTableModel::tr("no energy")},
        {"missing-forces", FrameTableModel::tr("no forces")},
        {"missing-stress", FrameTableModel::tr("no stress")},
        {"missing-moments", FrameTableModel::tr("no moments")},
        {"missing-magnetic-forces", FrameTableModel::tr("no magnetic forces")},
        {"duplicate-frames", FrameTableModel::tr("copy")},
        {"contradictory-frames", FrameTableModel::tr("contradiction")},
        {"force-outliers", FrameTableModel::tr("large force")},
        {"energy-outliers", FrameTableModel::tr("unusual energy")},
        {"mixed-methods", FrameTableModel::tr("other method")},
        {"close-atoms", FrameTableModel::tr("close atoms")},
        {"atoms-without-neighbours", FrameTableModel::tr("lone atoms")}};
    const auto found = names.find(code);
    return found != names.end() ? found->second
                                : QString::fromStdString(code).replace(QLatin1Char('-'), QLatin1Char(' '));
}

int severityRank(const std::string& level)
{
    return level == "error" ? 3 : level == "warning" ? 2 : level == "info" ? 1 : 0;
}

FrameTable tabulate(const Dataset& data, const Watch& watch)
{
    FrameTable table;
    table.rows.reserve(data.frames.size());
    std::set<std::string> scalars, matrices, vectors, columns;
    for (std::size_t i = 0; i < data.frames.size(); ++i) {
        if (i % 256 == 0)
            watch.report(double(i) / double(data.frames.size()));
        const Frame& frame = data.frames[i];
        const auto atoms = frame.structure.size();
        FrameRow row;
        row.formula = QString::fromStdString(formula(frame.structure));
        row.source = QString::fromStdString(frame.structure.source);
        row.atoms = qlonglong(atoms);
        row.energyPerAtom = frame.energy && atoms ? *frame.energy / double(atoms) : nothing;
        row.maxForce = largest(frame.forces);
        row.maxMoment = frame.moments ? largest(frame.moments->vectors) : nothing;
        table.rows.push_back(std::move(row));
        for (const auto& [name, value] : frame.structure.info) {
            if (std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value))
                scalars.insert(name);
            else if (const auto* list = std::get_if<std::vector<double>>(&value); list && list->size() >= 6)
                matrices.insert(name);
        }
        for (const auto& [name, array] : frame.structure.arrays) {
            if (array.kind == AtomArray::Kind::Real && array.width == 3)
                vectors.insert(name);
            else if (array.kind != AtomArray::Kind::Text && array.width == 1)
                columns.insert(name);
        }
    }
    QStringList moments = sorted(columns);
    moments << sorted(vectors);
    table.choices = {sorted(scalars),  sorted(vectors), sorted(matrices),
                     sorted(matrices), moments,         sorted(vectors)};
    return table;
}

void FrameTableModel::setRows(std::vector<FrameRow> rows)
{
    beginResetModel();
    m_rows = std::move(rows);
    m_excluded.assign(m_rows.size(), false);
    m_troubles.assign(m_rows.size(), {});
    endResetModel();
}

void FrameTableModel::setExcluded(const std::vector<bool>& excluded)
{
    if (excluded.size() != m_rows.size() || excluded == m_excluded)
        return;
    m_excluded = excluded;
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columns - 1),
                       {Qt::CheckStateRole, Qt::ForegroundRole, sortRole});
}

void FrameTableModel::setFindings(const std::vector<Finding>& findings)
{
    if (m_rows.empty())
        return;
    m_troubles.assign(m_rows.size(), {});
    for (const Finding& finding : findings)
        for (const std::size_t frame : finding.frames) {
            const int rank = severityRank(finding.level);
            if (frame < m_troubles.size() && rank > m_troubles[frame].rank)
                m_troubles[frame] = {rank, findingName(finding.code), QString::fromStdString(finding.text)};
        }
    Q_EMIT dataChanged(index(0, Problem), index(rowCount() - 1, Problem));
}

int FrameTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int FrameTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(columns);
}

QVariant FrameTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole) {
        const QString titles[] = {tr("Frame"),          tr("Formula"),      tr("Atoms"),   tr("E (eV/atom)"),
                                  tr("max |F| (eV/Å)"), tr("max |m| (μB)"), tr("Finding"), tr("Source")};
        return titles[section];
    }
    if (role == Qt::ToolTipRole) {
        const QString tips[] = {tr("Number of the frame, from 1; ticked frames are used"),
                                tr("Atoms of each element"),
                                tr("Number of atoms"),
                                tr("Labelled energy per atom in eV"),
                                tr("Largest labelled force in eV/Å"),
                                tr("Largest labelled moment in Bohr magnetons"),
                                tr("What the check before a run says of the frame"),
                                tr("File and place in it")};
        return tips[section].isEmpty() ? QVariant() : tips[section];
    }
    return {};
}

QVariant FrameTableModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const auto i = std::size_t(index.row());
    const FrameRow& row = m_rows[i];
    const Trouble& trouble = m_troubles[i];
    const bool numeric = index.column() != Formula && index.column() != Problem && index.column() != Source;
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole) {
        switch (index.column()) {
        case Index:
            return QString::number(index.row() + 1);
        case Formula:
            return row.formula;
        case Atoms:
            return QLocale().toString(row.atoms);
        case Energy:
            return cellText(row.energyPerAtom, 4);
        case Force:
            return cellText(row.maxForce, 3);
        case Moment:
            return cellText(row.maxMoment, 2);
        case Problem:
            return trouble.name;
        default:
            return QFileInfo(row.source).fileName();
        }
    }
    if (role == sortRole) {
        const QVariant values[] = {index.row(),  row.formula,   row.atoms,    row.energyPerAtom,
                                   row.maxForce, row.maxMoment, trouble.rank, row.source};
        return values[index.column()];
    }
    if (role == Qt::CheckStateRole && index.column() == Index)
        return int(m_excluded[i] ? Qt::Unchecked : Qt::Checked);
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (numeric && index.column() != Index ? Qt::AlignRight : Qt::AlignLeft));
    if (role == Qt::ForegroundRole && m_excluded[i])
        return QApplication::palette().brush(QPalette::PlaceholderText);
    if (role == Qt::DecorationRole && index.column() == Problem && trouble.rank > 0) {
        const char* names[] = {"", "info", "warning", "error"};
        return severityIcon(QLatin1String(names[trouble.rank]));
    }
    if (role == Qt::ToolTipRole)
        return asPlainText(index.column() == Problem ? trouble.text : row.source);
    return {};
}

Qt::ItemFlags FrameTableModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return {};
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
    if (index.column() == Index)
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

bool FrameTableModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole || index.column() != Index)
        return false;
    Q_EMIT exclusionRequested(std::size_t(index.row()), value.toInt() != Qt::Checked);
    return true;
}

} // namespace lodestone::gui
