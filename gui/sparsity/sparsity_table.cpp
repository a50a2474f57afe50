#include "sparsity/sparsity_table.h"
#include "crystal/elements.h"
#include "model/tensor_slices.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QLocale>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string_view>

namespace lodestone::gui {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

struct Words {
    Q_DECLARE_TR_FUNCTIONS(SparsityTable)
};

/// Sums behind one cell.
struct Cell {
    double eligible = 0, changed = 0, delta2 = 0, base2 = 0, thresholdSum = 0, thresholdWeight = 0;
    QStringList tensors;

    double value(SparsityQuantity quantity) const
    {
        switch (quantity) {
        case SparsityQuantity::ChangedFraction:
            return eligible > 0 ? changed / eligible : none;
        case SparsityQuantity::RelativeChange:
            return base2 > 0    ? std::sqrt(delta2 / base2)
                   : delta2 > 0 ? std::numeric_limits<double>::infinity()
                                : none;
        case SparsityQuantity::Threshold:
            return thresholdWeight > 0 ? thresholdSum / thresholdWeight : none;
        }
        return none;
    }
};

constexpr int noL = 1000; ///< sorts after every l

QString columnName(int l)
{
    return l == noL ? Words::tr("no l") : QStringLiteral("l = %1").arg(l);
}

struct Grid {
    std::vector<std::string> rows;
    std::map<std::pair<std::size_t, int>, Cell> cells;
    std::set<int> columns;

    Cell& at(std::size_t row, int column)
    {
        columns.insert(column);
        return cells[{row, column}];
    }
    std::size_t row(const std::string& name)
    {
        const auto found = std::find(rows.begin(), rows.end(), name);
        if (found != rows.end())
            return std::size_t(found - rows.begin());
        rows.push_back(name);
        return rows.size() - 1;
    }
};

void addTensor(Grid& grid, const TensorChange& change, const ParameterInfo* info)
{
    const std::string block = info ? info->block : change.tensor.substr(0, change.tensor.rfind('/'));
    const std::size_t row = grid.row(block);
    std::set<int> reached;
    if (info && !info->paths.empty() && info->paths.size() == change.pathChanged.size()) {
        for (std::size_t p = 0; p < info->paths.size(); ++p) {
            Cell& cell = grid.at(row, info->paths[p].lOut);
            cell.eligible += double(info->paths[p].count);
            cell.changed += double(change.pathChanged[p]);
            reached.insert(info->paths[p].lOut);
        }
    } else {
        Cell& cell = grid.at(row, noL);
        cell.eligible += double(change.eligible);
        cell.changed += double(change.changed);
        reached.insert(noL);
    }
    for (const int l : reached) {
        Cell& cell = grid.at(row, l);
        cell.delta2 += change.deltaNorm * change.deltaNorm;
        cell.base2 += change.baseNorm * change.baseNorm;
        cell.thresholdSum += change.threshold * double(change.eligible);
        cell.thresholdWeight += double(change.eligible);
        cell.tensors << QString::fromStdString(change.tensor);
    }
}

} // namespace

SparsityTable blockTable(const ModelDescription* model, const SparsityRecord& record,
                         SparsityQuantity quantity)
{
    std::map<std::string, const ParameterInfo*> infos;
    if (model)
        for (const ParameterInfo& info : model->tensors)
            infos[info.name] = &info;
    const bool known = std::all_of(record.tensors.begin(), record.tensors.end(),
                                   [&](const TensorChange& t) { return infos.count(t.tensor) > 0; });
    Grid grid;
    for (const TensorChange& change : record.tensors)
        addTensor(grid, change, known ? infos[change.tensor] : nullptr);

    SparsityTable table;
    HeatMap::Data& data = table.data;
    data.rowCount = int(grid.rows.size());
    data.columnCount = int(grid.columns.size());
    for (const std::string& row : grid.rows)
        data.rows << QString::fromStdString(row);
    for (const int l : grid.columns)
        data.columns << (known ? columnName(l) : Words::tr("all l"));
    const QLocale locale;
    for (std::size_t r = 0; r < grid.rows.size(); ++r)
        for (const int l : grid.columns) {
            const auto found = grid.cells.find({r, l});
            const Cell cell = found == grid.cells.end() ? Cell() : found->second;
            data.values.push_back(cell.value(quantity));
            table.tensors.push_back(cell.tensors);
            data.tooltips
                << (cell.tensors.isEmpty()
                        ? Words::tr("%1: nothing here may change").arg(data.rows[int(r)])
                        : Words::tr(
                              "%1, %2\n%3 of %4 eligible changed (%5 %)\nrelative change %6\nthreshold %7")
                              .arg(data.rows[int(r)], columnName(l), locale.toString(qlonglong(cell.changed)),
                                   locale.toString(qlonglong(cell.eligible)),
                                   locale.toString(100 * cell.changed / std::max(1.0, cell.eligible), 'f', 2),
                                   QString::number(cell.value(SparsityQuantity::RelativeChange), 'g', 3),
                                   QString::number(cell.value(SparsityQuantity::Threshold), 'g', 3)));
        }
    data.low = data.high = 0; // fitted: sparse fractions would all look alike on 0..1
    switch (quantity) {
    case SparsityQuantity::ChangedFraction:
        data.scaleTitle = Words::tr("changed / eligible");
        break;
    case SparsityQuantity::RelativeChange:
        data.scaleTitle = Words::tr("||delta|| / ||W0||");
        break;
    case SparsityQuantity::Threshold:
        data.scaleTitle = Words::tr("threshold");
        break;
    }
    return table;
}

SparsityTable layerTable(const std::vector<LayerLCell>& cells)
{
    std::vector<int> layers;
    std::set<int> ls;
    for (const LayerLCell& cell : cells) {
        if (std::find(layers.begin(), layers.end(), cell.layer) == layers.end())
            layers.push_back(cell.layer);
        ls.insert(cell.l);
    }
    std::sort(layers.begin(), layers.end(),
              [](int a, int b) { return unsigned(a) < unsigned(b); }); // -1 last
    SparsityTable table;
    HeatMap::Data& data = table.data;
    data.rowCount = int(layers.size());
    data.columnCount = int(ls.size());
    data.values.assign(layers.size() * ls.size(), none);
    table.tensors.resize(data.values.size());
    for (const int layer : layers)
        data.rows << (layer < 0 ? Words::tr("outside layers") : Words::tr("layer %1").arg(layer));
    for (const int l : ls)
        data.columns << QStringLiteral("l = %1").arg(l);
    for (const LayerLCell& cell : cells) {
        const auto row = std::find(layers.begin(), layers.end(), cell.layer) - layers.begin();
        const auto column = std::distance(ls.begin(), ls.find(cell.l));
        if (cell.eligible > 0)
            data.values[std::size_t(row) * ls.size() + std::size_t(column)] =
                double(cell.changed) / double(cell.eligible);
    }
    data.low = data.high = 0;
    data.scaleTitle = Words::tr("changed / eligible");
    return table;
}

QString sparsityCaption(const SparsityRecord& record)
{
    const QLocale locale;
    return Words::tr(
               "%1 of %2 eligible parameters changed: %3 % changed / eligible, %4 % changed / whole model.")
        .arg(locale.toString(qlonglong(record.changed)), locale.toString(qlonglong(record.eligible)),
             locale.toString(100 * record.changedOfEligible(), 'f', 2),
             locale.toString(100 * record.changedOfModel(), 'f', 2));
}

namespace {

/// How many of a tensor's values belong to each element. Counted by rule, not value by value: the map is
/// drawn again while a run goes on, and MACE's tensors have millions of values.
std::vector<std::int64_t> eligibleByElement(const ParameterInfo& tensor, std::int64_t elements)
{
    std::vector<std::int64_t> counts(std::size_t(elements), 0);
    const auto add = [&](std::int64_t count, std::int64_t stride) {
        const std::int64_t whole = count / (stride * elements), rest = count % (stride * elements);
        for (std::int64_t e = 0; e < elements; ++e)
            counts[std::size_t(e)] += whole * stride + std::clamp<std::int64_t>(rest - e * stride, 0, stride);
    };
    const auto axis = std::size_t(std::max(0, tensor.elementAxis));
    if (tensor.elementAxis >= 0 && axis < tensor.shape.size() && tensor.shape[axis] == elements) {
        std::int64_t stride = 1;
        for (std::size_t inner = axis + 1; inner < tensor.shape.size(); ++inner)
            stride *= tensor.shape[inner];
        add(tensor.count, stride);
        return counts;
    }
    for (const ParameterPath& path : tensor.paths)
        if (path.elementStride > 0)
            add(path.count, path.elementStride);
    return counts;
}

} // namespace

SparsityTable elementTable(const ModelDescription* model, const SparsityRecord& record,
                           const std::set<int>& present)
{
    SparsityTable table;
    if (!model)
        return table;
    std::vector<std::size_t> order(model->elements.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const int za = model->elements[a], zb = model->elements[b];
        const bool absentA = present.count(za) == 0, absentB = present.count(zb) == 0;
        return absentA != absentB ? absentB : za < zb;
    });
    std::map<std::string_view, const ParameterInfo*> infos;
    for (const ParameterInfo& info : model->tensors)
        infos[info.name] = &info;
    HeatMap::Data& data = table.data;
    const QLocale locale;
    for (const TensorChange& change : record.tensors) {
        const auto found = infos.find(change.tensor);
        if (found == infos.end() || change.elementChanged.size() != model->elements.size())
            continue;
        const std::vector<std::int64_t> eligible =
            eligibleByElement(*found->second, std::int64_t(model->elements.size()));
        data.rows << QString::fromStdString(change.tensor);
        for (const std::size_t e : order) {
            const double share =
                eligible[e] > 0 ? double(change.elementChanged[e]) / double(eligible[e]) : none;
            data.values.push_back(share);
            table.tensors.push_back({data.rows.back()});
            const auto name = elementName(model->elements[e]);
            data.tooltips << Words::tr("%1, %2%3\n%4 of %5 eligible changed (%6 %)")
                                 .arg(data.rows.back(),
                                      QString::fromUtf8(name.data(), qsizetype(name.size())),
                                      present.count(model->elements[e]) ? QString()
                                                                        : Words::tr(" (not in the data)"),
                                      locale.toString(qlonglong(change.elementChanged[e])),
                                      locale.toString(qlonglong(eligible[e])),
                                      locale.toString(100 * share, 'f', 2));
        }
    }
    data.rowCount = int(data.rows.size());
    data.columnCount = data.rowCount ? int(order.size()) : 0;
    std::vector<int> shown;
    for (const std::size_t e : order)
        shown.push_back(model->elements[e]);
    if (data.rowCount)
        data.columns = elementNames(shown);
    data.low = data.high = 0;
    data.scaleTitle = Words::tr("changed / eligible");
    return table;
}

HeatMap::Data periodicTable(const ParameterInfo& tensor, const std::vector<int>& elements,
                            const std::vector<float>& base, const std::vector<float>& tuned)
{
    HeatMap::Data data;
    const std::vector<int> element = elementOfValues(tensor, elements.size());
    if (element.empty() || tuned.size() != base.size() || element.size() != base.size())
        return data;
    std::vector<double> changed(elements.size()), total(elements.size());
    for (std::size_t i = 0; i < base.size(); ++i) {
        if (element[i] < 0)
            continue;
        const auto e = std::size_t(element[i]);
        total[e] += 1;
        changed[e] += base[i] != tuned[i];
    }
    data.rowCount = 9;
    data.columnCount = 18;
    data.values.assign(9 * 18, none);
    for (int i = 0; i < 9 * 18; ++i) {
        data.tooltips << QString();
        data.texts << QString();
    }
    const auto utf8 = [](std::string_view text) {
        return QString::fromUtf8(text.data(), qsizetype(text.size()));
    };
    for (int z = 1; z <= maxAtomicNumber; ++z) {
        const TablePlace place = tablePlace(z);
        if (place.row < 1 || place.row > 9 || place.column < 1 || place.column > 18)
            continue;
        const int index = (place.row - 1) * 18 + place.column - 1;
        data.texts[index] = utf8(elementSymbol(z));
        data.tooltips[index] = Words::tr("%1: not an element of this model").arg(utf8(elementName(z)));
    }
    for (std::size_t e = 0; e < elements.size(); ++e) {
        const TablePlace place = tablePlace(elements[e]);
        if (place.row < 1 || place.row > 9 || place.column < 1 || place.column > 18)
            continue;
        const int index = (place.row - 1) * 18 + place.column - 1;
        const double share = total[e] > 0 ? changed[e] / total[e] : none;
        data.values[std::size_t(index)] = share;
        data.tooltips[index] =
            Words::tr("%1: %2 % of %3 entries changed")
                .arg(utf8(elementName(elements[e])), QLocale().toString(100 * share, 'f', 2),
                     QLocale().toString(total[e], 'f', 0));
    }
    data.low = data.high = 0;
    data.scaleTitle = Words::tr("share of entries changed");
    data.plainGaps = true;
    return data;
}

QString indexText(const std::vector<std::int64_t>& shape, std::int64_t flat)
{
    QStringList parts;
    for (auto axis = shape.rbegin(); axis != shape.rend(); ++axis) {
        parts.prepend(QString::number(flat % *axis));
        flat /= *axis;
    }
    return QStringLiteral("[%1]").arg(parts.join(QStringLiteral(", ")));
}

} // namespace lodestone::gui
