#include "commands/domain/claims.hpp"

#include "commands/domain/require.hpp"

namespace boxoffice::domain {
namespace {

using schema::ClaimRefusal;
using schema::ClaimRule;
using schema::Instant;
using schema::OccasionState;

/// What a command settles before its outcome, and what that leaves.
class Settled {
 public:
  Settled(const Occasion& occasion, Instant now) : occasion_(occasion), now_(now) {}

  /// The claim, where it is alive; one that is due is settled and counts as gone.
  const Claim* alive(const Claim* claim) {
    if (claim == nullptr || !claim->is_due(now_)) return claim;
    settle(*claim);
    return nullptr;
  }

  /// The ticket to give out next. Where none is free the first claim that is due gives back its.
  std::optional<schema::TicketPlace> next_ticket() {
    if (const auto ticket = occasion_.next_ticket(returned_)) return ticket;
    const Claim* first = occasion_.claims.expiring(0);
    if (first == nullptr || !first->is_due(now_) || !returns(occasion_)) return std::nullopt;
    settle(*first);
    return occasion_.next_ticket(returned_);
  }

  static bool returns(const Occasion& occasion) {
    const auto& policy = occasion.details->claims;
    return !policy || policy->on_expiry == schema::OnExpiry::return_;
  }

  /// The whole decision.
  Decision then(Decision outcome) && {
    if (decision_.empty()) return outcome;
    decision_.push_back(std::move(outcome.front()));
    return std::move(decision_);
  }

 private:
  void settle(const Claim& claim) {
    for (const Decided& settled : decision_)
      if (settled.armed_by == claim.armed_by()) return;
    decision_.push_back(expire(occasion_, claim));
    if (returns(occasion_)) returned_.push_back(claim.place());
  }

  const Occasion& occasion_;
  const Instant now_;
  Decision decision_;
  std::vector<schema::TicketPlace> returned_;
};

std::optional<Instant> end_of(const Claim& claim) {
  if (claim.is_confirmed()) return std::nullopt;
  return claim.expires_at();
}

/// What stands against any claim, whoever makes it.
std::optional<ClaimRefusal> objection_to_claims(const Occasion* occasion, const Asked& asked) {
  if (asked.too_late()) return ClaimRefusal::too_late;
  if (occasion == nullptr) return ClaimRefusal::unknown_occasion;
  switch (occasion->state) {
    case OccasionState::draft:
      return ClaimRefusal::not_open;
    case OccasionState::closed:
    case OccasionState::finalized:
      return ClaimRefusal::closed;
    case OccasionState::cancelled:
      return ClaimRefusal::cancelled;
    case OccasionState::open:
      break;
  }
  if (!occasion->details->claims) return ClaimRefusal::claims_off;
  return std::nullopt;
}

/// The members that all events about a live claim have.
template <class Event>
Event about(const Occasion& occasion, const Claim& claim) {
  Event event;
  event.claim = claim.id;
  event.person = claim.person;
  event.ticket = schema::ticket_id(occasion.id, claim.place());
  event.pool = occasion.details->pools[claim.pool].name;
  event.number = claim.number;
  return event;
}

/// A refusal to change a claim. Whose it is, and of what ticket, is said where the state knows it.
template <class Event, class Refusal>
Event refused(const Occasion* occasion, const schema::ClaimId& id, Refusal refusal,
              const std::optional<schema::IpId>& ip) {
  Event event{.claim = id, .refusal = refusal, .ip = ip};
  const Claim* claim = occasion == nullptr ? nullptr : occasion->claims.find(id);
  if (claim == nullptr) return event;
  event.person = claim->person;
  event.ticket = schema::ticket_id(occasion->id, claim->place());
  return event;
}

Pool& pool_at(Occasion& occasion, schema::TicketPlace place) {
  require(place.pool < occasion.pools.size());
  return occasion.pools[place.pool];
}

}  // namespace

Decision decide(const Occasion* occasion, const schema::ClaimTicket& command, const Asked& asked) {
  const auto refuse = [&](ClaimRefusal refusal, std::optional<ClaimRule> rule = std::nullopt,
                          std::optional<Instant> try_again_at = std::nullopt) {
    return asked.answer(schema::ClaimRefused{.claim = command.claim,
                                             .person = command.person,
                                             .ip = command.ip,
                                             .refusal = refusal,
                                             .rule = rule,
                                             .try_again_at = try_again_at});
  };
  if (const auto refusal = objection_to_claims(occasion, asked)) return refuse(*refusal);

  const schema::ClaimsPolicy& policy = *occasion->details->claims;
  Settled settled(*occasion, asked.now);
  const auto already_claimed = [&](const Claim& claim, std::optional<ClaimRule> rule) {
    return std::move(settled).then(refuse(ClaimRefusal::already_claimed, rule, end_of(claim)));
  };
  if (policy.one_per_email)
    if (const Claim* theirs = settled.alive(occasion->claims.latest_of(command.person)))
      return already_claimed(*theirs, ClaimRule::one_per_email);
  if (policy.one_per_ip)
    if (const Claim* theirs = settled.alive(occasion->claims.latest_of(command.ip)))
      return already_claimed(*theirs, ClaimRule::one_per_ip);
  // Its id is the command's, so this is a repeat that came when nobody remembered it.
  if (const Claim* same = settled.alive(occasion->claims.find(command.claim)))
    return already_claimed(*same, std::nullopt);

  const std::optional<schema::TicketPlace> ticket = settled.next_ticket();
  if (!ticket) {
    std::optional<Instant> try_again_at;
    const Claim* first = occasion->claims.expiring(0);
    if (first != nullptr && Settled::returns(*occasion)) try_again_at = first->expires_at();
    return std::move(settled).then(refuse(ClaimRefusal::sold_out, std::nullopt, try_again_at));
  }
  return std::move(settled).then(asked.answer(
      schema::TicketClaimed{.claim = command.claim,
                            .person = command.person,
                            .ip = command.ip,
                            .ticket = schema::ticket_id(occasion->id, *ticket),
                            .pool = occasion->details->pools[ticket->pool].name,
                            .number = ticket->number,
                            .expires_at = asked.now + schema::Milliseconds(policy.ttl_ms),
                            .address = command.address}));
}

Decision decide(const Occasion* occasion, const schema::ConfirmClaim& command, const Asked& asked) {
  using Refusal = schema::ConfirmationRefusal;
  const auto refuse = [&](Refusal refusal) {
    return asked.answer(
        refused<schema::ConfirmationRefused>(occasion, command.claim, refusal, command.ip));
  };
  if (asked.too_late()) return refuse(Refusal::too_late);
  if (occasion == nullptr) return refuse(Refusal::unknown_occasion);
  if (occasion->state == OccasionState::cancelled) return refuse(Refusal::cancelled);

  Settled settled(*occasion, asked.now);
  const Claim* claim = settled.alive(occasion->claims.find(command.claim));
  if (claim == nullptr) return std::move(settled).then(refuse(Refusal::claim_ended));

  auto confirmed = about<schema::ClaimConfirmed>(*occasion, *claim);
  confirmed.repeated = claim->is_confirmed();
  confirmed.ip = command.ip;
  return asked.answer(std::move(confirmed));
}

Decision decide(const Occasion* occasion, const schema::ReleaseClaim& command, const Asked& asked) {
  using Refusal = schema::ReleaseRefusal;
  const auto refuse = [&](Refusal refusal) {
    return asked.answer(
        refused<schema::ReleaseRefused>(occasion, command.claim, refusal, command.ip));
  };
  if (asked.too_late()) return refuse(Refusal::too_late);
  if (occasion == nullptr) return refuse(Refusal::unknown_occasion);

  Settled settled(*occasion, asked.now);
  const Claim* claim = settled.alive(occasion->claims.find(command.claim));
  if (claim == nullptr) return std::move(settled).then(refuse(Refusal::claim_ended));

  auto released = about<schema::ClaimReleased>(*occasion, *claim);
  released.was = claim->is_confirmed() ? schema::LiveClaim::confirmed : schema::LiveClaim::held;
  released.ip = command.ip;
  return asked.answer(std::move(released));
}

Decided expire(const Occasion& occasion, const Claim& claim) {
  auto expired = about<schema::ClaimExpired>(occasion, claim);
  expired.became =
      Settled::returns(occasion) ? schema::ExpiredTicket::returned : schema::ExpiredTicket::burned;
  return {.subject = occasion.id.as<SubjectTag>(),
          .event = std::move(expired),
          .armed_by = claim.armed_by()};
}

void evolve(Occasion& occasion, const schema::TicketClaimed& event, schema::Sequence sequence) {
  const schema::TicketPlace place = schema::place_of(event.ticket);
  pool_at(occasion, place).claim(place.number);
  occasion.next_pool = static_cast<std::uint16_t>((place.pool + 1) % occasion.pools.size());
  Claim claim;
  claim.id = event.claim;
  claim.person = event.person;
  claim.ip = IpTag::of(event.ip);
  claim.expires_ms = event.expires_at.time_since_epoch().count();
  claim.pool = place.pool;
  claim.claimed_by = sequence.value;
  claim.state = Claim::held;
  claim.number = place.number;
  occasion.claims.add(claim);
}

void evolve(Occasion& occasion, const schema::ClaimConfirmed& event) {
  if (event.repeated) return;
  pool_at(occasion, schema::place_of(event.ticket)).issue();
  occasion.claims.confirm(event.claim);
}

void evolve(Occasion& occasion, const schema::ClaimReleased& event) {
  const schema::TicketPlace place = schema::place_of(event.ticket);
  switch (event.was) {
    case schema::LiveClaim::held:
      pool_at(occasion, place).give_back_claimed(place.number);
      break;
    case schema::LiveClaim::confirmed:
      pool_at(occasion, place).give_back_issued(place.number);
      break;
  }
  occasion.claims.remove(event.claim);
}

void evolve(Occasion& occasion, const schema::ClaimExpired& event) {
  const schema::TicketPlace place = schema::place_of(event.ticket);
  switch (event.became) {
    case schema::ExpiredTicket::returned:
      pool_at(occasion, place).give_back_claimed(place.number);
      break;
    case schema::ExpiredTicket::burned:
      pool_at(occasion, place).burn();
      break;
  }
  occasion.claims.remove(event.claim);
}

}  // namespace boxoffice::domain
