#pragma once
#include "checkpoints/sevennet/deployed_text.h"

namespace lodestone {

/// Index of the first number of an edge ("edge_index") that a node selects: 0 centre, 1 neighbour; -1: none.
int selectedEnd(const ScriptProgram& program, int node);

/// Fills in basis, frequencies and harmonics from the nodes stored as "edge_embedding" and "edge_attr", which
/// are functions of the edge vector `vector`: they are compared at a number of vectors with what the
/// architecture computes.
void readEdgeFunctions(const ScriptProgram& program, const DeployedConstants& constants, int vector,
                       int embedding, int attributes, double cutoff, DeployedModel& model);

/// mul(f(x), factor), f(x): the activation, and x.
std::optional<std::pair<Activation, int>> readActivation(const ScriptProgram& program,
                                                         const DeployedConstants& constants, int node);

} // namespace lodestone
