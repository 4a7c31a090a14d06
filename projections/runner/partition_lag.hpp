#pragma once

#include <chrono>
#include <cstdint>

#include "event-log/log.hpp"

namespace boxoffice::projections {

/// How far the models are behind the log in one partition.
struct PartitionLag {
  std::uint64_t events = 0;          ///< that are not in all models
  std::chrono::milliseconds age{0};  ///< how long ago the first of them was decided
};

/// Reads that first event; where it cannot be read, its age is not known and shows as 0. Where for
/// seconds nobody has told how far the log goes, that time is the age, and nothing is read.
PartitionLag partition_lag(event_log::Log& log, schema::Position applied, schema::Instant now);

}  // namespace boxoffice::projections
