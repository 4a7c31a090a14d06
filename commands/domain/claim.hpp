#pragma once

#include <cstdint>
#include <cstring>

#include "events-schema/values.hpp"

namespace boxoffice::domain {

/// Names a claim within its table while it lives.
using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = 0xffff'ffff;

/// An IP as far as the rule about it needs it: half of its keyed hash. Two of a million addresses
/// are taken for one with a chance of 1 in 30 million.
struct IpTag {
  std::uint64_t value = 0;

  static IpTag of(const schema::IpId& ip) {
    IpTag tag;
    std::memcpy(&tag.value, ip.bytes.data() + 8, sizeof tag.value);
    return tag;
  }
  bool operator==(const IpTag&) const = default;
};

/// A live claim, in one cache line. One that ended takes no memory: its slot is used again.
struct alignas(64) Claim {
  enum State : std::uint8_t { ended = 0, held, confirmed };

  schema::ClaimId id;
  schema::PersonId person;
  IpTag ip;
  std::int64_t expires_ms : 56 = 0;
  std::uint64_t pool : 8 = 0;
  std::uint64_t claimed_by : 56 = 0;  ///< the sequence of the event that made it
  std::uint64_t state : 8 = ended;
  std::uint32_t number = 0;           ///< in a slot that is free: the next free slot
  std::uint32_t expiry_position = 0;  ///< where the expiry queue has it

  schema::TicketPlace place() const {
    return {.pool = static_cast<std::uint16_t>(pool), .number = number};
  }
  schema::Sequence armed_by() const { return {claimed_by}; }
  schema::Instant expires_at() const {
    return schema::Instant(schema::Milliseconds(static_cast<std::int64_t>(expires_ms)));
  }
  bool is_confirmed() const { return state == confirmed; }
  /// A claim past its time counts as expired, whether or not the event is there yet.
  bool is_due(schema::Instant now) const { return state == held && expires_at() <= now; }
};
static_assert(sizeof(Claim) == 64);

}  // namespace boxoffice::domain
