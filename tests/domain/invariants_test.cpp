// Any sequence of commands, times and timers keeps what must never be broken.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>  // after gtest's, which it needs

#include <map>
#include <set>

#include "events-schema/arbitrary.hpp"
#include "tests/domain/vocabulary.hpp"

namespace boxoffice::domain::tests {
namespace {

/// Who holds what, by the events alone: the plainest model there is.
struct Ledger {
  struct Entry {
    schema::TicketId ticket;
    schema::PersonId person;
    schema::IpId ip;
    Instant expires_at;
    bool confirmed = false;
  };
  std::map<schema::ClaimId, Entry> live;
  std::set<schema::TicketId> burned;

  void note(const schema::Event& event) {
    if (const auto* e = std::get_if<schema::TicketClaimed>(&event)) {
      for (const auto& [id, entry] : live) RC_ASSERT(entry.ticket != e->ticket);
      RC_ASSERT(!burned.contains(e->ticket));
      RC_ASSERT(live.emplace(e->claim, Entry{e->ticket, e->person, e->ip, e->expires_at}).second);
    } else if (const auto* e = std::get_if<schema::ClaimConfirmed>(&event)) {
      RC_ASSERT(live.at(e->claim).confirmed == e->repeated);
      live.at(e->claim).confirmed = true;
    } else if (const auto* e = std::get_if<schema::ClaimReleased>(&event)) {
      RC_ASSERT(live.erase(e->claim) == 1U);
    } else if (const auto* e = std::get_if<schema::ClaimExpired>(&event)) {
      RC_ASSERT(!live.at(e->claim).confirmed);
      if (e->became == ExpiredTicket::burned) burned.insert(e->ticket);
      RC_ASSERT(live.erase(e->claim) == 1U);
    }
  }
  bool due(const Entry& entry, Instant now) const {
    return !entry.confirmed && entry.expires_at <= now;
  }
  /// How many claims of one holder are alive and not due.
  template <class Holder>
  int alive(Holder Entry::*holder, const Holder& whose, Instant now) const {
    int count = 0;
    for (const auto& [id, entry] : live) count += entry.*holder == whose && !due(entry, now);
    return count;
  }
};

/// Asks at random, and watches.
class Simulation {
 public:
  void step() {
    now_ += *rc::gen::element(0ms, 1ms, 40ms, 200ms);
    if (*rc::gen::inRange(0, 8) == 0) {
      const Decision settled =
          partition_.settle(now_, static_cast<std::size_t>(*rc::gen::inRange(0, 4)));
      check(settled);
    } else {
      ask(command());
    }
  }

  void finish() const {
    const std::string bytes = snapshot_of(partition_.state());
    RC_ASSERT(snapshot_of(partition_.folded_again()) == bytes);
    const auto again = read(bytes);
    RC_ASSERT(again.has_value());
    RC_ASSERT(snapshot_of(*again) == bytes);
    RC_ASSERT(settle_due(*again, now_ + 1h, 100) == settle_due(partition_.state(), now_ + 1h, 100));
  }

 private:
  void ask(const schema::Command& command) {
    const bool had_free = free() > 0;
    const bool late = *rc::gen::inRange(0, 15) == 0;
    const Decision decision = partition_.ask_by(late ? now_ - 1ms : now_, command, now_);
    check(decision);
    const schema::Event& outcome = decision.back().event;
    RC_ASSERT(is_too_late(outcome) == late);
    if (const auto* refused = std::get_if<schema::ClaimRefused>(&outcome)) {
      if (refused->refusal == ClaimRefusal::sold_out) check_sold_out(*refused, had_free);
    } else if (const auto* claimed = std::get_if<schema::TicketClaimed>(&outcome)) {
      check_rules(*claimed);
    }
    check_rebuilt(command, decision);
    seen_.push_back(subject_of(command));
  }

  void check(const Decision& decision) {
    for (const Decided& decided : decision) {
      if (const auto* expired = std::get_if<schema::ClaimExpired>(&decided.event)) {
        RC_ASSERT(ledger_.live.at(expired->claim).expires_at <= now_);
        const auto& armed = partition_.at(decided.armed_by->value).event;
        RC_ASSERT(std::get<schema::TicketClaimed>(armed).claim == expired->claim);
      } else {
        RC_ASSERT(!decided.armed_by);
      }
      ledger_.note(decided.event);
    }
    if (partition_.state().occasion(gala) != nullptr) check_counts();
  }

  void check_counts() const {
    const Occasion& occasion = partition_.occasion();
    std::map<std::uint16_t, std::array<std::uint32_t, 3>> counts;
    for (const auto& [id, entry] : ledger_.live)
      ++counts[schema::place_of(entry.ticket).pool][entry.confirmed ? 1 : 0];
    for (const schema::TicketId& ticket : ledger_.burned)
      ++counts[schema::place_of(ticket).pool][2];
    for (std::uint16_t i = 0; i < occasion.pools.size(); ++i) {
      const Pool& pool = occasion.pools[i];
      RC_ASSERT(pool.claimed() == counts[i][0]);
      RC_ASSERT(pool.issued() == counts[i][1]);
      RC_ASSERT(pool.burned() == counts[i][2]);
      RC_ASSERT(pool.committed() <= pool.capacity());
      RC_ASSERT(pool.capacity() == occasion.details->pools[i].capacity);
    }
    RC_ASSERT(occasion.claims.size() == ledger_.live.size());
  }

  void check_sold_out(const schema::ClaimRefused& refused, bool had_free) const {
    RC_ASSERT(!had_free);
    RC_ASSERT(free() == 0U);
    const bool returns = partition_.occasion().details->claims->on_expiry == OnExpiry::return_;
    std::optional<Instant> first;
    for (const auto& [id, entry] : ledger_.live) {
      RC_ASSERT(!returns || !ledger_.due(entry, now_));
      if (!entry.confirmed && returns)
        first = std::min(first.value_or(entry.expires_at), entry.expires_at);
    }
    RC_ASSERT(refused.try_again_at == first);
  }

  void check_rules(const schema::TicketClaimed& claimed) const {
    const schema::ClaimsPolicy& policy = *partition_.occasion().details->claims;
    RC_ASSERT(claimed.expires_at == now_ + schema::Milliseconds(policy.ttl_ms));
    if (policy.one_per_email)
      RC_ASSERT(ledger_.alive(&Ledger::Entry::person, claimed.person, now_) == 1);
    if (policy.one_per_ip) RC_ASSERT(ledger_.alive(&Ledger::Entry::ip, claimed.ip, now_) == 1);
  }

  static void check_rebuilt(schema::Command command, const Decision& decision) {
    if (is_refusal(decision.back().event))
      if (auto* claim = std::get_if<schema::ClaimTicket>(&command)) claim->address.clear();
    RC_ASSERT(rebuild(decision) == command);
  }

  std::uint64_t free() const {
    std::uint64_t free = 0;
    if (const Occasion* occasion = partition_.state().occasion(gala))
      for (const Pool& pool : occasion->pools) free += pool.free();
    return free;
  }

  schema::Command command() {
    const int kind = *rc::gen::inRange(0, 20);
    if (kind < 9) return claim_ticket(anyone());
    if (kind < 12) return confirm(someone());
    if (kind < 15) return release(someone());
    if (kind < 16)
      return domain::tests::step(*rc::gen::weightedElement<OccasionStep>(
          {{20, OccasionStep::open}, {4, OccasionStep::close}, {1, OccasionStep::cancel}}));
    if (kind < 17) return create(details());
    if (kind < 18) return change_pools(pools());
    return change({.claims = claims_change()});
  }

  static std::vector<schema::Pool> pools() {
    std::vector<schema::Pool> pools = {{"a", *rc::gen::inRange(1, 6)}};
    if (*rc::gen::arbitrary<bool>()) pools.push_back({"b", *rc::gen::inRange(1, 4)});
    return pools;
  }
  static schema::OccasionDetails details() {
    auto details = seats(pools());
    details.claims->ttl_ms = *rc::gen::inRange(1, 300);
    return details;
  }
  static std::optional<schema::ClaimsChange> claims_change() {
    if (*rc::gen::inRange(0, 10) == 0) return std::nullopt;
    return schema::ClaimsChange{.ttl_ms = *rc::gen::inRange(1, 300),
                                .on_expiry = *rc::gen::element(OnExpiry::return_, OnExpiry::burn),
                                .one_per_email = *rc::gen::arbitrary<bool>(),
                                .one_per_ip = *rc::gen::arbitrary<bool>(),
                                .verify_email = false};
  }
  /// One of a few people at one of a few IPs, mostly with a new claim.
  Customer anyone() {
    Customer who = customer(std::to_string(*rc::gen::inRange(0, 5)));
    who.ip = customer(std::to_string(*rc::gen::inRange(0, 5))).ip;
    return *rc::gen::inRange(0, 10) == 0 ? who.with(someone().claim) : customer_with_new_claim(who);
  }
  Customer customer_with_new_claim(const Customer& who) {
    return who.with(named<schema::ClaimId>("claim " + std::to_string(++claims_)));
  }
  /// Somebody who has asked before.
  Customer someone() const {
    if (seen_.empty()) return ada;
    const std::size_t recent = std::min<std::size_t>(seen_.size(), 12);
    return ada.with(seen_[seen_.size() - 1 - *rc::gen::inRange<std::size_t>(0, recent)]);
  }
  static schema::ClaimId subject_of(const schema::Command& command) {
    const auto* claim = std::get_if<schema::ClaimTicket>(&command);
    return claim ? claim->claim : ada.claim;
  }

  Partition partition_;
  Ledger ledger_;
  Instant now_ = noon;
  std::vector<schema::ClaimId> seen_;
  int claims_ = 0;
};

RC_GTEST_PROP(Invariants, HoldForAnySequenceOfCommandsTimesAndTimers, ()) {
  Simulation simulation;
  const int steps = *rc::gen::inRange(0, 150);
  for (int i = 0; i < steps; ++i) simulation.step();
  simulation.finish();
}

/// A state in which commands of every kind may be granted.
Partition a_going_concern() {
  Partition partition;
  partition.ask(create(seats(3)));
  partition.ask(step(OccasionStep::open));
  partition.ask(claim_ticket(ada));
  partition.ask(claim_ticket(bob));
  partition.ask(confirm(bob));
  partition.ask(schema::CreateKey{.name = "Gate"});
  return partition;
}

RC_GTEST_PROP(Rebuild, GivesAnyCommandBackFromItsEvents, ()) {
  schema::Command command = schema::arbitrary::command();
  // A claim and a person that are there, now and then.
  const Customer known = *rc::gen::element(ada, bob, cleo);
  if (*rc::gen::arbitrary<bool>())
    std::visit(
        [&]<class T>(T& c) {
          if constexpr (requires { c.claim; }) c.claim = known.claim;
          if constexpr (requires { c.person; }) c.person = known.person;
        },
        command);
  Partition partition;
  if (*rc::gen::arbitrary<bool>()) partition = a_going_concern();
  const Instant now = noon + *rc::gen::element(0ms, 300'000ms, 1'000'000'000'000ms);
  const Decision decision = partition.ask(command, now);
  if (is_refusal(decision.back().event))
    if (auto* claim = std::get_if<schema::ClaimTicket>(&command)) claim->address.clear();
  RC_ASSERT(rebuild(decision) == command);
}

}  // namespace
}  // namespace boxoffice::domain::tests
