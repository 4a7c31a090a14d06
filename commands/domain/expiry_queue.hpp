#pragma once

#include <cstddef>
#include <deque>

#include "commands/domain/claim.hpp"
#include "commands/domain/cow_array.hpp"

namespace boxoffice::domain {

using ClaimSlots = CowArray<Claim, 128>;

/// The held claims of an occasion, the one that expires first in front: a heap with four children a
/// node, of slots. The slots know their place in it, so that any claim can be taken out.
class ExpiryQueue {
 public:
  std::size_t size() const { return heap_.size(); }
  Slot operator[](std::size_t position) const { return heap_[position]; }
  static std::size_t first_child(std::size_t position) { return position * 4 + 1; }

  void push(ClaimSlots& slots, Slot slot);
  void remove(ClaimSlots& slots, Slot slot);

  std::size_t memory_bytes() const { return heap_.size() * sizeof(Slot); }

 private:
  void rise(ClaimSlots& slots, std::size_t position, Slot slot);
  void sink(ClaimSlots& slots, std::size_t position, Slot slot);
  void put(ClaimSlots& slots, std::size_t position, Slot slot);

  std::deque<Slot> heap_;  ///< never moved as it grows
};

/// The order in which claims expire; two that expire together go in the order in which they came.
inline bool expires_before(const Claim& a, const Claim& b) {
  if (a.expires_ms != b.expires_ms) return a.expires_ms < b.expires_ms;
  return a.claimed_by < b.claimed_by;
}

}  // namespace boxoffice::domain
