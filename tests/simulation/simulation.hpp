#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/simulation/happenings.hpp"
#include "tests/simulation/planted.hpp"

namespace boxoffice::simulation {

struct Report {
  std::uint64_t seed = 0;
  std::optional<std::string> violation;
  std::uint64_t ticks = 0;
  std::size_t commands = 0;
  std::size_t events = 0;
  std::size_t crashes = 0;
  Happenings happened;            ///< also where there was a violation
  std::size_t comparisons = 0;    ///< of all that the read models answer, with history
  std::uint64_t fingerprint = 0;  ///< of all that stood on the log and in the read models: the same
                                  ///< seed gives the same, whatever the rows are kept in
};

/// Runs clients, two machines, the log and a projector through all that the seed has in store for
/// them; then gives them peace, and checks what must never have happened.
Report simulate(std::uint64_t seed, Planted planted = Planted::nothing);

}  // namespace boxoffice::simulation
