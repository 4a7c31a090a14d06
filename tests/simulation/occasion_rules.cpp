#include "tests/simulation/occasion_rules.hpp"

#include <algorithm>

#include "tests/simulation/violation.hpp"

namespace boxoffice::simulation {

using schema::OccasionState;
using schema::OccasionStep;

schema::OccasionDetails changed(schema::OccasionDetails details,
                                const schema::OccasionChange& change) {
  const auto assign = [](auto& to, const auto& from) {
    if (from) to = *from;
  };
  assign(details.name, change.name);
  assign(details.venue, change.venue);
  assign(details.notes, change.notes);
  assign(details.pools, change.pools);
  if (!change.claims) return details;
  if (!*change.claims) {
    details.claims.reset();
    return details;
  }
  if (!details.claims)
    details.claims = schema::ClaimsPolicy{.ttl_ms = 300'000,
                                          .on_expiry = schema::OnExpiry::return_,
                                          .one_per_email = true,
                                          .one_per_ip = true};
  const schema::ClaimsChange& claims = **change.claims;
  assign(details.claims->ttl_ms, claims.ttl_ms);
  assign(details.claims->on_expiry, claims.on_expiry);
  assign(details.claims->one_per_email, claims.one_per_email);
  assign(details.claims->one_per_ip, claims.one_per_ip);
  assign(details.claims->verify_email, claims.verify_email);
  return details;
}

void OccasionRules::take(const Recorded& event) {
  event_ = &event;
  std::visit([this](const auto& data) { tell(data); }, event.event);
}

void OccasionRules::tell(const schema::OccasionCreated& event) {
  demand(!exists(), "an occasion was made twice");
  demand(event.state == OccasionState::draft, "a new occasion is no draft");
  occasions_[event_->envelope.subject] = {
      .id = *schema::id_from_text<schema::OccasionId>(event_->envelope.subject),
      .state = event.state,
      .details = event.details,
      .last_event = event_->position().sequence};
}

void OccasionRules::tell(const schema::OccasionChanged& event) {
  Occasion& of = occasion();
  check_precondition(event.if_match);
  demand(of.state != OccasionState::cancelled, "a cancelled occasion was changed");
  demand(event.state == of.state, "a change is no step");
  demand(event.details == changed(of.details, event.change), "other than what was asked for");
  demand(event.details.pools.size() >= of.details.pools.size(), "a pool is gone");
  for (std::size_t pool = 0; pool < of.details.pools.size(); ++pool) {
    demand(event.details.pools[pool].name == of.details.pools[pool].name, "a pool was renamed");
    demand(event.details.pools[pool].capacity >= of.committed(pool),
           "a pool is smaller than what is given away");
  }
  demand(!event.details.claims || !event.details.claims->verify_email, "that is not built");
  of.details = event.details;
  of.last_event = event_->position().sequence;
}

void OccasionRules::step(OccasionStep step, std::optional<schema::Sequence> if_match,
                         const schema::OccasionDetails& details, OccasionState state) {
  Occasion& of = occasion();
  check_precondition(if_match);
  demand(of.state != OccasionState::cancelled, "a cancelled occasion went on");
  demand(details == of.details, "a step is no change");
  switch (step) {
    case OccasionStep::open:
      demand(of.state == OccasionState::draft || of.state == OccasionState::closed,
             "opened from the wrong state");
      demand(state == OccasionState::open, "opened is open");
      break;
    case OccasionStep::close:
      demand(of.state == OccasionState::open, "closed from the wrong state");
      demand(state == OccasionState::closed, "closed is closed");
      break;
    case OccasionStep::cancel:
      demand(state == OccasionState::cancelled, "cancelled is cancelled");
      break;
  }
  of.state = state;
  of.last_event = event_->position().sequence;
}

void OccasionRules::check_precondition(std::optional<schema::Sequence> if_match) const {
  demand(!if_match || *if_match == occasion().last_event, "changed by one who saw another state");
}

void OccasionRules::tell(const schema::TicketClaimed& event) {
  Occasion& of = occasion();
  const schema::TicketPlace place = schema::place_of(event.ticket);
  demand(of.state == OccasionState::open, "a claim outside `open`");
  demand(of.details.claims.has_value(), "a claim where claims are off");
  demand(schema::belongs_to(event.ticket, of.id), "the ticket is another occasion's");
  demand(place.pool < of.details.pools.size() && place.number >= 1 &&
             place.number <= of.details.pools[place.pool].capacity,
         "there is no such ticket");
  demand(place.number == event.number && of.details.pools[place.pool].name == event.pool,
         "the number or the pool is not the ticket's");
  demand(!of.held.contains(event.ticket), "a ticket is held by two");
  demand(!of.burned.contains(event.ticket), "a burned ticket was given out");
  const schema::ClaimsPolicy& policy = *of.details.claims;
  demand(!anybody_holds(of, [&](const Holding& theirs) { return theirs.claim == event.claim; }),
         "two claims of one name");
  demand(!policy.one_per_email ||
             !anybody_holds(of, [&](const Holding& own) { return own.person == event.person; }),
         "two claims of one person");
  demand(!policy.one_per_ip ||
             !anybody_holds(of, [&](const Holding& own) { return own.ip == event.ip; }),
         "two claims of one address");
  demand(event.expires_at == event_->envelope.time + schema::Milliseconds(policy.ttl_ms),
         "the claim's time is not the occasion's");
  of.held[event.ticket] = {.claim = event.claim,
                           .person = event.person,
                           .ip = event.ip,
                           .expires_at = event.expires_at,
                           .claimed_at = event_->position()};
  demand(of.free() >= 0, "more tickets are gone than there were");
}

void OccasionRules::tell(const schema::ClaimConfirmed& event) {
  demand(!is_in(OccasionState::cancelled), "a cancelled occasion confirmed a claim");
  Holding& holding = holding_of(event.ticket, event.claim);
  demand(!is_due(holding), "an expired claim was confirmed");
  demand(event.repeated == holding.confirmed, "`repeated` is wrong");
  holding.confirmed = true;
}

void OccasionRules::tell(const schema::ClaimReleased& event) {
  const Holding& holding = holding_of(event.ticket, event.claim);
  demand(!is_due(holding), "an expired claim was released");
  demand((event.was == schema::LiveClaim::confirmed) == holding.confirmed, "`was` is wrong");
  occasion().held.erase(event.ticket);
}

void OccasionRules::tell(const schema::ClaimExpired& event) {
  Occasion& of = occasion();
  const Holding& holding = holding_of(event.ticket, event.claim);
  demand(is_due(holding), "a claim expired before its time");
  demand(event_->envelope.causation == schema::event_id(holding.claimed_at),
         "the expiry does not name what armed it");
  demand((event.became == schema::ExpiredTicket::returned) == of.returns_expired(),
         "the ticket did not become what the occasion says");
  if (event.became == schema::ExpiredTicket::burned) of.burned.insert(event.ticket);
  of.held.erase(event.ticket);
}

OccasionRules::Holding& OccasionRules::holding_of(const schema::TicketId& ticket,
                                                  const schema::ClaimId& claim) {
  const auto found = occasion().held.find(ticket);
  demand(found != occasion().held.end() && found->second.claim == claim,
         "the claim does not hold the ticket");
  return found->second;
}

bool OccasionRules::is_due(const Holding& holding) const {
  return !holding.confirmed && holding.expires_at <= event_->envelope.time;
}

const OccasionRules::Occasion* OccasionRules::find() const {
  const auto found = occasions_.find(event_->envelope.subject);
  return found == occasions_.end() ? nullptr : &found->second;
}

OccasionRules::Occasion& OccasionRules::occasion() {
  demand(exists(), "there is no such occasion");
  return occasions_.find(event_->envelope.subject)->second;
}

void OccasionRules::demand(bool fact, const char* what) const {
  simulation::demand(fact, event_->position(), what);
}

std::int64_t OccasionRules::Occasion::committed(std::size_t pool) const {
  const auto is_of_it = [&](const schema::TicketId& ticket) {
    return schema::place_of(ticket).pool == pool;
  };
  return std::ranges::count_if(held, is_of_it, [](const auto& entry) { return entry.first; }) +
         std::ranges::count_if(burned, is_of_it);
}

std::int64_t OccasionRules::Occasion::free() const {
  std::int64_t free = 0;
  for (std::size_t pool = 0; pool < details.pools.size(); ++pool)
    free += details.pools[pool].capacity - committed(pool);
  return free;
}

bool OccasionRules::Occasion::returns_expired() const {
  return !details.claims || details.claims->on_expiry == schema::OnExpiry::return_;
}

}  // namespace boxoffice::simulation
