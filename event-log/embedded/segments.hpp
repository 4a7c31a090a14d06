#pragma once

#include <memory>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "event-log/embedded/files.hpp"
#include "event-log/embedded/format.hpp"
#include "event-log/embedded/index.hpp"

/// What is committed, and where it lies.
namespace boxoffice::event_log::embedded {

struct Segment {
  std::filesystem::path path;
  SegmentHeader header;
  std::unique_ptr<File> file;
};

[[nodiscard]] std::filesystem::path segment_path(const std::filesystem::path& log,
                                                 std::uint64_t number);
[[nodiscard]] std::filesystem::path index_path(const std::filesystem::path& log,
                                               std::uint64_t number);

/// Some events of one partition that follow each other in one segment.
struct Run {
  std::shared_ptr<const Segment> segment;
  std::vector<std::uint32_t> offsets;  ///< empty past the end
};

/// The key records of one segment, in order.
struct KeysOfSegment {
  std::shared_ptr<const Segment> segment;
  std::vector<std::uint32_t> offsets;
};

struct KeyAddress {
  std::shared_ptr<const Segment> segment;
  std::uint32_t offset;
};

/// All segments of a log, in order; the last one is written. Thread-safe; changed by the appender
/// and the thread that seals.
class Segments {
 public:
  explicit Segments(std::uint16_t partitions) : ends_(partitions) {}

  std::vector<Sequence> ends() const;
  Sequence end(Partition partition) const;
  Run find(Position first, std::size_t count_max) const;
  /// All key records with that hash, the oldest first.
  std::vector<KeyAddress> keys(std::uint64_t hash) const;
  /// All that the segment holds which is the first at or after `number`; nullopt: there is none.
  std::optional<KeysOfSegment> keys_from(std::uint64_t number) const;

  void add_sealed(std::shared_ptr<const Segment> segment, SealedSegment sealed);
  void add_growing(std::shared_ptr<const Segment> segment, std::unique_ptr<GrowingIndex> index);
  /// Of the last segment: shows a frame that has become durable.
  void commit(std::uint32_t frame, const FramePlaces& places);
  /// The index of a segment that is no longer written, good until it is sealed.
  const GrowingIndex& growing(std::uint64_t number) const;
  void seal(std::uint64_t number, std::unique_ptr<SegmentIndex> index);

 private:
  struct Entry {
    std::shared_ptr<const Segment> segment;
    std::unique_ptr<SegmentIndex> index;
    GrowingIndex* growing = nullptr;  // `index`, until it is sealed
  };
  Entry& entry(std::uint64_t number);

  mutable std::shared_mutex mutex_;
  std::vector<Entry> entries_;  // guarded by mutex_
  std::vector<Sequence> ends_;  // guarded by mutex_
};

}  // namespace boxoffice::event_log::embedded
