#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/simulation/simulated_keys.hpp"

namespace boxoffice::simulation {

struct Report {
  std::uint64_t seed = 0;
  std::optional<std::string> violation;
  std::uint64_t ticks = 0;
  std::size_t commands = 0;
  std::size_t events = 0;
  std::size_t crashes = 0;
  std::uint64_t fingerprint = 0;  ///< of all that stood on the log: the same seed gives the same
};

/// Runs clients, two machines, the log and a read model through all that the seed has in store for
/// them; then gives them peace, and checks what must never have happened.
Report simulate(std::uint64_t seed, KeyPolicy policy = KeyPolicy::honest);

}  // namespace boxoffice::simulation
