#include "structure/atom_table.h"

#include "base/text.h"
#include "crystal/elements.h"

#include <QtCore/QRegularExpression>
#include <algorithm>
#include <cmath>
#include <limits>

namespace lodestone::gui {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

int decimals(int column)
{
    return column >= AtomTableModel::LabelMoment && column <= AtomTableModel::MomentError ? 3 : 4;
}

QString elementText(int atomicNumber)
{
    const std::string_view symbol = elementSymbol(atomicNumber);
    return QString::fromUtf8(symbol.data(), qsizetype(symbol.size()));
}

} // namespace

void AtomTableModel::setFrame(std::shared_ptr<const Dataset> data, int frame, MomentSources moments)
{
    const auto atoms = [](const Dataset* set, int n) {
        return set && n >= 0 && n < int(set->frames.size())
                   ? int(set->frames[std::size_t(n)].structure.size())
                   : 0;
    };
    const int before = rowCount(), after = atoms(data.get(), frame);
    // Frames of one data set often have equally many atoms: selection and scroll position then stay.
    if (before != after)
        beginResetModel();
    m_data = std::move(data);
    m_frame = frame;
    m_moments = std::move(moments);
    if (before != after)
        endResetModel();
    else if (after > 0)
        Q_EMIT dataChanged(index(0, 0), index(after - 1, ColumnCount - 1));
}

const Frame* AtomTableModel::frame() const
{
    return m_data && m_frame >= 0 && m_frame < int(m_data->frames.size())
               ? &m_data->frames[std::size_t(m_frame)]
               : nullptr;
}

int AtomTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || !frame() ? 0 : int(frame()->structure.size());
}

int AtomTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

double AtomTableModel::number(const Frame& frame, std::size_t atom, int column) const
{
    const std::size_t atoms = frame.structure.size();
    switch (column) {
    case Index:
        return double(atom + 1);
    case X:
    case Y:
    case Z:
        return frame.structure.positions[atom][std::size_t(column - X)];
    case LabelMoment:
        return m_moments.label.size() == atoms ? norm(m_moments.label[atom]) : nan;
    case TunedMoment:
        return m_moments.tuned.size() == atoms ? norm(m_moments.tuned[atom]) : nan;
    case MomentError:
        return m_moments.label.size() == atoms && m_moments.tuned.size() == atoms
                   ? norm(m_moments.tuned[atom] - m_moments.label[atom])
                   : nan;
    case Force:
        return frame.forces.size() == atoms ? norm(frame.forces[atom]) : nan;
    default:
        return nan;
    }
}

QVariant AtomTableModel::data(const QModelIndex& index, int role) const
{
    const Frame* shown = frame();
    if (!shown || !checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto atom = std::size_t(index.row());
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignVCenter | (index.column() == Element ? Qt::AlignLeft : Qt::AlignRight));
    if (role != Qt::DisplayRole && role != valueRole)
        return {};
    if (index.column() == Element)
        return elementText(shown->structure.species[atom]);
    const double value = number(*shown, atom, index.column());
    if (role == valueRole)
        return value;
    if (!std::isfinite(value))
        return {};
    return index.column() == Index ? QString::number(atom + 1)
                                   : QString::number(value, 'f', decimals(index.column()));
}

QVariant AtomTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole)
        switch (section) {
        case Index:
            return tr("Atom");
        case Element:
            return tr("Element");
        case X:
            return tr("x (Å)");
        case Y:
            return tr("y (Å)");
        case Z:
            return tr("z (Å)");
        case LabelMoment:
            return tr("|m| label (μB)");
        case TunedMoment:
            return tr("|m| tuned (μB)");
        case MomentError:
            return tr("|Δm| (μB)");
        case Force:
            return tr("|F| (eV/Å)");
        default:
            break;
        }
    if (role == Qt::ToolTipRole)
        switch (section) {
        case Index:
            return tr("Place of the atom in its frame, from 1");
        case X:
        case Y:
        case Z:
            return tr("Cartesian position in Å");
        case LabelMoment:
            return tr("Magnitude of the labelled magnetic moment in Bohr magnetons");
        case TunedMoment:
            return tr("Magnitude of the moment that the tuned model predicts, in Bohr magnetons");
        case MomentError:
            return tr("Error of the tuned model's moment: length of the difference from the label, in Bohr "
                      "magnetons");
        case Force:
            return tr("Magnitude of the labelled force in eV/Å");
        default:
            break;
        }
    return {};
}

std::optional<AtomFilter> parseAtomFilter(const QString& text, QString* unknown)
{
    static const QRegularExpression comparison(QStringLiteral("^(dm|m|F|x|y|z|#)(<=|>=|<|>)(.+)$"));
    static const QRegularExpression spacesAroundSign(QStringLiteral("\\s*(<=|>=|<|>)\\s*"));
    static const QRegularExpression gaps(QStringLiteral("[\\s,;]+"));
    AtomFilter filter;
    QString packed = text;
    packed.replace(spacesAroundSign, QStringLiteral("\\1"));
    for (const QString& part : packed.split(gaps, Qt::SkipEmptyParts)) {
        if (atomicNumber(part.toStdString())) {
            filter.elements.push_back(part);
            continue;
        }
        const QRegularExpressionMatch match = comparison.match(part);
        const std::optional<double> limit = parseReal(match.captured(3).toStdString());
        if (!match.hasMatch() || !limit) {
            if (unknown)
                *unknown = part;
            return std::nullopt;
        }
        AtomFilter::Comparison wanted;
        switch (match.captured(1)[0].unicode()) {
        case 'd':
            wanted.columns = {AtomTableModel::MomentError};
            break;
        case 'm':
            wanted.columns = {AtomTableModel::LabelMoment, AtomTableModel::TunedMoment};
            break;
        case 'F':
            wanted.columns = {AtomTableModel::Force};
            break;
        case 'x':
            wanted.columns = {AtomTableModel::X};
            break;
        case 'y':
            wanted.columns = {AtomTableModel::Y};
            break;
        case 'z':
            wanted.columns = {AtomTableModel::Z};
            break;
        default:
            wanted.columns = {AtomTableModel::Index};
            break;
        }
        wanted.sign = char(match.captured(2)[0].unicode());
        wanted.orEqual = match.captured(2).size() == 2;
        wanted.limit = *limit;
        filter.comparisons.push_back(wanted);
    }
    return filter;
}

AtomFilterProxy::AtomFilterProxy(QObject* parent) : QSortFilterProxyModel(parent) {}

void AtomFilterProxy::setFilter(const AtomFilter& filter)
{
    m_filter = filter;
    invalidateFilter();
}

bool AtomFilterProxy::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    const auto value = [&](int column) {
        return sourceModel()->index(row, column, parent).data(AtomTableModel::valueRole);
    };
    if (!m_filter.elements.empty()) {
        const QString element = value(AtomTableModel::Element).toString();
        if (std::find(m_filter.elements.begin(), m_filter.elements.end(), element) == m_filter.elements.end())
            return false;
    }
    for (const AtomFilter::Comparison& wanted : m_filter.comparisons) {
        double number = nan;
        for (int column : wanted.columns)
            if (!std::isfinite(number))
                number = value(column).toDouble();
        const bool holds = (wanted.orEqual && number == wanted.limit) ||
                           (wanted.sign == '<' ? number < wanted.limit : number > wanted.limit);
        if (!holds) // also where the number is unknown
            return false;
    }
    return true;
}

bool AtomFilterProxy::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    const QVariant a = left.data(AtomTableModel::valueRole), b = right.data(AtomTableModel::valueRole);
    if (left.column() == AtomTableModel::Element)
        return a.toString() < b.toString();
    const double x = a.toDouble(), y = b.toDouble();
    if (std::isnan(x) || std::isnan(y)) // unknown numbers below all others
        return std::isnan(x) && !std::isnan(y);
    return x < y;
}

} // namespace lodestone::gui
