#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "event-log/log.hpp"
#include "projections/queries.hpp"

namespace boxoffice::projections {

/// Reads single events for the audit trail. For one thread and one page.
class EventsByPosition {
 public:
  explicit EventsByPosition(event_log::Log& log) : log_(log) {}

  struct Read {
    std::string_view value;  ///< valid until the next call
    const schema::Envelope& envelope;
    const schema::Event& event;
  };
  /// `unavailable` also where the log does not show it (yet).
  QueryResult<Read> at(Position position);
  /// The same, for positions that mostly follow one another.
  QueryResult<Read> next_at(Position position);

  /// The first sequence of 1 to `last` whose event was decided at `time` or later; the one after
  /// `last` where none was.
  QueryResult<Sequence> first_since(Partition partition, Sequence last, Instant time,
                                    std::size_t& steps);

 private:
  QueryResult<Read> parsed(std::string_view value);

  event_log::Log& log_;
  schema::Reader reader_;
  schema::Envelope envelope_;
  schema::Event event_;
  std::string value_;
  std::unique_ptr<event_log::Cursor> cursor_;
  std::span<const event_log::StoredEvent> block_;  // of the cursor; the first was read last
  Position cursor_at_{};                           // what the cursor goes on with
};

}  // namespace boxoffice::projections
