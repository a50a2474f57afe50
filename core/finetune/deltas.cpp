#include "finetune/deltas.h"
#include "base/error.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <torch/torch.h>

namespace lodestone {
namespace {

/// The threshold of every entry: segment thresholds repeated over their segments.
torch::Tensor spread(const torch::Tensor& perSegment, const std::vector<std::int64_t>& sizes)
{
    std::vector<torch::Tensor> pieces;
    pieces.reserve(sizes.size());
    for (std::size_t i = 0; i < sizes.size(); ++i)
        pieces.push_back(perSegment.select(0, static_cast<std::int64_t>(i)).expand({sizes[i]}));
    return torch::cat(pieces);
}

class SoftThreshold : public torch::autograd::Function<SoftThreshold> {
public:
    static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& values,
                                 const torch::Tensor& logits, const std::vector<std::int64_t>& sizes)
    {
        const auto threshold = spread(logits.sigmoid(), sizes);
        context->save_for_backward({values, logits, threshold});
        context->saved_data["sizes"] = sizes;
        return values.sign() * (values.abs() - threshold).relu();
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   const torch::autograd::variable_list& gradients)
    {
        const auto saved = context->get_saved_variables();
        const auto& values = saved[0];
        const auto t = saved[1].sigmoid();
        const auto sizes = context->saved_data["sizes"].toIntVector();
        const auto passed = gradients[0] * (values.abs() > saved[2]);
        std::vector<torch::Tensor> sums;
        for (const auto& piece : (passed * values.sign()).split_with_sizes(sizes))
            sums.push_back(piece.sum());
        return {passed, -t * (1 - t) * torch::stack(sums), torch::Tensor()};
    }
};

std::vector<std::int64_t> changedByElement(const ParameterInfo& info, std::size_t elements,
                                           const double* delta)
{
    const std::vector<int> element = elementOfValues(info, elements);
    std::vector<std::int64_t> counts(element.empty() ? 0 : elements);
    for (std::size_t i = 0; i < element.size(); ++i)
        if (element[i] >= 0 && delta[i] != 0)
            ++counts[static_cast<std::size_t>(element[i])];
    return counts;
}

std::vector<double> toDoubles(const torch::Tensor& tensor)
{
    const auto flat = tensor.detach().to(torch::kCPU, torch::kFloat64).contiguous();
    return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

/// The k-th smallest of `values`, which are put into another order; nothing if there is a NaN among them.
template<class Real>
std::optional<double> kthSmallest(torch::Tensor& values, std::int64_t k)
{
    Real* const begin = values.data_ptr<Real>();
    Real* const end = begin + values.numel();
    if (std::any_of(begin, end, [](Real x) { return std::isnan(x); }))
        return std::nullopt;
    std::nth_element(begin, begin + (k - 1), end);
    return double(begin[k - 1]);
}

} // namespace

torch::Tensor softThreshold(const torch::Tensor& values, const torch::Tensor& logits,
                            const std::vector<std::int64_t>& sizes)
{
    return SoftThreshold::apply(values, logits, sizes);
}

double thresholdKeeping(const torch::Tensor& values, std::int64_t keep)
{
    torch::Tensor magnitudes = values.detach().abs().flatten();
    const std::int64_t pruned = std::min(magnitudes.numel() - keep, magnitudes.numel());
    if (pruned <= 0)
        return 0;
    // Every step asks for it several times; LibTorch's kthvalue, which also finds where the value stands,
    // takes two to three times as long on a processor.
    std::optional<double> found;
    if (magnitudes.device().is_cpu() && magnitudes.scalar_type() == torch::kFloat32)
        found = kthSmallest<float>(magnitudes, pruned);
    else if (magnitudes.device().is_cpu() && magnitudes.scalar_type() == torch::kFloat64)
        found = kthSmallest<double>(magnitudes, pruned);
    return found ? *found : std::get<0>(magnitudes.kthvalue(pruned)).item<double>();
}

std::int64_t scheduledKeep(std::int64_t eligible, std::int64_t parameters, double targetFraction,
                           double progress)
{
    const auto target = std::min(
        eligible, std::max<std::int64_t>(1, std::llround(targetFraction * static_cast<double>(parameters))));
    const double reached = std::min(1.0, 2 * progress);
    if (reached >= 1)
        return target;
    const double ratio = static_cast<double>(target) / static_cast<double>(eligible);
    return std::clamp(std::llround(static_cast<double>(eligible) * std::pow(ratio, reached)),
                      static_cast<long long>(target), static_cast<long long>(eligible));
}

std::vector<PathMatrix> pathMatrices(const ParameterInfo& tensor)
{
    const auto matrix = [&tensor](std::int64_t count, std::int64_t columns) {
        if (columns < 1 || count % columns != 0)
            throw InternalError("The values of \"" + tensor.name + "\" are no matrix of its channels.");
        return PathMatrix{count / columns, columns};
    };
    if (tensor.paths.size() < 2 && tensor.shape.size() > 1)
        return {matrix(tensor.count, tensor.shape.back())};
    if (tensor.paths.empty())
        return {matrix(tensor.count, tensor.count)};
    auto paths = tensor.paths;
    std::sort(paths.begin(), paths.end(),
              [](const ParameterPath& a, const ParameterPath& b) { return a.offset < b.offset; });
    std::vector<PathMatrix> matrices;
    for (const ParameterPath& path : paths)
        matrices.push_back(matrix(path.count, path.multiplicityOut));
    return matrices;
}

DeltaSet::DeltaSet(const ModelDescription& model, const std::vector<bool>& selected, ParameterTable base,
                   const DeltaOptions& options, std::uint64_t seed)
    : m_model(model),
      m_base(std::move(base)),
      m_options(options)
{
    for (std::size_t i = 0; i < model.tensors.size(); ++i) {
        if (!selected.at(i))
            continue;
        const ParameterInfo& info = model.tensors[i];
        const std::size_t part = m_parts.size();
        m_parts.push_back({i, m_eligible, info.count});
        m_partSizes.push_back(info.count);
        m_baseNorms.push_back(euclideanNorm(m_base.at(info.name)));
        if (options.perPath && !info.paths.empty()) {
            auto paths = info.paths;
            std::sort(paths.begin(), paths.end(),
                      [](const ParameterPath& a, const ParameterPath& b) { return a.offset < b.offset; });
            for (const ParameterPath& path : paths) {
                m_segmentSizes.push_back(path.count);
                m_segmentPart.push_back(part);
            }
        } else {
            m_segmentSizes.push_back(info.count);
            m_segmentPart.push_back(part);
        }
        m_eligible += info.count;
        if (options.kind == DeltaKind::LowRank)
            for (const PathMatrix& matrix : pathMatrices(info))
                m_matrices.push_back(matrix);
    }
    if (m_eligible == 0)
        throw Error("No parameter is selected: choose at least one block under \"blocks\".");
    if (std::accumulate(m_segmentSizes.begin(), m_segmentSizes.end(), std::int64_t{0}) != m_eligible)
        throw InternalError("The paths of a tensor do not cover it.");

    const auto like = m_base.at(model.tensors[m_parts.front().tensor].name).options().requires_grad(false);
    m_values = startValues(like, seed);
    m_values.requires_grad_(true);
    if (options.kind == DeltaKind::Learnt) {
        const double t = options.initialThreshold;
        m_logits =
            torch::full({static_cast<std::int64_t>(m_segmentSizes.size())}, std::log(t / (1 - t)), like);
        m_logits.requires_grad_(true);
    }
}

torch::Tensor DeltaSet::startValues(const torch::TensorOptions& like, std::uint64_t seed) const
{
    if (m_options.kind == DeltaKind::Dense)
        return torch::zeros({m_eligible}, like);
    // Drawn in double on the CPU: the same start for every device and dtype.
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    const auto real = torch::dtype(torch::kFloat64);
    if (m_options.kind != DeltaKind::LowRank) {
        const auto values = torch::randn({m_eligible}, generator, real).mul_(m_options.sigma);
        clearAbsent(values.data_ptr<double>());
        return values.to(like);
    }
    std::vector<torch::Tensor> factors;
    for (const PathMatrix& matrix : m_matrices) {
        const std::int64_t rank = matrix.rank(m_options.rank);
        factors.push_back(torch::randn({matrix.rows * rank}, generator, real));
        factors.push_back(torch::zeros({rank * matrix.columns}, real));
    }
    return torch::cat(factors).to(like);
}

void DeltaSet::clearAbsent(double* values) const
{
    if (m_options.absent.empty())
        return;
    for (const Part& part : m_parts) {
        const auto elements = elementOfValues(m_model.tensors[part.tensor], m_model.elements.size());
        for (std::size_t i = 0; i < elements.size(); ++i)
            if (elements[i] >= 0 && m_options.absent.at(static_cast<std::size_t>(elements[i])))
                values[part.offset + static_cast<std::int64_t>(i)] = 0;
    }
}

torch::Tensor DeltaSet::products(const torch::Tensor& factors) const
{
    const double scale = m_options.alpha / static_cast<double>(m_options.rank);
    std::vector<torch::Tensor> pieces;
    pieces.reserve(m_matrices.size());
    std::int64_t offset = 0;
    const auto next = [&](std::int64_t rows, std::int64_t columns) {
        const auto factor = factors.narrow(0, offset, rows * columns).view({rows, columns});
        offset += rows * columns;
        return factor;
    };
    for (const PathMatrix& matrix : m_matrices) {
        const std::int64_t rank = matrix.rank(m_options.rank);
        const auto left = next(matrix.rows, rank);
        const auto right = next(rank, matrix.columns);
        pieces.push_back(left.mm(right).flatten());
    }
    return torch::cat(pieces) * scale;
}

torch::Tensor DeltaSet::delta(const DeltaPoint& point) const
{
    switch (m_options.kind) {
    case DeltaKind::Learnt:
        return softThreshold(point.values, point.logits, m_segmentSizes);
    case DeltaKind::Target:
        return torch::softshrink(point.values, thresholdKeeping(point.values, point.keep));
    case DeltaKind::LowRank:
        return products(point.values);
    case DeltaKind::Dense:
        break;
    }
    return point.values;
}

torch::Tensor DeltaSet::unpruned(const DeltaPoint& point) const
{
    const torch::NoGradGuard guard;
    if (m_options.kind == DeltaKind::Dense || m_options.kind == DeltaKind::LowRank)
        return torch::ones_like(point.values);
    const auto magnitudes = point.values.abs();
    if (m_options.kind == DeltaKind::Target)
        return (magnitudes > thresholdKeeping(point.values, point.keep)).to(magnitudes.scalar_type());
    return (magnitudes > spread(point.logits.sigmoid(), m_segmentSizes)).to(magnitudes.scalar_type());
}

ParameterTable DeltaSet::table(const torch::Tensor& delta) const
{
    ParameterTable result = m_base;
    const auto pieces = delta.split_with_sizes(m_partSizes);
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        const std::string& name = m_model.tensors[m_parts[i].tensor].name;
        const auto& base = m_base.at(name);
        result.set(name, base + pieces[i].view(base.sizes()));
    }
    return result;
}

std::vector<double> DeltaSet::segmentThresholds(const DeltaPoint& point) const
{
    switch (m_options.kind) {
    case DeltaKind::Learnt:
        return toDoubles(point.logits.detach().sigmoid());
    case DeltaKind::Target:
        return std::vector<double>(m_segmentSizes.size(), thresholdKeeping(point.values, point.keep));
    case DeltaKind::LowRank:
    case DeltaKind::Dense:
        break;
    }
    return std::vector<double>(m_segmentSizes.size(), 0.0);
}

std::vector<double> DeltaSet::thresholds(const DeltaPoint& point) const
{
    const std::vector<double> segments = segmentThresholds(point);
    std::vector<double> sums(m_parts.size(), 0);
    std::vector<double> counts(m_parts.size(), 0);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        sums[m_segmentPart[i]] += segments[i];
        counts[m_segmentPart[i]] += 1;
    }
    for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] /= counts[i];
    return sums;
}

SparsityRecord DeltaSet::record(const DeltaPoint& point) const
{
    const torch::NoGradGuard guard;
    const std::vector<double> delta = toDoubles(this->delta(point));
    const std::vector<double> thresholds = this->thresholds(point);
    SparsityRecord record;
    record.parameters = m_model.parameters;
    record.eligible = m_eligible;
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        const ParameterInfo& info = m_model.tensors[m_parts[i].tensor];
        const double* values = delta.data() + m_parts[i].offset;
        const auto nonZero = [values](std::int64_t from, std::int64_t count) {
            return std::count_if(values + from, values + from + count, [](double v) { return v != 0; });
        };
        TensorChange change;
        change.tensor = info.name;
        change.eligible = info.count;
        change.changed = nonZero(0, info.count);
        change.threshold = thresholds[i];
        change.deltaNorm = std::sqrt(std::inner_product(values, values + info.count, values, 0.0));
        change.baseNorm = m_baseNorms[i];
        for (const ParameterPath& path : info.paths)
            change.pathChanged.push_back(nonZero(path.offset, path.count));
        change.elementChanged = changedByElement(info, m_model.elements.size(), values);
        record.changed += change.changed;
        record.tensors.push_back(std::move(change));
    }
    return record;
}

} // namespace lodestone
