#pragma once

#include <map>
#include <set>

#include "events-schema/occasion_steps.hpp"
#include "tests/simulation/recorded.hpp"

namespace boxoffice::simulation {

/// What may happen to occasions and their tickets: nobody holds what another holds, nothing is
/// granted that the occasion does not allow, and a refusal says the truth.
class OccasionRules {
 public:
  /// Takes an event of the topics `occasions` and `claims`; throws Violation where it must not be.
  void take(const Recorded& event);

 private:
  struct Holding {
    schema::ClaimId claim;
    schema::PersonId person;
    schema::IpId ip;
    schema::Instant expires_at{};
    schema::Position claimed_at;
    bool confirmed = false;
  };
  struct Occasion {
    schema::OccasionId id;
    schema::OccasionState state{};
    schema::OccasionDetails details;
    schema::Sequence last_event;  ///< of the last that changed it: its ETag
    std::map<schema::TicketId, Holding> held;
    std::set<schema::TicketId> burned;

    std::int64_t committed(std::size_t pool) const;
    std::int64_t free() const;
    bool returns_expired() const;
  };

  // What was granted. occasion_rules.cpp
  void tell(const schema::OccasionCreated& event);
  void tell(const schema::OccasionChanged& event);
  template <schema::OccasionStepped Event>
  void tell(const Event& event) {
    step(schema::step_of(event), event.if_match, event.details, event.state);
  }
  void tell(const schema::TicketClaimed& event);
  void tell(const schema::ClaimConfirmed& event);
  void tell(const schema::ClaimReleased& event);
  void tell(const schema::ClaimExpired& event);

  // What was refused, and whether that was right. refusal_rules.cpp
  void tell(const schema::OccasionCreationRefused& event) const;
  void tell(const schema::OccasionChangeRefused& event) const;
  void tell(const schema::OccasionStepRefused& event) const;
  void tell(const schema::ClaimRefused& event) const;
  void tell(const schema::ConfirmationRefused& event) const;
  void tell(const schema::ReleaseRefused& event) const;

  template <class Other>
  void tell(const Other&) const {
    static_assert(
        Other::kTopic != schema::Topic::occasions && Other::kTopic != schema::Topic::claims,
        "it has rules of its own");
  }

  void step(schema::OccasionStep step, std::optional<schema::Sequence> if_match,
            const schema::OccasionDetails& details, schema::OccasionState state);
  void check_precondition(std::optional<schema::Sequence> if_match) const;
  void check_already_claimed(const schema::ClaimRefused& event) const;

  bool is_due(const Holding& holding) const;
  /// Whether one who is `who` holds a ticket, and not only until now.
  template <class Who>
  bool anybody_holds(const Occasion& of, Who who) const;
  Holding& holding_of(const schema::TicketId& ticket, const schema::ClaimId& claim);
  bool exists() const { return find() != nullptr; }
  bool is_in(schema::OccasionState state) const { return exists() && find()->state == state; }
  const Occasion* find() const;
  Occasion& occasion();
  const Occasion& occasion() const { return const_cast<OccasionRules*>(this)->occasion(); }
  void demand(bool fact, const char* what) const;

  std::map<std::string, Occasion> occasions_;  // by subject
  const Recorded* event_ = nullptr;            // that is taken in
};

/// The details after a change of what the simulated organizers change: names, texts, pools, claims.
schema::OccasionDetails changed(schema::OccasionDetails details,
                                const schema::OccasionChange& change);

template <class Who>
bool OccasionRules::anybody_holds(const Occasion& of, Who who) const {
  for (const auto& [ticket, holding] : of.held)
    if (!is_due(holding) && who(holding)) return true;
  return false;
}

}  // namespace boxoffice::simulation
