#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "commands/domain/claim.hpp"

namespace boxoffice::domain {

/// Finds slots by a 64-bit hash: five bytes a cell, and no operation that takes longer as it grows.
///
/// Extendible hashing (Fagin et al., 1979): the hash's top bits choose a segment of at most
/// kCellsMax cells; a segment that is full grows by about a half, the largest split in two by the
/// next bit, alone. Within a segment Robin Hood probing: beside each cell stands how far it lies
/// from its home (5 bits) and a bit of its hash (3 bits), so that erasing shifts back without
/// looking at keys, and a search looks at few keys that are not its own.
class SlotIndex {
 public:
  /// With room for about `expected` slots: nothing is moved before there are more.
  explicit SlotIndex(std::size_t expected = 0);

  /// The slot with that hash for which `is_it(slot)` holds, else kNoSlot.
  template <class IsIt>
  Slot find(std::uint64_t hash, IsIt is_it) const {
    const Segment& segment = *directory_[segment_of(hash)];
    for (Probe probe(hash, segment.capacity);; probe.step()) {
      const std::uint8_t mark = segment.marks[probe.cell];
      if (mark < probe.nearest()) break;
      if (mark == probe.mark() && is_it(segment.slots[probe.cell]))
        return segment.slots[probe.cell];
    }
    for (const Slot stray : strays_)
      if (is_it(stray)) return stray;
    return kNoSlot;
  }

  /// REQUIRES: `slot` is not in. `hash_of(slot)` is asked for slots that must move, after
  /// `hash_of.prefetch(slot)`.
  template <class HashOf>
  void insert(std::uint64_t hash, Slot slot, HashOf hash_of) {
    if (directory_[segment_of(hash)]->insert(hash, slot)) return;
    make_room(segment_of(hash), hash_of);
    if (!directory_[segment_of(hash)]->insert(hash, slot)) strays_.push_back(slot);
  }

  /// Takes `slot` out; false where it is not in.
  bool erase(std::uint64_t hash, Slot slot);

  /// Has the processor fetch what a search or an insertion for this hash is going to look at.
  void prefetch(std::uint64_t hash) const {
    const Segment& segment = *directory_[segment_of(hash)];
    const Probe home(hash, segment.capacity);
    __builtin_prefetch(&segment.marks[home.cell], 1);
    __builtin_prefetch(&segment.slots[home.cell], 1);
    // GCC would take this function for one without any effect, and leave out calls of it.
    asm volatile("");
  }

  std::size_t memory_bytes() const;

 private:
  static constexpr std::uint32_t kCellsMin = 16;
  static constexpr std::uint32_t kCellsMax = 1024;
  static constexpr std::uint32_t kCellsAfterSplit = 768;
  static constexpr std::uint8_t kDepthMax = 20;
  static constexpr unsigned kDistanceMax = 31;  ///< counted from 1; 0 is an empty cell

  /// A walk from a hash's home on.
  struct Probe {
    Probe(std::uint64_t hash, std::uint32_t capacity)
        : cell(static_cast<std::uint32_t>((hash & 0xffff'ffff) * capacity >> 32)),
          capacity(capacity),
          print(static_cast<std::uint8_t>(hash >> 32 & 7)) {}

    void step() {
      ++distance;
      if (++cell == capacity) cell = 0;
    }
    std::uint8_t mark() const { return static_cast<std::uint8_t>(distance << 3 | print); }
    /// The least mark of a cell that is no nearer to its home than this walk to its own.
    unsigned nearest() const { return distance << 3; }

    std::uint32_t cell;
    std::uint32_t capacity;
    unsigned distance = 1;
    std::uint8_t print;
  };

  struct Segment {
    Segment(std::uint32_t cells, std::uint8_t depth)
        : capacity(cells),
          depth(depth),
          marks(std::make_unique<std::uint8_t[]>(cells)),
          slots(std::make_unique_for_overwrite<Slot[]>(cells)) {}

    std::uint32_t used_max() const { return capacity / 5 * 4; }
    /// False, and nothing changed, where it is full or a slot would lie too far from its home.
    bool insert(std::uint64_t hash, Slot slot);
    bool erase(std::uint64_t hash, Slot slot);

    std::uint32_t capacity;
    std::uint32_t used = 0;
    std::uint8_t depth;  ///< how many of the hash's top bits its slots have in common
    std::unique_ptr<std::uint8_t[]> marks;
    std::unique_ptr<Slot[]> slots;
  };
  using SegmentPtr = std::shared_ptr<Segment>;  ///< several entries of the directory may share one

  std::size_t segment_of(std::uint64_t hash) const {
    return depth_ == 0 ? 0 : static_cast<std::size_t>(hash >> (64 - depth_));
  }

  template <class HashOf>
  void make_room(std::size_t at, HashOf hash_of) {
    const SegmentPtr full = directory_[at];
    if (!may_make_room(*full)) return;
    const auto [low, high] = full->capacity == kCellsMax ? split(at) : grow(at);
    for (std::uint32_t cell = 0; cell < full->capacity; ++cell)
      if (full->marks[cell] != 0) hash_of.prefetch(full->slots[cell]);
    for (std::uint32_t cell = 0; cell < full->capacity; ++cell) {
      if (full->marks[cell] == 0) continue;
      const Slot slot = full->slots[cell];
      const std::uint64_t hash = hash_of(slot);
      Segment& home = (hash >> (63 - full->depth) & 1) == 0 ? *low : *high;
      if (!home.insert(hash, slot)) strays_.push_back(slot);
    }
  }

  /// Hashes that are alike in all the bits that count gather however much room there is.
  static bool may_make_room(const Segment& segment) {
    return segment.used >= segment.used_max() / 4 && segment.depth < kDepthMax;
  }
  /// Both put new, empty segments in the place of one: a larger (twice the same), or two.
  std::pair<SegmentPtr, SegmentPtr> grow(std::size_t at);
  std::pair<SegmentPtr, SegmentPtr> split(std::size_t at);

  unsigned depth_ = 0;
  std::vector<SegmentPtr> directory_;
  std::vector<Slot> strays_;  ///< found no place near their home; with good hashes there are none
};

}  // namespace boxoffice::domain
