#include "sparsity/explanation_table.h"

#include <QtCore/QCoreApplication>
#include <algorithm>
#include <cmath>

namespace lodestone::gui {

namespace {

constexpr const char* where = "explanation.json";

struct Words {
    Q_DECLARE_TR_FUNCTIONS(ExplanationTable)
};

std::size_t placeOf(QStringList& names, const QString& name)
{
    if (!names.contains(name))
        names << name;
    return std::size_t(names.indexOf(name));
}

SparsityTable signatureTable(const Json& tensors)
{
    SparsityTable table;
    HeatMap::Data& data = table.data;
    struct Entry {
        std::size_t row, column;
        QString name;
        double signature, relative;
    };
    std::vector<Entry> entries;
    for (const Json& tensor : tensors) {
        const auto name = jsonMember<std::string>(tensor, "tensor", where);
        const auto block = jsonMember<std::string>(tensor, "block", where);
        const std::string leaf =
            name.starts_with(block + "/") ? name.substr(block.size() + 1) : std::string();
        entries.push_back({placeOf(data.rows, QString::fromStdString(block)),
                           placeOf(data.columns, QString::fromStdString(leaf)), QString::fromStdString(name),
                           jsonMember<double>(tensor, "signature", where),
                           jsonMember<double>(tensor, "relative_change", where)});
    }
    const std::size_t columns = std::size_t(data.columns.size());
    data.values.assign(std::size_t(data.rows.size()) * columns, std::nan(""));
    table.tensors.resize(data.values.size());
    data.tooltips.resize(qsizetype(data.values.size()));
    for (const Entry& entry : entries) {
        const std::size_t at = entry.row * columns + entry.column;
        data.values[at] = entry.signature;
        table.tensors[at] << entry.name;
        data.tooltips[qsizetype(at)] = Words::tr("%1\nsignature 1 - R² %2\nrelative change %3")
                                           .arg(entry.name, QString::number(entry.signature, 'g', 3),
                                                QString::number(entry.relative, 'g', 3));
    }
    data.scaleTitle = Words::tr("1 - R² of old and new weights");
    return table;
}

SparsityTable sensitivityTable(const Json& sensitivity)
{
    SparsityTable table;
    HeatMap::Data& data = table.data;
    const auto tuned = jsonMember<double>(sensitivity, "loss_tuned", where);
    data.columns << Words::tr("without its changes");
    for (const Json& block : jsonMember<Json>(sensitivity, "blocks", where)) {
        const auto loss = jsonMember<double>(block, "loss", where);
        const auto name = QString::fromStdString(jsonMember<std::string>(block, "block", where));
        data.rows << name;
        data.values.push_back(tuned > 0 ? loss / tuned - 1 : std::nan(""));
        table.tensors.emplace_back();
        data.tooltips << Words::tr("%1\nloss %2 without its changes, %3 with them")
                             .arg(name, QString::number(loss, 'g', 4), QString::number(tuned, 'g', 4));
    }
    data.diverging = true; // a block whose changes do harm is below zero
    data.scaleTitle = Words::tr("rise of the loss / loss of the tuned model");
    return table;
}

} // namespace

SparsityTable explanationTable(const Json& explanation, ExplanationQuantity quantity)
{
    SparsityTable table = quantity == ExplanationQuantity::Signature
                              ? signatureTable(jsonMember<Json>(explanation, "tensors", where))
                              : sensitivityTable(jsonMember<Json>(explanation, "sensitivity", where));
    table.data.rowCount = int(table.data.rows.size());
    table.data.columnCount = table.data.rowCount ? int(table.data.columns.size()) : 0;
    table.data.low = table.data.high = 0;
    return table;
}

} // namespace lodestone::gui
