#include "projections/runner/partition_lag.hpp"

#include <algorithm>

namespace boxoffice::projections {
namespace {

/// How far a log goes is asked several times a second where others append to it.
constexpr std::chrono::milliseconds kFreshMax{2'000};

/// How long ago the event was decided; nullopt: it cannot be read.
std::optional<std::chrono::milliseconds> age_of(event_log::Log& log, schema::Position position,
                                                schema::Instant now) {
  const auto value = log.at(position);
  if (!value || !*value) return std::nullopt;
  schema::Envelope envelope;
  schema::Event event;
  if (!schema::Reader().event(**value, envelope, event)) return std::nullopt;
  return std::max(now - envelope.time, schema::Milliseconds::zero());
}

}  // namespace

PartitionLag partition_lag(event_log::Log& log, schema::Position applied, schema::Instant now) {
  const schema::Sequence end = log.end(applied.partition);
  PartitionLag lag;
  if (end > applied.sequence) lag.events = end.value - applied.sequence.value;
  // Who does not tell how far the log goes does not show an event, either.
  if (const auto unknown = log.end_age(); unknown > kFreshMax)
    lag.age = unknown;
  else if (lag.events > 0)
    lag.age = age_of(log, {applied.partition, applied.sequence.next()}, now).value_or(lag.age);
  return lag;
}

}  // namespace boxoffice::projections
