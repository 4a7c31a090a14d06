#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "commands/domain/expiry_queue.hpp"
#include "commands/domain/slot_index.hpp"

namespace boxoffice::domain {

/// Spreads a key over 64 bits. The ids are keyed hashes already; this keeps the index quick for
/// any others, too.
inline std::uint64_t spread(std::uint64_t low, std::uint64_t high = 0) {
  std::uint64_t hash = low ^ (high * 0x9e37'79b9'7f4a'7c15);
  hash = (hash ^ (hash >> 32)) * 0xd6e8'feb8'6659'fd93;
  hash = (hash ^ (hash >> 32)) * 0xd6e8'feb8'6659'fd93;
  return hash ^ (hash >> 32);
}

template <class Tag>
std::uint64_t spread(const schema::Id<Tag>& id) {
  std::uint64_t halves[2];
  std::memcpy(halves, id.bytes.data(), sizeof halves);
  return spread(halves[0], halves[1]);
}
inline std::uint64_t spread(IpTag ip) { return spread(ip.value); }

/// The hash of a claim's member, by slot.
template <auto kMember>
class HashOf {
 public:
  explicit HashOf(const ClaimSlots& slots) : slots_(slots) {}
  std::uint64_t operator()(Slot slot) const { return spread(slots_[slot].*kMember); }
  void prefetch(Slot slot) const { __builtin_prefetch(&slots_[slot]); }

 private:
  const ClaimSlots& slots_;
};

/// Finds the live claims of one holder: `kHolder` is Claim's member that says who that is.
///
/// While the rule is switched on, nobody has two claims that are not due, and a slot index is all
/// that is needed. Claims made while it was switched off, and the due ones that nobody has settled
/// yet, may be several: all but the first of a holder stand in an ordered set beside it.
template <auto kHolder>
class HolderIndex {
  using Holder = std::remove_cvref_t<decltype(std::declval<Claim>().*kHolder)>;

 public:
  /// `slots` must outlive it; about `expected` claims are added at once.
  HolderIndex(const ClaimSlots& slots, std::size_t expected) : slots_(slots), index_(expected) {}

  /// The claim of `holder` that lasts longest.
  Slot latest_of(const Holder& holder) const {
    const std::uint64_t hash = spread(holder);
    const auto is_theirs = [&](Slot slot) { return slots_[slot].*kHolder == holder; };
    const Slot first = index_.find(hash, is_theirs);
    if (others_.empty()) return first;
    for (auto other = others_.lower_bound({.hash = hash}); other != others_.end(); ++other) {
      if (other->hash != hash) break;
      if (!is_theirs(other->slot)) continue;
      return first == kNoSlot || *other < entry(first) ? other->slot : first;
    }
    return first;
  }

  void add(Slot slot) {
    const std::uint64_t hash = spread(slots_[slot].*kHolder);
    const auto is_theirs = [&](Slot s) { return slots_[s].*kHolder == slots_[slot].*kHolder; };
    if (index_.find(hash, is_theirs) != kNoSlot)
      others_.insert(entry(slot));
    else
      index_.insert(hash, slot, HashOf<kHolder>(slots_));
  }

  void remove(Slot slot) {
    if (!index_.erase(spread(slots_[slot].*kHolder), slot)) others_.erase(entry(slot));
  }

  void prefetch(const Holder& holder) const { index_.prefetch(spread(holder)); }

  std::size_t memory_bytes() const {
    return index_.memory_bytes() + others_.size() * (sizeof(Entry) + 4 * sizeof(void*));
  }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::int64_t lasts = INT64_MAX;  ///< a confirmed claim lasts for ever
    std::uint64_t claimed_by = UINT64_MAX;
    Slot slot = 0;

    /// Of one holder's, the claim that lasts longest stands first.
    bool operator<(const Entry& other) const {
      if (hash != other.hash) return hash < other.hash;
      if (lasts != other.lasts) return lasts > other.lasts;
      return claimed_by > other.claimed_by;
    }
  };

  Entry entry(Slot slot) const {
    const Claim& claim = slots_[slot];
    return {.hash = spread(claim.*kHolder),
            .lasts = claim.is_confirmed() ? INT64_MAX : std::int64_t{claim.expires_ms},
            .claimed_by = claim.claimed_by,
            .slot = slot};
  }

  const ClaimSlots& slots_;
  SlotIndex index_;
  std::set<Entry> others_;
};

}  // namespace boxoffice::domain
