#include "commands/domain/expiry_queue.hpp"

#include <algorithm>

namespace boxoffice::domain {

void ExpiryQueue::push(ClaimSlots& slots, Slot slot) {
  heap_.push_back(slot);
  rise(slots, heap_.size() - 1, slot);
}

void ExpiryQueue::remove(ClaimSlots& slots, Slot slot) {
  const std::size_t position = slots[slot].expiry_position;
  const Slot last = heap_.back();
  heap_.pop_back();
  if (last == slot) return;
  if (expires_before(slots[last], slots[slot]))
    rise(slots, position, last);
  else
    sink(slots, position, last);
}

void ExpiryQueue::rise(ClaimSlots& slots, std::size_t position, Slot slot) {
  while (position > 0) {
    const std::size_t parent = (position - 1) / 4;
    if (!expires_before(slots[slot], slots[heap_[parent]])) break;
    put(slots, position, heap_[parent]);
    position = parent;
  }
  put(slots, position, slot);
}

void ExpiryQueue::sink(ClaimSlots& slots, std::size_t position, Slot slot) {
  for (;;) {
    const std::size_t first = first_child(position);
    const std::size_t end = std::min(first + 4, heap_.size());
    if (first >= end) break;
    std::size_t earliest = first;
    for (std::size_t child = first + 1; child < end; ++child)
      if (expires_before(slots[heap_[child]], slots[heap_[earliest]])) earliest = child;
    if (!expires_before(slots[heap_[earliest]], slots[slot])) break;
    put(slots, position, heap_[earliest]);
    position = earliest;
  }
  put(slots, position, slot);
}

void ExpiryQueue::put(ClaimSlots& slots, std::size_t position, Slot slot) {
  heap_[position] = slot;
  slots.writable(slot).expiry_position = static_cast<std::uint32_t>(position);
}

}  // namespace boxoffice::domain
