#include "commands/domain/slot_index.hpp"

#include <algorithm>

namespace boxoffice::domain {
namespace {

constexpr unsigned kOneFurther = 1 << 3;  ///< what a mark gains with one cell more from home

}  // namespace

bool SlotIndex::Segment::insert(std::uint64_t hash, Slot slot) {
  if (used >= used_max()) return false;
  Probe place(hash, capacity);
  while (marks[place.cell] >= place.nearest() && place.distance <= kDistanceMax) place.step();
  if (place.distance > kDistanceMax) return false;

  // The rest of the cluster moves on by one, into the next empty cell.
  const auto next = [this](std::uint32_t cell) { return cell + 1 == capacity ? 0 : cell + 1; };
  std::uint32_t end = place.cell;
  for (; marks[end] != 0; end = next(end))
    if (marks[end] >> 3 == kDistanceMax) return false;
  const auto previous = [this](std::uint32_t cell) { return (cell == 0 ? capacity : cell) - 1; };
  for (std::uint32_t cell = end; cell != place.cell; cell = previous(cell)) {
    marks[cell] = static_cast<std::uint8_t>(marks[previous(cell)] + kOneFurther);
    slots[cell] = slots[previous(cell)];
  }
  marks[place.cell] = place.mark();
  slots[place.cell] = slot;
  ++used;
  return true;
}

bool SlotIndex::Segment::erase(std::uint64_t hash, Slot slot) {
  Probe probe(hash, capacity);
  while (marks[probe.cell] != probe.mark() || slots[probe.cell] != slot) {
    if (marks[probe.cell] < probe.nearest()) return false;
    probe.step();
  }
  // What follows and is not at home moves back by one.
  std::uint32_t cell = probe.cell;
  for (probe.step(); marks[probe.cell] >> 3 > 1; cell = probe.cell, probe.step()) {
    marks[cell] = static_cast<std::uint8_t>(marks[probe.cell] - kOneFurther);
    slots[cell] = slots[probe.cell];
  }
  marks[cell] = 0;
  --used;
  return true;
}

bool SlotIndex::erase(std::uint64_t hash, Slot slot) {
  if (directory_[segment_of(hash)]->erase(hash, slot)) return true;
  return std::erase(strays_, slot) != 0;
}

SlotIndex::SlotIndex(std::size_t expected) {
  // Some segments get more than their share: three fifths leave enough room for them.
  constexpr std::size_t kUsedOnAverage = kCellsMax / 5 * 3;
  while (depth_ < kDepthMax && expected >> depth_ > kUsedOnAverage) ++depth_;
  const std::uint32_t cells = expected < kCellsMin ? kCellsMin : kCellsMax;
  for (std::size_t i = 0; i < std::size_t{1} << depth_; ++i)
    directory_.push_back(std::make_shared<Segment>(cells, static_cast<std::uint8_t>(depth_)));
}

std::pair<SlotIndex::SegmentPtr, SlotIndex::SegmentPtr> SlotIndex::grow(std::size_t at) {
  const SegmentPtr full = directory_[at];
  const bool power_of_two = (full->capacity & (full->capacity - 1)) == 0;
  const std::uint32_t cells = power_of_two ? full->capacity / 2 * 3 : full->capacity / 3 * 4;
  const auto larger = std::make_shared<Segment>(cells, full->depth);
  const auto entries = std::ptrdiff_t{1} << (depth_ - full->depth);
  const auto first = directory_.begin() + static_cast<std::ptrdiff_t>(at) / entries * entries;
  std::fill(first, first + entries, larger);
  return {larger, larger};
}

std::pair<SlotIndex::SegmentPtr, SlotIndex::SegmentPtr> SlotIndex::split(std::size_t at) {
  const SegmentPtr full = directory_[at];
  if (full->depth == depth_) {
    std::vector<SegmentPtr> doubled;
    doubled.reserve(directory_.size() * 2);
    for (const SegmentPtr& segment : directory_) doubled.insert(doubled.end(), 2, segment);
    directory_ = std::move(doubled);
    ++depth_;
    at *= 2;
  }
  const auto depth = static_cast<std::uint8_t>(full->depth + 1);
  const auto low = std::make_shared<Segment>(kCellsAfterSplit, depth);
  const auto high = std::make_shared<Segment>(kCellsAfterSplit, depth);
  const auto half = std::ptrdiff_t{1} << (depth_ - depth);
  const auto first = directory_.begin() + static_cast<std::ptrdiff_t>(at) / (2 * half) * (2 * half);
  std::fill(first, first + half, low);
  std::fill(first + half, first + 2 * half, high);
  return {low, high};
}

std::size_t SlotIndex::memory_bytes() const {
  std::size_t bytes = directory_.capacity() * sizeof(SegmentPtr);
  for (std::size_t i = 0; i < directory_.size(); ++i)
    if (i == 0 || directory_[i] != directory_[i - 1])
      bytes += sizeof(Segment) + directory_[i]->capacity * (1 + sizeof(Slot));
  return bytes;
}

}  // namespace boxoffice::domain
