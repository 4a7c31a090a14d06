#pragma once

#include <atomic>

#include "event-log/followers.hpp"
#include "event-log/kafka/about_table.hpp"
#include "event-log/kafka/ends.hpp"
#include "event-log/kafka/key_table.hpp"
#include "event-log/kafka/marks.hpp"
#include "event-log/kafka/reader.hpp"

namespace boxoffice::event_log::kafka {

/// What this process knows of one partition.
struct KnownPartition {
  std::atomic<std::uint64_t> end = 0;  ///< the last sequence known to be committed; only grows
  Marks marks;
  KeyTable keys;
  AboutTable about;
  std::mutex mutex;
  /// A batch whose commit nobody knows the outcome of; settled by the next take-over.
  std::shared_ptr<const Batch> in_doubt;  // guarded by mutex

  void raise_end(Sequence to);
};

/// Where a partition's event lanes end.
struct PartitionEnds {
  Offsets offsets{};
  bool is_pending = false;  ///< see `SettledEnds`
};

/// The connections to the cluster and what is known of its content: all that the log, its writers
/// and its cursors share. Thread-safe.
class Cluster {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Cluster>> connect(const KafkaSettings& settings);

  KnownPartition& known(Partition partition) { return *known_[partition.value]; }
  Sequence end(Partition partition) const { return {known_[partition.value]->end.load()}; }

  /// See `Ends::settled`.
  [[nodiscard]] Result<PartitionEnds> settled_ends(Partition partition, Deadline patience) const;

  /// Finds out with which event partitions end, from the last records of their topics.
  [[nodiscard]] Result<std::vector<PartitionEnds>> find_ends(std::span<const Partition> partitions,
                                                             Deadline patience);

  /// See `Log::key`.
  [[nodiscard]] Result<std::optional<std::string>> key(Partition partition, std::string_view name);

  /// Where wrapped keys lie; opened when first asked for.
  [[nodiscard]] Result<KeyPlaces*> key_places(Deadline deadline);

  /// Hands what this process committed to its followers.
  void notify(const std::shared_ptr<const Batch>& batch);

  const KafkaSettings settings;
  const std::vector<std::string> topics;  ///< by lane
  const std::unique_ptr<Client> observer;
  const std::unique_ptr<Client> committed;
  const Ends ends;
  Readers readers;  ///< of cursors
  Readers key_readers;
  Readers probes;  ///< of single records
  Places places;
  Followers followers;

 private:
  Cluster(const KafkaSettings& settings, std::unique_ptr<Client> observer,
          std::unique_ptr<Client> committed);

  std::vector<std::unique_ptr<KnownPartition>> known_;
  std::mutex opening_;
  std::unique_ptr<KeyPlaces> key_places_;  // guarded by opening_ until it is there
  std::mutex notifying_;
};

/// For a cursor's first read, and for opening: transactions of somebody who has died may stay open
/// for long, and nothing waits for them.
inline constexpr std::chrono::milliseconds kPatience{1000};

}  // namespace boxoffice::event_log::kafka
