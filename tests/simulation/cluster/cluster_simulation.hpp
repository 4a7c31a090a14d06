#pragma once

#include "tests/simulation/simulation.hpp"

namespace boxoffice::simulation {

/// As `simulate`, of a product that runs as many processes on a cluster: gateways send commands to
/// a topic, processors share the partitions by a group that may be wrong and take them over by the
/// brokers' fences, processes are stopped in the midst of whatever they do, and woken.
Report simulate_cluster(std::uint64_t seed, Planted planted = Planted::nothing);

}  // namespace boxoffice::simulation
