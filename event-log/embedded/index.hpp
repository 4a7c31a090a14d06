#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "event-log/embedded/files.hpp"
#include "event-log/embedded/format.hpp"

/// Where the records of one segment lie, by partition and sequence, and by the names of keys. An
/// index says nothing that a scan of its segment would not.
namespace boxoffice::event_log::embedded {

class SegmentIndex {
 public:
  virtual ~SegmentIndex() = default;
  /// The sequence of the partition's first event in the segment; where there is none, of the first
  /// one after it.
  virtual Sequence first(Partition partition) const = 0;
  /// Of its events, in order.
  virtual std::span<const std::uint32_t> offsets(Partition partition) const = 0;
  /// Of the key records with that hash, in order, tombstones too.
  virtual std::vector<std::uint32_t> keys(std::uint64_t hash) const = 0;
  /// Of all key records, in order.
  virtual std::vector<std::uint32_t> keys() const = 0;
};

/// Of a segment that is still written, in memory. Not thread-safe.
class GrowingIndex final : public SegmentIndex {
 public:
  explicit GrowingIndex(std::span<const Sequence> ends_before);

  /// `places` relative to the frame, which begins at `frame`.
  void add(std::uint32_t frame, const FramePlaces& places);

  Sequence first(Partition partition) const override { return parts_[partition.value].first; }
  std::span<const std::uint32_t> offsets(Partition partition) const override {
    return parts_[partition.value].offsets;
  }
  std::vector<std::uint32_t> keys(std::uint64_t hash) const override;
  std::vector<std::uint32_t> keys() const override;

  /// Where the partitions stand after the segment.
  std::vector<Sequence> ends() const;

  /// What `open_sealed` reads.
  std::string encode(const SegmentHeader& segment, std::uint64_t data_end,
                     std::uint64_t next_frame) const;

 private:
  struct Part {
    Sequence first;
    std::vector<std::uint32_t> offsets;
  };
  struct Key {
    std::uint64_t hash;
    std::uint32_t offset;
    auto operator<=>(const Key&) const = default;
  };
  /// In order of their offsets, by the first byte of their hashes: keys are added with each claim
  /// and seldom looked for, so that a hash table's cache misses would be paid for nothing, and its
  /// doubling would keep an append waiting for milliseconds.
  std::array<std::vector<Key>, 256> keys_;
  std::vector<Key>& keys_like(std::uint64_t hash) { return keys_[hash >> 56]; }
  const std::vector<Key>& keys_like(std::uint64_t hash) const { return keys_[hash >> 56]; }

  std::vector<Part> parts_;
};

/// Of a segment that is complete, mapped from the file beside it.
struct SealedSegment {
  std::unique_ptr<SegmentIndex> index;
  std::uint64_t data_end = 0;
  std::uint64_t next_frame = 0;
  std::vector<Sequence> ends;
};
/// Nullopt where the file is not the undamaged index of that segment: then it is made anew.
[[nodiscard]] std::optional<SealedSegment> open_sealed(std::unique_ptr<Mapping> file,
                                                       const SegmentHeader& segment);

}  // namespace boxoffice::event_log::embedded
