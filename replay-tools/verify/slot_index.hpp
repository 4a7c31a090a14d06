#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "events-schema/values.hpp"

namespace boxoffice::replay {

inline constexpr std::uint32_t kNoSlot = 0xffff'ffff;

/// The neighbours of a slot among those that have the same key.
struct Links {
  std::uint32_t next = kNoSlot;
  std::uint32_t previous = kNoSlot;
};

/// Finds the slots of a vector by a member of theirs. Slots with equal members are a list
/// (`kLinks`), of which the table (open addressing, four bytes an entry, half of them in use at
/// most) has the head: a million claims of one IP cost no more than those of a million. REQUIRES: a
/// slot's member does not change while the slot is in the index.
template <class Slot, auto kMember, Links Slot::*kLinks>
class SlotIndex {
 public:
  /// `slots` must outlive the index.
  explicit SlotIndex(std::vector<Slot>& slots) : slots_(slots), table_(16, kNoSlot) {}

  /// Calls `visit` with each slot whose member is `key`.
  template <class Key, class Visit>
  void for_each(const Key& key, Visit visit) const {
    for (std::uint32_t slot = table_[place_of(key)]; slot != kNoSlot; slot = links(slot).next)
      visit(slots_[slot]);
  }

  void insert(std::uint32_t slot) {
    if (2 * (used_ + 1) > table_.size()) grow();
    std::uint32_t& head = table_[place_of(key(slot))];
    links(slot) = {.next = head, .previous = kNoSlot};
    if (head == kNoSlot)
      ++used_;
    else
      links(head).previous = slot;
    head = slot;
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
    table_[at] = gone.next;
    if (gone.next == kNoSlot) close(at);
  }

 private:
  template <class Tag>
  static std::uint64_t bits(const schema::Id<Tag>& id) {
    return schema::IdHash{}(id);
  }
  template <class Key>
  static std::uint64_t bits(const Key& key) {
    return key.value;
  }

  const auto& key(std::uint32_t slot) const { return slots_[slot].*kMember; }
  Links& links(std::uint32_t slot) const { return slots_[slot].*kLinks; }

  template <class Key>
  std::size_t home(const Key& key) const {
    return (bits(key) * 0x9e37'79b9'7f4a'7c15u >> 20) & (table_.size() - 1);
  }
  std::size_t after(std::size_t at) const { return (at + 1) & (table_.size() - 1); }

  /// Where the key's head is, or where it would be.
  template <class Key>
  std::size_t place_of(const Key& wanted) const {
    std::size_t at = home(wanted);
    while (table_[at] != kNoSlot && !(key(table_[at]) == wanted)) at = after(at);
    return at;
  }

  /// Fills the hole: what comes behind moves up, unless that would put it before its home.
  void close(std::size_t hole) {
    for (std::size_t at = after(hole); table_[at] != kNoSlot; at = after(at)) {
      const std::size_t from_home = (at - home(key(table_[at]))) & (table_.size() - 1);
      const std::size_t from_hole = (at - hole) & (table_.size() - 1);
      if (from_home < from_hole) continue;
      table_[hole] = std::exchange(table_[at], kNoSlot);
      hole = at;
    }
    --used_;
  }

  void grow() {
    const auto old = std::exchange(table_, std::vector<std::uint32_t>(2 * table_.size(), kNoSlot));
    for (const std::uint32_t head : old)
      if (head != kNoSlot) table_[place_of(key(head))] = head;
  }

  std::vector<Slot>& slots_;
  std::vector<std::uint32_t> table_;  // its size is a power of two
  std::size_t used_ = 0;
};

}  // namespace boxoffice::replay
