#pragma once

#include "events-schema/occasion_steps.hpp"
#include "tests/replay/history.hpp"

namespace boxoffice::replay {

/// What happens to one occasion: each function is a command that was granted or refused, and its
/// event. `now` is the time of the next.
class Story {
 public:
  explicit Story(std::uint32_t number = 1) : id(an_id<schema::OccasionId>(number)) {}

  static schema::OccasionDetails details(std::int64_t capacity) {
    schema::OccasionDetails details;
    details.name = "Winter Gala";
    details.starts_at = kNoon + std::chrono::hours(24);
    details.time_zone = "UTC";
    details.pools = {{.name = "main", .capacity = capacity}};
    details.claims = schema::ClaimsPolicy{.ttl_ms = 300'000,
                                          .on_expiry = schema::OnExpiry::return_,
                                          .one_per_email = true,
                                          .one_per_ip = true};
    details.codes = {.length = 4, .alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"};
    details.totp = {.digits = 6, .period_s = 30, .window = 1};
    details.admission = {.undo_window_ms = 900'000};
    return details;
  }

  schema::Position tell(schema::Event event) { return tell(std::move(event), command(next_++)); }
  schema::Position tell(schema::Event event, std::string causation) {
    return history.add({.subject = schema::to_text(id),
                        .event = std::move(event),
                        .time = now,
                        .causation = std::move(causation)});
  }

  void opened(schema::OccasionDetails as) {
    tell(schema::OccasionCreated{.details = as, .state = schema::OccasionState::draft});
    stepped(as, schema::OccasionStep::open, schema::OccasionState::open);
  }
  void opened(std::int64_t capacity) { opened(details(capacity)); }
  schema::Position stepped(schema::OccasionDetails as, schema::OccasionStep step,
                           schema::OccasionState state) {
    return tell(schema::occasion_stepped({.step = step}, std::move(as), state));
  }
  schema::Position changed(schema::OccasionDetails to) {
    return tell(schema::OccasionChanged{
        .change = {.pools = to.pools}, .details = to, .state = schema::OccasionState::open});
  }

  /// Person `who` (on an IP of their own) claims ticket `number`.
  schema::TicketClaimed a_claim(std::uint32_t who, std::uint32_t number) const {
    return {.claim = an_id<schema::CommandId>(next_).as<schema::ClaimTag>(),
            .person = an_id<schema::PersonId>(who),
            .ip = an_id<schema::IpId>(1000 + who),
            .ticket = schema::ticket_id(id, {0, number}),
            .pool = "main",
            .number = number,
            .expires_at = now + std::chrono::minutes(5),
            .address = "s1.AAAAAAAAAAA.AAAA"};
  }
  struct Claimed {
    schema::TicketClaimed event;
    schema::Position position;
  };
  Claimed claimed(std::uint32_t who, std::uint32_t number) {
    schema::TicketClaimed event = a_claim(who, number);
    const schema::Position position = tell(event);
    return {std::move(event), position};
  }

  template <class Event>
  static Event about(const Claimed& claim) {
    Event event;
    event.claim = claim.event.claim;
    event.person = claim.event.person;
    event.ticket = claim.event.ticket;
    event.pool = claim.event.pool;
    event.number = claim.event.number;
    return event;
  }
  schema::Position confirmed(const Claimed& claim, bool repeated = false) {
    auto event = about<schema::ClaimConfirmed>(claim);
    event.repeated = repeated;
    return tell(event);
  }
  schema::Position released(const Claimed& claim, schema::LiveClaim was) {
    auto event = about<schema::ClaimReleased>(claim);
    event.was = was;
    return tell(event);
  }
  schema::Position expired(const Claimed& claim,
                           schema::ExpiredTicket became = schema::ExpiredTicket::returned) {
    auto event = about<schema::ClaimExpired>(claim);
    event.became = became;
    return history.add({.subject = schema::to_text(id),
                        .event = event,
                        .time = now,
                        .causation = schema::event_id(claim.position),
                        .actor = ""});
  }
  schema::Position refused(std::uint32_t who, schema::ClaimRefusal refusal,
                           std::optional<schema::ClaimRule> rule = std::nullopt,
                           std::optional<schema::Instant> try_again_at = std::nullopt) {
    return tell(
        schema::ClaimRefused{.claim = an_id<schema::CommandId>(next_).as<schema::ClaimTag>(),
                             .person = an_id<schema::PersonId>(who),
                             .ip = an_id<schema::IpId>(1000 + who),
                             .refusal = refusal,
                             .rule = rule,
                             .try_again_at = try_again_at});
  }

  std::uint32_t next_command() const { return next_; }

  const schema::OccasionId id;
  History history;
  schema::Instant now = kNoon;

 private:
  std::uint32_t next_ = 1;
};

}  // namespace boxoffice::replay
