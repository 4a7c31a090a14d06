#include "projections/runner/partition_lag.hpp"

#include <algorithm>

namespace boxoffice::projections {

PartitionLag partition_lag(event_log::Log& log, schema::Position applied, schema::Instant now) {
  const schema::Sequence end = log.end(applied.partition);
  if (end <= applied.sequence) return {};
  PartitionLag lag{.events = end.value - applied.sequence.value};
  const auto first = log.at({applied.partition, applied.sequence.next()});
  if (!first || !*first) return lag;
  schema::Envelope envelope;
  schema::Event event;
  if (!schema::Reader().event(**first, envelope, event)) return lag;
  lag.age = std::max(now - envelope.time, schema::Milliseconds::zero());
  return lag;
}

}  // namespace boxoffice::projections
