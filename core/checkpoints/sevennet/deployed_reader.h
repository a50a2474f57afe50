#pragma once
#include "checkpoints/sevennet/deployed_text.h"

#include <map>

namespace lodestone {

/// Sources of rows, as given to ScriptTensorReader::addRow().
struct DeployedSource {
    enum : std::int64_t { Features, Elements, Harmonics, Weights, Pool, Gates };
};

/// The parts of one product, sorted out.
struct DeployedParts {
    std::map<std::int64_t, const ScriptFactor*> rows; ///< by source
    std::vector<const ScriptFactor*> constants;
};

/// Walks through what the text of a deployed model stores, module after module.
class DeployedTextReader {
public:
    DeployedTextReader(const ScriptProgram& program, double cutoff, const DeployedConstants& constants)
        : m_program(program),
          m_cutoff(cutoff),
          m_constants(constants),
          m_reader(program, constants.shape)
    {
    }

    DeployedModel read();

private:
    [[noreturn]] void failAt(int node, const std::string& what) const;

    // The stores of the text, one after another.

    static bool matters(const std::string& key);
    std::string peek();
    /// The next store, which must be of this key.
    int next(const std::string& key);
    /// The only store of a key, or the argument's entry; -1: none.
    int stored(const std::string& key) const;

    void setX(int node, std::int64_t width);

    void edges();

    /// to(one_hot(x, n), dtype): n.
    std::int64_t oneHot(int node) const;

    void elements();

    /// Passes over x = cat([x, one-hot modality]).
    void modality();

    /// The values that stand side by side in a row.
    std::vector<int> pieces(int node, int depth = 0) const;

    DeployedParts sorted(int node, const ScriptProduct& product) const;

    /// Follows the order of labels; an axis of length one has none.
    std::vector<int> common(const std::vector<int>& a, const std::vector<int>& b) const;
    std::int64_t length(const std::vector<int>& labels) const;
    static std::vector<int> after(std::vector<int> first, const std::vector<int>& second);
    int degree(int node, const std::vector<int>& labels) const;

    /// A linear map of the current features (inputWidth columns, the modality beside them).
    DeployedLinear linear(int node, std::int64_t inputWidth);

    DeployedPath linearPath(int node, const ScriptProduct& product, std::int64_t inputWidth) const;

    DeployedLayer layer();

    void convolution(int node, DeployedLayer& layer);

    DeployedMessage messagePath(int node, const ScriptProduct& product) const;

    /// matmul(act(matmul(basis, C1)), C2) ..., from the last matrix to the first.
    void radial(int node, DeployedLayer& layer);

    // The gate.

    /// The branch that is taken: the condition asks whether a row has columns.
    int taken(int node) const;

    /// Columns of a row that was made empty and filled by copies.
    std::int64_t poolWidth(int node) const;

    /// An activation of columns of the row before the gate.
    DeployedChannels channels(int node, const Activation& activation, int argument) const;

    void gate(int node, DeployedLayer& layer);

    /// Finds the rows that a gated part is made of: the pool of its values, and the activated gates.
    DeployedGate gated(int node);

    DeployedGate gatedProduct(int node, const ScriptProduct& product, int pool,
                              const std::vector<DeployedChannels>& openings);

    // The energy.

    void energy(int node);

    DeployedEnergyTerm energyTerm(int node) const;

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

} // namespace lodestone
