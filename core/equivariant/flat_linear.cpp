#include "equivariant/flat_linear.h"

#include "base/error.h"
#include "equivariant/matrix_product.h"
#include "equivariant/tensor_product.h"

#include <torch/torch.h>

namespace lodestone {
namespace {

/// Where each block as stored lies among the merged ones: block and first channel.
struct Place {
    std::size_t block = 0;
    std::int64_t channel = 0;
};

std::vector<Place> placesOf(const Irreps& irreps)
{
    std::vector<Place> places;
    Place next;
    const IrrepBlock* before = nullptr;
    std::int64_t channels = 0;
    for (const IrrepBlock& block : irreps) {
        if (before && block.multiplicity > 0 && !(block.irrep == before->irrep)) {
            ++next.block;
            channels = 0;
        }
        next.channel = channels;
        places.push_back(next);
        channels += block.multiplicity;
        if (block.multiplicity > 0)
            before = &block;
    }
    return places;
}

torch::Tensor plus(const torch::Tensor& a, const torch::Tensor& b)
{
    return a.defined() ? a + b : b;
}

} // namespace

torch::Tensor toE3nnRows(const Features& features)
{
    std::vector<torch::Tensor> rows;
    for (const torch::Tensor& feature : features)
        rows.push_back(toE3nnLayout(feature));
    return torch::cat(rows, 1);
}

Features fromE3nnRows(const torch::Tensor& rows, const Irreps& irreps)
{
    Features features;
    std::int64_t column = 0;
    for (const IrrepBlock& block : irreps) {
        features.push_back(fromE3nnLayout(rows.slice(1, column, column + block.size()), block.irrep.l));
        column += block.size();
    }
    return features;
}

FlatLinear::FlatLinear(const LinearShape& shape) : m_in(merged(shape.in)), m_out(merged(shape.out))
{
    const std::vector<Place> ins = placesOf(shape.in), outs = placesOf(shape.out);
    for (std::size_t i = 0; i < shape.out.size(); ++i)
        m_outputs.push_back({shape.out[i], outs[i].block, {}, -1});
    std::int64_t offset = 0;
    for (const FlatPath& path : shape.paths) {
        const IrrepBlock& in = shape.in[static_cast<std::size_t>(path.in)];
        const Place& place = ins[static_cast<std::size_t>(path.in)];
        Output& output = m_outputs[static_cast<std::size_t>(path.out)];
        const std::int64_t columns = output.block.multiplicity;
        // Matrices that follow each other in rows and in the file are one matrix.
        Segment* last = output.segments.empty() ? nullptr : &output.segments.back();
        if (last && last->block == place.block && last->first + last->rows == place.channel &&
            last->offset + last->rows * columns == offset && last->factor == path.factor)
            last->rows += in.multiplicity;
        else if (in.multiplicity > 0)
            output.segments.push_back(
                {place.block, place.channel, in.multiplicity, columns, offset, path.factor});
        offset += in.multiplicity * columns;
    }
    std::int64_t bias = 0;
    for (const int block : shape.biases) {
        Output& output = m_outputs[static_cast<std::size_t>(block)];
        output.bias = bias;
        bias += output.block.multiplicity;
    }
}

/// Joins the outputs as stored to merged ones.
Features FlatLinear::collect(std::vector<torch::Tensor> outputs, const torch::Tensor& like,
                             std::int64_t n) const
{
    std::vector<std::vector<torch::Tensor>> parts(m_out.size());
    for (std::size_t i = 0; i < m_outputs.size(); ++i) {
        const IrrepBlock& block = m_outputs[i].block;
        if (block.multiplicity == 0)
            continue;
        if (!outputs[i].defined())
            outputs[i] = torch::zeros({n, block.irrep.size(), block.multiplicity}, like.options());
        parts[m_outputs[i].merged].push_back(outputs[i]);
    }
    Features features;
    for (const std::vector<torch::Tensor>& part : parts)
        features.push_back(part.size() == 1 ? part.front() : torch::cat(part, 2));
    return features;
}

Features FlatLinear::operator()(const Features& x, const torch::Tensor& weight,
                                const torch::Tensor& bias) const
{
    if (x.size() != m_in.size())
        fail<InternalError>("A linear layer of {} got {} blocks.", toString(m_in), x.size());
    std::vector<torch::Tensor> inputs, matrices; // of all segments
    for (const Output& output : m_outputs)
        for (const Segment& s : output.segments) {
            const torch::Tensor& feature = x[s.block];
            inputs.push_back(s.rows == feature.size(2) ? feature
                                                       : feature.slice(2, s.first, s.first + s.rows));
            matrices.push_back(
                weight.slice(0, s.offset, s.offset + s.rows * s.columns).view({s.rows, s.columns}) *
                s.factor);
        }
    const std::vector<torch::Tensor> products = matrixProducts(inputs, matrices);
    auto next = products.begin();
    std::vector<torch::Tensor> outputs(m_outputs.size());
    for (std::size_t i = 0; i < m_outputs.size(); ++i) {
        const Output& output = m_outputs[i];
        for (std::size_t n = 0; n < output.segments.size(); ++n)
            outputs[i] = plus(outputs[i], *next++);
        if (output.bias >= 0) {
            const torch::Tensor values = bias.slice(0, output.bias, output.bias + output.block.multiplicity);
            outputs[i] = outputs[i].defined()
                             ? outputs[i] + values
                             : values.expand({x.front().size(0), 1, output.block.multiplicity});
        }
    }
    return collect(std::move(outputs), x.front(), x.front().size(0));
}

Features FlatLinear::ofElements(const torch::Tensor& species, const torch::Tensor& weight) const
{
    std::vector<torch::Tensor> outputs(m_outputs.size());
    for (std::size_t i = 0; i < m_outputs.size(); ++i)
        for (const Segment& s : m_outputs[i].segments) {
            const torch::Tensor matrix =
                weight.slice(0, s.offset, s.offset + s.rows * s.columns).view({s.rows, s.columns}) * s.factor;
            outputs[i] = plus(outputs[i], matrix.index_select(0, species).unsqueeze(1));
        }
    return collect(std::move(outputs), weight, species.size(0));
}

torch::Tensor ElementGroups::grouped(const torch::Tensor& rows) const
{
    return order.defined() ? rows.index_select(0, order) : rows;
}

torch::Tensor ElementGroups::ungrouped(const torch::Tensor& rows) const
{
    return inverse.defined() ? rows.index_select(0, inverse) : rows;
}

ElementGroups groupByElement(const torch::Tensor& species)
{
    ElementGroups result;
    const torch::Tensor counts = torch::bincount(species).cpu();
    const auto* count = counts.data_ptr<std::int64_t>();
    std::vector<std::int64_t> present;
    std::int64_t first = 0;
    for (std::int64_t element = 0; element < counts.size(0); ++element) {
        if (count[element] == 0)
            continue;
        result.groups.push_back({element, first, count[element]});
        present.push_back(element);
        first += count[element];
    }
    result.present = torch::tensor(present, torch::kInt64).to(species.device());
    if (result.groups.size() > 1) {
        result.order = std::get<1>(species.sort(/*stable=*/true, 0, false));
        result.inverse = torch::empty_like(result.order);
        result.inverse.index_copy_(0, result.order, torch::arange(first, result.order.options()));
    }
    return result;
}

ElementGroups oneGroup(const torch::Tensor& species)
{
    ElementGroups result;
    if (species.size(0) > 0)
        result.groups.push_back({0, 0, species.size(0)});
    result.present = torch::zeros({static_cast<std::int64_t>(result.groups.size())}, species.options());
    return result;
}

ElementLinear::ElementLinear(const ElementLinearShape& shape) : m_shape(shape) {}

Features ElementLinear::operator()(const Features& x, const torch::Tensor& weight,
                                   const ElementGroups& groups) const
{
    if (x.size() != m_shape.in.size())
        fail<InternalError>("A linear layer of {} got {} blocks.", toString(m_shape.in), x.size());
    const std::int64_t n = x.front().size(0);
    Features outputs(m_shape.out.size());
    std::vector<torch::Tensor> sorted(x.size());
    std::int64_t offset = 0;
    for (const FlatPath& path : m_shape.paths) {
        const auto in = static_cast<std::size_t>(path.in), out = static_cast<std::size_t>(path.out);
        const std::int64_t rows = m_shape.in[in].multiplicity, columns = m_shape.out[out].multiplicity;
        const std::int64_t count = rows * m_shape.elements * columns;
        const torch::Tensor all =
            weight.slice(0, offset, offset + count).view({rows, m_shape.elements, columns});
        offset += count;
        const std::vector<torch::Tensor> matrices =
            (all.index_select(1, groups.present) * path.factor).permute({1, 0, 2}).unbind(0);
        if (!sorted[in].defined())
            sorted[in] = groups.grouped(x[in]);
        std::vector<torch::Tensor> parts;
        for (std::size_t g = 0; g < groups.groups.size(); ++g) {
            const ElementGroups::Group& group = groups.groups[g];
            parts.push_back(
                matrixProduct(sorted[in].slice(0, group.first, group.first + group.count), matrices[g]));
        }
        if (!parts.empty())
            outputs[out] = plus(outputs[out], groups.ungrouped(torch::cat(parts, 0)));
    }
    for (std::size_t i = 0; i < outputs.size(); ++i)
        if (!outputs[i].defined())
            outputs[i] = torch::zeros({n, m_shape.out[i].irrep.size(), m_shape.out[i].multiplicity},
                                      x.front().options());
    return outputs;
}

} // namespace lodestone
