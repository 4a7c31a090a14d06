#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "events-schema/envelope.hpp"

namespace boxoffice::processor {

/// What an idempotency key was used for: the command's first event, where everything else is read.
struct BoundKey {
  schema::CommandId id;
  std::array<std::uint8_t, 8> tag{};
  schema::Position position;
};

/// Remembers for a window of time which commands have been decided. What it holds can always be
/// made again from the log: after a take-over it is shown the events behind `known_through`.
///
/// An entry may be kept longer than the window; whoever finds one reads its time off the event. All
/// functions are for the owner's thread.
class KeyMemory {
 public:
  virtual ~KeyMemory() = default;

  /// Forgets all that the log need not have kept. To be called at each take-over, before
  /// `known_through`.
  virtual void restart() = 0;
  /// The partition's events up to here need not be shown again. 0: all of the window. To be asked
  /// before any of the partition's keys is remembered.
  virtual schema::Sequence known_through(schema::Partition partition) = 0;

  /// What is missing of a partition's keys: those that events behind `known` have bound, later than
  /// `horizon`.
  struct Wanted {
    schema::Partition partition;
    schema::Sequence known;
    schema::Instant known_at;  ///< the time of that event
    schema::Instant horizon;
    schema::Sequence end;  ///< of the log
    /// Asked often: nobody wants them any more.
    std::function<bool()> is_given_up = [] { return false; };
  };
  struct Gathered {
    schema::Sequence through;  ///< beyond the end: they belong to another history
    std::uint64_t keys = 0;
  };
  /// Remembers what it can have without being shown the events, and tells up to which event that is
  /// all that was wanted; `known` where it is none.
  virtual Gathered gather(const Wanted& wanted) { return {.through = wanted.known}; }

  /// The keys up to this position are known, but for those that are older than the window; the
  /// events behind it are shown next, or decided. `time` is that of the event there.
  virtual void begin_after(schema::Position position, schema::Instant time) {
    (void)position;
    (void)time;
  }

  /// The newest entry of that id; the error is for an operator.
  virtual std::expected<std::optional<BoundKey>, std::string> find(const schema::CommandId& id) = 0;

  /// `find` and `remember` will be asked for it soon.
  virtual void prefetch(const schema::CommandId& id) const = 0;

  /// Whether another entry is bound to fit.
  virtual bool has_room(schema::Instant now) = 0;
  virtual void remember(const BoundKey& key, schema::Instant decided) = 0;

  /// All that was remembered up to these positions is durable on the log. Until then an entry stays
  /// in memory only.
  virtual void committed(std::span<const schema::Position> through, schema::Instant now) = 0;

  /// Keeps over a restart what it has not kept yet, before a stop, and returns when that is done or
  /// has failed.
  virtual void save(schema::Instant now) = 0;

  virtual std::size_t size() const = 0;  ///< in memory
};

}  // namespace boxoffice::processor
