#include "model/tensor_slices.h"
#include "crystal/elements.h"
#include "model/block_tree_model.h"

#include <QtCore/QCoreApplication>
#include <cmath>

namespace lodestone::gui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(TensorSlices)
};

QString irrep(int l, int parity)
{
    return QString::number(l) + (parity < 0 ? QLatin1Char('o') : QLatin1Char('e'));
}

TensorSlice wholeTensor(const ParameterInfo& tensor, const std::vector<int>& elements)
{
    TensorSlice slice;
    slice.columns = tensor.shape.empty() ? 1 : tensor.shape.back();
    slice.rows = slice.columns > 0 ? tensor.count / slice.columns : 0;
    slice.title = shapeText(tensor.shape);
    const auto axes = int(tensor.shape.size());
    const auto length = [&](int axis) { return tensor.shape[std::size_t(axis)]; };
    const auto known = std::int64_t(elements.size());
    if (axes == 2 && tensor.elementAxis == 0 && length(0) == known) {
        slice.rowNames = elementNames(elements);
        slice.rowsAre = Words::tr("element");
    }
    if (axes >= 1 && tensor.elementAxis == axes - 1 && length(axes - 1) == known) {
        slice.columnNames = elementNames(elements);
        slice.columnsAre = Words::tr("element");
    }
    return slice;
}

TensorSlice slicePath(const ParameterPath& path, const std::vector<int>& elements)
{
    TensorSlice slice;
    slice.offset = path.offset;
    const auto known = std::int64_t(elements.size());
    if (path.elementStride > 0 && known > 0 && path.count % (path.elementStride * known) == 0) {
        slice.elements = known;
        slice.elementStride = path.elementStride;
        slice.rows = known;
        slice.columns = path.count / known;
        slice.rowNames = elementNames(elements);
        slice.rowsAre = Words::tr("element");
        slice.columnsAre = Words::tr("channel");
    } else if (path.multiplicityIn * path.multiplicityOut == path.count && path.count > 0) {
        slice.rows = path.multiplicityIn;
        slice.columns = path.multiplicityOut;
        slice.rowsAre = Words::tr("channel in");
        slice.columnsAre = Words::tr("channel out");
    } else {
        slice.rows = path.count > 0 ? 1 : 0;
        slice.columns = path.count;
    }
    slice.title = QStringLiteral("%1 → %2, %3 × %4")
                      .arg(irrep(path.lIn, path.parityIn), irrep(path.lOut, path.parityOut))
                      .arg(slice.rows)
                      .arg(slice.columns);
    return slice;
}

} // namespace

QStringList elementNames(const std::vector<int>& elements)
{
    QStringList names;
    for (const int z : elements)
        names << QString::fromUtf8(elementSymbol(z).data(), qsizetype(elementSymbol(z).size()));
    return names;
}

std::vector<TensorSlice> tensorSlices(const ParameterInfo& tensor, const std::vector<int>& elements)
{
    std::int64_t covered = 0;
    bool overElements = false;
    for (const ParameterPath& path : tensor.paths) {
        covered += path.count;
        overElements = overElements || path.elementStride > 0;
    }
    // A flat list hides its matrices in its paths; a shaped tensor is one already.
    const bool flat = tensor.shape.size() < 2;
    if (covered != tensor.count || !(flat || overElements))
        return {wholeTensor(tensor, elements)};
    std::vector<TensorSlice> slices;
    for (const ParameterPath& path : tensor.paths)
        slices.push_back(slicePath(path, elements));
    return slices;
}

HeatMap::Data sliceMatrix(const QString& name, const TensorSlice& slice, const std::vector<float>& base,
                          const std::vector<float>& tuned, int quantity)
{
    HeatMap::Data data;
    data.rowCount = int(slice.rows);
    data.columnCount = int(slice.columns);
    data.rows = slice.rowNames;
    data.columns = slice.columnNames;
    data.title = name;
    data.diverging = quantity != 0;
    data.low = data.high = 0;
    data.scaleTitle = quantity == 0   ? Words::tr("|delta|")
                      : quantity == 1 ? Words::tr("delta")
                      : quantity == 2 ? Words::tr("base weight")
                                      : Words::tr("tuned weight");
    data.values.reserve(std::size_t(slice.rows * slice.columns));
    for (std::int64_t row = 0; row < slice.rows; ++row)
        for (std::int64_t column = 0; column < slice.columns; ++column) {
            const auto flat = std::size_t(slice.flat(row, column));
            const double before = flat < base.size() ? double(base[flat]) : std::nan("");
            const double now = flat < tuned.size() ? double(tuned[flat]) : before;
            data.values.push_back(quantity == 0   ? std::abs(now - before)
                                  : quantity == 1 ? now - before
                                  : quantity == 2 ? before
                                                  : now);
        }
    return data;
}

} // namespace lodestone::gui
