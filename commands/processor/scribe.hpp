#pragma once

#include <string>
#include <string_view>

#include "commands/domain/partition.hpp"
#include "commands/processor/owned_partition.hpp"
#include "event-log/log.hpp"

namespace boxoffice::processor {

/// What the envelope says of where a command's events came from.
struct Origin {
  std::string causation;  ///< the command's identity
  std::string correlation;
  std::string traceparent;
  std::string actor;
  std::optional<schema::Instant> received;
  std::optional<std::uint64_t> command_offset;
  std::string_view command_log;
};

/// Gives decided events their place in the order: envelope, bytes, chain.
class Scribe {
 public:
  explicit Scribe(std::string_view deployment);

  /// Appends the decision's events to `batch` and moves `end` along. An event that a timer armed
  /// has the arming event as its cause, all others have `origin`. False, and nothing changed, if
  /// one of them is longer than the log takes.
  bool write(domain::Decision&& decision, Origin&& origin, schema::Instant time,
             schema::Partition partition, ChainEnd& end, event_log::Batch& batch);

  /// Appends what concerns the partition itself, whose number is its subject: nobody asked for it.
  void write(schema::Event&& event, const CommandMark& decided, schema::Instant time,
             schema::Partition partition, ChainEnd& end, event_log::Batch& batch);

  /// The nanoseconds spent on bytes and on hashes in the last `write`, where it was told to
  /// measure.
  struct Measured {
    std::uint64_t write_ns = 0;
    std::uint64_t hash_ns = 0;
  };
  bool measure = false;
  Measured measured;

 private:
  /// Gives it its place behind `end`; the rest of the envelope is the caller's.
  event_log::CommittedEvent& begin(schema::Event&& event, schema::Instant time,
                                   schema::Partition partition, const ChainEnd& end,
                                   event_log::Batch& batch) const;
  /// Its bytes, and `end` behind it; false, and nothing changed, where they are too many.
  bool finish(event_log::CommittedEvent& event, ChainEnd& end);

  const std::string source_;
  std::string bytes_;
};

}  // namespace boxoffice::processor
