#pragma once

#include <deque>
#include <map>

#include "event-log/log.hpp"

namespace boxoffice::replay {

/// What a log is copied into, by appends that are much at once, for each is a sync or a
/// transaction, and not more than a slow broker has the time for. One partition is owned at a time,
/// for on a cluster each costs two producers: what is for others waits until it is much, so that a
/// take-over serves for all of it.
///
/// What was `put` and not flushed is lost with it.
class Destination {
 public:
  explicit Destination(event_log::Log& log) : log_(log) {}

  /// Whoever had the partition is fenced, and what was in flight to it has been settled.
  [[nodiscard]] event_log::Result<void> own(schema::Partition partition);

  /// To be appended behind what was put into the partition before.
  [[nodiscard]] event_log::Result<void> put(event_log::CommittedEvent event);
  [[nodiscard]] event_log::Result<void> put(event_log::KeyRecord key);
  /// All that was put is there when it returns.
  [[nodiscard]] event_log::Result<void> flush();

 private:
  struct Piece {
    std::shared_ptr<event_log::Batch> batch = std::make_shared<event_log::Batch>();
    std::size_t bytes = 0;
  };
  struct Waiting {
    std::deque<Piece> pieces;  ///< none is empty; all but the last are full
    std::size_t bytes = 0;
  };

  event_log::Batch& room_for(schema::Partition partition, std::size_t bytes);
  event_log::Result<void> flush_what_is_enough(schema::Partition grown);
  event_log::Result<void> flush(schema::Partition partition);
  event_log::Result<void> append_first(Waiting& waiting);

  event_log::Log& log_;
  std::unique_ptr<event_log::Writer> writer_;  ///< of `owned_`
  schema::Partition owned_;
  std::map<schema::Partition, Waiting> waiting_;
  std::size_t bytes_ = 0;  ///< of all that waits
};

}  // namespace boxoffice::replay
