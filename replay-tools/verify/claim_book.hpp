#pragma once

#include <functional>
#include <queue>
#include <vector>

#include "events-schema/values.hpp"
#include "replay-tools/verify/slot_index.hpp"

namespace boxoffice::replay {

/// Half of an IP's keyed hash: what the rule of one claim an IP goes by.
struct IpTag {
  std::uint64_t value = 0;
  static IpTag of(const schema::IpId& ip) { return {schema::IdHash{}(ip)}; }
  bool operator==(const IpTag&) const = default;
};

/// A claim that has a ticket.
struct LiveClaim {
  schema::ClaimId id;
  schema::PersonId person;
  IpTag ip;
  schema::Instant expires_at{};
  schema::Sequence claimed_by;  ///< the event that made it; 0: this slot is free
  std::uint32_t number = 0;
  std::uint16_t pool = 0;
  bool is_confirmed = false;
  Links same_id, same_person, same_ip;  // of the book

  /// Past its time a claim that was not confirmed is as good as gone, whether or not its event is
  /// there yet.
  bool is_live(schema::Instant now) const { return is_confirmed || expires_at > now; }
};

/// The claims of one occasion that have tickets.
class ClaimBook {
 public:
  ClaimBook() : by_id_(slots_), by_person_(slots_), by_ip_(slots_) {}
  ClaimBook(const ClaimBook&) = delete;
  ClaimBook& operator=(const ClaimBook&) = delete;

  /// Pointers are valid until the book is changed.
  const LiveClaim* find(const schema::ClaimId& id) const;
  /// Of those live at `now` the one that lasts longest.
  const LiveClaim* longest_of(const schema::PersonId& person, schema::Instant now) const;
  const LiveClaim* longest_of(IpTag ip, schema::Instant now) const;
  const LiveClaim* holder_of(schema::TicketPlace ticket) const;  ///< slow: for a sentence about it
  /// The unconfirmed one that expires first.
  const LiveClaim* first_to_expire();

  /// These will be looked for soon.
  [[gnu::always_inline]] void prefetch(const schema::ClaimId& id, const schema::PersonId& person,
                                       IpTag ip) const {
    by_id_.prefetch(id);
    by_person_.prefetch(person);
    by_ip_.prefetch(ip);
  }

  void add(const LiveClaim& claim);
  void confirm(const LiveClaim& claim);
  void remove(const LiveClaim& claim);

 private:
  struct Expiry {
    schema::Instant at;
    std::uint32_t slot;
    schema::Sequence claimed_by;  ///< another one by now: the claim has ended
    bool operator>(const Expiry& other) const { return at > other.at; }
  };
  bool is_current(const Expiry& expiry) const;

  Pieces<LiveClaim> slots_;
  std::vector<std::uint32_t> free_;
  SlotIndex<LiveClaim, &LiveClaim::id, &LiveClaim::same_id> by_id_;
  SlotIndex<LiveClaim, &LiveClaim::person, &LiveClaim::same_person> by_person_;
  SlotIndex<LiveClaim, &LiveClaim::ip, &LiveClaim::same_ip> by_ip_;
  std::priority_queue<Expiry, std::vector<Expiry>, std::greater<>> expiries_;
};

}  // namespace boxoffice::replay
