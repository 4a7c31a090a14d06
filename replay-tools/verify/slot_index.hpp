#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "events-schema/values.hpp"
#include "replay-tools/verify/pieces.hpp"

namespace boxoffice::replay {

inline constexpr std::uint32_t kNoSlot = 0xffff'ffff;

/// The neighbours of a slot among those that have the same key.
struct Links {
  std::uint32_t next = kNoSlot;
  std::uint32_t previous = kNoSlot;
};

/// Finds slots by a member of theirs. Slots with equal members are a list
/// (`kLinks`), of which the table (open addressing, four bytes an entry, half of them in use at
/// most) has the head: a million claims of one IP cost no more than those of a million. REQUIRES: a
/// slot's member does not change while the slot is in the index.
template <class Slot, auto kMember, Links Slot::*kLinks>
class SlotIndex {
 public:
  /// `slots` must outlive the index.
  explicit SlotIndex(Pieces<Slot>& slots) : slots_(slots), table_(16) {}

  /// Calls `visit` with each slot whose member is `key`.
  template <class Key, class Visit>
  void for_each(const Key& key, Visit visit) const {
    for (std::uint32_t slot = table_[place_of(key)].head; slot != kNoSlot; slot = links(slot).next)
      visit(slots_[slot]);
  }

  /// `key` will be looked for soon. (GCC takes a function that only prefetches for one without any
  /// effect and leaves its calls out, unless it is inlined before.)
  template <class Key>
  [[gnu::always_inline]] void prefetch(const Key& key) const {
    __builtin_prefetch(&table_[home(hash(key))]);
  }

  void insert(std::uint32_t slot) {
    if (2 * (used_ + 1) > table_.size()) grow();
    Entry& entry = table_[place_of(key(slot))];
    links(slot) = {.next = entry.head, .previous = kNoSlot};
    if (entry.head == kNoSlot)
      ++used_;
    else
      links(entry.head).previous = slot;
    entry = {slot, hash(key(slot))};
  }

  /// REQUIRES: it is in the index.
  void erase(std::uint32_t slot) {
    const Links gone = links(slot);
    if (gone.next != kNoSlot) links(gone.next).previous = gone.previous;
    if (gone.previous != kNoSlot) {
      links(gone.previous).next = gone.next;
      return;
    }
    const std::size_t at = place_of(key(slot));
    table_[at].head = gone.next;
    if (gone.next == kNoSlot) close(at);
  }

 private:
  struct Entry {
    std::uint32_t head = kNoSlot;
    std::uint32_t hash =
        0;  ///< of its key: most strangers are told apart without a look at their slot
  };
  using Table = std::vector<Entry, WideMemory<Entry>>;

  template <class Tag>
  static std::uint64_t bits(const schema::Id<Tag>& id) {
    return schema::IdHash{}(id);
  }
  template <class Key>
  static std::uint64_t bits(const Key& key) {
    return key.value;
  }
  template <class Key>
  static std::uint32_t hash(const Key& key) {
    return static_cast<std::uint32_t>(bits(key) * 0x9e37'79b9'7f4a'7c15u >> 32);
  }

  const auto& key(std::uint32_t slot) const { return slots_[slot].*kMember; }
  Links& links(std::uint32_t slot) const { return slots_[slot].*kLinks; }
  std::size_t home(std::uint32_t hash) const { return hash & (table_.size() - 1); }
  std::size_t after(std::size_t at) const { return (at + 1) & (table_.size() - 1); }

  /// Where the key's head is, or where it would be.
  template <class Key>
  std::size_t place_of(const Key& wanted) const {
    const std::uint32_t its_hash = hash(wanted);
    std::size_t at = home(its_hash);
    while (table_[at].head != kNoSlot &&
           !(table_[at].hash == its_hash && key(table_[at].head) == wanted))
      at = after(at);
    return at;
  }

  /// Fills the hole: what comes behind moves up, unless that would put it before its home.
  void close(std::size_t hole) {
    for (std::size_t at = after(hole); table_[at].head != kNoSlot; at = after(at)) {
      const std::size_t from_home = (at - home(table_[at].hash)) & (table_.size() - 1);
      const std::size_t from_hole = (at - hole) & (table_.size() - 1);
      if (from_home < from_hole) continue;
      table_[hole] = std::exchange(table_[at], Entry{});
      hole = at;
    }
    --used_;
  }

  void grow() {
    const auto old = std::exchange(table_, Table(2 * table_.size()));
    for (const Entry& entry : old) {
      if (entry.head == kNoSlot) continue;
      std::size_t at = home(entry.hash);
      while (table_[at].head != kNoSlot) at = after(at);
      table_[at] = entry;
    }
  }

  Pieces<Slot>& slots_;
  Table table_;  // its size is a power of two
  std::size_t used_ = 0;
};

}  // namespace boxoffice::replay
