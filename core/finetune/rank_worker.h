#pragma once
#include "ranks/launch.h"
#include "ranks/ranks.h"

namespace lodestone {

/// Any process but the first of a run in several: computes its share of what the leader orders
/// (rank_leader.h) until that ends the run. Writes nothing. Error if the leader is lost.
void workForLeader(Ranks& ranks, const Launch& launch);

} // namespace lodestone
