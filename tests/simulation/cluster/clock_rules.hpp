#pragma once

#include <vector>

#include "tests/simulation/historian.hpp"

namespace boxoffice::simulation {

/// How far off a clock may be by which something is decided.
inline constexpr schema::Milliseconds kClockOffMax{5'000};

/// No event has a time that a wrong clock has made: whoever reads it at once finds it in the future
/// by no more than a right clock may be off.
class ClockRules {
 public:
  explicit ClockRules(std::uint16_t partitions) : next_(partitions, schema::Sequence{1}) {}

  /// What history has had since the last look. `now` is the true time. Throws Violation.
  void look(const Historian& historian, schema::Instant now);

 private:
  std::vector<schema::Sequence> next_;
};

}  // namespace boxoffice::simulation
