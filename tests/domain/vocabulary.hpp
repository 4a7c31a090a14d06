#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "commands/domain/partition.hpp"
#include "commands/domain/partition_state.hpp"
#include "commands/domain/snapshot.hpp"
#include "events-schema/codec.hpp"

namespace boxoffice::schema {

inline void PrintTo(const Event& event, std::ostream* out) {
  std::string data;
  write_data(data, event);
  *out << name_of(event) << ' ' << data;
}

}  // namespace boxoffice::schema

/// What the domain's tests say: a small box office, its customers, and given–when–then.
namespace boxoffice::domain::tests {

using namespace std::chrono_literals;
using schema::ClaimRefusal;
using schema::ClaimRule;
using schema::ConfirmationRefusal;
using schema::ExpiredTicket;
using schema::Instant;
using schema::LiveClaim;
using schema::OccasionRefusal;
using schema::OccasionState;
using schema::OccasionStep;
using schema::OnExpiry;
using schema::ReleaseRefusal;

inline constexpr Instant noon{schema::Milliseconds{1'800'014'400'000}};

/// An id made of a word.
template <class IdType>
IdType named(std::string_view word) {
  IdType id;
  std::uint64_t state = 0xcbf2'9ce4'8422'2325;
  for (std::size_t i = 0; i < 64; ++i) {
    state = (state ^ static_cast<unsigned char>(word[i % word.size()])) * 0x100'0000'01b3 + i;
    id.bytes[i % 16] ^= static_cast<std::uint8_t>(state >> 32);
  }
  id.bytes[0] &= 0x7f;
  return id;
}

struct Customer {
  schema::ClaimId claim;
  schema::PersonId person;
  schema::IpId ip;

  /// The same person, at the same IP, with another claim.
  Customer again() const { return with(named<schema::ClaimId>(schema::to_text(claim))); }
  Customer at_ip_of(const Customer& other) const {
    Customer moved = *this;
    moved.ip = other.ip;
    return moved;
  }
  Customer with(const schema::ClaimId& id) const {
    Customer same = *this;
    same.claim = id;
    return same;
  }
};

inline Customer customer(const std::string& name) {
  return {named<schema::ClaimId>("claim of " + name), named<schema::PersonId>(name),
          named<schema::IpId>("ip of " + name)};
}
inline const Customer ada = customer("ada");
inline const Customer bob = customer("bob");
inline const Customer cleo = customer("cleo");

inline const auto gala = named<schema::OccasionId>("gala");
inline const std::string sealed_address = "s1.AAAAAAAAAAA.c2VhbGVk";

inline std::vector<schema::Pool> pool(std::int64_t capacity) { return {{"main", capacity}}; }

inline schema::OccasionDetails seats(std::vector<schema::Pool> pools) {
  return {.name = "Winter Gala",
          .starts_at = noon + 24h,
          .time_zone = "UTC",
          .venue = "",
          .notes = "",
          .pools = std::move(pools),
          .claims = default_claims(),
          .requests = std::nullopt,
          .codes = {.length = 6, .alphabet = default_alphabet()},
          .totp = default_totp(),
          .admission = default_admission()};
}
inline schema::OccasionDetails seats(std::int64_t capacity) { return seats(pool(capacity)); }

inline schema::OccasionDetails burning(schema::OccasionDetails details) {
  details.claims->on_expiry = OnExpiry::burn;
  return details;
}
inline schema::OccasionDetails without_rules(schema::OccasionDetails details) {
  details.claims->one_per_email = details.claims->one_per_ip = false;
  return details;
}

// Commands.

inline schema::Command create(schema::OccasionDetails details) {
  return schema::CreateOccasion{.organizer = named<schema::KeyId>("organizer"),
                                .details = std::move(details)};
}
inline schema::Command step(OccasionStep step, std::optional<schema::Sequence> if_match = {}) {
  return schema::StepOccasion{.step = step, .if_match = if_match};
}
inline schema::Command change(schema::OccasionChange change,
                              std::optional<schema::Sequence> if_match = {}) {
  return schema::ChangeOccasion{.change = std::move(change), .if_match = if_match};
}
inline schema::Command change_pools(std::vector<schema::Pool> pools) {
  return change({.pools = std::move(pools)});
}
inline schema::Command change_claims(schema::ClaimsChange claims) {
  return change({.claims = claims});
}
inline schema::Command claim_ticket(const Customer& who) {
  return schema::ClaimTicket{
      .claim = who.claim, .person = who.person, .ip = who.ip, .address = sealed_address};
}
inline schema::Command confirm(const Customer& who) {
  return schema::ConfirmClaim{.claim = who.claim, .ip = who.ip};
}
inline schema::Command release(const Customer& who) {
  return schema::ReleaseClaim{.claim = who.claim, .ip = who.ip};
}

// Events.

/// A ticket, as events name it.
struct Seat {
  std::uint32_t number;
  std::uint16_t pool_index = 0;
  std::string pool = "main";
};

template <class Event>
Event about(const Customer& who, const Seat& seat) {
  Event event;
  event.claim = who.claim;
  event.person = who.person;
  event.ticket = schema::ticket_id(gala, {seat.pool_index, seat.number});
  event.pool = seat.pool;
  event.number = seat.number;
  return event;
}
inline schema::TicketClaimed ticket_claimed(const Customer& who, const Seat& seat,
                                            Instant expires_at) {
  auto event = about<schema::TicketClaimed>(who, seat);
  event.ip = who.ip;
  event.expires_at = expires_at;
  event.address = sealed_address;
  return event;
}
inline schema::ClaimExpired claim_expired(const Customer& who, const Seat& seat,
                                          ExpiredTicket became = ExpiredTicket::returned) {
  auto event = about<schema::ClaimExpired>(who, seat);
  event.became = became;
  return event;
}
inline schema::ClaimConfirmed claim_confirmed(const Customer& who, const Seat& seat,
                                              bool repeated = false) {
  auto event = about<schema::ClaimConfirmed>(who, seat);
  event.repeated = repeated;
  event.ip = who.ip;
  return event;
}
inline schema::ClaimReleased claim_released(const Customer& who, const Seat& seat, LiveClaim was) {
  auto event = about<schema::ClaimReleased>(who, seat);
  event.was = was;
  event.ip = who.ip;
  return event;
}
inline schema::ClaimRefused claim_refused(const Customer& who, ClaimRefusal refusal,
                                          std::optional<ClaimRule> rule = {},
                                          std::optional<Instant> try_again_at = {}) {
  return {who.claim, who.person, who.ip, refusal, rule, try_again_at};
}
/// Of a claim that the state knows its seat, and so whose it is.
template <class Event, class Refusal>
Event refused(const Customer& who, Refusal refusal, const std::optional<Seat>& known) {
  Event event{.claim = who.claim, .refusal = refusal, .ip = who.ip};
  if (!known) return event;
  event.person = who.person;
  event.ticket = schema::ticket_id(gala, {known->pool_index, known->number});
  return event;
}
inline schema::ConfirmationRefused confirmation_refused(const Customer& who,
                                                        ConfirmationRefusal refusal,
                                                        std::optional<Seat> known = {}) {
  return refused<schema::ConfirmationRefused>(who, refusal, known);
}
inline schema::ReleaseRefused release_refused(const Customer& who, ReleaseRefusal refusal,
                                              std::optional<Seat> known = {}) {
  return refused<schema::ReleaseRefused>(who, refusal, known);
}

/// The bytes of a snapshot: equal for equal states.
inline std::string snapshot_of(const FrozenState& state) {
  std::string bytes;
  EXPECT_TRUE(write(state, [&](std::string_view chunk) {
    bytes += chunk;
    return true;
  }));
  return bytes;
}
inline std::string snapshot_of(const PartitionState& state) { return snapshot_of(freeze(state)); }

/// A partition with what was decided in it.
class Partition {
 public:
  /// Decides, and folds what was decided.
  Decision ask(const schema::Command& command, Instant now = noon, SubjectId subject = the_gala()) {
    return ask_by(noon + 24h * 365, command, now, subject);
  }
  Decision ask_by(Instant deadline, const schema::Command& command, Instant now,
                  SubjectId subject = the_gala()) {
    Decision decision = decide(state_, subject, command, deadline, now);
    fold(decision, now);
    return decision;
  }
  Decision settle(Instant now, std::size_t limit) {
    Decision decision = settle_due(state_, now, limit);
    fold(decision, now);
    return decision;
  }

  /// The state as the fold of all that was decided, from nothing.
  PartitionState folded_again() const {
    PartitionState state;
    std::uint64_t sequence = 0;
    for (const auto& [decided, at] : history_)
      evolve(state, decided.subject, decided.event, schema::Sequence{++sequence}, at);
    return state;
  }

  const PartitionState& state() const { return state_; }
  const Occasion& occasion() const { return *state_.occasion(gala); }
  const Pool& pool(std::size_t index = 0) const { return occasion().pools[index]; }
  schema::Sequence end() const { return {history_.size()}; }
  const Decided& at(std::uint64_t sequence) const { return history_[sequence - 1].decided; }

  static SubjectId the_gala() { return gala.as<SubjectTag>(); }

 private:
  struct Happened {
    Decided decided;
    Instant at;
  };

  void fold(const Decision& decision, Instant now) {
    for (const Decided& decided : decision) {
      history_.push_back({decided, now});
      evolve(state_, decided.subject, decided.event, end(), now);
    }
  }

  PartitionState state_;
  std::vector<Happened> history_;
};

/// Given some commands that were granted, when one more is decided, then these are its events.
class BoxOffice : public testing::Test {
 protected:
  void given(const schema::Command& command, Instant now = noon) {
    const Decision decision = partition_.ask(command, now);
    ASSERT_FALSE(is_refusal(decision.back().event)) << testing::PrintToString(events(decision));
  }
  void given_open(schema::OccasionDetails details) {
    given(create(std::move(details)));
    given(step(OccasionStep::open));
  }

  void when(const schema::Command& command, Instant now = noon) {
    decision_ = partition_.ask(command, now);
  }
  void when_late(const schema::Command& command) {
    decision_ = partition_.ask_by(noon, command, noon + 1ms);
  }
  void when_settling(Instant now, std::size_t limit = 100) {
    decision_ = partition_.settle(now, limit);
  }

  template <class... Events>
  void then(const Events&... expected) const {
    EXPECT_THAT(events(decision_), testing::ElementsAre(schema::Event(expected)...));
  }
  void then_counts(std::uint32_t free, std::uint32_t claimed, std::uint32_t issued,
                   std::uint32_t burned = 0) const {
    const Pool& pool = partition_.pool();
    EXPECT_EQ(pool.free(), free);
    EXPECT_EQ(pool.claimed(), claimed);
    EXPECT_EQ(pool.issued(), issued);
    EXPECT_EQ(pool.burned(), burned);
  }

  static std::vector<schema::Event> events(const Decision& decision) {
    std::vector<schema::Event> events;
    for (const Decided& decided : decision) events.push_back(decided.event);
    return events;
  }

  Partition partition_;
  Decision decision_;
};

}  // namespace boxoffice::domain::tests
