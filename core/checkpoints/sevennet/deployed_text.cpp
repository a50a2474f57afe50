#include "checkpoints/sevennet/deployed_text.h"

#include "checkpoints/sevennet/deployed_edges.h"
#include "checkpoints/sevennet/deployed_reader.h"
#include "checkpoints/torch/script_function.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lodestone {

DeployedModel DeployedTextReader::read()
{
    edges();
    elements();
    m_model.embedding = linear(next("x"), m_model.elements);
    while (peek() == "self_cont_tmp" && m_model.layers.size() < 64)
        m_model.layers.push_back(layer());
    if (m_model.layers.empty())
        failAt(m_x, "no layer with a self connection follows the embedding");
    modality();
    m_model.readout.push_back(linear(next("x"), m_width));
    m_model.readout.push_back(linear(next("scaled_atomic_energy"), m_width));
    energy(next("atomic_energy"));
    return std::move(m_model);
}

void DeployedTextReader::failAt(int node, const std::string& what) const
{
    fail<ScriptError>("line {}: {} ({})", m_program.node(node).line, what, m_program.describe(node));
}

bool DeployedTextReader::matters(const std::string& key)
{
    static const std::set<std::string> keys = {"x", "self_cont_tmp", "scaled_atomic_energy", "atomic_energy"};
    return keys.contains(key);
}

std::string DeployedTextReader::peek()
{
    const std::vector<ScriptStore>& stores = m_program.stores();
    while (m_store < stores.size() && !matters(stores[m_store].key))
        ++m_store;
    return m_store < stores.size() ? stores[m_store].key : "";
}

int DeployedTextReader::next(const std::string& key)
{
    const std::string found = peek();
    if (found != key)
        fail<ScriptError>("after line {}: '{}' is stored where '{}' was expected", m_program.node(m_x).line,
                          found, key);
    return m_program.stores()[m_store++].value;
}

int DeployedTextReader::stored(const std::string& key) const
{
    for (const ScriptStore& store : m_program.stores())
        if (store.key == key)
            return store.value;
    return -1;
}

void DeployedTextReader::setX(int node, std::int64_t width)
{
    m_x = node;
    m_width = width;
    m_reader.addRow(node, DeployedSource::Features, width);
}

void DeployedTextReader::edges()
{
    const int embedding = stored("edge_embedding"), attributes = stored("edge_attr");
    if (embedding < 0 || attributes < 0)
        fail<ScriptError>("no radial basis or no harmonics of the edges are stored");
    int vector = stored("edge_vec");
    if (vector >= 0) {
        // Positions of the neighbour minus those of the centre, plus the shift.
        const ScriptNode& sum = m_program.node(vector);
        const ScriptNode* difference = sum.isCall("torch.add") ? &m_program.argument(vector, 0) : nullptr;
        const auto end = [&](std::size_t which) {
            const ScriptNode& index = m_program.node(difference->arguments.at(which));
            return index.isCall("torch.index") && index.arguments.size() == 2
                       ? selectedEnd(m_program, index.arguments[1])
                       : -1;
        };
        if (!difference || !difference->isCall("torch.sub") || difference->arguments.size() != 2 ||
            end(0) != 1 || end(1) != 0)
            failAt(vector, "the edge vector is not neighbour minus centre");
    } else {
        for (const int node : ancestors(m_program, attributes))
            if (m_program.node(node).name == "data[edge_vec]")
                vector = node;
        if (vector < 0)
            failAt(attributes, "the harmonics do not depend on the edge vector");
    }
    readEdgeFunctions(m_program, m_constants, vector, embedding, attributes, m_cutoff, m_model);
    m_embedding = embedding;
    m_reader.addRow(attributes, DeployedSource::Harmonics, (m_model.harmonics + 1) * (m_model.harmonics + 1));
}

std::int64_t DeployedTextReader::oneHot(int node) const
{
    const ScriptNode& cast = m_program.node(node);
    const int inner = cast.isCall("torch.to") && !cast.arguments.empty() ? cast.arguments[0] : node;
    if (!m_program.node(inner).isCall("torch.one_hot") || m_program.node(inner).arguments.size() != 2)
        failAt(node, "a one-hot vector was expected");
    const std::int64_t size = m_reader.integer(m_program.node(inner).arguments[1]);
    if (size < 1 || size > 1000)
        failAt(node, "a one-hot vector has a strange length");
    return size;
}

void DeployedTextReader::elements()
{
    const int node = next("x");
    m_model.elements = oneHot(node);
    setX(node, m_model.elements);
    if (const int attributes = stored("node_attr"); attributes >= 0 && attributes != node)
        failAt(attributes, "the attributes of atoms are not their one-hot elements");
    m_elementNode = node;
    if (const int modal = stored("modal_attr"); modal >= 0) {
        m_model.modalities = oneHot(modal);
        if (stored("modal_type") < 0)
            failAt(modal, "the modality is not fixed");
        const ScriptNode* chosen = &m_program.node(stored("modal_type"));
        double index = -1;
        if (chosen->isCall("torch.tensor") && !chosen->arguments.empty())
            chosen = &m_program.node(chosen->arguments[0]);
        if (chosen->kind == ScriptNode::Kind::Constant)
            index = m_constants.values(chosen->index).at(0);
        else if (chosen->kind == ScriptNode::Kind::Number)
            index = chosen->number;
        if (!(index >= 0 && index < static_cast<double>(m_model.modalities)))
            failAt(modal, "the modality is not fixed");
        m_model.modality = static_cast<std::int64_t>(index);
    }
}

void DeployedTextReader::modality()
{
    if (peek() != "x")
        return;
    const int node = m_program.stores()[m_store].value;
    const ScriptNode& cat = m_program.node(node);
    if (!cat.isCall("torch.cat") || m_program.argument(node, 0).arguments.size() != 2 ||
        m_program.argument(node, 0).arguments[0] != m_x)
        return;
    const std::vector<int> parents = ancestors(m_program, m_program.argument(node, 0).arguments[1]);
    if (m_model.modalities == 0 ||
        std::find(parents.begin(), parents.end(), stored("modal_attr")) == parents.end())
        failAt(node, "something unknown is put beside the features");
    ++m_store;
    m_x = node;
    m_reader.addRow(node, DeployedSource::Features, m_width + m_model.modalities);
}

std::vector<int> DeployedTextReader::pieces(int node, int depth) const
{
    if (depth > 16)
        failAt(node, "rows are put together of rows too deeply");
    const ScriptNode& n = m_program.node(node);
    if (n.isCall("torch.reshape") && !n.arguments.empty() &&
        m_program.node(n.arguments[0]).isCall("torch.cat"))
        return pieces(n.arguments[0], depth + 1);
    if (!n.isCall("torch.cat"))
        return {node};
    std::vector<int> all;
    for (const int item : m_program.argument(node, 0).arguments) {
        const std::vector<int> inner = pieces(item, depth + 1);
        all.insert(all.end(), inner.begin(), inner.end());
        if (all.size() > 4096)
            failAt(node, "a row has too many parts");
    }
    return all;
}

DeployedParts DeployedTextReader::sorted(int node, const ScriptProduct& product) const
{
    DeployedParts parts;
    for (const ScriptFactor& factor : product.factors)
        if (factor.kind == ScriptFactor::Kind::Constant)
            parts.constants.push_back(&factor);
        else if (!parts.rows.emplace(factor.source, &factor).second)
            failAt(node, "a row takes part twice in a product");
    if (product.axes.size() != 2 || product.axes[0] != std::vector<int>{ScriptTensorReader::batchLabel})
        failAt(node, "a part of a row is no row");
    return parts;
}

std::vector<int> DeployedTextReader::common(const std::vector<int>& a, const std::vector<int>& b) const
{
    std::vector<int> shared;
    for (const int label : a)
        if (std::find(b.begin(), b.end(), label) != b.end())
            shared.push_back(label);
    return shared;
}

std::int64_t DeployedTextReader::length(const std::vector<int>& labels) const
{
    std::int64_t product = 1;
    for (const int label : labels)
        product *= m_reader.size(label);
    return product;
}

std::vector<int> DeployedTextReader::after(std::vector<int> first, const std::vector<int>& second)
{
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

int DeployedTextReader::degree(int node, const std::vector<int>& labels) const
{
    const std::int64_t components = length(labels);
    if (labels.size() > 1 || components % 2 == 0 || components > 13)
        failAt(node, "a number of components is not understood");
    return static_cast<int>(components / 2);
}

DeployedLinear DeployedTextReader::linear(int node, std::int64_t inputWidth)
{
    DeployedLinear result;
    for (const int piece : pieces(node)) {
        const ScriptTensor tensor = m_reader.read(piece);
        std::int64_t width = tensor.width;
        for (const ScriptProduct& product : tensor.products) {
            DeployedPath path = linearPath(piece, product, inputWidth);
            path.output.first = result.width;
            width = path.output.size();
            result.paths.push_back(path);
        }
        result.width += width;
    }
    // Only the features themselves go on; the self connection waits beside them.
    if (m_store > 0 && m_program.stores()[m_store - 1].key != "self_cont_tmp")
        setX(node, result.width);
    return result;
}

DeployedPath DeployedTextReader::linearPath(int node, const ScriptProduct& product,
                                            std::int64_t inputWidth) const
{
    const DeployedParts parts = sorted(node, product);
    const auto row = parts.rows.find(DeployedSource::Features),
               element = parts.rows.find(DeployedSource::Elements);
    if (row == parts.rows.end() || parts.constants.size() != 1 ||
        parts.rows.size() != (element == parts.rows.end() ? 1U : 2U))
        failAt(node, "a linear map is not understood");
    const std::vector<int>&in = row->second->labels, &weight = parts.constants[0]->labels,
          &out = product.axes[1];
    const std::vector<int> channels = common(in, weight), components = common(in, out),
                           made = common(weight, out);
    const std::vector<int> perElement =
        element == parts.rows.end() ? std::vector<int>() : element->second->labels;
    if (in != after(channels, components) || weight != after(after(channels, perElement), made) ||
        out != after(made, components) || (!perElement.empty() && element->second->offset != 0) ||
        (element != parts.rows.end() && length(perElement) != m_model.elements))
        failAt(node, "a linear map is not understood");
    DeployedPath path;
    path.input = {row->second->offset, length(channels), degree(node, components)};
    path.output = {0, length(made), path.input.l};
    path.modality = path.input.first >= inputWidth;
    path.perElement = element != parts.rows.end();
    path.constant = parts.constants[0]->source;
    path.offset = parts.constants[0]->offset;
    path.factor = product.scalar;
    return path;
}

void DeployedTextReader::energy(int node)
{
    const ScriptNode& sum = m_program.node(node);
    const int product = sum.isCall("torch.add") && sum.arguments.size() == 2 ? sum.arguments[0] : -1;
    if (product < 0 || !m_program.node(product).isCall("torch.mul") ||
        m_program.node(product).arguments.size() != 2 || m_program.node(product).arguments[0] != m_x ||
        m_width != 1)
        failAt(node, "scale and shift of the energy are not understood");
    m_model.scale = energyTerm(m_program.node(product).arguments[1]);
    m_model.shift = energyTerm(sum.arguments[1]);
}

DeployedEnergyTerm DeployedTextReader::energyTerm(int node) const
{
    const ScriptNode* n = &m_program.node(node);
    if (n->isCall("torch.view") || n->isCall("torch.reshape"))
        n = &m_program.argument(node, 0);
    DeployedEnergyTerm term;
    if (n->kind == ScriptNode::Kind::Constant) {
        term.constant = n->index;
        return term;
    }
    if (!n->isCall("torch.index") || n->arguments.size() != 2 ||
        m_program.node(n->arguments[0]).kind != ScriptNode::Kind::Constant)
        failAt(node, "scale and shift of the energy are not understood");
    term.constant = m_program.node(n->arguments[0]).index;
    const std::vector<int>& indices = m_program.node(n->arguments[1]).arguments;
    term.perElement = true;
    term.perModality = indices.size() == 2;
    if (indices.empty() || indices.size() > 2 || indices.back() != stored("atom_type") ||
        (term.perModality && indices.front() != stored("modal_type")))
        failAt(node, "scale and shift of the energy are not taken by element");
    return term;
}

DeployedModel readDeployedText(std::string_view text, double cutoff, const DeployedConstants& constants)
{
    const ScriptProgram program = ScriptProgram::parse(text);
    return DeployedTextReader(program, cutoff, constants).read();
}

} // namespace lodestone
