#include "tests/simulation/cluster/clock_rules.hpp"

#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

void ClockRules::look(const Historian& historian, schema::Instant now) {
  for (std::size_t i = 0; i < next_.size(); ++i) {
    const schema::Partition partition{static_cast<std::uint16_t>(i)};
    for (; next_[i] <= historian.end(partition); next_[i] = next_[i].next()) {
      const Recorded& event = historian.at({partition, next_[i]});
      demand(event.envelope.time <= now + kClockOffMax, event.envelope.position,
             "it has the time of a clock that is ahead");
    }
  }
}

}  // namespace boxoffice::simulation
