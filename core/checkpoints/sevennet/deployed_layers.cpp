// Layers of a deployed model: messages, radial networks, gates.
#include "checkpoints/sevennet/deployed_edges.h"
#include "checkpoints/sevennet/deployed_reader.h"
#include "checkpoints/torch/script_function.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lodestone {

DeployedLayer DeployedTextReader::layer()
{
    DeployedLayer layer;
    const std::int64_t width = m_width;
    // The one-hot elements are the attributes of the self connection, and the features only at the beginning.
    if (m_x != m_elementNode)
        m_reader.addRow(m_elementNode, DeployedSource::Elements, m_model.elements);
    const int connection = next("self_cont_tmp");
    layer.selfConnection = linear(connection, width);
    modality();
    layer.first = linear(next("x"), width);
    convolution(next("x"), layer);
    modality();
    const std::int64_t sums = m_width;
    layer.second = linear(next("x"), sums);
    const int total = next("x");
    const ScriptNode& sum = m_program.node(total);
    if (!sum.isCall("torch.add") || sum.arguments.size() != 2 ||
        std::set<int>{sum.arguments[0], sum.arguments[1]} != std::set<int>{m_x, connection})
        failAt(total, "the self connection is not added");
    setX(total, m_width);
    gate(next("x"), layer);
    return layer;
}

void DeployedTextReader::convolution(int node, DeployedLayer& layer)
{
    const ScriptNode& quotient = m_program.node(node);
    if (!quotient.isCall("torch.div") || quotient.arguments.size() != 2 ||
        m_program.argument(node, 1).kind != ScriptNode::Kind::Constant)
        failAt(node, "the sums over neighbours are not divided by a constant");
    layer.denominator = m_program.argument(node, 1).index;
    const ScriptNode& scatter = m_program.argument(node, 0);
    if ((!scatter.isCall("torch.scatter_add_") && !scatter.isCall("torch.scatter_reduce_")) ||
        scatter.arguments.size() < 4)
        failAt(node, "no sum over neighbours stands here");
    const int message = scatter.arguments[3];
    int index = scatter.arguments[2]; // expanded from the centres of the edges
    while (selectedEnd(m_program, index) < 0 && !m_program.node(index).arguments.empty())
        index = m_program.node(index).arguments[0];
    if (selectedEnd(m_program, index) != 0)
        failAt(node, "messages are not summed on the centres of edges");

    int gathered = -1, weights = -1;
    for (const int parent : ancestors(m_program, message)) {
        if (m_program.node(parent).isCall("torch.index"))
            gathered = std::max(gathered, parent);
        if (m_program.node(parent).isCall("torch.matmul"))
            weights = std::max(weights, parent);
    }
    if (gathered < 0 || weights < 0 || m_program.node(gathered).arguments.size() != 2 ||
        m_program.node(gathered).arguments[0] != m_x ||
        selectedEnd(m_program, m_program.node(gathered).arguments[1]) != 1)
        failAt(message, "messages are not made of the neighbours' features");
    radial(weights, layer);
    m_reader.addRow(gathered, DeployedSource::Features, m_width);
    m_reader.addRow(weights, DeployedSource::Weights, m_constants.shape(layer.radial.back()).back());
    std::int64_t width = 0;
    for (const int piece : pieces(message)) {
        const ScriptTensor tensor = m_reader.read(piece);
        if (tensor.products.size() != 1)
            failAt(piece, "a message is no single product");
        DeployedMessage path = messagePath(piece, tensor.products.front());
        path.output.first = width;
        width += path.output.size();
        layer.messages.push_back(std::move(path));
    }
    setX(node, width);
}

DeployedMessage DeployedTextReader::messagePath(int node, const ScriptProduct& product) const
{
    const DeployedParts parts = sorted(node, product);
    if (parts.rows.size() != 3 || !parts.rows.contains(DeployedSource::Features) ||
        !parts.rows.contains(DeployedSource::Harmonics) || !parts.rows.contains(DeployedSource::Weights) ||
        parts.constants.size() > 1)
        failAt(node, "a message is not understood");
    const ScriptFactor &row = *parts.rows.at(DeployedSource::Features),
                       &harmonic = *parts.rows.at(DeployedSource::Harmonics),
                       &weight = *parts.rows.at(DeployedSource::Weights);
    const std::vector<int>& out = product.axes[1];
    const std::vector<int>& channels = weight.labels;
    std::vector<int> in = row.labels, made = out;
    // Channels come first wherever they are; what is left are components.
    for (std::vector<int>* labels : {&in, &made}) {
        if (labels->size() < channels.size() ||
            !std::equal(channels.begin(), channels.end(), labels->begin()))
            failAt(node, "the channels of a message are not understood");
        labels->erase(labels->begin(), labels->begin() + static_cast<std::ptrdiff_t>(channels.size()));
    }
    DeployedMessage message;
    message.input = {row.offset, length(channels), degree(node, in)};
    message.output = {0, length(channels), degree(node, made)};
    message.l2 = degree(node, harmonic.labels);
    if (harmonic.offset != std::int64_t{message.l2} * message.l2)
        failAt(node, "a message uses columns that are no harmonic");
    message.column = weight.offset;
    message.scalar = product.scalar;
    const std::vector<int>* ends[] = {&in, &harmonic.labels, &made};
    if (parts.constants.empty()) {
        // One degree is zero, the components of the other two run together.
        std::vector<std::vector<int>> running;
        for (const std::vector<int>* end : ends)
            if (!end->empty())
                running.push_back(*end);
        if (running.size() > 2 || (running.size() == 2 && running[0] != running[1]) || running.size() == 1)
            failAt(node, "a message lacks its coupling");
        return message;
    }
    message.constant = parts.constants[0]->source;
    for (const int label : parts.constants[0]->labels)
        for (int i = 0; i < 3; ++i)
            if (!ends[i]->empty() && ends[i]->front() == label)
                message.constantAxes.push_back(i);
    if (parts.constants[0]->labels.size() != 3 || message.constantAxes.size() != 3 ||
        parts.constants[0]->offset != 0 || in == made || in == harmonic.labels || made == harmonic.labels)
        failAt(node, "the coupling of a message is not understood");
    return message;
}

void DeployedTextReader::radial(int node, DeployedLayer& layer)
{
    std::vector<Activation> found;
    while (node != m_embedding) {
        const ScriptNode& product = m_program.node(node);
        if (!product.isCall("torch.matmul") || product.arguments.size() != 2)
            failAt(node, "the radial network is not understood");
        const ScriptTensor matrix = m_reader.read(product.arguments[1]);
        if (matrix.products.size() != 1 || matrix.products[0].factors.size() != 1 ||
            matrix.products[0].factors[0].kind != ScriptFactor::Kind::Constant ||
            matrix.products[0].factors[0].offset != 0)
            failAt(node, "a matrix of the radial network is no constant");
        layer.radial.insert(layer.radial.begin(), matrix.products[0].factors[0].source);
        layer.radialFactors.insert(layer.radialFactors.begin(), matrix.products[0].scalar);
        if (m_constants.shape(layer.radial.front()).size() != 2)
            failAt(node, "a matrix of the radial network is no matrix");
        node = product.arguments[0];
        if (node == m_embedding)
            break;
        double outer = 1;
        while (!readActivation(m_program, m_constants, node) && m_program.node(node).isCall("torch.mul") &&
               m_reader.scalar(m_program.node(node).arguments.at(1))) {
            outer *= *m_reader.scalar(m_program.node(node).arguments[1]);
            node = m_program.node(node).arguments[0];
        }
        std::optional<std::pair<Activation, int>> activation = readActivation(m_program, m_constants, node);
        if (!activation)
            failAt(node, "the activation of the radial network is not understood");
        activation->first.factor *= outer;
        found.push_back(activation->first);
        node = activation->second;
    }
    for (const Activation& activation : found)
        if (activation.kind != found.front().kind || activation.factor != found.front().factor)
            failAt(node, "the radial network has several activations");
    if (!found.empty())
        layer.radialActivation = found.front();
}

int DeployedTextReader::taken(int node) const
{
    const ScriptNode& choice = m_program.node(node);
    if (choice.kind != ScriptNode::Kind::Choice)
        return node;
    const ScriptNode& condition = m_program.node(choice.arguments[0]);
    const ScriptNode* item = condition.isCall("bool") && condition.arguments.size() == 1
                                 ? &m_program.node(condition.arguments[0])
                                 : nullptr;
    if (!item || item->kind != ScriptNode::Kind::Item ||
        !m_program.node(item->arguments[0]).isCall("torch.size"))
        failAt(node, "a condition is not understood");
    const int row = m_program.argument(item->arguments[0], 0).kind == ScriptNode::Kind::Name
                        ? -1
                        : m_program.node(item->arguments[0]).arguments[0];
    if (row < 0)
        failAt(node, "a condition is not understood");
    return choice.arguments[poolWidth(row) > 0 ? 1 : 2];
}

std::int64_t DeployedTextReader::poolWidth(int node) const
{
    while (m_program.node(node).kind == ScriptNode::Kind::Paste)
        node = m_program.node(node).arguments[0];
    const ScriptNode& base = m_program.node(node);
    if (base.isCall("torch.new_zeros") && base.arguments.size() == 2)
        return m_reader.lastOfShape(base.arguments[1]);
    if (base.isCall("torch.narrow") && base.arguments.size() == 4)
        return m_reader.integer(base.arguments[3]);
    failAt(node, "a row of the gate is not understood");
}

DeployedChannels DeployedTextReader::channels(int node, const Activation& activation, int argument) const
{
    const std::int64_t count = poolWidth(argument);
    const ScriptTensorReader::Columns columns = m_reader.columns(argument, 0, count);
    if (columns.source != DeployedSource::Features)
        failAt(node, "a gate takes columns of something else");
    return {columns.first, count, activation};
}

void DeployedTextReader::gate(int node, DeployedLayer& layer)
{
    std::int64_t width = 0;
    for (const int piece : pieces(taken(node))) {
        DeployedGate made;
        if (const auto activation = readActivation(m_program, m_constants, piece)) {
            const DeployedChannels scalars = channels(piece, activation->first, activation->second);
            made.values = {scalars.first, scalars.count, 0};
            made.activation = activation->first;
        } else {
            made = gated(piece);
        }
        width += made.values.size();
        layer.gate.push_back(made);
    }
    setX(node, width);
}

DeployedGate DeployedTextReader::gated(int node)
{
    std::vector<int> open = {node};
    std::set<int> seen;
    int pool = -1, gates = -1;
    const auto allActivations = [&](int candidate) {
        const std::vector<int> parts = pieces(candidate);
        return std::all_of(parts.begin(), parts.end(), [&](int part) {
            return readActivation(m_program, m_constants, part).has_value();
        });
    };
    while (!open.empty()) {
        const int next = open.back();
        open.pop_back();
        if (!seen.insert(next).second || next == m_x)
            continue;
        const ScriptNode& n = m_program.node(next);
        if (n.kind == ScriptNode::Kind::Paste) {
            pool = std::max(pool, next);
        } else if (n.kind == ScriptNode::Kind::Call && allActivations(next)) {
            gates = std::max(gates, next);
        } else if (!n.isCall("torch.size") && !n.isCall("torch.add")) {
            open.insert(open.end(), n.arguments.begin(), n.arguments.end());
        }
    }
    if (gates < 0)
        failAt(node, "a gated part has no gates");
    std::vector<DeployedChannels> openings;
    std::int64_t gateWidth = 0;
    for (const int part : pieces(gates)) {
        const auto activation = readActivation(m_program, m_constants, part);
        openings.push_back(channels(part, activation->first, activation->second));
        gateWidth += openings.back().count;
    }
    m_reader.addRow(gates, DeployedSource::Gates, gateWidth);
    if (pool >= 0)
        m_reader.addRow(pool, DeployedSource::Pool, poolWidth(pool));
    const ScriptTensor tensor = m_reader.read(node);
    if (tensor.products.size() != 1)
        failAt(node, "a gated part is no single product");
    return gatedProduct(node, tensor.products.front(), pool, openings);
}

DeployedGate DeployedTextReader::gatedProduct(int node, const ScriptProduct& product, int pool,
                                              const std::vector<DeployedChannels>& openings)
{
    const DeployedParts parts = sorted(node, product);
    const std::int64_t source =
        parts.rows.contains(DeployedSource::Pool) ? DeployedSource::Pool : DeployedSource::Features;
    if (parts.rows.size() != 2 || !parts.constants.empty() || !parts.rows.contains(source) ||
        !parts.rows.contains(DeployedSource::Gates) || std::abs(product.scalar - 1) > 1e-6)
        failAt(node, "a gated part is not understood");
    const ScriptFactor &values = *parts.rows.at(source), &gates = *parts.rows.at(DeployedSource::Gates);
    const std::vector<int> opened = common(values.labels, gates.labels);
    std::vector<int> components = values.labels;
    components.erase(components.begin(), components.begin() + static_cast<std::ptrdiff_t>(opened.size()));
    if (gates.labels != opened || values.labels != after(opened, components) ||
        product.axes[1] != values.labels)
        failAt(node, "a gated part is not understood");
    DeployedGate made;
    made.values = {values.offset, length(opened), degree(node, components)};
    if (source == DeployedSource::Pool) {
        // The pool's own columns come from the row before the gate; it is read there without the pool as a
        // row.
        ScriptTensorReader origin(m_program, m_constants.shape);
        origin.addRow(m_x, DeployedSource::Features, m_width);
        made.values.first = origin.columns(pool, values.offset, made.values.size()).first;
    }
    std::int64_t begin = 0;
    for (const DeployedChannels& opening : openings) {
        if (gates.offset >= begin && gates.offset + length(opened) <= begin + opening.count)
            made.gates = {opening.first + gates.offset - begin, length(opened), opening.activation};
        begin += opening.count;
    }
    if (made.gates.count == 0)
        failAt(node, "the gates of a gated part are not found");
    return made;
}

} // namespace lodestone
