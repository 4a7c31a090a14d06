#pragma once

#include <mutex>

#include "event-log/kafka/ends.hpp"
#include "event-log/kafka/key_places.hpp"
#include "event-log/kafka/reader.hpp"

namespace boxoffice::event_log::kafka {

class Cluster;

/// Finds one partition's keys by name. Kafka has no index of keys, so the partition of the keys'
/// topic is read once in the life of `KafkaSettings::key_places`, when the first key is asked for,
/// and followed from then on: what was read stays there, also where a look-up runs out of time.
/// Each look-up sees the records up to the end first, so a destroyed key is at once. Thread-safe.
class KeyTable {
 public:
  /// The key's value as of all that was committed when this was called.
  [[nodiscard]] Result<std::optional<std::string>> find(Cluster& cluster, Partition partition,
                                                        std::string_view name);

 private:
  struct Failed {
    Clock::time_point at;
    LogError why;
  };
  struct Following {
    std::shared_ptr<Reader> reader;
    Bell bell;
    std::optional<Stream> stream;  // before the bell and the reader go
  };

  Result<std::optional<std::string>> look_up(Cluster& cluster, Lane lane, std::string_view name,
                                             Deadline deadline);
  /// `deadline` moves on while there is much to be read.
  Result<void> catch_up(Cluster& cluster, KeyPlaces& places, Lane lane, Deadline& deadline);
  /// From what is known on disk, when this is the first look-up.
  Result<void> resume(KeyPlaces& places, Lane lane, std::int64_t end);
  Result<void> follow(Cluster& cluster, Lane lane, Deadline deadline);
  /// Whether anything had.
  Result<bool> take_arrived(KeyPlaces& places, Lane lane);

  std::mutex mutex_;
  std::optional<Failed> failed_;          // the last look-up; guarded by mutex_
  std::unique_ptr<Following> following_;  // guarded by mutex_
  /// All records before it are among the places; nullopt: not looked up yet.
  std::optional<std::int64_t> read_to_;  // guarded by mutex_
};

}  // namespace boxoffice::event_log::kafka
