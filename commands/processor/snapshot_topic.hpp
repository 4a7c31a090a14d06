#pragma once

#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "commands/processor/snapshot.hpp"
#include "event-log/side_topic.hpp"

namespace boxoffice::processor {

/// Snapshots on a topic beside the log, where the next owner of a partition finds them on whatever
/// machine:
///
///     chunk … chunk head | chunk … chunk head | chunk …
///
/// A head says which chunks are its snapshot's and is sent when they are durable, so a snapshot is
/// there with its head or not at all. When it is, all before the last but one is trimmed.
///
/// Who has lost the partition may still write: chunks tell by an id which snapshot they belong to,
/// and a snapshot which history it belongs to. It trims no more than what it knew as older than its
/// own last two, so whoever trimmed the most has two that are there.
///
/// Thread-safe, but for saves of one partition: one at a time.
class SnapshotTopic final : public SnapshotStore {
 public:
  /// Is told what is in the way, for an operator; from whichever thread.
  using OnTrouble = std::function<void(const std::string&)>;

  struct Settings {
    std::size_t chunk_bytes = event_log::kSideValueBytesMax;
    /// How long a broker may take nothing.
    std::chrono::milliseconds patience{5'000};
  };

  /// `topic` must outlive it.
  SnapshotTopic(event_log::SideTopic& topic, OnTrouble on_trouble, Settings settings);
  SnapshotTopic(event_log::SideTopic& topic, OnTrouble on_trouble);

  bool save(schema::Position position, WriteTo frame) override;
  std::vector<schema::Sequence> list(schema::Partition partition) override;
  std::optional<Frame> read(schema::Position position) override;

 private:
  using Id = std::array<std::uint8_t, 16>;
  /// Where a snapshot lies.
  struct Kept {
    Id id;
    schema::Position position;
    std::uint64_t first = 0;   ///< offset of its first chunk
    std::uint64_t chunks = 0;  ///< its own; others' may lie between
    std::uint64_t bytes = 0;
    std::uint64_t head = 0;  ///< offset
  };
  /// By what they know; of the same, the one that came later last.
  static constexpr auto in_order = [](const Kept& kept) {
    return std::pair(kept.position.sequence, kept.head);
  };
  class Chunks;
  struct ChunkHeader;
  struct HeadRecord;

  event_log::Result<void> send(schema::Position position, WriteTo frame, bool& stopped);
  event_log::Result<void> trim(const Kept& newest);
  event_log::Result<std::vector<Kept>> find(schema::Partition partition);
  event_log::Result<std::vector<Kept>> scan(schema::Partition partition,
                                            event_log::SideTopic::Range range);
  event_log::Result<std::optional<Kept>> kept_at(schema::Partition partition, std::uint64_t offset);
  event_log::Result<Frame> gather(const Kept& kept);
  static std::optional<Kept> parsed_head(schema::Partition partition,
                                         const event_log::SideRecord& record);
  std::optional<Kept> known(schema::Position position);

  event_log::SideTopic& topic_;
  const OnTrouble on_trouble_;
  const Settings settings_;
  std::mutex mutex_;
  std::map<schema::Partition, std::vector<Kept>> known_;  // in order; guarded by mutex_
};

}  // namespace boxoffice::processor
