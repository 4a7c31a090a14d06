#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "events-schema/codec.hpp"
#include "events-schema/occasion_steps.hpp"
#include "replay-tools/verify/claim_book.hpp"
#include "replay-tools/verify/report.hpp"

namespace boxoffice::replay {

/// The tickets of a pool: how many, and which of them are with somebody or gone.
struct PoolBook {
  std::uint32_t capacity = 0;
  std::uint32_t claimed = 0;  ///< held, not confirmed
  std::uint32_t issued = 0;
  std::uint32_t burned = 0;
  std::vector<bool> taken;  ///< by number, as far as numbers were given; held, issued or burned

  std::uint64_t committed() const { return std::uint64_t{claimed} + issued + burned; }
  bool is_taken(std::uint32_t number) const { return number < taken.size() && taken[number]; }
  void take(std::uint32_t number);
};

/// What an event says, where and when it says it.
struct Told {
  schema::Position position;
  schema::Instant time;
  const schema::Envelope& envelope;
  const std::optional<schema::CommandIdentity>& command;  ///< its cause, where that is one
};

/// The rules about one occasion: holds each event against what the events before it made of the
/// occasion, then takes it in.
class OccasionRules {
 public:
  OccasionRules(const schema::OccasionId& id, Report& report) : id_(id), report_(report) {}

  /// Events about keys and the audit trail are no business of an occasion's and are passed over.
  void judge(const Told& told, const schema::Event& event);
  /// The event will be judged soon.
  void prefetch(const schema::Event& event) const;
  void add_to(Counts& counts) const;

 private:
  void judge_one(const Told&, const schema::OccasionCreated&);
  template <schema::OccasionStepped Event>
  void judge_one(const Told& told, const Event& event) {
    judge_step(told, schema::step_of(event), event.if_match, event.details, event.state);
  }
  void judge_step(const Told&, schema::OccasionStep, std::optional<schema::Sequence> if_match,
                  const schema::OccasionDetails&, schema::OccasionState);
  void judge_one(const Told&, const schema::OccasionChanged&);
  void judge_one(const Told&, const schema::OccasionCreationRefused&);
  void judge_one(const Told&, const schema::OccasionStepRefused&);
  void judge_one(const Told&, const schema::OccasionChangeRefused&);
  void judge_one(const Told&, const schema::TicketClaimed&);
  void judge_one(const Told&, const schema::ClaimConfirmed&);
  void judge_one(const Told&, const schema::ClaimReleased&);
  void judge_one(const Told&, const schema::ClaimExpired&);
  void judge_one(const Told&, const schema::ClaimRefused&);
  void judge_one(const Told&, const schema::ConfirmationRefused&);
  void judge_one(const Told&, const schema::ReleaseRefused&);
  void judge_one(const Told&, const schema::KeyCreated&) {}
  void judge_one(const Told&, const schema::KeyCreationRefused&) {}
  void judge_one(const Told&, const schema::KeyDeleted&) {}
  void judge_one(const Told&, const schema::KeyDeletionRefused&) {}
  void judge_one(const Told&, const schema::KeyUsed&) {}
  void judge_one(const Told&, const schema::KeyUseRefused&) {}
  void judge_one(const Told&, const schema::SealedDataOpened&) {}
  void judge_one(const Told&, const schema::SealedDataRefused&) {}
  void judge_one(const Told&, const schema::LogAdopted&) {}
  void judge_one(const Told&, const schema::CommandsSkipped&) {}

  // Occasions (occasion_rules.cpp).
  void expect_match(const Told&, const std::optional<schema::Sequence>& if_match);
  bool is_true(schema::OccasionRefusal, const std::optional<schema::Sequence>& if_match,
               const schema::OccasionChange* change) const;
  void adopt(const Told&, const schema::OccasionDetails& details, schema::OccasionState state);

  // Claims (claim_rules.cpp).
  /// The live claim that an event is about, where the event has its ticket right.
  template <class Event>
  const LiveClaim* live(const Told&, const Event& event);
  template <class Event>
  bool names_its_ticket(const Told&, const Event& event);
  bool is_true(const Told&, const schema::ClaimRefused&);
  bool has_ended(const schema::ClaimId& claim, schema::Instant now) const;
  bool gives_back_due_tickets() const;
  std::uint64_t free() const;

  void violated(const Told& told, std::string_view rule, std::string sentence) {
    report_.add(told.position, rule, std::move(sentence));
  }

  const schema::OccasionId id_;
  Report& report_;
  bool exists_ = false;
  schema::OccasionState state_{};
  schema::OccasionDetails details_;
  schema::Sequence last_event_;  ///< of those about the occasion itself
  std::vector<PoolBook> pools_;
  ClaimBook claims_;
};

}  // namespace boxoffice::replay
