#include "checkpoints/sevennet/deployed_text.h"

#include "checkpoints/sevennet/deployed_edges.h"
#include "checkpoints/torch/script_function.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace lodestone {
namespace {

/// Sources of rows, as given to ScriptTensorReader::addRow().
enum Source : std::int64_t { Features = 0, Elements = 1, Harmonics = 2, Weights = 3, Pool = 4, Gates = 5 };

/// The parts of one product, sorted out.
struct Parts {
    std::map<std::int64_t, const ScriptFactor*> rows; ///< by source
    std::vector<const ScriptFactor*> constants;
};

class TextReader {
public:
    TextReader(const ScriptProgram& program, double cutoff, const DeployedConstants& constants)
        : m_program(program),
          m_cutoff(cutoff),
          m_constants(constants),
          m_reader(program, constants.shape)
    {
    }

    DeployedModel read()
    {
        edges();
        elements();
        m_model.embedding = linear(next("x"), m_model.elements);
        while (peek() == "self_cont_tmp")
            m_model.layers.push_back(layer());
        if (m_model.layers.empty())
            failAt(m_x, "no layer with a self connection follows the embedding");
        modality();
        m_model.readout.push_back(linear(next("x"), m_width));
        m_model.readout.push_back(linear(next("scaled_atomic_energy"), m_width));
        energy(next("atomic_energy"));
        return std::move(m_model);
    }

private:
    [[noreturn]] void failAt(int node, const std::string& what) const
    {
        fail<ScriptError>("line {}: {} ({})", m_program.node(node).line, what, m_program.describe(node));
    }

    // The stores of the text, one after another.

    static bool matters(const std::string& key)
    {
        static const std::set<std::string> keys = {"x", "self_cont_tmp", "scaled_atomic_energy", "atomic_energy"};
        return keys.contains(key);
    }
    std::string peek()
    {
        const std::vector<ScriptStore>& stores = m_program.stores();
        while (m_store < stores.size() && !matters(stores[m_store].key))
            ++m_store;
        return m_store < stores.size() ? stores[m_store].key : "";
    }
    /// The next store, which must be of this key.
    int next(const std::string& key)
    {
        const std::string found = peek();
        if (found != key)
            fail<ScriptError>("after line {}: '{}' is stored where '{}' was expected", m_program.node(m_x).line, found,
                              key);
        return m_program.stores()[m_store++].value;
    }
    /// The only store of a key, or the argument's entry; -1: none.
    int stored(const std::string& key) const
    {
        for (const ScriptStore& store : m_program.stores())
            if (store.key == key)
                return store.value;
        return -1;
    }

    void setX(int node, std::int64_t width)
    {
        m_x = node;
        m_width = width;
        m_reader.addRow(node, Features, width);
    }

    void edges()
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
            if (!difference || !difference->isCall("torch.sub") || difference->arguments.size() != 2 || end(0) != 1 ||
                end(1) != 0)
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
        m_reader.addRow(attributes, Harmonics, (m_model.harmonics + 1) * (m_model.harmonics + 1));
    }

    /// to(one_hot(x, n), dtype): n.
    std::int64_t oneHot(int node) const
    {
        const ScriptNode& cast = m_program.node(node);
        const int inner = cast.isCall("torch.to") && !cast.arguments.empty() ? cast.arguments[0] : node;
        if (!m_program.node(inner).isCall("torch.one_hot") || m_program.node(inner).arguments.size() != 2)
            failAt(node, "a one-hot vector was expected");
        return static_cast<std::int64_t>(m_program.argument(inner, 1).number);
    }

    void elements()
    {
        const int node = next("x");
        m_model.elements = oneHot(node);
        setX(node, m_model.elements);
        if (const int attributes = stored("node_attr"); attributes >= 0 && attributes != node)
            failAt(attributes, "the attributes of atoms are not their one-hot elements");
        m_elementNode = node;
        if (const int modal = stored("modal_attr"); modal >= 0) {
            m_model.modalities = oneHot(modal);
            const ScriptNode* chosen = &m_program.node(stored("modal_type"));
            if (chosen->isCall("torch.tensor") && !chosen->arguments.empty())
                chosen = &m_program.node(chosen->arguments[0]);
            if (chosen->kind == ScriptNode::Kind::Constant)
                m_model.modality = static_cast<std::int64_t>(m_constants.values(chosen->index).at(0));
            else if (chosen->kind == ScriptNode::Kind::Number)
                m_model.modality = static_cast<std::int64_t>(chosen->number);
            else
                failAt(modal, "the modality is not fixed");
        }
    }

    /// Passes over x = cat([x, one-hot modality]).
    void modality()
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
        m_reader.addRow(node, Features, m_width + m_model.modalities);
    }

    /// The values that stand side by side in a row.
    std::vector<int> pieces(int node) const
    {
        const ScriptNode& n = m_program.node(node);
        if (n.isCall("torch.reshape") && !n.arguments.empty() && m_program.node(n.arguments[0]).isCall("torch.cat"))
            return pieces(n.arguments[0]);
        if (!n.isCall("torch.cat"))
            return {node};
        std::vector<int> all;
        for (const int item : m_program.argument(node, 0).arguments) {
            const std::vector<int> inner = pieces(item);
            all.insert(all.end(), inner.begin(), inner.end());
        }
        return all;
    }

    Parts sorted(int node, const ScriptProduct& product) const
    {
        Parts parts;
        for (const ScriptFactor& factor : product.factors)
            if (factor.kind == ScriptFactor::Kind::Constant)
                parts.constants.push_back(&factor);
            else if (!parts.rows.emplace(factor.source, &factor).second)
                failAt(node, "a row takes part twice in a product");
        if (product.axes.size() != 2 || product.axes[0] != std::vector<int>{ScriptTensorReader::batchLabel})
            failAt(node, "a part of a row is no row");
        return parts;
    }

    /// Follows the order of labels; an axis of length one has none.
    std::vector<int> common(const std::vector<int>& a, const std::vector<int>& b) const
    {
        std::vector<int> shared;
        for (const int label : a)
            if (std::find(b.begin(), b.end(), label) != b.end())
                shared.push_back(label);
        return shared;
    }
    std::int64_t length(const std::vector<int>& labels) const
    {
        std::int64_t product = 1;
        for (const int label : labels)
            product *= m_reader.size(label);
        return product;
    }
    static std::vector<int> after(std::vector<int> first, const std::vector<int>& second)
    {
        first.insert(first.end(), second.begin(), second.end());
        return first;
    }
    int degree(int node, const std::vector<int>& labels) const
    {
        const std::int64_t components = length(labels);
        if (labels.size() > 1 || components % 2 == 0 || components > 13)
            failAt(node, "a number of components is not understood");
        return static_cast<int>(components / 2);
    }

    /// A linear map of the current features (inputWidth columns, the modality beside them).
    DeployedLinear linear(int node, std::int64_t inputWidth)
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

    DeployedPath linearPath(int node, const ScriptProduct& product, std::int64_t inputWidth) const
    {
        const Parts parts = sorted(node, product);
        const auto row = parts.rows.find(Features), element = parts.rows.find(Elements);
        if (row == parts.rows.end() || parts.constants.size() != 1 ||
            parts.rows.size() != (element == parts.rows.end() ? 1U : 2U))
            failAt(node, "a linear map is not understood");
        const std::vector<int>&in = row->second->labels, &weight = parts.constants[0]->labels, &out = product.axes[1];
        const std::vector<int> channels = common(in, weight), components = common(in, out), made = common(weight, out);
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

    DeployedLayer layer()
    {
        DeployedLayer layer;
        const std::int64_t width = m_width;
        // The one-hot elements are the attributes of the self connection, and the features only at the beginning.
        if (m_x != m_elementNode)
            m_reader.addRow(m_elementNode, Elements, m_model.elements);
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

    void convolution(int node, DeployedLayer& layer)
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
        m_reader.addRow(gathered, Features, m_width);
        m_reader.addRow(weights, Weights, m_constants.shape(layer.radial.back()).back());
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

    DeployedMessage messagePath(int node, const ScriptProduct& product) const
    {
        const Parts parts = sorted(node, product);
        if (parts.rows.size() != 3 || !parts.rows.contains(Features) || !parts.rows.contains(Harmonics) ||
            !parts.rows.contains(Weights) || parts.constants.size() > 1)
            failAt(node, "a message is not understood");
        const ScriptFactor &row = *parts.rows.at(Features), &harmonic = *parts.rows.at(Harmonics),
                           &weight = *parts.rows.at(Weights);
        const std::vector<int>& out = product.axes[1];
        const std::vector<int>& channels = weight.labels;
        std::vector<int> in = row.labels, made = out;
        // Channels come first wherever they are; what is left are components.
        for (std::vector<int>* labels : {&in, &made}) {
            if (labels->size() < channels.size() || !std::equal(channels.begin(), channels.end(), labels->begin()))
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

    /// matmul(act(matmul(basis, C1)), C2) ..., from the last matrix to the first.
    void radial(int node, DeployedLayer& layer)
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

    // The gate.

    /// The branch that is taken: the condition asks whether a row has columns.
    int taken(int node) const
    {
        const ScriptNode& choice = m_program.node(node);
        if (choice.kind != ScriptNode::Kind::Choice)
            return node;
        const ScriptNode& condition = m_program.node(choice.arguments[0]);
        const ScriptNode* item = condition.isCall("bool") && condition.arguments.size() == 1
                                     ? &m_program.node(condition.arguments[0])
                                     : nullptr;
        if (!item || item->kind != ScriptNode::Kind::Item || !m_program.node(item->arguments[0]).isCall("torch.size"))
            failAt(node, "a condition is not understood");
        const int row = m_program.argument(item->arguments[0], 0).kind == ScriptNode::Kind::Name
                            ? -1
                            : m_program.node(item->arguments[0]).arguments[0];
        if (row < 0)
            failAt(node, "a condition is not understood");
        return choice.arguments[poolWidth(row) > 0 ? 1 : 2];
    }

    /// Columns of a row that was made empty and filled by copies.
    std::int64_t poolWidth(int node) const
    {
        while (m_program.node(node).kind == ScriptNode::Kind::Paste)
            node = m_program.node(node).arguments[0];
        const ScriptNode& base = m_program.node(node);
        if (base.isCall("torch.new_zeros") && base.arguments.size() == 2)
            return m_reader.lastOfShape(base.arguments[1]);
        if (base.isCall("torch.narrow") && base.arguments.size() == 4)
            return static_cast<std::int64_t>(m_program.argument(node, 3).number);
        failAt(node, "a row of the gate is not understood");
    }

    /// An activation of columns of the row before the gate.
    DeployedChannels channels(int node, const Activation& activation, int argument) const
    {
        const std::int64_t count = poolWidth(argument);
        const ScriptTensorReader::Columns columns = m_reader.columns(argument, 0, count);
        if (columns.source != Features)
            failAt(node, "a gate takes columns of something else");
        return {columns.first, count, activation};
    }

    void gate(int node, DeployedLayer& layer)
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

    /// Finds the rows that a gated part is made of: the pool of its values, and the activated gates.
    DeployedGate gated(int node)
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
            } else if (n.kind == ScriptNode::Kind::Call &&
                       allActivations(next)) {
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
        m_reader.addRow(gates, Gates, gateWidth);
        if (pool >= 0)
            poolRow(pool, node);
        const ScriptTensor tensor = m_reader.read(node);
        if (tensor.products.size() != 1)
            failAt(node, "a gated part is no single product");
        return gatedProduct(node, tensor.products.front(), pool, openings);
    }

    void poolRow(int pool, int node)
    {
        if (poolWidth(pool) <= 0)
            failAt(node, "a gated part is empty");
        m_reader.addRow(pool, Pool, poolWidth(pool));
    }

    DeployedGate gatedProduct(int node, const ScriptProduct& product, int pool,
                              const std::vector<DeployedChannels>& openings)
    {
        const Parts parts = sorted(node, product);
        const std::int64_t source = parts.rows.contains(Pool) ? Pool : Features;
        if (parts.rows.size() != 2 || !parts.constants.empty() || !parts.rows.contains(source) ||
            !parts.rows.contains(Gates) || std::abs(product.scalar - 1) > 1e-6)
            failAt(node, "a gated part is not understood");
        const ScriptFactor &values = *parts.rows.at(source), &gates = *parts.rows.at(Gates);
        const std::vector<int> opened = common(values.labels, gates.labels);
        std::vector<int> components = values.labels;
        components.erase(components.begin(), components.begin() + static_cast<std::ptrdiff_t>(opened.size()));
        if (gates.labels != opened || values.labels != after(opened, components) || product.axes[1] != values.labels)
            failAt(node, "a gated part is not understood");
        DeployedGate made;
        made.values = {values.offset, length(opened), degree(node, components)};
        if (source == Pool) {
            // The pool's own columns come from the row before the gate; it is read there without the pool as a row.
            ScriptTensorReader origin(m_program, m_constants.shape);
            origin.addRow(m_x, Features, m_width);
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

    // The energy.

    void energy(int node)
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

    DeployedEnergyTerm energyTerm(int node) const
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

    const ScriptProgram& m_program;
    double m_cutoff;
    const DeployedConstants& m_constants;
    ScriptTensorReader m_reader;
    DeployedModel m_model;
    std::size_t m_store = 0;
    int m_x = 0; ///< node of the current features
    std::int64_t m_width = 0;
    int m_embedding = -1, m_elementNode = -1;
};

} // namespace

DeployedModel readDeployedText(std::string_view text, double cutoff, const DeployedConstants& constants)
{
    const ScriptProgram program = ScriptProgram::parse(text);
    return TextReader(program, cutoff, constants).read();
}

} // namespace lodestone
