#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "commands/processor/background_thread.hpp"
#include "commands/processor/disk_keys.hpp"
#include "commands/processor/processor_thread.hpp"
#include "commands/processor/snapshot_topic.hpp"
#include "commands/processor/topic_arrivals.hpp"
#include "commands/processor/travelling_keys.hpp"

namespace boxoffice::app {

/// The partitions that this process decides: those that the group gave it, each with a processor, a
/// thread and keys of its own, and commands from its partition of the topic. Thread-safe; `hold`
/// and `release` are for one thread at a time.
class HeldPartitions {
 public:
  struct Makings {
    event_log::Log& log;
    event_log::SideTopic& snapshots;
    event_log::SideTopic& decided;  ///< keys that are remembered
    std::filesystem::path directory;
    processor::Settings deciding;
    /// Of one partition, but for the directory.
    processor::DiskKeysSettings keys;
    std::function<std::unique_ptr<event_log::CommandSource>(schema::Partition)> commands;
    /// Whether this process is the one to take it over; `next` is the command that it would go on
    /// with, where it knows.
    std::function<std::expected<void, std::string>(schema::Partition,
                                                   std::optional<std::uint64_t> next)>
        may_take_over;
    /// See `processor::Surroundings`.
    std::function<std::optional<std::string>(processor::Instant)> clock_trouble;
  };

  explicit HeldPartitions(Makings makings);
  ~HeldPartitions();

  /// One that cannot be decided for what its log or its topic says stays so, and says so, until
  /// that is mended: with any other process it would be the same. The others go on.
  void hold(const std::vector<schema::Partition>& partitions);
  /// When it returns, nothing of theirs is decided any more, and what makes the next take-over
  /// quick has been sent.
  void release(const std::vector<schema::Partition>& partitions);
  void release_all();

  /// Ready if all are, also where there is none; the reason names one that is not.
  processor::Processor::Status status() const;
  /// Why a partition cannot be held here, though elsewhere it may be: this process had better end.
  std::optional<std::string> fault() const;
  /// Which command each takes next, of those that were taken over.
  std::map<schema::Partition, std::uint64_t> next() const;
  /// Of all that were ever held.
  processor::Stats stats() const;
  std::vector<schema::Partition> partitions() const;
  /// See `Processor::behind` and `CommandSource::behind`, whichever is more.
  std::map<schema::Partition, std::chrono::milliseconds> behind(processor::Instant now) const;

 private:
  struct Held;

  std::unique_ptr<Held> made(schema::Partition partition);
  std::unique_ptr<Held> made_or_refused(schema::Partition partition);
  void refuse_to_hold(schema::Partition partition, std::string why);

  const Makings makings_;
  processor::SnapshotTopic snapshots_;
  processor::BackgroundThread background_;

  mutable std::mutex mutex_;
  std::map<schema::Partition, std::unique_ptr<Held>> held_;  // guarded by mutex_
  std::vector<std::unique_ptr<Held>> leaving_;               // guarded by mutex_
  processor::Stats past_;                                    // guarded by mutex_
  std::optional<std::string> fault_;                         // guarded by mutex_
};

}  // namespace boxoffice::app
