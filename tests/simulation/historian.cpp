#include "tests/simulation/historian.hpp"

#include <algorithm>

#include "commands/domain/partition.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::simulation {

using schema::Position;

Historian::Historian(std::uint16_t partitions) : stories_(partitions) {}

void Historian::read(event_log::Log& log) {
  for (std::uint16_t i = 0; i < stories_.size(); ++i) {
    const auto cursor = log.read_after({{i}, end({i})});
    for (;;) {
      const auto events = cursor->read(1u << 20);
      if (!events || events->empty()) break;
      for (const event_log::StoredEvent& event : *events) take(event);
    }
  }
}

void Historian::take(const event_log::StoredEvent& stored) {
  const auto parsed = reader_.event(stored.value, envelope_, event_);
  if (!parsed)
    throw Violation(schema::to_text(stored.position) + ": unreadable: " + parsed.error().detail);
  check_order(stored);
  check_cause();
  std::visit([this](const auto& event) { tell(event); }, event_);

  Story& story = stories_[stored.position.partition.value];
  const auto id = schema::id_from_text<schema::OccasionId>(envelope_.subject);
  const auto concerned = occasions_.find(*id);
  const Counts counts = concerned == occasions_.end() ? Counts{} : concerned->second.counts();
  demand(counts.free >= 0, "more tickets are gone than there were");
  story.counts.push_back(counts);
  story.values.emplace_back(stored.value);
  story.causes.push_back(envelope_.causation);
  ++events_;
}

void Historian::check_order(const event_log::StoredEvent& stored) {
  Story& story = stories_[stored.position.partition.value];
  demand(envelope_.position == stored.position, "the envelope names another position");
  demand(stored.position.sequence.value == story.values.size() + 1, "a sequence is missing");
  demand(envelope_.previous == story.hash, "the chain is broken");
  demand(envelope_.time >= story.time, "time went back");
  story.hash = sealing::sha256(stored.value);
  story.time = envelope_.time;
}

void Historian::check_cause() {
  const Story& story = stories_[envelope_.position.partition.value];
  const auto identity = schema::command_identity_from_text(envelope_.causation);
  if (!identity) {
    demand(schema::position_from_event_id(envelope_.causation).has_value(),
           "an event has no cause");
    demand(envelope_.actor.empty() && envelope_.correlation.empty() && !envelope_.received,
           "a timer's event names a caller");
    return;
  }
  const bool too_late = domain::is_too_late(event_);
  const bool goes_on = !story.causes.empty() && story.causes.back() == envelope_.causation;
  if (goes_on && !decided_.at(identity->id).too_late) return;
  const auto [earlier, is_first] =
      decided_.try_emplace(identity->id, Decision{envelope_.position, too_late});
  if (is_first) return;
  if (!earlier->second.too_late)
    violated("the command was decided at " + schema::to_text(earlier->second.first) + " already");
  earlier->second = {envelope_.position, too_late};
}

void Historian::tell(const schema::TicketClaimed& event) {
  Occasion& of = occasion();
  const schema::TicketPlace place = schema::place_of(event.ticket);
  demand(of.state == schema::OccasionState::open, "a claim outside `open`");
  demand(schema::belongs_to(event.ticket, of.id), "the ticket is another occasion's");
  demand(place.pool < of.details.pools.size() && place.number >= 1 &&
             place.number <= of.details.pools[place.pool].capacity,
         "there is no such ticket");
  demand(place.number == event.number, "the number is not the ticket's");
  demand(!of.held.contains(event.ticket), "a ticket is held by two");
  demand(!of.burned.contains(event.ticket), "a burned ticket was given out");
  const schema::ClaimsPolicy& policy = *of.details.claims;
  for (const auto& [ticket, holding] : of.held) {
    demand(!policy.one_per_email || holding.person != event.person, "two claims of one person");
    demand(!policy.one_per_ip || holding.ip != event.ip, "two claims of one address");
    demand(holding.claim != event.claim, "two claims of one name");
  }
  demand(event.expires_at == envelope_.time + schema::Milliseconds(policy.ttl_ms),
         "the claim's time is not the occasion's");
  of.held[event.ticket] = {.claim = event.claim,
                           .person = event.person,
                           .ip = event.ip,
                           .expires_at = event.expires_at,
                           .claimed_at = envelope_.position};
}

void Historian::tell(const schema::ClaimConfirmed& event) {
  Holding& holding = holding_of(event.ticket, event.claim);
  demand(!holding.is_due(envelope_.time), "an expired claim was confirmed");
  demand(event.repeated == holding.confirmed, "`repeated` is wrong");
  holding.confirmed = true;
}

void Historian::tell(const schema::ClaimReleased& event) {
  const Holding& holding = holding_of(event.ticket, event.claim);
  demand(!holding.is_due(envelope_.time), "an expired claim was released");
  demand((event.was == schema::LiveClaim::confirmed) == holding.confirmed, "`was` is wrong");
  occasion().held.erase(event.ticket);
}

void Historian::tell(const schema::ClaimExpired& event) {
  const Holding& holding = holding_of(event.ticket, event.claim);
  demand(holding.is_due(envelope_.time), "a claim expired before its time");
  demand(envelope_.causation == schema::event_id(holding.claimed_at),
         "the expiry does not name what armed it");
  Occasion& of = occasion();
  if (event.became == schema::ExpiredTicket::burned) of.burned.insert(event.ticket);
  of.held.erase(event.ticket);
}

void Historian::tell(const schema::ClaimRefused& event) {
  if (event.refusal == schema::ClaimRefusal::sold_out) {
    const Occasion& of = occasion();
    demand(of.counts().free == 0, "`sold_out` while a ticket was free");
    demand(
        of.details.claims->on_expiry == schema::OnExpiry::burn || !of.anything_due(envelope_.time),
        "`sold_out` while a claim was due");
  }
  if (event.refusal == schema::ClaimRefusal::already_claimed) {
    const Occasion& of = occasion();
    demand(std::ranges::any_of(of.held,
                               [&](const auto& entry) {
                                 const Holding& holding = entry.second;
                                 return !holding.is_due(envelope_.time) &&
                                        (holding.person == event.person || holding.ip == event.ip ||
                                         holding.claim == event.claim);
                               }),
           "`already_claimed` by somebody who holds nothing");
  }
}

void Historian::tell(const schema::OccasionCreated& event) {
  const auto id = *schema::id_from_text<schema::OccasionId>(envelope_.subject);
  demand(!occasions_.contains(id), "an occasion was made twice");
  occasions_[id] = {.id = id, .state = event.state, .details = event.details};
}

void Historian::tell(const schema::OccasionChanged& event) {
  occasion().details = event.details;
  occasion().state = event.state;
}

Historian::Holding& Historian::holding_of(const schema::TicketId& ticket,
                                          const schema::ClaimId& claim) {
  const auto found = occasion().held.find(ticket);
  demand(found != occasion().held.end() && found->second.claim == claim,
         "the claim does not hold the ticket");
  return found->second;
}

Historian::Occasion& Historian::occasion() {
  const auto found = occasions_.find(*schema::id_from_text<schema::OccasionId>(envelope_.subject));
  demand(found != occasions_.end(), "there is no such occasion");
  return found->second;
}

Counts Historian::Occasion::counts() const {
  Counts counts;
  for (const schema::Pool& pool : details.pools) counts.capacity += pool.capacity;
  for (const auto& [ticket, holding] : held) ++(holding.confirmed ? counts.issued : counts.claimed);
  counts.burned = static_cast<std::int64_t>(burned.size());
  counts.free = counts.capacity - counts.claimed - counts.issued - counts.burned;
  return counts;
}

bool Historian::Occasion::anything_due(schema::Instant now) const {
  return std::ranges::any_of(held, [&](const auto& entry) { return entry.second.is_due(now); });
}

const Counts& Historian::counts_at(Position position) const {
  return stories_[position.partition.value].counts.at(position.sequence.value - 1);
}

schema::Sequence Historian::end(schema::Partition partition) const {
  return {stories_[partition.value].values.size()};
}

std::vector<std::string> Historian::values_caused_by(std::string_view cause, Position first) const {
  const Story& story = stories_[first.partition.value];
  std::vector<std::string> values;
  for (std::size_t i = first.sequence.value - 1; i < story.causes.size(); ++i) {
    if (story.causes[i] != cause) break;
    values.push_back(story.values[i]);
  }
  return values;
}

void Historian::violated(const std::string& what) const {
  throw Violation(schema::to_text(envelope_.position) + ": " + what);
}

}  // namespace boxoffice::simulation
