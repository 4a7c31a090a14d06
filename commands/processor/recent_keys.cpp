#include "commands/processor/recent_keys.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>
#include <ranges>

namespace boxoffice::processor {

namespace {

constexpr unsigned kSequenceBits = 48;
constexpr std::uint64_t kSequenceMask = (std::uint64_t{1} << kSequenceBits) - 1;

std::uint64_t packed(schema::Position position) {
  return std::uint64_t{position.partition.value} << kSequenceBits |
         (position.sequence.value & kSequenceMask);
}

schema::Position unpacked(std::uint64_t place) {
  return {{static_cast<std::uint16_t>(place >> kSequenceBits)}, {place & kSequenceMask}};
}

}  // namespace

void RecentKeys::Freed::operator()(Slot* slots) const { std::free(slots); }

RecentKeys::RecentKeys(std::size_t slots) : slots_(slots) {}

std::optional<BoundKey> RecentKeys::find(const schema::CommandId& id) const {
  const std::size_t start = schema::IdHash{}(id);
  for (const Generation& generation : generations_ | std::views::reverse) {
    for (std::size_t i = start & (slots_ - 1);; i = (i + 1) & (slots_ - 1)) {
      const Slot& slot = generation.slots[i];
      if (slot.place == 0) break;
      if (slot.id == id.bytes) return BoundKey{id, slot.tag, unpacked(slot.place)};
    }
  }
  return std::nullopt;
}

void RecentKeys::prefetch(const schema::CommandId& id) const {
  if (generations_.empty()) return;
  __builtin_prefetch(&generations_.back().slots[schema::IdHash{}(id) & (slots_ - 1)], 1);
}

void RecentKeys::insert(const BoundKey& key, schema::Instant decided) {
  if (generations_.empty() || generations_.back().used >= slots_ / 4 * 3) begin_generation();
  Generation& newest = generations_.back();
  std::size_t i = schema::IdHash{}(key.id) & (slots_ - 1);
  while (newest.slots[i].place != 0 && newest.slots[i].id != key.id.bytes)
    i = (i + 1) & (slots_ - 1);
  if (newest.slots[i].place == 0) {
    ++newest.used;
    ++size_;
  }
  newest.slots[i] = {key.id.bytes, key.tag, packed(key.position)};
  newest.last_ordinal = ++ordinal_;
  newest.last_decided = std::max(newest.last_decided, decided);
}

bool RecentKeys::drop_if_before(schema::Instant horizon) {
  if (generations_.empty() || generations_.front().last_decided >= horizon) return false;
  size_ -= generations_.front().used;
  generations_.pop_front();
  return true;
}

bool RecentKeys::drop_beyond(std::size_t generations_max, std::uint64_t ordinal) {
  bool dropped = false;
  while (generations_.size() > generations_max && generations_.front().last_ordinal <= ordinal) {
    size_ -= generations_.front().used;
    generations_.pop_front();
    dropped = true;
  }
  return dropped;
}

void RecentKeys::clear() {
  generations_.clear();
  size_ = 0;
}

void RecentKeys::begin_generation() {
  // calloc: the kernel hands out zeroed pages as they are touched, so that a large table costs no
  // pause.
  auto* slots = static_cast<Slot*>(std::calloc(slots_, sizeof(Slot)));
  if (slots == nullptr) throw std::bad_alloc();
  generations_.push_back({.slots = std::unique_ptr<Slot[], Freed>(slots)});
}

}  // namespace boxoffice::processor
