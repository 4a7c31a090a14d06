// Who may hold a ticket, and for how long: each claim's event held against what came before it.

#include <string>

#include "replay-tools/verify/occasion_rules.hpp"

namespace boxoffice::replay {
namespace {

using schema::ClaimRefusal;
using schema::ClaimRule;
using schema::OccasionState;

std::string ticket_text(const schema::TicketPlace& place) {
  return "ticket " + std::to_string(place.number) + " of pool " + std::to_string(place.pool);
}

}  // namespace

bool OccasionRules::gives_back_due_tickets() const {
  return !details_.claims || details_.claims->on_expiry == schema::OnExpiry::return_;
}

std::uint64_t OccasionRules::free() const {
  std::uint64_t free = 0;
  for (const PoolBook& pool : pools_)
    if (pool.capacity > pool.committed()) free += pool.capacity - pool.committed();
  return free;
}

bool OccasionRules::has_ended(const schema::ClaimId& claim, schema::Instant now) const {
  const LiveClaim* live = claims_.find(claim);
  return live == nullptr || !live->is_live(now);
}

void OccasionRules::prefetch(const schema::Event& event) const {
  if (const auto* claim = std::get_if<schema::TicketClaimed>(&event))
    claims_.prefetch(claim->claim, claim->person, IpTag::of(claim->ip));
}

/// Id, pool and number say the same, and there is such a ticket.
template <class Event>
bool OccasionRules::names_its_ticket(const Told& told, const Event& event) {
  const schema::TicketPlace place = schema::place_of(event.ticket);
  if (!schema::belongs_to(event.ticket, id_) || place.number != event.number) {
    violated(told, rule::kClaim, "the ticket's id is not made of its occasion and number");
    return false;
  }
  if (place.pool >= details_.pools.size() || details_.pools[place.pool].name != event.pool) {
    violated(told, rule::kClaim, "the occasion has no pool \"" + event.pool + "\" at that place");
    return false;
  }
  return true;
}

void OccasionRules::judge_one(const Told& told, const schema::TicketClaimed& event) {
  if (!exists_ || state_ != OccasionState::open)
    violated(told, rule::kClaim, "the occasion is not open");
  if (!details_.claims) {
    violated(told, rule::kClaim, "the occasion takes no claims");
  } else {
    if (event.expires_at != told.time + schema::Milliseconds(details_.claims->ttl_ms))
      violated(told, rule::kExpiry, "it does not expire when the occasion's policy says");
    if (details_.claims->one_per_email && claims_.longest_of(event.person, told.time) != nullptr)
      violated(told, rule::kOneLiveClaim, "the person has a live claim already");
    if (details_.claims->one_per_ip &&
        claims_.longest_of(IpTag::of(event.ip), told.time) != nullptr)
      violated(told, rule::kOneLiveClaim, "the IP has a live claim already");
  }
  if (told.command && told.command->id.as<schema::ClaimTag>() != event.claim)
    violated(told, rule::kCause, "the claim does not have the id of the command that made it");

  if (const LiveClaim* same = claims_.find(event.claim)) {
    violated(told, rule::kClaim,
             "a claim of this id was made by " +
                 schema::event_id({told.position.partition, same->claimed_by}) +
                 " and has not ended");
    return;
  }
  if (!names_its_ticket(told, event)) return;

  const schema::TicketPlace place = schema::place_of(event.ticket);
  PoolBook& pool = pools_[place.pool];
  if (place.number == 0 || place.number > pool.capacity)
    violated(told, rule::kCounts, "the pool has no " + ticket_text(place));
  if (pool.is_taken(place.number)) {
    const LiveClaim* holder = claims_.holder_of(place);
    violated(
        told, rule::kOneHolder,
        ticket_text(place) +
            (holder ? " is held by the claim that " +
                          schema::event_id({told.position.partition, holder->claimed_by}) + " made"
                    : std::string(" was burned")));
  } else if (pool.committed() >= pool.capacity) {
    violated(told, rule::kCounts, "nothing was free in pool " + std::to_string(place.pool));
  }

  // A number that no capacity allows is not entered: one false event must not take gigabytes.
  if (place.number <= pool.capacity) pool.take(place.number);
  ++pool.claimed;
  claims_.add({.id = event.claim,
               .person = event.person,
               .ip = IpTag::of(event.ip),
               .expires_at = event.expires_at,
               .claimed_by = told.position.sequence,
               .number = place.number,
               .pool = place.pool});
}

template <class Event>
const LiveClaim* OccasionRules::live(const Told& told, const Event& event) {
  const LiveClaim* claim = claims_.find(event.claim);
  if (claim == nullptr) {
    violated(told, rule::kClaim, "there is no live claim of this id");
    return nullptr;
  }
  if (!names_its_ticket(told, event)) return nullptr;
  const schema::TicketPlace place = schema::place_of(event.ticket);
  if (place != schema::TicketPlace{claim->pool, claim->number} || claim->person != event.person) {
    violated(told, rule::kClaim, "the claim has another ticket or another person");
    return nullptr;
  }
  return claim;
}

void OccasionRules::judge_one(const Told& told, const schema::ClaimConfirmed& event) {
  if (state_ == OccasionState::cancelled) violated(told, rule::kClaim, "the occasion is cancelled");
  const LiveClaim* claim = live(told, event);
  if (claim == nullptr) return;
  if (!claim->is_live(told.time)) violated(told, rule::kExpiry, "the claim's time was over");
  if (event.repeated != claim->is_confirmed)
    violated(told, rule::kClaim,
             event.repeated ? "it was not confirmed before" : "it was confirmed before");
  if (claim->is_confirmed) return;
  --pools_[claim->pool].claimed;
  ++pools_[claim->pool].issued;
  claims_.confirm(*claim);
}

void OccasionRules::judge_one(const Told& told, const schema::ClaimReleased& event) {
  const LiveClaim* claim = live(told, event);
  if (claim == nullptr) return;
  if (!claim->is_live(told.time)) violated(told, rule::kExpiry, "the claim's time was over");
  if ((event.was == schema::LiveClaim::confirmed) != claim->is_confirmed)
    violated(told, rule::kClaim, "the claim was not " + std::string(to_text(event.was)));
  PoolBook& pool = pools_[claim->pool];
  --(claim->is_confirmed ? pool.issued : pool.claimed);
  if (pool.is_taken(claim->number)) pool.taken[claim->number] = false;
  claims_.remove(*claim);
}

void OccasionRules::judge_one(const Told& told, const schema::ClaimExpired& event) {
  const LiveClaim* claim = live(told, event);
  if (claim == nullptr) return;
  if (claim->is_confirmed) {
    violated(told, rule::kExpiry, "a confirmed claim does not expire");
    return;
  }
  if (claim->expires_at > told.time)
    violated(told, rule::kExpiry,
             "it expired at " + schema::to_text(told.time) + ", before its time, " +
                 schema::to_text(claim->expires_at));
  if ((event.became == schema::ExpiredTicket::returned) != gives_back_due_tickets())
    violated(told, rule::kExpiry,
             "the policy does not have the ticket " + std::string(to_text(event.became)));
  if (told.envelope.causation != schema::event_id({told.position.partition, claim->claimed_by}))
    violated(told, rule::kCause, "it does not name the event that armed its timer");

  PoolBook& pool = pools_[claim->pool];
  --pool.claimed;
  if (event.became == schema::ExpiredTicket::burned)
    ++pool.burned;
  else if (pool.is_taken(claim->number))
    pool.taken[claim->number] = false;
  claims_.remove(*claim);
}

void OccasionRules::judge_one(const Told& told, const schema::ClaimRefused& event) {
  if (!is_true(told, event))
    violated(told, rule::kRefusal, "it was not " + std::string(to_text(event.refusal)));
}

bool OccasionRules::is_true(const Told& told, const schema::ClaimRefused& event) {
  switch (event.refusal) {
    case ClaimRefusal::unknown_occasion:
      return !exists_;
    case ClaimRefusal::not_open:
      return exists_ && state_ == OccasionState::draft;
    case ClaimRefusal::closed:
      return exists_ && (state_ == OccasionState::closed || state_ == OccasionState::finalized);
    case ClaimRefusal::cancelled:
      return exists_ && state_ == OccasionState::cancelled;
    case ClaimRefusal::claims_off:
      return exists_ && !details_.claims;
    case ClaimRefusal::too_late:
      return true;  // the deadline is not on the log
    case ClaimRefusal::already_claimed: {
      const LiveClaim* claim = claims_.find(event.claim);
      if (event.rule == ClaimRule::one_per_email)
        claim = claims_.longest_of(event.person, told.time);
      if (event.rule == ClaimRule::one_per_ip)
        claim = claims_.longest_of(IpTag::of(event.ip), told.time);
      if (claim == nullptr || !claim->is_live(told.time)) return false;
      return claim->is_confirmed ? !event.try_again_at : event.try_again_at == claim->expires_at;
    }
    case ClaimRefusal::sold_out: {
      if (free() > 0) return false;
      const LiveClaim* first = claims_.first_to_expire();
      if (first == nullptr || !gives_back_due_tickets()) return !event.try_again_at;
      return first->expires_at > told.time && event.try_again_at == first->expires_at;
    }
  }
  return false;
}

void OccasionRules::judge_one(const Told& told, const schema::ConfirmationRefused& event) {
  using Refusal = schema::ConfirmationRefusal;
  const bool is_true = [&] {
    switch (event.refusal) {
      case Refusal::unknown_occasion:
        return !exists_;
      case Refusal::cancelled:
        return exists_ && state_ == OccasionState::cancelled;
      case Refusal::claim_ended:
        return exists_ && has_ended(event.claim, told.time);
      case Refusal::too_late:
        return true;
    }
    return false;
  }();
  if (!is_true) violated(told, rule::kRefusal, "it was not " + std::string(to_text(event.refusal)));
}

void OccasionRules::judge_one(const Told& told, const schema::ReleaseRefused& event) {
  using Refusal = schema::ReleaseRefusal;
  const bool is_true = [&] {
    switch (event.refusal) {
      case Refusal::unknown_occasion:
        return !exists_;
      case Refusal::claim_ended:
        return exists_ && has_ended(event.claim, told.time);
      case Refusal::too_late:
        return true;
    }
    return false;
  }();
  if (!is_true) violated(told, rule::kRefusal, "it was not " + std::string(to_text(event.refusal)));
}

}  // namespace boxoffice::replay
