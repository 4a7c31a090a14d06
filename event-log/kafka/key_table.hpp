#pragma once

#include <mutex>
#include <unordered_map>

#include "event-log/kafka/ends.hpp"
#include "event-log/kafka/reader.hpp"

namespace boxoffice::event_log::kafka {

class Cluster;

/// Finds one partition's keys by name. Kafka has no index of keys, so the partition of the keys'
/// topic is read once, when the first key is asked for, and followed from then on: what was read
/// stays, also where a look-up runs out of time. What stays in memory is a hash of each name and
/// where its records lie, not the keys. Thread-safe.
class KeyTable {
 public:
  /// The key's value as of all that was committed when this was called.
  [[nodiscard]] Result<std::optional<std::string>> find(Cluster& cluster, Partition partition,
                                                        std::string_view name);

 private:
  struct Following {
    std::shared_ptr<Reader> reader;
    Bell bell;
    std::optional<Stream> stream;  // before the bell and the reader go
  };

  Result<void> catch_up(Cluster& cluster, Lane lane);
  Result<void> follow(Cluster& cluster, Lane lane);
  /// Whether anything had.
  bool take_arrived();

  std::mutex mutex_;
  std::unique_ptr<Following> following_;  // guarded by mutex_
  std::int64_t read_to_ = 0;              // guarded by mutex_; all before it is in `offsets_`
  /// By the hash of the name. The newest record of a name counts; older ones may be gone by
  /// compaction, and other names may have the same hash.
  std::unordered_multimap<std::size_t, std::int64_t> offsets_;  // guarded by mutex_
};

}  // namespace boxoffice::event_log::kafka
