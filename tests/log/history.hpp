#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "event-log/log.hpp"

/// Words for tests of a log: what is appended, and what should be read back.
namespace boxoffice::event_log::testing {

using BatchPtr = std::shared_ptr<const Batch>;

/// What has been appended so far, by partition, from which the next events are made. A value: a
/// copy taken before an append that fails goes on from where it stood.
class History {
 public:
  explicit History(const Log& log) : source_("boxoffice:" + std::string(log.deployment())) {}

  /// The partition's next event, which is part of the history from now on. `text` makes events
  /// differ in content and length.
  CommittedEvent next(Partition partition, schema::Event event, std::string text);
  /// `count` events of changing topics and lengths.
  BatchPtr next_batch(Partition partition, std::size_t count);

  Sequence end(Partition partition) const;
  const std::vector<CommittedEvent>& of(Partition partition) const;

 private:
  std::string source_;
  std::map<Partition, std::vector<CommittedEvent>> events_;
};

BatchPtr batch(std::vector<CommittedEvent> events, std::vector<KeyRecord> keys = {});

/// Takes over; the test fails where that fails.
std::unique_ptr<Writer> writer_of(Log& log, std::initializer_list<std::uint16_t> partitions);

/// An event as it was read, its bytes copied.
struct Read {
  Topic topic{};
  Position position;
  std::string value;
};
/// All that a cursor shows after `after`, by reads of at most `bytes_max`.
std::vector<Read> read_all(Log& log, Position after, std::size_t bytes_max = 1 << 20);

/// Whether the log's partition is exactly the history's: by cursor, by `at`, by `end`. Says what
/// differs.
void expect_holds(Log& log, const History& history, Partition partition);

/// The SHA-256 of `bytes`.
schema::Digest sha256(std::string_view bytes);

}  // namespace boxoffice::event_log::testing
