#include "event-log/embedded/embedded_log.hpp"

#include <algorithm>
#include <mutex>

#include "event-log/batch_rules.hpp"
#include "event-log/embedded/appender.hpp"
#include "event-log/embedded/directory.hpp"
#include "event-log/embedded/erasure.hpp"
#include "event-log/embedded/event_cursor.hpp"
#include "event-log/embedded/key_reading.hpp"
#include "event-log/embedded/open.hpp"
#include "event-log/embedded/recovery.hpp"
#include "event-log/followers.hpp"
#include "event-log/require.hpp"

namespace boxoffice::event_log {
namespace embedded {
namespace {

/// Who may append, and the appending itself, one at a time.
class Owners {
 public:
  Owners(std::uint16_t partitions, std::shared_ptr<Segments> segments, Followers& followers)
      : segments_(std::move(segments)), followers_(followers), owners_(partitions) {}

  void begin(std::unique_ptr<Appender> appender) { appender_ = std::move(appender); }

  /// The new owner's id. Not before the disk does what it refused last: who owns the partitions
  /// counts as able to work.
  Result<std::uint64_t> take_over(std::span<const Partition> partitions) {
    const std::lock_guard turn(turn_);
    if (auto mended = appender_->mend(); !mended) return std::unexpected(mended.error());
    const std::uint64_t id = ++last_;
    for (const Partition partition : partitions) owners_[partition.value] = id;
    return id;
  }

  Result<void> append(std::uint64_t id, std::span<const Partition> partitions,
                      const std::shared_ptr<const Batch>& batch) {
    const std::lock_guard turn(turn_);
    for (const Partition partition : partitions)
      if (owners_[partition.value] != id)
        return std::unexpected(
            LogError{LogErrorKind::fenced,
                     "another writer has taken over partition " + std::to_string(partition.value)});
    (void)ends_after(*batch, segments_->ends(), partitions);
    if (batch->events.empty() && batch->keys.empty()) return {};
    if (auto done = appender_->append(*batch); !done) return done;
    followers_.notify(batch);
    return {};
  }

 private:
  const std::shared_ptr<Segments> segments_;
  Followers& followers_;
  std::mutex turn_;  // held until followers were called: they see the batches in order
  std::unique_ptr<Appender> appender_;  // guarded by turn_
  std::vector<std::uint64_t> owners_;   // by partition; guarded by turn_
  std::uint64_t last_ = 0;              // guarded by turn_
};

void tell(const Recovered& recovered, const OnTornEnd& on_torn_end,
          std::optional<std::filesystem::path> kept = std::nullopt) {
  const Tail& tail = recovered.tail;
  if (!on_torn_end || !tail.segment || recovered.torn_end <= tail.data_end) return;
  on_torn_end({.file = tail.segment->path,
               .begin = tail.data_end,
               .end = recovered.torn_end,
               .events = recovered.torn_events,
               .kept = std::move(kept)});
}

class EmbeddedWriter final : public Writer {
 public:
  EmbeddedWriter(Owners& owners, std::span<const Partition> partitions, std::uint64_t id)
      : owners_(owners), partitions_(partitions.begin(), partitions.end()), id_(id) {}

  Result<void> append(std::shared_ptr<const Batch> batch) override {
    return owners_.append(id_, partitions_, batch);
  }

 private:
  Owners& owners_;
  const std::vector<Partition> partitions_;
  const std::uint64_t id_;
};

class EmbeddedLog final : public Log {
 public:
  explicit EmbeddedLog(HeldDirectory held)
      : held_(std::move(held)),
        segments_(std::make_shared<Segments>(held_.deployment.partitions)),
        erasure_(*segments_),
        owners_(held_.deployment.partitions, segments_, followers_) {}

  Result<void> begin_reading(Files& files, const OnTornEnd& on_torn_end) {
    const auto recovered = recover(files, held_.log, OpenMode::read, partitions(), *segments_);
    if (!recovered) return std::unexpected(recovered.error());
    tell(*recovered, on_torn_end);
    return {};
  }

  Result<void> begin_writing(Files& files, std::size_t segment_bytes,
                             const OnTornEnd& on_torn_end) {
    auto recovered = recover(files, held_.log, OpenMode::write, partitions(), *segments_);
    if (!recovered) return std::unexpected(recovered.error());
    tell(*recovered, on_torn_end, keep_torn_end(files, *recovered));
    if (auto done = make_durable(files, held_.log, *recovered); !done) return done;
    if (auto done = erasure_.destroy(recovered->destroyed); !done) return done;

    segment_files_ = std::make_unique<SegmentFiles>(files, held_.log, segment_bytes);
    for (const Tail& full : recovered->unsealed)
      segment_files_->seal(*segments_, erasure_, full.segment, full.data_end, full.next_frame);
    Tail tail = std::move(recovered->tail);
    if (!tail.segment) {
      auto first = segment_files_->begin(1, 1, 0);
      if (!first) return std::unexpected(first.error());
      tail = {.segment = *first, .data_end = kSegmentHeaderBytes, .next_frame = 1};
      segments_->add_growing(*first, std::make_unique<GrowingIndex>(segments_->ends()));
    }
    owners_.begin(
        std::make_unique<Appender>(*segments_, *segment_files_, erasure_, std::move(tail)));
    return {};
  }

  std::uint16_t partitions() const override { return held_.deployment.partitions; }
  std::string_view deployment() const override { return held_.deployment.name; }

  Result<std::unique_ptr<Writer>> take_over(std::span<const Partition> partitions) override {
    if (!segment_files_)
      return std::unexpected(
          LogError{LogErrorKind::unavailable, held_.log.string() + " was opened for reading only"});
    for (const Partition partition : partitions) require_known(partition);
    const auto id = owners_.take_over(partitions);
    if (!id) return std::unexpected(id.error());
    return std::make_unique<EmbeddedWriter>(owners_, partitions, *id);
  }

  Sequence end(Partition partition) const override {
    require_known(partition);
    return segments_->end(partition);
  }

  std::unique_ptr<Cursor> read_after(Position after) override {
    require_known(after.partition);
    return std::make_unique<EventCursor>(segments_, after);
  }

  Result<std::optional<std::string>> at(Position position) override {
    require_known(position.partition);
    return read_event(*segments_, position);
  }

  Result<std::optional<std::string>> key(Partition partition, std::string_view name) override {
    require_known(partition);
    return find_key(*segments_, partition, name);
  }

  Result<std::set<KeyName>> damaged_keys() override { return find_damaged_keys(*segments_); }

  Result<void> read_keys(const KeyVisitor& visit) override {
    return embedded::read_keys(*segments_, visit);
  }

  std::shared_ptr<void> follow(Follower follower) override {
    return followers_.add(std::move(follower));
  }

 private:
  void require_known(Partition partition) const {
    require(partition.value < partitions(), "a partition is one of the log's");
  }

  const HeldDirectory held_;  // first: the lock is given back last
  const std::shared_ptr<Segments> segments_;
  Followers followers_;
  Erasure erasure_;
  std::unique_ptr<SegmentFiles>
      segment_files_;  // null when opened for reading; after what its thread uses
  Owners owners_;
};

}  // namespace

Result<std::unique_ptr<Log>> open(const EmbeddedSettings& settings, Files& files) {
  require(settings.partitions > 0, "a log has at least one partition");
  require(settings.segment_bytes >= 4096 && settings.segment_bytes <= std::size_t{2} << 30,
          "a segment has 4 KB to 2 GB");
  auto held = hold_for_writing(files, settings.directory,
                               {.name = settings.deployment, .partitions = settings.partitions});
  if (!held) return std::unexpected(held.error());
  auto log = std::make_unique<EmbeddedLog>(std::move(*held));
  if (auto begun = log->begin_writing(files, settings.segment_bytes, settings.on_torn_end); !begun)
    return std::unexpected(begun.error());
  return log;
}

Result<std::unique_ptr<Log>> open_for_reading(const std::filesystem::path& directory, Files& files,
                                              const OnTornEnd& on_torn_end) {
  auto held = hold_for_reading(files, directory);
  if (!held) return std::unexpected(held.error());
  auto log = std::make_unique<EmbeddedLog>(std::move(*held));
  if (auto begun = log->begin_reading(files, on_torn_end); !begun)
    return std::unexpected(begun.error());
  return log;
}

}  // namespace embedded

Result<std::unique_ptr<Log>> open_embedded(const EmbeddedSettings& settings) {
  return embedded::open(settings, embedded::real_files());
}

bool holds_embedded_log(const std::filesystem::path& directory) {
  return embedded::real_files().exists(directory / "FORMAT").value_or(false);
}

Result<std::unique_ptr<Log>> open_embedded_for_reading(const std::filesystem::path& directory,
                                                       const OnTornEnd& on_torn_end) {
  return embedded::open_for_reading(directory, embedded::real_files(), on_torn_end);
}

std::string to_text(const TornEnd& torn) {
  std::string events;
  for (const Position& event : torn.events)
    events += (events.empty() ? ", from event " : ", ") + schema::to_text(event) + " on";
  return torn.file.string() + " has bytes " + std::to_string(torn.begin) + " to " +
         std::to_string(torn.end) + events +
         ", that are no whole batch: a write that a crash interrupted and that was never answered, "
         "or damage to the last one" +
         (torn.kept ? "; they are kept in " + torn.kept->string() : "");
}

}  // namespace boxoffice::event_log
