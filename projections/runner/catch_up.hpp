#pragma once

#include <functional>

#include "event-log/log.hpp"
#include "projections/runner/fold.hpp"

namespace boxoffice::projections {

inline constexpr std::size_t kChunkEvents = 4096;  ///< about as many at most are committed at once

/// Feeds a fold from the log, by cursors. Not thread-safe.
class CatchUp {
 public:
  explicit CatchUp(event_log::Log& log, std::size_t chunk_events_max = kChunkEvents)
      : log_(&log), chunk_events_max_(chunk_events_max) {}

  /// What is done with a full chunk; false stops.
  using Commit = std::function<StoreResult<bool>(schema::Instant last)>;

  /// Folds what the log has of `partition` up to and with `until`. The last chunk is left pending,
  /// so that partitions share it. False: `commit` said so.
  StoreResult<bool> run(schema::Partition partition, schema::Sequence until, Fold& fold,
                        const Commit& commit);

 private:
  StoreResult<void> read(const event_log::StoredEvent& stored);

  event_log::Log* log_;
  std::size_t chunk_events_max_;
  schema::Reader reader_;
  schema::Envelope envelope_;
  schema::Event event_;
};

}  // namespace boxoffice::projections
