#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event-log/log.hpp"

/// What can be said of an event without knowing any other: this is most of the work, and any number
/// of threads share it.
namespace boxoffice::replay {

/// Events `after` + 1 to `last` of a partition.
struct Range {
  schema::Partition partition;
  schema::Sequence after;
  schema::Sequence last;
};

struct SeenEvent {
  schema::Position position;  ///< where the log has it
  schema::Topic topic{};
  schema::Digest hash;
  std::string fault;  ///< why the bytes are not canonical; empty: they are
  bool is_readable = false;
  schema::Envelope envelope;  ///< of a readable one
  schema::Event event;
  std::optional<schema::CommandIdentity> command;  ///< that it names as its cause
};

/// The events of a range, as far as the log has them. Its parts keep their memory from range to
/// range.
struct Sight {
  std::vector<SeenEvent> events;
  std::size_t count = 0;                  ///< of `events`, those that belong to this range
  std::optional<std::string> unreadable;  ///< what the log says of what follows them
};

/// One thread's eyes.
class Looker {
 public:
  explicit Looker(event_log::Log& log) : log_(log) {}
  /// An error: nothing can be said, for the log is not there.
  [[nodiscard]] event_log::Result<void> look(const Range& range, Sight& sight);

 private:
  void see(const event_log::StoredEvent& stored, SeenEvent& seen);
  /// What is not plainly canonical.
  void see_closely(const event_log::StoredEvent& stored, SeenEvent& seen);

  event_log::Log& log_;
  schema::Reader reader_;
};

}  // namespace boxoffice::replay
